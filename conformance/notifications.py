"""What the documentation says of the form of notifications (facts 1.1 to 1.3)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.receiver import Delivery
from conformance.shapes import problems

COMPONENTS = {
    "booking.created": "BookingCreatedNotification",
    "booking.pending": "BookingPendingNotification",
    "booking.rescheduled": "BookingRescheduledNotification",
    "booking.cancelled": "BookingCancelledNotification",
    "booking.reminder": "BookingReminderNotification",
}
SOURCE = "/nylas/passthru"

ENVELOPE = ("specversion", "type", "source", "id", "time", "webhook_delivery_attempt", "data")
DATA = ("application_id", "grant_id", "object")
BOOKING_FIRST = ("booking_id", "booking_ref", "configuration_id", "object", "booking_info")
CONFIGURATION_FIRST = ("configuration_id", "booking_id", "booking_ref", "booking_type", "booking_info")
OBJECT = {
    "booking.created": BOOKING_FIRST,
    "booking.pending": CONFIGURATION_FIRST,
    "booking.rescheduled": BOOKING_FIRST,
    "booking.cancelled": CONFIGURATION_FIRST,
    "booking.reminder": CONFIGURATION_FIRST,
}
INFO = (
    "event_id",
    "start_time",
    "end_time",
    "old_start_time",
    "old_end_time",
    "cancellation_reason",
    "time_until_event",
    "participants",
    "additional_fields",
    "hide_cancellation_options",
    "hide_rescheduling_options",
    "participant_rescheduling_url",
    "participant_cancellation_url",
    "host_language",
    "guest_language",
    "title",
    "duration",
    "location",
    "organizer_timezone",
    "guest_timezone",
    "organizer_email",
    "provider",
    "is_group_event",
    "organizer_calendar_id",
)
"""What follows these varies between the documents."""


def envelope_problems(delivery: Delivery) -> list[str]:
    """What is wrong with the outside of a notification."""
    envelope = delivery.envelope
    expected: dict[str, Any] = {"specversion": "1.0", "source": SOURCE}
    found = [
        f"{key}: {envelope.get(key)!r} instead of {value!r}"
        for key, value in expected.items()
        if envelope.get(key) != value
    ]
    if delivery.type not in COMPONENTS:
        found.append(f"type: {delivery.type!r} is no trigger of bookings")
    if not isinstance(envelope.get("id"), str) or not envelope.get("id"):
        found.append("id: expected a text")
    if not isinstance(envelope.get("time"), int) or isinstance(envelope.get("time"), bool):
        found.append("time: expected whole Unix seconds")
    if not isinstance(delivery.data.get("application_id"), str):
        found.append("data.application_id: expected a text")
    if not delivery.object:
        found.append("data.object: expected an object")
    return found


def object_problems(delivery: Delivery) -> list[str]:
    """What keeps a notification from being what its trigger is documented to be."""
    component = COMPONENTS.get(delivery.type)
    return problems(component, delivery.payload) if component else [f"{delivery.type!r} is no trigger"]


def misplaced(delivery: Delivery) -> list[str]:
    """Keys that don't come in the documented order. Keys that no document orders may be anywhere."""
    places = (
        ("", delivery.envelope, ENVELOPE),
        ("data.", delivery.data, DATA),
        ("data.object.", delivery.object, OBJECT.get(delivery.type, ())),
        ("data.object.booking_info.", delivery.info, INFO),
    )
    return [prefix + key for prefix, found, order in places for key in _out_of_order(found, order)]


def _out_of_order(found: Mapping[str, Any], order: Sequence[str]) -> Iterator[str]:
    known = [key for key in found if key in order]
    yield from (
        key for key, expected in zip(known, sorted(known, key=order.index), strict=True) if key != expected
    )
