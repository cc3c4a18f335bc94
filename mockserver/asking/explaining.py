"""`mockserver explain`: why a time is offered, or not."""

import sys
from collections.abc import Mapping
from typing import Any

import click

from mockserver.asking.connection import Server, print_json, server_options


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
def explain(*, server: Server, as_json: bool, **question: str | None) -> None:
    """Say why a running server offers a time, or doesn't."""
    query = {name: value for name, value in question.items() if value is not None}
    if "request_id" not in query and not {"configuration_id", "start_time"} <= set(query):
        raise click.UsageError("give --request-id, or --configuration-id and --start-time")
    answer = server.get("explain", query)
    if as_json:
        print_json(answer)
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
