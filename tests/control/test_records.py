"""`/_mock`: requests, notifications, mail, and waiting for them."""

import base64
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mockserver.control import showing
from mockserver.sandbox import Delivery
from mockserver.sandbox.journal import KEPT_BODY, KEPT_BYTES, KEPT_REQUESTS, Exchange, Journal
from mockserver.sandbox.waiting import SEATS, WaitingRoom
from tests.control.plane import Plane
from tests.support.receiver import Receiver
from tests.support.worlds import API_KEY, ASK, DOCUMENT, INTRO, NOW, TEN


def test_requests_are_kept_without_credentials_and_without_our_own(plane: Plane) -> None:
    booked = plane.book()
    plane.call("GET", "/v3/webhooks", key=API_KEY)
    plane.get("state")
    first, second = plane.get("requests")["data"]
    assert (first["method"], first["path"], first["status"]) == ("POST", "/v3/scheduling/bookings", 200)
    assert first["id"] == booked.json["request_id"]
    assert first["at"] == NOW
    assert json.loads(first["request"]["body"])["start_time"] == TEN
    assert json.loads(first["response"]["body"]) == booked.json
    assert second["request"]["headers"]["Authorization"] == "***"
    assert plane.done("DELETE", "requests") == {}
    assert plane.get("requests")["data"] == []


def test_a_notification_shows_how_it_was_delivered(told: Plane, receiver: Receiver) -> None:
    told.book()
    answer = told.get("notifications", query={"wait": "10"})
    assert answer["complete"] is True
    (notification,) = answer["data"]
    (received,) = receiver.wait_for(1)
    (attempt,) = notification["attempts"]
    assert notification["type"] == "booking.created"
    assert (notification["webhook_id"], notification["url"]) == ("hook", receiver.url)
    assert notification["status"] == "delivered"
    assert (attempt["n"], attempt["status"], attempt["error"]) == (1, 200, None)
    assert base64.b64decode(attempt["body_base64"]) == received.body
    assert notification["payload"] == received.json
    assert attempt["headers"]["X-Nylas-Signature"] == received.headers["x-nylas-signature"]


def test_what_no_webhook_wants_can_be_seen_too(plane: Plane) -> None:
    plane.book()
    answer = plane.get("notifications")
    (notification,) = answer["data"]
    assert answer["complete"] is True
    assert (notification["status"], notification["webhook_id"], notification["url"]) == (
        "dropped",
        None,
        None,
    )
    assert notification["attempts"] == []
    assert notification["payload"]["webhook_delivery_attempt"] == 1


def test_notifications_can_be_picked_by_type(plane: Plane) -> None:
    plane.book()
    plane.book(TEN + 3600, ASK)
    assert len(plane.get("notifications")["data"]) == 2
    for type in ("booking.created", "booking.pending"):
        (found,) = plane.get("notifications", query={"type": type})["data"]
        assert found["type"] == type
    assert plane.get("notifications", query={"type": "booking.cancelled"})["data"] == []


@pytest.mark.parametrize(
    ("query", "complete"),
    [
        ({}, True),
        ({"count": "2"}, True),
        ({"count": "3"}, False),
        ({"wait": "0"}, True),
        ({"wait": "0", "type": "booking.cancelled"}, False),
        ({"wait": "0.05", "count": "3"}, False),
        ({"type": "booking.cancelled"}, True),
    ],
)
def test_complete_says_whether_there_are_enough(plane: Plane, query: dict[str, str], complete: bool) -> None:
    plane.book()
    plane.book(TEN + 1800)
    assert plane.get("notifications", query=query)["complete"] is complete


def test_a_wait_ends_when_the_notification_is_there(plane: Plane) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(plane.get, "notifications", query={"wait": "30", "count": "2"})
        plane.book()
        plane.book(TEN + 1800)
        answer = waiting.result(10)
    assert answer["complete"] is True
    assert len(answer["data"]) == 2


def test_a_wait_goes_on_until_each_was_tried(told: Plane, receiver: Receiver) -> None:
    receiver.manner = "hang"
    told.book()
    receiver.wait_for(1)
    hanging = told.get("notifications", query={"wait": "0.05"})
    assert (hanging["complete"], hanging["data"][0]["status"]) == (False, "queued")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(told.get, "notifications", query={"wait": "30"})
        receiver.release()
        answer = waiting.result(10)
    assert (answer["complete"], answer["data"][0]["status"]) == (True, "delivered")


