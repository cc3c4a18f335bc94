"""Scenarios with steps in the small world that other tests use too."""

from collections.abc import Mapping
from typing import Any

from mockserver.replaying import Replay, replay_document
from mockserver.scenario import Problem, ScenarioError, parse_scenario
from tests.support.worlds import DOCUMENT

BOOKINGS = "/v3/scheduling/bookings"
CONFIGURED = {"configuration_id": "${configurations.intro.id}"}
GUEST = {"name": "Gina Guest", "email": "gina@example.com"}


def scenario(*steps: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The small world with these steps; keyword arguments replace top-level keys."""
    return {**DOCUMENT, **more, "steps": list(steps)}


def at(workday: int, clock: str) -> dict[str, Any]:
    return {"$time": {"workday": workday, "at": clock}}


def body(workday: int = 1, hour: int = 10, **more: Any) -> dict[str, Any]:
    """A booking of half an hour."""
    return {
        "start_time": at(workday, f"{hour:02}:00"),
        "end_time": at(workday, f"{hour:02}:30"),
        "guest": GUEST,
        **more,
    }


def booking(step_id: str = "book", expect: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A step that books and saves the booking's id and reference."""
    return {
        "stepId": step_id,
        "request": {"method": "POST", "path": BOOKINGS, "query": CONFIGURED, "body": body(**more)},
        "expect": {"status": 200} if expect is None else dict(expect),
        "outputs": {"id": "$.data.booking_id", "ref": "$.data.booking_ref"},
    }


def about(method: str, step_id: str = "book", status: int = 200, **request: Any) -> dict[str, Any]:
    """A step about a booking that an earlier step made."""
    path = f"{BOOKINGS}/${{steps.{step_id}.id}}"
    return {
        "request": {"method": method, "path": path, "query": CONFIGURED, **request},
        "expect": {"status": status},
    }


def replayed(*steps: Mapping[str, Any], **more: Any) -> Replay:
    return replay_document(scenario(*steps, **more))


def outcomes(replay: Replay) -> list[str]:
    return [step.outcome for step in replay.steps]


def problems(*steps: Any, **more: Any) -> list[Problem]:
    """What is wrong with a scenario of these steps."""
    try:
        parse_scenario(scenario(*steps, **more))
    except ScenarioError as error:
        return error.problems
    return []
