"""Webhook destinations, and the notifications that reach them."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from mockserver.contract import load_contract
from tests.support.receiver import Receiver
from tests.support.worlds import ALICE, API_KEY, ASK, CLIENT_ID, DOCUMENT, INTRO, NOW, TEN, Mock

WEBHOOKS = "/v3/webhooks"
BOOKING_TRIGGERS = [
    "booking.created",
    "booking.pending",
    "booking.rescheduled",
    "booking.cancelled",
    "booking.reminder",
]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def subscribe(mock: Mock, receiver: Receiver, **more: Any) -> dict[str, Any]:
    body = {"trigger_types": BOOKING_TRIGGERS, "webhook_url": receiver.url, **more}
    response = mock.call("POST", WEBHOOKS, body, API_KEY)
    assert response.status_code == 200, response.json
    receiver.trust(response.json["data"]["webhook_secret"])
    data: dict[str, Any] = response.json["data"]
    return data


def test_the_life_of_a_webhook(mock: Mock, receiver: Receiver) -> None:
    created = subscribe(mock, receiver, description="Shop")
    assert len(receiver.challenges) == 1
    assert created["status"] == "active"
    one = f"{WEBHOOKS}/{created['id']}"
    shown = mock.call("GET", one, key=API_KEY).json["data"]
    assert "webhook_secret" not in shown
    assert shown["created_at"] == NOW
    assert mock.call("GET", WEBHOOKS, key=API_KEY).json["data"] == [shown]
    assert mock.call("DELETE", one, key=API_KEY).json["data"] == {"status": "success"}
    for method in ("GET", "DELETE"):
        gone = mock.call(method, one, key=API_KEY)
        assert (gone.status_code, gone.json["error"]["type"]) == (400, "70000")
        assert gone.json["error"]["message"] == "destination.id.not.found : record not found"


def test_a_webhook_that_fails_the_challenge_is_not_made(mock: Mock, receiver: Receiver) -> None:
    receiver.challenge = "wrong"
    body = {"trigger_types": ["booking.created"], "webhook_url": receiver.url}
    refused = mock.call("POST", WEBHOOKS, body, API_KEY)
    assert (refused.status_code, refused.json["error"]["type"]) == (400, "70005")
    receiver.challenge, receiver.status = "right", 404
    refused = mock.call("POST", WEBHOOKS, body, API_KEY)
    assert refused.json["error"]["message"] == "unable.verify.webhook_url : status is not ok, got 404"
    assert mock.call("GET", WEBHOOKS, key=API_KEY).json["data"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"trigger_types": []},
        {"trigger_types": ["booking.unheard_of"]},
        {"trigger_types": "booking.created"},
        {"webhook_url": None},
        {"webhook_url": 7},
        {"notification_email_addresses": "me"},
    ],
)
def test_bodies_of_other_shapes_are_refused(mock: Mock, receiver: Receiver, change: dict[str, Any]) -> None:
    body = {"trigger_types": ["booking.created"], "webhook_url": receiver.url, **change}
    assert mock.call("POST", WEBHOOKS, body, API_KEY).status_code == 400
    assert receiver.challenges == []


@pytest.mark.parametrize("compressed", [False, True])
def test_notifications_arrive_signed_with_what_happened(
    mock: Mock, receiver: Receiver, compressed: bool
) -> None:
    subscribe(mock, receiver, compressed_delivery=compressed)
    booking = mock.book().json["data"]
    (delivery,) = receiver.wait_for(1)
    assert delivery.verified
    assert delivery.headers["content-type"] == "application/json"
    payload = delivery.json
    assert list(payload) == [
        "specversion",
        "type",
        "source",
        "id",
        "time",
        "webhook_delivery_attempt",
        "data",
    ]
    assert payload["time"] == NOW
    assert (payload["data"]["application_id"], payload["data"]["grant_id"]) == (CLIENT_ID, ALICE)
    assert payload["data"]["object"]["booking_id"] == booking["booking_id"]
    if not compressed:
        compact = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()
        assert delivery.body == compact


def life(mock: Mock, receiver: Receiver) -> dict[str, dict[str, Any]]:
    """The payloads of a life that announces everything but reminders, by trigger."""
    pending = mock.book(TEN, ASK, timezone="Europe/Paris").json["data"]
    query = {"configuration_id": ASK}
    path = f"/v3/scheduling/bookings/{pending['booking_id']}"
    salt = mock.sandbox.world.bookings[pending["booking_id"]].salt
    mock.call("PUT", path, {"salt": salt, "status": "confirmed"}, query=query)
    mock.call("PATCH", path, {"start_time": TEN + 3600, "end_time": TEN + 5400}, query=query)
    mock.call("DELETE", path, {"cancellation_reason": "ill"}, query=query)
    deliveries = receiver.wait_for(4)
    assert all(delivery.verified for delivery in deliveries)
    assert [each.json["type"] for each in deliveries] == [
        "booking.pending",
        "booking.created",
        "booking.rescheduled",
        "booking.cancelled",
    ]
    for each in deliveries:
        schema = load_contract().document["webhooks"][each.json["type"]]["post"]["requestBody"]["content"]
        name = schema["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert load_contract().schema_violations(name, each.json) == []
    return {each.json["type"]: each.json["data"]["object"] for each in deliveries}


COMMON = [
    "participants",
    "additional_fields",
    "hide_cancellation_options",
    "hide_rescheduling_options",
    "participant_rescheduling_url",
    "participant_cancellation_url",
    "host_language",
    "guest_language",
    "title",
    "duration",
    "location",
    "organizer_timezone",
    "guest_timezone",
    "is_group_event",
    "organizer_calendar_id",
]
EVENT = ["event_description", "event_html_link", "ical_uid"]
TIMES = ["event_id", "start_time", "end_time"]


def test_fields_stand_in_the_documented_order(mock: Mock, receiver: Receiver) -> None:
    subscribe(mock, receiver)
    objects = life(mock, receiver)
    outer = {trigger: [key for key in each if key != "booking_info"] for trigger, each in objects.items()}
    assert outer == {
        "booking.pending": ["configuration_id", "booking_id", "booking_ref", "booking_type"],
        "booking.created": ["booking_id", "booking_ref", "configuration_id", "object"],
        "booking.rescheduled": ["booking_id", "booking_ref", "configuration_id", "object"],
        "booking.cancelled": ["configuration_id", "booking_id"],
    }
    inner = {trigger: list(each["booking_info"]) for trigger, each in objects.items()}
    assert inner == {
        "booking.pending": [*TIMES, *COMMON, *EVENT, "host_confirmation_url"],
        "booking.created": [*TIMES, *COMMON, *EVENT, "host_confirmation_url"],
        "booking.rescheduled": [*TIMES, "old_start_time", "old_end_time", *COMMON],
        "booking.cancelled": [*TIMES, "cancellation_reason", *COMMON, *EVENT],
    }
    info = objects["booking.pending"]["booking_info"]
    reference = objects["booking.pending"]["booking_ref"]
    assert info["title"] == "[PENDING] Ask first"
    assert objects["booking.created"]["booking_info"]["title"] == "Ask first"
    assert info["host_confirmation_url"] == f"https://example.com/confirm/{reference}"
    assert info["participant_cancellation_url"] == f"http://localhost:8080/cancel/{reference}"
    assert info["guest_timezone"] == "Europe/Paris"
    assert info["organizer_calendar_id"] == "primary"
    assert info["participants"] == [
        {"email": "alice@example.com", "name": "Alice"},
        {"email": "gina@example.com", "name": "Gina Guest"},
    ]
    assert objects["booking.cancelled"]["booking_info"]["cancellation_reason"] == "ill"


def test_dialects_of_notifications(receiver: Receiver, mock_of: Callable[[Mapping[str, Any]], Mock]) -> None:
    dialect = {"notification_fields": "schema", "empty_notification_fields": "null"}
    mock = mock_of({**DOCUMENT, "dialect": dialect})
    subscribe(mock, receiver)
    info = life(mock, receiver)["booking.rescheduled"]["booking_info"]
    assert set(EVENT) < set(info)
    assert info["participants"] is info["additional_fields"] is None
    mock.sandbox.dialect = mock.sandbox.dialect.changed({"empty_notification_fields": "blank"})
    mock.book(TEN + 7200)
    info = receiver.wait_for(5)[-1].json["data"]["object"]["booking_info"]
    assert (info["location"], info["guest_timezone"]) == ("", "")
    assert "host_confirmation_url" not in info


def test_only_what_was_asked_for_is_sent_and_refusals_tell_nobody(mock: Mock, receiver: Receiver) -> None:
    subscribe(mock, receiver, trigger_types=["booking.cancelled"])
    booking_id = mock.book().json["data"]["booking_id"]
    assert mock.book().status_code == 400
    query = {"configuration_id": INTRO}
    mock.call("DELETE", f"/v3/scheduling/bookings/{booking_id}", query=query)
    assert mock.sandbox.outbox.drain(10)
    assert [each.json["type"] for each in receiver.wait_for(1)] == ["booking.cancelled"]


def test_after_a_reset_nothing_of_the_old_world_arrives(mock: Mock, receiver: Receiver) -> None:
    subscribe(mock, receiver)
    receiver.manner = "hang"
    for step in range(3):
        mock.book(TEN + step * 1800)
    receiver.wait_for(1)
    receiver.release()
    mock.sandbox.reset()
    arrived = len(receiver.received)
    assert mock.sandbox.outbox.drain(10)
    assert mock.sandbox.world.bookings == {}
    assert len(receiver.received) == arrived


def test_booking_does_not_wait_for_a_receiver_that_hangs(mock: Mock, receiver: Receiver) -> None:
    subscribe(mock, receiver)
    receiver.manner = "hang"
    first = mock.book()
    receiver.wait_for(1)  # it has the notification and holds on to it
    second = mock.book(TEN + 3600)
    assert (first.status_code, second.status_code) == (200, 200)
    assert [each.status for each in mock.sandbox.outbox.deliveries] == ["queued", "queued"]
    receiver.release()
    assert mock.sandbox.outbox.drain(10)
    assert [each.status for each in mock.sandbox.outbox.deliveries] == ["delivered", "delivered"]


def test_a_receiver_may_call_back_while_it_is_told(mock: Mock, receiver: Receiver) -> None:
    seen: list[int] = []
    receiver.on_delivery = lambda delivery: seen.append(mock.book(TEN + 3600).status_code)
    subscribe(mock, receiver, trigger_types=["booking.created"])
    mock.book()
    receiver.wait_for(2)
    assert seen[0] == 200
