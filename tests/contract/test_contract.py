"""What the module says about requests and responses."""

import json
import math
import subprocess
import sys
from typing import Any

import pytest

from mockserver.contract import Contract, Violation, load_contract

CONTRACT = load_contract()
BOOKING = {
    "start_time": 1791997200,
    "end_time": 1791999000,
    "guest": {"name": "Gina Guest", "email": "gina@example.com"},
}
CONFIGURATION = {
    "participants": [{"email": "olga@example.com"}],
    "availability": {"duration_minutes": 30},
    "event_booking": {"title": "Intro call"},
}


def said(operation_id: str, body: object) -> dict[str, str]:
    return {found.path: found.expected for found in CONTRACT.request_violations(operation_id, body)}


def examples(operation_id: str) -> list[Any]:
    operation = CONTRACT.operation(operation_id)
    definition = CONTRACT.document["paths"][operation.path][operation.method.lower()]
    return [
        found["value"]
        for found in definition["requestBody"]["content"]["application/json"]["examples"].values()
    ]


# --- requests that are accepted ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation_id", "body"),
    [
        (name, body)
        for name in CONTRACT.operation_ids
        if CONTRACT.operation(name).body
        for body in examples(name)
    ],
)
def test_examples_are_accepted_and_stay_as_they_are(operation_id: str, body: object) -> None:
    assert CONTRACT.request_violations(operation_id, body) == []
    expected = (
        {key: int(value) for key, value in body.items()}
        if operation_id == "rescheduleBooking" and isinstance(body, dict)
        else body
    )
    assert CONTRACT.without_absent(operation_id, body) == expected


@pytest.mark.parametrize(
    ("operation_id", "body", "documented"),
    [
        ("createBooking", BOOKING | {"start_time": "1791997200"}, BOOKING),
        ("createBooking", BOOKING | {"start_time": 1791997200.0}, BOOKING),
        ("createBooking", BOOKING | {"timezone": "", "participants": None, "additional_guests": ""}, BOOKING),
        ("createBooking", BOOKING | {"email_language": None, "additional_fields": None}, BOOKING),
        ("createBooking", BOOKING | {"email_language": "ko"}, BOOKING | {"email_language": "ko"}),
        ("createBooking", BOOKING | {"participants": []}, BOOKING | {"participants": []}),
        (
            "createBooking",
            BOOKING | {"additional_fields": {"topic": "", "phone": None}},
            BOOKING | {"additional_fields": {"topic": ""}},
        ),
        (
            "createBooking",
            BOOKING | {"event_id": None, "calendar_id": "", "x": {"deep": [None]}},
            BOOKING | {"event_id": None, "calendar_id": "", "x": {"deep": [None]}},
        ),
        ("rescheduleBooking", {"start_time": "5", "end_time": 6}, {"start_time": 5, "end_time": 6}),
        ("confirmBooking", {"salt": "s", "status": "confirmed", "cancellation_reason": ""}, None),
        ("cancelBooking", {"action": "cancel", "cancellation_reason": None}, {"action": "cancel"}),
        ("cancelBooking", {}, {}),
        ("cancelBooking", None, None),
        ("createSession", {"configuration_id": None, "slug": "intro"}, {"slug": "intro"}),
        ("createSession", {"slug": "intro", "time_to_live": 2.5}, {"slug": "intro", "time_to_live": 2.5}),
        ("createConfiguration", CONFIGURATION | {"slug": None}, CONFIGURATION | {"slug": None}),
        ("createConfiguration", CONFIGURATION | {"slug": "", "name": None, "appearance": ""}, CONFIGURATION),
        (
            "createConfiguration",
            CONFIGURATION | {"scheduler": {"min_booking_notice": None, "min_cancellation_notice": None}},
            CONFIGURATION | {"scheduler": {"min_booking_notice": None}},
        ),
        (
            "createConfiguration",
            CONFIGURATION | {"scheduler": {"min_booking_notice": ""}},
            CONFIGURATION | {"scheduler": {}},
        ),
        (
            "createConfiguration",
            CONFIGURATION | {"availability": {"duration_minutes": 30.0, "round_to": None}},
            CONFIGURATION,
        ),
        (
            "createConfiguration",
            CONFIGURATION | {"requires_session_auth": None},
            CONFIGURATION | {"requires_session_auth": None},
        ),
        ("createConfiguration", CONFIGURATION | {"requires_session_auth": ""}, CONFIGURATION),
        ("updateConfiguration", {"participants": None, "scheduler": None}, {}),
        ("updateWebhook", {"trigger_types": None, "webhook_url": "", "status": ""}, {}),
        (
            "updateWebhook",
            {"description": "", "status": "inactive"},
            {"description": "", "status": "inactive"},
        ),
        ("sendTestEvent", {"webhook_url": "https://h.example.com"}, {"webhook_url": "https://h.example.com"}),
    ],
)
def test_tolerated_input_is_brought_into_the_documented_form(
    operation_id: str, body: object, documented: object
) -> None:
    before = json.dumps(body)
    assert CONTRACT.request_violations(operation_id, body) == []
    if documented is not None:
        assert CONTRACT.without_absent(operation_id, body) == documented
        assert json.dumps(CONTRACT.without_absent(operation_id, body)) == json.dumps(documented)
    assert json.dumps(body) == before


