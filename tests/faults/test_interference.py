"""Faults that change the world under a request's feet, and those that are about what went before."""

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.scenario import ScenarioError, parse_scenario
from tests.control.plane import Plane
from tests.support.worlds import ALICE, DOCUMENT, INTRO, NOW, TEN

CREATE = {"operation": "createBooking"}
STALE = {"match": {"operation": "getBooking", "following": "rescheduleBooking"}, "effect": {"status": 404}}
FIRST = {
    "configuration": "intro",
    "at": "2026-03-04T10:00:00Z",
    "guest": {"name": "G", "email": "g@b.example"},
}


def events(plane: Plane, email: str = "alice@example.com") -> list[tuple[str, int, int]]:
    (grant,) = [each for each in plane.state()["grants"] if each["email"] == email]
    found = [event for calendar in grant["calendars"] for event in calendar["events"]]
    return [(each["title"], each["when"]["start_time"], each["when"]["end_time"]) for each in found]


def move(plane: Plane, booking_id: str, start: int) -> Any:
    times = {"start_time": start, "end_time": start + 1800}
    return plane.call(
        "PATCH", f"/v3/scheduling/bookings/{booking_id}", times, query={"configuration_id": INTRO}
    )


def read(plane: Plane, booking_id: str) -> int:
    query = {"configuration_id": INTRO}
    return plane.call("GET", f"/v3/scheduling/bookings/{booking_id}", query=query).status_code


@pytest.mark.parametrize("calendar", ["alice", "alice@example.com", ALICE, "alice/main", "alice/primary"])
def test_somebody_else_is_faster(plane: Plane, calendar: str) -> None:
    fault = {"match": CREATE, "times": 1, "effect": {"event": {"calendar": calendar, "title": "Faster"}}}
    assert plane.done("POST", "faults", fault)["data"] == [{"id": "fault-1", **fault, "used": 0, "left": 1}]
    assert TEN in plane.slots(TEN, TEN + 3600)
    refused = plane.book(TEN)
    assert (refused.status_code, refused.headers["X-Mock-Fault"]) == (400, "fault-1")
    assert refused.json["error"]["message"].startswith("The selected timeslot is unavailable")
    assert events(plane) == [("Faster", TEN, TEN + 1800)]
    assert plane.slots(TEN, TEN + 3600) == [TEN + 1800]
    assert (plane.state()["bookings"], plane.get("notifications")["data"]) == ([], [])
    assert plane.book(TEN + 1800).status_code == 200


def test_a_move_can_come_too_late_as_well(plane: Plane) -> None:
    booking_id = plane.book(TEN).json["data"]["booking_id"]
    match = {"operation": "rescheduleBooking"}
    plane.done("POST", "faults", {"match": match, "effect": {"event": {"calendar": "alice"}}})
    assert move(plane, booking_id, TEN + 3600).status_code == 400
    assert plane.state()["bookings"][0]["start_time"] == TEN
    assert ("Busy", TEN + 3600, TEN + 5400) in events(plane)


def test_the_time_may_be_given_and_counts_from_when_the_fault_began(plane_of: Callable[..., Plane]) -> None:
    event = {"calendar": "alice", "at": {"day": 1, "at": "10:00"}, "duration": 30.0}
    fault = {"match": {"operation": "getAvailability"}, "times": 1, "effect": {"event": event}}
    plane = plane_of({**DOCUMENT, "faults": [fault]})
    plane.done("PATCH", "clock", {"advance": "PT20H"})
    assert plane.slots(TEN, TEN + 3600) == [TEN + 1800]
    plane.done("POST", "faults", fault)
    assert plane.get("faults")["data"][1]["effect"] == {"event": event}
    assert plane.slots(TEN + 86_400, TEN + 90_000) == [TEN + 88_200]
    assert [start for _, start, _ in events(plane)] == [TEN, TEN + 86_400]
    assert all(isinstance(end, int) for _, _, end in events(plane))


def test_the_answer_may_be_lost_as_well(plane: Plane) -> None:
    plane.done("POST", "faults", {"match": CREATE, "effect": {"event": {"calendar": "alice"}, "status": 504}})
    answer = plane.book(TEN)
    assert (answer.status_code, answer.json["error"]["type"]) == (504, "provider_error")
    assert events(plane) == [("Busy", TEN, TEN + 1800)]


@pytest.mark.parametrize(
    "body",
    [None, [], {"start_time": "x", "end_time": 5}, {"start_time": TEN}, {"start_time": TEN, "end_time": TEN},
     {"start_time": 10**30, "end_time": 10**31}, {"start_time": True, "end_time": TEN},
     {"start_time": 1e308, "end_time": 1e309}],
)  # fmt: skip
def test_who_asks_for_no_time_loses_none(plane: Plane, body: Any) -> None:
    plane.done("POST", "faults", {"match": CREATE, "effect": {"event": {"calendar": "alice"}}})
    answer = plane.call("POST", "/v3/scheduling/bookings", body, query={"configuration_id": INTRO})
    assert (answer.status_code, answer.headers["X-Mock-Fault"]) == (400, "fault-1; event skipped")
    assert events(plane) == []


def test_times_as_clients_send_them(plane: Plane) -> None:
    plane.done("POST", "faults", {"match": CREATE, "effect": {"event": {"calendar": "alice"}}})
    assert plane.book(start_time=str(TEN), end_time=TEN + 1800.0).status_code == 400
    assert events(plane) == [("Busy", TEN, TEN + 1800)]


