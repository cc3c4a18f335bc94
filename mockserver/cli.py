"""The command `mockserver`."""

import ipaddress
import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from mockserver import __version__
from mockserver.asking import clock, drain, explain, export, listen
from mockserver.importing import import_har
from mockserver.replaying.command import replay
from mockserver.settings import Settings, host_and_port
from mockserver.shelf import print_problems, scenarios, validate

ANYTHING = re.compile(r".*", re.DOTALL)
SHAPES = {
    "origin": (re.compile(r"https?://[^/?#\s]+"), "an origin such as http://localhost:3000"),
    "name": (re.compile(r"[A-Za-z0-9._-]+"), "a host name such as mock.example.test"),
}
"""What a value of an option that can be repeated looks like, by its kind."""

WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not listened on


class _Option(click.Option):
    """An option that says under which heading of the help it stands."""

    def __init__(self, *args: Any, section: str = "Options", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section


class _Command(click.Command):
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


class _Listed(click.ParamType[str]):
    """One of several values of an option; in the environment variable they are separated by commas."""

    def __init__(self, name: str) -> None:
        self.name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        pattern, example = SHAPES.get(self.name, (ANYTHING, ""))
        if not pattern.fullmatch(str(value)):
            self.fail(f"expected {example}, got {value!r}", param, ctx)
        return str(value)

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        return [each.strip() for each in rv.split(",") if each.strip()]


class _BaseUrl(click.ParamType[str]):
    """A URL that links begin with."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            parts = urlsplit(str(value))
            good = (
                parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
            )
        except ValueError:
            good = False
        if not good:
            self.fail(f"expected a URL such as https://mock.example.test, got {value!r}", param, ctx)
        return str(value).rstrip("/")


class _Address(click.ParamType[str]):
    """A host and a port."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            host_and_port(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


class _WebElements(click.ParamType[str]):
    """A folder with the provider's web component."""

    name = "folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from mockserver.pages.component import component_file

        try:
            component_file(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


def _option(section: str, *names: str, **attributes: Any) -> Callable[[Any], Any]:
    return click.option(*names, cls=_Option, section=section, **attributes)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="mockserver %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """A stateful mock of the Nylas Scheduler Bookings API, for development and tests. Unofficial."""
    if os.environ.get("NO_COLOR"):
        ctx.color = False


@cli.command(
    cls=_Command,
    context_settings={"auto_envvar_prefix": "MOCKSERVER"},
    epilog="""Every option is also an environment variable: --public-url is MOCKSERVER_PUBLIC_URL, a flag is
    switched on with 1, several values are separated by commas.

    \b
    Exit codes:
      0  stopped by Ctrl-C or SIGTERM
      1  the address can't be listened on, or the server failed
      2  an option or a scenario is wrong""",
)
@_option(
    "Where", "--host", metavar="HOST", default="127.0.0.1", show_default=True, help="Address to listen on."
)
@_option(
    "Where",
    "--port",
    type=click.IntRange(0, 65_535),
    metavar="PORT",
    default=8080,
    show_default=True,
    help="Port; 0 takes any free one and prints it.",
)
@_option(
    "Where",
    "--public-url",
    type=_BaseUrl(),
    metavar="URL",
    help="How others reach this server: the beginning of every link in mails, notifications and pages.  "
    "[default: http://localhost:PORT]",
)
@_option(
    "Where",
    "--sandbox-domain",
    metavar="NAME",
    help="Make {name}.NAME a sandbox, beside {name}.localhost.",
)
@_option(
    "What",
    "--scenario",
    type=_Listed("scenario"),
    multiple=True,
    metavar="NAME|PATH",
    help="Start from this scenario: a name that `mockserver scenarios` lists, a file or a folder. "
    "Given several times, they unite.",
)
@_option(
    "What",
    "--scenario-dir",
    type=click.Path(exists=True, file_okay=False),
    metavar="DIR",
    help="Start from the .yaml files in this folder, if there are any and no --scenario is given.",
)
@_option("What", "--seed", type=int, metavar="N", help="Where the ids start from; the scenario's otherwise.")
@_option(
    "What",
    "--smtp",
    type=_Address(),
    metavar="HOST:PORT",
    help="Send mails to this SMTP server as well, such as Mailpit's localhost:1025.",
)
@_option(
    "What",
    "--web-elements",
    type=_WebElements(),
    metavar="DIR",
    help="Take the scheduling component of the hosted pages from this folder, the unpacked npm package "
    "@nylas/web-elements or its dist folder, not from a CDN.",
)
@_option(
    "What",
    "--self-check",
    is_flag=True,
    help="Hold every answer to the contract; log a drift and name it in a header.",
)
@_option(
    "Who may call",
    "--allow-host",
    type=_Listed("name"),
    multiple=True,
    metavar="NAME",
    help="Accept this name as Host, beside the local ones. Repeatable.",
)
@_option(
    "Who may call",
    "--cors-origin",
    type=_Listed("origin"),
    multiple=True,
    metavar="ORIGIN",
    help="Let pages of this origin call all of /v3/, not only /v3/scheduling/. Repeatable.",
)
@_option(
    "Who may call",
    "--control-origin",
    metavar="ORIGIN",
    help="Let pages of this origin drive the control plane, /_mock.",
)
@_option(
    "Who may call",
    "--control-token",
    metavar="TOKEN",
    help="Ask for this bearer token under /_mock. Better given as MOCKSERVER_CONTROL_TOKEN.",
)
@_option("Who may call", "--no-control", is_flag=True, help="Serve no control plane at all.")
@_option(
    "Who may call",
    "--open-control",
    is_flag=True,
    help="Serve the control plane to every address without a token. For a container whose port is published "
    "on 127.0.0.1 only: whoever reaches it can read and change everything.",
)
def serve(
    *,
    scenario: tuple[str, ...],
    scenario_dir: str | None,
    allow_host: tuple[str, ...],
    cors_origin: tuple[str, ...],
    no_control: bool,
    **same: Any,
) -> None:
    """Start the mock server and print how to book on it."""
    settings = Settings(
        scenarios=scenario or _filled(scenario_dir),
        allow_hosts=allow_host,
        cors_origins=cors_origin,
        control=not no_control,
        **same,
    )
    _refuse_open_control(settings)
    _serve(settings)


def _serve(settings: Settings) -> None:
    logging.basicConfig(format="%(levelname)s: %(message)s")
    from mockserver.server import ListenError, authority, hold_signals, listen
    from mockserver.server import serve as serve_until_stopped

    hold_signals()
    from mockserver.app import create_app
    from mockserver.banner import banner
    from mockserver.scenario import ScenarioError

    try:
        sock = listen(settings.host, settings.port)
    except ListenError as error:
        raise click.ClickException(str(error)) from error
    port: int = sock.getsockname()[1]
    try:
        app = create_app(settings, port)
    except ScenarioError as error:
        sock.close()
        print_problems(error.problems, err=True)
        sys.exit(2)
    url = f"http://{authority(WILDCARDS.get(settings.host, settings.host), port)}"
    sandbox = app.sandboxes.default
    click.echo(banner(url, sandbox.template.name, sandbox, settings.public_url, settings.control))
    sys.stdout.flush()
    serve_until_stopped(app.wsgi, sock, app.stop)


def _refuse_open_control(settings: Settings) -> None:
    guarded = settings.control_token or not settings.control or settings.open_control
    if guarded or _is_loopback(settings.host):
        return
    raise click.UsageError(
        f"{settings.host} is reachable from other machines, which could drive the control plane: "
        "add --control-token TOKEN, --no-control, or --open-control in a container."
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _filled(folder: str | None) -> tuple[str, ...]:
    return (folder,) if folder is not None and any(Path(folder).glob("*.yaml")) else ()


for _command in (clock, drain, explain, export, import_har, listen, replay, scenarios, validate):
    cli.add_command(_command)


def main() -> None:
    """Run the command; what goes wrong unforeseen becomes one line, with MOCKSERVER_DEBUG a traceback."""
    try:
        cli(prog_name="mockserver")
    except Exception as error:
        if os.environ.get("MOCKSERVER_DEBUG"):
            raise
        text = f"{type(error).__name__}: {error}".splitlines()[0]
        click.echo(f"Error: {text} (MOCKSERVER_DEBUG=1 shows where)", err=True)
        sys.exit(1)
