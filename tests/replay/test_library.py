"""Every scenario of the project that has steps replays, and so does what the documentation shows."""

from pathlib import Path

import pytest

from mockserver.replaying import replay_document, replay_file
from mockserver.resources import data_path
from mockserver.scenario.library import read_document

FILES = sorted(data_path("scenarios").rglob("*.yaml"))
WITH_STEPS = [path for path in FILES if read_document(path).value.get("steps")]


@pytest.mark.parametrize("path", WITH_STEPS, ids=lambda path: path.stem)
def test_it_replays(path: Path) -> None:
    replay = replay_file(path)
    assert replay.held, "\n".join(replay.differences())


def test_the_example_of_the_documentation_replays() -> None:
    text = (Path(__file__).parents[2] / "docs" / "replay.md").read_text()
    example = text.partition("```yaml\n")[2].partition("```")[0]
    replay = replay_document(example)
    assert len(replay.steps) == 4
    assert replay.held, "\n".join(replay.differences())
