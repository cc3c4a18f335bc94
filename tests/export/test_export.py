"""`GET /_mock/export` and `mockserver export`: what happened in a sandbox, as a scenario that replays."""

import json
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from werkzeug.test import Client

from mockserver.cli import cli
from mockserver.domain.reference import decode_reference
from mockserver.replaying import replay_document
from mockserver.sandbox.journal import BLOCKS, KEPT_REQUESTS
from mockserver.scenario import parse_scenario
from tests.control.plane import Plane
from tests.export.again import differences, export_again, export_of, replayed
from tests.support.server import ServerProcess
from tests.support.worlds import (
    API_KEY,
    ASK,
    DOCUMENT,
    INTRO,
    NOW,
    PRIVATE,
    TEN,
    Mock,
    configuration,
    participant,
)

BOOKINGS = "/v3/scheduling/bookings"
PUBLIC = {"configuration_id": INTRO}
ASKING = {"configuration_id": ASK}


def exported(plane: Plane, **query: str) -> str:
    response = plane.client.get("/_mock/export", query_string=query)
    assert response.status_code == 200, response.text
    return response.text


def booked(mock: Mock, **more: Any) -> dict[str, Any]:
    response = mock.book(**more)
    assert response.status_code == 200, response.json
    data: dict[str, Any] = response.json["data"]
    return data


def everything(plane: Plane) -> None:
    """A bit of everything that a journal can hold."""
    more = [{"name": "Ann Other", "email": "ann@private.example"}]
    booking = booked(plane, additional_guests=more)
    path = f"{BOOKINGS}/{booking['booking_id']}"
    plane.call("GET", path, query=PUBLIC)
    plane.slots(TEN - 3600, TEN + 7200)
    plane.done("PATCH", "clock", {"advance": "PT1H30M"})
    plane.call("PATCH", path, {"start_time": TEN + 3600, "end_time": TEN + 5400}, query=PUBLIC)
    busy = {"calendar": "alice", "start_time": TEN + 7200, "end_time": TEN + 9000, "title": "Dentist"}
    event = plane.done("POST", "events", busy)
    assert plane.book(TEN + 7200).status_code == 400
    plane.done("DELETE", f"events/{event['id']}", {})
    fault = {"match": {"operation": "getBooking"}, "times": 1, "effect": {"status": 503}}
    plane.done("POST", "faults", fault)
    assert plane.call("GET", path, query=PUBLIC).status_code == 503
    assert plane.call("GET", path, query=PUBLIC).status_code == 200
    plane.call("DELETE", path, {"cancellation_reason": "Gina Guest is ill"}, query=PUBLIC)
    pending = booked(plane, configuration=ASK)
    salt = decode_reference(pending["booking_ref"]).salt
    decision = {"salt": salt, "status": "confirmed"}
    plane.call("PUT", f"{BOOKINGS}/{pending['booking_id']}", decision, query=ASKING)
    made = plane.call("POST", "/v3/scheduling/sessions", {"configuration_id": PRIVATE}, key=API_KEY)
    booked(plane, key=made.json["data"]["session_id"], start=TEN + 4 * 3600)
    grant = "/v3/grants/alice@example.com"
    plane.call("GET", f"{grant}/events", query={"calendar_id": "primary"}, key=API_KEY)
    body = configuration(slug="second", scheduler={"min_booking_notice": 0, "available_days_in_future": 9})
    new = plane.call("POST", f"{grant}/scheduling/configurations", body, key=API_KEY).json["data"]["id"]
    booked(plane, configuration=new, start=TEN + 5 * 3600)
    plane.call("GET", f"{grant}/scheduling/configurations", key=API_KEY)


@pytest.mark.parametrize("masked", [True, False])
def test_an_export_replays_and_exports_to_itself(plane: Plane, masked: bool) -> None:
    everything(plane)
    export = export_of(plane.sandbox, masked)
    assert yaml.safe_load(export.text) == export.document
    replay = replayed(export.text)
    assert len(replay.steps) == len(export.steps)
    assert export_again(export.text, masked).document == export.document


def test_an_export_turns_red_where_the_server_does_something_else(plane: Plane) -> None:
    booking = booked(plane)
    plane.call("DELETE", f"{BOOKINGS}/{booking['booking_id']}", query=PUBLIC)
    plane.call("GET", f"{BOOKINGS}/{booking['booking_id']}", query=PUBLIC)
    export = export_of(plane.sandbox)
    for switch, value in [("booking_extras", "hidden"), ("cancelled_booking", "gone")]:
        changed = {**export.document, "dialect": {switch: value}}
        assert differences(replay_document(changed))


