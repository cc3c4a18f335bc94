"""The mails that Scheduler sends. So far: asking the organizer to decide about a pending booking."""

from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo

from mockserver.domain.configuration import Configuration
from mockserver.domain.links import Links
from mockserver.domain.transaction import Mail, Transaction
from mockserver.domain.world import Booking


def ask_for_confirmation(tx: Transaction, configuration: Configuration, booking: Booking) -> None:
    """Send the organizer the link to the page where he or she confirms or declines.

    `disable_emails` silences it with all other mails; an application then relies on `booking.pending`.
    """
    if configuration.disable_emails:
        return
    page = Links.of(tx.world, configuration, booking).confirm
    start = datetime.fromtimestamp(booking.start, UTC).astimezone(ZoneInfo(configuration.timezone))
    when = f"{start:%A, %d %B %Y, %H:%M} ({configuration.timezone})"
    guest = f"{booking.guest.name} <{booking.guest.email}>"
    text = (
        f"{guest} asks for {configuration.title}\n{when}, {(booking.end - booking.start) // 60} minutes\n\n"
        f"Confirm or decline: {page}\n"
    )
    html = (
        f"<p>{escape(guest)} asks for <b>{escape(configuration.title)}</b><br>{escape(when)}, "
        f"{(booking.end - booking.start) // 60} minutes</p>"
        f'<p><a href="{escape(page)}">Confirm or decline</a></p>'
    )
    tx.mails.append(
        Mail(
            type="confirmation_request",
            to=(booking.organizer.email,),
            subject=f"Please confirm: {configuration.title} with {booking.guest.name}",
            text=text,
            html=html,
            links={"confirm": page, "decline": page},
        )
    )
