"""A conforming implementation is never blamed, whichever of the documented variants it speaks.

Each seed gets one row of a table in which every two switches of the dialect meet in every combination of
their values. `NO_FALSE_ALARMS=all` runs all seeds in full; else five of them run quickly.
"""

import os
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import pytest
import requests

from conformance.clauses import Level, clauses
from mockserver.domain.dialect import SWITCHES
from tests.conformance.harness import conformance_server, judged, red

ROWS = (
    "000000000000000",
    "011111111111111",
    "100110101100120",
    "101001010011021",
    "011010000010110",
    "010001111101000",
    "100100001001011",
    "101101000100101",
    "000010110010000",
    "010101101101020",
)
"""Which value of each switch, in the order of `SWITCHES`."""
SENSELESS = {("reschedule_response", "request_id"), ("reschedule_booking_id", "new")}
"""A booking with a new id that no answer tells: nobody could go on with it, and a clause forbids it."""
SEEDS = range(20)
IN_HASTE = (1, 2, 3, 5, 7)
EVERYTHING = os.environ.get("NO_FALSE_ALARMS") == "all"


def test_every_two_values_meet() -> None:
    assert len(ROWS) <= 16
    wanted = [set(each) for each in combinations(_choices(SWITCHES), 2) if len(dict(each)) == 2]
    spoken = [set(_dialect(seed).items()) for seed in range(len(ROWS))]
    missing = [pair for pair in wanted if not any(pair <= row for row in spoken)]
    assert missing == [SENSELESS]


def test_every_row_has_a_seed() -> None:
    assert {seed % len(ROWS) for seed in SEEDS} == set(range(len(ROWS)))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", SEEDS if EVERYTHING else IN_HASTE)
def test_a_conforming_server_is_not_blamed(seed: int, tmp_path: Path) -> None:
    with conformance_server() as server:
        choice = requests.patch(f"{server.url}/_mock/dialect", json=_dialect(seed), timeout=30)
        choice.raise_for_status()
        outcome = judged(server.url, tmp_path / "ledger.jsonl", "all", seed=seed, quick=not EVERYTHING)
    blamed = red(outcome) - {each.id for each in clauses().values() if each.level == Level.MAY}
    assert blamed == set(), [each.found.failures for each in outcome.verdict.rulings if each.found.failed]
    assert outcome.verdict.unverified == []
    assert outcome.findings.incomplete == []
    assert outcome.verdict.exit_code() == 0
    assert outcome.left == ()


def _dialect(seed: int) -> dict[str, str]:
    row = ROWS[seed % len(ROWS)]
    return {name: values[int(digit)] for (name, values), digit in zip(SWITCHES.items(), row, strict=True)}


def _choices(switches: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in switches.items() for value in values]
