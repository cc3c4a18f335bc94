"""The command `conformance`."""

import os
import sys

import click

from conformance import __version__
from conformance.commands import cleanup, diff, explain, list_clauses, run, schema
from conformance.verdict import Exit

EXTRA = ("rich", "schemathesis", "hypothesis")
"""What only the extra `conformance` of the package brings."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="conformance %(version)s")
def cli() -> None:
    """Does this implementation keep the contract of the Nylas Scheduler Bookings API? Unofficial."""


for _command in (run, list_clauses, explain, diff, cleanup, schema):
    cli.add_command(_command)


def main() -> None:
    """Run the command; what goes wrong unforeseen becomes one line, with CONFORMANCE_DEBUG a traceback."""
    try:
        status = cli(prog_name="conformance", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = Exit.COULD_NOT_RUN
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted. `conformance cleanup` takes back what is left at the target.", err=True)
        status = Exit.COULD_NOT_RUN
    except Exception as error:
        if os.environ.get("CONFORMANCE_DEBUG"):
            raise
        click.echo(f"Error: {_told(error)}", err=True)
        status = Exit.COULD_NOT_RUN
    sys.exit(status)


def _told(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name in EXTRA:
        return f"{error.name} is missing: pip install 'nylas-bookings-double[conformance]'"
    text = f"{type(error).__name__}: {error}".splitlines()[0]
    return f"{text} (CONFORMANCE_DEBUG=1 shows where)"