def test_a_notification_for_two_webhooks_counts_once(
    plane_of: Callable[..., Plane], receiver: Receiver
) -> None:
    hooks = {name: {"url": receiver.url} for name in ("one", "two")}
    plane = plane_of({**DOCUMENT, "webhooks": hooks})
    plane.book()
    plane.done("POST", "drain")
    answer = plane.get("notifications", query={"count": "2"})
    assert len(answer["data"]) == 2
    assert len({each["id"] for each in answer["data"]}) == 1
    assert answer["complete"] is False


def test_mail_can_be_seen_and_waited_for(plane: Plane) -> None:
    assert plane.get("mail")["data"] == []
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(plane.get, "mail", query={"wait": "30", "type": "confirmation_request"})
        plane.book(configuration=ASK)
        answer = waiting.result(10)
    (mail,) = answer["data"]
    reference = plane.get("state")["bookings"][0]["booking_ref"]
    assert answer["complete"] is True
    assert (mail["type"], mail["to"], mail["at"]) == ("confirmation_request", ["alice@example.com"], NOW)
    assert mail["links"]["confirm"] == f"https://example.com/confirm/{reference}"
    assert mail["links"]["cancel"] is None
    assert mail["smtp"] is None
    assert mail["attachments"][0]["content_type"] == "text/calendar; method=REQUEST; charset=utf-8"
    none = plane.get("mail", query={"type": "reminder", "count": "1"})
    assert (none["data"], none["complete"]) == ([], False)


def test_a_wait_goes_on_in_the_world_after_a_reset(plane: Plane) -> None:
    plane.book()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(plane.get, "notifications", query={"wait": "30", "count": "2"})
        plane.done("POST", "reset")
        plane.book()
        plane.book(TEN + 1800)
        answer = waiting.result(10)
    assert answer["complete"] is True
    assert len(answer["data"]) == 2


def test_a_wait_ends_with_its_sandbox(plane: Plane) -> None:
    plane.done("PUT", "sandboxes/brief")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(plane.get, "mail", query={"wait": "30"}, sandbox="brief")
        while waiting.running() and plane.app.sandboxes.remove("brief") is False:
            pass
        answer = waiting.result(10)
        assert (answer["data"], answer["complete"]) == ([], False)


def test_a_shutdown_lets_everybody_go(plane: Plane) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(plane.get, "notifications", query={"wait": "60"}) for _ in range(4)]
        plane.app.stopping.set()
        answers = [each.result(10) for each in waiting]
    assert all((each["data"], each["complete"]) == ([], False) for each in answers)
    assert time.monotonic() - began < 10


def test_not_more_than_half_of_the_threads_wait(plane: Plane) -> None:
    with ThreadPoolExecutor(SEATS) as pool:
        waiting = [pool.submit(plane.get, "mail", query={"wait": "60"}) for _ in range(SEATS)]
        deadline = time.monotonic() + 20
        while not _answers_at_once(plane) and time.monotonic() < deadline:
            pass
        assert _answers_at_once(plane)
        assert plane.refused("PATCH", "clock", {"advance": "PT1S"}, status=429)["type"] == "rate_limit_error"
        assert plane.done("POST", "drain") == {"drained": True}  # needs no wait
        assert plane.book().status_code == 200
        plane.book(TEN + 3600, ASK)
        assert all(each.result(10)["complete"] for each in waiting)
    assert plane.done("PATCH", "clock", {"advance": "PT1S"})["now"] == NOW + 1


def _answers_at_once(plane: Plane) -> bool:
    began = time.monotonic()
    complete = plane.get("mail", query={"wait": "0.3", "count": "2"})["complete"]
    return complete is False and time.monotonic() - began < 0.2


def test_a_waiting_room_gives_its_seats_back() -> None:
    room = WaitingRoom(threading.Event(), seats=1)
    for _ in range(3):
        with room.seat() as first, room.seat() as second:
            assert (first, second) == (True, False)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"wait": "soon"}, "wait"),
        ({"wait": "-1"}, "wait"),
        ({"wait": "nan"}, "wait"),
        ({"wait": "1e3"}, "wait"),
        ({"wait": "301"}, "wait"),
        ({"wait": ""}, "wait"),
        ({"wait": "\u0661"}, "wait"),
        ({"count": "0"}, "count"),
        ({"count": "-1"}, "count"),
        ({"count": "1.5"}, "count"),
        ({"count": "10001"}, "count"),
        ({"count": "9" * 5000}, "count"),
        ({"most": "1"}, "most"),
    ],
)
@pytest.mark.parametrize("what", ["notifications", "mail"])
def test_wrong_parameters_are_refused(plane: Plane, what: str, query: dict[str, Any], path: str) -> None:
    assert plane.refused("GET", what, query=query)["path"] == path


