"""Wall clocks, asked what they show. Zones keep offsets of whole minutes in all years that the tests use."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

QUARTER = 900


@dataclass(frozen=True)
class Wall:
    """What a wall clock and the calendar beside it show."""

    day: date
    minute: int

    @property
    def weekday(self) -> int:
        """0 = Sunday, as in open hours."""
        return self.day.isoweekday() % 7


@lru_cache(maxsize=200_000)
def wall(zone: str, moment: int) -> Wall:
    shown = datetime.fromtimestamp(moment, ZoneInfo(zone))
    return Wall(shown.date(), shown.hour * 60 + shown.minute)


def shown_at(zone: str, moment: int) -> datetime:
    """Date and time, to the second, without the zone."""
    return datetime.fromtimestamp(moment, ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def moment_of(zone: str, shown: datetime) -> int:
    """When a clock shows that; the first of two, and as much later if it never does."""
    return int(shown.replace(tzinfo=ZoneInfo(zone), fold=0).timestamp())


@lru_cache(maxsize=50_000)
def beginning(zone: str, day: date) -> int:
    """The first moment of a local day, found by waiting for it; every offset is of whole quarters."""
    moment = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - 2 * 86_400
    while wall(zone, moment).day < day:
        moment += QUARTER
    return moment
