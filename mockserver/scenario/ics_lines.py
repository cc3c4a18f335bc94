"""Calendar files as components and their lines, read as if whoever wrote them meant harm.

Lines are taken apart by icalendar. Its components are not used: they know no line numbers, and the time
zones of one file would be remembered for all others.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn

from icalendar.parser import Contentline

from mockserver.scenario.problems import Problem, ScenarioError, path_text

MAX_BYTES = 5 * 1024 * 1024
MAX_EVENTS = 10_000
MAX_LINES = 200_000
MAX_LENGTH = 100_000
"""The longest property that is looked at, in characters."""
MAX_DEPTH = 10
SHOWN = 100
"""As much of a text from the file goes into a problem."""

CALENDAR, EVENT, ZONE = "VCALENDAR", "VEVENT", "VTIMEZONE"
_READ = {
    CALENDAR: frozenset({"X-WR-TIMEZONE"}),
    EVENT: frozenset(
        {"UID", "SEQUENCE", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "TRANSP", "ORGANIZER", "ATTENDEE"}
        | {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"}
    ),
    ZONE: frozenset({"TZID", "X-LIC-LOCATION"}),
}
"""The properties that are looked at; of what else a file holds only the structure counts."""


_EVENTS = re.compile(rb"^BEGIN\s*:\s*VEVENT", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a component: its number in the file (from 1), its parameters, its unescaped value."""

    line: int
    name: str
    parameters: Mapping[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """A calendar, an event or a time zone. `raw` are all lines of a time zone."""

    name: str
    line: int
    properties: dict[str, list[Property]] = field(default_factory=dict)
    raw: list[str] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        """The property of that name; of several the first."""
        found = self.properties.get(name)
        return found[0] if found else None

    def text(self, name: str) -> str:
        """The property's value without spaces around it; empty where there is none."""
        found = self.first(name)
        return found.value.strip() if found is not None else ""


class IcsError(ValueError):
    """Something in a calendar file can't be followed; the text says what was expected."""

    def __init__(self, line: int, name: str, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.name = name

    def problem(self, file: str, uid: str = "") -> Problem:
        """The error with its file and the event that it is in."""
        steps = tuple(printable(step) for step in (uid, self.name) if step)
        return Problem(file, self.line, path_text(steps), printable(str(self), most=1000))


def printable(text: str, most: int = SHOWN) -> str:
    """A text from the file as problems show it."""
    return "".join(each if each.isprintable() else "?" for each in text[:most])


def read_components(raw: bytes, file: str) -> list[Component]:
    """The calendars, time zones and events of a file. Raises ScenarioError, with one problem."""
    try:
        if len(raw) > MAX_BYTES:
            _fail(1, f"expected at most {MAX_BYTES // 1024 // 1024} MiB")
        if raw.count(b"\n") > MAX_LINES:
            _fail(1, f"expected at most {MAX_LINES:,} lines")
        if sum(1 for _ in _EVENTS.finditer(raw)) > MAX_EVENTS:
            _fail(1, f"expected at most {MAX_EVENTS:,} events")
        return _components(raw.removeprefix(b"\xef\xbb\xbf"))
    except IcsError as error:
        raise ScenarioError([error.problem(file)]) from error


def _components(raw: bytes) -> list[Component]:
    found: list[Component] = []
    open_ones: list[Component] = []
    line = 1
    for line, text in _unfolded(raw):
        name = text[: _name_end(text)].strip().upper()
        if name == "BEGIN":
            begun = _begin(line, text, open_ones)
            open_ones.append(begun)
            if begun.name in _READ:
                found.append(begun)
        elif not open_ones:
            _fail(line, "expected iCalendar, which begins with BEGIN:VCALENDAR")
        elif name == "END":
            if _component_name(text) != open_ones[-1].name:
                _fail(line, f"expected END:{open_ones[-1].name} for line {open_ones[-1].line}")
        elif name in _READ.get(open_ones[-1].name, ()):
            open_ones[-1].properties.setdefault(name, []).append(_property(line, name, text))
        elif ":" not in text:
            _fail(line, "expected a line such as SUMMARY:Lunch, or one that begins with a space")
        for each in open_ones:
            if each.name == ZONE:
                each.raw.append(text)
        if name == "END":
            open_ones.pop()
    if open_ones:
        _fail(line, f"expected END:{open_ones[-1].name} for line {open_ones[-1].line}, the file ends")
    if not found:
        _fail(1, "expected iCalendar, which begins with BEGIN:VCALENDAR; the file is empty")
    return found


def _unfolded(raw: bytes) -> Iterator[tuple[int, str]]:
    """The lines with their numbers. Folds may lie inside a character, so bytes are joined."""
    parts: list[bytes] = []
    begun = 1
    for number, line in enumerate(raw.split(b"\n"), start=1):
        line = line.removesuffix(b"\r")
        if line[:1] in (b" ", b"\t") and parts:
            parts.append(line[1:])
            continue
        if any(parts):
            yield begun, _decoded(begun, b"".join(parts))
        parts, begun = [line], number
    if any(parts):
        yield begun, _decoded(begun, b"".join(parts))


def _decoded(line: int, raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        _fail(line, "expected text in UTF-8")


def _begin(line: int, text: str, open_ones: list[Component]) -> Component:
    begun = Component(_component_name(text), line)
    if len(open_ones) >= MAX_DEPTH:
        _fail(line, f"expected at most {MAX_DEPTH} levels of nesting")
    if (begun.name == CALENDAR) == bool(open_ones):
        _fail(line, "expected BEGIN:VCALENDAR first, and no second one inside it")
    if begun.name in (EVENT, ZONE) and len(open_ones) != 1:
        _fail(line, f"expected {begun.name} directly inside VCALENDAR")
    return begun


def _property(line: int, name: str, text: str) -> Property:
    if len(text) > MAX_LENGTH:
        raise IcsError(line, name, f"expected at most {MAX_LENGTH:,} characters")
    head, _, value = text.partition(":")
    parameters: Mapping[str, str]
    try:
        if '"' in head:  # there may be colons between the quotes
            _, found, value = Contentline(text).parts()  # type: ignore[no-untyped-call]
            parameters = _plain(found)
        else:
            parameters = _parameters(head)
            if "\\" in value:
                value = Contentline(f"X:{value}").parts()[2]  # type: ignore[no-untyped-call]
    except ValueError:
        raise IcsError(
            line, name, "expected a name, parameters and a value, as NAME;KEY=word:value"
        ) from None
    return Property(line, name, parameters, str(value))


@lru_cache(maxsize=1024)
def _parameters(head: str) -> Mapping[str, str]:
    """The parameters of a line; most lines of a file begin as others do, and taking them apart is slow."""
    return _plain(Contentline(f"{head}:").parts()[1])  # type: ignore[no-untyped-call]


def _plain(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {
        key.upper(): ",".join(value) if isinstance(value, list) else str(value)
        for key, value in parameters.items()
    }


def _component_name(text: str) -> str:
    return printable(text[_name_end(text) + 1 :].strip().upper())


def _name_end(text: str) -> int:
    ends = [at for at in (text.find(":"), text.find(";")) if at >= 0]
    return min(ends, default=len(text))


def _fail(line: int, message: str) -> NoReturn:
    raise IcsError(line, "", message)
