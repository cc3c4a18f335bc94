"""Worlds whose mails are looked at, and what the tests of mails share."""

from collections.abc import Mapping
from typing import Any

from icalendar import Calendar, Event

from tests.support.worlds import DOCUMENT, TEN, Mock, configuration, participant

TALK = "77777777-7777-4777-8777-777777777777"
ED = {"name": "Ed", "email": "ed@example.com"}

ALICE = participant("alice@example.com", timezone="Europe/Berlin")
BOB = participant("bob@example.com", organizer=False, timezone="America/Toronto")
BY_TURNS = {
    "duration_minutes": 30,
    "availability_rules": {"availability_method": "max-fairness"},
}


def event_booking(**more: Any) -> dict[str, Any]:
    return {"title": "Talk", "timezone": "Europe/Paris", "location": "Room 1", **more}


def world(*participants: dict[str, Any], **body: Any) -> dict[str, Any]:
    """The small world with one more configuration, of Alice and Bob unless somebody else is named."""
    people = participants or (ALICE, BOB)
    talk = configuration(*people, **{"event_booking": event_booking(), **body})
    configurations = {
        **DOCUMENT["configurations"],
        "talk": {"id": TALK, "grant": "alice", "body": talk},
    }
    return {**DOCUMENT, "configurations": configurations}


def asking(**more: Any) -> dict[str, Any]:
    """The keys of a body whose bookings await the organizer's decision."""
    return {
        "event_booking": event_booking(booking_type="organizer-confirmation", **more),
        "scheduler": {
            "min_booking_notice": 0,
            "organizer_confirmation_url": "https://a.example/:booking_ref",
        },
    }


def book(mock: Mock, start: int = TEN, **more: Any) -> str:
    response = mock.book(start, TALK, **more)
    assert response.status_code == 200, response.json
    booking_id: str = response.json["data"]["booking_id"]
    return booking_id


def change(mock: Mock, method: str, booking_id: str, body: Mapping[str, Any] | None = None) -> None:
    query = {"configuration_id": TALK}
    response = mock.call(method, f"/v3/scheduling/bookings/{booking_id}", body, query=query)
    assert response.status_code == 200, response.json


def move(mock: Mock, booking_id: str, start: int, **more: Any) -> None:
    change(mock, "PATCH", booking_id, {"start_time": start, "end_time": start + 1800, **more})


def decide(mock: Mock, booking_id: str, status: str, reason: str = "") -> None:
    salt = mock.sandbox.world.bookings[booking_id].salt
    change(mock, "PUT", booking_id, {"salt": salt, "status": status, "cancellation_reason": reason})


def mails(mock: Mock) -> list[dict[str, Any]]:
    """The mailbox, as the control plane shows it."""
    response = mock.client.get("/_mock/mail")
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json["data"]
    return found


def news(mock: Mock, seen: int = 0) -> list[tuple[str, str]]:
    """Type and recipient of the mails after the first `seen`."""
    return [(each["type"], each["to"][0].partition("@")[0]) for each in mails(mock)[seen:]]


def to(mock: Mock, name: str) -> list[dict[str, Any]]:
    return [each for each in mails(mock) if each["to"] == [f"{name}@example.com"]]


def invitation(mail: Mapping[str, Any], index: int = 0) -> tuple[str, Event]:
    """Method and event of a mail's calendar attachment."""
    calendar = Calendar.from_ical(mail["attachments"][index]["body"])
    assert isinstance(calendar, Calendar)
    assert not calendar.errors
    (event,) = calendar.walk("VEVENT")
    assert isinstance(event, Event)
    assert not event.errors
    return str(calendar["METHOD"]), event
