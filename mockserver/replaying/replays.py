"""Replays of files and documents against the mock."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockserver.replaying.engine import Player
from mockserver.replaying.mock import Mock
from mockserver.replaying.results import Replay
from mockserver.replaying.scope import Scope
from mockserver.scenario.library import read_document
from mockserver.scenario.scenario import Scenario, read_scenario
from mockserver.scenario.yaml_places import Document, load_data, load_text

SECRET = ("api_key", "secret")
"""Fields of the world that reports don't show."""

NO_STEPS = "it has no steps"


def replay_file(path: str | Path, *, deliver: bool = False, smtp: tuple[str, int] | None = None) -> Replay:
    """Do the steps of a scenario file in a fresh sandbox of this process.

    With `deliver`, notifications go to their webhooks; with `smtp` (host and port) as well, mails are sent
    there. Raises ScenarioError with all that is wrong with the file.
    """
    return _replay(read_document(Path(path)), deliver, smtp)


def replay_document(document: str | Mapping[str, Any], file: str = "<document>") -> Replay:
    """The same of a scenario that is there as YAML or JSON text, or as data. Nothing is delivered."""
    read = load_text(document, file) if isinstance(document, str) else load_data(document, file)
    return _replay(read, deliver=False, smtp=None)


def started(document: Document, scenario: Scenario) -> Replay:
    """A replay in which nothing was done yet."""
    reason = "" if scenario.steps else NO_STEPS
    return Replay(document.file, scenario.name, " ".join(scenario.description.split()), reason=reason)


def _replay(document: Document, deliver: bool, smtp: tuple[str, int] | None) -> Replay:
    scenario = read_scenario(document)
    replay = started(document, scenario)
    if not scenario.steps:
        return replay
    with Mock(scenario, deliver, smtp) as mock:
        for (_, name, field), value in mock.values.items():
            if field in SECRET:
                replay.secrets.add(f"{name}_{field}".strip("_").upper(), value)
        scope = Scope(mock.look_up, mock.now, scenario.zone)
        player = Player(mock, scope, replay, lambda path: document.place(path)[0])
        for step in scenario.steps:
            player.play(step)
        replay.notifications += mock.notifications()
        replay.mails += mock.mails()
    return replay
