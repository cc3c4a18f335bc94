"""The document of a world of which only calls are known. What is guessed is said to be, under `#`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.domain.reference import is_uuid
from mockserver.recording.busy import BusyTimes, settings_of
from mockserver.recording.calls import Call, parsed
from mockserver.recording.inference import (
    DAY,
    SCHEDULER_KEYS,
    SESSION_SPARE,
    UNKNOWN_EMAIL,
    UNKNOWN_GUEST,
    Booked,
    Configured,
    World,
    mapping,
)
from mockserver.recording.references import Draft
from mockserver.recording.world import instant
from mockserver.recording.writing import COMMENT

UNKNOWN_AFTER_DAYS = 7
"""So many days later, at night, a booking is put of which nobody knows when it takes place."""

UNSEEN = "unseen"
"""The session that there must have been."""


@dataclass(slots=True)
class Placed:
    """An event that takes somebody's time. `id` is what steps call it, or `draft` the step that makes it."""

    email: str
    start: int
    end: int
    id: str = ""
    draft: Draft | None = None


class GuessedWorld:
    """Writes down the world before the first call. `people` are local names by e-mail."""

    def __init__(self, calls: list[Call], world: World, busy: BusyTimes, masked: bool) -> None:
        self._calls = calls
        self._world = world
        self._busy, self._turns = busy.first, busy.turns
        self._masked = masked
        self.placed: list[Placed] = []
        self.people: dict[str, str] = {}
        self.document = self._document()

    def _document(self) -> dict[str, Any]:
        """The sections of the world, nothing masked yet."""
        world = self._world
        configured = [each for each in world.configurations if each.id not in world.made or not each.id]
        bodies = {each.name: self.body(each) for each in configured}
        people = self._grants(configured, bodies)
        self.people = {email: f"person-{number}" for number, email in enumerate(people, 1)}
        document: dict[str, Any] = {"clock": {"mode": "frozen", "now": instant(world.now)}}
        if is_uuid(world.client_id) or re.fullmatch(r"[A-Za-z0-9._-]{1,200}", world.client_id):
            document["application"] = {"client_id": world.client_id}
        if world.dialect:
            document["dialect"] = world.dialect
        document["grants"] = {self.people[email]: each for email, each in people.items()}
        document["configurations"] = {
            each.name: {
                **({COMMENT: bodies[each.name][1]} if bodies[each.name][1] else {}),
                **({"id": each.id} if is_uuid(each.id) else {}),
                "grant": self.people[organizer_of(bodies[each.name][0])],
                "body": bodies[each.name][0],
            }
            for each in configured
        }
        document["sessions"] = self._sessions()
        document["bookings"] = dict(self._bookings())
        return {key: value for key, value in document.items() if value}

    def _grants(
        self, configured: list[Configured], bodies: Mapping[str, tuple[dict[str, Any], list[str]]]
    ) -> dict[str, dict[str, Any]]:
        """Grants by e-mail, with what takes their time."""
        found: dict[str, dict[str, Any]] = {}
        all_bodies = [(bodies[each.name][0], each.grant) for each in configured]
        for call in self._calls:
            data = parsed(call.body)
            if call.operation == "createConfiguration" and isinstance(data, dict):
                all_bodies.append((data, call.path.split("/")[3]))
        for body, grant in all_bodies:
            for person in body.get("participants") or ():
                if not isinstance(person, Mapping) or not isinstance(person.get("email"), str):
                    continue
                email = person["email"]
                known = found.setdefault(email, self._person(email, str(person.get("name") or "")))
                if person.get("is_organizer") and is_uuid(grant):
                    known["id"] = grant
                for calendar_id in _calendar_ids(person):
                    if calendar_id not in ("primary", email):
                        known["calendars"].setdefault(_local_name(calendar_id), {"id": calendar_id})
        organizers = [organizer_of(bodies[each.name][0]) for each in configured]
        taken = (email for turn in self._turns.values() for email, _, _ in (*turn.filled, *turn.freed))
        for email in (*organizers, *self._busy, *taken):
            found.setdefault(email, self._person(email, ""))
        for number, each in enumerate(found.values(), 1):
            each.setdefault("id", f"00000000-0000-4000-8000-{number:012}")
            if len(each["calendars"]) > 1:
                each["calendars"]["main"]["primary"] = True
        return found

    def _person(self, email: str, name: str) -> dict[str, Any]:
        events = []
        for start, end in self._busy.get(email, ()):
            self.placed.append(Placed(email, start, end, f"taken-{len(self.placed) + 1}"))
            events.append(
                {"id": self.placed[-1].id, "title": "Busy", "start": instant(start), "end": instant(end)}
            )
        guesses = ["guessed: the provider, the calendar's zone"]
        guesses += ["guessed: events where no slot was offered"] if events else []
        return {
            COMMENT: guesses,
            "email": email,
            **({"name": name} if name else {}),
            "calendars": {"main": {"timezone": "UTC", **({"events": events} if events else {})}},
        }

    def body(self, configured: Configured) -> tuple[dict[str, Any], list[str]]:
        """What created a configuration, and what of it is guessed."""
        if configured.body is not None:
            return {key: value for key, value in configured.body.items() if value is not None}, []
        world, guesses = self._world, []
        emails = world.emails(configured)
        duration, guessed = world.duration(configured)
        if guessed:
            guesses.append("guessed: how long a slot is")
        if not configured.organizer and not configured.observed.slots:
            guesses.append("guessed: who the organizer is")
        hours = world.hours(configured)
        blocks = hours.blocks()
        guesses.append(
            "guessed: the open hours, from what was offered" if blocks else "guessed: no open hours"
        )
        title = configured.title or "Meeting"
        if not configured.title:
            guesses.append("guessed: the title")
        private = configured.by_session > 0 and configured.by_id == 0
        if private:
            guesses.append("guessed: that it needs a session")
        availability: dict[str, Any] = {"duration_minutes": duration}
        if hours.interval != duration:
            availability["interval_minutes"] = hours.interval
        if hours.round_to != 15:
            availability["round_to"] = hours.round_to
        if configured.rotating:
            availability["availability_rules"] = {"availability_method": "max-availability"}
            guesses.append("guessed: how round robin chooses")
        participants = [
            self._participant(email, index == 0 and not configured.rotating, configured, blocks)
            for index, email in enumerate(emails)
        ]
        event = {
            "title": title,
            "timezone": "UTC",
            **({"description": configured.description} if configured.description else {}),
            **({"location": configured.location} if configured.location else {}),
            **({"booking_type": "organizer-confirmation"} if configured.pending else {}),
        }
        scheduler = {
            key: value
            for key, value in settings_of(configured).items()
            if key in SCHEDULER_KEYS and value not in (None, "", {})
        }
        if "min_booking_notice" not in scheduler:
            scheduler["min_booking_notice"] = 0
            guesses.append("guessed: no notice for bookings")
        name = configured.settings.get("name")
        body = {
            **({"name": name} if isinstance(name, str) and name else {}),
            **({"slug": configured.slug} if configured.slug else {}),
            **({"requires_session_auth": True} if private else {}),
            "participants": participants,
            "availability": availability,
            "event_booking": event,
            "scheduler": scheduler,
        }
        return body, guesses

    def _participant(
        self, email: str, organizer: bool, configured: Configured, blocks: list[dict[str, object]]
    ) -> dict[str, Any]:
        name = configured.organizer.get("name") if email == configured.organizer.get("email") else ""
        return {
            "email": email,
            "name": name or email.partition("@")[0],
            **({"is_organizer": True} if organizer else {}),
            "availability": {"calendar_ids": ["primary"], **({"open_hours": blocks} if blocks else {})},
            "booking": {"calendar_id": "primary"},
        }

    def _sessions(self) -> dict[str, Any]:
        world = self._world
        found = {}
        for opened in world.sessions.values():
            last = max(opened.last - world.now, 0) + SESSION_SPARE
            if opened.refused is not None:
                last = max(0, min(last, opened.refused - world.now))
            found[opened.name] = {
                COMMENT: ["guessed: how long it lives"],
                "configuration": opened.configuration.name,
                "expires_in": f"PT{last}S",
            }
        if any(world.needs_session(call) for call in self._calls):
            configured = next(
                each
                for call in self._calls
                if world.needs_session(call)
                if (each := world.configuration_of(call)) is not None
            )
            found[UNSEEN] = {
                COMMENT: ["guessed: there must have been a session, the recording leaves it out"],
                "configuration": configured.name,
                "expires_in": f"PT{self._calls[-1].at - world.now + SESSION_SPARE}S",
            }
        return found

    def _bookings(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The bookings that were there when the recording began."""
        for number, (id, booking) in enumerate(self.before().items()):
            guesses = []
            at = booking.start
            if at is None:
                day = self._world.now // DAY + UNKNOWN_AFTER_DAYS + number
                at = day * DAY
                guesses.append("guessed: when it takes place")
            if booking.guest is None:
                guesses.append("guessed: who the guest is")
            minutes = (
                None if booking.start is None or booking.end is None else (booking.end - booking.start) // 60
            )
            yield (
                booking.name,
                {
                    **({COMMENT: guesses} if guesses else {}),
                    "id": id,
                    **({"salt": booking.salt} if booking.salt and not self._masked else {}),
                    "configuration": booking.configuration.name,
                    "status": booking.status,
                    "at": instant(at),
                    **({"duration": minutes} if minutes else {}),
                    "guest": booking.guest or UNKNOWN_GUEST,
                    **booking.more,
                },
            )

    def before(self) -> dict[str, Booked]:
        return {
            id: booking
            for id, booking in self._world.bookings.items()
            if not booking.made and is_uuid(id) and booking.configuration.id not in self._world.made
        }


def organizer_of(body: Mapping[str, Any]) -> str:
    people = [each for each in body.get("participants") or () if isinstance(each, Mapping)]
    chosen = next((each for each in people if each.get("is_organizer")), people[0] if people else {})
    return str(chosen.get("email") or UNKNOWN_EMAIL)


def _calendar_ids(person: Mapping[str, Any]) -> list[str]:
    calendar_ids = mapping(person.get("availability")).get("calendar_ids")
    found = list(calendar_ids) if isinstance(calendar_ids, list) else []
    found.append(mapping(person.get("booking")).get("calendar_id"))
    return [each for each in found if isinstance(each, str)]


def _local_name(calendar_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", calendar_id)[:60].strip("-") or "calendar"
