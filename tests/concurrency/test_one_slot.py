"""A time slot is sold once, however many ask for it at the same moment, over real connections."""

import http.client
import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.answers import check, check_journal
from tests.support.receiver import Receiver
from tests.support.remote import Remote, scenario_file
from tests.support.server import ServerProcess
from tests.support.worlds import ASK, DOCUMENT, INTRO, TEN

SECRET = "one-slot-secret"
SECONDS = 60.0
DAY = 86_400
DAWDLING = """
import threading
from mockserver.cli import main
from mockserver.domain import booking

genuine = booking.require_writable

def dawdle(*args):
    genuine(*args)
    threading.Event().wait(0.01)

booking.require_writable = dawdle
main()
"""
"""The server, but every operation lingers between its last check and its first change, so that whoever can
come in between does."""

REFUSED = "The selected timeslot is unavailable"


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    body: Any = None


@dataclass(frozen=True)
class Answer:
    status: int
    json: dict[str, Any]

    @property
    def refused(self) -> bool:
        """Whether it is the documented refusal of a time slot."""
        error = self.json.get("error", {})
        return (self.status, error.get("type")) == (400, "invalid_request_error") and error[
            "message"
        ].startswith(REFUSED)


def book(start: int, configuration: str = INTRO, guest: int = 0, sandbox: str | None = None) -> Call:
    body = {
        "start_time": start,
        "end_time": start + 1800,
        "guest": {"name": f"Guest {guest}", "email": f"guest{guest}@example.com"},
    }
    prefix = f"/_sandbox/{sandbox}" if sandbox else ""
    return Call("POST", f"{prefix}/v3/scheduling/bookings?configuration_id={configuration}", body)


def on(booking_id: str, method: str, body: Any = None, configuration: str = INTRO) -> Call:
    return Call(method, f"/v3/scheduling/bookings/{booking_id}?configuration_id={configuration}", body)


def at_once(server: ServerProcess, calls: Sequence[Call]) -> list[Answer]:
    """Send every call on a thread and a connection of its own, all released at the same moment."""
    barrier = threading.Barrier(len(calls))

    def send(call: Call) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
        try:
            connection.connect()
            barrier.wait(SECONDS)
            body = None if call.body is None else json.dumps(call.body)
            connection.request(call.method, call.path, body)
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        answers = list(pool.map(send, calls))
    for call, (status, headers, content) in zip(calls, answers, strict=True):
        check(call.method, urlsplit(call.path).path, status, headers, content)
    return [Answer(status, json.loads(content)) for status, _, content in answers]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver(SECRET) as receiver:
        yield receiver


