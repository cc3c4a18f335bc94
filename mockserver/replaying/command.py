"""`mockserver replay`: scenarios done step by step, against the mock or a target."""

import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.settings import host_and_port

if TYPE_CHECKING:
    from mockserver.replaying.foreign import Host
    from mockserver.replaying.results import Replay
    from mockserver.scenario import Problem

NAMED = re.compile(r"(grant|configuration|session|booking|webhook)s?\.[^=]+=.+", re.DOTALL)
COLOURS = {"held": "green", "differed": "red", "failed": "red", "not checked": "yellow"}
HELD, DIFFERED, NOT_RUN = 0, 1, 2


class _NotWritten(click.ClickException):
    """A file that was asked for can't be written."""

    exit_code = NOT_RUN


class _Names(click.ParamType[tuple[str, str]]):
    """What something of the scenario's world is on the target."""

    name = "name"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if not NAMED.fullmatch(str(value)):
            self.fail(f"expected one such as configuration.intro=ID, got {value!r}", param, ctx)
        name, _, found = str(value).partition("=")
        return name, found


class _Days(click.ParamType[str]):
    """A window of days ahead."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from conformance.strangers.limits import Window

        try:
            Window.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


class _Smtp(click.ParamType[tuple[str, int]]):
    """A host and a port."""

    name = "address"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        try:
            return host_and_port(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command(
    short_help="Do the steps of scenarios and say what differs.",
    epilog="""\b
    Exit codes:
      0  everything that could be checked is as expected
      1  something differs, or was left behind on the target
      2  a file is no valid scenario or can't be written, an option is wrong, the target
         can't be reached, or nothing could be replayed""",
)
@click.argument("sources", metavar="[FILE|DIR|NAME]...", nargs=-1)
@click.option("--junit", type=click.Path(dir_okay=False), metavar="FILE", help="Write JUnit's XML as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--update", is_flag=True, help="Write what was seen into the files' expectations; not with --target."
)
@click.option(
    "--deliver", is_flag=True, help="Bring notifications to the webhooks, and put challenges to them."
)
@click.option(
    "--smtp", type=_Smtp(), metavar="HOST:PORT", help="With --deliver: send the mails to this SMTP server."
)
@click.option("--target", metavar="URL", help="Replay against this implementation of the API, not the mock.")
@click.option(
    "--map",
    "names",
    type=_Names(),
    multiple=True,
    metavar="NAME=VALUE",
    help="What something of the scenario is on the target: configuration.intro=ID, session.s1=ID, "
    "booking.b1.salt=…. Repeatable.",
)
@click.option(
    "--api-key", envvar="NYLAS_API_KEY", metavar="KEY", help="For the target. Better given as NYLAS_API_KEY."
)
@click.option("--client-id", envvar="NYLAS_CLIENT_ID", metavar="ID", help="For the target.")
@click.option("--allow-writes", is_flag=True, help="Let steps book, move and cancel on the target.")
@click.option(
    "--guest-email",
    metavar="EMAIL",
    help="Invite this address, tagged as name+1@…, on the target.  [default: addresses at example.com]",
)
@click.option(
    "--window",
    type=_Days(),
    default="7-21",
    show_default=True,
    metavar="DAYS",
    help="Days ahead in which bookings may lie on the target; times move there by whole weeks.",
)
@click.option(
    "--max-bookings",
    type=click.IntRange(0),
    default=50,
    show_default=True,
    metavar="N",
    help="As many bookings may be made on the target, in all.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0),
    default=5.0,
    show_default=True,
    metavar="N",
    help="Requests per second to the target; 0 for as many as it takes.",
)
@click.option(
    "--ledger",
    type=click.Path(dir_okay=False),
    default=".conformance-ledger.jsonl",
    show_default=True,
    metavar="FILE",
    help="Where to note what was made on the target, until it is taken back.",
)
@click.option(
    "--cleanup", is_flag=True, help="Take back what earlier runs left on the target, and do nothing else."
)
def replay(*, sources: tuple[str, ...], target: str | None, cleanup: bool, **options: Any) -> None:
    """Do the steps of scenarios, each in a world of its own, and say what differs from what they expect.

    A file, all .yaml files of a folder, or a scenario that comes along. Against the mock, the world of the
    scenario is built in this process, its clock stands, and nothing leaves the machine: notifications and
    mails are only kept to be looked at.

    With --target the world is not built but named with --map, and times move into the future by whole weeks.
    What can't be seen there is said to be not checked. What steps make is taken back at the end; cancelled
    bookings stay on record there.
    """
    _check(sources, target, cleanup, options)
    if target is None:
        sys.exit(_mocked(sources, options))
    host = _host(target, options)
    sys.exit(_cleaned(host) if cleanup else _on_target(sources, host, options))


def _check(sources: Sequence[str], target: str | None, cleanup: bool, options: Mapping[str, Any]) -> None:
    if cleanup and (target is None or sources):
        raise click.UsageError("--cleanup: expected --target, and no files")
    if not cleanup and not sources:
        raise click.UsageError("expected a scenario: a file, a folder or a name")
    if target is not None:
        for name in ("update", "deliver", "smtp"):
            if options[name]:
                raise click.UsageError(f"--{name}: expected it without --target")
    elif options["allow_writes"] or options["names"]:
        raise click.UsageError("--allow-writes and --map: expected --target beside them")
    if options["junit"] and not Path(options["junit"]).parent.is_dir():
        raise click.UsageError(f"--junit: expected a file in a folder that is there, got {options['junit']}")
    if options["smtp"] and not options["deliver"]:
        raise click.UsageError("--smtp: expected --deliver beside it")


