"""What a run comes to: statuses, headline, exit code."""

from dataclasses import replace

import pytest

from conformance.clauses import Level, clause, clauses
from conformance.verdict import Exit, Status, Verdict
from tests.conformance.outcomes import outcome

MUST, SHOULD, MAY = "BK-CREATE-005", "BK-CREATE-006", "BK-CREATE-015"


def musts(profile: str) -> int:
    return sum(each.profile == profile and each.level == Level.MUST for each in clauses().values())


def verdict_of(**how: object) -> Verdict:
    return outcome(**how).verdict  # type: ignore[arg-type]


def test_the_levels_are_what_these_tests_take_them_for() -> None:
    assert [clause(each).level for each in (MUST, SHOULD, MAY)] == [Level.MUST, Level.SHOULD, Level.MAY]


@pytest.mark.parametrize(
    ("how", "code", "allowing", "strictly"),
    [
        ({}, 0, 0, 0),
        ({"broken": [MUST]}, 1, 1, 1),
        ({"broken": [SHOULD]}, 0, 0, 1),
        ({"broken": [MAY]}, 0, 0, 0),
        ({"missed": [MUST]}, 3, 0, 3),
        ({"missed": [SHOULD]}, 0, 0, 3),
        ({"missed": [MAY]}, 0, 0, 0),
        ({"unsupported": [MUST]}, 3, 0, 3),
        ({"errors": [MUST]}, 3, 3, 3),
        ({"errors": [SHOULD]}, 0, 0, 3),
        ({"broken": [MUST], "missed": ["BK-CREATE-004"]}, 1, 1, 1),
        ({"incomplete": ["the time limit was reached"]}, 3, 0, 3),
        ({"missed": list(clauses())}, 3, 3, 3),
        ({"missed": [each.id for each in clauses().values() if each.profile == "private"]}, 3, 0, 3),
    ],
)
def test_exit_codes(how: dict[str, list[str]], code: int, allowing: int, strictly: int) -> None:
    verdict = verdict_of(**how)
    assert verdict.exit_code() == code
    assert verdict.exit_code(allow_incomplete=True) == allowing
    assert replace(verdict, strict=True).exit_code() == strictly


def test_the_headline_counts_the_musts_of_every_profile() -> None:
    read, core = musts("read"), musts("core")
    assert verdict_of(profiles=("core",)).headline == (
        f"conforms to read: {read} of {read} MUST; conforms to core: {core} of {core} MUST; "
        "confirmation, private, round-robin, webhooks, ui, administration not tested"
    )
    assert verdict_of(profiles=("read",), broken=["BK-READ-003"]).headline.startswith(
        f"does not conform to read: {read - 1} of {read} MUST; "
    )
    assert verdict_of(profiles=("read",), missed=["BK-READ-003"]).headline.startswith(
        f"incomplete: read: {read - 1} of {read} MUST; "
    )


def test_a_run_that_was_cut_short_conforms_to_nothing() -> None:
    headline = verdict_of(profiles=("read",), incomplete=["the time limit was reached"]).headline
    assert "conforms" not in headline


def test_a_profile_without_musts_conforms_to_nothing_either() -> None:
    assert "; ui: no MUST;" in verdict_of(profiles=("ui",)).headline


def test_what_is_not_permitted_is_disabled_and_counted() -> None:
    mail = "BK-PEND-014"
    verdict = verdict_of(missed=[mail], missing={"mail": "not permitted: --use-control"})
    (ruling,) = [each for each in verdict.rulings if each.clause.id == mail]
    assert (ruling.status, ruling.reason) == (Status.DISABLED, "not permitted: --use-control")
    number = musts("confirmation") - 1
    assert f"conforms to confirmation: {number} of {number} MUST (1 not permitted)" in verdict.headline
    assert verdict.exit_code() == Exit.CONFORMS


def test_what_the_target_lacks_is_not_verified() -> None:
    verdict = verdict_of(missed=["BK-AVAIL-010"], missing={"clock-change": "no configuration fits"})
    (ruling,) = verdict.unverified
    assert (ruling.status, ruling.reason) == (Status.NOT_VERIFIED, "no configuration fits")


def test_a_clause_that_is_named_alone_decides_alone() -> None:
    verdict = verdict_of(profiles=("core",), only=frozenset({MUST}))
    assert verdict.exit_code() == Exit.CONFORMS  # `read` was left out by the caller, it isn't untested
    assert verdict.headline.startswith("conforms to core: 1 of 1 MUST; ")
    assert {each.reason for each in verdict.rulings if each.clause.profile == "core" and not each.asked} == {
        "left out by --operation or --clause"
    }


def test_one_failure_among_many_successes_is_a_failure() -> None:
    made = outcome(broken=[MUST])
    made.findings.judge(MUST, True, "it", "it")
    (ruling,) = [each for each in made.verdict.rulings if each.clause.id == MUST]
    assert ruling.status == Status.FAIL
