"""Somebody else at work in a calendar, or on a grant: found by the names people use, then changed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from mockserver.domain.calendars import Calendar, Event
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Grant, World

MOST_LISTED = 20


class NotFound(ValueError):
    """Nothing goes by a name, or several do; the text says what was expected."""


class Place(NamedTuple):
    """A calendar and whose it is."""

    grant: Grant
    calendar: Calendar

    @property
    def name(self) -> str:
        """The name that no other calendar has."""
        return f"{self.grant.email}/{self.calendar.id}"


def find_place(world: World, wanted: str) -> Place:
    """The calendar that somebody means. Raises NotFound, naming the choices.

    It goes by its id, or by its person (e-mail, grant id or local name of the scenario) and then means the
    primary one, or by both, as `person/calendar`.
    """
    places = [Place(grant, each) for grant in world.grants.values() for each in grant.calendars.values()]
    found = [place for place in places if wanted in _names_of_place(world, place, wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(f"{len(found)} calendars go by that: expected one of {listed(found)}")
    raise NotFound(
        f"no calendar goes by that: {f'expected one of {listed(places)}' if places else 'there is none'}"
    )


def find_grant(world: World, wanted: str) -> Grant:
    """The grant that somebody means by local name, e-mail or id. Raises NotFound, naming the choices."""
    for grant in world.grants.values():
        if wanted in _names_of_grant(world, grant, wanted):
            return grant
    emails = [grant.email for grant in world.grants.values()]
    raise NotFound(
        f"no grant goes by that: {f'expected one of {_some(emails)}' if emails else 'there is none'}"
    )


def fill(tx: Transaction, place: Place, title: str, start: int, end: int, busy: bool = True) -> Event:
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


def free(tx: Transaction, place: Place, event: Event) -> Event:
    """Free the time of an event: it stays on the calendar, cancelled, as providers keep it."""
    if event.status == "cancelled":
        return event
    cancelled = replace(event, status="cancelled", updated_at=tx.now)
    place.calendar.put(cancelled)
    return cancelled


def listed(places: Sequence[Place]) -> str:
    """The places by name, for a message."""
    return _some([place.name for place in places])


def _names_of_grant(world: World, grant: Grant, wanted: str) -> list[str]:
    """All that a person goes by. E-mails are taken in the case in which they were given."""
    names = [grant.id, grant.email]
    if wanted.lower() == grant.email.lower():
        names.append(wanted)
    return names + [name for name, grant_id in world.names.get("grants", {}).items() if grant_id == grant.id]


def _names_of_place(world: World, place: Place, wanted: str) -> Iterator[str]:
    grant, calendar = place
    persons = _names_of_grant(world, grant, wanted.partition("/")[0])
    own = [calendar.id, calendar.name]
    if calendar.primary:
        own.append("primary")
        yield from persons
    yield calendar.id
    yield from (f"{person}/{name}" for person in persons for name in own)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more
