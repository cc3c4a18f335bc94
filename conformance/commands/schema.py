"""`conformance schema`: what a report holds, for programs that read it."""

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of `conformance run --json`."""
    from conformance.report.document import schema_text

    click.echo(schema_text(), nl=False)
