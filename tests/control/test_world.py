"""`/_mock`: state, reset, scenario, dialect, events."""

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.domain.dialect import SWITCHES
from tests.control.plane import Plane
from tests.support.receiver import Receiver
from tests.support.worlds import ALICE, API_KEY, ASK, BOB, CLIENT_ID, DOCUMENT, INTRO, NOW, PRIVATE, TEN

SMALL = {"version": 1, "name": "small", "grants": {"zoe": {"email": "zoe@example.com"}}}


def test_state_shows_the_world(plane: Plane) -> None:
    state = plane.get("state")
    assert state["application"] == {"client_id": CLIENT_ID, "api_key": API_KEY}
    assert state["clock"] == {"mode": "frozen", "now": NOW, "iso": "2026-03-02T09:00:00Z"}
    assert [grant["email"] for grant in state["grants"]] == ["alice@example.com", "bob@example.com"]
    assert [each["id"] for each in state["configurations"]] == [INTRO, ASK, PRIVATE]
    assert state["configurations"][0]["event_booking"]["title"] == "Intro call"
    assert set(state["dialect"]) == set(SWITCHES)
    assert state["sessions"] == state["bookings"] == state["webhooks"] == []


def test_state_shows_a_booking_with_its_event(plane: Plane) -> None:
    booked = plane.book(additional_guests=[{"name": "Hal", "email": "hal@example.com"}]).json["data"]
    state = plane.get("state")
    (booking,) = state["bookings"]
    (calendar,) = state["grants"][0]["calendars"]
    (event,) = calendar["events"]
    assert booking["booking_id"] == booked["booking_id"]
    assert booking["booking_ref"] == booked["booking_ref"]
    assert booking["event_id"] == event["id"] == booked["event_id"]
    assert (booking["start_time"], booking["end_time"]) == (TEN, TEN + 1800)
    assert booking["status"] == "booked"
    assert booking["guest"] == {"email": "gina@example.com", "name": "Gina Guest"}
    assert booking["additional_guests"] == [{"email": "hal@example.com", "name": "Hal"}]
    assert event["when"] == {
        "start_time": TEN,
        "end_time": TEN + 1800,
        "start_timezone": "UTC",
        "end_timezone": "UTC",
        "object": "timespan",
    }
    assert event["metadata"]["key5"] == INTRO
    assert event["busy"] is True
    assert [each["email"] for each in event["participants"]] == [
        "alice@example.com",
        "gina@example.com",
        "hal@example.com",
    ]


def test_state_shows_sessions_and_webhooks(told: Plane, receiver: Receiver) -> None:
    told.call("POST", "/v3/scheduling/sessions", {"configuration_id": PRIVATE}, API_KEY)
    state = told.get("state")
    (session,) = state["sessions"]
    assert session["configuration_id"] == PRIVATE
    assert session["expires_at"] == NOW + 300
    (webhook,) = state["webhooks"]
    assert webhook["webhook_url"] == receiver.url
    assert webhook["webhook_secret"] == receiver.secrets[0]


def test_reset_goes_back_to_the_scenario(plane: Plane) -> None:
    before = plane.state()
    first = plane.book().json
    plane.done("PATCH", "clock", {"advance": "PT1H"})
    plane.done("PATCH", "dialect", {"error_types": "prefixed"})
    assert plane.done("POST", "reset") == {"sandbox": "default", "scenario": "test"}
    assert plane.state() == before
    assert plane.get("requests")["data"] == plane.get("notifications")["data"] == []
    assert plane.book().json == first  # ids begin anew too


def test_reset_takes_a_packaged_scenario_and_keeps_to_it(plane: Plane) -> None:
    assert plane.done("POST", "reset", {"scenario": "one-on-one"})["scenario"] == "one-on-one"
    assert plane.done("POST", "reset", {})["scenario"] == "one-on-one"
    assert (
        plane.done("POST", "reset", {"scenario": "test"})["scenario"] == "test"
    )  # what the server began with
    assert plane.get("state")["grants"][0]["id"] == ALICE


def test_reset_takes_a_scenario_in_json_and_in_yaml(plane: Plane) -> None:
    assert plane.done("POST", "reset", {"scenario": SMALL})["scenario"] == "small"
    text = "scenario:\n  version: 1\n  name: tiny\n"
    assert plane.done("POST", "reset", raw=text, type="application/yaml")["scenario"] == "tiny"
    assert plane.get("state")["grants"] == []


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "scenarios/default.yaml", "../scenarios", "/etc/passwd", ".", "", "nope"]
)
def test_reset_reads_no_files(plane: Plane, name: str) -> None:
    error = plane.refused("POST", "reset", {"scenario": name})
    assert error["path"] == "scenario"
    assert "one-on-one" in error["message"]


