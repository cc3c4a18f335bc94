"""What is seen over the wire becomes findings of the right clauses, told once each."""

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.findings import Findings
from conformance.generation.blame import Blame
from conformance.generation.judging import Judge
from conformance.generation.selection import selection
from conformance.generation.wire import judge_wire, operation_of, remarks
from conformance.resources import contract
from conformance.settings import Settings
from conformance.strangers.exchange import Exchange
from conformance.strangers.secrets import Secrets

BASE = "https://api.example.com/base"
WINDOW = "start_time=1774857600&end_time=1774944000"
GOOD = {"request_id": "one", "data": {"time_slots": [{"start_time": 1774857600, "end_time": 1774859400}]}}
REFUSAL = {"request_id": "one", "error": {"type": "not_found_error", "message": "requested object not found"}}


def exchange(
    content: Any,
    status: int = 200,
    *,
    method: str = "GET",
    path: str = f"/v3/scheduling/availability?{WINDOW}",
    body: Any = None,
    **headers: str,
) -> Exchange:
    answered = {"content-type": "application/json", "x-request-id": "one"}
    answered.update({name.replace("_", "-"): value for name, value in headers.items()})
    sent = b"" if body is None else json.dumps(body).encode()
    return Exchange(
        method, BASE + path, {}, sent, status, answered, json.dumps(content).encode(), at=0.0, seconds=0.0
    )


def broken(found: Exchange) -> set[str]:
    return {each.check for each in remarks(found) if not each.holds}


def slots(start: Any) -> dict[str, Any]:
    return {"request_id": "one", "data": {"time_slots": [{"start_time": start, "end_time": 1774859400}]}}


@pytest.mark.parametrize(
    ("found", "checks"),
    [
        (exchange(GOOD), set()),
        (exchange(REFUSAL, 404), set()),
        (exchange(GOOD, content_type="application/json; charset=utf-8"), set()),
        (exchange(GOOD, 201), {"success_is_200"}),
        (exchange({}, 204), {"success_is_200", "request_id"}),
        (exchange({"data": {}}), {"request_id"}),
        (exchange([GOOD]), {"request_id"}),
        (exchange({**GOOD, "request_id": 7}), {"request_id"}),
        (exchange(GOOD, x_request_id="two"), {"request_id_header"}),
        (exchange(GOOD, content_type="text/plain"), {"json_content"}),
        (exchange({**REFUSAL, "error": "no"}, 400), {"error_shape"}),
        (exchange({**REFUSAL, "error": {"type": "x", "message": 5}}, 400), {"error_shape"}),
        (exchange("<html>", 502, content_type="text/html"), {"not_a_server_error"}),
        (exchange(slots(1774857600000)), {"unix_times"}),
        (exchange(slots("1774857600")), {"unix_times"}),
        (exchange(slots(1774857600.5)), {"unix_times"}),
        (exchange(slots(1774857600.0)), set()),
        (exchange("<html>", 429, content_type="text/html"), set()),
        (exchange("<html>", 301, content_type="text/html"), set()),
    ],
)
def test_what_holds_for_every_answer(found: Exchange, checks: set[str]) -> None:
    assert broken(found) == checks


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/v3/scheduling/bookings/abc", "getBooking"),
        ("POST", "/v3/scheduling/bookings?configuration_id=x", "createBooking"),
        ("GET", "/v3/webhooks/mock-payload", "getWebhook"),
        ("POST", "/v3/webhooks/mock-payload", "getMockPayload"),
        ("POST", "/v3/grants/ada@example.com/calendars/free-busy", "getFreeBusy"),
        ("OPTIONS", "/v3/scheduling/bookings", None),
        ("TRACE", "/v3/scheduling/bookings", None),
        ("GET", "/v3/scheduling/bookings/%00", None),
        ("GET", "/v3/scheduling/bookings/", None),
        ("GET", "/v3/scheduling/bookings/a/b", None),
        ("GET", "/_mock/health", None),
    ],
)
def test_answers_are_judged_where_the_api_itself_gave_them(
    method: str, path: str, operation: str | None
) -> None:
    assert operation_of(BASE, exchange(GOOD, method=method, path=path)) == operation


def test_clause_checks_are_held_against_it_too() -> None:
    findings = Findings(Secrets())
    judge_wire(findings, BASE, [exchange(GOOD, 201), exchange(GOOD), exchange({}, 500, path="/elsewhere")])
    assert findings.found["BK-WIRE-006"].failed == 1
    assert findings.found["BK-WIRE-006"].passes == 1
    assert findings.found["BK-WIRE-005"].failed == 0


