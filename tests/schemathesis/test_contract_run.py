"""Schemathesis runs the contract against the running server."""

from typing import Any

import pytest

from tests.schemathesis.conftest import ServerOf
from tests.schemathesis.running import operation_ids, run

EXAMPLES = 8
CASES = 2000
BOOKED = 0.25
BOOKINGS = "/v3/scheduling/bookings"
LINKED = {
    f"POST {BOOKINGS}",
    *(f"{method} {BOOKINGS}/{{booking_id}}" for method in ("GET", "PUT", "PATCH", "DELETE")),
    "DELETE /v3/scheduling/sessions/{session_id}",
    "GET /v3/grants/{grant_id}/scheduling/configurations/{configuration_id}",
    "GET /v3/webhooks/{webhook_id}",
}
"""What has to be reached by a link from another operation's answer."""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_running_server_keeps_the_contract(
    contract: Any, server_of: ServerOf, capsys: pytest.CaptureFixture[str]
) -> None:
    with server_of() as access:
        outcome = run(contract, access, EXAMPLES)
    with capsys.disabled():
        print("\n" + outcome.table())
    assert not outcome.errors
    assert not outcome.failures, "\n\n".join(outcome.failures[:10])
    assert outcome.cases >= CASES
    assert set(outcome.phases) >= {"examples", "coverage", "fuzzing", "stateful"}
    assert outcome.share("createBooking") >= BOOKED
    assert outcome.reached() == operation_ids(contract)
    assert {link.rpartition("-> ")[2] for link in outcome.links} >= LINKED
