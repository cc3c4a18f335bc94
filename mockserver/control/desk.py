"""What the views of the control plane share: the sandboxes, and the one that the call is about."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from flask import current_app, g

from mockserver.control.refusals import BODY, ScenarioRefusal, invalid, not_found
from mockserver.sandbox import Sandbox, Sandboxes, Template
from mockserver.sandbox.registry import NAME
from mockserver.sandbox.waiting import WaitingRoom
from mockserver.scenario import Scenario, ScenarioError, load_scenario, parse_scenario, scenario_names
from mockserver.settings import Settings

EXTENSION = "mockserver.control"


@dataclass(frozen=True, slots=True)
class Desk:
    """The control plane of one server."""

    sandboxes: Sandboxes
    settings: Settings
    room: WaitingRoom

    def find(self, name: str) -> Sandbox:
        """The sandbox of that name. Raises ControlRefusal; never makes one."""
        if NAME.fullmatch(name) is None:
            raise not_found("no such sandbox: expected 1 to 40 of a-z, 0-9 and hyphen in its name")
        sandbox = self.sandboxes.find(name)
        if sandbox is None:
            raise not_found(
                f"no sandbox is named {name}: its first request under /v3/ makes it, or PUT "
                f"/_mock/sandboxes/{name}"
            )
        return sandbox

    def scenario(self, given: Any) -> Template:
        """The scenario that a call names or brings with it. Raises ControlRefusal."""
        if isinstance(given, dict):
            try:
                return brought(json.dumps(given))
            except ScenarioError as error:
                raise ScenarioRefusal(error, "scenario") from error
        if not isinstance(given, str):
            raise invalid("expected the name of a scenario, or a scenario", "scenario")
        if given == self.sandboxes.template.name:
            return self.sandboxes.template
        names = scenario_names()
        if given not in names:  # a path would be read from the server's disk
            there = ", ".join(dict.fromkeys([self.sandboxes.template.name, *names]))
            raise invalid(f"expected one of {there}, or a scenario", "scenario")
        return packaged(given, self.settings.seed)


@lru_cache(maxsize=64)
def packaged(name: str, seed: int | None) -> Scenario:
    """A scenario that travels with the program, read once."""
    return load_scenario([name], seed)


@lru_cache(maxsize=16)
def brought(text: str) -> Scenario:
    """A scenario that came with a call, as JSON; tests send the same one many times. Raises ScenarioError."""
    return parse_scenario(json.loads(text), BODY)


def desk() -> Desk:
    """The control plane that the request came to."""
    return cast("Desk", current_app.extensions[EXTENSION])


def current_sandbox() -> Sandbox:
    """The sandbox that the call is about. Raises ControlRefusal for one that doesn't exist."""
    return desk().find(g.sandbox_name)
