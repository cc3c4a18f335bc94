"""Recurring events: a rule on the local clock to occurrences in Unix time.

Rules are those of iCalendar (RFC 5545) as calendars write them: daily to yearly, by month, day of the month
and weekday, with COUNT or UNTIL, beside EXDATE and RDATE. Times are counted on the wall clock of the event's
zone, so a meeting at nine stays at nine when the clocks change; one that falls into a skipped hour takes
place as much later.

Own code, as dateutil counts from the start of the series and for some rules never comes back: here a day is
asked whether it belongs, so the cost is that of the window asked for. Tests compare the two.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from mockserver.domain.wallclock import DAY, offset_at

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_OCCURRENCES = 5_000
"""The largest COUNT and INTERVAL of a rule, and how many dates may be listed beside one."""
COUNTED_YEARS = 60
"""How far a rule with COUNT is followed."""

BARREN_YEARS = 12
"""A rule with COUNT that skips so many years has ended: longer than from one 29 February to the next."""

KEPT_PERIODS = 4
"""For so many periods a rule remembers what BYSETPOS picks."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,5}")
_BYDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_EPOCH = date(1970, 1, 1)
_LAST = date(9999, 12, 25)
"""No later day is looked at; its week still has an end."""
_ONE_DAY = timedelta(days=1)
_FOR_EVER = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp())
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"}


class RecurrenceError(ValueError):
    """A recurrence that can't be followed; the text says what was expected."""


def check_recurrence(lines: tuple[str, ...], start: int, zone: str, whole_days: bool = False) -> None:
    """Raise RecurrenceError unless the lines (`RRULE:…`, `EXDATE:…`, `RDATE:…`) can be followed."""
    _series(lines, start, zone, whole_days)


def occurrences(
    lines: tuple[str, ...],
    zone: str,
    first: int,
    length: int,
    start: int,
    end: int,
    whole_days: bool = False,
) -> list[int]:
    """When occurrences begin that overlap the time from `start` to `end`; all in Unix seconds.

    `first` is the start of the event itself, which always is an occurrence, and `length` its seconds.
    Whole days begin at midnight, even if that of the first is skipped.
    """
    found = _series(lines, first, zone, whole_days).between(start - length - DAY, end)
    return sorted(at for at in found if at < end and at + length > start)


