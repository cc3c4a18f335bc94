"""`/v3/scheduling/bookings`: the five booking operations."""

from typing import Any

from flask import Blueprint, Response

from mockserver.api.incoming import (
    credentials,
    json_body,
    optional_json_body,
    path_uuid,
    person,
    query_timezone,
)
from mockserver.domain import booking as rules
from mockserver.domain.access import configuration_for
from mockserver.domain.booking import BookingRequest, RescheduleRequest
from mockserver.domain.links import reference_of
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Booking
from mockserver.gateway import current_sandbox, enveloped

blueprint = Blueprint("bookings", __name__, url_prefix="/v3/scheduling/bookings")


@blueprint.post("")
def createBooking() -> Response:
    with current_sandbox().transaction() as tx:
        configuration = configuration_for(tx, credentials())
        body = json_body()
        wanted = BookingRequest(
            start=body["start_time"],
            end=body["end_time"],
            guest=person(body["guest"]),
            participants=_emails(body),
            timezone=body.get("timezone") or query_timezone(),
            email_language=body.get("email_language") or "en",
            additional_guests=tuple(map(person, body.get("additional_guests") or ())),
            additional_fields=_answers(body) or {},
        )
        return enveloped({"data": shown(tx, rules.book(tx, configuration, wanted))})


@blueprint.get("/<booking_id>")
def getBooking(booking_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        configuration = configuration_for(tx, credentials())
        booking = rules.read(tx, configuration, path_uuid("booking_id", booking_id))
        return enveloped({"data": shown(tx, booking)})


@blueprint.put("/<booking_id>")
def confirmBooking(booking_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        configuration = configuration_for(tx, credentials())
        booking_id = path_uuid("booking_id", booking_id)
        body = json_body()
        if body["status"] == "confirmed":
            booking = rules.confirm(tx, configuration, booking_id, body["salt"])
            return enveloped({"data": shown(tx, booking)})
        reason = body.get("cancellation_reason") or ""
        booking = rules.decline(tx, configuration, booking_id, body["salt"], reason)
        return _with_booking(tx, booking, tx.dialect.decline_response)


@blueprint.patch("/<booking_id>")
def rescheduleBooking(booking_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        configuration = configuration_for(tx, credentials())
        booking_id = path_uuid("booking_id", booking_id)
        body = json_body()
        guests = body.get("additional_guests")
        wanted = RescheduleRequest(
            start=body["start_time"],
            end=body["end_time"],
            participants=_emails(body),
            guest=person(body["guest"]) if body.get("guest") else None,
            timezone=body.get("timezone"),
            email_language=body.get("email_language"),
            additional_guests=None if guests is None else tuple(map(person, guests)),
            additional_fields=_answers(body),
        )
        booking = rules.reschedule(tx, configuration, booking_id, wanted)
        return _with_booking(tx, booking, tx.dialect.reschedule_response)


@blueprint.delete("/<booking_id>")
def cancelBooking(booking_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        configuration = configuration_for(tx, credentials())
        booking_id = path_uuid("booking_id", booking_id)
        reason = optional_json_body().get("cancellation_reason") or ""
        rules.cancel(tx, configuration, booking_id, reason)
        return enveloped({})


def shown(tx: Transaction, booking: Booking) -> dict[str, Any]:
    """The booking as the API shows it; it has no times (documented)."""
    event = tx.world.event_at(booking.places[0])
    configuration = tx.world.configurations[booking.configuration_id]
    organizer = {"email": booking.organizer.email, "name": booking.organizer.name}
    extras = {"booking_ref": reference_of(booking), "location": configuration.location}
    return {
        "booking_id": booking.id,
        "event_id": booking.event_id,
        "title": event.title if event else configuration.title,
        "organizer": organizer,
        "status": booking.status,
        "description": configuration.description,
        **(extras if tx.dialect.booking_extras == "shown" else {}),
    }


def _with_booking(tx: Transaction, booking: Booking, form: str) -> Response:
    """An answer for which sources disagree whether the booking is in it."""
    return enveloped({"data": shown(tx, booking)} if form == "booking" else {})


def _emails(body: dict[str, Any]) -> tuple[str, ...]:
    return tuple(each["email"] for each in body.get("participants") or () if each.get("email"))


def _answers(body: dict[str, Any]) -> dict[str, str] | None:
    """The answers to additional fields; null is no answer."""
    answers = body.get("additional_fields")
    return None if answers is None else {key: value for key, value in answers.items() if value is not None}
