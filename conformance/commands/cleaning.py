"""`conformance cleanup`: take back what a run that was cut short has left at a target."""

from pathlib import Path
from typing import Any

import click

from conformance.commands.options import CLEANUP, Sectioned, options
from conformance.strangers.caller import Caller
from conformance.strangers.cleaning import clean
from conformance.strangers.ledger import Ledger, LedgerError
from conformance.strangers.limits import Limits
from conformance.strangers.secrets import Secrets

LEFT = 1


@click.command(
    cls=Sectioned,
    epilog="""\b
    Exit codes:
      0  nothing active is left
      1  something could not be taken back
      2  could not run""",
)
@options(CLEANUP)
@click.pass_context
def cleanup(
    ctx: click.Context, /, *, base_url: str | None, api_key: str | None, rate: float | None, ledger: Path
) -> None:
    """Take back what the ledger says is left at the target. What was cancelled stays on record there."""
    found = _ledger(ledger)
    if not base_url:
        targets = ", ".join(sorted({each.target for each in found.left()})) or "none"
        raise click.UsageError(f"--base-url is missing: expected a target of the ledger ({targets})")
    secrets = Secrets({"NYLAS_API_KEY": api_key})
    caller = Caller(base_url, Limits(allow_writes=True, rate=rate), secrets)
    problems = 0
    try:
        for each in clean(caller, found, api_key):
            problems += bool(each.problem)
            told = f"still there: {each.problem}" if each.problem else "gone"
            click.echo(f"{each.entry.kind} {each.entry.id}: {_plain(secrets.mask(told))}")
    except LedgerError as error:
        raise click.ClickException(str(error)) from None
    finally:
        caller.close()
    elsewhere = {each.target for each in found.left()} - {caller.base_url}
    if elsewhere:
        click.echo(f"The ledger names other targets too: {', '.join(sorted(elsewhere))}.", err=True)
    if not problems:
        click.echo(f"Nothing active is left at {base_url}.")
    ctx.exit(LEFT if problems else 0)


def _ledger(path: Path) -> Ledger:
    try:
        return Ledger(path)
    except LedgerError as error:
        raise click.UsageError(f"--ledger: {error}") from None


def _plain(text: str) -> Any:
    from conformance.report.texts import printable

    return printable(text)
