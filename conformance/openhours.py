"""When a host is open, as a configuration says it: an oracle of its own, independent of any implementation.

Only what is documented is held against a slot (facts 6.2). Where the documents are silent or allow two
readings, a time counts as open when it is open in either: `23:59` reaches midnight, several blocks together
may cover a slot, default hours may be meant in the participant's zone, the zone of a date without one may be
anybody's. What can't be read at all raises Unreadable, and nothing is said about that configuration.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from conformance.pages import Body, Page, mapping, mappings
from conformance.target import Slot, Unverified

DAY_MINUTES = 24 * 60
SAMPLE = 300
"""Seconds between two moments of a slot that are looked at; hours shorter than that are not told apart."""
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)")


class Unreadable(Unverified):
    """A configuration says something that this oracle doesn't know."""


@dataclass(frozen=True)
class Reading:
    """A mistake in reading hours, by which a wrong slot may have come about; without any, the right way."""

    no_exdates: bool = False
    any_hours_on_dates: bool = False
    """On dates with entries anything goes."""
    defaults_too: bool = False
    """Default hours hold for hosts with hours of their own, too."""
    zone: str = ""
    """Weekly hours are meant in this zone."""
    offset_of: int | None = None
    """The moment (Unix time) whose offset from UTC is kept all year."""


RIGHT = Reading()


@dataclass(frozen=True)
class Block:
    """Weekly hours: days from 0 = Sunday, minutes since midnight, in any of these zones."""

    zones: tuple[str, ...]
    days: frozenset[int]
    start: int
    end: int
    exdates: frozenset[str]


@dataclass(frozen=True)
class Entry:
    """The hours of one date. Without length they open nothing."""

    zones: tuple[str, ...]
    date: str
    start: int
    end: int


@dataclass(frozen=True)
class Hours:
    """When a host is open."""

    email: str
    blocks: tuple[Block, ...]
    replaced: tuple[Block, ...]
    """Default hours that the host's own ones took the place of."""
    entries: tuple[Entry, ...]
    only_entries: bool

    @property
    def zones(self) -> list[str]:
        """Every zone that these hours are meant in."""
        named = [each.zones for each in self.blocks] + [each.zones for each in self.entries]
        return list(dict.fromkeys(zone for zones in named for zone in zones))

    def open(self, slot: Slot, mistake: Reading = RIGHT) -> bool:
        """Whether all of a slot may be open, or would be with a mistake."""
        moments = [*range(slot[0], slot[1], SAMPLE), slot[1] - 1]
        if mistake == RIGHT:
            return all(self._open_at(moment, RIGHT) for moment in moments)
        return all(self._open_at(each, RIGHT) or self._open_at(each, mistake) for each in moments)

    def _open_at(self, moment: int, reading: Reading) -> bool:
        if any(_entry_open(each, moment, reading) for each in self.entries):
            return True
        if self.only_entries:
            return False
        blocks = self.blocks + (self.replaced if reading.defaults_too else ())
        return any(
            _block_open(block, zone, moment, reading)
            and not any(_shut(each, zone, moment, reading) for each in self.entries)
            for block in blocks
            for zone in block.zones
        )


def hours_of(page: Page, host: Body) -> Hours | None:
    """The hours of a host; None for one who is always open. Raises Unreadable."""
    defaults = mappings(page.rules, "default_open_hours")
    own = mappings(mapping(host, "availability"), "open_hours")
    here, event = _zone(host), page.zone
    default_blocks = tuple(_block(each, _zones(event, here)) for each in defaults)
    blocks = tuple(_block(each, _zones(_zone(each) or here or event)) for each in own) or default_blocks
    entries = _entries(page, host, here, event)
    only = bool(
        page.rules.get("only_specific_time_availability") or host.get("only_specific_time_availability")
    )
    if not blocks and not entries and not only:
        return None
    if not blocks:
        blocks = (Block(_zones(event, here), frozenset(range(7)), 0, DAY_MINUTES, frozenset()),)
    return Hours(str(host.get("email")).lower(), blocks, default_blocks if own else (), entries, only)


def all_hours(page: Page) -> list[Hours]:
    """The hours of all hosts who have some. Raises Unreadable."""
    return [hours for host in page.hosts if (hours := hours_of(page, host)) is not None]


def known_zones(page: Page) -> list[str]:
    """Every zone that the configuration names anywhere, and UTC."""
    blocks = [block for host in page.hosts for block in mappings(mapping(host, "availability"), "open_hours")]
    named = [*page.participants, *mappings(page.rules, "default_open_hours"), *blocks]
    return list(dict.fromkeys(zone for zone in (page.zone, *map(_zone, named), "UTC") if zone))


def wall_text(moment: int, zone: str) -> str:
    """A moment as the wall clock of a zone shows it."""
    return f"{datetime.fromtimestamp(moment, _zone_info(zone)):%a %Y-%m-%d %H:%M} {zone}"


