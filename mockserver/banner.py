"""What `mockserver serve` says when it is ready: where it is, what it serves and how to book on it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import click

from mockserver import __version__

if TYPE_CHECKING:
    from mockserver.domain.configuration import Configuration
    from mockserver.sandbox import Sandbox

WINDOW_SECONDS = 14 * 86_400
"""How far ahead the printed commands look for a free slot."""

GUEST = {"name": "Ada", "email": "ada@example.com"}


def banner(url: str, scenario: str, sandbox: "Sandbox", public_url: str | None, control: bool) -> str:
    """The text for a server that is reached at `url`, styled for a terminal."""
    configurations = list(sandbox.world.configurations.values())
    return "\n".join(
        [
            f"mockserver {__version__} is ready at {click.style(url, fg='green', bold=True)}",
            "",
            *_facts(scenario, sandbox, public_url),
            "",
            *_table(configurations),
            *_howto(public_url or url, sandbox, configurations),
            *([f"  State, mails and notifications: {url}/_mock/state", ""] if control else []),
            "  Ctrl-C stops it.",
        ]
    )


def _facts(scenario: str, sandbox: "Sandbox", public_url: str | None) -> Iterator[str]:
    application = sandbox.world.application
    facts = {"scenario": scenario, "API key": application.api_key, "client id": application.client_id}
    if public_url:
        facts["public URL"] = public_url
    if sandbox.clock.mode != "real":
        facts["clock"] = f"{sandbox.clock.mode}, {sandbox.clock.as_dict()['iso']}"
    width = max(map(len, facts))
    for label, value in facts.items():
        yield f"  {click.style(label.ljust(width), dim=True)}  {_plain(value)}"


def _table(configurations: Sequence["Configuration"]) -> Iterator[str]:
    if not configurations:
        yield "  No configurations in this scenario."
        yield ""
        return
    rows = [
        (
            each.id,
            _plain(each.name),
            each.booking_type,
            "private, needs a session" if each.requires_session_auth else "public",
        )
        for each in configurations
    ]
    heads = ("configuration", "name", "booking type", "access")
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        yield "  " + (click.style(line, dim=True) if row is heads else line)
    yield ""


def _howto(url: str, sandbox: "Sandbox", configurations: Sequence["Configuration"]) -> Iterator[str]:
    simple = [each for each in configurations if not any(f.required for f in each.additional_fields.values())]
    chosen = next((each for each in simple if not each.requires_session_auth), None)
    if chosen is None:
        return
    yield f"  Book the next free slot of {_plain(chosen.name)}:"
    yield ""
    yield from booking_commands(url, {"configuration_id": chosen.id}, sandbox.clock.now())
    yield ""


def booking_commands(url: str, query: Mapping[str, str], now: int) -> tuple[str, str]:
    """Two lines for a shell with curl: take the first free slot after `now` (Unix seconds), then book it."""
    window = {"start_time": now, "end_time": now + WINDOW_SECONDS}
    slots = shlex.quote(f"{url}/v3/scheduling/availability?{urlencode({**query, **window})}")
    bookings = shlex.quote(f"{url}/v3/scheduling/bookings?{urlencode(query)}")
    guest = ", ".join(rf"\"{key}\": \"{value}\"" for key, value in GUEST.items())
    return (
        f"""slot=$(curl -s {slots} | grep -oE '"(start|end)_time": *[0-9]+' | head -2 | paste -sd, -)""",
        rf"""curl -s {bookings} -H 'Content-Type: application/json' -d "{{$slot, \"guest\": {{{guest}}}}}" """
        "-w '\\n'",
    )


def _plain(text: str) -> str:
    """Without control characters: a scenario is not trusted with the terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
