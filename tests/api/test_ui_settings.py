"""What the Scheduling Component asks for first, and the fields it makes its form of."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support.worlds import CLIENT_ID, DOCUMENT, INTRO, TEN, Mock

FIELDS = {
    "topic": {"label": "Topic", "type": "text", "required": True},
    "size": {"label": "Size", "type": "dropdown", "required": False, "options": ["S", "M"]},
    "code": {"label": "Code", "type": "text", "required": False, "pattern": "[a-z]{3}"},
    "odd": {"label": "Odd", "type": "text", "required": False, "pattern": r"(?<=x)y\1"},
    "source": {"label": "Source", "type": "metadata", "required": True, "default": "web"},
}
GOOD = {"topic": "tax"}


@pytest.fixture
def asking_fields(mock_of: Callable[[Mapping[str, Any]], Mock]) -> Callable[..., Mock]:
    def make(**dialect: str) -> Mock:
        intro = DOCUMENT["configurations"]["intro"]
        scheduler = {"min_booking_notice": 0, "additional_fields": FIELDS, "cancellation_policy": "Be kind"}
        body = {**intro["body"], "scheduler": scheduler}
        return mock_of({**DOCUMENT, "configurations": {"intro": {**intro, "body": body}}, "dialect": dialect})

    return make


def settings(mock: Mock, **query: Any) -> dict[str, Any]:
    response = mock.call("GET", "/v3/scheduling/ui-settings", query={"configuration_id": INTRO, **query})
    assert response.status_code == 200, response.json
    data: dict[str, Any] = response.json["data"]
    return data


def test_settings_say_all_that_the_component_reads(asking_fields: Callable[..., Mock]) -> None:
    data = settings(asking_fields())
    assert data["configuration_id"] == INTRO
    assert data["app_client_id"] == CLIENT_ID
    assert data["organizer"] == {"name": "Alice", "email": "alice@example.com"}
    scheduler = data["scheduler"]
    assert scheduler["additional_fields"] == FIELDS
    assert scheduler["cancellation_policy"] == "Be kind"
    assert (scheduler["available_days_in_future"], scheduler["min_booking_notice"]) == (30, 0)
    assert "booking" not in data


def test_settings_fill_in_the_form_of_a_booking_to_move(asking_fields: Callable[..., Mock]) -> None:
    mock = asking_fields()
    booked = mock.book(additional_fields=GOOD, additional_guests=[{"email": "a@example.com"}]).json["data"]
    booking = settings(mock, booking_id=booked["booking_id"])["booking"]
    assert booking["guest"] == {"email": "gina@example.com", "name": "Gina Guest"}
    assert booking["additional_fields"] == GOOD
    assert booking["booking_ref"] == booked["booking_ref"]
    assert booking["event_data"]["when"]["start_time"] == TEN
    query = {"configuration_id": INTRO, "booking_id": "99999999-9999-4999-8999-999999999999"}
    assert mock.call("GET", "/v3/scheduling/ui-settings", query=query).status_code == 404


@pytest.mark.parametrize(
    "answers",
    [
        GOOD,
        {"topic": "tax", "size": "M", "code": "abc", "odd": "anything", "source": "ad"},
        {"topic": "tax", "size": "", "code": "", "source": ""},
    ],
)
def test_answers_that_fit_are_kept(asking_fields: Callable[..., Mock], answers: dict[str, str]) -> None:
    mock = asking_fields()
    booked = mock.book(additional_fields=answers).json["data"]
    assert mock.sandbox.world.bookings[booked["booking_id"]].additional_fields == answers


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "topic"),
        ({"topic": ""}, "topic"),
        ({"topic": "tax", "size": "XL"}, "size"),
        ({"topic": "tax", "code": "abcd"}, "code"),
        ({"topic": "tax", "code": "abc\n"}, "code"),
    ],
)
def test_answers_that_do_not_fit_are_refused_or_not_by_the_dialect(
    asking_fields: Callable[..., Mock], answers: dict[str, str], field: str
) -> None:
    refused = asking_fields().book(additional_fields=answers)
    assert refused.status_code == 400
    assert f"additional_fields.{field}: expected" in refused.json["error"]["message"]
    assert asking_fields(additional_field_rules="ignored").book(additional_fields=answers).status_code == 200


def test_a_move_keeps_the_answers_and_minds_new_ones(asking_fields: Callable[..., Mock]) -> None:
    mock = asking_fields()
    booking_id = mock.book(additional_fields=GOOD).json["data"]["booking_id"]
    path, query = f"/v3/scheduling/bookings/{booking_id}", {"configuration_id": INTRO}
    times = {"start_time": TEN + 3600, "end_time": TEN + 5400}
    assert (
        mock.call("PATCH", path, {**times, "additional_fields": {"no": "x"}}, query=query).status_code == 400
    )
    assert mock.call("PATCH", path, times, query=query).status_code == 200
    more = {**times, "additional_fields": {"size": "S"}}
    assert mock.call("PATCH", path, more, query=query).status_code == 200
    assert mock.sandbox.world.bookings[booking_id].additional_fields == {"topic": "tax", "size": "S"}
