"""Retries of deliveries in sandbox time: when, how often, and what ends them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from mockserver.sandbox import Delivery
from tests.support.receiver import Receiver
from tests.support.worlds import API_KEY, DOCUMENT, INTRO, NOW, TEN, Mock

MINUTE = 60


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def subscribed(mock: Mock, receiver: Receiver) -> str:
    body = {"trigger_types": ["booking.created", "booking.cancelled"], "webhook_url": receiver.url}
    data = mock.call("POST", "/v3/webhooks", body, API_KEY).json["data"]
    receiver.trust(data["webhook_secret"])
    return str(data["id"])


def settled(mock: Mock) -> Delivery:
    """The latest delivery, once nothing is in flight."""
    assert mock.sandbox.outbox.drain(10)
    return mock.sandbox.outbox.deliveries[-1]


def advance(mock: Mock, seconds: int) -> list[dict[str, Any]]:
    body = {"advance": f"PT{seconds}S"}
    response = mock.call("PATCH", "/_mock/clock", body)
    assert response.status_code == 200, response.json
    fired: list[dict[str, Any]] = response.json["fired"]
    return fired


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504, 507])
def test_three_attempts_the_last_ten_to_twenty_minutes_after_the_first(
    mock: Mock, receiver: Receiver, status: int
) -> None:
    subscribed(mock, receiver)
    receiver.status = status
    mock.book()
    delivery = settled(mock)
    assert (delivery.status, len(receiver.received)) == ("retrying", 1)
    assert delivery.next_attempt_at is not None
    fired = advance(mock, 3600)
    assert [each["kind"] for each in fired] == ["delivery", "delivery"]
    assert {each["id"] for each in fired} == {delivery.notification.id}
    assert settled(mock).status == "failed"
    at = [attempt.at for attempt in delivery.attempts]
    assert at == [NOW, *(each["at"] for each in fired)]
    assert at[1] - at[0] < at[2] - at[1]
    assert 10 * MINUTE <= at[2] - at[0] <= 20 * MINUTE
    payloads = [each.json for each in receiver.received]
    assert [each["webhook_delivery_attempt"] for each in payloads] == [1, 2, 3]
    assert len({each["id"] for each in payloads}) == 1
    assert all(each.verified for each in receiver.received)
    assert advance(mock, 86_400) == []


@pytest.mark.parametrize("status", [201, 204, 301, 400, 401, 404, 409, 410, 500, 501])
def test_other_statuses_are_final(mock: Mock, receiver: Receiver, status: int) -> None:
    subscribed(mock, receiver)
    receiver.status = status
    mock.book()
    assert settled(mock).status == "failed"
    assert advance(mock, 86_400) == []
    assert len(receiver.received) == 1


def test_a_receiver_that_comes_back_gets_it(mock: Mock, receiver: Receiver) -> None:
    subscribed(mock, receiver)
    receiver.manner = "close"
    mock.book()
    assert settled(mock).status == "retrying"
    receiver.manner = "answer"
    assert advance(mock, 149) == []
    assert len(advance(mock, 1)) == 1
    assert settled(mock).status == "delivered"
    assert advance(mock, 86_400) == []


def test_a_receiver_that_is_gone_is_tried_again_too(mock: Mock) -> None:
    with Receiver() as receiver:
        subscribed(mock, receiver)
    mock.book()
    assert settled(mock).status == "retrying"
    assert len(advance(mock, 3600)) == 2
    assert settled(mock).status == "failed"


def test_the_pause_that_a_429_asks_for_is_kept(mock: Mock, receiver: Receiver) -> None:
    subscribed(mock, receiver)
    receiver.status = 429
    receiver.headers = {"Retry-After": "7"}
    mock.book()
    assert settled(mock).next_attempt_at == NOW + 7
    assert [each["at"] for each in advance(mock, 60)] == [NOW + 7, NOW + 14]


def test_what_is_behind_a_retry_does_not_wait_for_it(mock: Mock, receiver: Receiver) -> None:
    subscribed(mock, receiver)
    receiver.status = 503
    first = mock.book().json["data"]["booking_id"]
    assert settled(mock).status == "retrying"
    receiver.status = 200
    mock.call("DELETE", f"/v3/scheduling/bookings/{first}", query={"configuration_id": INTRO})
    assert settled(mock).status == "delivered"
    assert [each.json["type"] for each in receiver.received] == ["booking.created", "booking.cancelled"]


@pytest.mark.parametrize("change", ["deleted", "paused"])
def test_a_webhook_that_is_gone_or_paused_gets_no_more(mock: Mock, receiver: Receiver, change: str) -> None:
    webhook_id = subscribed(mock, receiver)
    receiver.status = 503
    mock.book()
    assert settled(mock).status == "retrying"
    receiver.status = 200
    if change == "deleted":
        mock.call("DELETE", f"/v3/webhooks/{webhook_id}", key=API_KEY)
    else:
        mock.call("PUT", f"/v3/webhooks/{webhook_id}", {"status": "pause"}, API_KEY)
    advance(mock, 3600)
    assert settled(mock).status == "dropped"
    mock.book(TEN + 3600)
    mock.call("PUT", f"/v3/webhooks/{webhook_id}", {"status": "active"}, API_KEY)
    advance(mock, 3600)
    assert len(receiver.received) == 1


def test_a_retry_is_signed_with_the_secret_of_the_day(mock: Mock, receiver: Receiver) -> None:
    webhook_id = subscribed(mock, receiver)
    receiver.status = 503
    mock.book()
    settled(mock)
    rotated = mock.call("POST", f"/v3/webhooks/rotate-secret/{webhook_id}", {}, API_KEY)
    receiver.secrets = [rotated.json["data"]["webhook_secret"]]
    receiver.status = 200
    advance(mock, 3600)
    assert [each.verified for each in receiver.received] == [False, True]


def test_a_reset_ends_retries(mock: Mock, receiver: Receiver) -> None:
    subscribed(mock, receiver)
    receiver.status = 503
    mock.book()
    settled(mock)
    mock.sandbox.reset()
    assert advance(mock, 86_400) == []
    assert len(receiver.received) == 1


def test_a_clock_that_runs_by_itself_drives_retries(
    receiver: Receiver, mock_of: Callable[[Mapping[str, Any]], Mock]
) -> None:
    mock = mock_of({**DOCUMENT, "clock": {"mode": "shifted", "now": "2026-03-02T09:00:00Z"}})
    subscribed(mock, receiver)
    receiver.status = 429
    receiver.headers = {"Retry-After": "1"}
    mock.book()
    receiver.wait_for(2)
    receiver.status = 200
    receiver.wait_for(3)
    assert settled(mock).status == "delivered"


def test_a_receiver_that_calls_the_api_blocks_nothing_while_time_passes(
    mock: Mock, receiver: Receiver
) -> None:
    subscribed(mock, receiver)
    receiver.status = 503
    seen: list[int] = []

    def call_back(delivery: object) -> None:
        seen.append(mock.call("GET", "/v3/webhooks", key=API_KEY).status_code)
        seen.append(mock.call("GET", "/_mock/state").status_code)

    receiver.on_delivery = call_back
    mock.book()
    assert len(advance(mock, 3600)) == 2
    assert seen == [200] * 6
