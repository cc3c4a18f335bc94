"""Times and time zones of calendar files."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.tzp import TZP
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from mockserver.scenario.ics_lines import Component, IcsError, Property, printable
from mockserver.scenario.times import TimeError, check_zone

FIRST_YEAR, LAST_YEAR = 1900, 2199
MOST_ZONE_LINES = 1_000
"""A longer VTIMEZONE is not looked into."""

_TIME = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_YEARLY = frozenset({"FREQ", "BYMONTH", "BYMONTHDAY", "BYDAY", "UNTIL", "COUNT", "WKST", "INTERVAL"})


@dataclass(frozen=True, slots=True)
class When:
    """A time on the wall clock of a zone, or a whole day."""

    wall: datetime
    zone: str
    whole_day: bool

    @property
    def seconds(self) -> int:
        """Unix seconds. A time that the clock skips moves forward, of one that it repeats it is the first."""
        return int(self.wall.replace(tzinfo=ZoneInfo(self.zone)).timestamp())

    def written(self, zone: str, whole_day: bool) -> str:
        """The time as EXDATE or RDATE name it beside an event of that zone and kind."""
        if whole_day or self.whole_day:
            return f"{self.wall:%Y%m%d}"
        if self.zone == zone:
            return f"{self.wall:%Y%m%dT%H%M%S}"
        return f"{datetime.fromtimestamp(self.seconds, UTC):%Y%m%dT%H%M%SZ}"


class Zones:
    """The time zones of one file. `own` is the calendar's, in which floating times and days are counted."""

    def __init__(self, described: Iterable[Component], own: str) -> None:
        self.own = own
        self._described = {each.text("TZID"): each for each in described}
        self._found: dict[str, str | None] = {}

    def whens(self, given: Property) -> list[When]:
        """The times that a property lists. Raises IcsError."""
        return [self._when(given, text.strip()) for text in given.value.split(",")]

    def when(self, given: Property) -> When:
        """The only time of a property. Raises IcsError."""
        return self._when(given, given.value.strip())

    def _when(self, given: Property, text: str) -> When:
        found = _TIME.fullmatch(text.upper())
        try:
            if found is None:
                raise ValueError
            wall = datetime.strptime(found[1] + (found[2] or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007
        except ValueError:
            message = f"expected times such as 20260302T090000Z or 20260302, not {printable(text)}"
            raise IcsError(given.line, given.name, message) from None
        if not FIRST_YEAR <= wall.year <= LAST_YEAR:
            raise IcsError(given.line, given.name, f"expected a year from {FIRST_YEAR} to {LAST_YEAR}")
        if found[2] is None:
            return When(wall, self.own, whole_day=True)
        if found[3]:
            return When(wall, "UTC", whole_day=False)
        name = given.parameters.get("TZID")
        zone = self.own if name is None else self._zone(name, wall.year)
        if zone is None:
            message = (
                f"expected TZID to be an IANA time zone, a Windows one, or a VTIMEZONE of this file with the"
                f" rules of one, not {printable(name or '')}"
            )
            raise IcsError(given.line, given.name, message)
        return When(wall, zone, whole_day=False)

    def _zone(self, name: str, year: int) -> str | None:
        if name not in self._found:
            described = self._described.get(name)
            known = zone_named(name)
            if known is None and described is not None:
                known = zone_named(described.text("X-LIC-LOCATION")) or _zone_like(described, year, self.own)
            self._found[name] = known
        return self._found[name]


def zone_named(name: str) -> str | None:
    """The IANA name of a zone that goes by that name, by Windows' name, or with a vendor before it."""
    name = name.strip().strip("/")
    parts = name.split("/")[:10]
    suffixes = ("/".join(parts[start:]) for start in range(1, len(parts) - 1))
    for each in (name, WINDOWS_TO_OLSON.get(name, ""), *suffixes):
        try:
            return check_zone(each)
        except TimeError:
            continue
    return None


def _zone_like(described: Component, year: int, own: str) -> str | None:
    """The IANA zone whose clock shows the same as a VTIMEZONE all through a year; `own` if it is one."""
    zone = _custom(described)
    if zone is None:
        return None
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    try:
        wanted = [_offset(zone, day) for day in days]
    except (ValueError, TypeError, OverflowError, AttributeError):
        return None
    for name in (own, *_candidates()):
        like = ZoneInfo(name)
        if all(_offset(like, day) == offset for day, offset in zip(days, wanted, strict=True)):
            return name
    return None


def _custom(component: Component) -> tzinfo | None:
    """What icalendar makes of a VTIMEZONE; None if it is no good, or would take long to follow."""
    rules = [line for line in component.raw if line.upper().startswith("RRULE")]
    if len(component.raw) > MOST_ZONE_LINES or not all(map(_is_yearly, rules)):
        return None
    # under a name that icalendar knows it does not remember the zone for other files
    lines = ["TZID:UTC" if line.upper().startswith("TZID") else line for line in component.raw]
    try:
        described = Timezone.from_ical("\r\n".join(lines))
        if not isinstance(described, Timezone):
            return None
        zone: tzinfo = described.to_tz(TZP(), lookup_tzid=False)
        return zone
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None


def _is_yearly(rule: str) -> bool:
    parts = dict(part.partition("=")[::2] for part in rule.upper().partition(":")[2].split(";"))
    return parts.get("FREQ") == "YEARLY" and set(parts) <= _YEARLY


def _offset(zone: tzinfo, day: date) -> timedelta | None:
    return datetime(day.year, day.month, day.day, 12, tzinfo=zone).utcoffset()


@lru_cache(maxsize=1)
def _candidates() -> tuple[str, ...]:
    """All zones, those first that people know."""

    def names() -> Iterator[str]:
        yield "UTC"
        yield from WINDOWS_TO_OLSON.values()
        yield from sorted(available_timezones())

    return tuple(dict.fromkeys(name for name in names() if zone_named(name) == name))
