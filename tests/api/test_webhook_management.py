"""Webhooks changed, paused, resumed and given another secret."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mockserver.api.webhooks import ROOM
from mockserver.delivery import challenge
from mockserver.sandbox.waiting import WaitingRoom
from tests.support.receiver import Receiver
from tests.support.worlds import API_KEY, NOW, TEN, Mock

WEBHOOKS = "/v3/webhooks"
UNVERIFIED = "unable.verify.webhook_url : "
MINUTE = 60


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def other() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def created(mock: Mock, receiver: Receiver) -> dict[str, Any]:
    """A webhook of `receiver`, a minute old, that is told of new bookings."""
    body = {"trigger_types": ["booking.created"], "webhook_url": receiver.url, "description": "Shop"}
    response = mock.call("POST", WEBHOOKS, body, API_KEY)
    assert response.status_code == 200, response.json
    data: dict[str, Any] = response.json["data"]
    receiver.trust(data["webhook_secret"])
    mock.sandbox.clock.advance(MINUTE)
    return data


def put(mock: Mock, webhook: dict[str, Any], **body: Any) -> TestResponse:
    return mock.call("PUT", f"{WEBHOOKS}/{webhook['id']}", body, API_KEY)


def read(mock: Mock, webhook: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = mock.call("GET", f"{WEBHOOKS}/{webhook['id']}", key=API_KEY).json["data"]
    return data


def error(response: TestResponse) -> tuple[int, str, str]:
    found = response.json["error"]
    return response.status_code, found["type"], found["message"]


# --- changes ----------------------------------------------------------------------------------------------


def test_what_is_named_changes_and_the_rest_stays(
    mock: Mock, receiver: Receiver, created: dict[str, Any]
) -> None:
    before = read(mock, created)
    change = {
        "trigger_types": ["booking.cancelled", "event.created"],
        "notification_email_addresses": ["ops@example.com"],
        "compressed_delivery": True,
    }
    changed = put(mock, created, **change).json["data"]
    assert changed == {**before, **change, "updated_at": NOW + MINUTE}
    assert read(mock, created) == changed
    assert len(receiver.challenges) == 1

    cleared = put(mock, created, description="", notification_email_addresses=[]).json["data"]
    assert (cleared["description"], cleared["notification_email_addresses"]) == ("", [])
    kept = put(mock, created, description=None, trigger_types="", status=None, webhook_url="").json["data"]
    assert kept == cleared


def test_a_paused_webhook_gets_nothing_and_nothing_later(
    mock: Mock, receiver: Receiver, created: dict[str, Any]
) -> None:
    paused = put(mock, created, status="pause").json["data"]
    assert (paused["status"], paused["status_updated_at"]) == ("pause", NOW + MINUTE)
    assert len(receiver.challenges) == 1, "pausing asks nobody"
    assert mock.book(TEN).status_code == 200
    mock.sandbox.clock.advance(MINUTE)

    resumed = put(mock, created, status="active").json["data"]
    assert (resumed["status"], resumed["status_updated_at"]) == ("active", NOW + 2 * MINUTE)
    assert len(receiver.challenges) == 2
    assert receiver.challenges[0] != receiver.challenges[1]
    later = mock.book(TEN + 3600).json["data"]["booking_id"]
    assert mock.sandbox.outbox.drain(10)
    assert [each.json["data"]["object"]["booking_id"] for each in receiver.received] == [later]


def test_the_guide_s_word_for_pausing_is_understood(mock: Mock, created: dict[str, Any]) -> None:
    assert put(mock, created, status="inactive").json["data"]["status"] == "pause"


def test_activating_asks_again_and_the_status_keeps_its_age(
    mock: Mock, receiver: Receiver, created: dict[str, Any]
) -> None:
    again = put(mock, created, status="active").json["data"]
    assert len(receiver.challenges) == 2
    assert (again["status_updated_at"], again["updated_at"]) == (NOW, NOW + MINUTE)


@pytest.mark.parametrize("status", [None, "pause", "active"])
def test_a_new_url_has_to_pass_the_challenge_whatever_the_status(
    mock: Mock, receiver: Receiver, other: Receiver, created: dict[str, Any], status: str | None
) -> None:
    change = {"webhook_url": other.url, **({"status": status} if status else {})}
    changed = put(mock, created, **change).json["data"]
    assert (changed["webhook_url"], changed["status"]) == (other.url, status or "active")
    assert (len(receiver.challenges), len(other.challenges)) == (1, 1)
    other.trust(created["webhook_secret"])
    mock.book()
    assert mock.sandbox.outbox.drain(10)
    assert receiver.received == []
    assert [each.verified for each in other.received] == ([] if status == "pause" else [True])


def test_the_same_url_needs_no_challenge(mock: Mock, receiver: Receiver, created: dict[str, Any]) -> None:
    assert put(mock, created, webhook_url=receiver.url, description="x").status_code == 200
    assert len(receiver.challenges) == 1


def test_a_failed_challenge_changes_nothing(
    mock: Mock, receiver: Receiver, other: Receiver, created: dict[str, Any]
) -> None:
    put(mock, created, status="pause")
    before = mock.snapshot()
    receiver.status = other.status = 404
    for change in ({"status": "active"}, {"webhook_url": other.url}):
        refused = put(mock, created, description="lost", **change)
        assert error(refused) == (400, "70005", UNVERIFIED + "status is not ok, got 404")
    receiver.status, receiver.challenge = 200, "quoted"
    type, message = error(put(mock, created, status="active"))[1:]
    assert (type, message.startswith(UNVERIFIED + "unable to verify webhook URL")) == ("70005", True)
    receiver.manner = "close"
    assert error(put(mock, created, status="active"))[2] == UNVERIFIED + "could not connect"
    assert mock.snapshot() == before


def test_a_receiver_may_call_back_during_the_challenge(
    mock: Mock, receiver: Receiver, created: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what it removes meanwhile isn't there any more."""
    genuine = challenge.verify

    def removing(url: str, nonce: str) -> None:
        genuine(url, nonce)
        gone = mock.call("DELETE", f"{WEBHOOKS}/{created['id']}", key=API_KEY)
        assert gone.status_code == 200

    monkeypatch.setattr(challenge, "verify", removing)
    assert error(put(mock, created, status="active"))[:2] == (400, "70000")
    assert mock.sandbox.world.webhooks == {}


