"""What a test does to a sandbox from outside: takes times, makes calls fail, subscribes receivers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mockserver.control.incoming import FIRST_TIME, LAST_TIME
from mockserver.domain import configuration, world
from mockserver.domain.availability import time_slots
from mockserver.domain.notification import TRIGGERS
from mockserver.domain.outsiders import Place, fill, find_grant, find_place
from mockserver.sandbox import Sandbox
from mockserver.scenario import ScenarioError, parse_faults
from mockserver.scenario.times import read_instant
from mockserver.testing import showing
from mockserver.testing.records import Configuration, Event, Grant, Slot, Webhook

DAY = 86_400
_FILE = "fault"


def grant(sandbox: Sandbox, wanted: str) -> Grant:
    """A grant by local name, e-mail or id. Raises LookupError."""
    with sandbox.lock:
        try:
            return showing.granted(sandbox, find_grant(sandbox.world, wanted))
        except ValueError as error:
            raise LookupError(f"grant {wanted!r}: {error}") from None


def configured(sandbox: Sandbox, wanted: str | None) -> Configuration:
    """A configuration by local name, slug or id; None for the only one. Raises LookupError."""
    with sandbox.lock:
        return showing.configured(sandbox, _configuration(sandbox, wanted))


def free_slots(sandbox: Sandbox, wanted: str | None, start: Any, days: float) -> list[Slot]:
    """The slots that availability offers from a time on, or from now. Raises LookupError, ValueError."""
    if not days > 0:
        raise ValueError(f"days: expected more than 0, got {days!r}")
    with sandbox.transaction() as tx:
        begin = tx.now if start is None else seconds_of(start, "start")
        found = time_slots(tx, _configuration(sandbox, wanted), begin, int(begin + days * DAY))
        return [Slot(each.start, each.end, each.emails) for each in found]


def take_slot(
    sandbox: Sandbox, slot: Any, end: Any, calendar: str | None, wanted: str | None, title: str
) -> Event:
    """Have somebody else take a time. Raises LookupError, ValueError."""
    start, given_end = _times(slot)
    stop = given_end if end is None else seconds_of(end, "end")
    with sandbox.transaction() as tx:
        asked = None
        if calendar is None or stop is None:
            asked = _configuration(sandbox, wanted)
        if stop is None and asked is not None:
            stop = start + asked.duration * 60
        if stop is None or stop <= start:
            raise ValueError("end: expected a time after the start")
        place = _place(sandbox, calendar, asked)
        event = fill(tx, place, title, start, stop)
        sandbox.changed("event", grant_id=place.grant.id, calendar_id=place.calendar.id, event=event)
        return showing.event(event, showing.granted(sandbox, place.grant), place.calendar)


def fail_next(sandbox: Sandbox, what: str, effect: Mapping[str, Any], times: int | None, after: int) -> str:
    """Add a fault; answers with its id. Raises ValueError, naming what is wrong."""
    entry = {"match": _match(what), "effect": effect, "after": after}
    if times is not None:
        entry["times"] = times
    with sandbox.lock:
        try:
            faults = parse_faults([entry], _FILE, sandbox.world, sandbox.clock.now())
        except ScenarioError as error:
            told = (f"{each.path.removeprefix('faults[0].')}: {each.message}" for each in error.problems)
            raise ValueError(f"{what}: {'; '.join(told)}") from None
        (added,) = sandbox.faults.add(faults)
        sandbox.changed("faults", faults=[added.fault])
        return added.fault.id


def subscribe(sandbox: Sandbox, url: str, triggers: tuple[str, ...], fixed: Webhook | None = None) -> Webhook:
    """Have notifications sent to a URL, without a challenge; those of all types unless some are named.

    `fixed` gives id and secret. Raises ValueError.
    """
    for trigger in triggers:
        if trigger not in TRIGGERS:
            raise ValueError(f"{trigger!r}: expected one of {', '.join(TRIGGERS)}")
    with sandbox.transaction() as tx:
        made = world.Webhook(
            id=tx.ids.webhook_id() if fixed is None else fixed.id,
            url=url,
            trigger_types=triggers or TRIGGERS,
            secret=tx.ids.webhook_secret() if fixed is None else fixed.secret,
            created_at=tx.now,
            updated_at=tx.now,
            status_updated_at=tx.now,
        )
        tx.world.webhooks.put(made.id, made)
        return showing.webhook(made)


def unsubscribe(sandbox: Sandbox, webhook_id: str) -> None:
    with sandbox.transaction() as tx:
        if webhook_id in tx.world.webhooks:
            tx.world.webhooks.remove(webhook_id)


def expire(sandbox: Sandbox, wanted: str) -> None:
    """Let a grant expire, as when its owner takes the application's access back. Raises LookupError."""
    found = grant(sandbox, wanted)
    with sandbox.transaction() as tx:
        tx.world.grants.put(found.id, replace(tx.world.grants[found.id], status="expired"))


