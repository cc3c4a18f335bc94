"""`/_mock/faults`, and `faults` of a scenario: one form, one set of rules."""

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.scenario import ScenarioError, load_scenario, parse_scenario, validate_file
from tests.control.plane import Plane
from tests.support.worlds import DOCUMENT, INTRO, TEN

REQUEST = {"operation": "createBooking"}
DELIVERY = {"trigger": "booking.created"}

WRONG: list[Any] = [
    ({}, {"status": 500}, "match", "one of the keys operation, path"),
    ({"booking_id": "b1"}, {"status": 500}, "match", "one of the keys"),
    ({**REQUEST, **DELIVERY}, {"status": 500}, "match", "one of the keys"),
    ({**REQUEST, "path": "/v3/**"}, {"status": 500}, "match", "one of the keys"),
    ({**REQUEST, "method": "POST"}, {"status": 500}, "match.method", "with path only"),
    ({"operation": "bookNow"}, {"status": 500}, "match.operation", "createBooking, getBooking"),
    ({"path": "/_mock/state"}, {"status": 500}, "match.path", "a path of the API"),
    ({"path": "/v3/*"}, {"status": 500}, "match.path", "a path of the API"),
    ({"path": "/v3/{a}b"}, {"status": 500}, "match.path", "a path of the API"),
    ({"path": "/v3/**/x"}, {"status": 500}, "match.path", "a path of the API"),
    ({"path": "/v3/x", "method": "get"}, {"status": 500}, "match.method", "one of GET"),
    ({"trigger": "grant.expired"}, {"drop": "before"}, "match.trigger", "booking.created"),
    ({**REQUEST, "query": "x"}, {"status": 500}, "match.query", "unknown key"),
    (REQUEST, {}, "effect", "at least one key"),
    (REQUEST, {"status": 199}, "effect.status", "200"),
    (REQUEST, {"status": 600}, "effect.status", "599"),
    (REQUEST, {"status": "500"}, "effect.status", "a status from 200 to 599"),
    (REQUEST, {"status": True}, "effect.status", "a status from 200 to 599"),
    (REQUEST, {"status": 204, "body": {}}, "effect.body", "none with status 204"),
    (REQUEST, {"delay_ms": -1}, "effect.delay_ms", "milliseconds"),
    (REQUEST, {"delay_ms": 300_001}, "effect.delay_ms", "milliseconds"),
    (REQUEST, {"delay_ms": 1.5}, "effect.delay_ms", "milliseconds"),
    (REQUEST, {"drop": True}, "effect.drop", "before, after"),
    (REQUEST, {"truncate": False}, "effect.truncate", "true, or nothing"),
    (REQUEST, {"drop": "after", "truncate": True}, "effect.truncate", "none beside drop"),
    (REQUEST, {"drop": "before", "status": 500}, "effect.status", "none beside drop"),
    (REQUEST, {"duplicate": True}, "effect.duplicate", "can't be done to a request"),
    (REQUEST, {"event": {"title": "Lunch"}}, "effect.event", "the key calendar"),
    (REQUEST, {"event": {"calendar": "carol"}}, "effect.event.calendar", "expected one of alice@example.com"),
    (REQUEST, {"event": {"calendar": "alice", "at": "soon", "duration": 5}}, "effect.event.at", "RFC 3339"),
    (REQUEST, {"event": {"calendar": "alice", "duration": 5}}, "effect.event", "at and duration"),
    (REQUEST, {"event": {"calendar": "alice", "busy": True}}, "effect.event.busy", "unknown key"),
    ({"operation": "getBooking"}, {"event": {"calendar": "bob"}}, "effect.event", "asks for no time"),
    (REQUEST, {"expire_grant": "carol"}, "effect.expire_grant", "expected one of alice@example.com"),
    (REQUEST, {"expire_grant": ""}, "effect.expire_grant", "the local name, e-mail or id of a grant"),
    (DELIVERY, {"expire_grant": "alice"}, "effect.expire_grant", "can't be done to a delivery"),
    (DELIVERY, {"event": {"calendar": "alice"}}, "effect.event", "can't be done to a delivery"),
    ({**DELIVERY, "following": "createBooking"}, {"drop": "before"}, "match.following", "operation or path"),
    (
        {**REQUEST, "following": "moveBooking"},
        {"status": 404},
        "match.following",
        "createBooking, getBooking",
    ),
    (
        {**REQUEST, "booking_id": "b1"},
        {"status": 404},
        "match.booking_id",
        "one of the bookings; there is none",
    ),
    (REQUEST, {"headers": {"A": "b"}}, "effect.headers", "status or body"),
    (REQUEST, {"status": 429, "headers": {"Retry After": "1"}}, 'effect.headers["Retry After"]', "name"),
    (REQUEST, {"status": 429, "headers": {"A": "b\r\nC: d"}}, "effect.headers.A", "printable ASCII"),
    (REQUEST, {"status": 429, "headers": {"A": "b\n"}}, "effect.headers.A", "printable ASCII"),
    (REQUEST, {"status": 429, "headers": {"A": "ü"}}, "effect.headers.A", "printable ASCII"),
    (REQUEST, {"status": 429, "headers": {"A": 1}}, "effect.headers.A", "printable ASCII"),
    (REQUEST, {"status": 200, "headers": {"content-length": "9"}}, "effect.headers.content-length", "none"),
    (REQUEST, {"status": 200, "headers": {"Connection": "x"}}, "effect.headers.Connection", "none"),
    (DELIVERY, {"truncate": True}, "effect.truncate", "can't be done to a delivery"),
    (DELIVERY, {"body": "x"}, "effect.body", "can't be done to a delivery"),
    (DELIVERY, {"drop": "after", "duplicate": True}, "effect.duplicate", "none beside drop"),
    (DELIVERY, {"status": 503, "duplicate": True}, "effect.duplicate", "none beside status"),
    (DELIVERY, {"reorder": True, "delay_ms": 5}, "effect.delay_ms", "none beside reorder"),
    (DELIVERY, {"drop": "before", "delay_ms": 5}, "effect.delay_ms", "none beside drop: before"),
    (DELIVERY, {"headers": {"A": "b"}}, "effect.headers", "status or body"),
]


