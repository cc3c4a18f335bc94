"""The options of a run, in the help's order. Each is an environment variable and a key of the file too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from conformance.clauses import ALL, DEFAULT_PROFILE, PROFILES
from conformance.commands import values
from conformance.commands.file import read_file
from conformance.commands.values import Value
from conformance.settings import ROLES
from conformance.strangers.ledger import DEFAULT as LEDGER
from conformance.strangers.limits import Limits, Window

PREFIX = "CONFORMANCE"
WINDOW = Window()
Decorator = Callable[[Any], Any]


class _Option(click.Option):
    """An option that says under which heading of the help it stands."""

    def __init__(self, *args: Any, section: str = "Options", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section


class Sectioned(click.Command):
    """A command whose help groups the options under headings, in one common column."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(param, "section", "Options"), []).append(record)
        width = max(len(name) for records in sections.values() for name, _ in records)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), text) for name, text in records])


def _option(section: str, name: str, *names: str, **attributes: Any) -> Decorator:
    variable = f"{PREFIX}_{name.removeprefix('--').replace('-', '_').upper()}"
    return click.option(name, *names, cls=_Option, section=section, envvar=variable, **attributes)


def _several(
    section: str, name: str, dest: str, read: Callable[[str], Any], metavar: str, help: str
) -> Decorator:
    """An option that may be given more than once."""
    return _option(
        section,
        name,
        dest,
        type=Value(metavar.lower(), read),
        multiple=True,
        metavar=metavar,
        help=f"{help} Repeatable.",
    )


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("expected something, got nothing")
    if not text.strip().isprintable():
        raise ValueError("expected one line of printable text")  # and the text isn't told: it may be a key
    return text.strip()


BASE_URL = _option("Target", "--base-url", type=Value("url", values.url), metavar="URL", help="Where it is.")
API_KEY = _option(
    "Target",
    "--api-key",
    type=Value("key", _text),
    metavar="KEY",
    help="API key. Better given as CONFORMANCE_API_KEY: other users of the machine see command lines.",
)
LEDGER_FILE = _option(
    "Permissions and limits",
    "--ledger",
    type=Value("file", values.new_file),
    metavar="FILE",
    default=LEDGER,
    show_default=True,
    help="Where it is noted what was made at the target, for `conformance cleanup`.",
)
RATE = _option(
    "Permissions and limits",
    "--rate",
    type=Value("number", values.positive),
    metavar="N",
    help="At most so many requests a second.  [default: as fast as they come]",
)
CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    cls=_Option,
    section="Settings",
    envvar=f"{PREFIX}_CONFIG",
    is_eager=True,
    expose_value=False,
    callback=read_file,
    metavar="FILE",
    help="Take settings from this file.  [default: conformance.toml in the current folder, if there is one]",
)

