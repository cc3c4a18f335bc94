"""Book, read, confirm, decline, reschedule, cancel.

Each operation takes a transaction and raises a Refusal before it changes anything that it could not. The
life of a booking beyond the documented steps is settled in `docs/decisions.md`.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mockserver.domain.availability import Slot, busy_events, host_order, slot_at
from mockserver.domain.calendaring import (
    cancel_events,
    confirm_event,
    is_placed,
    move_events,
    require_rewritable,
    require_writable,
    write_events,
)
from mockserver.domain.calendars import Person
from mockserver.domain.configuration import Configuration, Participant
from mockserver.domain.errors import refuse
from mockserver.domain.explain import explain
from mockserver.domain.fields import checked_fields
from mockserver.domain.ids import Ids
from mockserver.domain.mail import (
    mail_cancelled_booking,
    mail_declined_booking,
    mail_moved_booking,
    mail_new_booking,
)
from mockserver.domain.notification import announce
from mockserver.domain.reference import salt_bytes
from mockserver.domain.reminders import schedule_reminders
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Booking, World


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """What a guest asks for. Times are Unix seconds; no participants means all of the configuration."""

    start: int
    end: int
    guest: Person
    participants: tuple[str, ...] = ()
    timezone: str | None = None
    email_language: str = "en"
    additional_guests: tuple[Person, ...] = ()
    additional_fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RescheduleRequest:
    """New times, and whatever else a client sent along with them; None leaves it as it is."""

    start: int
    end: int
    participants: tuple[str, ...] = ()
    guest: Person | None = None
    timezone: str | None = None
    email_language: str | None = None
    additional_guests: tuple[Person, ...] | None = None
    additional_fields: Mapping[str, str] | None = None


def book(tx: Transaction, configuration: Configuration, request: BookingRequest) -> Booking:
    """Book a time slot, in the steps of the documented booking flow.

    The first step, from the session to its configuration, is `access.configuration_for`.
    """
    fields = checked_fields(tx, configuration, request.additional_fields)
    slot = _offered(tx, configuration, request.start, request.end, None)
    hosts = _hosts(tx, configuration, slot, request.participants)
    require_writable(tx, hosts[0])
    booking = _new_booking(tx, configuration, request, hosts, fields)
    booking = write_events(tx, configuration, booking, hosts)
    tx.world.bookings.put(booking.id, booking)
    if booking.status == "pending":
        announce(tx, "booking.pending", configuration, booking)
    else:
        announce(tx, "booking.created", configuration, booking)
        schedule_reminders(tx, configuration, booking)
    mail_new_booking(tx, configuration, booking)
    return booking


def read(tx: Transaction, configuration: Configuration, booking_id: str) -> Booking:
    """The booking, if it belongs to the caller's configuration."""
    return _find(tx, configuration, booking_id)


def reschedule(
    tx: Transaction, configuration: Configuration, booking_id: str, request: RescheduleRequest
) -> Booking:
    """Move a booking to another slot; a pending one stays pending and its placeholder moves."""
    before = _active(tx, configuration, booking_id)
    answers = {**before.additional_fields, **(request.additional_fields or {})}
    fields = checked_fields(tx, configuration, answers) if request.additional_fields else answers
    slot = _offered(tx, configuration, request.start, request.end, before)
    host = _new_host(tx, configuration, slot, before, request.participants)
    require_rewritable(tx, before)
    booking = _moved(tx, before, request, fields)
    if host is None:
        move_events(tx, configuration, booking)
    else:
        require_writable(tx, host)
        cancel_events(tx, before)
        booking = replace(booking, organizer=_person(host), hosts=(_person(host),))
        booking = write_events(tx, configuration, booking, [host])
    if booking.id != before.id:
        tx.world.bookings.remove(before.id)
    tx.world.bookings.put(booking.id, booking)
    old_times = {"old_start_time": before.start, "old_end_time": before.end}
    announce(tx, "booking.rescheduled", configuration, booking, old_times)
    mail_moved_booking(tx, configuration, before, booking)
    schedule_reminders(tx, configuration, booking)
    return booking


