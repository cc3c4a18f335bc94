"""Reminders: fired by the sandbox's clock, for bookings that stand, at the times they have now."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.support.receiver import Receiver
from tests.support.worlds import ASK, DOCUMENT, INTRO, TEN, Mock
from tests.time.test_retries import advance

HOUR = 3600
RULES = [
    {"type": "webhook", "minutes_before_event": 60},
    {"type": "webhook", "minutes_before_event": 15},
    {"minutes_before_event": 5},
]


@pytest.fixture
def reminding(mock_of: Callable[[Mapping[str, Any]], Mock]) -> Callable[..., Mock]:
    def make(**more: Any) -> Mock:
        configurations = {}
        for name, entry in DOCUMENT["configurations"].items():
            event = {**entry["body"]["event_booking"], "reminders": RULES}
            configurations[name] = {**entry, "body": {**entry["body"], "event_booking": event}}
        return mock_of({**DOCUMENT, "configurations": configurations, **more})

    return make


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def reminders(mock: Mock) -> list[Mapping[str, Any]]:
    deliveries = mock.sandbox.outbox.deliveries
    return [each.notification.object for each in deliveries if each.notification.type == "booking.reminder"]


def test_reminders_fire_at_their_minutes(reminding: Callable[..., Mock]) -> None:
    mock = reminding()
    booking_id = mock.book().json["data"]["booking_id"]
    fired = advance(mock, 24 * HOUR)
    assert fired == [{"at": TEN - HOUR, "kind": "reminder", "id": booking_id}]
    fired = advance(mock, HOUR)
    assert fired == [{"at": TEN - 900, "kind": "reminder", "id": booking_id}]
    assert [each["booking_info"]["time_until_event"] for each in reminders(mock)] == [3600, 900]
    payload = reminders(mock)[0]
    assert list(payload) == ["configuration_id", "booking_id", "booking_info"]
    info = payload["booking_info"]
    assert (info["organizer_email"], info["provider"]) == ("alice@example.com", "google")
    assert advance(mock, 24 * HOUR) == []


def test_reminders_by_mail_go_to_whom_they_are_for(
    reminding: Callable[..., Mock], monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = [
        {"type": "email", "minutes_before_event": 60, "recipient": "guest", "email_subject": "See you soon"},
        {"type": "email", "minutes_before_event": 30},
    ]
    monkeypatch.setitem(globals(), "RULES", rules)
    mock = reminding()
    mock.book()
    sent = len(mock.sandbox.outbox.mails)
    assert [each["kind"] for each in advance(mock, 48 * HOUR)] == ["reminder", "reminder"]
    mails = mock.call("GET", "/_mock/mail", query={"type": "reminder"}).json["data"]
    assert len(mock.sandbox.outbox.mails) - sent == len(mails) == 3
    assert [(each["at"], each["to"]) for each in mails] == [
        (TEN - HOUR, ["gina@example.com"]),
        (TEN - 1800, ["gina@example.com"]),
        (TEN - 1800, ["alice@example.com"]),
    ]
    assert mails[0]["subject"] == "See you soon"


def test_a_moved_booking_is_reminded_of_at_its_new_time_only(reminding: Callable[..., Mock]) -> None:
    mock = reminding()
    booking_id = mock.book().json["data"]["booking_id"]
    body = {"start_time": TEN + 2 * HOUR, "end_time": TEN + 2 * HOUR + 1800}
    mock.call("PATCH", f"/v3/scheduling/bookings/{booking_id}", body, query={"configuration_id": INTRO})
    fired = advance(mock, 48 * HOUR)
    assert [each["at"] for each in fired] == [TEN + HOUR, TEN + 2 * HOUR - 900]


def test_a_cancelled_booking_is_not_reminded_of(reminding: Callable[..., Mock]) -> None:
    mock = reminding()
    booking_id = mock.book().json["data"]["booking_id"]
    mock.call("DELETE", f"/v3/scheduling/bookings/{booking_id}", query={"configuration_id": INTRO})
    assert advance(mock, 48 * HOUR) == []
    assert reminders(mock) == []


def test_a_pending_booking_is_reminded_of_once_it_is_confirmed(reminding: Callable[..., Mock]) -> None:
    mock = reminding()
    pending = mock.book(configuration=ASK).json["data"]["booking_id"]
    salt = mock.sandbox.world.bookings[pending].salt
    undecided = mock.book(TEN + 24 * HOUR, ASK)
    assert undecided.status_code == 200
    body = {"salt": salt, "status": "confirmed"}
    mock.call("PUT", f"/v3/scheduling/bookings/{pending}", body, query={"configuration_id": ASK})
    assert {each["id"] for each in advance(mock, 72 * HOUR)} == {pending}


def test_bookings_of_the_scenario_are_reminded_of(reminding: Callable[..., Mock]) -> None:
    guest = {"name": "G", "email": "g@example.com"}
    booking = {"id": ASK, "configuration": "intro", "at": "2026-03-03T10:00:00Z", "guest": guest}
    mock = reminding(bookings={"one": booking})
    assert [each["at"] for each in advance(mock, 48 * HOUR)] == [TEN - HOUR, TEN - 900]


def test_setting_the_clock_forward_passes_time_too(reminding: Callable[..., Mock]) -> None:
    mock = reminding()
    mock.book()
    body = {"mode": "shifted", "now": TEN - 30 * 60}
    response = mock.call("PATCH", "/_mock/clock", body)
    assert [each["at"] for each in response.json["fired"]] == [TEN - HOUR]
    assert response.json["mode"] == "shifted"


def test_after_a_reset_nothing_is_left(reminding: Callable[..., Mock]) -> None:
    mock = reminding()
    mock.book()
    mock.sandbox.reset()
    assert advance(mock, 48 * HOUR) == []


def test_a_booking_that_moves_there_and_back_is_reminded_of_once(reminding: Callable[..., Mock]) -> None:
    mock = reminding()
    booking_id = mock.book().json["data"]["booking_id"]
    for start in (TEN + 2 * HOUR, TEN, TEN):
        body = {"start_time": start, "end_time": start + 1800}
        path = f"/v3/scheduling/bookings/{booking_id}"
        assert mock.call("PATCH", path, body, query={"configuration_id": INTRO}).status_code == 200
    assert [each["at"] for each in advance(mock, 48 * HOUR)] == [TEN - HOUR, TEN - 900]
