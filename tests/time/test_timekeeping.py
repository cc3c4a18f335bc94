"""Clocks, agendas and the timekeeper when several threads meet."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver.delivery import Courier
from mockserver.delivery.bringing import PAUSES
from mockserver.sandbox import Clock, ClockSetting, Delivery, Outbox, Sandbox
from mockserver.sandbox.agenda import Agenda, Timekeeper
from mockserver.scenario import parse_scenario
from tests.delivery.sending import SECRET, delivery, send, webhook
from tests.support.receiver import Receiver
from tests.support.worlds import DOCUMENT, NOW, Mock

SOON = 10.0
DOUBLED = {"id": "f", "match": {"trigger": "booking.created"}, "effect": {"duplicate": True}}


@pytest.fixture
def sandbox(mock: Mock) -> Sandbox:
    return mock.sandbox


@pytest.fixture
def timekeeper() -> Iterator[Callable[..., Timekeeper]]:
    made: list[Timekeeper] = []

    def make(wake: Callable[[str], float | None]) -> Timekeeper:
        made.append(Timekeeper(wake))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def test_who_waits_for_a_delivery_finds_its_retry_on_the_agenda() -> None:
    found: list[int | None] = []

    class Slow(Agenda):
        def add(self, *entry: Any) -> None:
            waiting.start()
            waiting.join(0.3)  # time enough for someone who isn't kept waiting
            super().add(*entry)

    agenda, courier = Slow(), Courier()
    outbox = Outbox(agenda)
    waiting = threading.Thread(target=lambda: found.append(agenda.next_at() if outbox.drain(SOON) else None))
    with Receiver(SECRET) as receiver:
        receiver.status = 503
        send(courier, outbox, Clock(ClockSetting("frozen", NOW)), delivery(webhook(receiver.url)))
        assert courier.stop(SOON)
    waiting.join(SOON)
    assert found == [NOW + PAUSES[0]]


def test_a_retry_that_is_due_at_once_can_be_resumed() -> None:
    agenda = Agenda(lambda: run.start())  # as the timekeeper, which is told at once
    outbox = Outbox(agenda)
    sent: Delivery = delivery(webhook("http://localhost/"))
    resumed: list[bool] = []

    def keep_time() -> None:
        entry = agenda.take(NOW)
        resumed.append(entry is not None and entry.run())

    run = threading.Thread(target=keep_time)
    outbox.add([sent], [])
    outbox.end_attempt(sent, None, "retrying", NOW, lambda: outbox.resume(sent, NOW))
    run.join(SOON)
    assert resumed == [True]
    assert sent.status == "queued"
    assert not outbox.drain(0)


def test_a_sandbox_whose_clock_is_being_moved_keeps_nobody_waiting(sandbox: Sandbox) -> None:
    entered, leave = threading.Event(), threading.Event()

    def settle() -> bool:
        entered.set()
        return leave.wait(SOON)

    moving = threading.Thread(target=sandbox.advance, args=(60, settle))
    moving.start()
    assert entered.wait(SOON)
    woken: list[float | None] = []
    waking = threading.Thread(target=lambda: woken.append(sandbox.run_due()))
    waking.start()
    waking.join(1.0)
    waited = waking.is_alive()
    leave.set()
    moving.join(SOON)
    waking.join(SOON)
    assert not waited
    assert woken == [1.0]
    assert sandbox.run_due() is None


def test_an_advanced_clock_that_runs_is_looked_at_again(sandbox: Sandbox) -> None:
    told: list[str] = []
    sandbox.set_clock("shifted", None, lambda: True)
    sandbox._on_schedule = told.append
    sandbox.advance(60, lambda: True)
    assert told == [sandbox.name]


@pytest.mark.parametrize("move", ["advance", "set"])
def test_a_reset_meanwhile_leaves_the_new_world_where_it_begins(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, move: str
) -> None:
    def reset_first(*_: object) -> float:
        sandbox.reset()
        sandbox.agenda.add(NOW + 60, "reminder", "new", lambda: True)
        return NOW + 3600.0

    monkeypatch.setattr(sandbox.clock, "time_after" if move == "advance" else "time_when_set", reset_first)
    if move == "advance":
        fired = sandbox.advance(3600, lambda: True)
    else:
        fired = sandbox.set_clock("frozen", NOW + 3600, lambda: True)
    assert fired == []
    assert (sandbox.clock.now(), sandbox.agenda.next_at()) == (NOW, NOW + 60)


def test_a_clock_shows_no_other_time_while_it_is_set() -> None:
    shown: list[float] = []

    class Watched(Clock):
        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            if watching:
                shown.append(self.exact())

    watching = False
    clock = Watched(ClockSetting("shifted", NOW))
    watching = True
    clock.set("frozen")
    clock.set("shifted", NOW + 5)
    clock.set("frozen", NOW + 5)
    assert shown
    assert all(NOW <= at < NOW + 10 for at in shown)


def test_a_timekeeper_without_a_free_thread_starts_later(
    timekeeper: Callable[..., Timekeeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: set[str] = set()
    both = threading.Event()

    def wake(key: str) -> None:
        woken.add(key)
        if woken == {"a", "b"}:
            both.set()

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    keeper = timekeeper(wake)
    with monkeypatch.context() as short:
        short.setattr(threading.Thread, "start", refuse)
        keeper.look_at("a")
    keeper.look_at("b")
    assert both.wait(SOON)


def test_a_world_that_ends_gets_no_second_one_of_a_doubled_delivery() -> None:
    fault = parse_scenario({**DOCUMENT, "faults": [DOUBLED]}).faults[0]
    courier, outbox = Courier(), Outbox()
    with Receiver(SECRET) as receiver:
        receiver.on_delivery = lambda _: outbox.close()
        sent = delivery(webhook(receiver.url))
        sent.fault = fault
        send(courier, outbox, Clock(ClockSetting("frozen", NOW)), sent)
        assert outbox.drain(SOON)
        courier.stop(SOON)
        assert (sent.status, len(receiver.received)) == ("delivered", 1)