def seconds_of(value: Any, name: str) -> int:
    """Unix seconds of a datetime, of RFC 3339, or as they are. Raises ValueError."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{name}: expected a datetime with a time zone, got {value!r}")
        seconds = value.timestamp()
    elif isinstance(value, str):
        try:
            seconds = read_instant(value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}, got {value!r}") from None
    elif isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value
    else:
        expected = "a datetime, Unix seconds or RFC 3339"
        raise ValueError(f"{name}: expected {expected}, got {type(value).__name__}")
    if not FIRST_TIME <= seconds <= LAST_TIME:
        raise ValueError(f"{name}: expected a time of the years 1970 to 2199, got {value!r}")
    return int(seconds)


def _times(slot: Any) -> tuple[int, int | None]:
    """The times of a slot, as this package or the API shows one; of a mere start only the start."""
    if isinstance(slot, Slot):
        return slot.start_time, slot.end_time
    if isinstance(slot, Mapping):
        return tuple(seconds_of(slot.get(key), key) for key in ("start_time", "end_time"))  # type: ignore[return-value]
    return seconds_of(slot, "start"), None


def _place(sandbox: Sandbox, calendar: str | None, asked: configuration.Configuration | None) -> Place:
    """The calendar that is named, or the one that bookings of the configuration are written to."""
    if calendar is None and asked is not None:
        organizer = asked.organizer
        calendar = f"{organizer.email}/{organizer.booking_calendar_id or 'primary'}"
    try:
        return find_place(sandbox.world, calendar or "")
    except ValueError as error:
        raise LookupError(f"calendar {calendar!r}: {error}") from None


def _configuration(sandbox: Sandbox, wanted: str | None) -> configuration.Configuration:
    found = sandbox.world.configurations
    names = {id: name for name, id in sandbox.world.names.get("configurations", {}).items()}
    if wanted is None:
        chosen = list(found.values())
    else:
        chosen = [each for each in found.values() if wanted in (names.get(each.id), each.slug, each.id)]
    if len(chosen) != 1:
        there = ", ".join(names.get(id, id) for id in found)
        expected = f"expected one of {there}" if there else "the scenario has none"
        raise LookupError(f"configuration{'' if wanted is None else f' {wanted!r}'}: {expected}")
    return chosen[0]


def _match(what: str) -> dict[str, str]:
    """What `POST /v3/…`, a path, an operation or a notification's type means. Raises ValueError."""
    method, _, path = what.rpartition(" ")
    if not path.startswith("/") and (method or "/" in path):
        raise ValueError(f"{what}: expected a path that begins with a slash, such as POST /v3/{{name}}")
    if path.startswith("/"):
        return {"path": path, **({"method": method.strip().upper()} if method.strip() else {})}
    return {"trigger": what} if what in TRIGGERS or what.startswith("booking.") else {"operation": what}
