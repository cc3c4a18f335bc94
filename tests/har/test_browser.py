"""HAR files that Chromium writes while the Scheduling Component is used: imported, they replay.

The server's clock is the machine's, as in real life. The world lies in a zone where it is about noon, so that
there are slots today.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from mockserver.domain import booking as rules
from mockserver.domain.errors import refuse
from mockserver.replaying import replay_document
from tests.browser.hosting import Host
from tests.browser.widget import Widget
from tests.export.again import differences, replayed
from tests.har.importing import Import, imported
from tests.support.remote import Remote, scenario_file
from tests.support.server import ServerProcess
from tests.support.worlds import ASK, DOCUMENT, INTRO, PRIVATE, asking, configuration, participant

pytestmark = pytest.mark.slow

SESSION = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"


def zone_at_noon() -> str:
    """A zone in which it is about noon now; Etc/GMT-3 is three hours ahead."""
    ahead = 12 - time.gmtime().tm_hour
    return "UTC" if ahead == 0 else f"Etc/GMT{'-' if ahead > 0 else '+'}{abs(ahead)}"


@pytest.fixture(scope="module")
def zone() -> str:
    return zone_at_noon()


@pytest.fixture(scope="module")
def server(zone: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    host = participant("alice@example.com")
    host["availability"]["open_hours"] = [{"start": "0:00", "end": "23:30", "timezone": zone}]
    event = {"title": "Intro call", "timezone": zone, "location": "Room 1"}
    asked = {**asking()["event_booking"], "timezone": zone}
    grants = DOCUMENT["grants"]
    document = {
        **DOCUMENT,
        "name": "recorded",
        "clock": {"mode": "real"},
        "grants": {**grants, "alice": {**grants["alice"], "calendars": {"main": {"timezone": zone}}}},
        "configurations": {
            "intro": _one(INTRO, configuration(host, event_booking=event, slug="intro")),
            "ask": _one(ASK, {**asking(), "participants": [host], "event_booking": asked}),
            "private": _one(PRIVATE, configuration(host, event_booking=event, requires_session_auth=True)),
        },
        "sessions": {"open": {"id": SESSION, "configuration": "private", "expires_in": "P1D"}},
    }
    with ServerProcess("--scenario", scenario_file(tmp_path_factory.mktemp("har"), document)) as running:
        yield running


def _one(id: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"id": id, "grant": "alice", "body": body}


class Recorder:
    """Records what the component does in a sandbox of its own."""

    def __init__(self, browser: Browser, host: Host, server: ServerProcess, zone: str, file: Path) -> None:
        self._browser, self._host, self._server, self._zone = browser, host, server, zone
        self.file = file

    @contextmanager
    def use(self, sandbox: str) -> Iterator[Widget]:
        with Remote(self._server.url, sandbox) as remote:
            remote.control("PUT", f"sandboxes/{sandbox}")
        context = self._browser.new_context(
            timezone_id=self._zone,
            locale="en-US",
            viewport={"width": 1100, "height": 900},
            record_har_path=self.file,
            record_har_content="embed",
        )
        context.set_default_timeout(20_000)
        try:
            url = f"http://{sandbox}.localhost:{self._server.port}"
            yield Widget(context.new_page(), self._host.url, url)
        finally:
            context.close()  # writes the file


@pytest.fixture
def recorder(browser: Browser, host: Host, server: ServerProcess, zone: str, tmp_path: Path) -> Recorder:
    return Recorder(browser, host, server, zone, tmp_path / "recorded.har")


@pytest.fixture(scope="module")
def lifecycle(
    browser: Browser, host: Host, server: ServerProcess, zone: str, tmp_path_factory: pytest.TempPathFactory
) -> Import:
    """What was made of a booking that is made, moved and cancelled on one page."""
    recorder = Recorder(browser, host, server, zone, tmp_path_factory.mktemp("lifecycle") / "recorded.har")
    with recorder.use("har-lifecycle") as widget:
        book_and_move_and_cancel(widget)
    return imported(recorder.file)


def book_and_move_and_cancel(widget: Widget) -> None:
    widget.mount(configurationId=INTRO)
    times = widget.times()
    widget.book(times[2])
    widget.says("Booking confirmed")
    widget.press("Reschedule")
    widget.pick(times[5])
    expect(widget.name).to_have_value("Gina Guest")
    widget.submit()
    widget.says("Booking rescheduled")
    widget.press("Cancel booking")
    widget.cancel("I am ill")
    widget.says("cancelled successfully")


def test_a_booking_made_moved_and_cancelled(lifecycle: Import) -> None:
    methods = [method for method, _, _ in lifecycle.requests if method != "GET"]
    assert methods == ["POST", "PATCH", "DELETE"]
    assert all(status == 200 for _, _, status in lifecycle.requests)
    assert [each for each in ("Gina", "gina@", "alice@", "I am ill") if each in lifecycle.text] == []
    replayed(lifecycle.text)


def test_the_bug_of_a_report_turns_it_red(lifecycle: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "I rescheduled and now I can't cancel": put back, and seen."""
    genuine = rules.cancel

    def broken(tx: Any, configuration: Any, booking_id: str, reason: str) -> Any:
        if tx.world.bookings[booking_id].sequence:
            raise refuse("not_found")
        return genuine(tx, configuration, booking_id, reason)

    monkeypatch.setattr(rules, "cancel", broken)
    (found,) = differences(replay_document(lifecycle.text))
    assert "DELETE" in found
    assert "expected 200, got 404" in found


