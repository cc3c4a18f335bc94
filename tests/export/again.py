"""Replays an export, and exports the replay."""

from pathlib import Path
from typing import Any, NamedTuple

from mockserver.recording import as_yaml, export_scenario, without_comments
from mockserver.replaying import Replay, replay_document
from mockserver.replaying.engine import Player
from mockserver.replaying.mock import Mock as Stage
from mockserver.replaying.scope import Scope
from mockserver.sandbox import Sandbox
from mockserver.scenario import parse_scenario


class Export(NamedTuple):
    """What an export says: as text with its comments, and as data."""

    text: str
    document: dict[str, Any]

    @property
    def steps(self) -> list[dict[str, Any]]:
        return list(self.document["steps"])

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """Method, path and expected status of every request."""
        return [
            (each["request"]["method"], each["request"]["path"], each["expect"].get("status", 0))
            for each in self.steps
            if "request" in each
        ]


def export_of(sandbox: Sandbox, masked: bool = True) -> Export:
    document, heading = export_scenario(sandbox, masked)
    return Export(as_yaml(document, heading), without_comments(document))


def replayed(text: str) -> Replay:
    """The replay of a scenario; everything in it has to hold."""
    replay = replay_document(text)
    found = differences(replay)
    assert not found, "\n".join(found)
    assert replay.held, replay.reason
    return replay


def differences(replay: Replay) -> list[str]:
    """What is wrong in a replay, step by step."""
    return [
        f"step {step.index} ({step.label}): {step.note} {'; '.join(map(str, step.differences))}"
        for step in replay.steps
        if not step.good
    ]


def export_again(text: str, masked: bool = True) -> Export:
    """The export of a sandbox in which the steps of a scenario were done."""
    scenario = parse_scenario(text)
    with Stage(scenario) as stage:
        player = Player(stage, Scope(stage.look_up, stage.now, scenario.zone), Replay("", ""), lambda path: 1)
        for step in scenario.steps:
            player.play(step)
        return export_of(stage.sandbox, masked)


def write(folder: Path, text: str) -> str:
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)
