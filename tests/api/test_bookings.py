"""The life of a booking over HTTP: what is answered, and what the world holds afterwards."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mockserver.delivery.letters import write
from mockserver.domain.calendars import Event
from mockserver.domain.reference import decode_reference
from mockserver.domain.world import Booking
from tests.support.worlds import ALICE, ASK, DOCUMENT, INTRO, NOW, TEN, Mock

BOOKINGS = "/v3/scheduling/bookings"


def at(mock: Mock, booking_id: str) -> tuple[Booking, Event]:
    booking = mock.sandbox.world.bookings[booking_id]
    event = mock.sandbox.world.event_at(booking.places[0])
    assert event is not None
    return booking, event


def announced(mock: Mock) -> list[str]:
    return [delivery.notification.type for delivery in mock.sandbox.outbox.deliveries]


def by_id(mock: Mock, method: str, booking_id: str, body: Any = None, configuration: str = INTRO) -> Any:
    query = {"configuration_id": configuration}
    return mock.call(method, f"{BOOKINGS}/{booking_id}", body, query=query)


def salt_of(response: Any) -> str:
    return decode_reference(response.json["data"]["booking_ref"]).salt


def with_dialect(**switches: str) -> dict[str, Any]:
    return {**DOCUMENT, "dialect": switches}


def test_booking_follows_the_documented_flow(mock: Mock) -> None:
    response = mock.book(additional_guests=[{"name": "Ann", "email": "ann@example.com"}])
    assert response.status_code == 200
    data = response.json["data"]
    assert data["status"] == "booked"
    assert data["organizer"] == {"email": "alice@example.com", "name": "Alice"}
    booking, event = at(mock, data["booking_id"])
    assert (event.id, event.title, event.start, event.end) == (
        data["event_id"],
        "Intro call",
        TEN,
        TEN + 1800,
    )
    assert event.status == "confirmed"
    assert [person.email for person in event.participants] == [
        "alice@example.com",
        "gina@example.com",
        "ann@example.com",
    ]
    assert event.metadata == {
        "source": "scheduler",
        "key5": INTRO,
        "scheduler_last_start": str(TEN),
        "scheduler_last_end": str(TEN + 1800),
        "scheduler_updated_at": str(NOW),
    }
    assert booking.places[0].grant_id == ALICE
    reference = decode_reference(data["booking_ref"])
    assert (reference.configuration_id, reference.booking_id, reference.salt) == (
        INTRO,
        booking.id,
        booking.salt,
    )
    assert announced(mock) == ["booking.created"]
    assert {each.letter.type for each in mock.sandbox.outbox.mails} == {"booking_confirmed"}


def test_a_booked_slot_is_gone_and_comes_back_when_cancelled(mock: Mock) -> None:
    offered = mock.slots(TEN - 3600, TEN + 3600)
    booking_id = mock.book().json["data"]["booking_id"]
    assert mock.slots(TEN - 3600, TEN + 3600) == [start for start in offered if start != TEN]
    refused = mock.book()
    assert refused.status_code == 400
    assert refused.json["error"]["message"].startswith("The selected timeslot is unavailable")
    assert by_id(mock, "DELETE", booking_id).json.keys() == {"request_id"}
    assert mock.slots(TEN - 3600, TEN + 3600) == offered
    assert mock.book().status_code == 200


def test_a_pending_booking_is_a_placeholder_with_a_mail_and_keeps_the_answers(
    mock_of: Callable[[Mapping[str, Any]], Mock],
) -> None:
    document = {**DOCUMENT, "configurations": dict(DOCUMENT["configurations"])}
    ask = dict(document["configurations"]["ask"])
    field = {"label": "Topic", "type": "text", "required": True}
    scheduler = {**ask["body"]["scheduler"], "additional_fields": {"topic": field}}
    ask["body"] = {**ask["body"], "scheduler": scheduler}
    document["configurations"]["ask"] = ask
    mock = mock_of(document)
    data = mock.book(configuration=ASK, additional_fields={"topic": "tax"}).json["data"]
    booking, event = at(mock, data["booking_id"])
    assert data["status"] == booking.status == "pending"
    assert event.title == data["title"] == "[PENDING] Ask first"
    assert booking.additional_fields == {"topic": "tax"}
    assert TEN not in mock.slots(TEN - 3600, TEN + 3600, ASK)
    assert announced(mock) == ["booking.pending"]
    (sent,) = mock.sandbox.outbox.mails
    mail = write(sent.letter)
    assert mail.to == "alice@example.com"
    link = f"https://example.com/confirm/{data['booking_ref']}"
    assert mail.links["confirm"] == link
    assert link in mail.text
    assert link in mail.html


def test_confirming_keeps_the_event_and_takes_the_prefix_off(mock: Mock) -> None:
    pending = mock.book(configuration=ASK)
    booking_id = pending.json["data"]["booking_id"]
    body = {"salt": salt_of(pending), "status": "confirmed"}
    data = by_id(mock, "PUT", booking_id, body, ASK).json["data"]
    booking, event = at(mock, booking_id)
    assert data["status"] == booking.status == "booked"
    assert data["event_id"] == pending.json["data"]["event_id"]
    assert (event.title, event.status) == ("Ask first", "confirmed")
    assert announced(mock) == ["booking.pending", "booking.created"]
    again = by_id(mock, "PUT", booking_id, body, ASK)
    assert (again.status_code, again.json["error"]["type"]) == (400, "invalid_request_error")


def test_declining_frees_the_slot(mock: Mock) -> None:
    pending = mock.book(configuration=ASK)
    booking_id = pending.json["data"]["booking_id"]
    body = {"salt": salt_of(pending), "status": "cancelled", "cancellation_reason": "on leave"}
    response = by_id(mock, "PUT", booking_id, body, ASK)
    assert response.json["data"]["status"] == "cancelled"
    booking, event = at(mock, booking_id)
    assert (booking.status, booking.cancellation_reason) == ("cancelled", "on leave")
    assert event.status == "cancelled"
    assert TEN in mock.slots(TEN, TEN + 1800, ASK)
    assert announced(mock) == ["booking.pending", "booking.cancelled"]


@pytest.mark.parametrize("salt", ["", "AAAA", "not base64!", "ünï", "A" * 4000])
def test_a_wrong_salt_decides_nothing(mock: Mock, salt: str) -> None:
    booking_id = mock.book(configuration=ASK).json["data"]["booking_id"]
    before = mock.snapshot()
    for status in ("confirmed", "cancelled"):
        response = by_id(mock, "PUT", booking_id, {"salt": salt, "status": status}, ASK)
        assert response.status_code == 400
    assert mock.snapshot() == before


def test_the_salt_is_taken_in_every_alphabet(mock: Mock) -> None:
    for step in range(12):
        start = TEN + step * 1800
        pending = mock.book(start, ASK)
        salt = salt_of(pending)
        salt = (salt.replace("-", "+").replace("_", "/") if step % 2 else salt) + "=" * (step % 3)
        body = {"salt": salt, "status": "confirmed"}
        assert by_id(mock, "PUT", pending.json["data"]["booking_id"], body, ASK).status_code == 200


def test_rescheduling_moves_the_event_and_tells_both_times(mock: Mock) -> None:
    booking_id = mock.book().json["data"]["booking_id"]
    body = {"start_time": TEN + 3600, "end_time": TEN + 5400}
    response = by_id(mock, "PATCH", booking_id, body)
    assert response.json["data"]["booking_id"] == booking_id
    _, event = at(mock, booking_id)
    assert (event.start, event.end) == (TEN + 3600, TEN + 5400)
    assert event.metadata["scheduler_last_start"] == str(TEN + 3600)
    info = mock.sandbox.outbox.deliveries[-1].notification.object["booking_info"]
    assert [info[key] for key in ("old_start_time", "old_end_time", "start_time", "end_time")] == [
        TEN,
        TEN + 1800,
        TEN + 3600,
        TEN + 5400,
    ]
    assert TEN in mock.slots(TEN, TEN + 1800)
    assert mock.slots(TEN + 3600, TEN + 5400) == []


def test_a_pending_booking_moves_and_stays_pending(mock: Mock) -> None:
    booking_id = mock.book(configuration=ASK).json["data"]["booking_id"]
    body = {"start_time": TEN + 3600, "end_time": TEN + 5400}
    assert by_id(mock, "PATCH", booking_id, body, ASK).json["data"]["status"] == "pending"
    _, event = at(mock, booking_id)
    assert (event.title, event.start) == ("[PENDING] Ask first", TEN + 3600)
    assert announced(mock) == ["booking.pending", "booking.rescheduled"]


def test_a_booking_may_move_onto_its_own_time(mock: Mock) -> None:
    booking_id = mock.book().json["data"]["booking_id"]
    asked = {"booking_id": booking_id}
    assert TEN in mock.slots(TEN, TEN + 1800, **asked)
    body = {"start_time": TEN, "end_time": TEN + 1800}
    assert by_id(mock, "PATCH", booking_id, body).status_code == 200


def test_the_form_that_the_component_sends_on_rescheduling_is_kept(mock: Mock) -> None:
    booking_id = mock.book().json["data"]["booking_id"]
    body = {
        "start_time": TEN + 3600,
        "end_time": TEN + 5400,
        "timezone": "Europe/Berlin",
        "additional_fields": {},
        "guest": {"name": "Gina G", "email": "gina@example.com"},
        "additional_guests": [],
        "email_language": "ko",
        "event_id": None,
    }
    assert by_id(mock, "PATCH", booking_id, body).status_code == 200
    booking, _ = at(mock, booking_id)
    assert (booking.guest.name, booking.timezone, booking.email_language) == ("Gina G", "Europe/Berlin", "ko")


def test_nothing_can_be_done_to_a_cancelled_booking(mock: Mock) -> None:
    booking_id = mock.book().json["data"]["booking_id"]
    by_id(mock, "DELETE", booking_id, {"action": "cancel", "cancellation_reason": "ill"})
    assert by_id(mock, "GET", booking_id).json["data"]["status"] == "cancelled"
    info = mock.sandbox.outbox.deliveries[-1].notification.object["booking_info"]
    assert info["cancellation_reason"] == "ill"
    before = mock.snapshot()
    times = {"start_time": TEN, "end_time": TEN + 1800}
    for method, body in (("DELETE", None), ("PATCH", times), ("PUT", {"salt": "AA", "status": "confirmed"})):
        assert by_id(mock, method, booking_id, body).status_code == 400
    assert mock.snapshot() == before


def test_a_pending_booking_can_be_cancelled(mock: Mock) -> None:
    booking_id = mock.book(configuration=ASK).json["data"]["booking_id"]
    assert by_id(mock, "DELETE", booking_id, configuration=ASK).status_code == 200
    booking, event = at(mock, booking_id)
    assert (booking.status, event.status) == ("cancelled", "cancelled")
    assert announced(mock) == ["booking.pending", "booking.cancelled"]


def test_a_booking_of_another_configuration_is_as_unknown_as_none(mock: Mock) -> None:
    booking_id = mock.book().json["data"]["booking_id"]
    other = by_id(mock, "GET", booking_id, configuration=ASK)
    unknown = by_id(mock, "GET", "99999999-9999-4999-8999-999999999999", configuration=ASK)
    assert other.status_code == unknown.status_code == 404
    assert other.json["error"] == unknown.json["error"]
    assert other.json["error"]["type"] == "not_found_error"


@pytest.mark.parametrize(
    "times",
    [
        (TEN + 60, TEN + 1860),
        (TEN, TEN + 3600),
        (TEN, TEN),
        (TEN + 1800, TEN),
        (NOW - 86_400, NOW - 84_600),
        (TEN + 60 * 86_400, TEN + 60 * 86_400 + 1800),
        (TEN + 10 * 3600, TEN + 10 * 3600 + 1800),
        (0, 0),
    ],
    ids=["off grid", "wrong length", "empty", "inverted", "past", "beyond horizon", "evening", "zero"],
)
def test_a_time_that_is_not_offered_is_refused(mock: Mock, times: tuple[int, int]) -> None:
    before = mock.snapshot()
    response = mock.book(start_time=times[0], end_time=times[1])
    assert response.status_code == 400
    assert response.json["error"]["message"].startswith("The selected timeslot is unavailable")
    assert mock.snapshot() == before


def test_dialects_of_rescheduling(mock_of: Callable[[Mapping[str, Any]], Mock]) -> None:
    body = {"start_time": TEN + 3600, "end_time": TEN + 5400}
    mock = mock_of(with_dialect(reschedule_response="request_id"))
    booking_id = mock.book().json["data"]["booking_id"]
    assert by_id(mock, "PATCH", booking_id, body).json.keys() == {"request_id"}
    mock = mock_of(with_dialect(reschedule_booking_id="new"))
    booking_id = mock.book().json["data"]["booking_id"]
    renewed = by_id(mock, "PATCH", booking_id, body).json["data"]["booking_id"]
    assert renewed != booking_id
    assert by_id(mock, "GET", booking_id).status_code == 404
    assert by_id(mock, "GET", renewed).status_code == 200


def test_dialects_of_declining_and_cancelling(mock_of: Callable[[Mapping[str, Any]], Mock]) -> None:
    switches = {
        "decline_response": "request_id",
        "cancelled_booking": "gone",
        "decision_notification": "none",
        "booking_extras": "hidden",
        "error_types": "prefixed",
    }
    mock = mock_of(with_dialect(**switches))
    pending = mock.book(configuration=ASK)
    assert pending.json["data"].keys().isdisjoint({"booking_ref", "location"})
    booking_id = pending.json["data"]["booking_id"]
    salt = mock.sandbox.world.bookings[booking_id].salt
    body = {"salt": salt, "status": "cancelled"}
    assert by_id(mock, "PUT", booking_id, body, ASK).json.keys() == {"request_id"}
    assert announced(mock) == ["booking.pending"]
    gone = by_id(mock, "GET", booking_id, configuration=ASK)
    assert (gone.status_code, gone.json["error"]["type"]) == (404, "api.not_found_error")
    assert by_id(mock, "DELETE", booking_id, configuration=ASK).status_code == 404


def test_the_notice_for_cancelling_is_enforced_by_the_dialect(
    mock_of: Callable[[Mapping[str, Any]], Mock],
) -> None:
    intro = DOCUMENT["configurations"]["intro"]
    scheduler = {"min_booking_notice": 0, "min_cancellation_notice": 26 * 60}
    strict = {**intro, "body": {**intro["body"], "scheduler": scheduler}}
    document = {**DOCUMENT, "configurations": {"intro": strict}}
    for dialect, status in (({}, 400), ({"cancellation_notice": "ignored"}, 200)):
        mock = mock_of({**document, "dialect": dialect})
        booking_id = mock.book().json["data"]["booking_id"]
        assert by_id(mock, "DELETE", booking_id).status_code == status
        later = mock.book(TEN + 2 * 3600).json["data"]["booking_id"]
        assert by_id(mock, "DELETE", later).status_code == 200