@pytest.mark.parametrize(
    ("bug", "seen"),
    [
        ({"reschedule_response": "request_id"}, "steps"),
        ({"booking_extras": "hidden"}, "booking_ref"),
        ({"session_for_public_configuration": "rejected"}, ""),
    ],
    ids=["moved without the booking", "no reference", "nothing that it looks at"],
)
def test_it_sees_a_server_that_does_something_else(lifecycle: Import, bug: dict[str, str], seen: str) -> None:
    found = differences(replay_document({**lifecycle.document, "dialect": bug}))
    assert bool(found) == bool(seen)
    assert seen in " ".join(found)


def test_what_browsers_take_out_is_put_back(recorder: Recorder) -> None:
    """As Chromium's "sanitized" export does: no credentials, no cookies; and here a body is cut off."""
    with recorder.use("har-session") as widget:
        widget.mount(sessionId=SESSION)
        widget.book(widget.times()[1])
        widget.says("Booking confirmed")
    whole = imported(recorder.file)
    assert SESSION not in whole.text
    replayed(whole.text)
    har = json.loads(recorder.file.read_text())
    for entry in har["log"]["entries"]:
        for side in ("request", "response"):
            secret = ("authorization", "cookie", "set-cookie")
            headers = entry[side]["headers"]
            entry[side]["headers"] = [each for each in headers if each["name"].lower() not in secret]
        if "ui-settings" in entry["request"]["url"] and entry["response"]["content"].get("text"):
            entry["response"]["content"]["text"] = entry["response"]["content"]["text"][:60]
    recorder.file.write_text(json.dumps(har))
    stripped = imported(recorder.file)
    assert "guessed: the recording has no Authorization header" in stripped.text
    assert "the body of the answer is cut off" in stripped.text
    assert re.search("no credentials are in the file", " ".join(stripped.remarks))
    replayed(stripped.text)


def test_a_booking_that_awaits_confirmation(recorder: Recorder) -> None:
    with recorder.use("har-pending") as widget:
        widget.mount(configurationId=ASK)
        widget.book(widget.times()[3])
        widget.says("Booking sent")
    scenario = imported(recorder.file)
    body = scenario.document["configurations"]["configuration-1"]["body"]
    assert body["event_booking"]["booking_type"] == "organizer-confirmation"
    replayed(scenario.text)
