"""Who is told what by mail. The letters are written out later, by `mockserver.delivery.letters`.

Everybody gets a mail of his or her own, in his or her own time zone; so guests who must not see each other
don't. What is sent beyond the documents is settled in `docs/mail.md`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mockserver.domain.calendars import Person
from mockserver.domain.configuration import Configuration, ReminderRule
from mockserver.domain.links import Links
from mockserver.domain.transaction import Letter, LetterType, Role, Transaction
from mockserver.domain.world import Booking

NOWHERE = "mock.example"
"""The domain of what is made up here: the sender of mails, and ids where the calendar has none."""


def mail_new_booking(tx: Transaction, configuration: Configuration, booking: Booking) -> None:
    """Tell everybody that the booking stands; of a pending one, ask the organizer to decide (documented).

    Guests hear nothing of a pending booking before it is decided or cancelled.
    """
    if booking.status == "pending":
        _tell(tx, "confirmation_request", configuration, booking, "host", [booking.organizer])
        return
    _tell(tx, "booking_confirmed", configuration, booking, "guest", _guests(booking))
    _tell(tx, "booking_confirmed", configuration, booking, "host", booking.hosts)


def mail_moved_booking(
    tx: Transaction, configuration: Configuration, before: Booking, booking: Booking
) -> None:
    """Tell everybody the new time and the old one; of a pending booking, the organizer alone.

    Who joins by the change gets what a new booking brings, who is out of it gets a cancellation.
    """
    pending = booking.status == "pending"
    if not pending:
        _tell_of_change(tx, configuration, before, booking, "guest", _guests(before), _guests(booking))
    hosts_before, hosts = (
        ([before.organizer], [booking.organizer]) if pending else (before.hosts, booking.hosts)
    )
    _tell_of_change(tx, configuration, before, booking, "host", hosts_before, hosts)


def mail_declined_booking(tx: Transaction, configuration: Configuration, booking: Booking) -> None:
    """Tell the guests that the organizer declined."""
    _tell(tx, "booking_declined", configuration, booking, "guest", _guests(booking))


def mail_cancelled_booking(
    tx: Transaction, configuration: Configuration, before: Booking, booking: Booking
) -> None:
    """Tell the guests, and those hosts who knew of the booking as it was `before`."""
    hosts = [booking.organizer] if before.status == "pending" else booking.hosts
    _tell(tx, "booking_cancelled", configuration, booking, "guest", _guests(booking), before=before)
    _tell(tx, "booking_cancelled", configuration, booking, "host", hosts, before=before)


def remind_by_mail(
    tx: Transaction, configuration: Configuration, booking: Booking, rule: ReminderRule
) -> None:
    """Remind those whom a rule of type `email` names, under its subject if it has one."""
    if rule.recipient != "host":
        _tell(tx, "reminder", configuration, booking, "guest", _guests(booking), subject=rule.email_subject)
    if rule.recipient != "guest":
        _tell(tx, "reminder", configuration, booking, "host", booking.hosts, subject=rule.email_subject)


def _tell_of_change(
    tx: Transaction,
    configuration: Configuration,
    before: Booking,
    booking: Booking,
    role: Role,
    people_before: Sequence[Person],
    people: Sequence[Person],
) -> None:
    then, now = _addresses(people_before), _addresses(people)
    stay = [each for each in people if each.email.lower() in then]
    come = [each for each in people if each.email.lower() not in then]
    go = [each for each in people_before if each.email.lower() not in now]
    welcome: LetterType = "confirmation_request" if booking.status == "pending" else "booking_confirmed"
    left = replace(before, status="cancelled", sequence=booking.sequence)
    _tell(tx, "booking_rescheduled", configuration, booking, role, stay, before=before)
    _tell(tx, welcome, configuration, booking, role, come)
    _tell(tx, "booking_cancelled", configuration, left, role, go, before=before)


def _tell(
    tx: Transaction,
    type: LetterType,
    configuration: Configuration,
    booking: Booking,
    role: Role,
    people: Iterable[Person],
    *,
    before: Booking | None = None,
    subject: str = "",
) -> None:
    """A letter to each of them. `disable_emails` silences all mails, reminders too (documented)."""
    if configuration.disable_emails:
        return
    links = Links.of(tx.world, configuration, booking)
    uid = _ical_uid(tx, booking)
    for person in {each.email.lower(): each for each in people}.values():
        letter = Letter(
            type=type,
            role=role,
            to=person,
            timezone=_timezone(configuration, booking, role, person),
            configuration=configuration,
            booking=booking,
            links=links,
            ical_uid=uid,
            now=tx.now,
            before=before,
            before_uid=uid if before is None else _ical_uid(tx, before),
            subject=subject,
        )
        tx.mails.append(letter)


def _guests(booking: Booking) -> tuple[Person, ...]:
    return (booking.guest, *booking.additional_guests)


def _addresses(people: Iterable[Person]) -> set[str]:
    return {each.email.lower() for each in people}


def _timezone(configuration: Configuration, booking: Booking, role: Role, person: Person) -> str:
    if role == "guest":
        return booking.timezone or configuration.timezone
    return configuration.timezone_of(person.email)


def _ical_uid(tx: Transaction, booking: Booking) -> str:
    """The calendar event's; a booking whose event somebody took away altogether is its own."""
    event = tx.world.event_at(booking.places[0])
    return (event.ical_uid if event else "") or f"{booking.id}@{NOWHERE}"
