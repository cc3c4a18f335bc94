"""Calls and deliveries that go wrong because the test wants them to, as each library tells it."""

import asyncio
import time
from collections.abc import Iterator

import httpx
import pytest
import requests
from nylas.models.errors import NylasApiError, NylasSdkTimeoutError

from mockserver.testing import NylasMock
from tests.testing.calls import book, client

URL = "https://api.us.nylas.com/v3/webhooks"
BOOK = "POST /v3/scheduling/bookings"


@pytest.fixture
def nylas() -> Iterator[NylasMock]:
    with NylasMock() as running:
        yield running


def test_the_next_call_fails_and_no_other(nylas: NylasMock) -> None:
    nylas.fail_next(BOOK, status=429, headers={"Retry-After": "1"})
    with pytest.raises(NylasApiError) as caught:
        book(nylas)
    assert (caught.value.status_code, caught.value.headers["Retry-After"]) == (429, "1")
    assert not nylas.bookings
    assert book(nylas).status == "booked"
    assert [each.status for each in nylas.requests.of(BOOK)] == [429, 200]
    assert nylas.requests[0].fault == "fault-1"


@pytest.mark.parametrize("what", ["createBooking", "post /v3/scheduling/bookings", "/v3/scheduling/**"])
def test_a_call_goes_by_operation_or_path(nylas: NylasMock, what: str) -> None:
    nylas.fail_next(what)
    with pytest.raises(NylasApiError) as caught:
        book(nylas)
    assert caught.value.status_code == 503


def test_several_fail_after_some(nylas: NylasMock) -> None:
    nylas.fail_next("GET /v3/webhooks", body={"odd": True}, times=2, after=1)
    answers = [requests.get(URL, timeout=5) for _ in range(4)]
    assert [each.status_code for each in answers] == [401, 200, 200, 401]
    assert answers[1].json() == {"odd": True}


@pytest.mark.parametrize(("drop", "made"), [("before", 0), ("after", 1)])
def test_a_dropped_connection_is_an_error_of_the_library(nylas: NylasMock, drop: str, made: int) -> None:
    nylas.fail_next(BOOK, drop=drop)  # type: ignore[arg-type]
    with pytest.raises(requests.ConnectionError, match="without response"):
        book(nylas)
    assert len(nylas.bookings) == made


def test_httpx_tells_of_a_dropped_connection(nylas: NylasMock) -> None:
    nylas.fail_next("GET /v3/webhooks", drop="after", times=2)

    async def ask() -> None:
        async with httpx.AsyncClient() as http:
            await http.get(URL)

    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        httpx.get(URL)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        asyncio.run(ask())


def test_half_an_answer_is_an_error_of_the_library(nylas: NylasMock) -> None:
    nylas.fail_next("GET /v3/webhooks", truncate=True, times=3)

    async def ask() -> None:
        async with httpx.AsyncClient() as http:
            await http.get(URL)

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(URL, timeout=5)
    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|without sending complete"):
        httpx.get(URL)
    with pytest.raises(httpx.RemoteProtocolError):
        asyncio.run(ask())


def test_a_delay_beyond_the_callers_patience_is_a_timeout_and_the_call_is_done_all_the_same(
    nylas: NylasMock,
) -> None:
    nylas.fail_next(BOOK, delay_ms=100_000)
    began = time.monotonic()
    with pytest.raises(NylasSdkTimeoutError):
        book(nylas)
    assert len(nylas.bookings) == 1, "as at a server, which doesn't learn that nobody waits any more"
    assert time.monotonic() - began < 5


def test_a_delay_within_the_callers_patience_takes_no_time(nylas: NylasMock) -> None:
    nylas.fail_next("GET /v3/webhooks", delay_ms=20_000, times=4)
    began = time.monotonic()
    assert requests.get(URL, timeout=30).status_code == 401
    assert requests.get(URL, timeout=(1, 30)).status_code == 401
    assert httpx.get(URL, timeout=httpx.Timeout(None)).status_code == 401
    assert time.monotonic() - began < 5
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(URL, timeout=httpx.Timeout(60, read=10))


def test_a_delivery_fails(nylas: NylasMock) -> None:
    seen: list[str] = []
    nylas.on_notification = lambda told: seen.append(told.type)
    nylas.fail_next("booking.created", status=503)
    book(nylas)
    (delivery,) = nylas.notifications.one().deliveries
    assert (delivery.status, delivery.attempts[0].status, seen) == ("retrying", 503, [])
    nylas.advance(minutes=3)
    assert nylas.notifications.one().delivered
    assert seen == ["booking.created"]


@pytest.mark.parametrize(
    ("what", "effect", "told"),
    [
        ("createBookings", {}, r"createBookings: match.operation: expected one of .*createBooking"),
        ("POST v3/scheduling/bookings", {}, r"expected a path that begins with a slash"),
        ("v3/scheduling/bookings", {}, r"expected a path that begins with a slash"),
        ("GET /elsewhere", {}, r"match.path: expected a path of the API"),
        (BOOK, {"status": 999}, r"effect.status: expected a status from 200 to 599$"),
        (BOOK, {"drop": "after", "status": 500}, r"effect.status: expected none beside drop"),
        ("booking.made", {}, r"match.trigger"),
        ("booking.created", {"truncate": True}, r"effect.truncate: can't be done to a delivery"),
        (BOOK, {"times": 0}, r"times"),
    ],
)
def test_what_can_not_be_done_is_refused(
    nylas: NylasMock, what: str, effect: dict[str, object], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        nylas.fail_next(what, **effect)  # type: ignore[arg-type]
    assert client(nylas).webhooks.list().data == []


def test_a_grant_expires(nylas: NylasMock) -> None:
    nylas.expire_grant("alice")
    assert nylas.grant("alice").status == "expired"
    with pytest.raises(NylasApiError):
        client(nylas).calendars.list(nylas.grant("alice").id)
    with pytest.raises(LookupError, match="expected one of alice"):
        nylas.expire_grant("bob")