def test_alike_failures_are_told_once_with_the_fewest_requests() -> None:
    findings = Findings(Secrets({"KEY": "secret-key"}))
    blame = Blame(findings)
    long, short = [exchange(GOOD)] * 3, [exchange(GOOD, path="/v3/x?key=secret-key")]
    blame.failed("negative_data_rejection", "createBooking", "4xx", "200", long, "no guest")
    blame.failed("negative_data_rejection", "createBooking", "4xx", "200", short, "no guest")
    blame.failed("negative_data_rejection", "createBooking", "4xx", "200", long, "no start")
    blame.failed("nobody's check", "createBooking", "", "", long)
    blame.passed("positive_data_acceptance", "createBooking")
    blame.settle()
    found = findings.found["BK-CREATE-009"]
    assert found.failed == 3
    assert [len(each.steps) for each in found.failures] == [1, 3]
    assert "secret-key" not in found.failures[0].steps[0].curl
    assert findings.found["BK-CREATE-003"].passes == 1


@pytest.mark.parametrize(
    ("body", "tolerated"),
    [
        ({"start_time": 1774857600, "end_time": 1774859400}, True),
        ({"start_time": "1774857600", "end_time": "1774859400"}, True),
        ({"start_time": 1774857600}, False),
        ({"start_time": "soon", "end_time": "later"}, False),
        ([], False),
    ],
)
def test_what_the_contract_tolerates_is_no_bad_request(body: Any, tolerated: bool) -> None:
    path = "/v3/scheduling/bookings/3f2b8c1d-6a5e-4f70-9b8a-7c6d5e4f3a2b"
    sent = exchange(GOOD, method="PATCH", path=path, body=body)
    assert Judge(contract()).is_tolerated("rescheduleBooking", sent) is tolerated


def test_a_flag_in_a_query_is_read_as_one() -> None:
    judge = Judge(contract())
    path = "/v3/grants/ada@example.com/events?calendar_id=primary&show_cancelled="
    assert judge.is_tolerated("listEvents", exchange(GOOD, path=path + "true"))
    assert not judge.is_tolerated("listEvents", exchange(GOOD, path=path + "perhaps"))


def test_a_time_zone_has_to_exist() -> None:
    judge = Judge(contract())
    guest = {"name": "Gina", "email": "gina@example.com"}
    body = {"start_time": 1774857600, "end_time": 1774859400, "guest": guest}
    path = "/v3/scheduling/bookings?timezone="
    for zone, good in (("Europe/Berlin", True), ("Europe/Nowhere", False)):
        sent = exchange(GOOD, method="POST", path=path + zone, body=body)
        assert judge.is_tolerated("createBooking", sent) is good


BOOKINGS = {"createBooking", "getBooking", "rescheduleBooking", "cancelBooking"}


def chosen(missing: set[str] | None = None, **changes: Any) -> Any:
    settings = replace(Settings("https://api.example.com"), **changes)
    return selection(settings, dict.fromkeys(missing or (), "not there"))


def test_operations_are_those_of_the_clauses_that_are_looked_at() -> None:
    assert chosen({"writes"}).operations == {"getAvailability", "getBooking"}
    assert chosen({"writes"}).required == {"getAvailability"}
    assert chosen(profiles=("core",)).operations == {"getAvailability", *BOOKINGS}
    assert chosen({"writes"}, profiles=("core",)).operations == {"getAvailability", "getBooking"}
    assert chosen(profiles=("all",)).operations > {"createWebhook", "listCalendars", "getUiSettings"}
    assert "getUiSettings" not in chosen(profiles=("all",)).required
    assert not chosen({"api-key"}, profiles=("administration",)).operations & {"createConfiguration"}


def test_a_selection_of_clauses_or_operations_narrows_it() -> None:
    one = chosen(profiles=("core",), operations=frozenset({"cancelBooking"}))
    assert one.operations == {"cancelBooking"}
    assert one.permitted >= BOOKINGS
    assert chosen(profiles=("core",), only=frozenset({"BK-MOVE-007"})).operations == {"rescheduleBooking"}
    assert chosen(only=frozenset({"BK-WIRE-001"})).operations == {"getAvailability", "getBooking"}
    assert chosen(only=frozenset({"BK-AVAIL-003"})).operations == set()
