"""Random worlds as scenario documents, with a window to ask for; valid by construction.

Most lie around a change of some clock, because that is where mistakes do.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.oracle.clocks import shown_at
from tests.oracle.reading import instant
from tests.oracle.recurring import courses
from tests.support.worlds import DOCUMENT, INTRO

MINUTE, HOUR, DAY = 60, 3_600, 86_400

ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",  # +5:30
    "Asia/Kathmandu",  # +5:45
    "Pacific/Chatham",  # +12:45, +13:45 in summer
    "Australia/Lord_Howe",  # changes by half an hour
    "Australia/Eucla",  # +8:45
    "America/St_Johns",  # -3:30
    "Pacific/Apia",  # +13
    "Pacific/Kiritimati",  # +14
    "Pacific/Pago_Pago",  # -11
    "America/Santiago",  # changes at midnight
    "Africa/Cairo",  # changes at midnight
    "Asia/Beirut",  # changes at midnight
    "America/Havana",  # comes back to midnight
    "America/Nuuk",  # changes on the evening before
    "Africa/Casablanca",  # changes for Ramadan
    "Antarctica/Troll",  # changes by two hours
)
EMAILS = ("alice@example.com", "bob@example.com", "carol@example.com", "dave@example.com")
BEGINNING = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())
MONTHS = 36
SKIPPED_DAY = ("Pacific/Apia", int(datetime(2011, 12, 30, 10, tzinfo=UTC).timestamp()))
"""Samoa crossed the date line: the day after 29 December was the 31st."""


@dataclass(frozen=True)
class World:
    """A scenario with one configuration, INTRO, and the window that is asked for."""

    document: dict[str, Any]
    now: int
    start: int
    end: int

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = self.document["configurations"]["intro"]["body"]
        return body

    @property
    def slot_grid(self) -> str:
        return str(self.document["dialect"]["slot_grid"])


@cache
def changes(name: str) -> tuple[int, ...]:
    """When the zone's clock changes in the years that the worlds lie in."""
    zone = ZoneInfo(name)

    def offset(moment: int) -> timedelta | None:
        return datetime.fromtimestamp(moment, zone).utcoffset()

    found = []
    for day in range(BEGINNING, BEGINNING + MONTHS * 30 * DAY, DAY):
        low, high = day, day + DAY
        if offset(low) != offset(high):
            while high - low > MINUTE:
                middle = (low + high) // 2 // MINUTE * MINUTE
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            found.append(high)
    return tuple(found)


zones = st.sampled_from(ZONES)


@dataclass(frozen=True)
class Anchor:
    """What a world lies around: a zone, and a moment that matters there."""

    zone: str
    moment: int

    @property
    def zones(self) -> st.SearchStrategy[str]:
        """That zone, or any."""
        return st.just(self.zone) | zones


@st.composite
def worlds(draw: st.DrawFn, longest_hours: int = 40) -> World:
    """A world and a window, most of them not longer than `longest_hours`."""
    zone = draw(zones)
    anchor = Anchor(zone, draw(moments(zone)))
    start = anchor.moment + MINUTE * draw(st.integers(-26 * 60, 6 * 60))
    if draw(_seldom):
        start += draw(st.integers(1, 59))
    length = draw(st.integers(6, longest_hours)) * HOUR
    if draw(_seldom):
        length = draw(st.sampled_from([-7200, -1, 0, 1, 900, 1800, 3599, longest_hours * HOUR + 17]))
    now = start - MINUTE * draw(st.integers(-8 * 60, 3 * 24 * 60))
    return World(draw(_documents(anchor, now, (start, start + length))), now, start, start + length)


@st.composite
def moments(draw: st.DrawFn, zone: str) -> int:
    if zone == SKIPPED_DAY[0] and draw(st.booleans()):
        return SKIPPED_DAY[1]
    moments = changes(zone)
    if moments and draw(st.integers(0, 9)) < 7:
        return draw(st.sampled_from(moments))
    return BEGINNING + MINUTE * draw(st.integers(0, MONTHS * 30 * 24 * 60))


@st.composite
def _documents(draw: st.DrawFn, anchor: Anchor, now: int, window: tuple[int, int]) -> dict[str, Any]:
    emails = EMAILS[: draw(st.sampled_from([1, 1, 1, 2, 2, 3, 4]))]
    grants = {}
    for email in emails:
        name = email.partition("@")[0]
        calendars = {each: draw(_calendars(name, each, anchor, window)) for each in ("main", "other")}
        calendars["main"]["primary"] = True
        provider = draw(st.sampled_from(["google", "microsoft"]))
        grants[name] = {"email": email, "provider": provider, "calendars": calendars}
    return {
        **DOCUMENT,
        "clock": {"mode": "frozen", "now": instant(now)},
        "dialect": {"slot_grid": draw(st.sampled_from(["midnight", "midnight", "window_start"]))},
        "grants": grants,
        "configurations": {"intro": {"id": INTRO, "grant": "alice", "body": draw(_bodies(emails, anchor))}},
    }


