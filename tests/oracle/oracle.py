"""What is on offer, decided minute by minute from the raw configuration.

Nothing here is clever and nothing comes from the mock: every minute of the asked window is looked at by
itself, the wall clocks of the zones are asked what they show then, and the rules of `docs/availability.md`
are applied one after the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from tests.oracle.clocks import Wall, wall
from tests.oracle.repeating import Series

MINUTE = 60
Body = Mapping[str, Any]


@dataclass(frozen=True)
class Happening:
    """An event, at first, in Unix seconds. `sold_by` is the configuration that Scheduler made it for."""

    start: int
    end: int
    busy: bool = True
    status: str = "confirmed"
    sold_by: str = ""
    id: str = ""
    series: Series | None = None

    def times(self, start: int, end: int) -> Iterable[tuple[int, int]]:
        """When it takes place, as far as it may matter between two moments."""
        return self.series.times(start, end) if self.series else [(self.start, self.end)]


Calendars = Mapping[str, Mapping[str, Sequence[Happening]]]
"""Events by lower-case e-mail and calendar id; the primary calendar is there as `primary` too."""


@dataclass(frozen=True)
class Answer:
    """Slots as (start, end, e-mails); `order` is None unless hosts take turns."""

    slots: list[tuple[int, int, list[str]]]
    order: list[str] | None

    @property
    def starts(self) -> list[int]:
        return [start for start, _, _ in self.slots]


@dataclass(frozen=True)
class Question:
    """Everything that availability depends on. `moving` are ids of the events of the booking to be moved."""

    body: Body
    calendars: Calendars
    now: int
    start: int
    end: int
    configuration_id: str = ""
    slot_grid: str = "midnight"
    moving: frozenset[str] = field(default_factory=frozenset)


def ask(question: Question) -> Answer:
    """The slots on offer, by brute force."""
    return _Oracle(question).answer()


class _Oracle:
    def __init__(self, question: Question) -> None:
        self.asked = question
        body = question.body
        self.availability: Body = body["availability"]
        self.rules: Body = self.availability.get("availability_rules") or {}
        self.scheduler: Body = body.get("scheduler") or {}
        self.zone = _zone_of_event(body)
        self.today = wall(self.zone, question.now).day
        self.length = self.availability["duration_minutes"]
        self.interval = self.availability.get("interval_minutes") or self.length
        self.round_to = self.availability.get("round_to") or 15
        self.in_turns = (self.rules.get("availability_method") or "collective") != "collective"
        people: Sequence[Body] = body["participants"]
        self.people = [
            each for each in people if each.get("booking") or (each.get("availability") and not self.in_turns)
        ]
        self.entries = [self._entries(each) for each in self.people]
        self.blocking = [self._blocking(each) for each in self.people]
        self.may_have = cache(self._may_have)

    def answer(self) -> Answer:
        slots = []
        first_whole_minute = -(-self.asked.start // MINUTE) * MINUTE
        for moment in range(first_whole_minute, self.asked.end - self.length * MINUTE + 1, MINUTE):
            if self._late_enough(moment) and self._near_enough(moment) and self._on_grid(moment):
                free = [each for each in range(len(self.people)) if self._slot_is_free(each, moment)]
                if len(free) == len(self.people) or (free and self.in_turns):
                    emails = [self.people[each]["email"] for each in free]
                    slots.append((moment, moment + self.length * MINUTE, emails))
        return Answer(slots, self._order() if self.in_turns else None)

    def _late_enough(self, moment: int) -> bool:
        notice = self.scheduler.get("min_booking_notice")
        return moment - self.asked.now >= (60 if notice is None else notice) * MINUTE

    def _near_enough(self, moment: int) -> bool:
        days = self.scheduler.get("available_days_in_future")
        return (wall(self.zone, moment).day - self.today).days <= (30 if days is None else days)

    def _on_grid(self, moment: int) -> bool:
        """Whether some point of the grid, moved up to the next multiple of `round_to`, comes to lie here."""
        shown = wall(self.zone, moment).minute
        if shown % self.round_to:
            return False
        if self.asked.slot_grid == "midnight":
            return any(
                point >= 0 and point % self.interval == 0
                for point in range(shown - self.round_to + 1, shown + 1)
            )
        before = moment - MINUTE
        while before >= self.asked.start and wall(self.zone, before).minute % self.round_to:
            before -= MINUTE
        since = moment - self.asked.start
        point = self.asked.start + since - since % (self.interval * MINUTE)
        return before < point

    def _slot_is_free(self, person: int, start: int) -> bool:
        return all(self.may_have(person, start + minute * MINUTE) for minute in range(self.length))

    def _may_have(self, index: int, moment: int) -> bool:
        """Whether the person is open in the minute that begins at a moment, and not busy."""
        return self._open(index, moment) and not any(
            start < moment + MINUTE and end > moment for start, end in self.blocking[index]
        )

    def _open(self, index: int, moment: int) -> bool:
        person, entries = self.people[index], self.entries[index]
        if not person.get("availability"):
            return True
        if any(_inside(wall(zone, moment), entry, on_date=True) for zone, entry in entries):
            return True
        if self.rules.get("only_specific_time_availability") or person.get("only_specific_time_availability"):
            return False
        if any(wall(zone, moment).day == date.fromisoformat(entry["date"]) for zone, entry in entries):
            return False
        return self._in_weekly_hours(person, moment)

    def _entries(self, person: Body) -> list[tuple[str, Body]]:
        """The specific times that count for a person, each with the zone that it is meant in."""
        home = person.get("timezone") or self.zone
        own = person.get("specific_time_availability") or []
        defaults = [
            entry
            for entry in self.rules.get("default_specific_time_availability") or []
            if all(mine["date"] != entry["date"] for mine in own)
        ]
        return [(entry.get("timezone") or home, entry) for entry in own] + [
            (entry.get("timezone") or self.zone, entry) for entry in defaults
        ]

    def _in_weekly_hours(self, person: Body, moment: int) -> bool:
        blocks = person["availability"].get("open_hours")
        if blocks:
            home = person.get("timezone") or self.zone
            return any(_inside(wall(block.get("timezone") or home, moment), block) for block in blocks)
        defaults = self.rules.get("default_open_hours")
        return not defaults or any(_inside(wall(self.zone, moment), block) for block in defaults)

    def _blocking(self, person: Body) -> list[tuple[int, int]]:
        """When a person's events keep the person from anything else, buffers included."""
        calendars = self.asked.calendars.get(person["email"].lower(), {})
        watched = (person.get("availability") or {}).get("calendar_ids") or []
        events = [event for calendar_id in watched for event in calendars.get(calendar_id, ())]
        if person.get("booking"):
            events += [event for event in self._booked_on(person) if self._sold_here(event)]
        buffer = self.rules.get("buffer") or {}
        before, after = (buffer.get("before") or 0) * MINUTE, (buffer.get("after") or 0) * MINUTE
        return [
            (start - before, end + after)
            for event in events
            if event.busy and event.status != "cancelled" and event.id not in self.asked.moving
            for start, end in event.times(self.asked.start - after, self.asked.end + before)
            if start < end
        ]

    def _order(self) -> list[str]:
        """Hosts by how many events each got from this configuration; the first named first where equal."""
        ranked = []
        for place, person in enumerate(self.people):
            events = self._booked_on(person)
            got = sum(self._sold_here(event) and event.status != "cancelled" for event in events)
            ranked.append((got, place, person["email"]))
        return [email for _, _, email in sorted(ranked)]

    def _booked_on(self, person: Body) -> Sequence[Happening]:
        calendars = self.asked.calendars.get(person["email"].lower(), {})
        return calendars.get(person["booking"]["calendar_id"], ())

    def _sold_here(self, event: Happening) -> bool:
        return bool(event.sold_by) and event.sold_by == self.asked.configuration_id


def _zone_of_event(body: Body) -> str:
    named = body["event_booking"].get("timezone")
    organizer = next((each for each in body["participants"] if each.get("is_organizer")), None)
    if organizer is None:
        organizer = next(each for each in body["participants"] if each.get("booking"))
    return str(named or organizer.get("timezone") or "UTC")


def _inside(shown: Wall, block: Body, on_date: bool = False) -> bool:
    """Whether a wall clock shows a time in a block of open hours, or in an entry for one date."""
    if not _minutes(block["start"]) <= shown.minute < _minutes(block["end"]):
        return False
    if on_date:
        return shown.day.isoformat() == block["date"]
    days = block.get("days")
    return (not days or shown.weekday in days) and shown.day.isoformat() not in (block.get("exdates") or [])


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
