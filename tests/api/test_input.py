"""What is accepted for the sake of real clients, and what is refused without a trace."""

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from tests.support.worlds import API_KEY, ASK, INTRO, TEN, Mock

BOOKINGS = "/v3/scheduling/bookings"
QUERY = {"configuration_id": INTRO}
GUEST = {"name": "Gina Guest", "email": "gina@example.com"}
VALID = {"start_time": TEN, "end_time": TEN + 1800, "guest": GUEST}


def post(mock: Mock, raw: bytes, content_type: str | None = "application/json") -> Any:
    return mock.client.post(BOOKINGS, query_string=QUERY, data=raw, content_type=content_type)


@pytest.mark.parametrize(
    "more",
    [
        {"start_time": str(TEN), "end_time": str(TEN + 1800)},
        {"start_time": float(TEN), "end_time": TEN + 1800.0},
        {"participants": None, "timezone": None, "email_language": None, "additional_fields": None},
        {"participants": [], "timezone": "", "email_language": "", "additional_guests": []},
        {"email_language": "ko"},
        {"event_id": "x", "master_id": None, "calendar_id": 7, "whatever": {"deep": [1]}},
        {"additional_guests": [{"email": "a@example.com"}, {"email": "b@example.com", "name": None}]},
        {"participants": [{"email": "ALICE@example.com", "name": "extra"}]},
    ],
    ids=["text times", "float times", "nulls", "empties", "ko", "extra keys", "guests", "participants"],
)
def test_what_real_clients_send_is_accepted(mock: Mock, more: dict[str, Any]) -> None:
    response = mock.call("POST", BOOKINGS, {**VALID, **more}, query=QUERY)
    assert response.status_code == 200, response.json
    assert len(mock.sandbox.world.bookings) == 1


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", None, "application/octet-stream"])
def test_the_content_type_does_not_matter(mock: Mock, content_type: str | None) -> None:
    assert post(mock, json.dumps(VALID).encode(), content_type).status_code == 200


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"action":"cancel"}', b'{"cancellation_reason":null}'])
def test_cancelling_takes_any_body_or_none(mock: Mock, raw: bytes) -> None:
    booking_id = mock.book().json["data"]["booking_id"]
    path = f"{BOOKINGS}/{booking_id}"
    assert mock.client.delete(path, query_string=QUERY, data=raw).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start_time": "soon"}, "start_time"),
        ({"start_time": True}, "start_time"),
        ({"start_time": TEN + 0.5}, "start_time"),
        ({"start_time": [TEN]}, "start_time"),
        ({"start_time": 10**30}, "start_time"),
        ({"start_time": -1}, "start_time"),
        ({"start_time": None}, "start_time"),
        ({"end_time": {"at": 1}}, "end_time"),
        ({"guest": "gina@example.com"}, "guest"),
        ({"guest": [GUEST]}, "guest"),
        ({"guest": {"name": "Gina"}}, "guest.email"),
        ({"guest": {"email": "gina@example.com"}}, "guest.name"),
        ({"guest": {"name": "Gina", "email": "no address"}}, "guest.email"),
        ({"guest": {"name": 7, "email": "gina@example.com"}}, "guest.name"),
        ({"participants": "alice@example.com"}, "participants"),
        ({"participants": ["alice@example.com"]}, "participants[0]"),
        ({"participants": [{"email": "nobody@example.com"}]}, "participants[0].email"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"email_language": "tlh"}, "email_language"),
        ({"additional_guests": {"email": "a@example.com"}}, "additional_guests"),
        ({"additional_guests": [{"email": "nope"}]}, "additional_guests[0].email"),
        ({"additional_fields": ["a"]}, "additional_fields"),
        ({"additional_fields": {"topic": 7}}, "additional_fields.topic"),
    ],
)
def test_what_is_refused_names_the_field_and_leaves_the_world_alone(
    mock: Mock, change: dict[str, Any], field: str
) -> None:
    before = mock.snapshot()
    response = mock.call("POST", BOOKINGS, {**VALID, **change}, query=QUERY)
    assert (response.status_code, response.json["error"]["type"]) == (400, "invalid_request_error")
    assert f": {field}: " in response.json["error"]["message"]
    assert mock.snapshot() == before


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"start_time": 1,}',
        b"\xff\xfe",
        b'{"start_time": NaN}',
        b'{"start_time": 1e999}',
        b'{"guest": {"name": "\\ud800", "email": "gina@example.com"}}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"start_time": ' + b"9" * 5000 + b"}",
    ],
    ids=[
        "empty",
        "null",
        "list",
        "text",
        "cut",
        "comma",
        "not utf-8",
        "nan",
        "infinite",
        "half pair",
        "deep lists",
        "deep objects",
        "long number",
    ],
)
def test_what_is_no_json_object_is_refused(mock: Mock, raw: bytes) -> None:
    before = mock.snapshot()
    response = post(mock, raw)
    assert (response.status_code, response.json["error"]["type"]) == (400, "invalid_request_error")
    assert response.json["error"]["message"].startswith("error parsing request body")
    assert mock.snapshot() == before


