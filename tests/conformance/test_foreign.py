"""Somebody else's implementation gets a report that is of use: what it keeps, what it breaks."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.report.document import Document
from conformance.settings import Settings
from conformance.strangers.ledger import Ledger
from conformance.strangers.limits import Limits
from conformance.suite import Outcome, run
from conformance.verdict import Exit, Status
from tests.conformance.outcomes import report
from tests.support.server import ServerProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PAGE = "11111111-2222-4333-8444-555555555555"
KEPT = {
    *("BK-AVAIL-001", "BK-AVAIL-002", "BK-AVAIL-020", "BK-AVAIL-021", "BK-CREATE-001", "BK-CREATE-002"),
    *("BK-CREATE-007", "BK-CREATE-016", "BK-READ-002", "BK-READ-003", "BK-READ-006", "BK-READ-007"),
    *("BK-MOVE-001", "BK-MOVE-002", "BK-MOVE-008", "BK-CANCEL-001", "BK-CANCEL-002", "BK-CANCEL-007"),
}
BROKEN = {
    "BK-WIRE-005": "a window without its end is an accident",
    "BK-AVAIL-004": "and no refusal",
    "BK-CREATE-004": "any time can be booked",
    "BK-CREATE-008": "so is a missing guest",
    "BK-CREATE-014": "additional fields are not looked at",
    "BK-MOVE-003": "moving doesn't look for conflicts",
    "BK-MOVE-012": "and never did",
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """The outcome of a quick run on it."""
    program = Path(__file__).with_name("foreign.py")
    with ServerProcess(command=(sys.executable, str(program), PAGE)) as foreign:
        yield run(
            Settings(
                base_url=foreign.url,
                configurations={"": (PAGE,)},
                profiles=("core",),
                limits=Limits(allow_writes=True, max_bookings=1000),
                quick=True,
                ledger=tmp_path_factory.mktemp("foreign") / "ledger",
            )
        )


@pytest.fixture(scope="module")
def told(judged: Outcome) -> Document:
    return report(judged)


def ended(document: Document, *statuses: Status) -> set[str]:
    return {each["id"] for each in document["clauses"] if each["status"] in statuses}


def test_it_is_told_what_it_keeps(told: Document) -> None:
    assert KEPT - ended(told, Status.PASS) == set()


def test_it_is_told_what_it_breaks_and_how_to_see_it(told: Document) -> None:
    assert BROKEN.keys() - ended(told, Status.FAIL) == set()
    for clause in told["clauses"]:
        if clause["status"] == Status.FAIL:
            first = clause["failures"][0]
            assert first["expected"]
            assert first["seen"]
            assert any(step["curl"].startswith("curl ") for step in first["steps"])
    assert told["verdict"]["exit_code"] == Exit.BROKEN
    assert "does not conform to core" in told["verdict"]["headline"]


def test_what_it_was_not_asked_is_not_held_against_it(told: Document) -> None:
    for clause in told["clauses"]:
        if clause["status"] == Status.NOT_VERIFIED:
            assert clause["reason"]
    assert "BK-AVAIL-003" in ended(told, Status.NOT_VERIFIED)  # nobody can see its settings


def test_nothing_goes_wrong_on_our_side(judged: Outcome, told: Document) -> None:
    assert ended(told, Status.ERROR) == set()
    assert told["verdict"]["incomplete"] == []
    assert told["left"] == []
    assert Ledger(judged.settings.ledger).left() == []