def test_a_type_that_does_not_exist_is_not_waited_for(plane: Plane) -> None:
    error = plane.refused("GET", "notifications", query={"type": "booking.create", "wait": "60"})
    assert error["path"] == "type"
    assert "booking.created" in error["message"]


def test_notifications_are_written_out_without_the_lock(
    plane: Plane, monkeypatch: pytest.MonkeyPatch
) -> None:
    plane.book()
    outbox, show = plane.sandbox.outbox, showing.delivery
    free: list[bool] = []

    def probe() -> None:
        free.append(outbox.changed.acquire(blocking=False))
        if free[-1]:
            outbox.changed.release()

    def shown(delivery: Delivery) -> dict[str, Any]:
        thread = threading.Thread(target=probe)
        thread.start()
        thread.join()
        return show(delivery)

    monkeypatch.setattr(showing, "delivery", shown)
    assert len(plane.get("notifications")["data"]) == 1
    assert free == [True]


def exchange(id: int, body: str) -> Exchange:
    return Exchange(str(id), NOW, "POST", "/v3/webhooks", "", 200, 1.0, {}, body, {}, body)


@pytest.mark.parametrize("letter", ["a", "ü", "€"])
def test_requests_are_bounded_by_their_size_too(letter: str) -> None:
    journal = Journal()
    body = letter * KEPT_BODY
    for id in range(200):
        journal.add(exchange(id, body))
    kept = journal.exchanges()
    assert 10 < len(kept) <= KEPT_BYTES // (2 * KEPT_BODY)
    assert [each.id for each in kept] == [str(id) for id in range(200 - len(kept), 200)]
    journal.clear()
    for id in range(KEPT_REQUESTS + 5):
        journal.add(exchange(id, ""))
    assert [each.id for each in journal.exchanges()] == [str(id) for id in range(5, KEPT_REQUESTS + 5)]


def test_mails_are_read_in_portions_and_followed_along(plane: Plane) -> None:
    beginning = plane.get("mail", query={"after": "now"})
    assert (beginning["data"], beginning["complete"]) == ([], True)
    for n in range(3):
        plane.book(TEN + n * 3600)
    every = [each["id"] for each in plane.get("mail")["data"]]
    assert len(every) == 6  # each booking tells guest and organizer
    cursor, portions = beginning["cursor"], []
    while portions[-1:] != [[]]:
        answer = plane.get("mail", query={"after": cursor, "limit": "4"})
        portions.append([each["id"] for each in answer["data"]])
        cursor = answer["cursor"]
    assert portions == [every[:4], every[4:], []]
    plane.book(TEN + 4 * 3600)
    assert len(plane.get("mail", query={"after": cursor, "wait": "5", "count": "2"})["data"]) == 2
    assert plane.get("mail", query={"type": "reminder", "after": cursor})["data"] == []


def test_a_portion_of_one_type_goes_on_behind_its_last(plane: Plane) -> None:
    booking_id = plane.book(TEN).json["data"]["booking_id"]
    plane.call("DELETE", f"/v3/scheduling/bookings/{booking_id}", query={"configuration_id": INTRO})
    one = plane.get("mail", query={"type": "booking_cancelled", "limit": "1"})
    assert [each["type"] for each in one["data"]] == ["booking_cancelled"]
    rest = plane.get("mail", query={"after": one["cursor"]})
    assert [each["type"] for each in rest["data"]] == ["booking_cancelled"]
    assert rest["data"] != one["data"]


def test_the_cursor_of_another_world_is_before_everything(plane: Plane) -> None:
    plane.book(TEN)
    cursor = plane.get("mail")["cursor"]
    plane.done("POST", "reset", {})
    plane.book(TEN)
    assert len(plane.get("mail", query={"after": cursor})["data"]) == 2


def test_the_oldest_mails_make_room(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.sandbox.outbox.KEPT_MAILS", 3)
    plane.done("POST", "reset", {})
    cursor = plane.get("mail")["cursor"]
    for n in range(3):
        plane.book(TEN + n * 3600)
    assert [each["id"] for each in plane.get("mail", query={"after": cursor})["data"]] == [
        each["id"] for each in plane.get("mail")["data"]
    ]
    first = plane.get("mail", query={"limit": "1"})
    assert len(plane.get("mail", query={"after": first["cursor"]})["data"]) == 2


@pytest.mark.parametrize(
    ("query", "name"), [({"limit": "0"}, "limit"), ({"limit": "x"}, "limit"), ({"after": "soon"}, "after")]
)
def test_a_portion_that_is_none(plane: Plane, query: dict[str, str], name: str) -> None:
    assert plane.refused("GET", "mail", query=query)["path"] == name
