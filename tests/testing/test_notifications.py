"""Notifications in process: handed to a callable, or brought by `requests` for `responses` to take."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import pytest
import requests
import responses

from mockserver.testing import WEBHOOK_SECRET, NylasMock, WebhookReceiver, WebhookRequest
from tests.testing.calls import book, client

HOOK = "https://shop.test/hook"


@pytest.fixture
def nylas() -> Iterator[NylasMock]:
    with NylasMock() as running:
        yield running


def signed(body: bytes, secret: str) -> str:
    """The signature as the documentation has it."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_a_callable_gets_them_signed_with_headers_and_bytes(nylas: NylasMock) -> None:
    seen: list[WebhookRequest] = []
    nylas.on_notification = seen.append
    made = book(nylas)
    (told,) = seen
    assert told.type == "booking.created"
    assert told.json["data"]["object"]["booking_id"] == made.booking_id
    assert told.headers["X-Nylas-Signature"] == signed(told.body, WEBHOOK_SECRET)
    assert json.loads(told.body) == told.json == nylas.notifications.one().payload


@pytest.fixture
def view() -> flask.Flask:
    """A user's receiver: verifies, and remembers the types."""
    app = flask.Flask("receiver")
    app.testing = True
    app.config["SEEN"] = []

    @app.post("/hook")
    def hook() -> tuple[str, int]:
        genuine = signed(flask.request.get_data(), app.config["SECRET"])
        if not hmac.compare_digest(flask.request.headers["X-Nylas-Signature"], genuine):
            return "wrong signature", 401
        app.config["SEEN"].append(flask.request.get_json()["type"])
        return "", 200

    return app


def test_a_flask_view_is_called_by_its_test_client(view: flask.Flask) -> None:
    browser = view.test_client()
    view.config["SECRET"] = WEBHOOK_SECRET

    def hand_over(told: WebhookRequest) -> Any:
        return browser.post("/hook", data=told.body, headers=told.headers)

    with NylasMock(on_notification=hand_over) as nylas:
        book(nylas)
    assert view.config["SEEN"] == ["booking.created"]
    assert nylas.notifications.one().delivered


def test_a_view_that_refuses_is_noted(nylas: NylasMock, view: flask.Flask) -> None:
    view.config["SECRET"] = "another"
    browser = view.test_client()
    nylas.on_notification = lambda told: browser.post("/hook", data=told.body, headers=told.headers)
    book(nylas)
    (delivery,) = nylas.notifications.one().deliveries
    assert (delivery.status, delivery.attempts[0].status) == ("failed", 401)
    assert not nylas.notifications.one().delivered


@pytest.mark.parametrize(("answer", "status"), [(None, 200), (200, 200), (204, 204), (500, 500)])
def test_a_callable_answers_with_a_status_or_none(nylas: NylasMock, answer: int | None, status: int) -> None:
    nylas.on_notification = lambda told: answer
    book(nylas)
    (delivery,) = nylas.notifications.one().deliveries
    assert delivery.attempts[0].status == status
    assert delivery.status == ("delivered" if status == 200 else "failed")


def test_retries_follow_the_clock(nylas: NylasMock) -> None:
    statuses = iter([503, 503, 200])
    attempts: list[int] = []

    def answer(told: WebhookRequest) -> int:
        attempts.append(told.json["webhook_delivery_attempt"])
        return next(statuses)

    nylas.on_notification = answer
    book(nylas)
    assert attempts == [1]
    (fired,) = nylas.advance(minutes=3)
    assert (attempts, fired.kind) == ([1, 2], "delivery")
    nylas.advance(minutes=13)
    assert attempts == [1, 2, 3]
    assert nylas.notifications.one().delivered


def broken(told: WebhookRequest) -> None:
    raise KeyError(told.type)


def test_what_a_callable_raises_doesnt_reach_the_caller_but_the_test() -> None:
    with pytest.raises(KeyError, match=r"booking\.created"), NylasMock(on_notification=broken) as nylas:
        assert book(nylas).status == "booked"
    assert nylas.notifications.one().deliveries[0].status == "retrying"


@pytest.mark.parametrize("ask", [NylasMock.check, NylasMock.deliver, lambda nylas: nylas.advance(seconds=1)])
def test_what_a_callable_raised_comes_once(nylas: NylasMock, ask: Callable[[NylasMock], object]) -> None:
    nylas.on_notification = broken
    book(nylas)
    with pytest.raises(KeyError):
        ask(nylas)
    nylas.check()


def test_the_tests_own_failure_is_not_hidden_by_the_receivers() -> None:
    def fail(nylas: NylasMock) -> None:
        book(nylas)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), NylasMock(on_notification=broken) as nylas:
        fail(nylas)


