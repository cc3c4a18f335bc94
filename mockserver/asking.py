"""Commands that ask a running server, over its control plane."""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import click

DEFAULT_URL = "http://127.0.0.1:8080"
SECONDS = 30.0


def server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which a command finds its server; environment variables as `serve` has them."""
    for option in (
        click.option(
            "--json", "as_json", is_flag=True, help="Print the answer of the control plane as it is."
        ),
        click.option(
            "--sandbox", metavar="NAME", help="The sandbox to ask about; the default one otherwise."
        ),
        click.option(
            "--control-token",
            metavar="TOKEN",
            envvar="MOCKSERVER_CONTROL_TOKEN",
            help="The server's control token, if it asks for one.",
        ),
        click.option(
            "--url",
            metavar="URL",
            envvar="MOCKSERVER_URL",
            default=DEFAULT_URL,
            show_default=True,
            help="Where the server is.",
        ),
    ):
        command = option(command)
    return command


def ask(url: str, path: str, query: Mapping[str, str], sandbox: str | None, control_token: str | None) -> Any:
    """What the control plane answers. Raises ClickException with its words, or that nobody answers."""
    import requests

    prefix = f"/_sandbox/{quote(sandbox, safe='')}" if sandbox else ""
    headers = {"Authorization": f"Bearer {control_token}"} if control_token else {}
    address = f"{url.rstrip('/')}{prefix}/_mock/{path}"
    try:
        with requests.Session() as session:
            session.trust_env = False
            response = session.get(address, params=query, headers=headers, timeout=SECONDS)
        answer = response.json()
    except requests.exceptions.JSONDecodeError as error:
        raise click.ClickException(
            f"{address} is no control plane: it answered {response.status_code}"
        ) from error
    except requests.RequestException as error:
        raise click.ClickException(
            f"no mock server answers at {url}: start one with `mockserver serve`, or give --url"
        ) from error
    if response.status_code != 200:
        raise click.ClickException(_message(answer) or f"the server answered {response.status_code}")
    return answer


@click.command(
    epilog="""\b
    Exit codes:
      0  the time is offered
      1  it is not offered, or the server could not be asked
      2  an option is wrong"""
)
@click.option("--request-id", metavar="ID", help="Why this refused request was refused.")
@click.option("--configuration-id", metavar="ID|SLUG", help="The configuration to ask about.")
@click.option("--start-time", metavar="TIME", help="When the slot begins: Unix seconds or RFC 3339.")
@click.option("--end-time", metavar="TIME", help="When it ends; by default the duration later.")
@click.option("--booking-id", metavar="ID", help="The booking to be moved: its own time counts as free.")
@server_options
def explain(
    *, url: str, control_token: str | None, sandbox: str | None, as_json: bool, **question: str | None
) -> None:
    """Say why a running server offers a time, or doesn't."""
    query = {name: value for name, value in question.items() if value is not None}
    if "request_id" not in query and not {"configuration_id", "start_time"} <= set(query):
        raise click.UsageError("give --request-id, or --configuration-id and --start-time")
    answer = ask(url, "explain", query, sandbox, control_token)
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        _show(answer)
    sys.exit(0 if answer["offered"] else 1)


def _show(answer: Mapping[str, Any]) -> None:
    offered = bool(answer["offered"])
    verdict = click.style(
        "offered" if offered else "not offered", fg="green" if offered else "red", bold=True
    )
    click.echo(f"{answer['local_start']} ({answer['timezone']}): {verdict}\n")
    width = max(len(check["rule"]) for check in answer["checks"])
    for check in answer["checks"]:
        mark = click.style("ok", fg="green") if check["ok"] else click.style("no", fg="red")
        click.echo(f"  {mark}  {check['rule']:{width}}  {check['message']}")
    if answer["next_start_times"] and not offered:
        click.echo(f"\nNext: {', '.join(map(str, answer['next_start_times']))}")


def _message(answer: Any) -> str:
    error = answer.get("error") if isinstance(answer, dict) else None
    return str(error.get("message", "")) if isinstance(error, dict) else ""
