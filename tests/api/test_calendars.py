"""The provider's own view: calendars, events and free/busy, as an application under test reads them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import responses
from nylas import Client
from nylas.models.errors import NylasApiError
from nylas.models.events import Date, Datespan, Timespan
from nylas.models.free_busy import FreeBusy, FreeBusyError
from requests import PreparedRequest

from mockserver.domain.calendars import Calendar, Event, Person
from tests.support.worlds import ALICE, API_KEY, ASK, BOB, DOCUMENT, INTRO, NOW, TEN, Mock

CALENDARS = f"/v3/grants/{ALICE}/calendars"
EVENTS = f"/v3/grants/{ALICE}/events"
FREE_BUSY = f"{CALENDARS}/free-busy"
DAY = 86_400
KIRITIMATI = "Pacific/Kiritimati"
"""Fourteen hours ahead of UTC: dates there differ from dates in UTC most of the day."""


@pytest.fixture
def sdk(mock: Mock) -> Iterator[Client]:
    """The official SDK, its requests answered in process."""

    def answer(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        url = urlsplit(request.url or "")
        response = mock.client.open(
            url.path,
            method=request.method or "",
            query_string=url.query,
            headers=dict(request.headers),
            data=request.body,
        )
        return response.status_code, dict(response.headers), response.get_data()

    with responses.RequestsMock() as http:
        for method in (responses.GET, responses.POST):
            http.add_callback(method, re.compile(r"http://mock\.test/.*"), answer)
        http.assert_all_requests_are_fired = False
        yield Client(API_KEY, "http://mock.test")


def calendar_of(mock: Mock, grant_id: str = ALICE, calendar_id: str = "primary") -> Calendar:
    found = mock.sandbox.world.grants[grant_id].calendar(calendar_id)
    assert found is not None
    return found


def fill(mock: Mock, *events: Event, grant_id: str = ALICE) -> None:
    for event in events:
        calendar_of(mock, grant_id).put(event)


def event(id: str, start: int = TEN, minutes: int = 30, **more: Any) -> Event:
    return Event(id=id, title=id.title(), start=start, end=start + minutes * 60, **more)


def get(mock: Mock, path: str, **query: Any) -> Any:
    return mock.call("GET", path, key=API_KEY, query=query)


def listed(mock: Mock, **query: Any) -> list[str]:
    """The ids of the events that are listed."""
    response = get(mock, EVENTS, calendar_id="primary", **query)
    assert response.status_code == 200, response.json
    return [each["id"] for each in response.json["data"]]


def free_busy(mock: Mock, *emails: str, start: int = NOW, end: int = NOW + 7 * DAY, **more: Any) -> Any:
    body = {"start_time": start, "end_time": end, "emails": list(emails), **more}
    return mock.call("POST", FREE_BUSY, body, API_KEY)


def busy(mock: Mock, email: str = "alice@example.com", **more: Any) -> list[tuple[int, int]]:
    (entry,) = free_busy(mock, email, **more).json["data"]
    return [(slot["start_time"], slot["end_time"]) for slot in entry["time_slots"]]


# --- what is shown ----------------------------------------------------------------------------------------


def test_a_calendar_is_shown_whole(mock: Mock) -> None:
    (shown,) = get(mock, CALENDARS).json["data"]
    assert shown == {
        "id": "alice@example.com",
        "grant_id": ALICE,
        "name": "main",
        "description": "",
        "timezone": "UTC",
        "is_primary": True,
        "read_only": False,
        "is_owned_by_user": True,
        "object": "calendar",
    }
    for calendar_id in ("alice@example.com", "primary"):
        assert get(mock, f"{CALENDARS}/{calendar_id}").json["data"] == shown


def test_an_event_is_shown_whole(mock: Mock) -> None:
    booking = mock.book().json["data"]
    (shown,) = get(mock, EVENTS, calendar_id="primary").json["data"]
    description = shown.pop("description")
    assert all(f'">{word}</a>' in description for word in ("Reschedule", "Cancel"))
    assert shown == {
        "id": booking["event_id"],
        "grant_id": ALICE,
        "calendar_id": "alice@example.com",
        "title": "Intro call",
        "location": "Room 1",
        "busy": True,
        "status": "confirmed",
        "when": {
            "start_time": TEN,
            "end_time": TEN + 1800,
            "start_timezone": "UTC",
            "end_timezone": "UTC",
            "object": "timespan",
        },
        "participants": [
            {"email": "alice@example.com", "name": "Alice", "status": "yes"},
            {"email": "gina@example.com", "name": "Gina Guest", "status": "noreply"},
        ],
        "organizer": {"email": "alice@example.com", "name": "Alice"},
        "creator": {"email": "alice@example.com", "name": "Alice"},
        "metadata": {
            "source": "scheduler",
            "key5": INTRO,
            "scheduler_last_start": str(TEN),
            "scheduler_last_end": str(TEN + 1800),
            "scheduler_updated_at": str(NOW),
        },
        "ical_uid": f"{booking['event_id']}@google.com",
        "html_link": f"https://calendar.google.com/calendar/event?eid={booking['event_id']}",
        "read_only": False,
        "created_at": NOW,
        "updated_at": NOW,
        "object": "event",
    }
    shown["description"] = description
    assert get(mock, f"{EVENTS}/{booking['event_id']}", calendar_id="primary").json["data"] == shown


def test_an_event_without_organizer_is_its_owners_and_somebody_elses_is_read_only(mock: Mock) -> None:
    fill(mock, event("own"), event("theirs", organizer=Person("BOB@example.com", "Bob")), grant_id=BOB)
    fill(mock, event("invited", organizer=Person("bob@example.com", "Bob")))
    data = [
        *get(mock, f"/v3/grants/{BOB}/events", calendar_id="primary").json["data"],
        *get(mock, EVENTS, calendar_id="primary").json["data"],
    ]
    found = {each["id"]: (each["organizer"]["email"], each["read_only"]) for each in data}
    assert found == {
        "own": ("bob@example.com", False),
        "theirs": ("BOB@example.com", False),
        "invited": ("bob@example.com", True),
    }


@pytest.mark.parametrize(
    ("start", "days", "when"),
    [
        ("2026-03-03", 1, {"date": "2026-03-03", "object": "date"}),
        ("2026-03-28", 1, {"date": "2026-03-28", "object": "date"}),
        ("2026-03-03", 3, {"start_date": "2026-03-03", "end_date": "2026-03-05", "object": "datespan"}),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", KIRITIMATI, "Europe/Berlin", "America/Los_Angeles"])
def test_all_day_events_have_dates_of_the_calendars_zone(
    mock_of: Callable[[Mapping[str, Any]], Mock], zone: str, start: str, days: int, when: Any
) -> None:
    end = f"{start[:8]}{int(start[8:]) + days - 1:02}"
    seeded = {"title": "Away", "start": start, "end": end, "all_day": True}
    calendars = {"main": {"timezone": zone, "events": [seeded]}}
    alice = {**DOCUMENT["grants"]["alice"], "calendars": calendars}
    mock = mock_of({**DOCUMENT, "grants": {**DOCUMENT["grants"], "alice": alice}})
    (shown,) = get(mock, EVENTS, calendar_id="primary").json["data"]
    assert shown["when"] == when
    assert get(mock, CALENDARS).json["data"][0]["timezone"] == zone


def test_the_official_sdk_decodes_all_of_it(mock: Mock, sdk: Client) -> None:
    booked = mock.book().json["data"]
    fill(
        mock,
        event("fair", NOW - NOW % DAY, 3 * 1440, all_day=True, busy=False),
        event("birthday", NOW - NOW % DAY, 1440, all_day=True, busy=False),
        event("gone", status="cancelled"),
    )
    (calendar,) = sdk.calendars.list(ALICE).data
    assert (calendar.id, calendar.is_primary, calendar.timezone) == ("alice@example.com", True, "UTC")
    assert sdk.calendars.find(ALICE, "primary").data == calendar
    events = sdk.events.list(ALICE, query_params={"calendar_id": calendar.id}).data
    assert [type(each.when) for each in events] == [Date, Datespan, Timespan]
    one = sdk.events.find(ALICE, booked["event_id"], query_params={"calendar_id": "primary"}).data
    assert (one, one.metadata["key5"], one.when.start_time) == (events[2], INTRO, TEN)
    assert one.organizer["email"] == "alice@example.com"
    for flag, count in ((True, 4), (False, 3)):
        query = {"calendar_id": "primary", "show_cancelled": flag, "start": NOW - DAY, "end": NOW + DAY * 7}
        assert len(sdk.events.list(ALICE, query_params=query).data) == count
    people = ["alice@example.com", "nobody@example.com"]
    answer = sdk.calendars.get_free_busy(
        "alice@example.com", {"start_time": NOW, "end_time": NOW + 7 * DAY, "emails": people}
    )
    known, unknown = answer.data
    assert isinstance(known, FreeBusy)
    assert [(slot.start_time, slot.end_time, slot.status) for slot in known.time_slots] == [
        (TEN, TEN + 1800, "busy")
    ]
    assert isinstance(unknown, FreeBusyError)
    with pytest.raises(NylasApiError) as refused:
        sdk.events.find(ALICE, "none", query_params={"calendar_id": "primary"})
    assert (refused.value.status_code, refused.value.type) == (404, "not_found_error")


# --- what an application sees of a booking ----------------------------------------------------------------


def test_a_booking_from_the_request_to_its_end(mock: Mock) -> None:
    booking = mock.book(configuration=ASK).json["data"]
    one = f"/v3/scheduling/bookings/{booking['booking_id']}"
    query = {"configuration_id": ASK}

    def seen() -> tuple[str, str, int, str]:
        shown = get(mock, f"{EVENTS}/{booking['event_id']}", calendar_id="primary").json["data"]
        assert shown["metadata"]["scheduler_last_start"] == str(shown["when"]["start_time"])
        start, updated = shown["when"]["start_time"], shown["metadata"]["scheduler_updated_at"]
        return shown["title"], shown["status"], start, updated

    assert seen() == ("[PENDING] Ask first", "tentative", TEN, str(NOW))
    mock.sandbox.clock.advance(60)
    salt = mock.sandbox.world.bookings[booking["booking_id"]].salt
    mock.call("PUT", one, {"salt": salt, "status": "confirmed"}, query=query)
    assert seen() == ("Ask first", "confirmed", TEN, str(NOW + 60))
    mock.sandbox.clock.advance(60)
    later = {"start_time": TEN + 3600, "end_time": TEN + 5400}
    mock.call("PATCH", one, later, query=query)
    assert seen() == ("Ask first", "confirmed", TEN + 3600, str(NOW + 120))
    assert busy(mock) == [(TEN + 3600, TEN + 5400)]
    mock.call("DELETE", one, query=query)
    assert seen()[1] == "cancelled"
    assert (listed(mock), busy(mock)) == ([], [])
    assert listed(mock, show_cancelled="true") == [booking["event_id"]]


# --- lists ------------------------------------------------------------------------------------------------


def test_events_come_by_start_in_pages_that_survive_changes(mock: Mock) -> None:
    fill(mock, *(event(f"e{number}", TEN - number // 2 * 3600) for number in range(7)))
    order = ["e6", "e4", "e5", "e2", "e3", "e0", "e1"]
    assert listed(mock) == order
    seen: list[str] = []
    token: str | None = ""
    while token is not None:
        answer = get(mock, EVENTS, calendar_id="primary", limit=2, page_token=token).json
        seen += [each["id"] for each in answer["data"]]
        token = answer.get("next_cursor")
        if len(seen) == 2:
            calendar_of(mock).remove(seen[-1])  # the next page begins after an event that has gone
            fill(mock, event("earlier", TEN - DAY))
    assert seen == order


def test_a_page_has_fifty_events_unless_the_query_says_otherwise(mock: Mock) -> None:
    fill(mock, *(event(f"e{number:03}", TEN + number) for number in range(201)))
    assert [len(listed(mock, **query)) for query in ({}, {"limit": 200}, {"limit": ""})] == [50, 200, 50]


def test_calendars_come_in_pages(mock_of: Callable[[Mapping[str, Any]], Mock]) -> None:
    calendars = {"main": {"primary": True}, "team": {}, "room": {"id": "room-1", "timezone": "Asia/Tokyo"}}
    alice = {**DOCUMENT["grants"]["alice"], "calendars": calendars}
    mock = mock_of({**DOCUMENT, "grants": {**DOCUMENT["grants"], "alice": alice}})
    first = get(mock, CALENDARS, limit=2).json
    rest = get(mock, CALENDARS, limit=2, page_token=first["next_cursor"]).json
    shown = [(each["id"], each["is_primary"]) for each in first["data"] + rest["data"]]
    assert shown == [("alice@example.com", True), ("team", False), ("room-1", False)]
    assert "next_cursor" not in rest
    assert get(mock, EVENTS, calendar_id="room-1").json["data"] == []
    mine = event("mine")
    calendar_of(mock, calendar_id="team").put(mine)
    assert listed(mock) == []
    assert get(mock, f"{EVENTS}/mine", calendar_id="primary").status_code == 404
    assert get(mock, f"{EVENTS}/mine", calendar_id="team").json["data"]["calendar_id"] == "team"


@pytest.mark.parametrize(
    ("window", "found"),
    [
        ({"start": TEN, "end": TEN + 1800}, "now over"),
        ({"start": TEN + 60, "end": TEN + 120}, "now over"),
        ({"start": TEN - 1800, "end": TEN}, "before over"),
        ({"start": TEN + 1800}, "after over old"),
        ({"end": TEN}, "before over old"),
        ({"start": TEN}, "now after over old"),
        ({"start": 0, "end": 253_402_214_400}, "before now after over old"),
        ({"start": TEN + 9 * DAY, "end": 253_402_214_400}, "old"),
        ({"start": TEN + 600, "end": TEN + 60}, ""),
        ({"start": TEN, "end": TEN}, ""),
        ({"start": "None", "end": ""}, "before now after over old"),
    ],
)
def test_a_window_shows_what_lies_in_it_in_part(mock: Mock, window: dict[str, Any], found: str) -> None:
    fill(
        mock,
        event("before", TEN - 1800),
        event("now"),
        event("after", TEN + 1800),
        event("over", TEN - 3600, 180),
        event("old", TEN - 100 * DAY, 200 * 1440),
    )
    expected = {*found.split()} | ({"old"} if found else set())
    assert {*listed(mock, **window)} == expected


def test_open_windows_of_calendars_with_little_in_them(mock: Mock) -> None:
    assert listed(mock, start=0) == listed(mock, end=NOW) == []
    fill(mock, event("moment", minutes=0))
    assert listed(mock) == listed(mock, end=TEN + 1) == listed(mock, start=TEN - 1) == ["moment"]
    assert listed(mock, start=0, end=253_402_214_400) == ["moment"]


def test_a_recurring_event_is_itself_without_a_window_and_its_occurrences_in_one(mock: Mock) -> None:
    weekly = event("standup", recurrence=("RRULE:FREQ=WEEKLY",), timezone="Europe/Berlin")
    fill(mock, weekly, event("single", TEN + 8 * DAY))
    data = get(mock, EVENTS, calendar_id="primary").json["data"]
    assert [(each["id"], each.get("recurrence")) for each in data] == [
        ("standup", ["RRULE:FREQ=WEEKLY"]),
        ("single", None),
    ]
    two_weeks = {"start": NOW, "end": NOW + 14 * DAY, "limit": 2}
    data = get(mock, EVENTS, calendar_id="primary", **two_weeks).json["data"]
    assert [each["when"]["start_time"] for each in data] == [TEN, TEN + 7 * DAY]
    assert {each["master_event_id"] for each in data} == {"standup"}
    assert {each["when"]["start_timezone"] for each in data} == {"Europe/Berlin"}
    one = get(mock, f"{EVENTS}/{data[1]['id']}", calendar_id="primary").json["data"]
    assert one == data[1]
    assert len(listed(mock, start=NOW, limit=200)) == 106  # weeks of two years, and the single one
    assert len(busy(mock, end=NOW + 14 * DAY)) == 3


def test_an_occurrence_without_length_can_be_read_like_any_other(mock: Mock) -> None:
    fill(mock, event("ping", minutes=0, recurrence=("RRULE:FREQ=DAILY;COUNT=3",)))
    found = get(mock, EVENTS, calendar_id="primary", start=NOW, end=NOW + 14 * DAY).json["data"]
    assert len(found) == 3
    for each in found:
        assert get(mock, f"{EVENTS}/{each['id']}", calendar_id="primary").json["data"] == each
    assert get(mock, f"{EVENTS}/ping_20260302T235959Z", calendar_id="primary").status_code == 404


def test_windows_do_not_look_at_the_events_outside_them(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(mock, event("here"))

    def scanned(calendar: Calendar) -> list[Event]:
        raise AssertionError("all events were looked at")

    monkeypatch.setattr(Calendar, "events", property(scanned))
    assert listed(mock, start=NOW, end=NOW + 31 * DAY) == ["here"]
    assert busy(mock) == [(TEN, TEN + 1800)]


def test_cancelled_events_are_hidden_unless_asked_for(mock: Mock) -> None:
    fill(mock, event("kept"), replace(event("gone", TEN + 60), status="cancelled"))
    for window in ({}, {"start": NOW, "end": NOW + 2 * DAY}):
        for words in ("", "false", "False", "None"):
            assert listed(mock, show_cancelled=words, **window) == ["kept"]
        for words in ("true", "True"):
            assert listed(mock, show_cancelled=words, **window) == ["kept", "gone"]
    assert get(mock, f"{EVENTS}/gone", calendar_id="primary").json["data"]["status"] == "cancelled"


# --- free or busy -----------------------------------------------------------------------------------------


def test_busy_times_are_merged_and_cut_to_the_window(mock: Mock) -> None:
    fill(
        mock,
        event("first"),
        event("touching", TEN + 1800),
        event("overlapping", TEN + 600, 60),
        event("later", TEN + 2 * 3600),
        event("free", TEN + 4 * 3600, busy=False),
        event("cancelled", TEN + 5 * 3600, status="cancelled"),
        event("empty", TEN + 6 * 3600, minutes=0),
    )
    whole = [(TEN, TEN + 4200), (TEN + 7200, TEN + 9000)]
    assert busy(mock) == whole
    assert busy(mock, start=TEN + 60, end=TEN + 7260) == [(TEN + 60, TEN + 4200), (TEN + 7200, TEN + 7260)]
    assert busy(mock, start=0, end=253_402_214_400) == whole
    assert busy(mock, start=str(NOW), end=str(TEN)) == []
    assert busy(mock, start=TEN + 60, end=TEN) == []
    assert busy(mock, "bob@example.com") == []


@pytest.mark.parametrize(("grant_id", "heeded"), [(ALICE, False), (BOB, True)])
def test_tentative_events_are_busy_unless_microsoft_is_told_otherwise(
    mock: Mock, grant_id: str, heeded: bool
) -> None:
    email = mock.sandbox.world.grants[grant_id].email
    fill(mock, event("maybe", status="tentative"), grant_id=grant_id)
    slot = [(TEN, TEN + 1800)]
    assert busy(mock, email) == busy(mock, email, tentative_as_busy=True) == slot
    assert busy(mock, email, tentative_as_busy=None) == slot
    assert busy(mock, email, tentative_as_busy=False) == ([] if heeded else slot)


def test_every_address_gets_an_entry_in_the_order_of_the_request(mock: Mock) -> None:
    asked = ("nobody@example.com", "ALICE@example.com", "bob@example.com", "nobody@example.com")
    data = free_busy(mock, *asked).json["data"]
    assert [(each["email"], each["object"]) for each in data] == list(
        zip(asked, ("error", "free_busy", "free_busy", "error"), strict=True)
    )
    assert free_busy(mock).json["data"] == []
    assert len(free_busy(mock, *["bob@example.com"] * 50).json["data"]) == 50


# --- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({}, "calendar_id"),
        ({"calendar_id": ""}, "calendar_id"),
        ({"calendar_id": "undefined"}, "calendar_id"),
        *(
            ({"calendar_id": "primary", name: value}, name)
            for name, values in {
                "start": ("soon", "-1", "1.5", "253402214401"),
                "end": ("later", "1e9"),
                "limit": (0, 201, "many"),
                "show_cancelled": ("yes", "1"),
                "page_token": ("é", "AAAA", "YWJj", "YS9i"),
            }.items()
            for value in values
        ),
    ],
)
def test_queries_that_are_refused_naming_the_parameter(mock: Mock, query: Any, word: str) -> None:
    fill(mock, event("one"))
    response = get(mock, EVENTS, **query)
    assert (response.status_code, response.json["error"]["type"]) == (400, "invalid_request_error")
    assert word in response.json["error"]["message"]


def test_the_event_too_is_asked_for_with_its_calendar(mock: Mock) -> None:
    fill(mock, event("one"))
    assert get(mock, f"{EVENTS}/one").status_code == 400


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"start_time": "soon"}, "start_time"),
        ({"end_time": None}, "end_time"),
        ({"emails": "alice@example.com"}, "emails"),
        ({"emails": ["nobody"]}, "emails[0]"),
        ({"emails": ["a@example.com"] * 51}, "emails"),
        ({"tentative_as_busy": "maybe"}, "tentative_as_busy"),
    ],
)
def test_bodies_that_are_refused_naming_the_key(mock: Mock, change: Any, word: str) -> None:
    body = {"start_time": NOW, "end_time": TEN, "emails": ["alice@example.com"]}
    response = mock.call("POST", FREE_BUSY, {**body, **change}, API_KEY)
    assert (response.status_code, word in response.json["error"]["message"]) == (400, True)


READS = [
    ("GET", "calendars", None),
    ("GET", "calendars/primary", None),
    ("GET", "events?calendar_id=primary", None),
    ("GET", "events/one?calendar_id=primary", None),
    ("POST", "calendars/free-busy", {"start_time": NOW, "end_time": TEN, "emails": ["alice@example.com"]}),
]


@pytest.mark.parametrize(("method", "path", "body"), READS)
def test_who_may_read_whose_calendars(
    mock_of: Callable[[Mapping[str, Any]], Mock], method: str, path: str, body: Any
) -> None:
    grants = {**DOCUMENT["grants"], "bob": {**DOCUMENT["grants"]["bob"], "status": "expired"}}
    mock = mock_of({**DOCUMENT, "grants": grants})
    fill(mock, event("one"))
    session = mock.call("POST", "/v3/scheduling/sessions", {"configuration_id": INTRO}, API_KEY)

    def status(grant: str, key: str | None = API_KEY) -> int:
        return mock.call(method, f"/v3/grants/{grant}/{path}", body, key).status_code

    assert [status(grant) for grant in (ALICE, "alice@example.com", "ALICE@example.com")] == [200] * 3
    for key in (None, "nyk_wrong", session.json["data"]["session_id"]):
        assert status(ALICE, key) == 401
    assert [status(grant) for grant in ("nobody", ALICE.replace("5", "9"))] == [404, 404]
    assert [status(grant) for grant in (BOB, "bob@example.com")] == [401, 401]


def test_what_is_not_there(mock: Mock) -> None:
    fill(mock, event("one"))
    for path in (
        f"{CALENDARS}/nowhere",
        f"{CALENDARS}/bob@example.com",
        f"{EVENTS}?calendar_id=nowhere",
        f"{EVENTS}/none?calendar_id=primary",
        f"{EVENTS}/one?calendar_id=nowhere",
        f"/v3/grants/{BOB}/events/one?calendar_id=primary",
    ):
        response = mock.call("GET", path, key=API_KEY)
        assert (response.status_code, response.json["error"]["type"]) == (404, "not_found_error"), path


def test_an_expired_grant_has_an_error_of_its_own_in_free_busy(
    mock_of: Callable[[Mapping[str, Any]], Mock],
) -> None:
    grants = {**DOCUMENT["grants"], "bob": {**DOCUMENT["grants"]["bob"], "status": "expired"}}
    mock = mock_of({**DOCUMENT, "grants": grants})
    data = free_busy(mock, "bob@example.com", "alice@example.com").json["data"]
    assert [each["object"] for each in data] == ["error", "free_busy"]


def test_reading_changes_nothing_and_draws_no_ids(mock: Mock) -> None:
    mock.book()
    before = mock.snapshot()
    for method, path, body in READS:
        mock.call(method, f"/v3/grants/{ALICE}/{path}", body, API_KEY)
    assert mock.snapshot() == before
    event_id = mock.book(TEN + 3600).json["data"]["event_id"]
    unread = Mock()
    unread.book()
    assert unread.book(TEN + 3600).json["data"]["event_id"] == event_id
    unread.close()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written_here(mock: Mock, method: str) -> None:
    fill(mock, event("one"))
    for path in (CALENDARS, f"{CALENDARS}/primary", EVENTS, f"{EVENTS}/one"):
        assert mock.call(method, path, {}, API_KEY).status_code == 405