def test_operations_without_a_body_have_nothing_to_say_about_one() -> None:
    assert CONTRACT.request_violations("getBooking", {"anything": 1}) == []
    assert CONTRACT.without_absent("getBooking", {"anything": None}) == {"anything": None}


# --- requests that are refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation_id", "body", "path", "expected"),
    [
        ("createBooking", None, "", "expected an object, got null"),
        ("createBooking", [], "", "expected an object, got an empty array"),
        ("createBooking", [1], "", "expected an object, got an array"),
        (
            "createBooking",
            BOOKING | {"start_time": "soon"},
            "start_time",
            'expected an integer (Unix seconds), got "soon"',
        ),
        (
            "createBooking",
            BOOKING | {"start_time": True},
            "start_time",
            "expected an integer (Unix seconds), got true",
        ),
        (
            "createBooking",
            BOOKING | {"start_time": 1.5},
            "start_time",
            "expected an integer (Unix seconds), got 1.5",
        ),
        (
            "createBooking",
            BOOKING | {"end_time": None},
            "end_time",
            "expected an integer (Unix seconds), got null",
        ),
        (
            "createBooking",
            BOOKING | {"end_time": -1},
            "end_time",
            "expected an integer (Unix seconds) from 0 to 253402214400, got -1",
        ),
        ("createBooking", BOOKING | {"guest": "Gina"}, "guest", 'expected an object, got "Gina"'),
        (
            "createBooking",
            BOOKING | {"guest": {"name": "G"}},
            "guest.email",
            "missing, expected an e-mail address",
        ),
        (
            "createBooking",
            BOOKING | {"guest": {"name": "", "email": "g@example.com"}},
            "guest.name",
            'expected a non-empty string, got ""',
        ),
        (
            "createBooking",
            BOOKING | {"guest": {"name": "G", "email": "g@example.com\n"}},
            "guest.email",
            'expected an e-mail address, got "g@example.com\\n"',
        ),
        (
            "createBooking",
            BOOKING | {"participants": [{"email": "olga@example.com"}, {"email": "paul"}]},
            "participants[1].email",
            'expected an e-mail address, got "paul"',
        ),
        ("createBooking", BOOKING | {"participants": {}}, "participants", "expected an array, got an object"),
        ("createBooking", BOOKING | {"participants": ["o@example.com"]}, "participants[0]", None),
        (
            "createBooking",
            BOOKING | {"timezone": "Mars"},
            "timezone",
            'expected an IANA time zone, got "Mars"',
        ),
        ("createBooking", BOOKING | {"timezone": "../etc/passwd"}, "timezone", None),
        ("createBooking", BOOKING | {"email_language": "xx"}, "email_language", None),
        (
            "createBooking",
            BOOKING | {"additional_fields": {"seats": 4}},
            "additional_fields.seats",
            "expected a string, got 4",
        ),
        ("rescheduleBooking", {"start_time": "", "end_time": 1}, "start_time", None),
        ("rescheduleBooking", {"start_time": "1_000", "end_time": 1}, "start_time", None),
        ("confirmBooking", {"status": "confirmed"}, "salt", "missing, expected a non-empty string"),
        (
            "confirmBooking",
            {"salt": "s", "status": "confirm"},
            "status",
            'expected one of "confirmed", "cancelled", got "confirm"',
        ),
        ("cancelBooking", {"cancellation_reason": 5}, "cancellation_reason", "expected a string, got 5"),
        ("cancelBooking", [], "", None),
        ("createSession", {}, "", "expected configuration_id or slug"),
        ("createSession", {"configuration_id": "", "slug": None}, "", "expected configuration_id or slug"),
        ("createSession", {"configuration_id": "42"}, "configuration_id", 'expected a UUID, got "42"'),
        (
            "createSession",
            {"slug": "a", "time_to_live": 31},
            "time_to_live",
            "expected a number (minutes) from 1 to 30, got 31",
        ),
        (
            "createSession",
            {"slug": "a", "time_to_live": 0},
            "time_to_live",
            "expected a number (minutes) from 1 to 30, got 0",
        ),
        ("createSession", {"slug": "a", "time_to_live": math.nan}, "time_to_live", None),
        (
            "createConfiguration",
            CONFIGURATION | {"participants": []},
            "participants",
            "expected an array with at least 1 item, got an empty array",
        ),
        ("createConfiguration", CONFIGURATION | {"participants": None}, "participants", None),
        (
            "createConfiguration",
            CONFIGURATION | {"availability": {"duration_minutes": 30, "round_to": 7}},
            "availability.round_to",
            "expected an integer (minutes), a multiple of 5 from 5 to 1440, got 7",
        ),
        ("updateConfiguration", {"availability": {}}, "availability.duration_minutes", None),
        (
            "createWebhook",
            {"webhook_url": "https://h.example.com", "trigger_types": []},
            "trigger_types",
            None,
        ),
        (
            "createWebhook",
            {"webhook_url": "ftp://h.example.com", "trigger_types": ["booking.created"]},
            "webhook_url",
            'expected an http or https URL, got "ftp://h.example.com"',
        ),
        (
            "createWebhook",
            {"webhook_url": "http://[", "trigger_types": ["booking.created"]},
            "webhook_url",
            None,
        ),
        ("createWebhook", {"trigger_types": ["booking.created"]}, "webhook_url", None),
        (
            "updateWebhook",
            {"status": "failing"},
            "status",
            'expected one of "active", "pause", got "failing"',
        ),
        ("updateWebhook", {"trigger_types": []}, "trigger_types", None),
        ("getMockPayload", {}, "trigger_type", None),
        ("sendTestEvent", {"trigger_type": "event.created"}, "webhook_url", None),
        (
            "sendTestEvent",
            {"trigger_type": "booking.moved", "webhook_url": "https://h.example.com"},
            "trigger_type",
            None,
        ),
    ],
)
def test_a_violation_names_the_field_and_what_was_expected(
    operation_id: str, body: object, path: str, expected: str | None
) -> None:
    found = said(operation_id, body)
    assert list(found) == [path]
    assert expected is None or found[path] == expected


