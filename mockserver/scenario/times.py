"""Times in scenarios: RFC 3339, or counted from the clock's now in a calendar's zone; and durations.

Reading checks everything that can be checked; `Moment.seconds` then never fails, whatever the clock shows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MIDNIGHT = time()

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_DURATION = re.compile(
    r"P(?=\d|T\d)(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?", re.ASCII
)
_ONE_DAY = timedelta(days=1)

Anchor = Literal["instant", "date", "day", "workday", "weekday"]


class TimeError(ValueError):
    """A time is not one; the text says what was expected. `key` names the key of a relative time."""

    def __init__(self, expected: str, key: str | None = None) -> None:
        super().__init__(expected)
        self.key = key


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that is known once the clock's now is. `zone` is the one it is counted in.

    `count` is Unix seconds of an instant, days since year 1 of a date, the day or workday relative to
    today, or for a weekday the days since Monday of this week.
    """

    anchor: Anchor
    count: int
    at: time
    zone: str

    def seconds(self, now: int, days: int = 0) -> int:
        """Unix seconds, `now` being the clock's; `days` later on the calendar."""
        if self.anchor == "instant":
            return self.count
        return _unix(self._date(now) + timedelta(days=days), self.at, self.zone)

    def _date(self, now: int) -> date:
        if self.anchor == "date":
            return date.fromordinal(self.count)
        today = datetime.fromtimestamp(now, _zone(self.zone)).date()
        if self.anchor == "workday":
            return workday(today, self.count)
        if self.anchor == "weekday":
            return today + timedelta(days=self.count - today.weekday())
        return today + timedelta(days=self.count)

    def comparable(self, other: "Moment") -> bool:
        """Whether which of the two is earlier cannot depend on when the world is built."""
        if self.anchor == "instant" or other.anchor == "instant":
            return self.anchor == other.anchor
        return self.anchor == other.anchor and self.zone == other.zone


def read_moment(value: str | Mapping[str, Any], zone: str, whole_day: bool = False) -> Moment:
    """Read a time that obeys the schema. Raises TimeError.

    With `whole_day` it names a day: a date, or a relative time without `at`.
    """
    if isinstance(value, str):
        if whole_day:
            return Moment("date", read_date(value).toordinal(), MIDNIGHT, zone)
        return Moment("instant", int(read_instant(value)), MIDNIGHT, zone)
    zone = check_zone(value["tz"], "tz") if "tz" in value else zone
    anchor, count = _anchor(value)
    if whole_day:
        if "at" in value:
            raise TimeError("expected none for an event that is all day", "at")
        return Moment(anchor, count, MIDNIGHT, zone)
    if "at" not in value:
        raise TimeError('expected the time of day too, as at: "10:00"')
    return Moment(anchor, count, _time_of_day(value["at"]), zone)


def _anchor(value: Mapping[str, Any]) -> tuple[Anchor, int]:
    given = [key for key in ("day", "workday", "weekday") if key in value]
    if len(given) != 1:
        raise TimeError("expected one of day, workday and weekday")
    if given[0] != "weekday" and "week" in value:
        raise TimeError("expected none without weekday", "week")
    if given[0] == "day":
        return "day", value["day"]
    if given[0] == "workday":
        if value["workday"] == 0:
            raise TimeError(
                "expected 1 for the next working day, -1 for the last; today is day: 0", "workday"
            )
        return "workday", value["workday"]
    index = next(i for i, name in enumerate(WEEKDAYS) if name.startswith(value["weekday"]))
    return "weekday", index + 7 * value.get("week", 0)


def workday(today: date, count: int) -> date:
    """The working day (Monday to Friday) that is `count` after today, or before it if negative."""
    step = _ONE_DAY if count > 0 else -_ONE_DAY
    weeks, rest = divmod(abs(count), 5)
    found = today
    while found.weekday() >= 5:  # a weekend counts from the working day before, backwards from the one after
        found -= step
    found += step * 7 * weeks
    while rest:
        found += step
        rest -= found.weekday() < 5
    return found


def read_instant(text: str) -> float:
    """Unix seconds of an RFC 3339 time. Raises TimeError."""
    expected = "expected an RFC 3339 time such as 2026-03-02T09:00:00Z"
    if not _INSTANT.fullmatch(text):
        raise TimeError(expected)
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise TimeError(f"{expected}; there is no {text}") from None
    if not EARLIEST <= moment < LATEST:
        raise TimeError("expected a time between 1970 and 2200")
    return moment.timestamp()


def read_date(text: str) -> date:
    """A date written YYYY-MM-DD. Raises TimeError."""
    try:
        found = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise TimeError("expected a date such as 2026-03-02")
    if not EARLIEST.date() <= found < LATEST.date():
        raise TimeError("expected a date between 1970 and 2200")
    return found


def read_duration(text: str) -> int:
    """Seconds of an ISO 8601 duration in days, hours, minutes and seconds. Raises TimeError."""
    parts = _DURATION.fullmatch(text)
    if parts is None:
        raise TimeError("expected an ISO 8601 duration such as PT5M, PT1H30M or P1D")
    days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def check_zone(name: str, key: str | None = None) -> str:
    """The name, if there is such a time zone. Raises TimeError."""
    try:
        _zone(name)
    except (OSError, ValueError, LookupError):
        raise TimeError(
            f"expected an IANA time zone such as Europe/Berlin; there is no {name}", key
        ) from None
    return name


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _time_of_day(text: str) -> time:
    parts = _CLOCK.fullmatch(text)
    if parts is None:
        raise TimeError('expected a time of day such as "09:30"', "at")
    return time(int(parts[1]), int(parts[2]))


def _unix(day: date, at: time, zone: str) -> int:
    """A time that the clock skips moves forward, of one that it repeats the first is taken (PEP 495)."""
    return int(datetime.combine(day, at, _zone(zone)).timestamp())
