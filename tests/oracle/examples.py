"""Worlds for examples worked by hand, and a question that the mock and the oracle have to answer alike."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.clocks import wall
from tests.oracle.mocks import Traveller, opinion
from tests.oracle.oracle import Calendars
from tests.oracle.reading import calendars_of, unix
from tests.oracle.strategies import World
from tests.support.worlds import DOCUMENT, INTRO

TUESDAY = "2026-03-03"
MONDAY_MORNING = "2026-03-02T09:00:00Z"
EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]


def moment(text: str, zone: str = "UTC") -> int:
    """Unix seconds of a local time; the first of two."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def hours(start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"start": start, "end": end, **more}


def event(start: str, end: str, day: str = TUESDAY, **more: Any) -> dict[str, Any]:
    return {"start": f"{day}T{start}:00Z", "end": f"{day}T{end}:00Z", **more}


def person(name: str, *blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Somebody who is open in the given blocks, or always, and can be booked."""
    return {
        "email": f"{name}@example.com",
        "name": name.title(),
        "availability": {"calendar_ids": ["primary"], **({"open_hours": list(blocks)} if blocks else {})},
        "booking": {"calendar_id": "primary"},
        **more,
    }


def organizer(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return person("alice", *blocks, is_organizer=True, **more)


def body(*people: dict[str, Any], zone: str | None = "UTC", **availability: Any) -> dict[str, Any]:
    """A configuration of 30 minutes without notice; keyword arguments go into `availability`."""
    return {
        "participants": list(people),
        "availability": {"duration_minutes": 30, **availability},
        "event_booking": {"title": "Intro", **({"timezone": zone} if zone else {})},
        "scheduler": {"min_booking_notice": 0},
    }


def world(
    configuration: dict[str, Any],
    events: dict[str, list[dict[str, Any]]] | None = None,
    now: str = MONDAY_MORNING,
    slot_grid: str = "midnight",
    calendar_zone: str = "UTC",
) -> World:
    """A world in which the people of the configuration have one calendar each, with events by name."""
    names = [each["email"].partition("@")[0] for each in configuration["participants"]]
    grants = {
        name: {
            "email": f"{name}@example.com",
            "calendars": {
                "main": {
                    "id": f"{name}-main",
                    "primary": True,
                    "timezone": calendar_zone,
                    "events": (events or {}).get(name, []),
                }
            },
        }
        for name in names
    }
    document = {
        **DOCUMENT,
        "clock": {"mode": "frozen", "now": now},
        "dialect": {"slot_grid": slot_grid},
        "grants": grants,
        "configurations": {"intro": {"id": INTRO, "grant": names[0], "body": configuration}},
    }
    return World(document, unix(now), 0, 0)


def offered(
    mock: Traveller, place: World, day: str = TUESDAY, zone: str = "UTC", calendars: Calendars | None = None
) -> list[str]:
    """What both offer on a local day, by the zone's wall clock. Without calendars the world begins."""
    if calendars is None:
        mock.enter(place)
        calendars = calendars_of(place.document)
    start = moment(day, zone)
    end = moment((date.fromisoformat(day) + timedelta(days=1)).isoformat(), zone)
    answer = mock.answer(start, end)
    assert answer == opinion(place, calendars, start, end)
    return [shown(at, zone) for at in answer.starts]


def shown(at: int, zone: str) -> str:
    minute = wall(zone, at).minute
    return f"{minute // 60:02}:{minute % 60:02}"


def half_hours(first: str, last: str) -> list[str]:
    """Times of day, every half hour, both ends included."""
    begin, until = (int(text[:2]) * 60 + int(text[3:]) for text in (first, last))
    return [f"{at // 60:02}:{at % 60:02}" for at in range(begin, until + 1, 30)]