def test_unknown_additional_fields_are_refused_in_the_documented_words(mock: Mock) -> None:
    body = {**VALID, "additional_fields": {"notify_individually": "yes"}}
    response = mock.call("POST", BOOKINGS, body, query=QUERY)
    message = "Additional field 'notify_individually' not found in configuration"
    assert (response.status_code, response.json["error"]["message"]) == (400, message)


def test_a_body_of_more_than_a_mebibyte_is_refused(mock: Mock) -> None:
    raw = json.dumps({**VALID, "padding": "x" * 2**20}).encode()
    response = post(mock, raw)
    assert (response.status_code, response.json["error"]["type"]) == (413, "invalid_request_error")
    builder = EnvironBuilder(BOOKINGS, method="POST", query_string=QUERY)
    environ = {**builder.get_environ(), "wsgi.input": BytesIO(raw), "HTTP_TRANSFER_ENCODING": "chunked"}
    environ.pop("CONTENT_LENGTH", None)
    assert mock.client.open(environ).status_code == 413
    assert len(mock.sandbox.world.bookings) == 0


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"start_time": TEN},
        {"start_time": TEN, "end_time": "NaN"},
        {"start_time": "soon", "end_time": TEN},
        {"start_time": -5, "end_time": TEN},
        {"start_time": "1" * 400, "end_time": TEN},
        {"start_time": TEN, "end_time": "٣"},
        {"start_time": TEN, "end_time": TEN + 1, "booking_id": "x"},
    ],
)
def test_availability_wants_two_times(mock: Mock, query: dict[str, Any]) -> None:
    response = mock.call("GET", "/v3/scheduling/availability", query={**QUERY, **query})
    assert (response.status_code, response.json["error"]["type"]) == (400, "invalid_request_error")


def test_an_empty_or_inverted_window_has_no_slots(mock: Mock) -> None:
    assert mock.slots(TEN, TEN) == []
    assert mock.slots(TEN + 3600, TEN) == []
    assert mock.slots(0, 253_402_214_400)


@pytest.mark.parametrize(
    "booking_id", ["x", "booking-123", "booking%2F123", "é", "..", INTRO + "0", "%00", "a" * 5000]
)
def test_ids_that_are_no_ids_are_refused(mock: Mock, booking_id: str) -> None:
    for method in ("GET", "DELETE", "PATCH", "PUT"):
        body = {**VALID, "salt": "AA", "status": "confirmed"} if method in ("PATCH", "PUT") else None
        response = mock.call(method, f"{BOOKINGS}/{booking_id}", body, query=QUERY)
        assert response.status_code in (400, 404)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["start_time", "end_time", "guest", "participants", "timezone", "additional_guests", "additional_fields"]
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, JSON_VALUES, min_size=1), st.sampled_from(["POST", "PATCH", "PUT", "DELETE"]))
def test_whatever_is_sent_is_answered_properly_and_a_refusal_changes_nothing(
    change: dict[str, Any], method: str
) -> None:
    mock = Mock()
    try:
        pending = mock.book(TEN + 7200, ASK).json["data"]["booking_id"]
        query = {"configuration_id": ASK}
        path = BOOKINGS if method == "POST" else f"{BOOKINGS}/{pending}"
        salt = mock.sandbox.world.bookings[pending].salt
        body = {**VALID, "salt": salt, "status": "confirmed", **change}
        before = mock.snapshot()
        response = mock.call(method, path, body, API_KEY, query)
        assert response.status_code in (200, 400)
        if response.status_code == 400:
            assert mock.snapshot() == before
    finally:
        mock.close()
