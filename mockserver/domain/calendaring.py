"""The calendar entries of a booking: written, moved, confirmed and cancelled on everybody's calendar."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape

from mockserver.domain.availability import valid_grant
from mockserver.domain.calendars import CONFIGURATION_STAMP, Calendar, Event, EventPlace, Person
from mockserver.domain.configuration import Configuration, Participant
from mockserver.domain.errors import refuse
from mockserver.domain.links import Links
from mockserver.domain.scopes import require_writing
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Booking, Grant

PENDING_PREFIX = "[PENDING] "


def require_writable(tx: Transaction, host: Participant) -> None:
    """Raise a Refusal unless the host's grant is valid and has the scope to write events."""
    require_writing(valid_grant(tx, host))


def require_rewritable(tx: Transaction, booking: Booking) -> None:
    """Raise a Refusal unless the calendar that holds the booking may be written to.

    Whoever the configuration's organizer is by now: it is the grant of that calendar that counts.
    """
    grant = tx.world.grants[booking.places[0].grant_id]
    if grant.status != "valid":
        raise refuse("no_valid_grant", f"participants: expected {grant.email} to have a valid grant")
    require_writing(grant)


def is_placed(tx: Transaction, booking: Booking) -> bool:
    """Whether the booking's event still stands on the organizer's calendar."""
    event = tx.world.event_at(booking.places[0])
    return event is not None and event.status != "cancelled"


def write_events(
    tx: Transaction, configuration: Configuration, booking: Booking, hosts: Sequence[Participant]
) -> Booking:
    """Put the booking on the calendar of its first host and, once it is certain, of the others.

    A pending booking is a placeholder on the organizer's calendar only. Returns the booking with its places.
    """
    grant, calendar = _place_for(tx, hosts[0])
    event = _event(tx, configuration, booking, grant)
    calendar.put(event)
    places = [EventPlace(grant.id, calendar.id, event.id)]
    if booking.status != "pending":
        places += _invite(tx, event, hosts[1:])
    return replace(booking, places=tuple(places))


def confirm_event(
    tx: Transaction, configuration: Configuration, booking: Booking, co_hosts: Sequence[Participant]
) -> Booking:
    """Turn the placeholder into the real event, under the same id, and invite the other hosts.

    A placeholder that somebody removed meanwhile comes back as the event.
    """
    place = booking.places[0]
    grant, calendar = tx.world.grants[place.grant_id], tx.world.calendar_at(place)
    event = replace(_event(tx, configuration, booking, grant), id=place.event_id)
    if calendar is not None:
        placed = calendar.get(place.event_id)
        if placed is not None:
            event = replace(event, ical_uid=placed.ical_uid, html_link=placed.html_link)
        calendar.put(event)
    return replace(booking, places=(place, *_invite(tx, event, co_hosts)))


def move_events(tx: Transaction, configuration: Configuration, booking: Booking) -> None:
    """Move every entry of the booking to its times.

    If somebody removed the organizer's, it comes back: nobody else may have the time that is booked now.
    """
    place = booking.places[0]
    organizers = tx.world.calendar_at(place)
    if organizers is not None:
        fresh = replace(
            _event(tx, configuration, booking, tx.world.grants[place.grant_id]), id=place.event_id
        )
        placed = organizers.get(place.event_id) or fresh
        organizers.put(replace(placed, status=fresh.status))
    for calendar, event in _entries(tx, booking):
        stamps = _stamps(booking, tx.now) if CONFIGURATION_STAMP in event.metadata else event.metadata
        calendar.put(
            replace(
                event,
                start=booking.start,
                end=booking.end,
                description=_description(tx, configuration, booking),
                participants=attendees(booking),
                metadata=stamps,
                updated_at=tx.now,
            )
        )


def cancel_events(tx: Transaction, booking: Booking) -> None:
    """Mark every entry of the booking as cancelled; it stays on the calendar but blocks nothing."""
    for calendar, event in _entries(tx, booking):
        calendar.put(replace(event, status="cancelled", updated_at=tx.now))


def _entries(tx: Transaction, booking: Booking) -> Iterable[tuple[Calendar, Event]]:
    for place in booking.places:
        calendar = tx.world.calendar_at(place)
        event = calendar.get(place.event_id) if calendar else None
        if calendar is not None and event is not None:
            yield calendar, event


def _event(tx: Transaction, configuration: Configuration, booking: Booking, grant: Grant) -> Event:
    event_id = tx.ids.event_id()
    pending = booking.status == "pending"
    return Event(
        id=event_id,
        title=f"{PENDING_PREFIX}{configuration.title}" if pending else configuration.title,
        start=booking.start,
        end=booking.end,
        status="tentative" if pending else "confirmed",
        description=_description(tx, configuration, booking),
        location=configuration.location,
        organizer=booking.organizer,
        participants=attendees(booking),
        metadata=_stamps(booking, tx.now),
        ical_uid=f"{event_id}@google.com" if grant.provider == "google" else event_id.upper(),
        html_link=_html_link(grant, event_id),
        created_at=tx.now,
        updated_at=tx.now,
    )


def attendees(booking: Booking) -> tuple[Person, ...]:
    """Hosts first, then the guest, then whom the guest brings along."""
    return (*booking.hosts, booking.guest, *booking.additional_guests)


def _invite(tx: Transaction, event: Event, hosts: Sequence[Participant]) -> list[EventPlace]:
    """Put copies where the provider would, on the calendars of invited hosts; those carry no stamps."""
    places = []
    for host in hosts:
        grant = tx.world.grant_of(host.email)
        if grant is None or not (host.booking_calendar_id or host.availability):
            continue
        calendar = _booking_calendar(grant, host)
        copy = replace(event, id=tx.ids.event_id(), metadata={})
        calendar.put(copy)
        places.append(EventPlace(grant.id, calendar.id, copy.id))
    return places


def _booking_calendar(grant: Grant, host: Participant) -> Calendar:
    named = [host.booking_calendar_id] if host.booking_calendar_id else []
    if host.availability is not None:
        named += host.availability.calendar_ids
    found = next(filter(None, map(grant.calendar, named)), None) or grant.calendar("primary")
    return found or next(iter(grant.calendars.values()))


def _place_for(tx: Transaction, host: Participant) -> tuple[Grant, Calendar]:
    grant = tx.world.grant_of(host.email)
    if grant is None:
        raise LookupError(f"{host.email} has no grant; require_writable tells before")
    return grant, _booking_calendar(grant, host)


def _stamps(booking: Booking, now: int) -> dict[str, str]:
    """The documented metadata of Scheduler's events, all of it text."""
    return {
        "source": "scheduler",
        CONFIGURATION_STAMP: booking.configuration_id,
        "scheduler_last_start": str(booking.start),
        "scheduler_last_end": str(booking.end),
        "scheduler_updated_at": str(now),
    }


def _description(tx: Transaction, configuration: Configuration, booking: Booking) -> str:
    links = Links.of(tx.world, configuration, booking)
    lines = [f"<p>{escape(configuration.description)}</p>"] if configuration.description else []
    if not configuration.hide_rescheduling_options:
        lines.append(f'<p><a href="{escape(links.reschedule)}">Reschedule</a></p>')
    if not configuration.hide_cancellation_options:
        lines.append(f'<p><a href="{escape(links.cancel)}">Cancel</a></p>')
    return "".join(lines)


def _html_link(grant: Grant, event_id: str) -> str:
    if grant.provider == "google":
        return f"https://calendar.google.com/calendar/event?eid={event_id}"
    return f"https://outlook.office365.com/owa/?itemid={event_id}&path=/calendar/item"
