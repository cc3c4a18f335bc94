"""The list of clauses holds together, and every clause is looked at by something."""

import pytest
import yaml

from conformance.checking import all_checks
from conformance.clauses import PERMISSIONS, PROFILES, Clause, Level, clauses, sources
from conformance.pages import features
from conformance.resources import operations
from tests.conformance.harness import ROOT

TURNS_OUT = {"api-key", "grant", "events", "slug", "second", "unscoped-booking", "salt", "reference"}
"""Needs that are no feature of a configuration and no permission."""
INFERRED = ("8.1", "8.2")
"""Sections of what no document says, and of what documents contradict each other on."""
BOOKING_OPERATIONS = ("createBooking", "getBooking", "confirmBooking", "rescheduleBooking", "cancelBooking")
TRIGGERS = (
    "booking.created",
    "booking.pending",
    "booking.rescheduled",
    "booking.cancelled",
    "booking.reminder",
)


def all_clauses() -> list[Clause]:
    return list(clauses().values())


@pytest.mark.parametrize("clause", all_clauses(), ids=lambda each: each.id)
def test_a_clause_is_whole(clause: Clause) -> None:
    assert clause.profile in PROFILES
    assert clause.source in sources()
    assert clause.promise.endswith(".")
    assert set(clause.operations) <= set(operations())
    assert set(clause.needs) <= {*PERMISSIONS, *features(0), *TURNS_OUT}


@pytest.mark.parametrize("clause", all_clauses(), ids=lambda each: each.id)
def test_what_is_inferred_is_no_must(clause: Clause) -> None:
    assert clause.level != Level.MUST or clause.source not in INFERRED


def test_every_clause_is_looked_at() -> None:
    judged = {each.id for check in all_checks() for each in check.clauses}
    generated = {each.id for each in all_clauses() if each.generated}
    assert {each.id for each in all_clauses()} - judged - generated == set()


def test_an_id_is_given_once() -> None:
    listed = [each["id"] for each in yaml.safe_load((ROOT / "conformance/clauses.yaml").read_bytes())]
    assert len(listed) == len(set(listed))


def test_every_operation_of_the_contract_has_a_clause() -> None:
    named = {operation for each in all_clauses() for operation in each.operations}
    assert set(operations()) - named == set()


@pytest.mark.parametrize("operation", BOOKING_OPERATIONS)
def test_the_five_operations_are_promised_shape_acceptance_and_refusal(operation: str) -> None:
    found = {check for each in all_clauses() if operation in each.operations for check in each.generated}
    assert {"response_schema_conformance", "positive_data_acceptance", "negative_data_rejection"} <= found


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_every_notification_has_a_clause(trigger: str) -> None:
    assert any(trigger in each.promise and each.level == Level.MUST for each in all_clauses())


def test_every_documented_error_has_a_clause() -> None:
    """By the words of the contract's examples of refusals."""
    promises = " ".join(each.promise for each in all_clauses())
    for documented in (
        "404",
        "timeslot is unavailable",
        "valid grant",
        "additional field",
        "API key",
        "challenge",
    ):
        assert documented in promises, documented
