"""Reminders of bookings: when they are due, and what happens then.

Documented: `event_booking.reminders` with `type` webhook or email, so many minutes before the event. Only a
booking that stands gets any; one that was moved gets them for its new time.
"""

from mockserver.domain.configuration import Configuration
from mockserver.domain.mail import remind_by_mail
from mockserver.domain.notification import announce
from mockserver.domain.transaction import Reminder, Transaction
from mockserver.domain.world import Booking


def schedule_reminders(tx: Transaction, configuration: Configuration, booking: Booking) -> None:
    """Have the reminders of a booking fired that are still ahead."""
    if booking.status != "booked":
        return
    for rule in configuration.reminders:
        due = booking.start - rule.minutes * 60
        if due > tx.now:
            tx.reminders.append(Reminder(due, booking.id, booking.sequence, rule))


def remind(tx: Transaction, reminder: Reminder) -> bool:
    """Fire a reminder that has fallen due; false if there is nothing to remind of any more."""
    booking = tx.world.bookings.get(reminder.booking_id)
    if booking is None or booking.status != "booked" or booking.sequence != reminder.sequence:
        return False
    configuration = tx.world.configurations.get(booking.configuration_id)
    if configuration is None:
        return False
    if reminder.rule.type == "webhook":
        announce(tx, "booking.reminder", configuration, booking, {"time_until_event": booking.start - tx.now})
    else:
        remind_by_mail(tx, configuration, booking, reminder.rule)
    return True
