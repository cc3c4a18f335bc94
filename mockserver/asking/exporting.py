"""`mockserver export`: a sandbox of a running server as a scenario that replays."""

from pathlib import Path

import click

from mockserver.asking.connection import Server, print_json, server_options

EXPORT_SECONDS = 120.0


@click.command(
    epilog="""\b
    Exit codes:
      0  exported
      1  the server could not be asked, or the file can't be written
      2  an option is wrong"""
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write into this file; otherwise it is printed.",
)
@click.option(
    "--no-mask",
    is_flag=True,
    help="Leave names, addresses, phone numbers, what guests wrote and secrets as they are.",
)
@server_options
def export(*, server: Server, as_json: bool, output: Path | None, no_mask: bool) -> None:
    """Write down a sandbox of a running server, and what happened in it, as a scenario that replays.

    Secrets and what belongs to people are replaced by stand-ins, unless you say otherwise.
    """
    query = {"mask": "false" if no_mask else "true", "format": "json" if as_json else "yaml"}
    if as_json and output is None:
        print_json(server.get("export", query, EXPORT_SECONDS))
        return
    text = server.get_text("export", query, EXPORT_SECONDS)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}") from error
    click.echo(f"{output}: {text.count(chr(10))} lines; replay it with: mockserver replay {output}", err=True)
