"""Local time as arithmetic: stretches of Unix time in which a zone keeps one offset.

A *wall* second is a Unix second plus the zone's offset; wall seconds divided by 86,400 number the local
days. An hour that the clock skips lies in no stretch, an hour that it repeats lies in two.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86_400
EARLIEST, LATEST = -62_104_060_800, 253_402_214_400
"""Between these Unix times, of the years 2 and 9999, every local time has a date."""
_STEP = 7 * DAY  # offsets are looked up weekly and changes between found by halving
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1)

Stretch = tuple[int, int, int]
"""From, until (Unix seconds, half-open), offset in seconds east of UTC."""


def stretches(zone: str, start: int, end: int) -> Iterator[Stretch]:
    """The stretches of a zone that make up the time from `start` to `end`."""
    week = start // _STEP
    while week * _STEP < end:
        for first, last, offset in _week(zone, week):
            if first < end and last > start:
                yield max(first, start), min(last, end), offset
        week += 1


def moments(zone: str, wall_start: int, wall_end: int) -> list[tuple[int, int]]:
    """The Unix time in which the zone's wall clock shows a time from `wall_start` to `wall_end`."""
    return [
        (max(wall_start - offset, first), min(wall_end - offset, last))
        for first, last, offset in stretches(zone, wall_start - DAY, wall_end + DAY)
        if max(wall_start - offset, first) < min(wall_end - offset, last)
    ]


@lru_cache(maxsize=1024)
def first_moment(zone: str, day: int) -> int:
    """The Unix time at which a numbered local day begins."""
    while not (found := moments(zone, day * DAY, (day + 1) * DAY)):
        day += 1  # a day that the zone skipped altogether, as Samoa did
    return found[0][0]


def local_day(zone: str, moment: int) -> int:
    """The number of the local day, counted from 1970-01-01, at a Unix time."""
    return (moment + offset_at(zone, moment)) // DAY


def date_of(day: int) -> str:
    """The date of a numbered day as YYYY-MM-DD."""
    return (_FIRST_DAY + timedelta(days=day)).isoformat()


def day_of(text: str) -> int:
    """The number of the day of a date written YYYY-MM-DD. Raises ValueError."""
    return (date.fromisoformat(text) - _FIRST_DAY).days


def weekday_of(day: int) -> int:
    """The weekday of a numbered day, 0 = Sunday as in open hours."""
    return (day + 4) % 7


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def offset_at(zone: str, moment: int) -> int:
    """Seconds east of UTC that the zone keeps at a Unix time."""
    offset = (
        (_EPOCH + timedelta(seconds=min(max(moment, EARLIEST), LATEST))).astimezone(_zone(zone)).utcoffset()
    )
    return 0 if offset is None else int(offset.total_seconds())


@lru_cache(maxsize=8192)
def _week(zone: str, week: int) -> tuple[Stretch, ...]:
    start, end = week * _STEP, (week + 1) * _STEP
    found: list[Stretch] = []
    while start < end:
        offset = offset_at(zone, start)
        until = _next_change(zone, start, end, offset)
        found.append((start, until, offset))
        start = until
    return tuple(found)


def _next_change(zone: str, start: int, end: int, offset: int) -> int:
    if offset_at(zone, end) == offset and offset_at(zone, (start + end) // 2) == offset:
        return end
    low, high = start, end
    if offset_at(zone, (start + end) // 2) != offset:
        high = (start + end) // 2
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(zone, middle) == offset:
            low = middle
        else:
            high = middle
    return high
