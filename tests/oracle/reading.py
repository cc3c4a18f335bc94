"""Calendars as the oracle wants them: read from a scenario document, or from what a mock holds by now."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mockserver.domain.calendars import Event
from tests.oracle.clocks import beginning, wall
from tests.oracle.oracle import Calendars, Happening
from tests.oracle.repeating import Series
from tests.support.worlds import Mock


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
                    _series_of(event),
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
    series = None
    if "recurrence" in event:
        texts = [event["recurrence"]] if isinstance(event["recurrence"], str) else event["recurrence"]
        lines = tuple(text if ":" in text else f"RRULE:{text}" for text in texts)
        first, last = _days(event) if event.get("all_day") else (date.min, date.min)
        days = (last - first).days + 1 if event.get("all_day") else 0
        series = Series(lines, zone, start, end - start, days)
    return Happening(start, end, event.get("busy", True), event.get("status", "confirmed"), series=series)


def _series_of(event: Event) -> Series | None:
    if not event.recurrence:
        return None
    days = 0
    if event.all_day:
        days = (wall(event.timezone, event.end - 1).day - wall(event.timezone, event.start).day).days + 1
    return Series(event.recurrence, event.timezone, event.start, event.end - event.start, days)


def _days(event: Mapping[str, Any]) -> tuple[date, date]:
    """The first and the last day of an event that is all day."""
    first, last = event.get("start") or event["at"], event.get("end") or event["at"]
    return date.fromisoformat(first), date.fromisoformat(last)


def _times(event: Mapping[str, Any], zone: str) -> tuple[int, int]:
    if event.get("all_day"):
        first, last = _days(event)
        return beginning(zone, first), beginning(zone, last + timedelta(days=1))
    if "at" in event:
        start = unix(event["at"])
        return start, start + event["duration"] * 60
    return unix(event["start"]), unix(event["end"])


def as_slots(slots: Iterable[Mapping[str, Any]]) -> list[tuple[int, int, list[str]]]:
    """Slots of an answer as the oracle writes them."""
    return [(slot["start_time"], slot["end_time"], list(slot["emails"])) for slot in slots]