@pytest.fixture(scope="module", params=["as shipped", "dawdling"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, receiver: Receiver
) -> Iterator[ServerProcess]:
    triggers = ["booking.created", "booking.pending", "booking.rescheduled", "booking.cancelled"]
    webhook = {"url": receiver.url, "triggers": triggers, "secret": SECRET}
    document = {**DOCUMENT, "webhooks": {"all": webhook}}
    scenario = scenario_file(tmp_path_factory.mktemp("one-slot"), document)
    dawdling = [sys.executable, "-c", DAWDLING, "serve", "--port", "0"]
    command = dawdling if request.param == "dawdling" else None
    with ServerProcess("--self-check", "--scenario", scenario, command=command) as server:
        yield server
        assert "Traceback" not in server.output


@pytest.fixture
def server(running: ServerProcess, receiver: Receiver) -> ServerProcess:
    """The server with a new world; nothing of the old one arrives any more."""
    with Remote(running.url) as remote:
        remote.control("POST", "reset")
    receiver.received.clear()
    return running


@pytest.fixture
def world(server: ServerProcess) -> Iterator[Remote]:
    with Remote(server.url) as remote:
        yield remote
        check_journal(remote.journal())


def arrived(world: Remote, receiver: Receiver) -> Counter[str]:
    """How many notifications of each type the receiver got: all that were sent, each once and signed."""
    sent = world.notifications()
    received = receiver.wait_for(len(sent))
    assert sorted(each.json["id"] for each in received) == sorted(each["id"] for each in sent)
    assert len({each["id"] for each in sent}) == len(sent)
    assert all(each.verified for each in received)
    return Counter(each.json["type"] for each in received)


def consistent(world: Remote) -> None:
    """Every booking has its event: there while it is active, cancelled when it is; no two overlap."""
    state = world.state()
    events = {event["id"]: event for event in world.events("alice@example.com")}
    assert len(events) == len(state["bookings"])
    taken = []
    for booking in state["bookings"]:
        event = events[booking["event_id"]]
        assert (event["status"] == "cancelled") == (booking["status"] == "cancelled")
        span = (booking["start_time"], booking["end_time"])
        assert (event["when"]["start_time"], event["when"]["end_time"]) == span
        if booking["status"] != "cancelled":
            taken.append(span)
    taken.sort()
    assert all(one[1] <= other[0] for one, other in pairwise(taken))


@pytest.mark.parametrize(("configuration", "kind"), [(INTRO, "created"), (ASK, "pending")])
def test_two_hundred_want_one_slot_and_one_gets_it(
    server: ServerProcess, world: Remote, receiver: Receiver, configuration: str, kind: str
) -> None:
    answers = at_once(server, [book(TEN, configuration, guest) for guest in range(200)])
    won = [(index, answer) for index, answer in enumerate(answers) if answer.status == 200]
    assert len(won) == 1
    assert sum(answer.refused for answer in answers) == 199
    assert len({answer.json["request_id"] for answer in answers}) == 200

    ((guest, winner),) = won
    (booking,) = world.state()["bookings"]
    assert booking["booking_id"] == winner.json["data"]["booking_id"]
    assert booking["guest"]["email"] == f"guest{guest}@example.com"
    (event,) = world.events("alice@example.com")
    assert event["id"] == winner.json["data"]["event_id"]
    assert arrived(world, receiver) == {f"booking.{kind}": 1}
    assert receiver.received[0].json["data"]["object"]["booking_id"] == booking["booking_id"]
    assert len(world.mails()) == (1 if configuration == ASK else 2)
    assert len(world.journal()) == 200


def test_many_are_moved_onto_one_slot_and_one_gets_there(
    server: ServerProcess, world: Remote, receiver: Receiver
) -> None:
    starts = [TEN + day * DAY + step * 1800 for day in range(4) for step in range(12)]
    target = TEN - 3600
    made = at_once(server, [book(start, guest=index) for index, start in enumerate(starts)])
    assert {answer.status for answer in made} == {200}
    ids = [answer.json["data"]["booking_id"] for answer in made]
    assert len(set(ids)) == len(starts)
    times = {"start_time": target, "end_time": target + 1800}
    answers = at_once(server, [on(booking_id, "PATCH", times) for booking_id in ids] + [book(target)] * 12)
    moved = [answer for answer in answers if answer.status == 200]
    assert len(moved) == 1
    assert sum(answer.refused for answer in answers) == len(starts) + 11

    there = [each for each in world.state()["bookings"] if each["start_time"] == target]
    assert [each["booking_id"] for each in there] == [moved[0].json["data"]["booking_id"]]
    consistent(world)
    by_moving = there[0]["booking_id"] in ids
    counted = arrived(world, receiver)
    assert counted["booking.rescheduled"] == by_moving
    assert counted["booking.created"] == len(starts) + (not by_moving)


def test_two_bookings_trade_places_only_one_after_the_other(server: ServerProcess, world: Remote) -> None:
    slots = [TEN, TEN + 1800]
    ids = [answer.json["data"]["booking_id"] for answer in at_once(server, [book(start) for start in slots])]
    starts = {each["booking_id"]: each["start_time"] for each in world.state()["bookings"]}
    others = [slots[1 - slots.index(starts[booking_id])] for booking_id in ids]
    wanted = [{"start_time": start, "end_time": start + 1800} for start in others]
    answers = at_once(
        server, [on(each, "PATCH", times) for each, times in zip(ids, wanted, strict=True)] * 10
    )
    assert all(answer.refused for answer in answers)  # each place is taken as long as nobody leaves
    assert {each["booking_id"]: each["start_time"] for each in world.state()["bookings"]} == starts
    consistent(world)


@pytest.mark.parametrize("rival", ["decline", "cancel"])
def test_a_pending_booking_that_is_confirmed_and_given_up_at_once_ends_consistently(
    server: ServerProcess, world: Remote, receiver: Receiver, rival: str
) -> None:
    starts = [TEN + step * 1800 for step in range(12)]
    made = at_once(server, [book(start, ASK) for start in starts])
    ids = [answer.json["data"]["booking_id"] for answer in made]
    salts = {each["booking_id"]: each["salt"] for each in world.state()["bookings"]}
    calls = []
    for booking_id in ids:
        salt = {"salt": salts[booking_id]}
        given_up = on(booking_id, "PUT", {**salt, "status": "cancelled"}, ASK)
        if rival == "cancel":
            given_up = on(booking_id, "DELETE", None, ASK)
        confirmed = on(booking_id, "PUT", {**salt, "status": "confirmed"}, ASK)
        calls += [confirmed, given_up, confirmed, given_up]
    answers = at_once(server, calls)
    state = {each["booking_id"]: each for each in world.state()["bookings"]}
    confirmations = endings = 0
    for index, booking_id in enumerate(ids):
        first, over, second, over_again = answers[4 * index : 4 * index + 4]
        confirmed = [first.status, second.status].count(200)
        ended = [over.status, over_again.status].count(200)
        assert {first.status, over.status, second.status, over_again.status} <= {200, 400}
        assert confirmed <= 1
        if rival == "decline":
            assert confirmed + ended == 1
            assert state[booking_id]["status"] == ("booked" if confirmed else "cancelled")
        else:
            assert ended == 1
            assert state[booking_id]["status"] == "cancelled"
        confirmations += confirmed
        endings += ended
    consistent(world)
    counted = {"booking.pending": len(ids), "booking.created": confirmations, "booking.cancelled": endings}
    assert arrived(world, receiver) == {kind: count for kind, count in counted.items() if count}


def test_sandboxes_do_not_get_into_each_others_way(server: ServerProcess, receiver: Receiver) -> None:
    names = ["left", "right"]
    answers = at_once(server, [book(TEN, guest=guest, sandbox=names[guest % 2]) for guest in range(100)])
    for side, name in enumerate(names):
        mine = answers[side::2]
        assert [answer.status for answer in mine].count(200) == 1
        assert sum(answer.refused for answer in mine) == 49
        winner = next(answer for answer in mine if answer.status == 200)
        with Remote(server.url, name) as world:
            (booking,) = world.state()["bookings"]
            assert booking["booking_id"] == winner.json["data"]["booking_id"]
            assert int(booking["guest"]["email"][5:].partition("@")[0]) % 2 == side
            assert [each["status"] for each in world.notifications()] == ["delivered"]
            assert len(world.journal()) == 50
            world.control("DELETE", f"sandboxes/{name}")
    received = receiver.wait_for(2)
    assert [each.json["type"] for each in received] == ["booking.created"] * 2
    with Remote(server.url) as default:
        assert default.state()["bookings"] == []