def confirm(tx: Transaction, configuration: Configuration, booking_id: str, salt: str) -> Booking:
    """The organizer accepts: the placeholder becomes the event, the booking is booked."""
    pending = _undecided(tx, configuration, booking_id, salt)
    booking = replace(pending, status="booked", sequence=pending.sequence + 1)
    hosts = _invited(configuration, booking)
    if not is_placed(tx, pending):
        _require_free(tx, configuration, hosts, pending)
    co_hosts = [each for each in hosts if each.email.lower() != booking.organizer.email.lower()]
    booking = confirm_event(tx, configuration, booking, co_hosts)
    tx.world.bookings.put(booking.id, booking)
    if tx.dialect.decision_notification == "announced":
        announce(tx, "booking.created", configuration, booking)
    mail_new_booking(tx, configuration, booking)
    schedule_reminders(tx, configuration, booking)
    return booking


def decline(
    tx: Transaction, configuration: Configuration, booking_id: str, salt: str, reason: str
) -> Booking:
    """The organizer declines: the placeholder goes, the booking is cancelled."""
    pending = _undecided(tx, configuration, booking_id, salt)
    announced = tx.dialect.decision_notification == "announced"
    booking = _cancelled(tx, configuration, pending, reason, announced)
    mail_declined_booking(tx, configuration, booking)
    return booking


def cancel(tx: Transaction, configuration: Configuration, booking_id: str, reason: str) -> Booking:
    """Cancel a booking, pending or booked, unless the notice for cancelling has run out."""
    booking = _active(tx, configuration, booking_id)
    latest = booking.start - configuration.cancellation_notice * 60
    if (
        tx.dialect.cancellation_notice == "enforced"
        and configuration.cancellation_notice > 0
        and tx.now > latest
    ):
        raise refuse(
            "cancellation_notice",
            f"min_cancellation_notice: expected at least {configuration.cancellation_notice} minutes"
            " before the event",
        )
    require_rewritable(tx, booking)
    cancelled = _cancelled(tx, configuration, booking, reason, announced=True)
    mail_cancelled_booking(tx, configuration, booking, cancelled)
    return cancelled


def seed_booking(tx: Transaction, configuration: Configuration, booking: Booking) -> Booking:
    """Put a booking that a scenario says exists into the world, with its calendar entries.

    Neither availability nor grants are checked: a scenario may describe any past. A cancelled booking leaves
    a cancelled event behind.
    """
    hosts = _invited(configuration, booking)
    written = write_events(tx, configuration, booking, hosts)
    if written.status == "cancelled":
        cancel_events(tx, written)
    tx.world.bookings.put(written.id, written)
    return written


def seeded_booking(
    world: World, ids: Ids, now: int, configuration: Configuration, request: BookingRequest
) -> Booking:
    """A booking record for `seed_booking`, with new ids, as if it had been asked for."""
    tx = Transaction(world, now, ids)
    hosts = [configuration.organizer] if configuration.round_robin else _everybody(configuration, ())
    return _new_booking(tx, configuration, request, hosts, dict(request.additional_fields))


def _offered(
    tx: Transaction, configuration: Configuration, start: int, end: int, moving: Booking | None
) -> Slot:
    slot = slot_at(tx, configuration, start, end, moving)
    if slot is None:
        refusal = refuse("slot_unavailable", "start_time: expected one of the times that availability offers")
        refusal.explanation = explain(tx, configuration, start, end, moving)
        raise refusal
    return slot


def _hosts(
    tx: Transaction, configuration: Configuration, slot: Slot, asked: Sequence[str]
) -> list[Participant]:
    """Whom the booking is with; the first one's calendar holds the event and is written to."""
    by_email = {each.email.lower(): each for each in configuration.participants}
    for index, email in enumerate(asked):
        if email.lower() not in by_email:
            raise refuse(
                "unknown_participant", f"participants[{index}].email: expected one of the configuration's"
            )
    if not configuration.round_robin:
        return _everybody(configuration, asked)
    order = asked or host_order(tx, configuration)
    free = {email.lower() for email in slot.emails}
    host = next((by_email[email.lower()] for email in order if email.lower() in free), None)
    if host is None:
        raise refuse("slot_unavailable", "participants: expected somebody who is free then")
    return [host]


def _everybody(configuration: Configuration, asked: Sequence[str]) -> list[Participant]:
    """The organizer, then the other participants, or those of them that were asked for."""
    organizer = configuration.organizer
    chosen = {email.lower() for email in asked}
    others = [
        each
        for each in configuration.participants
        if each is not organizer and (not chosen or each.email.lower() in chosen)
    ]
    return [organizer, *others]


