"""What a client sees of faults, over sockets of its own."""

import http.client
import itertools
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from mockserver.sandbox.waiting import SEATS
from tests.support.remote import Remote, scenario_file
from tests.support.server import ServerProcess
from tests.support.worlds import DOCUMENT, INTRO, TEN

BOOKINGS = f"/v3/scheduling/bookings?configuration_id={INTRO}"
BODY = {
    "start_time": TEN,
    "end_time": TEN + 1800,
    "guest": {"name": "Gina Guest", "email": "gina@example.com"},
}
CREATE = {"operation": "createBooking"}
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    path = scenario_file(tmp_path_factory.mktemp("world"), DOCUMENT)
    with ServerProcess("--scenario", path, "--self-check") as server:
        yield server


@pytest.fixture
def remote(server: ServerProcess) -> Iterator[Remote]:
    """A sandbox of the test's own."""
    name = f"test-{next(NUMBERS)}"
    requests.put(f"{server.url}/_mock/sandboxes/{name}", json={}, timeout=10).raise_for_status()
    with Remote(server.url, name) as remote:
        yield remote


def fault(remote: Remote, effect: Any, match: Any = CREATE, **more: Any) -> str:
    added = remote.control("POST", "faults", {"match": match, "effect": effect, **more})
    return str(added["data"][0]["id"])


def book(remote: Remote, **more: Any) -> requests.Response:
    return requests.post(f"{remote.url}{BOOKINGS}", json=BODY, timeout=30, **more)


@contextmanager
def posted(remote: Remote) -> Iterator[http.client.HTTPConnection]:
    """A connection on which a booking was asked for, the answer not yet read."""
    host, slash, prefix = remote.url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        sent = json.dumps(BODY)
        connection.request("POST", slash + prefix + BOOKINGS, sent, {"Content-Type": "application/json"})
        yield connection
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("status", "type", "message"),
    [
        (400, "invalid_request_error", "Bad Request"),
        (401, "unauthorized", "Unauthorized"),
        (404, "not_found_error", "requested object not found"),
        (418, "invalid_request_error", "I'm a Teapot"),
        (429, "rate_limit_error", "Too many requests, please try again shortly."),
        (500, "internal_error", "Internal error, contact administrator."),
        (502, "internal_error", "The upstream server is unavailable, please try again."),
        (503, "internal_error", "Service Unavailable"),
        (504, "provider_error", "Provider request timed out."),
        (599, "internal_error", "Error"),
    ],
)
def test_a_status_is_answered_as_the_api_would_and_nothing_is_done(
    remote: Remote, status: int, type: str, message: str
) -> None:
    fault_id = fault(remote, {"status": status, "headers": {"Retry-After": "7"}})
    answer = book(remote)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.headers["Retry-After"], answer.headers["X-Mock-Fault"]) == ("7", fault_id)
    content = answer.json()
    assert content["request_id"] == answer.headers["X-Request-Id"]
    assert content["error"] == {"type": type, "message": message}
    assert remote.state()["bookings"] == []
    (entry,) = remote.journal()
    assert (entry["fault"], entry["status"]) == (fault_id, status)


def test_any_body_can_be_answered(remote: Remote) -> None:
    page = "<html>502 Bad Gateway ü</html>"
    fault(remote, {"status": 502, "headers": {"Content-Type": "text/html"}, "body": page}, times=1)
    fault(remote, {"status": 200, "body": {"data": None}}, times=1)
    fault(remote, {"body": [1, "ü"]}, times=1)
    fault(remote, {"body": "plain"}, times=1)
    fault(remote, {"status": 204}, times=1)
    fault(remote, {"status": 201}, times=1)
    html, null, array, plain, nothing, created = [book(remote) for _ in range(6)]
    assert (html.status_code, html.headers["Content-Type"]) == (502, "text/html")
    assert html.content.decode() == page
    assert (null.status_code, null.json()) == (200, {"data": None})
    assert (array.status_code, array.json()) == (200, [1, "ü"])
    assert (plain.text, plain.headers["Content-Type"]) == ("plain", "text/plain; charset=utf-8")
    assert (nothing.status_code, nothing.content) == (204, b"")
    assert (created.status_code, list(created.json())) == (201, ["request_id"])
    assert "X-Mock-Drift" not in {name for each in (html, null, array) for name in each.headers}
    assert book(remote).status_code == 200


def test_browsers_may_see_the_error(remote: Remote) -> None:
    fault(remote, {"status": 500})
    assert book(remote, headers={"Origin": "https://a.example"}).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_dropped_request_gets_no_answer_and_is_done_or_not(remote: Remote, when: str) -> None:
    fault_id = fault(remote, {"drop": when}, times=5)
    for _ in range(5):  # exactly nothing, every time
        with posted(remote) as connection, pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
    bookings = remote.state()["bookings"]
    assert len(bookings) == (1 if when == "after" else 0)
    entries = remote.journal()
    assert {each["fault"] for each in entries} == {fault_id}
    if when == "after":
        answers = [json.loads(each["response"]["body"]) for each in entries]
        assert [each["status"] for each in entries] == [200, 400, 400, 400, 400]
        assert answers[0]["data"]["booking_id"] == bookings[0]["booking_id"]
    else:
        assert [each["status"] for each in entries] == [None] * 5
    assert book(remote).status_code == (400 if when == "after" else 200)


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_every_method_can_be_dropped(remote: Remote, method: str) -> None:
    fault(remote, {"drop": "before"}, {"path": "/v3/**"})
    with pytest.raises(requests.ConnectionError, match="closed connection without response"):
        requests.request(method, f"{remote.url}/v3/webhooks", timeout=10)


