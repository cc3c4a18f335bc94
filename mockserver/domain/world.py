"""The data of one sandbox: application, grants, calendars, configurations, sessions, bookings, webhooks.

Everything stored is immutable and is replaced as a whole; every replacement is written to the world's undo
log, so that a refused request can be taken back completely whatever it had begun.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mockserver.domain.calendars import Calendar, Event, EventPlace, Person
from mockserver.domain.configuration import Configuration
from mockserver.domain.storage import Table, UndoLog

BookingStatus = Literal["booked", "pending", "cancelled"]
WebhookStatus = Literal["active", "pause", "failing", "failed"]


@dataclass(frozen=True, slots=True)
class Application:
    """The Nylas application: what clients present to be let in."""

    client_id: str
    api_key: str


@dataclass(frozen=True, slots=True)
class Session:
    """A session lets its holder book with one configuration until `expires_at` (Unix seconds)."""

    id: str
    configuration_id: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking and what it needs to be read, moved, confirmed, cancelled and announced.

    `places[0]` is the event on the organizer's calendar; the others are its copies on the calendars of
    the invited participants.
    """

    id: str
    configuration_id: str
    status: BookingStatus
    start: int
    end: int
    places: tuple[EventPlace, ...]
    organizer: Person
    hosts: tuple[Person, ...]
    guest: Person
    salt: str
    additional_guests: tuple[Person, ...] = ()
    additional_fields: Mapping[str, str] = field(default_factory=dict)
    timezone: str = ""
    email_language: str = "en"
    cancellation_reason: str = ""
    sequence: int = 0
    """How often the calendar entry changed; mails carry it."""

    @property
    def event_id(self) -> str:
        return self.places[0].event_id


@dataclass(frozen=True, slots=True)
class Webhook:
    """A destination of notifications. Times are Unix seconds."""

    id: str
    url: str
    trigger_types: tuple[str, ...]
    secret: str
    description: str = ""
    status: WebhookStatus = "active"
    compressed_delivery: bool = False
    notification_email_addresses: tuple[str, ...] = ()
    created_at: int = 0
    updated_at: int = 0
    status_updated_at: int = 0


@dataclass(slots=True)
class Grant:
    """Access to one person's account at a provider. `scopes` None means: all that are needed."""

    id: str
    email: str
    provider: str
    name: str = ""
    scopes: tuple[str, ...] | None = None
    status: Literal["valid", "expired"] = "valid"
    calendars: dict[str, Calendar] = field(default_factory=dict)

    def calendar(self, calendar_id: str) -> Calendar | None:
        """The calendar of that id; `primary` names the primary one at every provider."""
        if calendar_id in self.calendars:
            return self.calendars[calendar_id]
        if calendar_id == "primary":
            return next((calendar for calendar in self.calendars.values() if calendar.primary), None)
        return None


@dataclass(slots=True)
class World:
    """Everything that one sandbox knows. `public_url` is the base of the links it hands out."""

    application: Application
    public_url: str = "http://localhost:8080"
    log: UndoLog = field(default_factory=UndoLog)
    grants: Table[Grant] = field(init=False)
    configurations: Table[Configuration] = field(init=False)
    sessions: Table[Session] = field(init=False)
    bookings: Table[Booking] = field(init=False)
    webhooks: Table[Webhook] = field(init=False)
    slugs: Table[str] = field(init=False)
    """Configuration ids by slug."""
    emails: Table[str] = field(init=False)
    """Grant ids by e-mail address, in lower case."""
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Ids by section and local name of the scenario; the API never shows the names."""

    def __post_init__(self) -> None:
        self.grants = Table(self.log)
        self.configurations = Table(self.log)
        self.sessions = Table(self.log)
        self.bookings = Table(self.log)
        self.webhooks = Table(self.log)
        self.slugs = Table(self.log)
        self.emails = Table(self.log)

    def add_grant(self, grant: Grant) -> None:
        self.grants.put(grant.id, grant)
        self.emails.put(grant.email.lower(), grant.id)

    def new_calendar(self, id: str, name: str, timezone: str, primary: bool) -> Calendar:
        """A calendar that writes to this world's undo log; add it to a grant's `calendars`."""
        return Calendar(id, name, timezone, primary, self.log)

    def grant_of(self, email: str) -> Grant | None:
        """The grant with that e-mail address, whatever its case."""
        grant_id = self.emails.get(email.lower())
        return None if grant_id is None else self.grants[grant_id]

    def grant(self, identifier: str) -> Grant | None:
        """A grant by id or by e-mail address."""
        return self.grants.get(identifier) or self.grant_of(identifier)

    def put_configuration(self, configuration: Configuration) -> None:
        """Add or replace a configuration and keep its slug findable."""
        before = self.configurations.get(configuration.id)
        if before is not None and before.slug and before.slug != configuration.slug:
            self.slugs.remove(before.slug)
        self.configurations.put(configuration.id, configuration)
        if configuration.slug:
            self.slugs.put(configuration.slug, configuration.id)

    def remove_configuration(self, configuration_id: str) -> None:
        configuration = self.configurations[configuration_id]
        if configuration.slug:
            self.slugs.remove(configuration.slug)
        self.configurations.remove(configuration_id)

    def event_at(self, place: EventPlace) -> Event | None:
        """The event at that place, or None where somebody removed it from the calendar."""
        calendar = self.calendar_at(place)
        return None if calendar is None else calendar.get(place.event_id)

    def calendar_at(self, place: EventPlace) -> Calendar | None:
        grant = self.grants.get(place.grant_id)
        return None if grant is None else grant.calendar(place.calendar_id)
