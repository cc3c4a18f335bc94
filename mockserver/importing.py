"""`mockserver import-har`: what a browser or a proxy has recorded, as a scenario that replays."""

import sys
from pathlib import Path

import click


@click.command(
    name="import-har",
    epilog="""\b
    Exit codes:
      0  imported
      1  the file can't be used, or the scenario needs a hand before it can be replayed
      2  an option is wrong""",
)
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, exists=True, path_type=Path))
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
def import_har(*, file: Path, output: Path | None, no_mask: bool) -> None:
    """Make a scenario that replays of a HAR file, as Chromium, Firefox and mitmproxy write them.

    Only the calls of this API are taken, whatever host they went to. The world behind them is guessed as far
    as they show it; comments mark what was guessed, and what is missing is told.
    """
    from mockserver.recording import HarError, TooLong, as_yaml, import_recording, read_har
    from mockserver.scenario import ScenarioError, parse_scenario

    try:
        recording = read_har(file)
        imported = import_recording(recording, masked=not no_mask)
        text = as_yaml(imported.document, imported.heading)
    except (HarError, TooLong) as error:
        raise click.ClickException(f"{file}: {error}") from error
    if output is None:
        click.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise click.ClickException(f"{output}: {error.strerror}") from error
    _tell(imported.calls, recording.others, recording.creator, imported.remarks, text.count("guessed: "))
    where = str(output or "<stdout>")
    try:
        parse_scenario(text, where)
    except ScenarioError as error:
        click.echo("This needs a hand before it can be replayed:", err=True)
        for problem in error.problems:
            click.echo(f"  {problem}", err=True)
        sys.exit(1)
    if output is not None:
        click.echo(f"{output}: replay it with: mockserver replay {output}", err=True)


def _tell(calls: int, others: int, creator: str, remarks: list[str], guesses: int) -> None:
    by = f" by {creator}" if creator else ""
    click.echo(f"{calls} calls of this API, recorded{by}; {others} others passed over.", err=True)
    for remark in remarks:
        click.echo(f"  {remark}", err=True)
    if guesses:
        click.echo(f"  {guesses} guesses, marked by comments", err=True)
