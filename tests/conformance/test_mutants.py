"""The suite catches every broken server, by the clauses that it breaks and by no others."""

from collections import Counter
from pathlib import Path

import pytest

from conformance.clauses import Level, clause, clauses
from tests.conformance.harness import conformance_server, judged, red
from tests.conformance.mutants import Mutant, mutants

AT_LEAST = 80
KINDS = {"domain": 30, "time": 10, "concurrency": 5, "notification": 10}
MOST_ENVELOPE = 15


def test_every_must_has_a_mutant() -> None:
    broken = {id for each in mutants().values() for id in each.breaks}
    musts = {each.id for each in clauses().values() if each.level == Level.MUST}
    assert musts - broken == set()


def test_there_are_enough_of_every_kind() -> None:
    counted = Counter(kind for each in mutants().values() for kind in each.kinds)
    assert len(mutants()) >= AT_LEAST
    assert {kind: counted[kind] for kind in KINDS if counted[kind] < KINDS[kind]} == {}
    assert counted["envelope"] <= MOST_ENVELOPE


@pytest.mark.slow
@pytest.mark.parametrize("mutant", mutants().values(), ids=lambda each: each.name)
def test_the_mutant_is_caught(mutant: Mutant, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    with conformance_server(mutant=mutant, ran=ran) as server:
        outcome = judged(
            server.url,
            tmp_path / "ledger.jsonl",
            *mutant.profiles,
            operations=mutant.operations,
            quick=True,
            checks_only=not any(clause(each).generated for each in mutant.breaks),
        )
    assert ran.exists(), "the spoiled line was never reached"
    assert mutant.breaks <= red(outcome)
    assert red(outcome) <= mutant.breaks | mutant.also