@pytest.mark.parametrize("scenario", [7, True, [], ["one-on-one"], 1.5])
def test_reset_refuses_what_is_no_scenario(plane: Plane, scenario: Any) -> None:
    assert plane.refused("POST", "reset", {"scenario": scenario})["path"] == "scenario"


def test_a_scenario_that_is_wrong_says_where_and_changes_nothing(plane: Plane) -> None:
    plane.book()
    before = plane.state()
    wrong = "version: 1\nname: small\ngrants:\n  zoe:\n    email: nonsense\n    colour: red\n"
    for type in ("application/yaml", "application/x-yaml", "text/yaml"):
        response = plane.ask("PUT", "scenario", raw=wrong, type=type)
        assert response.status_code == 400
        assert response.json["error"]["type"] == "invalid_scenario"
        assert {(each["line"], each["path"]) for each in response.json["errors"]} == {
            (5, "grants.zoe.email"),
            (6, "grants.zoe.colour"),
        }
        assert all("file" not in each for each in response.json["errors"])
    inline = plane.ask("POST", "reset", {"scenario": {"version": 2}})
    assert inline.json["errors"][0]["path"] == "version"
    assert inline.json["error"]["path"] == "scenario"
    assert plane.state() == before


def test_the_scenario_can_be_seen_and_replaced(plane: Plane) -> None:
    assert plane.get("scenario") == DOCUMENT
    plane.book()
    assert plane.done("PUT", "scenario", SMALL) == {"sandbox": "default", "scenario": "small"}
    assert plane.get("scenario") == SMALL
    assert [grant["email"] for grant in plane.get("state")["grants"]] == ["zoe@example.com"]
    assert plane.done("PUT", "scenario", plane.get("scenario"))["scenario"] == "small"


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe", b"[]", b"7", b"a: b: c", b"{", b'{"version": 1, "version": 1}']
)
def test_a_scenario_that_is_none_is_refused(plane: Plane, raw: bytes) -> None:
    plane.refused("PUT", "scenario", raw=raw)


def test_the_dialect_can_be_seen_and_set(plane: Plane) -> None:
    assert plane.get("dialect") == {name: values[0] for name, values in SWITCHES.items()}
    changed = plane.done("PATCH", "dialect", {"cancelled_booking": "gone", "booking_extras": "hidden"})
    assert changed == plane.get("dialect")
    assert (changed["cancelled_booking"], changed["booking_extras"]) == ("gone", "hidden")
    assert "booking_ref" not in plane.book().json["data"]


@pytest.mark.parametrize("value", ["nope", 403, None, [], {}, True])
def test_a_choice_that_the_dialect_does_not_have_is_refused_with_all_others(plane: Plane, value: Any) -> None:
    choices = {"cancelled_booking": "gone", "missing_scope_status": value}
    error = plane.refused("PATCH", "dialect", choices)
    assert error["path"] == "missing_scope_status"
    assert '"403", "400"' in error["message"]
    assert plane.refused("PATCH", "dialect", {"accent": "thick"})["path"] == "accent"


def event(**more: Any) -> dict[str, Any]:
    return {"calendar": "alice", "start_time": TEN, "end_time": TEN + 3600, **more}


def test_an_event_takes_slots_away_and_its_removal_brings_them_back(plane: Plane) -> None:
    assert plane.slots(TEN, TEN + 7200) == [TEN, TEN + 1800, TEN + 3600, TEN + 5400]
    placed = plane.done("POST", "events", event())
    assert (placed["grant_id"], placed["calendar_id"]) == (ALICE, "alice@example.com")
    assert (placed["title"], placed["busy"], placed["status"]) == ("Busy", True, "confirmed")
    assert plane.slots(TEN, TEN + 7200) == [TEN + 3600, TEN + 5400]
    removed = plane.done("DELETE", f"events/{placed['id']}")
    assert removed["status"] == "cancelled"
    assert plane.done("DELETE", f"events/{placed['id']}") == removed
    assert plane.slots(TEN, TEN + 7200)[0] == TEN


def test_an_event_that_is_not_busy_blocks_nothing(plane: Plane) -> None:
    times = {"start_time": "2026-03-03T10:00:00Z", "end_time": "2026-03-03T11:00:00+00:00"}
    placed = plane.done("POST", "events", event(busy=False, title="Maybe", **times))
    assert placed["when"]["start_time"] == TEN
    assert (placed["title"], placed["busy"]) == ("Maybe", False)
    assert plane.slots(TEN, TEN + 1800) == [TEN]


