"""Events that recur, followed by dateutil on a clock without zone; only then the zone is asked.

Rules that dateutil searches for ever, as those of 30 February, may not be asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from dateutil.rrule import rrulestr

from tests.oracle.clocks import beginning, moment_of, shown_at

SLACK = timedelta(days=3)


@dataclass(frozen=True)
class Series:
    """How often an event takes place: its lines, the zone that counts, its first start and its length.

    `days` is the length of an event that is all day, in days; `seconds` that of any other.
    """

    lines: tuple[str, ...]
    zone: str
    first: int
    seconds: int
    days: int = 0

    def times(self, start: int, end: int) -> frozenset[tuple[int, int]]:
        """When it takes place, from some time before `start` to some time after `end`."""
        return _times(self, start, end)

    @property
    def shown(self) -> datetime:
        """What the clock shows at the first start: midnight of a whole day, even if the clock skips it."""
        shown = shown_at(self.zone, self.first)
        return shown.replace(hour=0, minute=0) if self.days else shown

    def moment(self, shown: datetime) -> int:
        """When the event begins if a rule says so: the first time is known, the clock may show it twice."""
        return self.first if shown == self.shown else moment_of(self.zone, shown)

    def dates(self, kind: str) -> Iterator[int]:
        """What EXDATE or RDATE lists."""
        for name, _, value in (line.partition(":") for line in self.lines):
            if name == kind:
                for text in value.split(","):
                    at = self.read(text)
                    yield self.moment(at) if isinstance(at, datetime) else at

    def read(self, text: str) -> datetime | int:
        """A time of iCalendar: what the clock shows, or a moment if it is in UTC."""
        if text.endswith("Z"):
            return int(datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp())
        if "T" in text:
            return datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the clock's own
        day = datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007
        return datetime.combine(day, self.shown.time())

    def is_over(self, shown: datetime, until: str) -> bool:
        last = self.read(until)
        return shown > last if isinstance(last, datetime) else self.moment(shown) > last


@lru_cache(maxsize=20_000)
def _times(series: Series, start: int, end: int) -> frozenset[tuple[int, int]]:
    early = datetime.fromtimestamp(start - series.seconds, UTC) - timedelta(days=series.days) - SLACK
    late = datetime.fromtimestamp(end, UTC) + SLACK
    starts = {series.first, *series.dates("RDATE")}
    for name, _, value in (line.partition(":") for line in series.lines):
        if name == "RRULE":
            found = follow(value, series.shown, early.replace(tzinfo=None), late.replace(tzinfo=None))
            until = parts_of(value).get("UNTIL")
            starts |= {series.moment(at) for at in found if not (until and series.is_over(at, until))}
    return frozenset((at, _end(series, at)) for at in starts - set(series.dates("EXDATE")))


def _end(series: Series, start: int) -> int:
    if not series.days:
        return start + series.seconds
    return beginning(series.zone, shown_at(series.zone, start).date() + timedelta(days=series.days))


def follow(rule: str, first: datetime, start: datetime, end: datetime) -> list[datetime]:
    """When a rule takes place between two times, both included, whatever its UNTIL says."""
    text = ";".join(f"{key}={value}" for key, value in parts_of(rule).items() if key != "UNTIL")
    return list(rrulestr(text, dtstart=first).between(start, end, inc=True))


def parts_of(rule: str) -> dict[str, str]:
    return dict(part.split("=") for part in rule.split(";"))