@pytest.mark.parametrize("time", ["9:00", "09:00", "0:00", "23:59"])
def test_open_hours_may_leave_out_the_leading_zero(time: str) -> None:
    body = CONFIGURATION | {
        "participants": [
            {
                "email": "olga@example.com",
                "availability": {"calendar_ids": [], "open_hours": [{"start": time, "end": "23:59"}]},
            }
        ]
    }
    assert said("createConfiguration", body) == {}


@pytest.mark.parametrize("start", ["9:00", "24:00", "9", "", "12:60", "12:00\n", 9])
def test_single_days_take_two_digits(start: object) -> None:
    body = CONFIGURATION | {
        "participants": [
            {
                "email": "olga@example.com",
                "specific_time_availability": [{"date": "2026-02-29", "start": start, "end": "12:00"}],
            }
        ]
    }
    at = "participants[0].specific_time_availability[0]"
    assert list(said("createConfiguration", body)) == [f"{at}.date", f"{at}.start"]


def test_what_only_we_promise_is_offered_too() -> None:
    (words,) = said("getMockPayload", {"trigger_type": "booking.moved"}).values()
    assert '"calendar.created"' in words
    assert '"booking.created", "booking.pending"' in words


def test_violations_come_in_the_order_of_the_contract() -> None:
    body = {
        "additional_fields": {"a": 1},
        "timezone": 5,
        "guest": {"email": 1},
        "participants": [{}, {"email": 1}],
        "end_time": "x",
    }
    assert list(said("createBooking", body)) == [
        "start_time",
        "end_time",
        "participants[0].email",
        "participants[1].email",
        "guest.name",
        "guest.email",
        "timezone",
        "additional_fields.a",
    ]


def test_what_is_missing_is_no_exception_to_the_order() -> None:
    assert list(said("createBooking", {"timezone": 5, "end_time": 1})) == ["start_time", "guest", "timezone"]
    assert list(said("createBooking", {"start_time": "soon", "end_time": 1})) == ["start_time", "guest"]


def test_a_long_value_is_cut() -> None:
    found = said("createBooking", BOOKING | {"timezone": "x" * 1000, "additional_fields": {"k" * 1000: 1}})
    assert found["timezone"] == f'expected an IANA time zone, got "{"x" * 39}…'
    assert f"additional_fields.{'k' * 40}" in found


def test_a_huge_number_is_not_spelled_out() -> None:
    found = said("createBooking", BOOKING | {"start_time": 10**4000})
    assert found["start_time"].endswith("got a very large number")