def test_what_is_no_function_is_refused_at_once(nylas: NylasMock) -> None:
    with pytest.raises(TypeError, match="on_notification: expected a function of one argument, got 200"):
        nylas.on_notification = 200  # type: ignore[assignment]
    with pytest.raises(TypeError, match="expected a function"):
        NylasMock(on_notification="hook")  # type: ignore[arg-type]
    assert nylas.on_notification is None


def test_an_odd_answer_is_an_error(nylas: NylasMock) -> None:
    nylas.on_notification = lambda told: "ok"
    book(nylas)
    with pytest.raises(TypeError, match=r"expected a status.*got str"):
        nylas.check()


def test_a_callable_may_call_the_api_and_what_that_sets_off_comes_afterwards(nylas: NylasMock) -> None:
    seen: list[str] = []
    query = {"configuration_id": nylas.configuration("intro").id}

    def cancel(told: WebhookRequest) -> None:
        seen.append(f"begin {told.type}")
        if told.type == "booking.created":
            booking_id = told.json["data"]["object"]["booking_id"]
            client(nylas).scheduler.bookings.destroy(
                booking_id, request_body={"cancellation_reason": "no"}, query_params=query
            )
        seen.append(f"end {told.type}")

    nylas.on_notification = cancel
    book(nylas)
    kinds = ("booking.created", "booking.cancelled")
    assert seen == [f"{when} {kind}" for kind in kinds for when in ("begin", "end")]
    assert nylas.bookings.one().status == "cancelled"


def test_a_callable_may_not_move_the_clock(nylas: NylasMock) -> None:
    nylas.on_notification = lambda told: nylas.advance(hours=1) and None
    book(nylas)
    with pytest.raises(RuntimeError, match="not while a notification is being brought"):
        nylas.check()


def test_they_wait_when_they_are_to(nylas: NylasMock) -> None:
    seen: list[str] = []
    nylas.on_notification = lambda told: seen.append(told.type)
    nylas.deliver_at_once = False
    book(nylas)
    assert nylas.notifications.one().deliveries[0].status == "queued"
    assert seen == []
    nylas.deliver()
    assert seen == ["booking.created"]


def test_a_callable_can_be_taken_back(nylas: NylasMock) -> None:
    seen: list[WebhookRequest] = []
    nylas.on_notification = seen.append
    book(nylas)
    nylas.on_notification = None
    book(nylas)
    assert len(seen) == 1
    assert nylas.notifications[1].deliveries == ()


@responses.activate
def test_responses_stands_in_for_a_receiver_challenge_and_all(nylas: NylasMock) -> None:
    def repeat(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        return 200, {}, parse_qs(urlsplit(request.url or "").query)["challenge"][0]  # type: ignore[type-var]

    responses.add_callback("GET", HOOK, repeat)
    taken = responses.post(HOOK)
    webhook = (
        client(nylas)
        .webhooks.create({"webhook_url": HOOK, "trigger_types": ["booking.created"]})  # type: ignore[arg-type,list-item]
        .data
    )
    book(nylas)
    sent = taken.calls[0].request
    assert sent.headers["X-Nylas-Signature"] == signed(sent.body, webhook.webhook_secret)
    assert nylas.notifications.one().delivered


@responses.activate
def test_a_subscription_needs_no_challenge(nylas: NylasMock) -> None:
    taken = responses.post(HOOK, status=503)
    webhook = nylas.subscribe(HOOK, "booking.created")
    book(nylas)
    nylas.advance(hours=1)
    assert len(taken.calls) == 3
    assert taken.calls[0].request.headers["X-Nylas-Signature"] == signed(
        taken.calls[0].request.body, webhook.secret
    )
    assert nylas.notifications.one().deliveries[0].status == "failed"
    with pytest.raises(ValueError, match=r"expected one of booking.created"):
        nylas.subscribe(HOOK, "booking.made")


def test_a_receiver_that_nobody_stands_in_for_is_refused(nylas: NylasMock) -> None:
    nylas.subscribe(HOOK)
    book(nylas)
    (delivery,) = nylas.notifications.one().deliveries
    assert (delivery.url, delivery.status) == (HOOK, "retrying")
    assert delivery.attempts[0].error == "could not connect"


def test_a_real_receiver_takes_them(nylas: NylasMock) -> None:
    with WebhookReceiver() as receiver:
        nylas.let_pass(receiver.url)
        receiver.subscribe(nylas.api_url, nylas.api_key, "booking.created")
        book(nylas)
        (told,) = receiver.wait_for(1, "booking.created")
        assert told.json == nylas.notifications.one().payload
        forged = requests.post(receiver.url, data=told.body, headers={"X-Nylas-Signature": "0"}, timeout=5)
        assert (forged.status_code, len(receiver.refused)) == (401, 1)
        with pytest.raises(AssertionError, match="1 were refused because their signature"):
            receiver.wait_for(2, timeout=0.01)
