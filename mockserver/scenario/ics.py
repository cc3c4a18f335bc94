"""Calendars seeded from iCalendar files: where a file may lie, and what becomes of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from mockserver.scenario.ics_events import read_orphan, read_series
from mockserver.scenario.ics_lines import (
    CALENDAR,
    EVENT,
    MAX_BYTES,
    ZONE,
    Component,
    IcsError,
    read_components,
)
from mockserver.scenario.ics_times import Zones, zone_named
from mockserver.scenario.plan import EventPlan
from mockserver.scenario.problems import Problem, ScenarioError
from mockserver.scenario.recurring import MOST_RECURRING


class IcsPathError(ValueError):
    """There is no such calendar file that a scenario may read; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class IcsCalendar:
    """What a file holds: the zone that its days and floating times are counted in, and its events."""

    zone: str
    events: tuple[EventPlan, ...]


@dataclass(slots=True)
class _Series:
    """All components of one UID."""

    uid: str
    master: Component | None = None
    overrides: dict[str, Component] = field(default_factory=dict)

    def take(self, event: Component) -> None:
        """Keep the event, or of two revisions of one event the later."""
        replaced = event.first("RECURRENCE-ID")
        if replaced is None:
            self.master = _later(self.master, event)
        else:
            key = f"{replaced.parameters.get('TZID', '')} {replaced.value.strip()}"
            self.overrides[key] = _later(self.overrides.get(key), event)

    def read(self, zones: Zones) -> list[EventPlan]:
        """The plans of its events. Raises IcsError."""
        overrides = list(self.overrides.values())
        if self.master is None:
            return [read_orphan(each, zones, self.uid) for each in overrides]
        return read_series(self.master, overrides, zones, self.uid)


def locate(folder: Path | None, text: str) -> Path:
    """The file that a scenario in the folder names. Raises IcsPathError.

    Nothing outside the folder can be named, by dots and links neither. No folder: the scenario was sent.
    """
    if folder is None:
        raise IcsPathError(
            "expected none in a scenario that is sent; calendar files lie beside scenario files"
        )
    named = PurePosixPath(text)
    if named.is_absolute() or ".." in named.parts or "\\" in text or ":" in text or "\0" in text:
        raise IcsPathError("expected a path below the scenario's folder, such as calendars/alice.ics")
    try:
        file = (folder / named).resolve(strict=True)
        if not file.is_relative_to(folder.resolve(strict=True)):
            raise IcsPathError("expected a file in the scenario's folder, not a link out of it")
        if not file.is_file():
            raise IcsPathError("expected a file")
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it links to itself"
        raise IcsPathError(f"expected a file that can be read: {reason}") from error
    return file


def read_ics(file: Path, zone: str | None, default: str) -> IcsCalendar:
    """The calendar in a file. Raises ScenarioError with all that can't be followed.

    `zone` is the calendar's if the scenario tells it; else the file may, and else it is `default`.
    """
    try:
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"expected a file that can be read: {error.strerror}"
        raise ScenarioError([Problem(str(file), 1, "", message)]) from error
    return parse_ics(raw, str(file), zone, default)


def parse_ics(raw: bytes, file: str, zone: str | None, default: str) -> IcsCalendar:
    """The calendar in the bytes of a file; as `read_ics`."""
    components = read_components(raw, file)
    problems: list[Problem] = []
    try:
        own = zone or _own_zone(components) or default
    except IcsError as error:
        problems.append(error.problem(file))
        own = default
    zones = Zones((each for each in components if each.name == ZONE), own)
    events: list[EventPlan] = []
    for series in _series(components):
        try:
            events += series.read(zones)
        except IcsError as error:
            problems.append(error.problem(file, series.uid))
    if sum(bool(event.recurrence) for event in events) > MOST_RECURRING:
        problems.append(Problem(file, 1, "", f"expected at most {MOST_RECURRING:,} events that recur"))
    if problems:
        raise ScenarioError(problems)
    return IcsCalendar(own, tuple(events))


def _own_zone(components: list[Component]) -> str | None:
    """The zone that the file says is the calendar's."""
    for each in components:
        given = each.first("X-WR-TIMEZONE") if each.name == CALENDAR else None
        if given is not None and given.value.strip():
            found = zone_named(given.value)
            if found is None:
                raise IcsError(given.line, given.name, f"expected a time zone, not {given.value[:64]}")
            return found
    return None


def _series(components: list[Component]) -> Iterator[_Series]:
    """The events by UID. Those without one stand alone."""
    found: dict[str, _Series] = {}
    for number, event in enumerate(each for each in components if each.name == EVENT):
        uid = event.text("UID")
        found.setdefault(uid or f"\0{number}", _Series(uid or f"event {number + 1}")).take(event)
    yield from found.values()


def _later(before: Component | None, after: Component) -> Component:
    return after if before is None or _sequence(after) >= _sequence(before) else before


def _sequence(event: Component) -> int:
    text = event.text("SEQUENCE")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
