"""Calendars as the oracle wants them: read from a scenario document, or from what a mock holds by now."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.oracle.oracle import Calendars, Happening, wall
from tests.support.worlds import Mock

QUARTER = 900


def unix(text: str) -> int:
    """Unix seconds of an RFC 3339 time."""
    return int(datetime.fromisoformat(text).timestamp())


def calendars_of(document: Mapping[str, Any]) -> Calendars:
    """The calendars of a scenario whose grants name all calendar ids and give times as text."""
    found: dict[str, dict[str, list[Happening]]] = {}
    for grant in document["grants"].values():
        calendars = found.setdefault(grant["email"].lower(), {"primary": []})
        for calendar in grant.get("calendars", {}).values():
            events = [_happening(event, calendar["timezone"]) for event in calendar["events"]]
            calendars[calendar["id"]] = events
            if calendar.get("primary"):
                calendars["primary"] = events
    return found


def calendars_in(mock: Mock) -> Calendars:
    """The calendars of a mock as they are now, bookings included."""
    found: dict[str, dict[str, list[Happening]]] = {}
    for grant in mock.sandbox.world.grants.values():
        calendars = found.setdefault(grant.email.lower(), {})
        for calendar in grant.calendars.values():
            events = [
                Happening(
                    event.start,
                    event.end,
                    event.busy,
                    event.status,
                    event.metadata.get("key5", ""),
                    event.id,
                )
                for event in calendar.events
            ]
            for calendar_id in [calendar.id, *(["primary"] if calendar.primary else [])]:
                calendars[calendar_id] = events
    return found


def events_of(mock: Mock, booking_id: str) -> frozenset[str]:
    """The ids of a booking's events."""
    return frozenset(place.event_id for place in mock.sandbox.world.bookings[booking_id].places)


def instant(seconds: int) -> str:
    """RFC 3339, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _happening(event: Mapping[str, Any], zone: str) -> Happening:
    start, end = _times(event, zone)
    return Happening(start, end, event.get("busy", True), event.get("status", "confirmed"))


def _times(event: Mapping[str, Any], zone: str) -> tuple[int, int]:
    if event.get("all_day"):
        first, last = event.get("start") or event["at"], event.get("end") or event["at"]
        return _beginning(first, zone), _beginning(last, zone, days_later=1)
    if "at" in event:
        start = unix(event["at"])
        return start, start + event["duration"] * 60
    return unix(event["start"]), unix(event["end"])


def _beginning(text: str, zone: str, days_later: int = 0) -> int:
    """The first moment of a local day, found by waiting for it; every offset is of whole quarters."""
    day = date.fromisoformat(text) + timedelta(days=days_later)
    moment = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - 2 * 86_400
    while wall(zone, moment).day < day:
        moment += QUARTER
    return moment


def as_slots(slots: Iterable[Mapping[str, Any]]) -> list[tuple[int, int, list[str]]]:
    """Slots of an answer as the oracle writes them."""
    return [(slot["start_time"], slot["end_time"], list(slot["emails"])) for slot in slots]