def _new_host(
    tx: Transaction, configuration: Configuration, slot: Slot, before: Booking, asked: Sequence[str]
) -> Participant | None:
    """Who takes over a round-robin booking: the one asked for, or the next when its host is not free then."""
    if not configuration.round_robin:
        return None
    present = before.organizer.email.lower()
    if not asked and present in (email.lower() for email in slot.emails):
        return None
    host = _hosts(tx, configuration, slot, asked)[0]
    return None if host.email.lower() == present else host


def _invited(configuration: Configuration, booking: Booking) -> list[Participant]:
    """The booking's hosts who have a calendar in the configuration as it is today."""
    by_email = {
        each.email.lower(): each
        for each in configuration.participants
        if each.booking_calendar_id or each.availability
    }
    known = [by_email[host.email.lower()] for host in booking.hosts if host.email.lower() in by_email]
    return known or [configuration.organizer]


def _new_booking(
    tx: Transaction,
    configuration: Configuration,
    request: BookingRequest,
    hosts: Sequence[Participant],
    fields: Mapping[str, str],
) -> Booking:
    return Booking(
        id=tx.ids.uuid("booking"),
        configuration_id=configuration.id,
        status="pending" if configuration.booking_type == "organizer-confirmation" else "booked",
        start=request.start,
        end=request.end,
        places=(),
        organizer=_person(hosts[0]),
        hosts=tuple(map(_person, hosts)),
        guest=request.guest,
        salt=tx.ids.salt(),
        additional_guests=request.additional_guests,
        additional_fields=fields,
        timezone=request.timezone or configuration.timezone,
        email_language=request.email_language,
    )


def _moved(
    tx: Transaction, before: Booking, request: RescheduleRequest, fields: Mapping[str, str]
) -> Booking:
    renewed = tx.dialect.reschedule_booking_id == "new"
    guests = request.additional_guests
    return replace(
        before,
        id=tx.ids.uuid("booking") if renewed else before.id,
        start=request.start,
        end=request.end,
        guest=request.guest or before.guest,
        timezone=request.timezone or before.timezone,
        email_language=request.email_language or before.email_language,
        additional_guests=before.additional_guests if guests is None else guests,
        additional_fields=fields,
        sequence=before.sequence + 1,
    )


def _person(participant: Participant) -> Person:
    return Person(participant.email, participant.name)


def _find(tx: Transaction, configuration: Configuration, booking_id: str) -> Booking:
    booking = tx.world.bookings.get(booking_id.lower())
    if booking is None or booking.configuration_id != configuration.id:
        raise refuse("not_found")
    if booking.status == "cancelled" and tx.dialect.cancelled_booking == "gone":
        raise refuse("not_found")
    return booking


def _active(tx: Transaction, configuration: Configuration, booking_id: str) -> Booking:
    booking = _find(tx, configuration, booking_id)
    if booking.status == "cancelled":
        raise refuse("already_cancelled")
    return booking


def _undecided(tx: Transaction, configuration: Configuration, booking_id: str, salt: str) -> Booking:
    """The pending booking that an organizer who knows its salt may decide about."""
    booking = _active(tx, configuration, booking_id)
    if not _same_salt(salt, booking.salt):
        raise refuse("wrong_salt", "salt: expected the end of the booking reference")
    if booking.status != "pending":
        raise refuse("not_pending", "status: expected a booking that awaits confirmation")
    require_rewritable(tx, booking)
    return booking


def _same_salt(given: str, kept: str) -> bool:
    try:
        return hmac.compare_digest(salt_bytes(given), salt_bytes(kept))
    except ValueError:
        return False


def _require_free(
    tx: Transaction, configuration: Configuration, hosts: Sequence[Participant], booking: Booking
) -> None:
    """Raise a Refusal if somebody else has the time of a booking whose placeholder was removed."""
    span = (booking.start, booking.end)
    for host in hosts:
        if any(
            busy_from < booking.end and busy_until > booking.start
            for busy_from, busy_until, _ in busy_events(tx, configuration, host, span, booking)
        ):
            raise refuse("slot_unavailable", "booking_id: expected one whose time is still free")


def _cancelled(
    tx: Transaction, configuration: Configuration, before: Booking, reason: str, announced: bool
) -> Booking:
    booking = replace(before, status="cancelled", cancellation_reason=reason, sequence=before.sequence + 1)
    cancel_events(tx, booking)
    tx.world.bookings.put(booking.id, booking)
    if announced:
        announce(tx, "booking.cancelled", configuration, booking, {"cancellation_reason": reason})
    return booking
