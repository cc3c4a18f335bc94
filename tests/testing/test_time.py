"""The simulator's time: a stopped one where the test has stopped it, else the scenario's own."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from freezegun import freeze_time

from mockserver.testing import NylasMock, WebhookRequest
from tests.support.worlds import DOCUMENT
from tests.testing.calls import book

MONDAY = datetime(2031, 3, 3, 8, tzinfo=UTC)
FROZEN = {**DOCUMENT, "clock": {"mode": "frozen", "now": "2026-03-02T09:00:00Z"}}
Stop = Callable[[datetime], AbstractContextManager[Any]]


@pytest.fixture(params=["freezegun", "time-machine"])
def stop_time(request: pytest.FixtureRequest) -> Stop:
    if request.param == "freezegun":
        return lambda at: freeze_time(at)
    return lambda at: time_machine.travel(at, tick=False)


def test_it_follows_a_stopped_clock(stop_time: Stop) -> None:
    with stop_time(MONDAY), NylasMock() as nylas:
        assert nylas.now == MONDAY
        book(nylas)
        assert nylas.bookings.one().start.date() == MONDAY.date()
        assert nylas.requests.one().at == MONDAY
        assert nylas.notifications.one().at == MONDAY


def test_it_follows_where_that_clock_goes(stop_time: Stop) -> None:
    with NylasMock() as nylas:
        with stop_time(MONDAY):
            assert nylas.now == MONDAY
        with stop_time(MONDAY + timedelta(hours=5)):
            assert nylas.now == MONDAY + timedelta(hours=5)
            assert nylas.free_slots("intro")[0].start > MONDAY + timedelta(hours=5)


def test_a_stopped_clock_wins_over_the_scenarios(stop_time: Stop) -> None:
    with NylasMock(FROZEN) as nylas, stop_time(MONDAY):
        assert nylas.now == MONDAY
        assert nylas.free_slots("intro")[0].start.date() == MONDAY.date()


def test_what_falls_due_happens_when_that_clock_has_moved(stop_time: Stop) -> None:
    statuses = iter([503, 200])
    with NylasMock(on_notification=lambda told: next(statuses)) as nylas:
        with stop_time(MONDAY):
            book(nylas)
            assert nylas.notifications.one().deliveries[0].next_attempt == MONDAY + timedelta(seconds=150)
        with stop_time(MONDAY + timedelta(minutes=3)):
            assert nylas.notifications.one().delivered


def test_time_advances_from_a_stopped_clock(stop_time: Stop) -> None:
    with stop_time(MONDAY), NylasMock() as nylas:
        nylas.advance(hours=2)
        assert nylas.now == MONDAY + timedelta(hours=2)


def test_without_one_the_scenarios_clock_counts() -> None:
    with NylasMock(FROZEN) as nylas:
        assert nylas.now == datetime(2026, 3, 2, 9, tzinfo=UTC)
        nylas.advance(timedelta(days=1), hours=2)
        assert nylas.now == datetime(2026, 3, 3, 11, tzinfo=UTC)


def test_a_clock_that_follows_the_machines_goes_on_from_where_it_was_brought() -> None:
    began = datetime.now(UTC)  # noqa: TID251 - the machine's time is what this is about
    with NylasMock() as nylas:
        assert began <= nylas.now
        nylas.advance(days=1)
        assert timedelta(days=1) <= nylas.now - began < timedelta(days=1, minutes=2)
        with pytest.raises(ValueError, match="not negative"):
            nylas.advance(hours=-1)


def test_reminders_fall_due_on_the_way() -> None:
    entry = DOCUMENT["configurations"]["intro"]
    reminders = [{"type": "webhook", "minutes_before_event": 60}]
    event = {**entry["body"]["event_booking"], "reminders": reminders}
    intro = {**entry, "body": {**entry["body"], "event_booking": event}}
    with NylasMock({**DOCUMENT, "configurations": {"intro": intro}}) as nylas:
        book(nylas, slot=10)
        start = nylas.bookings.one().start
        assert not nylas.notifications.of("booking.reminder")
        fired = nylas.advance(start - nylas.now)
        assert fired.of("reminder").one().at == start - timedelta(hours=1)
        assert nylas.notifications.of("booking.reminder").one().at == start - timedelta(hours=1)


@pytest.mark.parametrize("scenario", [None, FROZEN], ids=["real", "frozen"])
def test_a_decorator_stops_the_time_after_the_fixtures(scenario: Any) -> None:
    with NylasMock(scenario) as nylas:
        seen: list[WebhookRequest] = []
        nylas.on_notification = seen.append
        known = (nylas.api_key, nylas.client_id, nylas.configuration("intro"))
        with freeze_time(MONDAY):
            assert nylas.now == MONDAY
            book(nylas)
            assert min(each.start for each in nylas.events) > MONDAY, "the scenario's times count from there"
        assert known == (nylas.api_key, nylas.client_id, nylas.configuration("intro"))
        assert len(seen) == 1


@pytest.mark.parametrize(
    "stop", ["from freezegun import freeze_time as stop", "from time_machine import travel as stop"]
)
def test_even_the_first_import_may_happen_while_time_stands(stop: str) -> None:
    """A process of its own: here everything has been imported long since."""
    program = f"""
{stop}
from mockserver.testing import NylasMock
with stop("2031-03-03T08:00:00Z"):
    with NylasMock() as nylas:
        import requests
        slot = nylas.free_slots("intro")[0]
        body = {{"start_time": slot.start_time, "end_time": slot.end_time,
                "guest": {{"name": "Ada", "email": "ada@example.com"}}}}
        query = {{"configuration_id": nylas.configuration("intro").id}}
        url = "https://api.us.nylas.com/v3/scheduling/bookings"
        assert requests.post(url, params=query, json=body, timeout=5).status_code == 200
        assert nylas.mail[0].text
with NylasMock() as nylas:
    assert nylas.now.year < 2031
    print(nylas.requests, len(nylas.free_slots("intro")) > 3)
"""
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (said.returncode, said.stderr, said.stdout) == (0, "", "[] True\n")
