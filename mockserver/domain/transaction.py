"""What one operation works with: the world, the time, the ids, the dialect, and what it sets off."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mockserver.domain.calendars import Person
from mockserver.domain.configuration import Configuration, ReminderRule
from mockserver.domain.dialect import Dialect
from mockserver.domain.ids import Ids
from mockserver.domain.links import Links
from mockserver.domain.world import Booking, World

Role = Literal["guest", "host"]
LetterType = Literal[
    "confirmation_request",
    "booking_confirmed",
    "booking_rescheduled",
    "booking_cancelled",
    "booking_declined",
    "reminder",
]


@dataclass(frozen=True, slots=True)
class Announcement:
    """A notification to be sent once the transaction is committed. `object` is `data.object`."""

    trigger: str
    grant_id: str
    object: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person, to be sent once the transaction is committed: what it tells, not yet its words.

    Everything is as it was when `now` (Unix seconds) was; `before` is the booking before the change that is
    told of. The UIDs are those of the calendar events. An empty `subject` leaves it to the type.
    """

    type: LetterType
    role: Role
    to: Person
    timezone: str
    configuration: Configuration
    booking: Booking
    links: Links
    ical_uid: str
    now: int
    before: Booking | None = None
    before_uid: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to remind of at a sandbox time (Unix seconds), unless the booking was changed since."""

    due: int
    booking_id: str
    sequence: int
    rule: ReminderRule


@dataclass(slots=True)
class Transaction:
    """One operation on the world. `now` is the sandbox's time in Unix seconds, the same throughout."""

    world: World
    now: int
    ids: Ids
    dialect: Dialect = field(default_factory=Dialect)
    announcements: list[Announcement] = field(default_factory=list)
    reminders: list[Reminder] = field(default_factory=list)
    mails: list[Letter] = field(default_factory=list)
