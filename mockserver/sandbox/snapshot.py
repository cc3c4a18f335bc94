"""A sandbox as it was after one of its turns: what an export begins with.

Records are immutable, so a snapshot only copies what holds them; it costs little for each of them, and one is
taken in many requests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mockserver.domain.calendars import Event
from mockserver.domain.configuration import Configuration
from mockserver.domain.dialect import Dialect
from mockserver.domain.world import Application, Booking, Grant, Session, Webhook, World
from mockserver.sandbox.faults import Standing


@dataclass(frozen=True, slots=True)
class CalendarSnapshot:
    """A calendar with its events, in the order in which they were added."""

    id: str
    name: str
    timezone: str
    primary: bool
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class GrantSnapshot:
    """A grant with its calendars."""

    id: str
    email: str
    provider: str
    name: str
    scopes: tuple[str, ...] | None
    status: str
    calendars: tuple[CalendarSnapshot, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that what follows depends on. `turn` is the last turn that is in it, `now` Unix seconds.

    `names` are ids by section and local name of the scenario.
    """

    turn: int
    now: int
    seed: int
    dialect: Dialect
    faults: Sequence[Standing]
    application: Application
    public_url: str
    grants: tuple[GrantSnapshot, ...]
    configurations: Mapping[str, Configuration]
    sessions: Mapping[str, Session]
    bookings: Mapping[str, Booking]
    webhooks: Mapping[str, Webhook]
    names: Mapping[str, Mapping[str, str]]


def take_snapshot(
    world: World, turn: int, now: int, seed: int, dialect: Dialect, faults: Sequence[Standing]
) -> Snapshot:
    """The world as it stands; nobody may be changing it meanwhile."""
    return Snapshot(
        turn=turn,
        now=now,
        seed=seed,
        dialect=dialect,
        faults=faults,
        application=world.application,
        public_url=world.public_url,
        grants=tuple(_grant(each) for each in world.grants.values()),
        configurations=dict(world.configurations),
        sessions=dict(world.sessions),
        bookings=dict(world.bookings),
        webhooks=dict(world.webhooks),
        names=world.names,
    )


def _grant(grant: Grant) -> GrantSnapshot:
    calendars = tuple(
        CalendarSnapshot(each.id, each.name, each.timezone, each.primary, tuple(each.events))
        for each in grant.calendars.values()
    )
    return GrantSnapshot(
        grant.id, grant.email, grant.provider, grant.name, grant.scopes, grant.status, calendars
    )
