"""`/v3/scheduling/ui-settings`: what the Scheduling Component asks for first.

No document describes it; the shape is what the component reads.
"""

from typing import Any

from flask import Blueprint, Response

from mockserver.api.incoming import credentials, path_uuid, query_value
from mockserver.domain.access import configuration_for
from mockserver.domain.booking import read
from mockserver.domain.calendars import Person
from mockserver.domain.configuration import Configuration
from mockserver.domain.links import reference_of
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Booking
from mockserver.gateway import current_sandbox, enveloped

blueprint = Blueprint("ui_settings", __name__, url_prefix="/v3/scheduling/ui-settings")

_TEXTS = ("cancellation_policy", "confirmation_redirect_url")
_OBJECTS = ("additional_fields", "notetaker_settings")


@blueprint.get("")
def getUiSettings() -> Response:
    with current_sandbox().transaction() as tx:
        configuration = configuration_for(tx, credentials())
        booking_id = query_value("booking_id")
        data = _settings(tx, configuration)
        if booking_id:
            booking = read(tx, configuration, path_uuid("booking_id", booking_id))
            data["booking"] = _prefill(tx, configuration, booking)
        return enveloped({"data": data})


def _settings(tx: Transaction, configuration: Configuration) -> dict[str, Any]:
    organizer = configuration.organizer
    return {
        "configuration_id": configuration.id,
        "app_client_id": tx.world.application.client_id,
        "name": configuration.name,
        "slug": configuration.slug,
        "booking_type": configuration.booking_type,
        "appearance": configuration.body.get("appearance") or {},
        "organizer": {"name": organizer.name, "email": organizer.email},
        "scheduler": _scheduler(configuration),
    }


def _scheduler(configuration: Configuration) -> dict[str, Any]:
    """The numbers are always there: without a horizon the component asks for slots until NaN."""
    body = configuration.body.get("scheduler") or {}
    return {
        "available_days_in_future": configuration.horizon_days,
        "min_cancellation_notice": configuration.cancellation_notice,
        "min_booking_notice": configuration.notice,
        **{key: body.get(key) or "" for key in _TEXTS},
        "rescheduling_url": configuration.rescheduling_url,
        "cancellation_url": configuration.cancellation_url,
        "organizer_confirmation_url": configuration.organizer_confirmation_url,
        "hide_rescheduling_options": configuration.hide_rescheduling_options,
        "hide_cancellation_options": configuration.hide_cancellation_options,
        "hide_additional_guests": bool(body.get("hide_additional_guests")),
        **{key: body.get(key) or {} for key in _OBJECTS},
    }


def _prefill(tx: Transaction, configuration: Configuration, booking: Booking) -> dict[str, Any]:
    """The booking to be rescheduled, for the form to start with."""
    return {
        "additional_fields": dict(booking.additional_fields),
        "additional_guests": [_person(guest) for guest in booking.additional_guests],
        "booking_ref": reference_of(booking),
        "booking_ref_salt": booking.salt,
        "guest": _person(booking.guest),
        "timezone": booking.timezone,
        "email_language": booking.email_language,
        "event_data": {
            "location": configuration.location,
            "when": {
                "start_time": booking.start,
                "end_time": booking.end,
                "start_timezone": configuration.timezone,
                "end_timezone": configuration.timezone,
                "object": "timespan",
            },
        },
        "event_organizer": {**_person(booking.organizer), "is_organizer": True},
    }


def _person(person: Person) -> dict[str, str]:
    return {"email": person.email, "name": person.name}
