"""Sample notifications for trying out a receiver.

Those of bookings come out of the code that makes the real ones, from a sample booking in a world of its own,
so they are what a real booking would send in this sandbox's dialect. Of other things this mock knows nothing;
their samples only name themselves.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from mockserver.domain.booking import BookingRequest, seed_booking, seeded_booking
from mockserver.domain.calendars import Person
from mockserver.domain.configuration import read_configuration
from mockserver.domain.ids import Ids
from mockserver.domain.notification import Trigger, announce
from mockserver.domain.transaction import Announcement, Transaction
from mockserver.domain.world import BookingStatus, Grant, World

NOTIFICATION_ID = "Kkx2QQB7TWjWM3KXRQQn562394"
GRANT_ID = "4c22c3c5-d163-48b6-ad95-45fedc879683"
CONFIGURATION_ID = "0f3c7b1a-9e2d-4a5b-8c6f-1d7e9a2b3c4d"
BOOKING_ID = "5c8f0a2e-4b7d-4e1a-9c3f-7d2b6a1e0f94"
SALT = "-zgLLAuk_qtcsw"
OBJECT_ID = "7p3k9m2qv1abcdefghijk"
BOOKED_AT = 1_791_936_000
START = 1_791_997_200
END = START + 30 * 60

HOST = Person("olga@example.com", "Olga Organizer")
GUEST = Person("gina@example.com", "Gina Guest")

_STATUS: dict[Trigger, BookingStatus] = {"booking.pending": "pending", "booking.cancelled": "cancelled"}
_PARTICULARS: dict[Trigger, Mapping[str, Any]] = {
    "booking.rescheduled": {"old_start_time": START - 86_400, "old_end_time": END - 86_400},
    "booking.cancelled": {"cancellation_reason": "Something came up"},
    "booking.reminder": {"time_until_event": 3600},
}


def sample(tx: Transaction, trigger_type: str) -> Announcement:
    """What a notification of that type tells. Nothing is put into the world, no id drawn from its streams."""
    for trigger in get_args(Trigger):
        if trigger == trigger_type:
            return _of_booking(tx, trigger)
    return Announcement(trigger_type, GRANT_ID, _of_something_else(trigger_type.partition(".")[0]))


def _of_booking(tx: Transaction, trigger: Trigger) -> Announcement:
    world = World(tx.world.application, tx.world.public_url)
    within = Transaction(world, BOOKED_AT, Ids("sample"), tx.dialect)
    grant = Grant(id=GRANT_ID, email=HOST.email, provider="google", name=HOST.name)
    grant.calendars[HOST.email] = world.new_calendar(HOST.email, HOST.name, "Europe/Berlin", primary=True)
    world.add_grant(grant)
    configuration = read_configuration(CONFIGURATION_ID, grant.id, _body(trigger))
    world.put_configuration(configuration)
    request = BookingRequest(
        START, END, GUEST, timezone="Europe/Paris", additional_fields={"company": "Example Ltd"}
    )
    drawn = seeded_booking(world, within.ids, within.now, configuration, request)
    booking = replace(drawn, id=BOOKING_ID, salt=SALT, status=_STATUS.get(trigger, "booked"))
    booking = seed_booking(within, configuration, booking)
    within.announcements.clear()
    announce(within, trigger, configuration, booking, _PARTICULARS.get(trigger))
    return within.announcements[0]


def _body(trigger: Trigger) -> dict[str, Any]:
    pages = {
        f"{purpose}_url": f"https://booking.example.com/{page}/:booking_ref"
        for purpose, page in (
            ("rescheduling", "reschedule"),
            ("cancellation", "cancel"),
            ("organizer_confirmation", "confirm"),
        )
    }
    return {
        "participants": [
            {
                "email": HOST.email,
                "name": HOST.name,
                "is_organizer": True,
                "timezone": "Europe/Berlin",
                "booking": {"calendar_id": "primary"},
            }
        ],
        "availability": {"duration_minutes": (END - START) // 60},
        "event_booking": {
            "title": "Intro call",
            "description": "We get to know each other.",
            "location": "Room 203",
            "booking_type": "organizer-confirmation" if trigger == "booking.pending" else "booking",
        },
        "scheduler": {
            **pages,
            "additional_fields": {"company": {"label": "Company", "type": "text", "required": False}},
        },
    }


def _of_something_else(kind: str) -> dict[str, Any]:
    if kind == "grant":
        return {"grant_id": GRANT_ID, "provider": "google"}
    return {"object": kind, "grant_id": GRANT_ID, "id": OBJECT_ID}