@pytest.mark.parametrize(("match", "effect", "path", "words"), WRONG)
def test_a_wrong_fault_is_refused_wherever_it_stands(
    plane: Plane, match: Any, effect: Any, path: str, words: str
) -> None:
    right = {"match": REQUEST, "effect": {"status": 500}}
    wrong = {"match": match, "effect": effect}
    error = plane.refused("POST", "faults", wrong)
    assert (error["type"], error["path"]) == ("invalid_request_error", path)
    assert words in error["message"]
    error = plane.refused("POST", "faults", {"data": [right, wrong]})
    assert error["path"] == f"data[1].{path}"
    assert plane.get("faults") == {"data": []}
    with pytest.raises(ScenarioError) as caught:
        parse_scenario({**DOCUMENT, "faults": [right, wrong]})
    (problem,) = caught.value.problems
    assert problem.path == f"faults[1].{path}"
    assert words in problem.message


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, ""),
        ({"match": REQUEST}, ""),
        ({"data": {}}, "data"),
        ({"data": [], "id": "x"}, "data"),
        ({"data": [5]}, "data[0]"),
        ({"match": REQUEST, "effect": {"status": 500}, "times": 0}, "times"),
        ({"match": REQUEST, "effect": {"status": 500}, "probability": 1.1}, "probability"),
        ({"match": REQUEST, "effect": {"status": 500}, "after": -1}, "after"),
        ({"match": REQUEST, "effect": {"status": 500}, "id": "a b"}, "id"),
        ({"match": REQUEST, "effect": {"status": 500}, "when": "now"}, "when"),
        ({"data": [{"id": "a", "match": REQUEST, "effect": {"status": 500}}] * 2}, "data[1].id"),
        ({"data": [{"match": REQUEST, "effect": {"status": 500}}] * 101}, "data"),
    ],
)
def test_a_wrong_body_is_refused(plane: Plane, body: Any, path: str) -> None:
    assert plane.refused("POST", "faults", body).get("path", "") == path
    assert plane.get("faults") == {"data": []}


def test_faults_are_added_counted_and_removed(plane: Plane) -> None:
    first = {"id": "busy", "match": REQUEST, "times": 2.0, "effect": {"status": 429}}
    added = plane.done("POST", "faults", first)["data"]
    assert added == [{**first, "times": 2, "used": 0, "left": 2}]
    several = {"data": [{"match": DELIVERY, "effect": {"duplicate": True}}] * 2}
    assert [each["id"] for each in plane.done("POST", "faults", several)["data"]] == ["fault-1", "fault-2"]
    assert plane.refused("POST", "faults", first)["path"] == "id"
    plane.book()
    shown = {each["id"]: (each["used"], each["left"]) for each in plane.get("faults")["data"]}
    assert shown == {"busy": (1, 1), "fault-1": (0, None), "fault-2": (0, None)}
    plane.done("DELETE", "faults/fault-1")
    plane.refused("DELETE", "faults/fault-1", status=404)
    assert [each["id"] for each in plane.get("faults")["data"]] == ["busy", "fault-2"]
    plane.done("DELETE", "faults")
    assert plane.get("faults") == {"data": []}


