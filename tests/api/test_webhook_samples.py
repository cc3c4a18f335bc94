"""Test events, sample payloads and where notifications come from."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from mockserver.contract import load_contract
from mockserver.domain.reference import decode_reference
from tests.contract.fields import SAMPLE_TRIGGER_TYPES
from tests.support.receiver import Receiver
from tests.support.worlds import API_KEY, ASK, CLIENT_ID, DOCUMENT, NOW, TEN, Mock

WEBHOOKS = "/v3/webhooks"
NOTIFICATIONS = load_contract().document["webhooks"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver("mock-webhook-secret") as receiver:
        yield receiver


def payload(mock: Mock, trigger_type: str) -> Any:
    response = mock.call("POST", f"{WEBHOOKS}/mock-payload", {"trigger_type": trigger_type}, API_KEY)
    assert response.status_code == 200, response.json
    return response.json["data"]


def shape(value: Any) -> Any:
    """The keys of an object and of what it holds, in their order."""
    if isinstance(value, dict):
        return [(key, shape(item)) for key, item in value.items() if key != "additional_fields"]
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


# --- mock payloads ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("trigger_type", NOTIFICATIONS)
@pytest.mark.parametrize("fields", ["example", "schema"])
@pytest.mark.parametrize("empty", ["filled", "blank", "null"])
def test_samples_of_bookings_keep_the_contract(
    mock_of: Callable[[Mapping[str, Any]], Mock], trigger_type: str, fields: str, empty: str
) -> None:
    dialect = {"notification_fields": fields, "empty_notification_fields": empty}
    mock = mock_of({**DOCUMENT, "dialect": dialect})
    found = payload(mock, trigger_type)
    schema = NOTIFICATIONS[trigger_type]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert load_contract().schema_violations(schema["$ref"].rpartition("/")[2], found) == []
    assert (found["type"], found["time"], found["webhook_delivery_attempt"]) == (trigger_type, NOW, 1)
    assert found["data"]["application_id"] == CLIENT_ID
    info = found["data"]["object"]["booking_info"]
    assert (info["participants"] is None) == (empty == "null")
    assert info["title"] == ("[PENDING] Intro call" if trigger_type == "booking.pending" else "Intro call")
    assert ("host_confirmation_url" in info) == (trigger_type == "booking.pending")


def test_samples_have_the_shape_of_what_is_really_sent(mock: Mock, receiver: Receiver) -> None:
    body = {"trigger_types": list(NOTIFICATIONS), "webhook_url": receiver.url}
    assert mock.call("POST", WEBHOOKS, body, API_KEY).status_code == 200
    direct = mock.book().json["data"]["booking_id"]
    mock.book(TEN + 3600, ASK)
    path, query = (
        f"/v3/scheduling/bookings/{direct}",
        {"configuration_id": DOCUMENT["configurations"]["intro"]["id"]},
    )
    mock.call("PATCH", path, {"start_time": TEN + 7200, "end_time": TEN + 9000}, query=query)
    mock.call("DELETE", path, query=query)
    for delivery in receiver.wait_for(4):
        assert shape(payload(mock, delivery.json["type"])) == shape(delivery.json)


def test_a_sample_s_reference_can_be_unpacked(mock: Mock) -> None:
    told = payload(mock, "booking.created")["data"]["object"]
    reference = decode_reference(told["booking_ref"])
    assert (reference.configuration_id, reference.booking_id) == (
        told["configuration_id"],
        told["booking_id"],
    )
    assert told["booking_info"]["participant_cancellation_url"].endswith(told["booking_ref"])


def test_samples_are_always_the_same_and_leave_no_trace(mock: Mock) -> None:
    before = mock.snapshot()
    assert payload(mock, "booking.reminder") == payload(mock, "booking.reminder")
    assert payload(mock, "booking.reminder")["data"]["object"]["booking_info"]["time_until_event"] == 3600
    assert mock.snapshot() == before
    booked = mock.book().json["data"]
    mock.sandbox.reset()
    assert mock.book().json["data"] == booked, "samples draw from none of the world's ids"


@pytest.mark.parametrize("trigger_type", SAMPLE_TRIGGER_TYPES.split())
def test_samples_of_other_things_only_name_themselves(mock: Mock, trigger_type: str) -> None:
    found = payload(mock, trigger_type)
    assert load_contract().schema_violations("NotificationEnvelope", found) == []
    assert found["type"] == trigger_type
    told = found["data"]["object"]
    kind = trigger_type.partition(".")[0]
    assert set(told) == ({"grant_id", "provider"} if kind == "grant" else {"object", "grant_id", "id"})
    assert told.get("object", "grant") == kind


# --- test events ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trigger_type", [*NOTIFICATIONS, "event.created", None])
def test_a_test_event_arrives_signed_with_the_fixed_secret(
    mock: Mock, receiver: Receiver, trigger_type: str | None
) -> None:
    before = mock.snapshot()
    asked = {"webhook_url": receiver.url, **({"trigger_type": trigger_type} if trigger_type else {})}
    response = mock.call("POST", f"{WEBHOOKS}/send-test-event", asked, API_KEY)
    assert (response.status_code, response.json["data"]) == (200, "success")
    assert mock.snapshot() == before
    (delivery,) = receiver.received
    assert delivery.verified
    assert receiver.challenges == []
    expected = payload(mock, trigger_type or "booking.created")
    assert delivery.json == {**expected, "id": delivery.json["id"]}
    assert delivery.body == json.dumps(delivery.json, separators=(",", ":"), ensure_ascii=False).encode()
    mock.call("POST", f"{WEBHOOKS}/send-test-event", asked, API_KEY)
    assert receiver.received[1].json["id"] != delivery.json["id"]


def test_a_receiver_may_call_back_while_it_is_tried(mock: Mock, receiver: Receiver) -> None:
    seen: list[int] = []
    receiver.on_delivery = lambda delivery: seen.append(mock.book().status_code)
    asked = {"webhook_url": receiver.url, "trigger_type": "booking.created"}
    assert mock.call("POST", f"{WEBHOOKS}/send-test-event", asked, API_KEY).status_code == 200
    assert seen == [200]


@pytest.mark.parametrize(
    ("manner", "status", "expected"),
    [
        ("answer", 500, "status is not ok, got 500"),
        ("answer", 204, "status is not ok, got 204"),
        ("redirect", 200, "status is not ok, got 302"),
        ("close", 200, "could not connect"),
    ],
)
def test_a_receiver_that_fails_is_told_of(
    mock: Mock, receiver: Receiver, manner: Any, status: int, expected: str
) -> None:
    receiver.manner, receiver.status = manner, status
    asked = {"webhook_url": receiver.url, "trigger_type": "booking.created"}
    refused = mock.call("POST", f"{WEBHOOKS}/send-test-event", asked, API_KEY)
    assert refused.status_code == 400
    assert refused.json["error"] == {"type": "70005", "message": f"unable.verify.webhook_url : {expected}"}
    assert (len(receiver.received), receiver.strays) == (1, [])


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://user:word@127.0.0.1/"])
def test_where_nothing_is_sent_to(mock: Mock, url: str) -> None:
    asked = {"webhook_url": url, "trigger_type": "booking.created"}
    refused = mock.call("POST", f"{WEBHOOKS}/send-test-event", asked, API_KEY)
    assert (refused.status_code, refused.json["error"]["type"]) == (400, "70005")


@pytest.mark.parametrize("path", ["send-test-event", "mock-payload"])
@pytest.mark.parametrize("trigger_type", ["booking.moved", "message.deleted", "notetaker.media", 7, []])
def test_other_trigger_types_are_refused(
    mock: Mock, receiver: Receiver, path: str, trigger_type: Any
) -> None:
    asked = {"webhook_url": receiver.url, "trigger_type": trigger_type}
    refused = mock.call("POST", f"{WEBHOOKS}/{path}", asked, API_KEY)
    assert (refused.status_code, refused.json["error"]["type"]) == (400, "invalid_request_error")
    assert "trigger_type: expected one of" in refused.json["error"]["message"]
    assert "booking.created" in refused.json["error"]["message"]
    assert receiver.received == []


# --- where notifications come from ------------------------------------------------------------------------


def test_addresses(mock: Mock) -> None:
    found = mock.call("GET", f"{WEBHOOKS}/ip-addresses", key=API_KEY).json["data"]
    assert found == {"ip_addresses": ["127.0.0.1"], "updated_at": NOW}