def test_a_webhook_the_provider_had_given_up_can_be_activated(mock: Mock, created: dict[str, Any]) -> None:
    with mock.sandbox.transaction() as tx:
        tx.world.webhooks.put(created["id"], replace(tx.world.webhooks[created["id"]], status="failed"))
    assert put(mock, created, description="x").json["data"]["status"] == "failed"
    assert put(mock, created, status="active").json["data"]["status"] == "active"


# --- the secret -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "rotate-secret/{}", None), ("POST", "rotate-secret/{}", {}), ("PUT", "{}/rotate-secret", {})],
)
def test_a_new_secret_signs_at_once_and_the_old_one_no_more(
    mock: Mock, receiver: Receiver, created: dict[str, Any], method: str, path: str, body: Any
) -> None:
    before = read(mock, created)
    rotated = mock.call(method, f"{WEBHOOKS}/{path.format(created['id'])}", body, API_KEY).json["data"]
    secret = rotated.pop("webhook_secret")
    assert secret != created["webhook_secret"]
    assert len(secret) == 20
    assert rotated == read(mock, created) == {**before, "updated_at": NOW + MINUTE}
    mock.book()
    (delivery,) = receiver.wait_for(1)
    assert not delivery.verified
    receiver.secrets[:] = [secret]
    assert delivery.verified


# --- refusals ---------------------------------------------------------------------------------------------


def test_unknown_webhooks_are_told_in_the_documented_words(mock: Mock) -> None:
    for method, path in (
        ("PUT", "nobody"),
        ("POST", "rotate-secret/nobody"),
        ("PUT", "nobody/rotate-secret"),
        ("PUT", "ip-addresses"),
        ("GET", "mock-payload"),
    ):
        response = mock.call(method, f"{WEBHOOKS}/{path}", {} if method == "PUT" else None, API_KEY)
        assert error(response) == (400, "70000", "destination.id.not.found : record not found")


