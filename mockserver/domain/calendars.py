"""Calendars and their events, found by day and not by scanning; recurring ones by their occurrences."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from mockserver.domain.recurrence import occurrences
from mockserver.domain.storage import UndoLog
from mockserver.domain.wallclock import EARLIEST, LATEST, first_moment, local_day

DAY = 86_400
LONG_EVENT_DAYS = 62
"""Events longer than this are kept beside the days' index, which would otherwise grow with their length."""

CONFIGURATION_STAMP = "key5"
"""The metadata key under which Scheduler writes the configuration's id into its events (documented)."""

LONGEST_CLOCK_CHANGE = 3 * 3_600
_MARGIN = 2 * 366 * DAY
"""Recurring events are followed up to this near the first and the last date that there are."""

OCCURRENCE_STAMP = "%Y%m%dT%H%M%SZ"
"""What follows the underscore in the id of an occurrence: its start in UTC."""

EventStatus = Literal["confirmed", "tentative", "cancelled"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an e-mail address. `name` is empty where nobody told it."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An event on a calendar. Times are Unix seconds, `end` exclusive."""

    id: str
    title: str
    start: int
    end: int
    busy: bool = True
    status: EventStatus = "confirmed"
    all_day: bool = False
    description: str = ""
    location: str = ""
    organizer: Person | None = None
    participants: tuple[Person, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    ical_uid: str = ""
    html_link: str = ""
    created_at: int = 0
    updated_at: int = 0
    recurrence: tuple[str, ...] = ()
    """Lines of iCalendar (`RRULE:…`, `EXDATE:…`, `RDATE:…`), counted on the wall clock of `timezone`."""
    timezone: str = "UTC"
    master_event_id: str = ""
    """Of an occurrence: the id of the recurring event."""


@dataclass(frozen=True, slots=True)
class EventPlace:
    """Where an event lies: grant, calendar and the event's id there."""

    grant_id: str
    calendar_id: str
    event_id: str


class Calendar:
    """One calendar of a grant, with its events found by day and not by scanning."""

    def __init__(self, id: str, name: str, timezone: str, primary: bool, log: UndoLog) -> None:
        self.id = id
        self.name = name
        self.timezone = timezone
        self.primary = primary
        self._log = log
        self._events: dict[str, Event] = {}
        self._days: dict[int, dict[str, Event]] = {}
        self._long: dict[str, Event] = {}
        self._recurring: dict[str, Event] = {}
        self._stamped: dict[str, set[str]] = {}

    def put(self, event: Event) -> None:
        """Add the event, or replace the one with its id."""
        before = self._events.get(event.id)
        self._set(event, before)
        if before is None:
            self._log.add(lambda: self._drop(event))
        else:
            self._log.add(lambda: self._set(before, event))

    def remove(self, event_id: str) -> None:
        """Take the event away altogether, as if it had never been there. Raises KeyError.

        An occurrence is taken out of its series.
        """
        occurrence = None if event_id in self._events else self.get(event_id)
        if occurrence is not None:
            master = self._events[occurrence.master_event_id]
            self.put(replace(master, recurrence=(*master.recurrence, f"EXDATE:{event_id[-16:]}")))
            return
        event = self._events[event_id]
        self._drop(event)
        self._log.add(lambda: self._set(event, None))

    def get(self, event_id: str) -> Event | None:
        """The event of that id, which may be the id of an occurrence."""
        event = self._events.get(event_id)
        if event is not None:
            return event
        master_id, _, stamp = event_id.rpartition("_")
        master = self._recurring.get(master_id)
        if master is None or len(stamp) != len("20260302T090000Z"):
            return None
        return next((each for each in _around(master, stamp) if each.id == event_id), None)

    @property
    def events(self) -> list[Event]:
        """All events, in the order in which they were added."""
        return list(self._events.values())

    def between(self, start: int, end: int) -> list[Event]:
        """What overlaps the time from `start` to `end` (Unix seconds), cancelled events included.

        A recurring event is represented by its occurrences.
        """
        found: dict[str, Event] = {}
        for day in range(start // DAY, max(end - 1, start) // DAY + 1):
            found.update(self._days.get(day, {}))
        found.update(self._long)
        single = [event for event in found.values() if event.start < end and event.end > start]
        repeated = (each for master in self._recurring.values() for each in _within(master, start, end))
        return single + [each for each in repeated if each.id not in self._events]  # else changed on its own

    def stamped(self, configuration_id: str) -> int:
        """How many events that were not cancelled Scheduler made here for a configuration."""
        return len(self._stamped.get(configuration_id, ()))

    def _set(self, event: Event, before: Event | None) -> None:
        if before is not None:
            self._unindex(before)
        self._events[event.id] = event
        for bucket in self._buckets(event, create=True):
            bucket[event.id] = event
        stamp = event.metadata.get(CONFIGURATION_STAMP)
        if stamp is not None and event.status != "cancelled":
            self._stamped.setdefault(stamp, set()).add(event.id)

    def _drop(self, event: Event) -> None:
        self._unindex(event)
        self._events.pop(event.id, None)

    def _unindex(self, event: Event) -> None:
        for bucket in self._buckets(event, create=False):
            bucket.pop(event.id, None)
        stamp = event.metadata.get(CONFIGURATION_STAMP)
        if stamp is not None:
            self._stamped.get(stamp, set()).discard(event.id)

    def _buckets(self, event: Event, create: bool) -> list[dict[str, Event]]:
        if event.recurrence:
            return [self._recurring]
        first, last = event.start // DAY, max(event.end - 1, event.start) // DAY
        if last - first > LONG_EVENT_DAYS:
            return [self._long]
        if create:
            return [self._days.setdefault(day, {}) for day in range(first, last + 1)]
        return [self._days[day] for day in range(first, last + 1) if day in self._days]


def _within(master: Event, start: int, end: int) -> list[Event]:
    """The occurrences of a recurring event that overlap a time."""
    length = master.end - master.start
    start, end = max(start, EARLIEST + _MARGIN), min(end, LATEST - _MARGIN)
    # the first of days may be shorter, and another longer
    longest = length + 2 * LONGEST_CLOCK_CHANGE if master.all_day else length
    starts = occurrences(
        master.recurrence, master.timezone, master.start, longest, start, end, master.all_day
    )
    found = (_occurrence(master, at, length) for at in starts)
    return [each for each in found if each.end > start]


def _around(master: Event, stamp: str) -> list[Event]:
    """The occurrences about the time that an occurrence's id tells; none where it tells none."""
    try:
        at = int(datetime.strptime(stamp, OCCURRENCE_STAMP).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return []
    # from a second earlier: an occurrence without length ends where it starts
    return _within(master, at - 1, at + 1) if EARLIEST < at < LATEST else []


def _occurrence(master: Event, start: int, length: int) -> Event:
    stamp = datetime.fromtimestamp(start, UTC).strftime(OCCURRENCE_STAMP)
    end = start + length
    if master.all_day:  # whole days, of 23 or 25 hours when clocks change
        zone = master.timezone
        days = local_day(zone, master.end - 1) - local_day(zone, master.start) + 1
        end = first_moment(zone, local_day(zone, start) + days)
    return replace(
        master,
        id=f"{master.id}_{stamp}",
        start=start,
        end=end,
        recurrence=(),
        master_event_id=master.id,
    )
