"""From slots that were offered to open hours, a grid, and what took the rest of the time."""

from dataclasses import dataclass, field
from itertools import pairwise
from math import gcd

from mockserver.domain.intervals import Interval, Intervals, intersect, subtract, union

DAY = 86_400
EPOCH_WEEKDAY = 4
"""1 January 1970 was a Thursday; days count from 0 for Sunday."""


@dataclass(slots=True)
class Observed:
    """Slots with the e-mails of those who are free, and the times that were booked."""

    slots: list[tuple[int, int, tuple[str, ...]]] = field(default_factory=list)
    booked: list[tuple[int, int]] = field(default_factory=list)

    @property
    def spells(self) -> list[tuple[int, int]]:
        return [(start, end) for start, end, _ in self.slots] + self.booked


@dataclass(frozen=True, slots=True)
class Hours:
    """When slots can begin (minutes), and the open hours of weekdays: None where every hour is open."""

    interval: int
    round_to: int
    open: dict[int, Interval] | None

    @classmethod
    def of(cls, observed: Observed, duration: int) -> "Hours":
        """The widest hours of each weekday, all in UTC, and the coarsest grid that has all the starts."""
        starts = sorted({start for start, _ in observed.spells})
        minutes = [start % DAY // 60 for start in starts]
        steps = [(later - start) // 60 for start, later in pairwise(starts)]
        common = 0
        for each in (*(step for step in steps if step < 24 * 60), *minutes):
            common = gcd(common, each)
        interval = gcd(common, duration) if len(starts) < 2 else common
        interval = min(interval or duration, 24 * 60)
        round_to = next((each for each in (15, 5) if all(minute % each == 0 for minute in minutes)), 5)
        return cls(interval, round_to, _open_hours(observed.spells) if observed.slots else None)

    def blocks(self) -> list[dict[str, object]]:
        """The open hours as a configuration has them; weekdays that are alike stand together."""
        days: dict[Interval, list[int]] = {}
        for day, hours in sorted((self.open or {}).items()):
            days.setdefault(hours, []).append(day)
        return [
            {"days": each, "start": _clock(start), "end": _clock(end), "timezone": "UTC"}
            for (start, end), each in days.items()
        ]

    def narrowed(self, start: int, end: int, duration: int) -> tuple[int, int]:
        """The part of a window (Unix seconds) in which slots of so many minutes can lie."""
        step, length = self.interval * 60, duration * 60
        first = -(-start // step) * step
        last = (end - length) // step * step
        return first, max(first, last + length)

    def within(self, start: int, end: int) -> Intervals:
        """The time from `start` to `end` (Unix seconds) that is open."""
        if self.open is None:
            return [(start, end)] if start < end else []
        found = []
        for day in range(start // DAY, end // DAY + 1):
            hours = self.open.get((day + EPOCH_WEEKDAY) % 7)
            if hours is not None:
                found.append((day * DAY + hours[0] * 60, day * DAY + hours[1] * 60))
        return intersect(union(found), [(start, end)])


class Timeline:
    """What is known of somebody's time: free, or taken by what nobody showed us. Half-open, Unix seconds."""

    def __init__(self) -> None:
        self.free: Intervals = []
        self.taken: Intervals = []

    def observe(
        self, seen: Intervals, free: Intervals, own: Intervals
    ) -> tuple[Intervals, Intervals, Intervals]:
        """Note that of the time `seen` only `free` is free; `own` is taken by bookings that are known.

        Answers with what was taken from the beginning, what was filled since, and what was freed since.
        """
        busy = subtract(subtract(seen, free), own)
        filled = intersect(busy, self.free)
        freed = intersect(free, self.taken)
        first = subtract(subtract(busy, self.free), self.taken)
        self.taken = union([*subtract(self.taken, freed), *busy])
        self.free = union([*subtract(self.free, filled), *free])
        return first, filled, freed


def _open_hours(spells: list[tuple[int, int]]) -> dict[int, Interval] | None:
    """The hull of the slots of each weekday in minutes; None where one reaches over midnight."""
    found: dict[int, Interval] = {}
    for start, end in spells:
        day = start // DAY
        first, last = (start - day * DAY) // 60, -(-(end - day * DAY) // 60)
        if last >= 24 * 60:
            return None
        weekday = (day + EPOCH_WEEKDAY) % 7
        known = found.get(weekday, (first, last))
        found[weekday] = (min(first, known[0]), max(last, known[1]))
    return found


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
