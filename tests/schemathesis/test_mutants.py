"""The run can fail: each broken server is caught, and by the check that is there for it."""

import sys
from typing import Any

import pytest

from tests.schemathesis.conftest import ServerOf
from tests.schemathesis.mutants import MUTANTS
from tests.schemathesis.running import run

BOOKINGS = (("bookings", "availability"),)

CAUGHT_BY = {
    "wrong_id": (("getBooking",), (), "asked_for"),
    "no_validation": (("createBooking",), (), "negative_data_rejection"),
    "double_booking": (("createBooking",), (), "SoldOnce"),
    "undocumented_status": (("createBooking",), (), "status_code_conformance"),
    "never_cancelled": (("cancelBooking",), BOOKINGS, "StaysCancelled"),
    "no_api_key": (("listConfigurations",), (), "ignored_auth"),
}
"""By mutant: the operations to run by themselves, the groups whose links are followed, the check."""


def test_every_mutant_has_its_check() -> None:
    assert set(CAUGHT_BY) == set(MUTANTS)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutant", CAUGHT_BY)
def test_the_mutant_is_caught(mutant: str, contract: Any, server_of: ServerOf) -> None:
    operations, journeys, check = CAUGHT_BY[mutant]
    command = (sys.executable, "-m", "tests.schemathesis.mutants", mutant, "serve", "--port", "0")
    with server_of(*command) as access:
        outcome = run(contract, access, 3, journeys=journeys, operations=operations)
    assert any(failure.startswith(f"{check} ") for failure in outcome.failures), outcome.table()
