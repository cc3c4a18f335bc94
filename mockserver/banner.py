"""What `mockserver serve` says when it is ready: where it is, what it serves and how to book on it."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import click

from mockserver import __version__
from mockserver.domain.fields import whole_matcher

if TYPE_CHECKING:
    from mockserver.domain.configuration import Configuration
    from mockserver.sandbox import Sandbox

WINDOW_SECONDS = 14 * 86_400
"""How far ahead the printed commands look for a free slot."""

GUEST = {"name": "Ada", "email": "ada@example.com"}

SAMPLES = ("an example", GUEST["email"], "+15550100", "5550100", "2030-01-31", "A1", "1")
"""What the printed commands answer to required additional fields: the first that fits."""


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
            f"  Pages to book on: {url}/",
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
            _plain(_name(each)),
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


def _name(configuration: "Configuration") -> str:
    return configuration.name or configuration.slug or configuration.title


def _howto(url: str, sandbox: "Sandbox", configurations: Sequence["Configuration"]) -> Iterator[str]:
    public_first = sorted(configurations, key=lambda each: each.requires_session_auth)
    bookable = ((each, _answers(each)) for each in public_first)
    chosen, answers = next((found for found in bookable if found[1] is not None), (None, None))
    if chosen is None:
        return
    yield f"  Book the next free slot of {_plain(_name(chosen))}:"
    yield ""
    application = sandbox.world.application
    booking = {"guest": GUEST, **({"additional_fields": answers} if answers else {})}
    yield from _commands(url, application.api_key, chosen, sandbox.clock.now(), booking)
    yield ""


def _commands(
    url: str, api_key: str, configuration: "Configuration", now: int, booking: Mapping[str, Any]
) -> Iterator[str]:
    """Lines for a shell with curl: open a session if need be, take the first free slot, book it."""
    base, as_json = f"{url}/v3/scheduling", "-H 'Content-Type: application/json'"
    query, bearer = {"configuration_id": configuration.id}, ""
    if configuration.requires_session_auth:
        key, body = shlex.quote(f"Authorization: Bearer {api_key}"), shlex.quote(json.dumps(query))
        found = """grep -oE '"session_id": *"[^"]+' | cut -d'"' -f4"""
        yield f"session=$(curl -s {shlex.quote(f'{base}/sessions')} -H {key} {as_json} -d {body} | {found})"
        query, bearer = {}, ' -H "Authorization: Bearer $session"'
    window = {"start_time": now, "end_time": now + WINDOW_SECONDS}
    slots = shlex.quote(f"{base}/availability?{urlencode({**query, **window})}")
    first = """grep -oE '"(start|end)_time": *[0-9]+' | head -2 | paste -sd, -"""
    yield f"slot=$(curl -s {slots}{bearer} | {first})"
    bookings = shlex.quote(f"{base}/bookings?{urlencode(query)}".rstrip("?"))
    rest = shlex.quote(json.dumps(booking).removeprefix("{"))
    yield f"""curl -s {bookings}{bearer} {as_json} -w '\\n' -d "{{$slot, "{rest}"""


def _answers(configuration: "Configuration") -> dict[str, str] | None:
    """Answers to the required additional fields; None where a pattern fits nothing that we can think of."""
    answers = {}
    for key, field in configuration.additional_fields.items():
        if field.required and field.type != "metadata":
            fits = (whole_matcher(field.pattern) if field.pattern else None) or bool
            answer = next((each for each in field.options or SAMPLES if fits(each)), None)
            if answer is None:
                return None
            answers[key] = answer
    return answers


def _plain(text: str) -> str:
    """Without control characters: a scenario is not trusted with the terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