def offset_at(moment: int, zone: str) -> int:
    """Seconds by which a zone is ahead of UTC. Raises Unreadable for a zone that doesn't exist."""
    offset = datetime.fromtimestamp(moment, _zone_info(zone)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def day_span(date_text: str, zone: str) -> Slot:
    """When a date begins and when it is over in a zone. Raises Unreadable for what is no date."""
    try:
        day = date.fromisoformat(date_text)
        begun = datetime(day.year, day.month, day.day, tzinfo=_zone_info(zone))
    except (TypeError, ValueError):
        raise Unreadable(f"{date_text!r} is no date that can be read") from None
    return int(begun.timestamp()), int(begun.timestamp()) + DAY_MINUTES * 60


def wall_span(entry: Entry, zone: str) -> Slot:
    """When the hours of a date begin and end, where the clocks don't change on it."""
    begun = day_span(entry.date, zone)[0]
    return begun + entry.start * 60, begun + entry.end * 60


def _entries(page: Page, host: Body, here: str, event: str) -> tuple[Entry, ...]:
    own = [
        _entry(each, _zones(_zone(each)) if _zone(each) else _zones(here, event))
        for each in mappings(host, "specific_time_availability")
    ]
    dates = {each.date for each in own}
    defaults = [
        _entry(each, _zones(_zone(each), event))
        for each in mappings(page.rules, "default_specific_time_availability")
    ]
    return (*own, *(each for each in defaults if each.date not in dates))


def _block_open(block: Block, zone: str, moment: int, reading: Reading) -> bool:
    day, weekday, minute = _wall(moment, reading.zone or zone, reading.offset_of)
    closed = day in block.exdates and not reading.no_exdates
    return weekday in block.days and block.start <= minute < block.end and not closed


def _entry_open(entry: Entry, moment: int, reading: Reading) -> bool:
    for zone in entry.zones:
        day, _, minute = _wall(moment, zone, reading.offset_of)
        if day == entry.date and (reading.any_hours_on_dates or entry.start <= minute < entry.end):
            return True
    return False


def _shut(entry: Entry, block_zone: str, moment: int, reading: Reading) -> bool:
    """Whether a moment lies on the entry's date, wherever that is counted."""
    zones = (*entry.zones, block_zone)
    return all(_wall(moment, zone, reading.offset_of)[0] == entry.date for zone in zones)


def _block(body: Body, zones: tuple[str, ...]) -> Block:
    days = body.get("days")
    if days is not None and not (isinstance(days, list) and all(_is_day(each) for each in days)):
        raise Unreadable(f"days {days!r} are none that can be read")
    exdates = body.get("exdates")
    return Block(
        zones,
        frozenset(days or range(7)),
        _minutes(body.get("start"), 0),
        _minutes(body.get("end"), DAY_MINUTES),
        frozenset(str(each) for each in exdates) if isinstance(exdates, list) else frozenset(),
    )


def _entry(body: Body, zones: tuple[str, ...]) -> Entry:
    found = str(body.get("date"))
    for zone in zones:
        day_span(found, zone)
    return Entry(zones, found, _minutes(body.get("start"), 0), _minutes(body.get("end"), DAY_MINUTES))


def _minutes(text: object, default: int) -> int:
    """Minutes since midnight; a day that ends at 23:59 may as well end at midnight."""
    if not text:
        return default
    found = _CLOCK.fullmatch(str(text))
    if found is None:
        raise Unreadable(f"{text!r} is no time of day that can be read")
    minutes = int(found[1]) * 60 + int(found[2])
    return DAY_MINUTES if minutes == DAY_MINUTES - 1 else minutes


def _is_day(value: object) -> bool:
    return type(value) is int and 0 <= value < 7


def _zone(body: Body) -> str:
    found = body.get("timezone")
    return found if isinstance(found, str) else ""


def _zones(*names: str) -> tuple[str, ...]:
    """The zones that may be meant, each once. Raises Unreadable where there is none."""
    found = tuple(dict.fromkeys(name for name in names if name))
    if not found:
        raise Unreadable("no time zone is given for hours, and the documents don't say which one is meant")
    for name in found:
        _zone_info(name)
    return found


@lru_cache(maxsize=256)
def _zone_info(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Unreadable(f"the time zone {name!r} is not known here") from None


@lru_cache(maxsize=65536)
def _wall(moment: int, zone: str, offset_of: int | None) -> tuple[str, int, int]:
    """What calendar and clock of a zone show: date, weekday from 0 = Sunday, minutes since midnight."""
    offset = offset_at(moment if offset_of is None else offset_of, zone)
    shown = datetime.fromtimestamp(moment + offset, UTC)
    return shown.date().isoformat(), shown.isoweekday() % 7, shown.hour * 60 + shown.minute