TARGET: list[Decorator] = [
    BASE_URL,
    API_KEY,
    _option(
        "Target", "--client-id", type=Value("id", _text), metavar="ID", help="Client id, to look at slugs."
    ),
    _several("Target", "--grant", "grants", _text, "ID|EMAIL", "Look for configurations under this grant."),
    _several(
        "Target",
        "--configuration",
        "configurations",
        values.configuration,
        "[ROLE=]ID",
        f"Test with this configuration. ROLE ({', '.join(ROLES)}) says what for, where it can't be seen "
        "from outside.",
    ),
    _several(
        "Target",
        "--session",
        "sessions",
        values.session,
        "CONFIGURATION=ID",
        "A live session for a private configuration, where there is no API key to open one.",
    ),
    _several(
        "Target",
        "--booking",
        "bookings",
        values.booking,
        "ROLE=ID",
        "A booking that stands already; ROLE `unscoped`: its grant may not write events.",
    ),
    _option(
        "Target",
        "--use-control",
        is_flag=True,
        help="The target is our mock: move its clock, read its mail, and ask it for API key, client id and "
        "grants that aren't given.",
    ),
]
SCOPE: list[Decorator] = [
    _several(
        "Scope",
        "--profile",
        "profiles",
        values.profile,
        "NAME",
        f"What to look at: {', '.join((*PROFILES, ALL))}. Each includes `read`.  "
        f"[default: {DEFAULT_PROFILE}]",
    ),
    _several("Scope", "--operation", "operations", values.operation, "NAME", "Only this operation."),
    _several("Scope", "--clause", "only", values.known_clause, "ID", "Only this clause."),
    _option("Scope", "--quick", is_flag=True, help="Send far fewer generated requests."),
    _option("Scope", "--checks-only", is_flag=True, help="Send no generated requests."),
    _option(
        "Scope",
        "--seed",
        type=Value("number", values.whole),
        metavar="N",
        default=0,
        show_default=True,
        help="Seed of what is generated.",
    ),
    _option("Scope", "--slow", is_flag=True, help="Really wait for time to pass, up to half an hour."),
    _option(
        "Scope",
        "--listen",
        type=Value("address", values.address),
        metavar="HOST:PORT",
        help="Receive notifications here; port 0 takes any free one.",
    ),
    _option(
        "Scope",
        "--public-url",
        type=Value("url", values.url),
        metavar="URL",
        help="How the target reaches --listen, through a tunnel for instance.",
    ),
    _option(
        "Scope",
        "--salt-command",
        type=Value("command", _text),
        metavar="COMMAND",
        help="Prints the salt of the booking whose id is appended, for decisions on pending bookings.",
    ),
]
PERMISSIONS: list[Decorator] = [
    _option(
        "Permissions and limits",
        "--allow-writes",
        is_flag=True,
        help="Bookings, configurations and webhooks may be made. All are taken back; cancelled records stay.",
    ),
    _option(
        "Permissions and limits",
        "--guest-email",
        type=Value("address", values.email),
        metavar="ADDRESS",
        help="Guests are ADDRESS with +1, +2… before the @.  [default: made-up ones at example.com]",
    ),
    _option(
        "Permissions and limits",
        "--window",
        type=Value("days", values.window),
        metavar="FIRST-LAST",
        default=f"{WINDOW.first}-{WINDOW.last}",
        show_default=True,
        help="Book so many days ahead.",
    ),
    _option(
        "Permissions and limits",
        "--max-bookings",
        type=Value("number", values.count),
        metavar="N",
        help=f"Make at most so many bookings.  [default: {Limits.max_bookings}; any number on our mock with "
        "--use-control]",
    ),
    RATE,
    _option(
        "Permissions and limits",
        "--time-limit",
        type=Value("seconds", values.positive),
        metavar="SECONDS",
        help="Begin nothing new after so many seconds.",
    ),
    LEDGER_FILE,
]
VERDICT: list[Decorator] = [
    _option(
        "Verdict",
        "--deviations",
        type=Value("file", Path),
        metavar="FILE",
        help="Known deviations: what is broken and put up with for a time.",
    ),
    _option("Verdict", "--allow-incomplete", is_flag=True, help="Exit 0 although a MUST was not verified."),
    _option("Verdict", "--strict", is_flag=True, help="SHOULDs count like MUSTs."),
]
REPORTS: list[Decorator] = [
    _option(
        "Reports", "--json", "json_file", type=Value("file", values.new_file), metavar="FILE", help="As JSON."
    ),
    _option(
        "Reports",
        "--junit",
        "junit_file",
        type=Value("file", values.new_file),
        metavar="FILE",
        help="As JUnit XML, one test case for each clause.",
    ),
    _option(
        "Reports",
        "--html",
        "html_file",
        type=Value("file", values.new_file),
        metavar="FILE",
        help="As one HTML page.",
    ),
    _option("Reports", "--no-color", is_flag=True, help="No colours, on a terminal neither."),
    _option("Reports", "--quiet", is_flag=True, help="Print the headline and what is broken, no progress."),
]
SETTINGS: list[Decorator] = [
    CONFIG,
    click.option(
        "--print-config",
        is_flag=True,
        cls=_Option,
        section="Settings",
        help="Print the settings and where they come from, without secrets, and do nothing.",
    ),
]
RUN = [*TARGET, *SCOPE, *PERMISSIONS, *VERDICT, *REPORTS, *SETTINGS]
CLEANUP = [BASE_URL, API_KEY, RATE, LEDGER_FILE, CONFIG]


def options(chosen: list[Decorator]) -> Decorator:
    """Give a command these options."""

    def decorate(command: Any) -> Any:
        for each in reversed(chosen):
            command = each(command)
        return command

    return decorate
