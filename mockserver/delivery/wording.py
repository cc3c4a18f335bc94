"""Foreign text made fit for mails: headers, plain text and HTML hold it on the line where it belongs."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mockserver.domain.calendars import Person

LONGEST_LINE = 200
"""How many characters of a name, a title or a subject a mail shows."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """The text on one line, without control characters, cut to `longest` characters."""
    line = " ".join(_CONTROL.sub(" ", text[: longest * 4]).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def lines(text: str) -> list[str]:
    """The lines of a longer text, without control characters."""
    return [" ".join(_CONTROL.sub(" ", each).split()) for each in text.splitlines()]


def name_of(person: Person) -> str:
    """What somebody is called: the name, or the address of whom nobody named."""
    return one_line(person.name) or one_line(person.email)


def name_and_address(person: Person) -> str:
    name, email = one_line(person.name), one_line(person.email)
    return f"{name} <{email}>" if name else email


def is_web(url: str) -> bool:
    """Whether a mail may turn the URL into a link or a picture."""
    return url.lower().startswith(("https://", "http://"))


def when(start: int, end: int, timezone: str) -> str:
    """A time (Unix seconds) in words, as clocks in the zone show it."""
    first, last = _local(start, timezone), _local(end, timezone)
    offset = "" if timezone == "UTC" else f", UTC{first.isoformat()[19:]}"
    day = f"{first:%A}, {first.day} {first:%B} {first.year}"
    return f"{day}, {first:%H:%M} to {last:%H:%M} ({timezone}{offset})"


def _local(moment: int, timezone: str) -> datetime:
    at = datetime.fromtimestamp(moment, UTC)
    try:
        return at.astimezone(ZoneInfo(timezone))
    except OverflowError:  # the last hours of the year 9999
        return at