def _mocked(sources: Sequence[str], options: Mapping[str, Any]) -> int:
    from mockserver.replaying.replays import replay_file
    from mockserver.replaying.updating import NotUpdated, update_file

    def one(path: Path) -> "Replay":
        found = replay_file(path, deliver=options["deliver"], smtp=options["smtp"])
        if not options["update"] or found.verdict != "differed":
            return found
        try:
            changed = update_file(found)
        except NotUpdated as reason:
            found.remarks.append(f"not updated: {reason}")
            return found
        except OSError as error:
            raise _NotWritten(f"{path} can't be written: {error.strerror}") from error
        again = replay_file(path)
        again.remarks.append(f"updated: {len(changed)} {'value' if len(changed) == 1 else 'values'}")
        return again

    return _run(sources, one, options)


def _on_target(sources: Sequence[str], host: "Host", options: Mapping[str, Any]) -> int:
    from mockserver.replaying.foreign import Visit
    from mockserver.replaying.targets import NotReached
    from mockserver.replaying.visiting import replay_on

    visit = _visit(lambda host: Visit(host, _wait), host)
    left = len(visit.ledger.left(visit.caller.base_url))
    if left:
        click.echo(
            f"{host.ledger}: {left} left on this target by earlier runs; --cleanup takes it back", err=True
        )
    try:
        status = _run(sources, lambda path: replay_on(visit, path), options)
    except NotReached as error:
        click.echo(f"Error: {host.url} can't be reached: {visit.secrets.mask(str(error))}", err=True)
        return NOT_RUN
    finally:
        visit.close()
    for name in sorted(set(host.names) - visit.used):
        click.echo(f"--map {name}: no scenario that was replayed needed it", err=True)
    return status


def _run(sources: Sequence[str], one: Callable[[Path], "Replay"], options: Mapping[str, Any]) -> int:
    """Replay all files, print and write what came of it; answers with the exit code."""
    from mockserver.replaying import report
    from mockserver.scenario import ScenarioError, scenario_files

    try:
        paths = [path for source in sources for path in scenario_files(source)]
    except ScenarioError as error:
        raise click.UsageError(
            "\n".join(f"{each.file}: {each.message}" for each in error.problems)
        ) from error
    replays: list[Replay] = []
    problems: list[Problem] = []
    invalid = 0
    for path in dict.fromkeys(paths):
        try:
            replays.append(one(path))
        except ScenarioError as error:
            invalid += 1
            problems += error.problems
            for each in error.problems:
                click.echo(str(each), err=True)
            continue
        if not options["as_json"]:
            for kind, line in report.told(replays[-1]):
                click.echo(click.style(line, bold=kind == "name", fg=COLOURS.get(kind)))
    if options["as_json"]:
        click.echo(json.dumps(report.as_json(replays), indent=2, ensure_ascii=False))
    else:
        click.echo(report.summary(replays, invalid))
    if options["junit"]:
        _write(options["junit"], report.as_junit(replays, [str(each) for each in problems]))
    if invalid:
        return NOT_RUN
    if any(each.verdict == "differed" for each in replays):
        return DIFFERED
    return HELD if any(each.held for each in replays) else NOT_RUN


def _write(path: str, content: bytes) -> None:
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise _NotWritten(f"{path} can't be written: {error.strerror}") from error


def _host(url: str, options: Mapping[str, Any]) -> "Host":
    from conformance.strangers.limits import EMAIL, Limits, Window
    from mockserver.replaying.foreign import Host

    if options["guest_email"] and not EMAIL.fullmatch(options["guest_email"]):
        raise click.UsageError(f"--guest-email: expected an e-mail address, got {options['guest_email']!r}")
    limits = Limits(
        allow_writes=options["allow_writes"],
        guest_email=options["guest_email"],
        window=Window.parse(options["window"]),
        max_bookings=options["max_bookings"],
        rate=options["rate"] or None,
    )
    names = dict(options["names"])
    return Host(url, options["api_key"], options["client_id"], names, limits, Path(options["ledger"]))


def _wait(seconds: float) -> None:
    click.echo(f"waiting {seconds:g} s, as the scenario lets time pass", err=True)
    time.sleep(seconds)


def _visit(make: Callable[["Host"], Any], host: "Host") -> Any:
    from conformance.strangers.ledger import LedgerError

    try:
        return make(host)
    except (LedgerError, ValueError) as error:
        raise click.UsageError(str(error)) from error


def _cleaned(host: "Host") -> int:
    """Take back what is in the ledger for this target."""
    from mockserver.replaying.foreign import Visit

    if not host.limits.allow_writes:
        raise click.UsageError("--cleanup: expected --allow-writes beside it, cancelling is writing")
    visit = _visit(Visit, host)
    try:
        found = list(visit.clean())
    finally:
        visit.close()
    for each in found:
        what = f"{each.entry.kind} {each.entry.id}"
        click.echo(visit.secrets.mask(f"{what}: {each.problem or 'taken back'}"))
    if not found:
        click.echo("nothing is left")
    return DIFFERED if any(each.problem for each in found) else HELD
