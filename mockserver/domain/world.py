"""The data of one sandbox: application, grants, calendars, configurations, sessions, bookings, webhooks.

Everything stored is immutable and is replaced as a whole; every replacement is written to the world's undo
log, so that a refused request can be taken back completely whatever it had begun.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Generic, Literal, TypeVar

from mockserver.domain.configuration import Configuration
from mockserver.domain.recurrence import occurrences
from mockserver.domain.wallclock import first_moment, local_day

V = TypeVar("V")

DAY = 86_400
LONG_EVENT_DAYS = 62
"""Events longer than this are kept beside the days' index, which would otherwise grow with their length."""

CONFIGURATION_STAMP = "key5"
"""The metadata key under which Scheduler writes the configuration's id into its events (documented)."""

LONGEST_CLOCK_CHANGE = 3 * 3_600

OCCURRENCE_STAMP = "%Y%m%dT%H%M%SZ"
"""What follows the underscore in the id of an occurrence: its start in UTC."""

EventStatus = Literal["confirmed", "tentative", "cancelled"]
BookingStatus = Literal["booked", "pending", "cancelled"]
WebhookStatus = Literal["active", "pause", "failing", "failed"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an e-mail address. `name` is empty where nobody told it."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """The Nylas application: what clients present to be let in."""

    client_id: str
    api_key: str


@dataclass(frozen=True, slots=True)
class Event:
    """An event on a calendar. Times are Unix seconds, `end` exclusive."""

    id: str
    title: str
    start: int
    end: int
    busy: bool = True
    status: EventStatus = "confirmed"
    all_day: bool = False
    description: str = ""
    location: str = ""
    organizer: Person | None = None
    participants: tuple[Person, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    ical_uid: str = ""
    html_link: str = ""
    created_at: int = 0
    updated_at: int = 0
    recurrence: tuple[str, ...] = ()
    """Lines of iCalendar (`RRULE:…`, `EXDATE:…`, `RDATE:…`), counted on the wall clock of `timezone`."""
    timezone: str = "UTC"
    master_event_id: str = ""
    """Of an occurrence: the id of the recurring event."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session lets its holder book with one configuration until `expires_at` (Unix seconds)."""

    id: str
    configuration_id: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class EventPlace:
    """Where an event lies: grant, calendar and the event's id there."""

    grant_id: str
    calendar_id: str
    event_id: str


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


class UndoLog:
    """How to take back what was changed since `begin`."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], None]] = []

    def add(self, step: Callable[[], None]) -> None:
        self._steps.append(step)

    def begin(self) -> None:
        self._steps.clear()

    def roll_back(self) -> None:
        while self._steps:
            self._steps.pop()()


class Table(Generic[V], Mapping[str, V]):
    """Records by id, in the order in which they were first put."""

    def __init__(self, log: UndoLog) -> None:
        self._rows: dict[str, V] = {}
        self._log = log

    def put(self, key: str, value: V) -> None:
        before = self._rows.get(key)
        self._rows[key] = value
        if before is None:
            self._log.add(lambda: self._rows.__delitem__(key))
        else:
            self._log.add(lambda: self._rows.__setitem__(key, before))

    def remove(self, key: str) -> None:
        before = self._rows  # kept whole, so that the order comes back too; removing is rare
        self._rows = {kept: value for kept, value in before.items() if kept != key}
        self._log.add(lambda: setattr(self, "_rows", before))

    def __getitem__(self, key: str) -> V:
        return self._rows[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class Calendar:
    """One calendar of a grant, with its events found by day and not by scanning."""

    def __init__(self, id: str, name: str, timezone: str, primary: bool, log: UndoLog) -> None:
        self.id = id
        self.name = name
        self.timezone = timezone
        self.primary = primary
        self._log = log
        self._events: dict[str, Event] = {}
        self._days: dict[int, dict[str, Event]] = {}
        self._long: dict[str, Event] = {}
        self._recurring: dict[str, Event] = {}
        self._stamped: dict[str, set[str]] = {}

    def put(self, event: Event) -> None:
        """Add the event, or replace the one with its id."""
        before = self._events.get(event.id)
        self._set(event, before)
        if before is None:
            self._log.add(lambda: self._drop(event))
        else:
            self._log.add(lambda: self._set(before, event))

    def remove(self, event_id: str) -> None:
        """Take the event away altogether, as if it had never been there. Raises KeyError.

        An occurrence is taken out of its series.
        """
        occurrence = None if event_id in self._events else self.get(event_id)
        if occurrence is not None:
            master = self._events[occurrence.master_event_id]
            self.put(replace(master, recurrence=(*master.recurrence, f"EXDATE:{event_id[-16:]}")))
            return
        event = self._events[event_id]
        self._drop(event)
        self._log.add(lambda: self._set(event, None))

    def get(self, event_id: str) -> Event | None:
        """The event of that id, which may be the id of an occurrence."""
        event = self._events.get(event_id)
        if event is not None:
            return event
        master_id, _, stamp = event_id.rpartition("_")
        master = self._recurring.get(master_id)
        if master is None or len(stamp) != len("20260302T090000Z"):
            return None
        return next((each for each in _around(master, stamp) if each.id == event_id), None)

    @property
    def events(self) -> list[Event]:
        """All events, in the order in which they were added."""
        return list(self._events.values())

    def between(self, start: int, end: int) -> list[Event]:
        """What overlaps the time from `start` to `end` (Unix seconds), cancelled events included.

        A recurring event is represented by its occurrences.
        """
        found: dict[str, Event] = {}
        for day in range(start // DAY, max(end - 1, start) // DAY + 1):
            found.update(self._days.get(day, {}))
        found.update(self._long)
        single = [event for event in found.values() if event.start < end and event.end > start]
        repeated = (each for master in self._recurring.values() for each in _within(master, start, end))
        return single + [each for each in repeated if each.id not in self._events]  # else changed on its own

    def stamped(self, configuration_id: str) -> int:
        """How many events that were not cancelled Scheduler made here for a configuration."""
        return len(self._stamped.get(configuration_id, ()))

    def _set(self, event: Event, before: Event | None) -> None:
        if before is not None:
            self._unindex(before)
        self._events[event.id] = event
        for bucket in self._buckets(event, create=True):
            bucket[event.id] = event
        stamp = event.metadata.get(CONFIGURATION_STAMP)
        if stamp is not None and event.status != "cancelled":
            self._stamped.setdefault(stamp, set()).add(event.id)

    def _drop(self, event: Event) -> None:
        self._unindex(event)
        self._events.pop(event.id, None)

    def _unindex(self, event: Event) -> None:
        for bucket in self._buckets(event, create=False):
            bucket.pop(event.id, None)
        stamp = event.metadata.get(CONFIGURATION_STAMP)
        if stamp is not None:
            self._stamped.get(stamp, set()).discard(event.id)

    def _buckets(self, event: Event, create: bool) -> list[dict[str, Event]]:
        if event.recurrence:
            return [self._recurring]
        first, last = event.start // DAY, max(event.end - 1, event.start) // DAY
        if last - first > LONG_EVENT_DAYS:
            return [self._long]
        if create:
            return [self._days.setdefault(day, {}) for day in range(first, last + 1)]
        return [self._days[day] for day in range(first, last + 1) if day in self._days]


def _within(master: Event, start: int, end: int) -> list[Event]:
    """The occurrences of a recurring event that overlap a time."""
    length = master.end - master.start
    longest = length + LONGEST_CLOCK_CHANGE if master.all_day else length
    starts = occurrences(master.recurrence, master.timezone, master.start, longest, start, end)
    found = (_occurrence(master, at, length) for at in starts)
    return [each for each in found if each.end > start]


def _around(master: Event, stamp: str) -> list[Event]:
    """The occurrences about the time that an occurrence's id tells; none where it tells none."""
    try:
        at = int(datetime.strptime(stamp, OCCURRENCE_STAMP).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return []
    return _within(master, at, at + 1)


def _occurrence(master: Event, start: int, length: int) -> Event:
    stamp = datetime.fromtimestamp(start, UTC).strftime(OCCURRENCE_STAMP)
    end = start + length
    if master.all_day:  # whole days, of 23 or 25 hours when clocks change
        zone = master.timezone
        days = local_day(zone, master.end - 1) - local_day(zone, master.start) + 1
        end = first_moment(zone, local_day(zone, start) + days)
    return replace(
        master,
        id=f"{master.id}_{stamp}",
        start=start,
        end=end,
        recurrence=(),
        master_event_id=master.id,
    )


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
