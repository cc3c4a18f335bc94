"""Odd courses of events that once went wrong."""

from typing import Any

import pytest

from mockserver.domain.calendars import Event
from tests.support.worlds import ALICE, API_KEY, ASK, BOB, INTRO, NOW, TEN, Mock, configuration, participant

BOOKINGS = "/v3/scheduling/bookings"
ELEVEN = TEN + 3600


def by_id(mock: Mock, method: str, booking_id: str, body: Any = None, configuration: str = INTRO) -> Any:
    return mock.call(method, f"{BOOKINGS}/{booking_id}", body, query={"configuration_id": configuration})


def remove_event(mock: Mock, event_id: str) -> None:
    response = mock.client.delete(f"/_mock/events/{event_id}", json={})
    assert response.status_code == 200, response.json


@pytest.mark.parametrize("start", [253_401_955_200, 253_402_212_600, 0])
def test_times_at_the_edges_are_refused_properly(mock: Mock, start: int) -> None:
    assert mock.book(start).status_code == 400


@pytest.mark.parametrize("stamp", ["00010101T000000Z", "99991231T235959Z", "20260309T000000Z"])
def test_occurrences_at_the_edges_are_not_there(mock: Mock, stamp: str) -> None:
    calendar = mock.sandbox.world.grants[ALICE].calendar("primary")
    assert calendar is not None
    calendar.put(Event("w", "Weekly", NOW, NOW + 1800, all_day=True, recurrence=("RRULE:FREQ=WEEKLY",)))
    path = f"/v3/grants/{ALICE}/events/w_{stamp}"
    found = mock.call("GET", path, key=API_KEY, query={"calendar_id": "primary"})
    assert found.status_code == (200 if stamp.startswith("2026") else 404)
    window = {"calendar_id": "primary", "start": 253402214000, "end": 253402214400}
    assert mock.call("GET", f"/v3/grants/{ALICE}/events", key=API_KEY, query=window).status_code == 200


@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31"])
def test_specific_times_at_the_edges_do_no_harm(mock: Mock, date: str) -> None:
    entry = {"date": date, "start": "09:00", "end": "10:00", "timezone": "Pacific/Auckland"}
    body = configuration(participant("alice@example.com", specific_time_availability=[entry]))
    path = f"/v3/grants/{ALICE}/scheduling/configurations"
    created = mock.call("POST", path, body, API_KEY)
    if created.status_code == 200:
        assert TEN in mock.slots(TEN, TEN + 1800, created.json["data"]["id"])


def test_a_moved_booking_has_its_time_even_if_its_event_was_removed(mock: Mock) -> None:
    data = mock.book().json["data"]
    remove_event(mock, data["event_id"])
    moved = by_id(mock, "PATCH", data["booking_id"], {"start_time": ELEVEN, "end_time": ELEVEN + 1800})
    assert moved.status_code == 200
    assert ELEVEN not in mock.slots(ELEVEN, ELEVEN + 1800)
    assert mock.book(ELEVEN).status_code == 400


def test_a_time_that_was_sold_meanwhile_can_not_be_confirmed(mock: Mock) -> None:
    first = mock.book(configuration=ASK).json["data"]
    remove_event(mock, first["event_id"])
    second = mock.book(configuration=ASK).json["data"]
    for data, status in ((second, 200), (first, 400)):
        salt = mock.sandbox.world.bookings[data["booking_id"]].salt
        body = {"salt": salt, "status": "confirmed"}
        assert by_id(mock, "PUT", data["booking_id"], body, ASK).status_code == status
    body = {"salt": mock.sandbox.world.bookings[first["booking_id"]].salt, "status": "cancelled"}
    assert by_id(mock, "PUT", first["booking_id"], body, ASK).status_code == 200


def test_a_removed_placeholder_comes_back_when_confirmed(mock: Mock) -> None:
    data = mock.book(configuration=ASK).json["data"]
    remove_event(mock, data["event_id"])
    salt = mock.sandbox.world.bookings[data["booking_id"]].salt
    confirmed = by_id(mock, "PUT", data["booking_id"], {"salt": salt, "status": "confirmed"}, ASK)
    assert confirmed.json["data"]["event_id"] == data["event_id"]
    assert TEN not in mock.slots(TEN, TEN + 1800, ASK)


def test_a_booking_stays_with_the_grant_that_holds_it(mock: Mock) -> None:
    """The configuration gets another organizer, who may not write; the booking can be moved and cancelled."""
    data = mock.book().json["data"]
    grant = mock.sandbox.world.grants[BOB]
    grant.scopes = ("Calendars.Read",)
    path = f"/v3/grants/{ALICE}/scheduling/configurations/{INTRO}"
    change = {"participants": [participant("bob@example.com")]}
    assert mock.call("PUT", path, change, API_KEY).status_code == 200
    times = {"start_time": ELEVEN, "end_time": ELEVEN + 1800}
    assert by_id(mock, "PATCH", data["booking_id"], times).status_code == 200
    booking = mock.sandbox.world.bookings[data["booking_id"]]
    assert booking.places[0].grant_id == ALICE
    assert by_id(mock, "DELETE", data["booking_id"]).status_code == 200
    assert mock.book().status_code == 403


def test_refused_options_have_the_envelope_too(mock: Mock) -> None:
    for path, host, status in (("/nope", "localhost", 404), ("/v3/webhooks", "evil.example", 421)):
        response = mock.client.options(path, headers={"Host": host})
        assert response.status_code == status
        assert response.json["request_id"] == response.headers["X-Request-Id"] != ""


def test_what_names_no_sandbox_chooses_none(mock: Mock) -> None:
    assert mock.client.get("/_sandbox//v3/webhooks").status_code == 421
    mock.client.get("/v3/webhooks", headers={"Host": "team.localhost.:8080"})
    assert mock.app.sandboxes.find("team") is not None
