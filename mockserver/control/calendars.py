"""Somebody else at work in a calendar: finding it by the names people use, filling and freeing it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from mockserver.control.refusals import invalid, not_found
from mockserver.domain.calendars import Calendar, Event
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Grant


class Place(NamedTuple):
    """A calendar and whose it is."""

    grant: Grant
    calendar: Calendar

    @property
    def name(self) -> str:
        """The name that no other calendar has."""
        return f"{self.grant.email}/{self.calendar.id}"


def find_place(tx: Transaction, wanted: str, local_names: Mapping[str, str], path: str) -> Place:
    """The calendar that somebody means. Raises ControlRefusal, naming the choices.

    It goes by its id, or by its person (e-mail, grant id or local name of the scenario) and then means the
    primary one, or by both, as `person/calendar`. `local_names` are e-mails by local name.
    """
    places = [Place(grant, each) for grant in tx.world.grants.values() for each in grant.calendars.values()]
    found = [place for place in places if wanted in _names(place, local_names, wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise invalid(f"{len(found)} calendars go by that: expected one of {_listed(found)}", path)
    raise invalid(f"no calendar goes by that: expected one of {_listed(places)}", path)


def find_event(tx: Transaction, event_id: str, within: Place | None) -> tuple[Place, Event]:
    """The event of that id, on that calendar or on any. Raises ControlRefusal."""
    found = [
        (Place(grant, calendar), event)
        for grant in tx.world.grants.values()
        for calendar in grant.calendars.values()
        if (event := calendar.get(event_id)) is not None and (within is None or within.calendar is calendar)
    ]
    if not found:
        raise not_found("no calendar has an event of that id")
    if len(found) > 1:
        places = _listed([place for place, _ in found])
        raise invalid(f"several calendars have that event: expected one of {places}", "calendar")
    return found[0]


def add_event(tx: Transaction, place: Place, title: str, start: int, end: int, busy: bool) -> Event:
    """Write an event into a calendar. Its id comes from a stream of its own: the API's ids stay the same."""
    event_id = tx.ids.uuid("control").replace("-", "")
    event = Event(
        id=event_id,
        title=title,
        start=start,
        end=end,
        busy=busy,
        ical_uid=f"{event_id}@google.com" if place.grant.provider == "google" else event_id.upper(),
        created_at=tx.now,
        updated_at=tx.now,
    )
    place.calendar.put(event)
    return event


def cancel_event(tx: Transaction, place: Place, event: Event) -> Event:
    """Free the time of an event: it stays on the calendar, cancelled, as providers keep it."""
    if event.status == "cancelled":
        return event
    cancelled = replace(event, status="cancelled", updated_at=tx.now)
    place.calendar.put(cancelled)
    return cancelled


def local_emails(document: Mapping[str, Any]) -> dict[str, str]:
    """The e-mails of a scenario's grants by local name."""
    return {name: grant["email"] for name, grant in (document.get("grants") or {}).items()}


def _names(place: Place, local_names: Mapping[str, str], wanted: str) -> Iterator[str]:
    """All that a calendar goes by. E-mails are taken in the case in which they were given."""
    grant, calendar = place
    person, _, _ = wanted.partition("/")
    persons = [grant.id, grant.email]
    if person.lower() == grant.email.lower():
        persons.append(person)
    persons += [name for name, email in local_names.items() if email.lower() == grant.email.lower()]
    own = [calendar.id, calendar.name]
    if calendar.primary:
        own.append("primary")
        yield from persons
    yield calendar.id
    yield from (f"{person}/{name}" for person in persons for name in own)


def _listed(places: list[Place]) -> str:
    names = [place.name for place in places]
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
