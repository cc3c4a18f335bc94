"""`conformance run`: judge an implementation."""

import socket
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from conformance.commands.options import RUN, Sectioned, options
from conformance.commands.printing import print_settings
from conformance.commands.wishes import Wishes, redacted, settings_from
from conformance.deviations import Deviation, DeviationsError, deviations_in
from conformance.mock import clock_problem, introduced
from conformance.settings import Settings
from conformance.strangers.secrets import Secrets

if TYPE_CHECKING:
    from conformance.report.document import Document
    from conformance.suite import Outcome


@click.command(
    cls=Sectioned,
    epilog="""Every option is also an environment variable, --base-url being CONFORMANCE_BASE_URL, and a key
    of conformance.toml, base-url. An option comes before the variable, the variable before the file. In a
    variable several values are separated by commas and 1 switches a flag on.

    \b
    Exit codes:
      0  every MUST of the selected profiles is kept
      1  a MUST is broken
      2  could not run: an option is wrong, or the target can't be tested
      3  a MUST that was selected was not verified; --allow-incomplete makes it 0""",
)
@options(RUN)
@click.pass_context
def run(ctx: click.Context, /, *, print_config: bool, **given: Any) -> None:
    """Judge an implementation by its behaviour, and report."""
    wishes = Wishes(**{each.name: given[each.name] for each in fields(Wishes)})
    if print_config:
        print_settings(ctx, settings_from({**given, "base_url": given["base_url"] or ""}), wishes)
        return
    if not given["base_url"]:
        raise click.UsageError("--base-url is missing: expected where the implementation is")
    settings = settings_from(given)
    _require_address(settings.listen)
    ctx.exit(_run(settings, wishes, _deviations(wishes.deviations)))


def _run(settings: Settings, wishes: Wishes, deviations: Iterable[Deviation]) -> int:
    from conformance.report.document import could_not_run, document_of
    from conformance.report.terminal import console, show

    told = console(no_color=wishes.no_color, err=True)
    if settings.use_control:
        settings, taken = introduced(settings)
        if taken and not wishes.quiet:
            told.print(f"Taken from the mock's /_mock/state: {', '.join(taken)}.")
    try:
        outcome = _outcome(settings, wishes)
    except CouldNotRun as reason:
        document = could_not_run(settings.base_url, str(reason), redacted(settings, wishes))
    else:
        known = replace(outcome.verdict, strict=wishes.strict).knowing(deviations, _today())
        document = document_of(
            replace(outcome, verdict=known),
            redacted(settings, wishes),
            allow_incomplete=wishes.allow_incomplete,
        )
    show(document, console(no_color=wishes.no_color), quiet=wishes.quiet)
    _write(document, wishes)
    return document["verdict"]["exit_code"]


class CouldNotRun(Exception):
    """Why nothing can be said about the target."""


def _outcome(settings: Settings, wishes: Wishes) -> "Outcome":
    from conformance.checking import SAFE
    from conformance.report.terminal import Progressing, console
    from conformance.smoke import CouldNotTest
    from conformance.strangers.ledger import LedgerError
    from conformance.suite import run as judge

    mask = Secrets({"NYLAS_API_KEY": settings.api_key}).mask
    try:
        with (
            nullcontext()
            if wishes.quiet
            else Progressing(console(no_color=wishes.no_color, err=True)) as watcher
        ):
            return judge(settings, watcher)
    except CouldNotTest as error:
        raise CouldNotRun(clock_problem(settings) or mask(str(error))) from None
    except (LedgerError, *SAFE) as error:
        raise CouldNotRun(mask(str(error))) from None


def _require_address(listen: str | None) -> None:
    """Find out now, not after minutes, whether deliveries can arrive at all."""
    if listen is None:
        return
    parts = urlsplit(f"//{listen}")
    try:
        family, _, _, _, address = socket.getaddrinfo(
            parts.hostname, parts.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
            tried.listen()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise click.UsageError(
            f"--listen: {listen} can't be listened on: {reason}; expected an address of this machine and a "
            "free port"
        ) from None


def _deviations(path: Path | None) -> tuple[Deviation, ...]:
    if path is None:
        return ()
    try:
        return deviations_in(path)
    except DeviationsError as error:
        raise click.UsageError(f"--deviations: {error}") from None


def _write(document: "Document", wishes: Wishes) -> None:
    from conformance.report.files import write

    for kind, path in (("json", wishes.json_file), ("junit", wishes.junit_file), ("html", wishes.html_file)):
        if path is None:
            continue
        try:
            write(document, kind, path)
        except OSError as error:
            raise click.ClickException(f"--{kind}: {path}: {error.strerror}") from None


def _today() -> date:
    return datetime.now(UTC).date()  # noqa: TID251 -- a target has no sandbox
