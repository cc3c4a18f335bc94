"""Every pain point has its scenario, which hurts: without what it is about it would not hold."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from mockserver.replaying import replay_document, replay_file
from mockserver.scenario import ScenarioInfo, list_scenarios
from mockserver.scenario.library import read_document
from tests.support.npm import ROOT
from tests.support.receiver import Receiver

POINTS = range(1, 23)
"""The numbered pain points of the table."""

SCENARIOS = {each.name: each for each in list_scenarios() if each.name.startswith("pain/")}
TABLE = (ROOT / "docs" / "pain.md").read_text(encoding="utf-8")
SEEN_WITH_A_RECEIVER = "pain/webhooks-twice-late-and-lost"


def rows() -> dict[int, list[str]]:
    """The scenarios that the table names, by pain point."""
    lines = re.findall(r"^\| (\d+) \|(?:[^|]*\|){2}([^|]*)\|$", TABLE, re.MULTILINE)
    return {int(number): re.findall(r"`(pain/[a-z0-9-]+)`", cell) for number, cell in lines}


def document(name: str) -> dict[str, Any]:
    value: dict[str, Any] = read_document(SCENARIOS[name].path).value
    return value


def told_points(info: ScenarioInfo) -> list[int]:
    """The pain points that a description says it is about."""
    found = re.search(r"\(Pain points? ([0-9, ]+)\.\)$", info.description)
    return [int(each) for each in found[1].split(", ")] if found else []


def test_the_table_has_every_point_once_and_names_what_there_is() -> None:
    assert list(rows()) == list(POINTS)
    for number, names in rows().items():
        assert names, f"pain point {number} has neither a scenario nor a reason"
    assert set(re.findall(r"`(pain/[a-z0-9-]+)`", TABLE)) == set(SCENARIOS)


def test_table_and_descriptions_agree() -> None:
    by_name = defaultdict(list)
    for number, names in rows().items():
        for name in names:
            by_name[name].append(number)
    assert {name: told_points(info) for name, info in SCENARIOS.items()} == {
        name: by_name[name] for name in SCENARIOS
    }


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_says_what_hurts_and_what_to_do_and_has_steps(name: str) -> None:
    info = SCENARIOS[name]
    assert "A client" in info.description
    assert info.steps >= 2
    assert info.name == f"pain/{document(name)['name']}"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (name, key)
        for name in SCENARIOS
        for key in ("faults", "dialect")
        if name != SEEN_WITH_A_RECEIVER and key in document(name)
    ],
)
def test_it_hurts_because_of_its_faults_or_dialect(name: str, key: str) -> None:
    whole = document(name)
    assert replay_document(whole).held
    harmless = {each: value for each, value in whole.items() if each != key}
    assert not replay_document(harmless).held


def test_webhooks_come_twice_late_or_never(tmp_path: Path) -> None:
    whole = document(SEEN_WITH_A_RECEIVER)
    path = tmp_path / "pain.yaml"
    with Receiver() as receiver:
        whole["webhooks"]["shop"]["url"] = receiver.url
        path.write_text(json.dumps(whole), encoding="utf-8")
        assert replay_file(path, deliver=True).held
        told = [(each.json["type"], each.json["id"]) for each in receiver.received]
    assert [type for type, _ in told] == [
        *("booking.created", "booking.created"),
        *("booking.cancelled", "booking.rescheduled"),
    ]
    assert told[0] == told[1]
