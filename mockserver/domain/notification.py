"""The five booking.* notifications: `data.object`, in the documented order of keys.

Sources differ on which keys a trigger carries; the default is what the documented examples carry, the
dialect has the other forms.
"""

from collections.abc import Mapping
from typing import Any, Literal

from mockserver.domain.calendaring import attendees
from mockserver.domain.calendars import Event
from mockserver.domain.configuration import Configuration
from mockserver.domain.links import Links
from mockserver.domain.transaction import Announcement, Transaction
from mockserver.domain.world import Booking

Trigger = Literal[
    "booking.created", "booking.pending", "booking.rescheduled", "booking.cancelled", "booking.reminder"
]
TRIGGERS: tuple[Trigger, ...] = (
    "booking.created",
    "booking.pending",
    "booking.rescheduled",
    "booking.cancelled",
    "booking.reminder",
)
_WITH_REFERENCE = ("booking.created", "booking.pending", "booking.rescheduled")
_WITH_EVENT = ("booking.created", "booking.pending", "booking.cancelled")
_WITH_CONFIRMATION = ("booking.created", "booking.pending")


def announce(
    tx: Transaction,
    trigger: Trigger,
    configuration: Configuration,
    booking: Booking,
    particulars: Mapping[str, Any] | None = None,
) -> None:
    """Have a notification sent once the transaction is committed.

    `particulars` are the keys of `booking_info` that only this trigger has: old times in Unix seconds, the
    reason of a cancellation, the seconds until the event.
    """
    payload = _object(tx, trigger, configuration, booking, particulars or {})
    tx.announcements.append(Announcement(trigger, booking.places[0].grant_id, payload))


def _object(
    tx: Transaction,
    trigger: Trigger,
    configuration: Configuration,
    booking: Booking,
    particulars: Mapping[str, Any],
) -> dict[str, Any]:
    everything = tx.dialect.notification_fields == "schema"
    links = Links.of(tx.world, configuration, booking)
    reference = {"booking_ref": links.reference}
    info = _booking_info(tx, trigger, configuration, booking, links, particulars)
    if trigger in ("booking.created", "booking.rescheduled"):
        return {
            "booking_id": booking.id,
            **reference,
            "configuration_id": configuration.id,
            "object": "booking",
            "booking_info": info,
        }
    return {
        "configuration_id": configuration.id,
        "booking_id": booking.id,
        **(reference if trigger in _WITH_REFERENCE or (everything and trigger == "booking.reminder") else {}),
        **({"booking_type": "organizer-confirmation"} if trigger == "booking.pending" else {}),
        "booking_info": info,
    }


def _booking_info(
    tx: Transaction,
    trigger: Trigger,
    configuration: Configuration,
    booking: Booking,
    links: Links,
    particulars: Mapping[str, Any],
) -> dict[str, Any]:
    everything = tx.dialect.notification_fields == "schema"
    emptied = tx.dialect.empty_notification_fields
    event = tx.world.event_at(booking.places[0])
    people = [{"email": person.email, "name": person.name} for person in attendees(booking)]
    info: dict[str, Any] = {
        "event_id": booking.event_id,
        "start_time": booking.start,
        "end_time": booking.end,
        **particulars,
        "participants": None if emptied == "null" else people,
        "additional_fields": None if emptied == "null" else dict(booking.additional_fields),
        "hide_cancellation_options": configuration.hide_cancellation_options,
        "hide_rescheduling_options": configuration.hide_rescheduling_options,
        "participant_rescheduling_url": links.reschedule,
        "participant_cancellation_url": links.cancel,
        "host_language": "en",
        "guest_language": booking.email_language,
        "title": event.title if event else configuration.title,
        "duration": (booking.end - booking.start) // 60,
        "location": "" if emptied == "blank" else configuration.location,
        "organizer_timezone": configuration.timezone_of(booking.organizer.email),
        "guest_timezone": "" if emptied == "blank" else booking.timezone,
    }
    if trigger == "booking.reminder":
        info["organizer_email"] = booking.organizer.email
        info["provider"] = tx.world.grants[booking.places[0].grant_id].provider
    info["is_group_event"] = False
    info["organizer_calendar_id"] = _calendar_id(configuration, booking)
    if everything or trigger in _WITH_EVENT:
        info |= _event_fields(event)
    if links.confirm and (everything or trigger in _WITH_CONFIRMATION):
        info["host_confirmation_url"] = links.confirm
    return info


def _event_fields(event: Event | None) -> dict[str, str]:
    return {
        "event_description": event.description if event else "",
        "event_html_link": event.html_link if event else "",
        "ical_uid": event.ical_uid if event else "",
    }


def _calendar_id(configuration: Configuration, booking: Booking) -> str:
    """The calendar as the configuration names it, so `primary` stays `primary` as in the examples."""
    host = configuration.participant(booking.organizer.email)
    return (host.booking_calendar_id if host else None) or booking.places[0].calendar_id
