"""`/_mock/clock` and `/_mock/drain`."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mockserver.control import clock as control_clock
from tests.control.plane import Plane
from tests.support.receiver import Receiver
from tests.support.worlds import DOCUMENT, NOW

REAL = {**DOCUMENT, "clock": {"mode": "real"}}
YEAR_2199 = 7_258_118_399


def test_the_clock_can_be_seen(plane: Plane) -> None:
    assert plane.get("clock") == {"mode": "frozen", "now": NOW, "iso": "2026-03-02T09:00:00Z"}


@pytest.mark.parametrize("now", [NOW + 60, "2026-03-02T09:01:00Z", "2026-03-02T10:01:00+01:00"])
def test_the_clock_can_be_set(plane: Plane, now: int | str) -> None:
    changed = plane.done("PATCH", "clock", {"mode": "frozen", "now": now})
    assert changed == {"mode": "frozen", "now": NOW + 60, "iso": "2026-03-02T09:01:00Z", "fired": []}


def test_the_clock_can_be_let_go_and_stopped(plane_of: Callable[..., Plane]) -> None:
    plane = plane_of(REAL)
    began = plane.done("PATCH", "clock", {"mode": "frozen"})
    stopped = plane.done("PATCH", "clock", {"mode": "frozen", "now": began["now"]})
    assert stopped == began == {**plane.get("clock"), "fired": []}
    assert plane.done("PATCH", "clock", {"mode": "shifted", "now": None})["mode"] == "shifted"
    ahead = plane.done("PATCH", "clock", {"advance": "P1D"})
    assert 0 <= ahead["now"] - began["now"] - 86_400 < 60
    assert plane.refused("PATCH", "clock", {"mode": "real"})["path"] == "mode"  # it would have to go back
    plane.done("POST", "reset", {})
    assert plane.get("clock")["mode"] == "real"


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("PT2H", 7200), ("PT1H30M", 5400), ("P1DT1S", 86_401), ("PT0S", 0), ("P40000D", 40_000 * 86_400)],
)
def test_a_frozen_clock_can_be_advanced(plane: Plane, duration: str, seconds: int) -> None:
    moved = plane.done("PATCH", "clock", {"advance": duration})
    assert (moved["mode"], moved["now"], moved["fired"]) == ("frozen", NOW + seconds, [])
    assert plane.get("clock")["now"] == NOW + seconds


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({}, "mode"),
        ({"now": NOW + 60}, "mode"),
        ({"mode": "stopped"}, "mode"),
        ({"mode": ["frozen"]}, "mode"),
        ({"mode": None}, "mode"),
        ({"mode": "frozen", "now": NOW - 1}, "now"),
        ({"mode": "shifted", "now": "2026-03-02T08:00:00Z"}, "now"),
        ({"mode": "real", "now": NOW + 60}, "now"),
        ({"mode": "frozen", "now": YEAR_2199 + 1}, "now"),
        ({"mode": "frozen", "now": 10**17}, "now"),
        ({"mode": "frozen", "now": 1e300}, "now"),
        ({"mode": "frozen", "now": True}, "now"),
        ({"mode": "frozen", "now": "tomorrow"}, "now"),
        ({"mode": "frozen", "now": "2200-01-01T00:00:00Z"}, "now"),
        ({"advance": "2h"}, "advance"),
        ({"advance": "-PT2H"}, "advance"),
        ({"advance": "P1Y"}, "advance"),
        ({"advance": ""}, "advance"),
        ({"advance": 7200}, "advance"),
        ({"advance": None}, "advance"),
        ({"advance": "P99999D"}, "advance"),
        ({"advance": "PT2H", "mode": "frozen"}, "advance"),
        ({"advance": "PT2H", "speed": 2}, "speed"),
    ],
)
def test_a_wrong_change_is_refused(plane: Plane, change: dict[str, Any], path: str) -> None:
    error = plane.refused("PATCH", "clock", change)
    assert error["type"] == "invalid_request_error"
    assert error.get("path", path) == path
    assert path in error["message"]


def test_the_real_clock_cannot_be_advanced(plane_of: Callable[..., Plane]) -> None:
    plane = plane_of(REAL)
    response = plane.ask("PATCH", "clock", {"advance": "PT2H"})
    assert response.status_code == 400
    assert response.json["error"]["path"] == "advance"


def test_the_clock_stops_before_the_end_of_time(plane: Plane) -> None:
    plane.done("PATCH", "clock", {"mode": "frozen", "now": YEAR_2199})
    assert plane.get("clock")["iso"] == "2199-12-31T23:59:59Z"
    assert plane.refused("PATCH", "clock", {"advance": "PT1S"})["path"] == "advance"


def test_advances_take_turns(plane: Plane) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: plane.done("PATCH", "clock", {"advance": "PT1M"})["now"], range(8))
        assert sorted(answers) == [NOW + 60 * n for n in range(1, 9)]


def test_drain_returns_when_everything_has_arrived(told: Plane, receiver: Receiver) -> None:
    assert told.done("POST", "drain") == {"drained": True}
    receiver.manner = "hang"
    told.book()
    receiver.wait_for(1)
    with ThreadPoolExecutor(1) as pool:
        draining = pool.submit(told.done, "POST", "drain")
        assert not draining.done()
        receiver.release()
        assert draining.result(10) == {"drained": True}
    assert told.get("notifications")["data"][0]["status"] == "delivered"


def test_advance_waits_for_what_is_on_its_way(told: Plane, receiver: Receiver) -> None:
    receiver.manner = "hang"
    told.book()
    receiver.wait_for(1)
    with ThreadPoolExecutor(1) as pool:
        advancing = pool.submit(told.done, "PATCH", "clock", {"advance": "PT1H"})
        assert told.get("clock")["now"] == NOW
        receiver.release()
        assert advancing.result(10)["now"] == NOW + 3600
    (attempt,) = told.get("notifications")["data"][0]["attempts"]
    assert attempt["at"] == NOW


def test_a_receiver_may_look_at_the_clock_while_it_is_advanced(told: Plane, receiver: Receiver) -> None:
    seen: list[int] = []
    entered = threading.Event()

    def look(_: object) -> None:
        entered.wait(10)
        seen.append(told.get("clock")["now"])

    receiver.on_delivery = look
    told.book()
    with ThreadPoolExecutor(1) as pool:
        advancing = pool.submit(told.done, "PATCH", "clock", {"advance": "PT1H"})
        entered.set()
        assert advancing.result(10)["now"] == NOW + 3600
    assert seen == [NOW]


def test_advance_gives_up_on_a_receiver_that_hangs(
    told: Plane, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_clock, "LONGEST_DRAIN", 0.1)
    receiver.manner = "hang"
    told.book()
    receiver.wait_for(1)
    assert told.done("POST", "drain") == {"drained": False}
    error = told.refused("PATCH", "clock", {"advance": "PT1H"}, status=503)
    assert error["type"] == "unavailable"
    assert told.refused("POST", "drain", {"timeout": 1})["path"] == "timeout"
    receiver.release()