def test_a_lone_surrogate_is_no_trouble() -> None:
    assert said("createBooking", BOOKING | {"timezone": "\ud800"})["timezone"].isascii()


def test_a_salt_is_not_repeated() -> None:
    assert said("confirmBooking", {"salt": ["hush"], "status": "confirmed"}) == {
        "salt": "expected a non-empty string"
    }


def test_schemas_can_be_asked_for_by_name() -> None:
    assert CONTRACT.schema_violations("Booking", {})[0] == Violation("booking_id", "missing, expected a UUID")
    assert CONTRACT.schema_violations("TriggerType", "booking.created") == []


# --- responses --------------------------------------------------------------------------------------------

DONE = {"request_id": "r-1"}


def problems(
    operation_id: str,
    status: int,
    body: object,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> list[str]:
    sent = {"x-request-id": "r-1"} if headers is None else headers
    return CONTRACT.response_problems(operation_id, status, content_type, sent, body)


def test_a_good_response_has_no_problems() -> None:
    assert problems("cancelBooking", 200, DONE) == []
    error = {"request_id": "r-1", "error": {"type": "not_found_error", "message": "no"}}
    assert problems("cancelBooking", 404, error) == []


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (problems("cancelBooking", 204, None), ["status 204 isn't documented for cancelBooking"]),
        (
            problems("cancelBooking", 200, DONE, "application/json; charset=utf-8"),
            ['Content-Type: expected application/json, got "application/json; charset=utf-8"'],
        ),
        (problems("cancelBooking", 200, DONE, headers={}), ["X-Request-Id: missing"]),
        (
            problems("cancelBooking", 200, DONE, headers={"X-Request-Id": "r-2"}),
            ['X-Request-Id: "r-2", but the body\'s request_id is "r-1"'],
        ),
        (problems("createBooking", 200, DONE), ["data: missing, expected an object"]),
        (
            problems("createBooking", 200, []),
            [
                "body: expected an object, got an empty array",
                'X-Request-Id: "r-1", but the body\'s request_id is null',
            ],
        ),
        (
            problems("getBooking", 404, {"request_id": "r-1", "error": {"type": "", "message": None}}),
            ['error.type: expected a non-empty string, got ""', "error.message: expected a string, got null"],
        ),
    ],
)
def test_problems_of_a_response(found: list[str], expected: list[str]) -> None:
    assert found == expected


@pytest.mark.parametrize("operation_id", CONTRACT.operation_ids)
def test_documented_examples_of_responses_have_no_problems(operation_id: str) -> None:
    operation = CONTRACT.operation(operation_id)
    definition = CONTRACT.document["paths"][operation.path][operation.method.lower()]
    components = CONTRACT.document["components"]
    for status, response in definition["responses"].items():
        found = (
            components["responses"][response["$ref"].rpartition("/")[2]] if "$ref" in response else response
        )
        for example in found["content"]["application/json"]["examples"].values():
            named = (
                components["examples"][example["$ref"].rpartition("/")[2]] if "$ref" in example else example
            )
            body = named["value"]
            headers = {"X-Request-Id": body["request_id"]}
            assert (
                CONTRACT.response_problems(operation_id, int(status), "application/json", headers, body) == []
            )


# --- operations -------------------------------------------------------------------------------------------


def test_operations_are_found_by_path() -> None:
    found = CONTRACT.operation_at("patch", "/v3/scheduling/bookings/{booking_id}")
    assert found is not None
    assert found.id == "rescheduleBooking"
    assert CONTRACT.operation_at("GET", "/v3/scheduling/bookings") is None


def test_an_operation_knows_its_security_and_scopes() -> None:
    book, read = CONTRACT.operation("createBooking"), CONTRACT.operation("getWebhook")
    assert book.scopes == {"google": ("calendar.events", "calendar"), "microsoft": ("Calendars.ReadWrite",)}
    assert frozenset({"Session"}) in book.security
    assert frozenset({"PublicConfiguration"}) in book.security
    assert read.scopes == {}
    assert read.security == (frozenset({"ApiKey"}),)


def test_what_is_broken_in_a_contract_shows() -> None:
    """The module reads the document that it is given, not a copy of its own."""
    document = json.loads(json.dumps(CONTRACT.document))
    document["components"]["schemas"]["BookingCreate"]["required"].append("timezone")
    broken = Contract(document)
    assert broken.request_violations("createBooking", BOOKING) == [
        Violation("timezone", "missing, expected an IANA time zone")
    ]


def test_it_is_read_once_and_quickly() -> None:
    assert load_contract() is CONTRACT
    script = (
        "import time; from mockserver.contract import load_contract; start = time.process_time();"
        "load_contract(); print(time.process_time() - start)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 0.5