@lru_cache(maxsize=4096)
def _series(lines: tuple[str, ...], first: int, zone: str, whole_days: bool) -> "_Series":
    return _Series(lines, first, zone, whole_days)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One RRULE, followed a period (day, week, month or year) at a time."""

    frequency: str
    interval: int
    first: date
    until: datetime | None
    months: frozenset[int]
    month_days: frozenset[int]
    weekdays: frozenset[tuple[int, int]]
    """Weekday from 0 = Monday, with which one of the month or year it is; 0 means every."""
    ordinal: bool
    """Whether any of the weekdays says which one it is."""
    positions: frozenset[int]
    week_start: int
    latest_chosen: dict[date, list[date]] = field(default_factory=dict, compare=False)
    """What BYSETPOS picked of the periods looked at last, by their first day."""

    def by_period(self, start: date, end: date) -> Iterator[tuple[date, list[date]]]:
        """The first day of every period in turn, and its occurrences from `start` to `end`.

        UNTIL isn't heeded.
        """
        start, end = max(start, self.first), min(end, _LAST)
        day = start
        while day <= end:
            begin, finish = self._period(day)
            if self._in_turn(begin):
                if self.positions:
                    yield begin, [each for each in self._chosen(begin, finish) if start <= each <= end]
                else:
                    yield begin, self._fitting(day, min(finish, end))
            if finish >= end:
                return
            day = finish + _ONE_DAY

    def _chosen(self, start: date, end: date) -> list[date]:
        """What BYSETPOS picks of a period."""
        found = self.latest_chosen.get(start)
        if found is None:
            days = self._fitting(start, end)
            indexes = {at - 1 if at > 0 else len(days) + at for at in self.positions}
            found = [days[index] for index in sorted(indexes) if 0 <= index < len(days)]
            if len(self.latest_chosen) >= KEPT_PERIODS:
                self.latest_chosen.clear()
            self.latest_chosen[start] = found
        return found

    def _fitting(self, start: date, end: date) -> list[date]:
        """The days from `start` to `end` that fit, whosever turn it is."""
        return [day for day in _days(start, end) if self._fits(day)]

    def _in_turn(self, day: date) -> bool:
        """Whether the day's period is one of every `interval`."""
        if self.frequency == "DAILY":
            passed = (day - self.first).days
        elif self.frequency == "WEEKLY":
            passed = (self._week(day) - self._week(self.first)).days // 7
        elif self.frequency == "MONTHLY":
            passed = (day.year - self.first.year) * 12 + day.month - self.first.month
        else:
            passed = day.year - self.first.year
        return passed % self.interval == 0

    def _fits(self, day: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        if self.month_days and day.day not in self.month_days:
            last = monthrange(day.year, day.month)[1]
            if day.day - last - 1 not in self.month_days:
                return False
        if self.weekdays:
            if (day.weekday(), 0) in self.weekdays:
                return True
            return self.ordinal and bool(self._places(day) & self.weekdays)
        return bool(self.month_days) or self._as_the_first(day)

    def _as_the_first(self, day: date) -> bool:
        """What a rule without days of its own means: the same day as the event itself."""
        if self.frequency == "WEEKLY":
            return day.weekday() == self.first.weekday()
        if self.frequency == "MONTHLY":
            return day.day == self.first.day
        if self.frequency == "YEARLY":
            return day.day == self.first.day and (bool(self.months) or day.month == self.first.month)
        return True

    def _places(self, day: date) -> set[tuple[int, int]]:
        """The weekday with every way to say which one of its month or year it is."""
        weekday = day.weekday()
        if self.frequency in ("DAILY", "WEEKLY"):
            return {(weekday, 0)}
        in_month = self.frequency == "MONTHLY" or bool(self.months)
        start, end = _month(day) if in_month else (date(day.year, 1, 1), date(day.year, 12, 31))
        return {(weekday, 0), (weekday, (day - start).days // 7 + 1), (weekday, -((end - day).days // 7) - 1)}

    def _period(self, day: date) -> tuple[date, date]:
        """The first and last day of what BYSETPOS counts in."""
        if self.frequency == "DAILY":
            return day, day
        if self.frequency == "WEEKLY":
            return self._week(day), self._week(day) + timedelta(days=6)
        if self.frequency == "MONTHLY":
            return _month(day)
        return date(day.year, 1, 1), date(day.year, 12, 31)

    def _week(self, day: date) -> date:
        return day - timedelta(days=(day.weekday() - self.week_start) % 7)


class _Series:
    """All lines of one event."""

    def __init__(self, lines: tuple[str, ...], first: int, zone: str, whole_days: bool) -> None:
        self._zone = zone
        self._begins = first
        wall = _wall(first, zone)
        self._first = datetime.combine(wall, time()) if whole_days else wall
        self._rules: list[_Rule] = []
        self._listed: set[int] = {first}
        self._excluded: set[int] = set()
        for line in lines:
            self._read(line)

    def between(self, start: int, end: int) -> set[int]:
        """The starts of occurrences from about `start` until about `end`, a day more at either side."""
        earliest, latest = _wall(start, self._zone).date(), _wall(end, self._zone).date()
        found = {at for at in self._listed if start - DAY <= at <= end + DAY}
        for rule in self._rules:
            last = latest if rule.until is None else min(latest, rule.until.date())
            for _, days in rule.by_period(earliest, last):
                walls = (datetime.combine(day, self._first.time()) for day in days)
                found.update(self._moment(wall) for wall in walls if rule.until is None or wall <= rule.until)
        return found - self._excluded

    def _moment(self, wall: datetime) -> int:
        """When an occurrence takes place; of the first that is known, though the clock may show it twice."""
        return self._begins if wall == self._first else _moment(wall, self._zone)

    def _read(self, line: str) -> None:
        name, _, value = line.partition(":")
        kind = name.partition(";")[0].upper()
        if kind == "RRULE":
            self._rules.append(self._rule(value))
        elif kind in ("EXDATE", "RDATE"):
            texts = value.split(",")
            if len(texts) > MOST_OCCURRENCES:
                raise RecurrenceError(f"{kind}: expected at most {MOST_OCCURRENCES} dates")
            (self._excluded if kind == "EXDATE" else self._listed).update(
                self._when(kind, text) for text in texts
            )
        else:
            raise RecurrenceError(f"expected RRULE, EXDATE or RDATE, not {kind[:20]!r}")

    def _rule(self, text: str) -> _Rule:
        parts = dict(part.partition("=")[::2] for part in text.strip().upper().split(";") if part)
        unknown = sorted(set(parts) - _PARTS)
        if unknown:
            raise RecurrenceError(f"{unknown[0][:20]}: expected only {', '.join(sorted(_PARTS))}")
        if parts.get("FREQ") not in FREQUENCIES:
            raise RecurrenceError(f"FREQ: expected one of {', '.join(FREQUENCIES)}")
        if "COUNT" in parts and "UNTIL" in parts:
            raise RecurrenceError("UNTIL: expected none beside COUNT")
        week_start = parts.get("WKST", "MO")
        if week_start not in WEEKDAYS:
            raise RecurrenceError(f"WKST: expected one of {', '.join(WEEKDAYS)}")
        weekdays = frozenset(map(_weekday, parts["BYDAY"].split(",")) if "BYDAY" in parts else ())
        endless = _Rule(
            frequency=parts["FREQ"],
            interval=_numbers(parts, "INTERVAL", 1, MOST_OCCURRENCES, default="1").pop(),
            first=self._first.date(),
            until=self._until(parts["UNTIL"]) if "UNTIL" in parts else None,
            months=frozenset(_numbers(parts, "BYMONTH", 1, 12)),
            month_days=frozenset(_numbers(parts, "BYMONTHDAY", -31, 31)),
            weekdays=weekdays,
            ordinal=any(which for _, which in weekdays),
            positions=frozenset(_numbers(parts, "BYSETPOS", -366, 366)),
            week_start=WEEKDAYS.index(week_start),
        )
        if "COUNT" not in parts:
            return endless
        return self._counted(endless, _numbers(parts, "COUNT", 1, MOST_OCCURRENCES).pop())

    def _counted(self, rule: _Rule, count: int) -> _Rule:
        """The rule with the time of its last occurrence as its end."""
        left, last = count, rule.first
        for begin, days in rule.by_period(rule.first, _later(rule.first, COUNTED_YEARS)):
            if (begin - last).days > BARREN_YEARS * 366:
                break
            if counted := days[:left]:
                left, last = left - len(counted), counted[-1]
            if left == 0:
                break
        return replace(rule, until=datetime.combine(last, self._first.time()))

    def _when(self, kind: str, text: str) -> int:
        """The moment that a line names."""
        at = self._time(kind, text)
        if isinstance(at, int):
            return at
        try:
            return self._moment(at)
        except OverflowError as error:
            raise RecurrenceError(f"{kind}: expected a time such as 20260302T090000Z") from error

    def _until(self, text: str) -> datetime:
        """The wall time after which a rule has ended, which may name the last moment in UTC."""
        at = self._time("UNTIL", text)
        if isinstance(at, datetime):
            return at
        if at < self._begins:
            return datetime.min  # noqa: DTZ901 - wall time has no zone
        if at >= _FOR_EVER:
            return datetime.max  # noqa: DTZ901
        last = datetime.combine(_wall(at, self._zone), self._first.time())
        while self._moment(last) > at:
            last -= timedelta(days=1)
        return last

    def _time(self, kind: str, text: str) -> datetime | int:
        """A date or time beside a rule: wall time of the event's zone, or a moment if it is in UTC."""
        text = text.strip().upper()
        try:
            if "T" not in text:
                day = datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - wall time has no zone
                return datetime.combine(day, self._first.time())
            at = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
            return int(at.replace(tzinfo=UTC).timestamp()) if text.endswith("Z") else at
        except ValueError as error:
            raise RecurrenceError(f"{kind}: expected a time such as 20260302T090000Z") from error


def _numbers(parts: dict[str, str], name: str, least: int, most: int, default: str = "") -> set[int]:
    found = set()
    for text in filter(None, parts.get(name, default).split(",")):
        number = int(text) if _NUMBER.fullmatch(text) else 0
        if not least <= number <= most or number == 0:
            raise RecurrenceError(f"{name}: expected numbers from {least} to {most}")
        found.add(number)
    if name in parts and not found:
        raise RecurrenceError(f"{name}: expected numbers from {least} to {most}")
    return found


def _weekday(text: str) -> tuple[int, int]:
    found = _BYDAY.fullmatch(text)
    if found is None or abs(int(found[1] or 0)) > 53:
        raise RecurrenceError("BYDAY: expected weekdays such as MO, 2TU or -1FR")
    return WEEKDAYS.index(found[2]), int(found[1] or 0)


def _days(start: date, end: date) -> Iterator[date]:
    return map(date.fromordinal, range(start.toordinal(), end.toordinal() + 1))


def _month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def _later(day: date, years: int) -> date:
    return date(min(day.year + years, 9998), 1, 1)


def _wall(moment: int, zone: str) -> datetime:
    seconds = moment + offset_at(zone, moment)
    return datetime.combine(_EPOCH, datetime.min.time()) + timedelta(seconds=seconds)


def _moment(wall: datetime, zone: str) -> int:
    """The Unix time of a wall time; the first of two, and in a skipped hour as if it had not been skipped."""
    seconds = int((wall - datetime.combine(_EPOCH, datetime.min.time())).total_seconds())
    before = seconds - offset_at(zone, seconds - DAY)
    if before + offset_at(zone, before) == seconds:
        return before
    after = seconds - offset_at(zone, seconds + DAY)
    return after if after + offset_at(zone, after) == seconds else before
