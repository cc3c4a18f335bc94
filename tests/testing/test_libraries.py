"""Whatever speaks through `requests` or `httpx` reaches the simulator, and nothing else."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import requests
import responses
from nylas.models.errors import NylasApiError
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from mockserver.testing import NylasMock
from tests.support.answers import check_response
from tests.testing.calls import ADA, book, book_at, client

US, EU = "https://api.us.nylas.com", "https://api.eu.nylas.com"


@pytest.fixture
def nylas() -> Iterator[NylasMock]:
    with NylasMock() as running:
        yield running


def test_the_sdk_lives_a_whole_life(nylas: NylasMock) -> None:
    sdk, query = client(nylas), {"configuration_id": nylas.configuration("intro").id}
    first, _, second = nylas.free_slots("intro")[:3]
    made = sdk.scheduler.bookings.create(
        request_body={"start_time": first.start_time, "end_time": first.end_time, "guest": ADA},
        query_params=query,
    ).data
    assert nylas.bookings.one().start_time == first.start_time
    sdk.scheduler.bookings.reschedule(
        booking_id=made.booking_id,
        request_body={"start_time": second.start_time, "end_time": second.end_time},
        query_params=query,
    )
    assert nylas.bookings.one().start_time == second.start_time
    assert sdk.scheduler.bookings.find(made.booking_id, query).data.status == "booked"
    sdk.scheduler.bookings.destroy(
        booking_id=made.booking_id, request_body={"cancellation_reason": "ill"}, query_params=query
    )
    booking = nylas.bookings.one()
    assert (booking.status, booking.cancellation_reason) == ("cancelled", "ill")
    types = [each.type for each in nylas.notifications]
    assert types == ["booking.created", "booking.rescheduled", "booking.cancelled"]
    assert [each.method for each in nylas.requests] == ["POST", "PATCH", "GET", "DELETE"]
    assert len(sdk.calendars.list(nylas.grant("alice").id).data) == 1


def test_the_sdk_gets_refusals(nylas: NylasMock) -> None:
    taken = nylas.free_slots("intro")[0]
    book_at(nylas, taken.start_time, taken.end_time)
    with pytest.raises(NylasApiError) as caught:
        book_at(nylas, taken.start_time, taken.end_time)
    assert caught.value.status_code == 400
    assert caught.value.request_id == nylas.requests[-1].id
    assert len(nylas.bookings) == 1


@pytest.mark.parametrize("host", [US, EU])
def test_requests_reaches_both_regions(nylas: NylasMock, host: str) -> None:
    path = f"/v3/grants/{nylas.grant('alice').id}/calendars?a=b%20c&d=%C3%A9"
    headers = {"Authorization": f"Bearer {nylas.api_key}"}
    answer = requests.get(f"{host}{path}", headers=headers, timeout=5)
    check_response(answer)
    assert (answer.status_code, answer.reason, len(answer.json()["data"])) == (200, "OK", 1)
    assert nylas.requests.one().query == {"a": "b c", "d": "é"}
    assert nylas.requests.one().headers["Authorization"] == "***"


def test_bodies_come_as_bytes_text_files_or_parts(nylas: NylasMock) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"a":'
        yield b"1}"

    for body in (b'{"a":1}', '{"a":1}', parts()):
        requests.post(f"{US}/v3/webhooks", data=body, timeout=5)
    assert [each.json for each in nylas.requests] == [{"a": 1}] * 3


def test_a_base_url_of_ones_own_may_have_a_path() -> None:
    with NylasMock(base_url="http://gateway.test:8443/nylas/") as nylas:
        assert nylas.api_url == "http://gateway.test:8443/nylas"
        assert book(nylas).status == "booked"
        assert nylas.requests.one().path == "/v3/scheduling/bookings"
        assert requests.get(f"{US}/v3/webhooks", timeout=5).status_code == 401, "never the real provider"
        with pytest.raises(requests.ConnectionError, match="was refused"):
            requests.get("http://gateway.test:8443/other", timeout=5)


@pytest.mark.parametrize("url", [f"{US}.evil.test/", "https://api.us.nylas.community/v3", f"{US}@evil.test/"])
def test_a_host_that_only_looks_like_the_providers_is_another(nylas: NylasMock, url: str) -> None:
    with pytest.raises(requests.ConnectionError, match="was refused"):
        requests.get(url, timeout=5)
    assert not nylas.requests


def test_retries_of_a_sessions_own_adapter_count(nylas: NylasMock) -> None:
    nylas.fail_next("GET /v3/webhooks", status=503, times=2)
    with requests.Session() as session:
        session.mount("https://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[503], backoff_factor=0)))
        assert session.get(f"{US}/v3/webhooks", timeout=5).status_code == 401
    assert [each.status for each in nylas.requests] == [503, 503, 401]


def test_httpx_reaches_it(nylas: NylasMock) -> None:
    slot = nylas.free_slots("intro")[0]
    query = {"configuration_id": nylas.configuration("intro").id}
    body = {"start_time": slot.start_time, "end_time": slot.end_time, "guest": ADA}
    with httpx.Client(base_url=EU) as http:
        made = http.post("/v3/scheduling/bookings", params=query, json=body)
    assert made.headers["content-type"] == "application/json"
    assert made.json()["data"]["booking_id"] == nylas.bookings.one().id


def test_httpx_reaches_it_asynchronously(nylas: NylasMock) -> None:
    async def several() -> list[int]:
        async with httpx.AsyncClient() as http:
            answers = await asyncio.gather(*[http.get(f"{US}/v3/webhooks") for _ in range(3)])
        return [each.status_code for each in answers]

    assert asyncio.run(several()) == [401, 401, 401]
    assert len(nylas.requests) == 3


def test_an_httpx_transport_leads_there_whatever_the_host(nylas: NylasMock) -> None:
    with httpx.Client(transport=nylas.httpx_transport(), base_url="https://anything.test") as http:
        assert http.get("/v3/webhooks").json()["error"]["type"] == "unauthorized"
    assert nylas.requests.one().path == "/v3/webhooks"


def test_other_hosts_are_refused_and_the_refusal_tells_how_to_go_on(nylas: NylasMock) -> None:
    with pytest.raises(requests.ConnectionError, match=r"GET http://shop\.test/a was refused.*let_pass"):
        requests.get("http://shop.test/a", timeout=5)
    with pytest.raises(httpx.ConnectError, match=r"GET http://shop\.test/a was refused.*let_pass"):
        httpx.get("http://shop.test/a")

    async def ask() -> None:
        async with httpx.AsyncClient() as http:
            await http.get("http://shop.test/a")

    with pytest.raises(httpx.ConnectError, match="was refused"):
        asyncio.run(ask())


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A server that says "elsewhere" to everybody, beside the double."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nelsewhere")

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_other_hosts_pass_when_they_may(elsewhere: str) -> None:
    with NylasMock(other_hosts="pass") as nylas:
        assert requests.get(elsewhere, timeout=5).text == "elsewhere"
        assert httpx.get(elsewhere, trust_env=False).text == "elsewhere"
        assert requests.get(f"{US}/v3/webhooks", timeout=5).status_code == 401
    assert len(nylas.requests) == 1


def test_one_url_passes_when_it_may(nylas: NylasMock, elsewhere: str) -> None:
    nylas.let_pass(elsewhere)
    assert requests.get(elsewhere, timeout=5).text == "elsewhere"
    assert httpx.get(elsewhere, trust_env=False).text == "elsewhere"
    with pytest.raises(requests.ConnectionError):
        requests.get("http://shop.test/", timeout=5)


class TestBesideResponses:
    """A test may stub other hosts with `responses`, in whatever order the two begin."""

    @staticmethod
    def check(nylas: NylasMock) -> None:
        assert requests.get("https://shop.test/", timeout=5).json() == {"a": 1}
        assert book(nylas).status == "booked"
        with pytest.raises(requests.ConnectionError):
            requests.get("https://unknown.test/", timeout=5)

    @responses.activate
    def test_activated_for_the_test(self, nylas: NylasMock) -> None:
        responses.get("https://shop.test/", json={"a": 1})
        self.check(nylas)
        assert len(responses.calls) == 2, "the provider's are none of its business"

    def test_begun_later(self, nylas: NylasMock) -> None:
        with responses.RequestsMock() as stubs:
            stubs.get("https://shop.test/", json={"a": 1})
            self.check(nylas)
        assert book(nylas).status == "booked"

    @pytest.mark.parametrize("other_hosts", ["refuse", "pass"])
    def test_begun_earlier(self, other_hosts: Any) -> None:
        with responses.RequestsMock() as stubs:
            stubs.get("https://shop.test/", json={"a": 1})
            with NylasMock(other_hosts=other_hosts) as nylas:
                self.check(nylas)
            assert requests.get("https://shop.test/", timeout=5).json() == {"a": 1}

    def test_stubbing_the_provider_itself_changes_nothing(self, nylas: NylasMock) -> None:
        with responses.RequestsMock(assert_all_requests_are_fired=False) as stubs:
            stubs.get(f"{US}/v3/webhooks", json={})
            assert requests.get(f"{US}/v3/webhooks", timeout=5).status_code == 401


def test_doubles_nest() -> None:
    with NylasMock() as outer:
        book(outer)
        with NylasMock("private") as inner:
            assert not inner.bookings
            requests.get(f"{US}/v3/webhooks", timeout=5)
        book(outer, slot=1)
    assert (len(outer.bookings), len(inner.requests)) == (2, 1)


def test_nothing_stays_behind() -> None:
    before = (
        requests.Session.get_adapter,
        HTTPAdapter.send,
        httpx.HTTPTransport.handle_request,
        httpx.AsyncHTTPTransport.handle_async_request,
    )
    with pytest.raises(ZeroDivisionError), NylasMock():
        raise ZeroDivisionError
    assert before == (
        requests.Session.get_adapter,
        HTTPAdapter.send,
        httpx.HTTPTransport.handle_request,
        httpx.AsyncHTTPTransport.handle_async_request,
    )


def test_a_slot_is_sold_once_to_many_threads(nylas: NylasMock) -> None:
    slot = nylas.free_slots("intro")[0]
    seen: list[str] = []
    nylas.on_notification = lambda told: seen.append(told.type)

    def attempt(_: int) -> bool:
        try:
            book_at(nylas, slot.start_time, slot.end_time)
        except NylasApiError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(16)))
    assert outcomes.count(True) == 1
    assert nylas.notifications.one().delivered
    assert seen == ["booking.created"]


@pytest.mark.parametrize("begin", [lambda: NylasMock(other_hosts="maybe"), lambda: NylasMock(base_url="x")])  # type: ignore[arg-type]
def test_wrong_options_are_refused(begin: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        begin()
