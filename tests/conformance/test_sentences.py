"""Every promise of the page that this project started from is judged by clauses that exist."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.checking import all_checks
from conformance.clauses import Level, clauses

ROOT = Path(__file__).parents[2]
DOCUMENT = yaml.safe_load((ROOT / "tests" / "promises.yaml").read_text(encoding="utf-8"))
PROMISES: list[dict[str, Any]] = [each for section in DOCUMENT["sections"].values() for each in section]
"""In the order of the page; tests/test_promises.py knows how many there are in each of its sections."""
NOT_BINDING = {18}
"""Where the answers of a pending booking are kept shows only in places that no document promises."""


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: str(promise["id"]))
def test_a_promise_is_judged_by_clauses_that_are_looked_at(promise: dict[str, Any]) -> None:
    judged = {clause.id for check in all_checks() for clause in check.clauses}
    named = promise["clauses"]
    assert named, "a promise without a clause"
    assert [id for id in named if id not in clauses()] == []
    assert [id for id in named if id not in judged] == [], "a clause without a check"
    binding = any(clauses()[id].level == Level.MUST for id in named)
    assert binding or promise["id"] in NOT_BINDING
    assert len(set(named)) == len(named)


def test_what_is_said_to_come_from_the_page_is_one_of_its_promises() -> None:
    from_the_page = {id for id, clause in clauses().items() if clause.source == "seed"}
    assert from_the_page - {id for promise in PROMISES for id in promise["clauses"]} == set()
