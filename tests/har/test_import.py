"""HAR files in the dialects of Firefox and mitmproxy, and what is made of what they don't show."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.cli import cli
from mockserver.domain import booking as rules
from mockserver.domain.errors import refuse
from mockserver.replaying import replay_document
from mockserver.scenario import parse_scenario
from tests.export.again import differences, replayed
from tests.har.importing import Import, imported
from tests.support.worlds import API_KEY, INTRO

FILES = Path(__file__).parent / "files"
BOOKINGS = "/v3/scheduling/bookings"
ID = "0b5e9a53-6a0e-4c54-9d0e-2f4b8c1d7e60"


@pytest.fixture(scope="module")
def firefox() -> Import:
    return imported(FILES / "firefox.har")


@pytest.fixture(scope="module")
def mitmproxy() -> Import:
    return imported(FILES / "mitmproxy.har")


def test_a_file_of_firefox(firefox: Import) -> None:
    """With preflights, a page and a font among the calls, and an offset in the times."""
    assert [(method, status) for method, _, status in firefox.requests] == [
        *(("GET", 200), ("GET", 200), ("POST", 200), ("GET", 200), ("GET", 200)),
        *(("PATCH", 400), ("GET", 200), ("PATCH", 200), ("GET", 200), ("DELETE", 200)),
    ]
    assert firefox.document["clock"] == {"mode": "frozen", "now": "2026-03-02T09:00:00Z"}
    assert [each["clock"] for each in firefox.document["steps"] if "clock" in each] == [
        {"advance": "PT12S"},
        {"advance": "PT9S"},
        {"advance": "PT1M"},
    ]
    body = firefox.document["configurations"]["configuration-1"]["body"]
    assert body["availability"] == {"duration_minutes": 30}
    assert body["participants"][0]["availability"]["open_hours"] == [
        {"days": [1, 2, 3], "start": "09:00", "end": "17:00", "timezone": "UTC"}
    ]
    events = firefox.document["grants"]["person-1"]["calendars"]["main"]["events"]
    assert [(each["start"], each["end"]) for each in events] == [
        ("2026-03-03T12:00:00Z", "2026-03-03T13:00:00Z")
    ]
    replayed(firefox.text)


def test_a_file_of_mitmproxy(mitmproxy: Import) -> None:
    """With credentials, a path prefix, base64, another order, a failing server."""
    paths = [(method, path.rpartition("/")[2], status) for method, path, status in mitmproxy.requests]
    assert paths[:3] == [
        ("POST", "sessions", 200),
        ("GET", "availability", 200),
        ("POST", "bookings", 200),
    ]
    assert [status for method, _, status in mitmproxy.requests if method == "DELETE"] == [504, 200]
    assert "left out, 1 call: listEvents: what calendars hold can't be guessed" in mitmproxy.remarks
    replayed(mitmproxy.text)


@pytest.mark.parametrize("name", ["firefox", "mitmproxy"])
def test_nothing_private_and_no_secret_is_in_what_is_imported(name: str) -> None:
    har = (FILES / f"{name}.har").read_text()
    private = [
        each
        for each in (
            "Gina",
            "gina.guest@",
            "olga@",
            "Olga",
            "alice@",
            "knee",
            "1234567",
            API_KEY,
            "moved house",
        )
        if each in har
    ]
    assert len(private) > 3
    text = imported(FILES / f"{name}.har").text
    assert [each for each in private if each in text] == []
    bare = imported(FILES / f"{name}.har", masked=False)
    assert [each for each in private if each not in bare.text and each != API_KEY] == []
    replayed(bare.text)


def test_what_was_guessed_is_marked(firefox: Import) -> None:
    guesses = [line.strip() for line in firefox.text.splitlines() if "# guessed: " in line]
    assert guesses == [
        "# guessed: the provider, the calendar's zone",
        "# guessed: events where no slot was offered",
        "# guessed: the open hours, from what was offered",
        "# guessed: somebody else took this time",
    ]
    assert "# refused: if that is the bug, write here what should have been answered" in firefox.text


@pytest.mark.parametrize("name", ["firefox", "mitmproxy"])
def test_the_bug_of_a_report_turns_the_scenario_red(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "I rescheduled, or confirmed, and now I can't cancel": put back, and seen."""
    scenario = imported(FILES / f"{name}.har")
    replayed(scenario.text)
    genuine = rules.cancel

    def broken(tx: Any, configuration: Any, booking_id: str, reason: str) -> Any:
        if tx.world.bookings[booking_id].sequence:
            raise refuse("not_found")
        return genuine(tx, configuration, booking_id, reason)

    monkeypatch.setattr(rules, "cancel", broken)
    (found,) = differences(replay_document(scenario.text))
    assert "DELETE" in found
    assert "expected 200, got 404" in found