@st.composite
def _calendars(
    draw: st.DrawFn, owner: str, name: str, anchor: Anchor, window: tuple[int, int]
) -> dict[str, Any]:
    zone = draw(anchor.zones)
    events = draw(st.lists(_events(anchor, zone, window), min_size=1, max_size=4))
    return {"id": f"{owner}-{name}", "timezone": zone, "events": events}


@st.composite
def _events(draw: st.DrawFn, anchor: Anchor, zone: str, window: tuple[int, int]) -> dict[str, Any]:
    event = draw(_whole_days(anchor, zone) if draw(_seldom) else _timed(anchor, zone, window))
    if draw(st.booleans()):
        event["status"] = draw(st.sampled_from(["confirmed", "tentative", "cancelled"]))
    if draw(_rarely):
        event["busy"] = False
    return event


@st.composite
def _whole_days(draw: st.DrawFn, anchor: Anchor, zone: str) -> dict[str, Any]:
    first = last = _date(anchor, draw(st.integers(-2, 2)))
    if draw(st.booleans()):
        last = max(first, _date(anchor, draw(st.integers(-1, 1))))
    event: dict[str, Any] = {"all_day": True}
    if draw(st.booleans()) and (zone, anchor.moment) != SKIPPED_DAY:  # what no day that is none could begin
        begin, until = datetime.fromisoformat(first), datetime.fromisoformat(last)
        course = draw(courses(zone, begin, all_day=True))
        day = shown_at(zone, course.start)
        first, last = (each.strftime("%Y-%m-%d") for each in (day, day + (until - begin)))
        event["recurrence"] = course.recurrence
    return event | {"start": first, "end": last}


@st.composite
def _timed(draw: st.DrawFn, anchor: Anchor, zone: str, window: tuple[int, int]) -> dict[str, Any]:
    event: dict[str, Any] = {}
    minutes = draw(st.sampled_from([0, 0, 5, 15, 30, 30, 45, 60, 60, 90, 180, 600, 3000]))
    start = anchor.moment + 5 * MINUTE * draw(st.integers(-30 * 12, 30 * 12)) + draw(_seconds)
    if draw(_rarely):  # just outside the window, where only a buffer reaches in
        outside = draw(st.sampled_from([window[0] - minutes * MINUTE, window[1]]))
        start = outside + 5 * MINUTE * draw(st.integers(-6, 6))
    if draw(_seldom):
        course = draw(courses(zone, shown_at(zone, start), all_day=False))
        start, event["recurrence"] = course.start, course.recurrence
    if draw(st.booleans()):
        return event | {"at": instant(start), "duration": minutes}
    return event | {"start": instant(start), "end": instant(start + minutes * MINUTE)}


@st.composite
def _bodies(draw: st.DrawFn, emails: tuple[str, ...], anchor: Anchor) -> dict[str, Any]:
    zone = None if draw(_rarely) else anchor.zone
    rules: dict[str, Any] = {}
    method = draw(st.sampled_from([None, "collective", "max-fairness", "max-availability"]))
    if method:
        rules["availability_method"] = method
    in_turns = method in ("max-fairness", "max-availability")
    if draw(st.booleans()):
        rules["buffer"] = draw(st.fixed_dictionaries({}, optional={"before": _buffers, "after": _buffers}))
    if draw(st.booleans()):
        rules["default_open_hours"] = draw(_open_hours(anchor))
    if draw(st.booleans()):
        rules["default_specific_time_availability"] = draw(_specific_times(anchor, zoned=zone is not None))
    if draw(_seldom):
        rules["only_specific_time_availability"] = True
    availability: dict[str, Any] = {"duration_minutes": draw(_durations), "availability_rules": rules}
    if draw(st.booleans()):
        availability["interval_minutes"] = draw(_intervals)
    if draw(st.booleans()):
        availability["round_to"] = draw(st.sampled_from([5, 10, 15, 20, 25, 30, 35, 45, 50, 60, 90, 240]))
    event: dict[str, Any] = {"title": "Intro"}
    if zone:
        event["timezone"] = zone
    if draw(_rarely):
        event["booking_type"] = "organizer-confirmation"
    return {
        "participants": draw(_participants(emails, in_turns, anchor)),
        "availability": availability,
        "event_booking": event,
        "scheduler": draw(_schedulers),
    }


