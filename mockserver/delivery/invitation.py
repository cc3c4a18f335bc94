"""The calendar attachments of mails (RFC 5545, RFC 5546): a calendar follows what becomes of a booking.

The UID is the calendar event's and SEQUENCE counts its changes. Times are in UTC: the same moment wherever it
is read, and no rules of time zones that may be older than the reader's.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

from mockserver.delivery.wording import lines, one_line
from mockserver.domain.calendaring import PENDING_PREFIX
from mockserver.domain.calendars import Person
from mockserver.domain.transaction import Letter
from mockserver.domain.world import Booking

PRODUCT = "-//bookings double//mail//EN"
STATUSES = {"booked": "CONFIRMED", "pending": "TENTATIVE", "cancelled": "CANCELLED"}

_Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text file of a mail. `subtype` of text, with its parameters."""

    filename: str
    subtype: str
    parameters: tuple[tuple[str, str], ...]
    body: str

    @property
    def content_type(self) -> str:
        return "; ".join((f"text/{self.subtype}", *(f"{name}={value}" for name, value in self.parameters)))


def attachments(letter: Letter) -> tuple[Attachment, ...]:
    """What the reader's calendar has to know: an invitation, its end, or neither.

    A booking that went to another host is another event; then the old one is called off as well.
    """
    if letter.type in ("reminder", "booking_declined"):
        return ()
    if letter.booking.status == "cancelled":
        before = letter.before or letter.booking
        invited = letter.role == "host" or before.status != "pending"
        return (_called_off(letter, letter.booking, letter.ical_uid),) if invited else ()
    invitation = _attachment("invite.ics", "REQUEST", letter, letter.booking, letter.ical_uid)
    if letter.before is None or letter.before_uid == letter.ical_uid:
        return (invitation,)
    return invitation, _called_off(letter, letter.before, letter.before_uid)


def people_shown(letter: Letter, booking: Booking) -> tuple[Person, ...]:
    """Who is said to take part: hosts first. Guests who must not see each other see themselves."""
    hosts = (booking.organizer,) if booking.status == "pending" else booking.hosts
    if letter.role == "guest" and letter.configuration.hide_participants:
        return (*hosts, letter.to)
    return (*hosts, booking.guest, *booking.additional_guests)


def _called_off(letter: Letter, booking: Booking, uid: str) -> Attachment:
    return _attachment("cancel.ics", "CANCEL", letter, booking, uid)


def _attachment(filename: str, method: _Method, letter: Letter, booking: Booking, uid: str) -> Attachment:
    import icalendar  # here, because a server is ready sooner without it

    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_event(method, letter, booking, uid))
    text = calendar.to_ical().decode()
    return Attachment(filename, "calendar", (("method", method), ("charset", "utf-8")), text)


def _event(method: _Method, letter: Letter, booking: Booking, uid: str) -> Any:
    import icalendar

    configuration = letter.configuration
    title = one_line(configuration.title)
    event = icalendar.Event()
    event.add("uid", one_line(uid))
    event.add("dtstamp", _utc(letter.now))
    event.add("dtstart", _utc(booking.start))
    event.add("dtend", _utc(booking.end))
    event.add("sequence", letter.booking.sequence)
    event.add("summary", f"{PENDING_PREFIX}{title}" if booking.status == "pending" else title)
    event.add("status", STATUSES["cancelled" if method == "CANCEL" else booking.status])
    if configuration.description:
        event.add("description", "\n".join(lines(configuration.description)))
    if configuration.location:
        event.add("location", one_line(configuration.location, 1000))
    event.add("organizer", _address(booking.organizer))
    for person in people_shown(letter, booking):
        accepted = person.email.lower() == booking.organizer.email.lower()
        attendee = _address(person)
        attendee.params["ROLE"] = "REQ-PARTICIPANT"
        attendee.params["PARTSTAT"] = "ACCEPTED" if accepted else "NEEDS-ACTION"
        if not accepted and method == "REQUEST":
            attendee.params["RSVP"] = "TRUE"
        event.add("attendee", attendee)
    return event


def _address(person: Person) -> Any:
    import icalendar

    address = icalendar.vCalAddress("mailto:" + quote(person.email, safe="@+!$'*._~-"))
    if person.name:
        address.params["CN"] = one_line(person.name).replace('"', "'")
    return address


def _utc(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
