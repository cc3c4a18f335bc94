"""A world seeded from an .ics file, seen through the API."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.scenario import load_scenario
from tests.scenario.calendars import vcalendar, vevent
from tests.support.worlds import ALICE, API_KEY, DOCUMENT, TEN, Mock

HOUR = 3600
DAY = 86_400
WEEKLY = vevent(
    "DTSTART;TZID=Europe/Berlin:20260224T110000",
    "DTEND;TZID=Europe/Berlin:20260224T113000",
    "RRULE:FREQ=WEEKLY;COUNT=4",
    "SUMMARY:Weekly",
    uid="weekly@example.com",
)
MOVED = vevent(
    "RECURRENCE-ID;TZID=Europe/Berlin:20260310T110000",
    "DTSTART:20260311T120000Z",
    "DTEND:20260311T130000Z",
    "SUMMARY:Moved",
    uid="weekly@example.com",
)
FREE = vevent("DTSTART:20260303T130000Z", "DTEND:20260303T140000Z", "TRANSP:TRANSPARENT", uid="free")
OFF = vevent("DTSTART;VALUE=DATE:20260305", "SUMMARY:Off", uid="off")


@pytest.fixture
def mock(tmp_path: Path) -> Iterator[Mock]:
    (tmp_path / "alice.ics").write_text(vcalendar("X-WR-TIMEZONE:Europe/Berlin", WEEKLY, MOVED, FREE, OFF))
    calendars = "{m: {ics: alice.ics}}"
    (tmp_path / "world.yaml").write_text(
        "version: 1\nclock: {mode: frozen, now: 2026-03-02T09:00:00Z}\n"
        f"application: {{api_key: {API_KEY}}}\n"
        f"grants: {{alice: {{id: {ALICE}, email: alice@example.com, calendars: {calendars}}}}}\n"
    )
    more = tmp_path / "more.yaml"
    more.write_text(f"version: 1\nconfigurations: {DOCUMENT['configurations']}".replace("True", "true"))
    made = Mock()
    made.sandbox.reset(load_scenario([str(tmp_path / "world.yaml"), str(more)]))
    yield made
    made.close()


def test_what_the_file_holds_is_not_on_offer(mock: Mock) -> None:
    midnight = TEN - 10 * HOUR
    offered = mock.slots(midnight, midnight + 14 * DAY)

    assert TEN not in offered
    assert TEN + HOUR // 2 in offered
    assert TEN + 3 * HOUR in offered  # free
    assert TEN + 7 * DAY in offered  # moved away
    assert {TEN + 8 * DAY + 2 * HOUR, TEN + 8 * DAY + 5 * HOUR // 2}.isdisjoint(offered)
    off = range(midnight + 2 * DAY - HOUR, midnight + 3 * DAY - HOUR)
    assert not set(off) & set(offered)
    assert mock.book(TEN).status_code == 400
    assert mock.book(TEN + 7 * DAY).status_code == 200


def test_the_providers_own_api_shows_it(mock: Mock) -> None:
    query = {"calendar_id": "primary", "start": TEN - DAY, "end": TEN + 15 * DAY}
    shown = mock.call("GET", f"/v3/grants/{ALICE}/events", key=API_KEY, query=query).json["data"]

    found = {each["title"]: each for each in shown if each["title"]}
    assert [each["when"]["start_time"] for each in shown if each["title"] == "Weekly"] == [
        TEN,
        TEN + 14 * DAY,
    ]
    assert found["Moved"]["master_event_id"] == found["Weekly"]["master_event_id"]
    assert found["Weekly"]["when"]["start_timezone"] == "Europe/Berlin"
    assert found["Off"]["when"] == {"date": "2026-03-05", "object": "date"}
    one = mock.call(
        "GET",
        f"/v3/grants/{ALICE}/events/{found['Moved']['id']}",
        key=API_KEY,
        query={"calendar_id": "primary"},
    )
    assert one.json["data"]["title"] == "Moved"


def test_somebody_else_calls_a_series_off(mock: Mock) -> None:
    events = mock.sandbox.world.grants[ALICE].calendars["alice@example.com"].events
    master = next(each for each in events if each.recurrence)

    assert mock.call("DELETE", f"/_mock/events/{master.id}", {}).status_code == 200
    assert TEN in mock.slots(TEN, TEN + HOUR)