def test_steps_stand_in_the_order_of_what_happened(plane: Plane) -> None:
    everything(plane)
    kinds = [
        next(key for key in ("request", "clock", "event", "fault", "notifications", "mails") if key in step)
        for step in export_of(plane.sandbox).steps
    ]
    assert kinds[:8] == [
        *("request", "notifications", "mails", "request", "request"),
        *("clock", "request", "notifications"),
    ]
    assert kinds.count("event") == 2
    assert kinds.count("fault") == 1


def test_ids_are_what_earlier_answers_told(plane: Plane) -> None:
    booking = booked(plane)
    plane.call("DELETE", f"{BOOKINGS}/{booking['booking_id']}", query=PUBLIC)
    export = export_of(plane.sandbox)
    assert booking["booking_id"] not in export.text
    assert booking["booking_ref"] not in export.text
    book, cancel = export.steps[0], export.steps[3]
    assert book["outputs"]["booking_id"] == "$.data.booking_id"
    assert cancel["request"]["path"] == f"{BOOKINGS}/${{steps.book.booking_id}}"
    assert cancel["request"]["query"] == {"configuration_id": "${configurations.intro.id}"}


def test_nothing_private_and_no_secret_is_in_an_export(plane: Plane) -> None:
    everything(plane)
    session = plane.call("POST", "/v3/scheduling/sessions", {"configuration_id": PRIVATE}, key=API_KEY)
    session_id = session.json["data"]["session_id"]
    plane.call("GET", "/v3/scheduling/ui-settings", key=session_id)
    plane.call("GET", "/v3/webhooks", key="nyk_somebody_elses_key")
    text = exported(plane)
    private = ["Gina", "gina@", "Ann Other", "ann@", "Alice", "alice@", "Dentist", "is ill"]
    secret = [API_KEY, session_id, "nyk_somebody_elses_key"]
    assert [each for each in private + secret if each in text] == []
    bare = exported(plane, mask="false")
    assert all(each in bare for each in [*private, API_KEY])
    assert set(yaml.safe_load(text)["grants"]) == {"person-1", "person-2"}


def test_answers_of_guests_keep_to_their_patterns(mock_of: Any) -> None:
    document = deepcopy(DOCUMENT)
    fields = {
        "phone": {
            "label": "Phone",
            "type": "phone_number",
            "required": True,
            "pattern": r"^\+?[0-9 ]{6,20}$",
        },
        "code": {"label": "Code", "type": "text", "required": True, "pattern": "[A-Z]{2}-[0-9]{3}"},
        "size": {"label": "Size", "type": "dropdown", "required": True, "options": ["Small", "Large"]},
        "story": {"label": "Story", "type": "multi_line_text", "required": False},
    }
    body = configuration(scheduler={"min_booking_notice": 0, "additional_fields": fields})
    document["configurations"]["intro"]["body"] = body
    mock: Mock = mock_of(document)
    answers = {"phone": "+49 151 2345678", "code": "QX-987", "size": "Large", "story": "Call me, Gina"}
    booked(mock, additional_fields=answers)
    assert mock.book(TEN + 3600, additional_fields={**answers, "code": "none"}).status_code == 400
    export = export_of(mock.sandbox)
    replayed(export.text)
    sent = export.steps[0]["request"]["body"]["additional_fields"]
    assert sent["size"] == "Large"
    assert [each for each in ("151", "QX-987", "Gina") if each in export.text] == []
    assert export_again(export.text).document == export.document


def test_an_export_begins_where_the_journal_does(plane: Plane) -> None:
    kept = booked(plane)
    moved = booked(plane, start=TEN + 3600, timezone="Asia/Tokyo")
    plane.done("POST", "events", {"calendar": "bob", "start_time": TEN, "end_time": TEN + 900})
    plane.done("DELETE", "requests", {})
    assert yaml.safe_load(exported(plane)).get("steps") == []
    path = f"{BOOKINGS}/{moved['booking_id']}"
    assert plane.call("GET", path, query=PUBLIC).status_code == 200
    assert plane.book().status_code == 400
    later = {"start_time": TEN + 7200, "end_time": TEN + 9000}
    assert plane.call("PATCH", path, later, query=PUBLIC).status_code == 200
    booked(plane, start=TEN + 3600)
    export = export_of(plane.sandbox)
    assert len(export.document["bookings"]) == 2
    assert kept["booking_id"] in {each["id"] for each in export.document["bookings"].values()}
    replayed(export.text)
    assert export_again(export.text).document == export.document


