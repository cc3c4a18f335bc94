"""A booking in plain words, as its organizer reads it."""

from mockserver.delivery.wording import lines, name_and_address, name_of, one_line, when
from mockserver.domain.configuration import Configuration
from mockserver.domain.world import Booking

Facts = list[tuple[str, list[str]]]
"""Labels with the lines below them."""


def facts(configuration: Configuration, booking: Booking) -> Facts:
    """Who wants what, when and for how long, and what the guest has answered."""
    own = organizer_timezone(configuration, booking)
    theirs = booking.timezone or configuration.timezone
    rows: Facts = [
        ("What", [one_line(configuration.title)]),
        ("When", [when(booking.start, booking.end, own)]),
        ("For the guest", [] if theirs == own else [when(booking.start, booking.end, theirs)]),
        ("How long", [duration(booking.end - booking.start)]),
        ("Where", [one_line(configuration.location, 1000)]),
        ("Who", [name_and_address(booking.guest)]),
        ("Also invited", [name_and_address(each) for each in booking.additional_guests]),
        *_answers(configuration, booking),
        ("Reason", lines(booking.cancellation_reason)),
    ]
    return [(label, shown) for label, below in rows if (shown := [line for line in below if line])]


def guest_name(booking: Booking) -> str:
    """What the guest is called."""
    return name_of(booking.guest)


def organizer_timezone(configuration: Configuration, booking: Booking) -> str:
    """The zone that the booking's host has in the configuration, else the event's."""
    return configuration.timezone_of(booking.organizer.email)


def duration(seconds: int) -> str:
    """A length of time in words, in whole minutes."""
    hours, minutes = divmod(seconds // 60, 60)
    parts = [(hours, "hour"), (minutes, "minute")]
    return " ".join(f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in parts if n) or "0 minutes"


def _answers(configuration: Configuration, booking: Booking) -> Facts:
    """What the guest answered, but for metadata, which is no question to anybody."""
    fields = configuration.additional_fields
    return [
        (one_line(fields[key].label if key in fields else key), lines(answer))
        for key, answer in booking.additional_fields.items()
        if key not in fields or fields[key].type != "metadata"
    ]