def test_a_grant_expires_in_mid_flow(plane_of: Callable[..., Plane]) -> None:
    expiring = {"match": CREATE, "after": 1, "times": 1, "effect": {"expire_grant": "alice"}}
    plane = plane_of({**DOCUMENT, "faults": [expiring]})
    booking_id = plane.book(TEN).json["data"]["booking_id"]
    refused = plane.book(TEN + 3600)
    assert (refused.status_code, refused.headers["X-Mock-Fault"]) == (400, "fault-1")
    assert refused.json["error"]["message"].startswith("Failed to find a valid Grant")
    assert [each["status"] for each in plane.state()["grants"]] == ["expired", "valid"]
    assert len(plane.state()["bookings"]) == len(events(plane)) == 1
    assert move(plane, booking_id, TEN + 7200).status_code == 400
    plane.done("POST", "reset", {})
    assert [plane.book(TEN).status_code, plane.state()["grants"][0]["status"]] == [200, "valid"]


def test_a_booking_that_was_moved_is_not_found_at_first(plane: Plane) -> None:
    plane.done("POST", "faults", STALE)
    moved, other = [plane.book(TEN + n * 3600).json["data"]["booking_id"] for n in range(2)]
    assert read(plane, moved) == 200
    assert move(plane, moved, TEN + 7200).status_code == 200
    assert [read(plane, each) for each in (other, moved, moved)] == [200, 404, 200]
    assert move(plane, moved, TEN + 3600).status_code == 400  # refused: nothing was moved
    assert read(plane, moved) == 200
    assert move(plane, moved, TEN).status_code == 200
    assert [read(plane, moved), read(plane, moved)] == [404, 200]


def test_the_new_id_of_a_moved_booking_counts_too(plane: Plane) -> None:
    plane.done("PATCH", "dialect", {"reschedule_booking_id": "new"})
    plane.done("POST", "faults", STALE)
    old = plane.book(TEN).json["data"]["booking_id"]
    new = move(plane, old, TEN + 3600).json["data"]["booking_id"]
    assert new != old
    assert [read(plane, new), read(plane, new)] == [404, 200]


def test_what_was_made_may_not_be_found_at_first(plane: Plane) -> None:
    match = {"path": "/v3/scheduling/bookings/{id}", "following": "createBooking"}
    plane.done("POST", "faults", {"match": match, "effect": {"status": 404}})
    booking_id = plane.book(TEN).json["data"]["booking_id"]
    assert [read(plane, booking_id), read(plane, booking_id)] == [404, 200]


def test_made_up_answers_are_no_deed(plane: Plane) -> None:
    """A PATCH that was answered 200 by a fault moved nothing."""
    booking_id = plane.book(TEN).json["data"]["booking_id"]
    struck = {"match": {"operation": "rescheduleBooking"}, "effect": {"status": 200, "body": []}}
    plane.done("POST", "faults", {"data": [STALE, struck]})
    assert [move(plane, booking_id, TEN + 3600).status_code, read(plane, booking_id)] == [200, 200]


def test_a_booking_goes_by_its_local_name(plane_of: Callable[..., Plane]) -> None:
    fault = {"match": {"operation": "getBooking", "booking_id": "first"}, "effect": {"status": 500}}
    later = {**FIRST, "at": "2026-03-05T10:00:00Z"}
    document = {**DOCUMENT, "bookings": {"first": FIRST, "second": later}}
    for plane in (plane_of({**document, "faults": [fault]}), plane_of(document)):
        if not plane.get("faults")["data"]:
            plane.done("POST", "faults", fault)
        first, second = [each["booking_id"] for each in plane.state()["bookings"]]
        assert plane.get("faults")["data"][0]["match"] == {**fault["match"], "booking_id": first}
        assert [read(plane, each) for each in (first, second)] == [500, 200]
    error = plane.refused("POST", "faults", {**fault, "match": {**CREATE, "booking_id": "third"}})
    assert "there is first, second" in error["message"]


def test_broken_people_are_no_problem_of_the_fault() -> None:
    """Only what is wrong is told, not what could not be looked at because of it."""
    faults = [
        {"match": CREATE, "effect": {"expire_grant": "alice"}},
        {"match": CREATE, "effect": {"event": {"calendar": "alice"}}},
    ]
    grants = {**DOCUMENT["grants"], "alice": {"email": 5}}
    with pytest.raises(ScenarioError) as caught:
        parse_scenario({"version": 1, "grants": grants, "faults": faults})
    assert [each.path for each in caught.value.problems] == ["grants.alice.email"]


def test_a_relative_time_is_counted_in_the_calendars_zone(plane_of: Callable[..., Plane]) -> None:
    calendars = {"main": {"timezone": "Asia/Tokyo"}}
    event = {"calendar": "alice", "start": {"day": 1, "at": "19:00"}, "end": {"day": 1, "at": "19:30"}}
    grants = {**DOCUMENT["grants"], "alice": {**DOCUMENT["grants"]["alice"], "calendars": calendars}}
    plane = plane_of(
        {**DOCUMENT, "grants": grants, "faults": [{"match": CREATE, "effect": {"event": event}}]}
    )
    assert plane.book(TEN).status_code == 400
    assert events(plane) == [("Busy", TEN, TEN + 1800)]
    assert NOW < TEN