def test_yaml_will_do(plane: Plane) -> None:
    text = "match: {operation: getAvailability}\neffect: {status: 504}\n"
    assert plane.done("POST", "faults", raw=text, type="application/yaml")["data"][0]["id"] == "fault-1"


def test_a_reset_puts_the_scenarios_faults_back(plane_of: Callable[..., Plane]) -> None:
    own = {"id": "own", "match": REQUEST, "times": 1, "effect": {"status": 503}}
    plane = plane_of({**DOCUMENT, "faults": [own]})
    plane.done("POST", "faults", {"match": REQUEST, "effect": {"status": 500}})
    assert [plane.book().status_code for _ in range(3)] == [503, 500, 500]
    plane.done("POST", "reset", {})
    assert plane.get("faults")["data"] == [{**own, "used": 0, "left": 1}]
    assert [plane.book().status_code for _ in range(2)] == [503, 200]


def test_faults_draw_no_id(plane_of: Callable[..., Plane]) -> None:
    """A struck request has an id as every other one; what is booked later has the ids it would have had."""
    chancy = {"match": {"path": "/v3/**"}, "probability": 0.5, "effect": {"status": 500}}
    clean, flaky = plane_of(), plane_of({**DOCUMENT, "faults": [chancy]})
    answers = [[plane.book(TEN + n * 1800) for n in range(8)] for plane in (clean, flaky)]
    ids = [[each.headers["X-Request-Id"] for each in some] for some in answers]
    assert ids[0] == ids[1]
    booked = [[each.json["data"]["booking_id"] for each in some if each.json.get("data")] for some in answers]
    assert 0 < len(booked[1]) < 8
    assert booked[1] == booked[0][: len(booked[1])]


def test_sandboxes_have_faults_of_their_own(plane: Plane) -> None:
    plane.done("PUT", "sandboxes/other")
    plane.done("POST", "faults", {"match": REQUEST, "effect": {"status": 500}}, sandbox="other")
    assert plane.get("faults") == {"data": []}
    assert plane.book().status_code == 200


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
def test_preflights_and_the_control_plane_are_never_struck(plane: Plane, method: str) -> None:
    plane.done("POST", "faults", {"match": {"path": "/v3/**"}, "effect": {"status": 500}})
    path = "/v3/scheduling/bookings" if method == "OPTIONS" else "/_mock/state"
    assert plane.call(method, path).status_code in (200, 204)
    assert plane.get("faults")["data"][0]["used"] == 0


def test_a_fault_can_be_about_one_booking(plane: Plane) -> None:
    booked = [plane.book(TEN + n * 3600).json["data"]["booking_id"] for n in range(2)]
    match = {"operation": "getBooking", "booking_id": booked[0]}
    plane.done("POST", "faults", {"match": match, "effect": {"status": 404}})
    query = {"configuration_id": INTRO}
    found = [plane.call("GET", f"/v3/scheduling/bookings/{each}", query=query).status_code for each in booked]
    assert found == [404, 200]


def test_several_files_may_not_both_have_faults_but_one_may_have_none(tmp_path: Any) -> None:
    one, two = tmp_path / "a.yaml", tmp_path / "b.yaml"
    one.write_text("version: 1\nfaults: []\n")
    two.write_text("version: 1\nfaults:\n  - {match: {operation: createBooking}, effect: {status: 500}}\n")
    assert len(load_scenario([str(one), str(two)]).faults) == 1
    assert len(load_scenario([str(two), str(one)]).faults) == 1
    one.write_text(two.read_text())
    with pytest.raises(ScenarioError, match="expected once"):
        load_scenario([str(one), str(two)])


def test_a_problem_of_a_file_has_its_line(tmp_path: Any) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "version: 1\nfaults:\n  - match: {operation: createBooking}\n    effect:\n      status: 5000\n"
    )
    (problem,) = validate_file(path)
    assert (problem.line, problem.path) == (5, "faults[0].effect.status")
