"""A scenario as it is kept once it was read: checked, its times relative, its ids drawn at every building.

References between entries are local names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mockserver.domain.calendars import EventStatus, Person
from mockserver.domain.dialect import Dialect
from mockserver.domain.world import Application, BookingStatus, WebhookStatus
from mockserver.sandbox import ClockSetting, Fault
from mockserver.scenario.problems import Path
from mockserver.scenario.times import Moment

StepKind = Literal["request", "notifications", "mails", "clock", "event", "fault", "faults"]


@dataclass(frozen=True, slots=True)
class EventPlan:
    """`minutes` or `end` tells when it ends; all day, `end` is the last day.

    Recurring, it is counted in the zone of `start`. `master` is the id of the recurring event that it takes
    the place of an occurrence of.
    """

    id: str | None
    title: str
    start: Moment
    end: Moment | None
    minutes: int
    all_day: bool
    busy: bool
    status: EventStatus
    recurrence: tuple[str, ...] = ()
    master: str = ""
    ical_uid: str = ""
    description: str = ""
    location: str = ""
    organizer: Person | None = None
    participants: tuple[Person, ...] = ()

    def times(self, now: int) -> tuple[int, int]:
        """Start and end in Unix seconds. A clock change never turns the two around."""
        start = self.start.seconds(now)
        if self.end is None:
            return start, start + self.minutes * 60
        return start, max(start, self.end.seconds(now, days=1 if self.all_day else 0))


@dataclass(frozen=True, slots=True)
class CalendarPlan:
    id: str
    name: str
    timezone: str
    primary: bool
    events: tuple[EventPlan, ...]


@dataclass(frozen=True, slots=True)
class GrantPlan:
    id: str | None
    email: str
    name: str
    provider: str
    scopes: tuple[str, ...] | None
    status: Literal["valid", "expired"]
    calendars: tuple[CalendarPlan, ...]

    def calendar(self, calendar_id: str) -> CalendarPlan | None:
        """The calendar of that id; `primary` names the primary one."""
        named = (each for each in self.calendars if each.id == calendar_id)
        primary = (each for each in self.calendars if each.primary and calendar_id == "primary")
        return next(named, None) or next(primary, None)


@dataclass(frozen=True, slots=True)
class ConfigurationPlan:
    """`body` is what the API would have been sent; the URLs of pages are still left out."""

    id: str | None
    grant: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """`lifetime` is in seconds from the clock's now."""

    id: str | None
    configuration: str
    lifetime: int


@dataclass(frozen=True, slots=True)
class BookingPlan:
    """`at` is counted in the zone of the organizer's calendar. `minutes` None: the configuration's.

    `host` is the e-mail of a round-robin host; empty for the first one.
    """

    id: str | None
    salt: str | None
    configuration: str
    status: BookingStatus
    at: Moment
    minutes: int | None
    guest: Person
    additional_guests: tuple[Person, ...]
    additional_fields: Mapping[str, str]
    timezone: str | None = None
    email_language: str = "en"
    host: str = ""


@dataclass(frozen=True, slots=True)
class WebhookPlan:
    id: str | None
    url: str
    triggers: tuple[str, ...]
    secret: str | None
    status: WebhookStatus
    compressed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it is written. `given` is what stands under the key that says its kind."""

    index: int
    kind: StepKind
    given: Any
    id: str | None = None
    description: str = ""
    expect: Mapping[str, Any] | None = None
    outputs: Mapping[str, str] | None = None

    @property
    def path(self) -> Path:
        """Where it stands in the document."""
        return ("steps", self.index)


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole scenario, every map in the order of the documents."""

    name: str
    description: str
    clock: ClockSetting
    seed: int
    dialect: Dialect
    application: Application
    grants: Mapping[str, GrantPlan] = field(default_factory=dict)
    configurations: Mapping[str, ConfigurationPlan] = field(default_factory=dict)
    sessions: Mapping[str, SessionPlan] = field(default_factory=dict)
    bookings: Mapping[str, BookingPlan] = field(default_factory=dict)
    webhooks: Mapping[str, WebhookPlan] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    requires: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
