"""A snapshot as the document of a scenario."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mockserver.domain.calendars import Event, EventPlace, Person
from mockserver.domain.configuration import Configuration
from mockserver.domain.dialect import Dialect
from mockserver.domain.ids import Ids
from mockserver.domain.links import PLACEHOLDER
from mockserver.domain.wallclock import date_of, local_day
from mockserver.domain.world import Booking
from mockserver.recording.masking import Bare, Mask
from mockserver.recording.names import Names
from mockserver.sandbox.faults import Fault, Standing
from mockserver.sandbox.snapshot import CalendarSnapshot, GrantSnapshot, Snapshot
from mockserver.scenario.reading import DEFAULT_APPLICATION, TRIGGERS

PAGES = {
    "rescheduling_url": "reschedule",
    "cancellation_url": "cancel",
    "organizer_confirmation_url": "confirm",
}
"""The settings for which a scenario fills in the mock's own pages, and their names."""


class WorldWriter:
    """Writes one snapshot down."""

    def __init__(self, snapshot: Snapshot, names: Names, mask: Mask) -> None:
        self._snapshot = snapshot
        self._names = names
        self._mask = mask
        self._bare = isinstance(mask, Bare)
        self.bookings = [each for each in snapshot.bookings.values() if _can_be_written(each, snapshot)]
        self._placed = {place for booking in self.bookings for place in booking.places}

    @property
    def ids(self) -> set[str]:
        """The ids that are written down."""
        snapshot = self._snapshot
        events = {
            event.id
            for grant in snapshot.grants
            for calendar in grant.calendars
            for event in calendar.events
            if EventPlace(grant.id, calendar.id, event.id) not in self._placed
        }
        sessions = set(snapshot.sessions) if self._bare else set()
        return {*snapshot.configurations, *snapshot.bookings, *snapshot.webhooks} | sessions | events

    def document(self, seed: int) -> dict[str, Any]:
        """The sections of the world, those that are empty left out."""
        snapshot, of = self._snapshot, self._names.of
        sections: dict[str, Any] = {
            "clock": {"mode": "frozen", "now": instant(snapshot.now)},
            "seed": seed,
            "application": self._application(),
            "dialect": written_dialect(snapshot.dialect),
            "grants": {of("grants", each.id): self._grant(each) for each in snapshot.grants},
            "configurations": {
                of("configurations", each.id): self._configuration(each)
                for each in snapshot.configurations.values()
            },
            "sessions": {
                of("sessions", each.id): {
                    **({"id": each.id} if self._bare else {}),
                    "configuration": of("configurations", each.configuration_id),
                    "expires_in": f"PT{max(0, each.expires_at - snapshot.now)}S",
                }
                for each in snapshot.sessions.values()
                if each.configuration_id in snapshot.configurations
            },
            "bookings": {of("bookings", each.id): self._booking(each) for each in self.bookings},
            "webhooks": {
                of("webhooks", each.id): {
                    "id": each.id,
                    "url": self._mask.text(each.url, "webhook_url"),
                    **({} if each.trigger_types == TRIGGERS else {"triggers": list(each.trigger_types)}),
                    **({"secret": each.secret} if self._bare else {}),
                    **({} if each.status == "active" else {"status": each.status}),
                    **({"compressed": True} if each.compressed_delivery else {}),
                }
                for each in snapshot.webhooks.values()
            },
            "faults": [self.fault(each.as_dict()) for each in remaining(snapshot.faults)],
        }
        return {key: value for key, value in sections.items() if value or key == "seed"}

    def fault(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        """A fault as it is written; whose calendar or grant is meant goes by the names that are used here."""
        fault: dict[str, Any] = self._mask.data(shown)
        effect, given = fault["effect"], shown["effect"]
        if "event" in given:
            person, slash, calendar = given["event"]["calendar"].partition("/")
            event = {**effect["event"], "calendar": f"{self._person_named(person)}{slash}{calendar}"}
            fault["effect"] = {**effect, "event": event}
        if "expire_grant" in given:
            fault["effect"] = {**fault["effect"], "expire_grant": self._person_named(given["expire_grant"])}
        return fault

    def _person_named(self, name: str) -> str:
        """Somebody by the local name here, if the scenario's is given."""
        grant_id = self._snapshot.names.get("grants", {}).get(name)
        return self._mask.text(name) if grant_id is None else self._names.of("grants", grant_id)

    def _application(self) -> dict[str, str]:
        application = self._snapshot.application
        found = {}
        if application.client_id != DEFAULT_APPLICATION.client_id:
            found["client_id"] = application.client_id
        if self._bare and application.api_key != DEFAULT_APPLICATION.api_key:
            found["api_key"] = application.api_key
        return found

    def _grant(self, grant: GrantSnapshot) -> dict[str, Any]:
        person = self._mask.data({"email": grant.email, "name": grant.name})
        if not grant.name:
            del person["name"]
        return {
            "id": grant.id,
            **person,
            "provider": grant.provider,
            **({} if grant.scopes is None else {"scopes": list(grant.scopes)}),
            **({} if grant.status == "valid" else {"status": grant.status}),
            "calendars": {each.name: self._calendar(grant, each) for each in grant.calendars},
        }

    def _calendar(self, grant: GrantSnapshot, calendar: CalendarSnapshot) -> dict[str, Any]:
        usual = grant.email if grant.provider == "google" and calendar.primary else calendar.name
        events = [
            self._event(each, calendar.timezone)
            for each in calendar.events
            if EventPlace(grant.id, calendar.id, each.id) not in self._placed
        ]
        return {
            **({} if calendar.id == usual else {"id": self._mask.text(calendar.id)}),
            "primary": calendar.primary,
            "timezone": calendar.timezone,
            **({"events": events} if events else {}),
        }

    def _event(self, event: Event, zone: str) -> dict[str, Any]:
        return {
            "id": self._mask.text(event.id),
            "title": self._mask.title(event.title),
            **_spell(event, zone, self._snapshot.now),
            **({} if event.busy else {"busy": False}),
            **({} if event.status == "confirmed" else {"status": event.status}),
            **({"recurrence": list(event.recurrence)} if event.recurrence else {}),
        }

    def _configuration(self, configuration: Configuration) -> dict[str, Any]:
        body = _without_pages(configuration.body, self._snapshot.public_url)
        kept = {key: value for key, value in body.items() if value is not None and value is not False}
        return {
            "id": configuration.id,
            "grant": self._names.of("grants", configuration.grant_id),
            "body": self._mask.data(kept),
        }

    def _booking(self, booking: Booking) -> dict[str, Any]:
        configuration = self._snapshot.configurations[booking.configuration_id]
        more = [self._person(each) for each in booking.additional_guests]
        answers = self._mask.data({"additional_fields": dict(booking.additional_fields)})
        return {
            "id": booking.id,
            **({"salt": booking.salt} if self._bare else {}),
            "configuration": self._names.of("configurations", booking.configuration_id),
            "status": booking.status,
            "at": instant(booking.start),
            "duration": (booking.end - booking.start) // 60,
            **({} if booking.timezone == configuration.timezone else {"timezone": booking.timezone}),
            **({} if booking.email_language == "en" else {"email_language": booking.email_language}),
            **({"host": self._mask.text(booking.organizer.email)} if configuration.round_robin else {}),
            "guest": {"name": "", **self._person(booking.guest)},
            **({"additional_guests": more} if more else {}),
            **(answers if booking.additional_fields else {}),
        }

    def _person(self, person: Person) -> dict[str, Any]:
        found: dict[str, Any] = self._mask.data({"name": person.name, "email": person.email})
        return {key: value for key, value in found.items() if value}


def instant(at: int) -> str:
    """Unix seconds in RFC 3339."""
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def written_dialect(dialect: Dialect) -> dict[str, str]:
    """The switches that aren't as usual."""
    usual = Dialect().as_dict()
    return {switch: value for switch, value in dialect.as_dict().items() if value != usual[switch]}


def remaining(standings: Sequence[Standing]) -> list[Fault]:
    """The faults as they have to be written for what they will yet do; chance is told apart by the steps."""
    return [
        replace(each.fault, times=each.left, after=max(0, each.fault.after - each.seen))
        for each in standings
        if each.left != 0 and each.fault.probability is None
    ]


def fresh_seed(snapshot: Snapshot, world: WorldWriter, draws: int) -> int:
    """The seed, or the next one by which nothing is drawn that is written down as being there already.

    A world that is written down with its ids draws none for them, so its seed would begin with the same ones.
    """
    seed, taken = snapshot.seed, world.ids
    while taken & _drawn(seed, draws + len(snapshot.bookings)):
        seed += 1
    return seed


def _drawn(seed: int, draws: int) -> set[str]:
    ids = Ids(seed)
    found = {ids.uuid(kind) for kind in ("booking", "configuration", "session") for _ in range(draws)}
    found |= {ids.uuid("control").replace("-", "") for _ in range(draws)}
    found |= {ids.webhook_id() for _ in range(draws)}
    return found | {ids.event_id() for _ in range(4 * draws)}


def _can_be_written(booking: Booking, snapshot: Snapshot) -> bool:
    configuration = snapshot.configurations.get(booking.configuration_id)
    return configuration is not None and booking.end > booking.start


def _spell(event: Event, zone: str, now: int) -> dict[str, Any]:
    """When an event takes place. One that is counted in another zone than the calendar's is told in that."""
    own = event.timezone if event.recurrence else zone
    if not event.all_day and own == zone:
        return {"start": instant(event.start), "end": instant(event.end)}
    if event.all_day:
        first, last = (local_day(own, at) for at in (event.start, max(event.end - 1, event.start)))
        if own == zone:
            return {"all_day": True, "start": date_of(first), "end": date_of(last)}
        today = local_day(own, now)
        days = [{"day": day - today, "tz": own} for day in (first, last)]
        return {"all_day": True, "start": days[0], "end": days[1]}
    at = datetime.fromtimestamp(event.start, ZoneInfo(own))
    start = {"day": local_day(own, event.start) - local_day(own, now), "at": f"{at:%H:%M}", "tz": own}
    return {"at": start, "duration": (event.end - event.start) // 60}


def _without_pages(body: Mapping[str, Any], public_url: str) -> dict[str, Any]:
    """The body without the mock's own pages, which every server fills in with its own address."""
    scheduler = dict(body.get("scheduler") or {})
    for key, page in PAGES.items():
        if scheduler.get(key) == f"{public_url.rstrip('/')}/{page}/{PLACEHOLDER}":
            del scheduler[key]
    rest = {key: value for key, value in body.items() if key != "scheduler"}
    return {**rest, **({"scheduler": scheduler} if scheduler else {})}
