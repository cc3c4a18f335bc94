"""Replays are the same to the byte, however often and wherever they are done."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.replaying import Replay, replay_document
from tests.replay.worlds import about, at, body, booking, scenario
from tests.support.worlds import NOW

WEBHOOKS = {
    "w": {"url": "http://127.0.0.1:9/hook", "compressed": True},
    "v": {"url": "http://127.0.0.1:9/other"},
}

LIFE: dict[str, Any] = scenario(
    booking(),
    {"fault": {"match": {"trigger": "booking.rescheduled"}, "effect": {"duplicate": True}}},
    about("PATCH", body={"start_time": at(2, "11:00"), "end_time": at(2, "11:30")}),
    {"stepId": "lunch", "event": {"calendar": "bob", "at": {"workday": 3, "at": "12:00"}, "duration": 60}},
    {"notifications": [{}, {}]},
    {"clock": {"advance": "PT1H"}},
    about("DELETE"),
    {
        "request": {"method": "POST", "path": "/v3/scheduling/bookings", "body": body()},
        "expect": {"status": 401},
    },
    booking("again", hour=14),
    webhooks=WEBHOOKS,
)
"""Whatever leaves a trace."""


def trace(replay: Replay) -> str:
    """All that was answered, notified and sent by mail, and all that is said of it."""
    return repr([replay.steps, replay.notifications, replay.mails])


def test_twice_the_same_bytes() -> None:
    first, second = replay_document(LIFE), replay_document(LIFE)
    assert first.held, first.differences()
    assert len(first.notifications) == 4
    assert len(first.mails) > 5
    assert trace(first) == trace(second)


def test_in_between_others_do_not_matter() -> None:
    alone = trace(replay_document(LIFE))
    replay_document(scenario(booking(), seed=3))
    assert trace(replay_document(LIFE)) == alone


def test_another_seed_is_another_replay() -> None:
    assert trace(replay_document({**LIFE, "seed": 8})) != trace(replay_document(LIFE))


@pytest.mark.slow
def test_two_processes_print_the_same(tmp_path: Path) -> None:
    file = tmp_path / "life.yaml"
    file.write_text(yaml.safe_dump(LIFE, sort_keys=False))
    said = []
    for junit in ("a.xml", "b.xml"):
        command = [sys.executable, "-m", "mockserver", "replay", str(file), "--junit", str(tmp_path / junit)]
        done = subprocess.run(command, capture_output=True, check=True)
        said.append((done.stdout, (tmp_path / junit).read_bytes()))
    assert said[0] == said[1]
    assert b"1 scenario: 1 held" in said[0][0]


def test_no_clock_runs_while_steps_are_done() -> None:
    clock = {"mode": "shifted", "now": "2026-03-02T09:00:00.999Z"}  # the next second would be near
    steps = [booking(f"b{hour}", hour=hour) for hour in range(9, 16)]
    replay = replay_document(scenario(*steps, clock=clock))
    assert replay.held, replay.differences()
    assert {each["time"] for each in replay.notifications} == {NOW}