@pytest.mark.parametrize(
    "change",
    [
        {"status": "failing"},
        {"status": "paused"},
        {"status": 1},
        {"trigger_types": []},
        {"trigger_types": ["booking.moved"]},
        {"webhook_url": "ftp://example.com"},
        {"webhook_url": 7},
        {"description": 7},
        {"compressed_delivery": "yes"},
        {"notification_email_addresses": "me"},
    ],
)
def test_changes_of_other_shapes_are_refused(
    mock: Mock, receiver: Receiver, created: dict[str, Any], change: dict[str, Any]
) -> None:
    before = mock.snapshot()
    status, type, message = error(put(mock, created, **change))
    assert (status, type) == (400, "invalid_request_error")
    assert next(iter(change)) in message
    assert mock.snapshot() == before
    assert len(receiver.challenges) == 1


def test_an_empty_url_is_told_in_the_documented_words(mock: Mock) -> None:
    for path, body in (
        (WEBHOOKS, {"trigger_types": ["booking.created"]}),
        (f"{WEBHOOKS}/send-test-event", {}),
    ):
        refused = mock.call("POST", path, {**body, "webhook_url": ""}, API_KEY)
        assert error(refused) == (400, "70005", UNVERIFIED + "input webhook url is empty")


def test_one_url_may_have_two_webhooks(mock: Mock, receiver: Receiver, created: dict[str, Any]) -> None:
    body = {"trigger_types": ["booking.created"], "webhook_url": receiver.url}
    second = mock.call("POST", WEBHOOKS, body, API_KEY).json["data"]
    assert second["id"] != created["id"]
    receiver.trust(second["webhook_secret"])
    mock.book()
    first, again = receiver.wait_for(2)
    assert (first.verified, again.verified) == (True, True)
    assert first.json["id"] == again.json["id"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "x"),
        ("POST", "rotate-secret/x"),
        ("PUT", "x/rotate-secret"),
        ("POST", "send-test-event"),
        ("POST", "mock-payload"),
        ("GET", "ip-addresses"),
    ],
)
def test_everything_needs_the_api_key(mock: Mock, method: str, path: str) -> None:
    for key in (None, "nyk_wrong"):
        assert error(mock.call(method, f"{WEBHOOKS}/{path}", {}, key))[:2] == (401, "unauthorized")


# --- a reset meanwhile --------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["create", "update"])
def test_a_reset_during_the_challenge_leaves_the_new_world_alone(
    mock: Mock, created: dict[str, Any], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(challenge, "verify", lambda *_: mock.sandbox.reset())
    if change == "create":
        body = {"trigger_types": ["booking.created"], "webhook_url": created["webhook_url"]}
        response = mock.call("POST", WEBHOOKS, body, API_KEY)
    else:
        response = put(mock, created, status="active")
    assert error(response)[:2] == (401, "unauthorized")
    assert len(mock.sandbox.world.webhooks) == 0


# --- no seat ------------------------------------------------------------------------------------------------


def test_who_finds_no_seat_to_wait_for_a_receiver_is_refused(
    mock: Mock, receiver: Receiver, created: dict[str, Any]
) -> None:
    room = WaitingRoom(threading.Event(), seats=1)
    mock.app.flask.extensions[ROOM] = room
    body = {"trigger_types": ["booking.created"], "webhook_url": receiver.url}
    sample = {"trigger_type": "booking.created", "webhook_url": receiver.url}
    with room.seat():
        answers = [
            mock.call("POST", WEBHOOKS, body, API_KEY),
            put(mock, created, status="active"),
            mock.call("POST", f"{WEBHOOKS}/send-test-event", sample, API_KEY),
        ]
        assert put(mock, created, description="nobody is asked").status_code == 200
    assert [error(each)[:2] for each in answers] == [(429, "rate_limit_error")] * 3
    assert (len(receiver.challenges), receiver.received) == (1, [])
    assert mock.call("POST", WEBHOOKS, body, API_KEY).status_code == 200
    assert put(mock, created, status="active").status_code == 200, "the seat is free again"


def test_the_seats_are_those_of_everybody_who_waits(mock: Mock) -> None:
    assert mock.app.flask.extensions[ROOM] is mock.app.flask.extensions["mockserver.control"].room
