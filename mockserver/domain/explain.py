"""Why a time is offered or not: rule by rule and person by person, in words for whoever builds the page.

Decides nothing itself. Whether a time is offered is asked of `availability`; the rules are then looked at
one by one with the same functions that it uses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from mockserver.domain.availability import (
    MINUTE,
    Window,
    busy_events,
    slot_at,
    starts_of,
    time_slots,
    valid_grant,
    whose_time_counts,
)
from mockserver.domain.configuration import Configuration, Participant
from mockserver.domain.errors import Refusal
from mockserver.domain.intervals import covers
from mockserver.domain.openhours import open_times
from mockserver.domain.transaction import Transaction
from mockserver.domain.wallclock import DAY, EARLIEST, LATEST, first_moment, local_day
from mockserver.domain.world import Booking

Rule = Literal["length", "grid", "notice", "horizon", "grant", "open_hours", "busy"]
SUGGESTIONS = 3
SEARCHED_DAYS = 14


@dataclass(frozen=True, slots=True)
class Check:
    """One rule, about one participant or about the time itself."""

    rule: Rule
    ok: bool
    message: str
    participant: str | None = None

    def as_dict(self) -> dict[str, Any]:
        person = {} if self.participant is None else {"participant": self.participant}
        return {"rule": self.rule, **person, "ok": self.ok, "message": self.message}


def explain(
    tx: Transaction,
    configuration: Configuration,
    start: int,
    end: int | None = None,
    moving: Booking | None = None,
) -> dict[str, Any]:
    """Whether a slot from `start` (Unix seconds) is offered, every rule with its outcome, and what is next.

    Without `end` the length is the configuration's. `moving` is the booking to be rescheduled, if any.
    """
    length = configuration.duration * MINUTE
    asked_until = start + length if end is None else end
    people = whose_time_counts(configuration)
    checks = [
        *_about_the_time(tx, configuration, start, asked_until),
        *(check for person in people for check in _about(tx, configuration, person, start, moving)),
    ]
    offered = _offered(tx, configuration, start, asked_until, moving)
    return {
        "offered": offered,
        "summary": _summary(configuration, checks, offered),
        "configuration_id": configuration.id,
        "start_time": start,
        "end_time": asked_until,
        "timezone": configuration.timezone,
        "local_start": _local(start, configuration.timezone),
        "checks": [check.as_dict() for check in checks],
        "next_start_times": _next(tx, configuration, start, moving),
    }


def _offered(
    tx: Transaction, configuration: Configuration, start: int, end: int, moving: Booking | None
) -> bool:
    try:
        return slot_at(tx, configuration, start, end, moving) is not None
    except Refusal:
        return False


def _summary(configuration: Configuration, checks: list[Check], offered: bool) -> str:
    if offered:
        return "This time is offered."
    reasons = [check.message for check in checks if not check.ok]
    if not reasons:
        return "This time is not offered."
    nobody = "Nobody who could be the host is free. " if configuration.round_robin else ""
    return f"This time is not offered. {nobody}{' '.join(reasons)}"


def _about_the_time(tx: Transaction, configuration: Configuration, start: int, end: int) -> Iterator[Check]:
    zone = configuration.timezone
    minutes = (end - start) / MINUTE
    yield Check(
        "length",
        end - start == configuration.duration * MINUTE,
        f"The slot lasts {minutes:g} minutes; slots of this configuration last {configuration.duration}.",
    )
    yield _about_the_grid(tx, configuration, start)
    earliest = tx.now + configuration.notice * MINUTE
    yield Check(
        "notice",
        start >= earliest,
        f"It begins at {_local(start, zone)}; with a notice of {configuration.notice} minutes the earliest "
        f"that can be booked now is {_local(earliest, zone)}.",
    )
    today = local_day(zone, tx.now)
    last = _local(first_moment(zone, today + configuration.horizon_days), zone)[:10]
    yield Check(
        "horizon",
        local_day(zone, start) <= today + configuration.horizon_days,
        f"It is on {_local(start, zone)[:10]}; available_days_in_future is {configuration.horizon_days}, "
        f"so the last date that can be booked is {last}.",
    )


def _about_the_grid(tx: Transaction, configuration: Configuration, start: int) -> Check:
    origin = "the start of the window" if tx.dialect.slot_grid == "window_start" else "local midnight"
    rule = (
        f"slots start every {configuration.interval} minutes from {origin} in {configuration.timezone}, "
        f"rounded up to {configuration.round_to} minutes"
    )
    here = Window(asked=start, earliest=start, horizon=start + 1, end=start + 1)
    on_the_grid = start in starts_of(tx, configuration, here)
    where = "on the grid" if on_the_grid else "not on the grid"
    return Check("grid", on_the_grid, f"{_local(start, configuration.timezone)} is {where}: {rule}.")


def _about(
    tx: Transaction, configuration: Configuration, person: Participant, start: int, moving: Booking | None
) -> Iterator[Check]:
    end = start + configuration.duration * MINUTE
    if person.availability is not None:
        try:
            valid_grant(tx, person)
        except Refusal:
            yield Check("grant", False, f"{person.email} has no valid grant.", person.email)
            return
    yield _about_open_hours(configuration, person, start, end)
    busy = sorted(
        (busy_from, busy_until, event.title, event.start, event.end)
        for busy_from, busy_until, event in busy_events(tx, configuration, person, (start, end), moving)
        if busy_from < end and busy_until > start
    )
    if not busy:
        yield Check("busy", True, f"{person.email} has nothing else then.", person.email)
    zone = person.timezone or configuration.timezone
    for busy_from, busy_until, title, event_start, event_end in busy:
        before, after = (event_start - busy_from) // MINUTE, (busy_until - event_end) // MINUTE
        buffer = f", with buffers of {before} minutes before and {after} after" if before or after else ""
        when = f"{_local(event_start, zone)} to {_local(event_end, zone)}"
        yield Check("busy", False, f"{person.email} is busy: “{title}”, {when}{buffer}.", person.email)


def _about_open_hours(configuration: Configuration, person: Participant, start: int, end: int) -> Check:
    if person.availability is None:
        free = f"{person.email} has no availability in the configuration and counts as always free."
        return Check("open_hours", True, free, person.email)
    zone = person.timezone or configuration.timezone
    day = local_day(zone, start)
    morning, night = first_moment(zone, day), first_moment(zone, day + 1)
    around = open_times(configuration, person, min(morning, start), max(night, end))
    hours = " and ".join(f"{_local(one, zone)[11:16]} to {_local(two, zone)[11:16]}" for one, two in around)
    date = _local(start, zone)[:10]
    told = f"open on {date} from {hours} ({zone})" if hours else f"closed on {date} ({zone})"
    return Check("open_hours", covers(around, start, end), f"{person.email} is {told}.", person.email)


def _next(tx: Transaction, configuration: Configuration, start: int, moving: Booking | None) -> list[int]:
    """The next few times that are offered, from the one asked about on."""
    try:
        slots = time_slots(tx, configuration, start, start + SEARCHED_DAYS * DAY, moving)
    except Refusal:
        return []
    return [slot.start for slot in slots if slot.start > start][:SUGGESTIONS]


def _local(moment: int, zone: str) -> str:
    return (
        datetime.fromtimestamp(min(max(moment, EARLIEST), LATEST), UTC)
        .astimezone(ZoneInfo(zone))
        .strftime("%Y-%m-%d %H:%M")
    )