def test_a_slot_that_is_sold_twice_turns_it_red(firefox: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_offered", lambda tx, configuration, start, end, moving: None)
    assert "expected 400" in " ".join(differences(replay_document(firefox.text)))


def test_a_report_of_a_bug_becomes_a_test_that_fails_until_it_is_mended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file shows the bug; whoever imports it writes down what should have been answered."""
    report = json.loads((FILES / "firefox.har").read_text())
    answer = report["log"]["entries"][-1]["response"]
    answer["status"] = 404
    answer["content"]["text"] = '{"request_id": "x", "error": {"type": "not_found_error", "message": "no"}}'
    scenario = imported(report).text
    (found,) = differences(replay_document(scenario))
    assert "expected 404, got 200" in found
    marked = scenario.rindex("# refused: if that is the bug")
    wanted = scenario[:marked] + scenario[marked:].replace("status: 404", "status: 200").replace(
        "body: {error: {type: not_found_error}}", "body: {}"
    )
    replayed(wanted)
    monkeypatch.setattr(rules, "cancel", _not_found)
    assert "expected 200, got 404" in " ".join(differences(replay_document(wanted)))


def _not_found(*_: Any) -> Any:
    raise refuse("not_found")


# --- what is missing --------------------------------------------------------------------------------------


def entry(
    method: str,
    path: str,
    status: int = 200,
    answer: Any = None,
    body: Any = None,
    at: str = "2026-03-02T09:00:00Z",
    headers: dict[str, str] | None = None,
    **response: Any,
) -> dict[str, Any]:
    """A call as a HAR file has it, bare of all that nobody looks at."""
    sent = [{"name": name, "value": value} for name, value in (headers or {}).items()]
    content = {} if answer is None else {"text": answer if isinstance(answer, str) else json.dumps(answer)}
    data = {} if body is None else {"postData": {"mimeType": "application/json", "text": json.dumps(body)}}
    return {
        "startedDateTime": at,
        "request": {"method": method, "url": f"https://api.eu.nylas.com{path}", "headers": sent, **data},
        "response": {"status": status, "headers": [], "content": content, **response},
    }


def har(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": "test"}, "entries": list(entries)}}


WANTED = {
    "start_time": 1772532000,
    "end_time": 1772535600,
    "guest": {"name": "Gina", "email": "gina@example.com"},
}
MADE = {"data": {"booking_id": ID, "event_id": "AAMkAGI1=", "status": "booked", "title": "Hello"}}


def test_one_booking_alone_gets_a_world(tmp_path: Path) -> None:
    scenario = imported(har(entry("POST", f"{BOOKINGS}?configuration_id={INTRO}", answer=MADE, body=WANTED)))
    body = scenario.document["configurations"]["configuration-1"]["body"]
    assert (body["availability"]["duration_minutes"], body["event_booking"]["title"]) == (60, "Hello")
    assert "guessed: who the organizer is" in scenario.text
    replayed(scenario.text)


def test_a_booking_from_before_is_in_the_world() -> None:
    path = f"{BOOKINGS}/{ID}?configuration_id={INTRO}"
    told = {"data": {**MADE["data"], "status": "booked"}}
    scenario = imported(
        har(
            entry("GET", path, answer=told),
            entry("DELETE", path, answer={"request_id": "x"}, body={"cancellation_reason": "ill"}),
            entry("GET", path, answer={"data": {**told["data"], "status": "cancelled"}}),
        )
    )
    (booking,) = scenario.document["bookings"].values()
    assert (booking["id"], booking["status"]) == (ID, "booked")
    assert "guessed: when it takes place" in scenario.text
    replayed(scenario.text)


def test_a_pending_booking_from_before_is_confirmed_with_its_salt() -> None:
    path = f"{BOOKINGS}/{ID}?configuration_id={INTRO}"
    body = {"status": "confirmed", "salt": "4XhAo_vYPK1WKg"}
    scenario = imported(har(entry("PUT", path, answer=MADE, body=body)))
    (booking,) = scenario.document["bookings"].values()
    assert booking["status"] == "pending"
    assert "4XhAo" not in scenario.text
    replayed(scenario.text)


def test_bodies_that_are_missing_cut_off_or_no_json() -> None:
    path = f"{BOOKINGS}?configuration_id={INTRO}"
    unsent = entry("POST", path, answer=MADE)
    unsent["request"]["bodySize"] = 120
    scenario = imported(
        har(
            unsent,
            entry("GET", f"/v3/scheduling/availability?configuration_id={INTRO}&start_time=1&end_time=2"),
            entry("GET", f"/v3/scheduling/ui-settings?configuration_id={INTRO}", answer='{"data": {"na'),
            entry("GET", f"/v3/scheduling/ui-settings?configuration_id={INTRO}", answer="<html>"),
            entry("GET", f"/v3/scheduling/ui-settings?configuration_id={INTRO}", status=0),
        )
    )
    assert scenario.remarks == [
        "the body of the request is not in the file, of 1 call",
        "the body of the answer is not in the file, of 1 call",
        "the end of the answer is not in the file, of 1 call",
        "an answer in JSON is not in the file, of 1 call",
        "the answer is not in the file, of 1 call",
        "left out, 1 call: getUiSettings: nothing was answered",
        f"POST {BOOKINGS}: left out, its body is not known whole",
    ]
    assert len(scenario.requests) == 3
    replayed(scenario.text)


def test_the_dialect_is_the_recorded_servers() -> None:
    path = f"{BOOKINGS}?configuration_id={INTRO}"
    moved = {"start_time": WANTED["start_time"] + 3600, "end_time": WANTED["end_time"] + 3600}
    scenario = imported(
        har(
            entry("POST", path, answer=MADE, body=WANTED),
            entry("PATCH", f"{BOOKINGS}/{ID}?configuration_id={INTRO}", answer={}, body=moved),
            entry("POST", path, 400, {"error": {"type": "api.invalid_request_error", "message": "no"}}, {}),
        )
    )
    assert scenario.document["dialect"] == {
        "booking_extras": "hidden",
        "reschedule_response": "request_id",
        "error_types": "prefixed",
    }
    replayed(scenario.text)


def test_a_live_session_and_one_that_expires() -> None:
    session_id = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
    token = {"Authorization": f"Bearer {session_id}"}
    unauthorized = {"error": {"type": "invalid_session", "message": "gone"}}
    scenario = imported(
        har(
            entry("POST", BOOKINGS, answer=MADE, body=WANTED, headers=token),
            entry("POST", BOOKINGS, 401, unauthorized, WANTED, at="2026-03-02T09:10:00Z", headers=token),
        )
    )
    assert session_id not in scenario.text
    (session,) = scenario.document["sessions"].values()
    assert session["expires_in"] == "PT300S"
    replayed(scenario.text)


def test_other_hosts_and_paths_are_passed_over() -> None:
    file = har(
        entry("GET", "/v3/grants/x/messages"),
        entry("GET", "/v3/scheduling/nothing"),
        entry("OPTIONS", BOOKINGS),
        entry("POST", f"/a/b/v3/scheduling/bookings?configuration_id={INTRO}", answer=MADE, body=WANTED),
    )
    assert imported(file).requests == [("POST", BOOKINGS, 200)]


# --- the command ------------------------------------------------------------------------------------------


def test_the_command_writes_a_file_and_says_what_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "bug.yaml"
    done = CliRunner().invoke(cli, ["import-har", str(FILES / "mitmproxy.har"), "--output", str(out)])
    assert done.exit_code == 0, done.output
    assert "10 calls of this API, recorded by mitmproxy; 1 others passed over." not in done.output
    assert "recorded by mitmproxy" in done.stderr
    assert "what calendars hold can't be guessed" in done.stderr
    assert f"mockserver replay {out}" in done.stderr
    replayed(out.read_text())
    printed = CliRunner().invoke(cli, ["import-har", str(FILES / "firefox.har"), "--no-mask"])
    assert "gina.guest@example.com" in printed.stdout
    parse_scenario(printed.stdout)


def test_a_world_that_needs_a_hand_is_written_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "odd.har"
    body = impossible()
    file.write_text(json.dumps(body))
    done = CliRunner().invoke(cli, ["import-har", str(file)])
    assert done.exit_code == 1
    assert "needs a hand before it can be replayed" in done.stderr
    assert "configurations.configuration-1.body" in done.stderr
    assert "version: 1" in done.stdout


def impossible() -> dict[str, Any]:
    """A configuration that the API could not have taken."""
    told = {"data": {"id": INTRO, "participants": [], "event_booking": {}, "availability": {}}}
    path = f"/v3/grants/{ID}/scheduling/configurations/{INTRO}"
    return har(entry("GET", path, answer=told))
