"""`mockserver clock` and `mockserver drain`: a sandbox's time, and waiting until nothing is on its way."""

import re
import sys
from datetime import UTC, datetime
from typing import Any

import click

from mockserver.asking.connection import Server, print_json, server_options

LONGEST_DRAIN = 120.0
"""Seconds after which a drain has been answered; the server itself gives up after half of them."""

VALUES = {"show": "", "freeze": "[AT]", "set": "AT", "advance": "DURATION", "resume": ""}
"""The actions, and what has to follow each."""

_SHORT = re.compile(r"(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)


@click.command(
    options_metavar="[OPTIONS]",
    epilog="""\b
    Exit codes:
      0  done
      1  the clock doesn't do that, or the server could not be asked
      2  an option or an argument is wrong""",
)
@click.argument("action", type=click.Choice(list(VALUES)), default="show")
@click.argument("value", required=False)
@server_options
def clock(*, server: Server, action: str, value: str | None, as_json: bool) -> None:
    """See or move the clock of a running server, and tell what fell due on the way.

    \b
      show              what time it is there (so without anything)
      freeze [AT]       let the clock stand, at once or at a later time
      set AT            go to a later time; a clock that stood stands there, another one runs on from there
      advance DURATION  move a clock that doesn't follow the machine's: 90m, 1h30m, 2d or PT2H
      resume            let the clock run on from where it stands

    AT is RFC 3339 or Unix seconds. Time only goes forward; a reset goes back.
    """
    _require_value(action, value)
    answer = server.get("clock")
    change = _change(action, value, answer["mode"])
    if change is not None:
        answer = server.tell("PATCH", "clock", change, seconds=None)  # what falls due may take its time
    if as_json:
        print_json(answer)
        return
    click.echo(f"{answer['iso']} ({answer['mode']})")
    for each in answer.get("fired", ()):
        click.echo(f"  {_moment(each['at'])}  {each['kind']:8}  {each['id']}")


@click.command(
    epilog="""\b
    Exit codes:
      0  nothing is on its way
      1  something still is, or the server could not be asked
      2  an option is wrong"""
)
@server_options
def drain(*, server: Server, as_json: bool) -> None:
    """Wait until a running server has nothing on its way to any webhook, at most a minute."""
    answer = server.tell("POST", "drain", {}, seconds=LONGEST_DRAIN)
    if as_json:
        print_json(answer)
    else:
        click.echo("nothing is on its way" if answer["drained"] else "something is still on its way")
    sys.exit(0 if answer["drained"] else 1)


def _require_value(action: str, value: str | None) -> None:
    wanted = VALUES[action]
    if value is None and wanted and not wanted.startswith("["):
        raise click.UsageError(f"clock {action}: missing {wanted}")
    if value is not None and not wanted:
        raise click.UsageError(f"clock {action}: expected nothing after it, got {value!r}")


def _change(action: str, value: str | None, mode: str) -> dict[str, Any] | None:
    """The body of the PATCH; None where nothing is to be changed."""
    at = int(value) if value is not None and value.isascii() and value.isdigit() else value
    if action == "freeze":
        return {"mode": "frozen"} if at is None else {"mode": "frozen", "now": at}
    if action == "set":
        return {"mode": "frozen" if mode == "frozen" else "shifted", "now": at}
    if action == "advance":
        return {"advance": _duration(str(value))}
    return {"mode": "shifted"} if action == "resume" and mode == "frozen" else None


def _duration(text: str) -> str:
    """An ISO 8601 duration from the short form; any other text as it is, for the server to judge."""
    parts = _SHORT.fullmatch(text)
    if parts is None:
        return text
    days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return f"P{days}DT{hours}H{minutes}M{seconds}S"


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