def test_the_event_of_a_booking_can_be_removed(plane: Plane) -> None:
    booked = plane.book().json["data"]
    assert plane.done("DELETE", f"events/{booked['event_id']}")["status"] == "cancelled"
    assert plane.get("state")["bookings"][0]["status"] == "booked"
    assert plane.slots(TEN, TEN + 1800) == [TEN]


def test_events_draw_no_ids_from_the_api(plane: Plane) -> None:
    first = plane.book().json
    plane.done("POST", "reset")
    later = TEN + 86_400
    plane.done("POST", "events", event(start_time=later, end_time=later + 60))
    plane.get("state")
    assert plane.book().json == first


@pytest.mark.parametrize(
    ("calendar", "found"),
    [
        ("alice", (ALICE, "alice@example.com")),
        ("alice@example.com", (ALICE, "alice@example.com")),
        ("Alice@EXAMPLE.com", (ALICE, "alice@example.com")),
        (ALICE, (ALICE, "alice@example.com")),
        ("alice/primary", (ALICE, "alice@example.com")),
        ("alice/main", (ALICE, "alice@example.com")),
        ("bob", (BOB, "main")),
        ("main", (BOB, "main")),
        ("bob/team", (BOB, "team")),
        ("BOB@example.com/team", (BOB, "team")),
    ],
)
def test_a_calendar_goes_by_many_names(
    plane_of: Callable[..., Plane], calendar: str, found: tuple[str, str]
) -> None:
    calendars = {"main": {"primary": True}, "team": {}}
    bob = {**DOCUMENT["grants"]["bob"], "calendars": calendars}
    plane = plane_of({**DOCUMENT, "grants": {**DOCUMENT["grants"], "bob": bob}})
    placed = plane.done("POST", "events", event(calendar=calendar))
    assert (placed["grant_id"], placed["calendar_id"]) == found


def test_a_calendar_name_that_several_have_is_refused_with_the_choices(
    plane_of: Callable[..., Plane],
) -> None:
    calendars = {
        "work": {
            "primary": True,
            "events": [{"id": "e1", "start": "2026-03-03T08:00:00Z", "end": "2026-03-03T09:00:00Z"}],
        }
    }
    grants = {
        name: {"email": f"{name}@example.com", "provider": "microsoft", "calendars": calendars}
        for name in ("ann", "ben")
    }
    plane = plane_of({"version": 1, "clock": DOCUMENT["clock"], "grants": grants})
    for error in (
        plane.refused("POST", "events", event(calendar="work")),
        plane.refused("DELETE", "events/e1"),
        plane.refused("DELETE", "events/e1", query={"calendar": "work"}),
    ):
        assert error["path"] == "calendar"
        assert "ann@example.com/work, ben@example.com/work" in error["message"]
    unknown = plane.refused("POST", "events", event(calendar="carl"))
    assert "ann@example.com/work, ben@example.com/work" in unknown["message"]
    assert plane.done("POST", "events", event(calendar="ben@example.com/work"))["calendar_id"] == "work"
    plane.done("DELETE", "events/e1", query={"calendar": "ben"})
    ann, ben = plane.get("state")["grants"]
    assert ann["calendars"][0]["events"][0]["status"] == "confirmed"
    assert ben["calendars"][0]["events"][0]["status"] == "cancelled"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"calendar": None}, "calendar"),
        ({"calendar": ["alice"]}, "calendar"),
        ({"start_time": None}, "start_time"),
        ({"start_time": "soon"}, "start_time"),
        ({"start_time": True}, "start_time"),
        ({"start_time": 1.5}, "start_time"),
        ({"start_time": -1}, "start_time"),
        ({"start_time": 10**15}, "start_time"),
        ({"end_time": TEN}, "end_time"),
        ({"end_time": "2026-03-03T10:00:00Z"}, "end_time"),
        ({"end_time": 10**17}, "end_time"),
        ({"busy": "yes"}, "busy"),
        ({"title": 7}, "title"),
        ({"title": "x" * 1001}, "title"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_event_that_is_wrong_is_refused(plane: Plane, change: dict[str, Any], path: str) -> None:
    error = plane.refused("POST", "events", event(**change))
    assert error.get("path", path) == path
    assert path in error["message"]


def test_an_event_that_is_not_there_cannot_be_removed(plane: Plane) -> None:
    plane.refused("DELETE", "events/nope", status=404)
    assert plane.refused("DELETE", "events/nope", query={"calendr": "alice"})["path"] == "calendr"