@st.composite
def _participants(
    draw: st.DrawFn, emails: tuple[str, ...], in_turns: bool, anchor: Anchor
) -> list[dict[str, Any]]:
    """At least one with `availability` and one with `booking`; an organizer unless they take turns."""
    organizer = draw(st.sampled_from(emails))
    open_one = draw(st.sampled_from(emails))
    people = []
    for email in emails:
        name = email.partition("@")[0]
        person: dict[str, Any] = {"email": email, "name": name.title()}
        if draw(st.booleans()):
            person["timezone"] = draw(anchor.zones)
        if email == organizer or not draw(_rarely):
            person["booking"] = {"calendar_id": draw(_calendar_ids(name))}
        if email == organizer and not in_turns:
            person["is_organizer"] = True
        if email == open_one or not draw(_rarely):
            watched = [[], ["primary"], [f"{name}-other"], ["primary", f"{name}-other", f"{name}-main"]]
            person["availability"] = {"calendar_ids": draw(st.sampled_from([*watched, *watched[1:]]))}
            if draw(st.booleans()):
                person["availability"]["open_hours"] = draw(_open_hours(anchor))
        if draw(st.booleans()):
            person["specific_time_availability"] = draw(_specific_times(anchor, zoned=True))
        if draw(_seldom):
            person["only_specific_time_availability"] = draw(st.booleans())
        people.append(person)
    return people


def _calendar_ids(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["primary", f"{name}-main", f"{name}-other"])


@st.composite
def _open_hours(draw: st.DrawFn, anchor: Anchor) -> list[dict[str, Any]]:
    blocks = []
    for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2, 3]))):
        start, end = draw(_hours)
        block: dict[str, Any] = {"start": _clock(start), "end": _clock(end)}
        if draw(st.booleans()):
            block["days"] = draw(st.lists(st.integers(0, 6), min_size=3, max_size=7, unique=True))
        if draw(st.booleans()):
            block["timezone"] = draw(anchor.zones)
        if draw(_rarely):
            block["exdates"] = draw(st.lists(_dates(anchor), max_size=2))
        blocks.append(block)
    return blocks


@st.composite
def _specific_times(draw: st.DrawFn, anchor: Anchor, zoned: bool) -> list[dict[str, Any]]:
    entries = []
    for _ in range(draw(st.sampled_from([1, 1, 2, 3]))):
        start, end = (0, 0) if draw(_rarely) else draw(_hours)
        entry = {"date": draw(_dates(anchor)), "start": _clock(start, 2), "end": _clock(end, 2)}
        if zoned and draw(st.booleans()):
            entry["timezone"] = draw(anchor.zones)
        entries.append(entry)
    return entries


def _dates(anchor: Anchor) -> st.SearchStrategy[str]:
    return st.sampled_from([0, 0, 1, -1]).map(lambda days: _date(anchor, days))


def _date(anchor: Anchor, days: int) -> str:
    return (datetime.fromtimestamp(anchor.moment, UTC) + timedelta(days=days)).strftime("%Y-%m-%d")


def _clock(minutes: int, digits: int = 1) -> str:
    return f"{minutes // 60:0{digits}}:{minutes % 60:02}"


_rarely = st.integers(0, 3).map(lambda drawn: drawn == 3)
_seldom = st.integers(0, 7).map(lambda drawn: drawn == 7)
_seconds = st.sampled_from([0, 0, 0, 0, 1, 59])
_buffers = st.sampled_from([5, 10, 15, 30, 45, 60, 120, 0])
_durations = st.sampled_from(
    [1, 5, 7, 10, 15, 20, 25, 30, 30, 30, 40, 45, 50, 60, 60, 60, 75, 90, 120, 240, 1500]
)
_intervals = st.sampled_from([1, 5, 7, 10, 15, 20, 30, 30, 40, 45, 60, 90, 110, 360, 1440])
_hours = st.sampled_from(
    [(0, 1439), (0, 180), (30, 225), (60, 600), (480, 1020), (535, 1201), (720, 1439), (1290, 1439), (1, 2)]
) | st.tuples(st.integers(0, 280), st.integers(1, 288)).filter(lambda pair: pair[0] < pair[1]).map(
    lambda pair: (pair[0] * 5, min(pair[1] * 5, 1439))
)
_schedulers = st.fixed_dictionaries(
    {"min_booking_notice": st.sampled_from([0, 0, 0, 0, 0, 7, 30, 60, 240, 1500, None])},
    optional={"available_days_in_future": st.sampled_from([0, 1, 2, 3, 3, 4, 5, 30, 400])},
) | st.just({})