def test_ids_of_the_world_are_not_drawn_again(plane: Plane) -> None:
    """A world that is written down with its ids would draw the first ones once more."""
    booked(plane)
    plane.done("DELETE", "requests", {})
    booked(plane, start=TEN + 3600)
    export = export_of(plane.sandbox)
    assert export.document["seed"] != DOCUMENT["seed"]
    replayed(export.text)
    assert export_again(export.text).document == export.document


@pytest.mark.slow
def test_a_long_journal_is_exported_from_its_oldest_snapshot(plane: Plane) -> None:
    booking = booked(plane)
    path = f"{BOOKINGS}/{booking['booking_id']}"
    for number in range(KEPT_REQUESTS + 20):
        if number % 100 == 0:
            start = TEN + (number // 100) * 1800
            times = {"start_time": start, "end_time": start + 1800}
            assert plane.call("PATCH", path, times, query=PUBLIC).status_code == 200
        else:
            plane.client.get("/v3/nothing")
    assert len(plane.sandbox.journal.exchanges()) == KEPT_REQUESTS
    export = export_of(plane.sandbox)
    requests = [each for each in export.steps if "request" in each]
    assert KEPT_REQUESTS * (BLOCKS - 1) // BLOCKS <= len(requests) <= KEPT_REQUESTS
    assert len(export.document["bookings"]) == 1
    assert "is in the world already" in export.text
    replayed(export.text)


def test_a_session_that_was_there_and_one_that_has_expired(mock_of: Any) -> None:
    document = deepcopy(DOCUMENT)
    live, dead = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
    document["sessions"] = {
        "live": {"id": live, "configuration": "private", "expires_in": "PT10M"},
        "dead": {"id": dead, "configuration": "private", "expires_in": "PT0S"},
    }
    mock: Mock = mock_of(document)
    booked(mock, key=live)
    assert mock.book(TEN + 3600, key=dead).status_code == 401
    mock.client.patch("/_mock/clock", json={"advance": "PT11M"})
    assert mock.book(TEN + 3600, key=live).status_code == 401
    export = export_of(mock.sandbox)
    assert live not in export.text
    assert export.requests == [("POST", BOOKINGS, 200), ("POST", BOOKINGS, 401), ("POST", BOOKINGS, 401)]
    replayed(export.text)


def test_calendars_from_files_stand_in_the_export(mock_of: Any) -> None:
    """A scenario over HTTP has no folder, and one that is sent around has none either."""
    document = deepcopy(DOCUMENT)
    document["grants"]["alice"]["calendars"] = {
        "main": {
            "timezone": "Europe/Berlin",
            "events": [
                {
                    "title": "Weekly",
                    "at": {"weekday": "tue", "at": "11:00", "tz": "America/Toronto"},
                    "duration": 60,
                    "recurrence": "FREQ=WEEKLY",
                },
                {"title": "Holiday", "at": "2026-03-06", "all_day": True},
                {"title": "Gone", "at": {"day": 1, "at": "12:00"}, "duration": 30, "status": "cancelled"},
            ],
        }
    }
    mock: Mock = mock_of(document)
    slots = mock.slots(NOW, NOW + 20 * 86_400)
    export = export_of(mock.sandbox)
    replayed(export.text)
    assert len(export.steps[0]["expect"]["body"]["data"]["time_slots"]) == len(slots)
    assert export_again(export.text).document == export.document


@pytest.mark.parametrize("private", [False, True])
def test_an_organizers_decision_on_the_page_becomes_a_put(mock_of: Any, private: bool) -> None:
    document = deepcopy(DOCUMENT)
    document["configurations"]["ask"]["body"]["requires_session_auth"] = private
    session = {"id": "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "configuration": "ask"}
    document["sessions"] = {"one": session}
    plane: Mock = mock_of(document)
    pending = booked(plane, key=session["id"])
    page = f"/confirm/{pending['booking_ref']}"
    form = plane.client.get(page).text
    token = form.split('name="token" value="')[1].split('"')[0]
    answer = plane.client.post(page, data={"decision": "decline", "reason": "On leave", "token": token})
    assert answer.status_code == 303
    export = export_of(plane.sandbox)
    put = next(each for each in export.steps if each.get("request", {}).get("method") == "PUT")
    assert put["request"]["body"]["salt"].endswith(".booking_ref.salt}")
    assert "# the organizer decided on the mock's page" in export.text
    replayed(export.text)


@pytest.mark.parametrize(
    "effect",
    [{"drop": "before"}, {"drop": "after"}, {"truncate": True}, {"status": 502, "body": "<p>no</p>"}],
)
def test_answers_that_faults_took_away(plane: Plane, effect: dict[str, Any]) -> None:
    plane.done("POST", "faults", {"match": {"operation": "cancelBooking"}, "times": 1, "effect": effect})
    booking = booked(plane)
    path = f"{BOOKINGS}/{booking['booking_id']}"
    Client(plane.app.wsgi).delete(path, query_string=PUBLIC)
    assert plane.call("GET", path, query=PUBLIC).status_code == 200
    export = export_of(plane.sandbox)
    replayed(export.text)
    assert export_again(export.text).document == export.document


def test_faults_by_chance_strike_the_same_calls(plane: Plane) -> None:
    fault = {"id": "often", "match": {"path": "/v3/**"}, "probability": 0.5, "effect": {"status": 500}}
    plane.done("POST", "faults", fault)
    statuses = [plane.book(TEN + n * 1800).status_code for n in range(8)]
    assert {200, 500} <= set(statuses)
    export = export_of(plane.sandbox)
    assert [status for _, _, status in export.requests] == statuses
    replayed(export.text)
    assert export_again(export.text).document == export.document


def test_one_fault_that_ends_leaves_the_others(plane: Plane) -> None:
    for name in ("one", "two"):
        match = {"operation": "getBooking"}
        plane.done("POST", "faults", {"id": name, "match": match, "times": 2, "effect": {"status": 503}})
    booking = booked(plane)
    path = f"{BOOKINGS}/{booking['booking_id']}"
    statuses = [plane.call("GET", path, query=PUBLIC).status_code]
    plane.done("DELETE", "faults/one", {})
    statuses += [plane.call("GET", path, query=PUBLIC).status_code for _ in range(3)]
    assert statuses == [503, 503, 503, 200]
    replayed(export_of(plane.sandbox).text)


def test_a_dialect_that_changes_later_is_told(plane: Plane) -> None:
    plane.done("PATCH", "dialect", {"booking_extras": "hidden"})
    booked(plane)
    plane.done("PATCH", "dialect", {"booking_extras": "shown"})
    export = export_of(plane.sandbox)
    assert export.document["dialect"] == {"booking_extras": "hidden"}
    assert "# note: the dialect was changed in between" in export.text
    replayed(export.text)


def test_a_running_clock_stands_at_the_first_request(mock_of: Any) -> None:
    document = deepcopy(DOCUMENT)
    document["clock"] = {"mode": "shifted", "now": "2026-03-02T09:00:00Z"}
    mock: Mock = mock_of(document)
    booked(mock)
    mock.client.patch("/_mock/clock", json={"advance": "PT3H"})
    mock.slots(NOW, TEN)
    export = export_of(mock.sandbox)
    assert export.document["clock"]["mode"] == "frozen"
    assert sum("clock" in each for each in export.steps) == 1
    replayed(export.text)


def test_reminders_are_told_between_the_requests(mock_of: Any) -> None:
    document = deepcopy(DOCUMENT)
    event = {"title": "Intro", "reminders": [{"type": "webhook", "minutes_before_event": 60}]}
    document["configurations"]["intro"]["body"] = configuration(event_booking=event)
    mock: Mock = mock_of(document)
    booked(mock)
    mock.client.patch("/_mock/clock", json={"advance": "P1D"})
    export = export_of(mock.sandbox)
    told = [each["type"] for step in export.steps for each in step.get("notifications", ())]
    assert told == ["booking.created", "booking.reminder"]
    replayed(export.text)


def test_round_robin_over_two_hosts(mock_of: Any) -> None:
    document = deepcopy(DOCUMENT)
    rules = {"duration_minutes": 30, "availability_rules": {"availability_method": "max-fairness"}}
    people = [participant(f"{name}@example.com", organizer=False) for name in ("alice", "bob")]
    document["configurations"]["intro"]["body"] = configuration(*people, availability=rules)
    mock: Mock = mock_of(document)
    hosts = [booked(mock, start=TEN + n * 1800)["organizer"]["email"] for n in range(3)]
    assert set(hosts) == {"alice@example.com", "bob@example.com"}
    mock.slots(TEN, TEN + 7200)
    replayed(export_of(mock.sandbox).text)


def test_what_no_step_can_send_is_told(plane: Plane) -> None:
    plane.client.open("/v3/scheduling/bookings", method="TRACE")
    plane.client.get("/v3//bookings")
    assert plane.book(start=float("inf"), end_time=1e400).status_code == 400
    export = export_of(plane.sandbox)
    assert export.text.count("# note: ") == 2
    assert len(export.steps) == 1
    replayed(export.text)


def test_the_form_is_chosen_by_parameter_or_header(plane: Plane) -> None:
    booked(plane)
    get = plane.client.get
    assert get("/_mock/export").headers["Content-Type"] == "application/yaml"
    as_json = get("/_mock/export", headers={"Accept": "application/json"})
    assert as_json.headers["Content-Type"] == "application/json"
    assert as_json.json == yaml.safe_load(get("/_mock/export", query_string={"format": "yaml"}).text)
    assert plane.get("export", query={"format": "json"}) == as_json.json
    for query, path in [({"format": "xml"}, "format"), ({"mask": "no"}, "mask"), ({"all": "1"}, "all")]:
        assert plane.refused("GET", "export", query=query)["path"] == path


def test_the_export_of_a_fresh_mock_loads_and_serves(plane: Plane) -> None:
    export = export_of(plane.sandbox)
    other = Mock(parse_scenario(export.text).document)
    assert other.slots(NOW, TEN) == plane.slots(NOW, TEN)
    other.close()


@pytest.mark.slow
def test_the_command_writes_a_file_that_replays(tmp_path: Any) -> None:
    with ServerProcess() as server:
        server.book_as_printed()
        file = tmp_path / "out.yaml"
        runner = CliRunner()
        done = runner.invoke(cli, ["export", "--url", server.url, "--output", str(file)])
        assert done.exit_code == 0, done.output
        assert "mockserver replay" in done.output
        replayed(file.read_text())
        printed = runner.invoke(cli, ["export", "--url", server.url, "--no-mask"])
        assert "alice.weber@example.com" in printed.stdout
        as_json = runner.invoke(cli, ["export", "--url", server.url, "--json"])
        assert json.loads(as_json.stdout)["steps"]
        unknown = runner.invoke(cli, ["export", "--url", server.url, "--sandbox", "none"])
        assert (unknown.exit_code, "no sandbox is named none" in unknown.output) == (1, True)


def test_differences_are_seen(plane: Plane) -> None:
    """The replays here could tell if something were otherwise."""
    booked(plane)
    export = export_of(plane.sandbox)
    wrong = export.text.replace("status: booked", "status: pending", 1)
    assert "status" in differences(replay_document(wrong))[0]


def test_requests_at_the_same_time_stand_in_the_order_in_which_they_were_done(plane: Plane) -> None:
    """Not in the order in which they were answered: who got the slot has to come first."""
    starts = [TEN + n * 1800 for n in range(6)]

    def want(number: int) -> None:
        client = Client(plane.app.wsgi)
        for start in starts[number % 6 :] + starts[: number % 6]:
            guest = {"name": f"Guest {number}", "email": f"g{number}@example.com"}
            body = {"start_time": start, "end_time": start + 1800, "guest": guest}
            client.post(BOOKINGS, json=body, query_string=PUBLIC)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(want, range(8)))
    export = export_of(plane.sandbox)
    assert sorted(status for _, _, status in export.requests) == [200] * 6 + [400] * 42
    replayed(export.text)


def test_bookings_from_before_keep_their_host_zone_and_language(mock_of: Any) -> None:
    document = deepcopy(DOCUMENT)
    rules = {"duration_minutes": 30, "availability_rules": {"availability_method": "max-fairness"}}
    people = [participant(f"{name}@example.com", organizer=False) for name in ("alice", "bob")]
    document["configurations"]["intro"]["body"] = configuration(*people, availability=rules)
    mock: Mock = mock_of(document)
    made = [booked(mock, start=TEN + n * 1800, timezone="Asia/Tokyo", email_language="ja") for n in range(3)]
    mock.client.delete("/_mock/requests", headers={"Content-Type": "application/json"})
    for each in made:
        query = {**PUBLIC, "booking_id": each["booking_id"]}
        mock.call("GET", "/v3/scheduling/ui-settings", query=query)
        mock.call("GET", f"{BOOKINGS}/{each['booking_id']}", query=PUBLIC)
    mock.slots(TEN, TEN + 7200)
    export = export_of(mock.sandbox)
    kept = list(export.document["bookings"].values())
    assert [each["host"] for each in kept] == [f"person-{n}@example.com" for n in (1, 2, 1)]
    assert {(each["timezone"], each["email_language"]) for each in kept} == {("Asia/Tokyo", "ja")}
    replayed(export.text)
    assert export_again(export.text).document == export.document
