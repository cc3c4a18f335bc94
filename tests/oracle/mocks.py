"""One mock that enters world after world: an app is costly to make, a world is not."""

import os
from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from mockserver.scenario import parse_scenario
from mockserver.settings import Settings
from tests.oracle.oracle import Answer, Calendars, Question, ask
from tests.oracle.reading import as_slots
from tests.oracle.strategies import World
from tests.support.worlds import INTRO, Mock

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES") or 0)
"""How many random worlds to compare; without it the same few every time."""

FEW = 400
"""How many those few are; tests with smaller budgets grow in proportion."""

TIMEOUT = 0 if EXAMPLES else 120


def budget(examples: int) -> settings:
    """So many worlds, the same in every run, unless more are asked for."""
    return settings(
        max_examples=max(EXAMPLES * examples // FEW, 1) if EXAMPLES else examples,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


class Traveller(Mock):
    """A mock whose answers aren't held to the contract, which other tests do and which takes long."""

    def __init__(self) -> None:
        super().__init__(settings=Settings())
        self.app.flask.test_client_class = FlaskClient
        self.client = self.app.flask.test_client(use_cookies=False)

    def enter(self, world: World) -> None:
        """Begin the world anew."""
        self.sandbox.reset(parse_scenario(world.document))

    def again(self) -> None:
        """Begin the same world anew."""
        self.sandbox.reset()

    def answer(self, start: int, end: int, **query: Any) -> Answer:
        """What the mock offers."""
        asked = {"configuration_id": INTRO, "start_time": start, "end_time": end, **query}
        response = self.call("GET", "/v3/scheduling/availability", query=asked)
        assert response.status_code == 200, response.json
        data = response.json["data"]
        return Answer(as_slots(data["time_slots"]), data.get("order"))


def opinion(
    world: World,
    calendars: Calendars,
    start: int | None = None,
    end: int | None = None,
    moving: frozenset[str] = frozenset(),
) -> Answer:
    """What the oracle says to the world's window, or another one."""
    return ask(
        Question(
            body=world.body,
            calendars=calendars,
            now=world.now,
            start=world.start if start is None else start,
            end=world.end if end is None else end,
            configuration_id=INTRO,
            slot_grid=world.slot_grid,
            moving=moving,
        )
    )