def test_a_truncated_answer_stops_half_way(remote: Remote) -> None:
    fault(remote, {"truncate": True}, times=2)
    with posted(remote) as connection:
        response = connection.getresponse()
        assert (response.status, response.headers["X-Mock-Fault"]) == (200, "fault-1")
        announced = int(response.headers["Content-Length"])
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
    assert len(caught.value.partial) == announced // 2
    (entry,) = remote.journal()
    whole = entry["response"]["body"].encode()
    assert (caught.value.partial, announced) == (whole[: announced // 2], len(whole))
    assert len(remote.state()["bookings"]) == 1
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        book(remote)
    assert book(remote).status_code == 400


def test_a_made_up_answer_can_be_truncated(remote: Remote) -> None:
    fault(remote, {"truncate": True, "body": "0123456789"})
    with posted(remote) as connection, pytest.raises(http.client.IncompleteRead) as caught:
        connection.getresponse().read()
    assert caught.value.partial == b"01234"


def test_a_delayed_request_is_done_late_and_holds_up_nobody(remote: Remote) -> None:
    fault(remote, {"delay_ms": 1000}, times=1)
    began = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(book, remote)
        while remote.control("GET", "faults")["data"][0]["used"] == 0:
            assert time.monotonic() - began < 10
        assert remote.state()["bookings"] == []
        assert book(remote).status_code == 200
        assert late.result().status_code == 400  # somebody else was faster
    assert time.monotonic() - began >= 1


def test_as_many_wait_as_may_and_the_others_are_answered(server: ServerProcess, remote: Remote) -> None:
    """Half of the threads sleep, in faults and in calls of the control plane together."""
    fault(remote, {"delay_ms": 8000, "status": 503})
    taken = 3
    with ThreadPoolExecutor(SEATS + 8) as pool:
        waiting = [pool.submit(remote.control, "GET", "mail", wait="8", count="1") for _ in range(taken)]
        began = time.monotonic()
        time.sleep(0.5)
        sleeping = [pool.submit(book, remote) for _ in range(SEATS - taken)]
        while remote.control("GET", "faults")["data"][0]["used"] < SEATS - taken:
            assert time.monotonic() - began < 7
        awake = [book(remote) for _ in range(4)]
        assert requests.get(f"{server.url}/_mock/health", timeout=5).status_code == 200
        assert remote.control("GET", "mail", wait="8")["complete"] is False
        assert time.monotonic() - began < 8
        assert not any(each.done() for each in sleeping)
        assert {each.headers["X-Mock-Fault"] for each in awake} == {"fault-1; delay skipped"}
        assert {each.result().headers["X-Mock-Fault"] for each in sleeping} == {"fault-1"}
        assert [each.result()["complete"] for each in waiting] == [False] * taken
    assert server.wait_for_output("the delay is skipped")


def test_a_shutdown_lets_a_delayed_request_go(tmp_path: Path) -> None:
    document = {**DOCUMENT, "faults": [{"match": CREATE, "effect": {"delay_ms": 60_000}}]}
    with (
        ServerProcess("--scenario", scenario_file(tmp_path, document)) as server,
        Remote(server.url) as remote,
    ):
        answers: list[int] = []
        sleeper = threading.Thread(target=lambda: answers.append(book(remote).status_code))
        sleeper.start()
        began = time.monotonic()
        while remote.control("GET", "faults")["data"][0]["used"] == 0:
            assert time.monotonic() - began < 10
        assert server.stop() == 0
        sleeper.join(10)
        assert (answers, time.monotonic() - began < 15) == ([200], True)


def test_the_flaky_starter_does_what_it_says() -> None:
    with ServerProcess("--scenario", "flaky") as server, Remote(server.url) as remote:
        configuration_id = remote.state()["configurations"][0]["id"]
        now = remote.control("GET", "clock")["now"]
        url = f"{server.url}/v3/scheduling/bookings?configuration_id={configuration_id}"
        remote.control("DELETE", "faults/slow")
        found = requests.get(
            f"{server.url}/v3/scheduling/availability?configuration_id={configuration_id}"
            f"&start_time={now + 86_400}&end_time={now + 7 * 86_400}",
            timeout=10,
        ).json()
        slot = found["data"]["time_slots"][0]
        body = {**BODY, "start_time": slot["start_time"], "end_time": slot["end_time"]}
        first = requests.post(url, json=body, timeout=10)
        assert (first.status_code, first.headers["Retry-After"]) == (429, "1")
        with pytest.raises(requests.ConnectionError):
            requests.post(url, json=body, timeout=10)
        assert len(remote.state()["bookings"]) == 1
        assert requests.post(url, json=body, timeout=10).status_code == 400
