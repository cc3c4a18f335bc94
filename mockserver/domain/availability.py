"""Free time to time slots. The one place that decides whether a slot may be had; booking asks it too.

Times are Unix seconds. The rules are documented ("availability" in the API reference); what was decided
where that is silent stands in `docs/availability.md`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

from mockserver.domain.calendars import CONFIGURATION_STAMP, Calendar, Event
from mockserver.domain.configuration import Configuration, Participant
from mockserver.domain.errors import refuse
from mockserver.domain.intervals import Intervals, covers, intersect, subtract, union
from mockserver.domain.openhours import open_times
from mockserver.domain.transaction import Transaction
from mockserver.domain.wallclock import DAY, first_moment, local_day, stretches
from mockserver.domain.world import Booking, Grant

MINUTE = 60

MOST_STARTS = 50_000
"""A window in which slots may start at more times than this is too long to be asked about at once (ours)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked, and the e-mails of those who are free then."""

    start: int
    end: int
    emails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """The time that may be offered: slots start from `earliest` until before `horizon`, and end by `end`."""

    asked: int
    earliest: int
    horizon: int
    end: int

    @property
    def empty(self) -> bool:
        return self.earliest >= min(self.end, self.horizon)


def time_slots(
    tx: Transaction, configuration: Configuration, start: int, end: int, moving: Booking | None = None
) -> list[Slot]:
    """The slots between two times, in order. The event of a booking that is being moved counts as free.

    Raises Refusal `no_valid_grant` when a participant's calendars cannot be read.
    """
    window = window_of(tx, configuration, start, end)
    people = whose_time_counts(configuration)
    for person in people:
        if person.availability is not None:
            valid_grant(tx, person)
    if window.empty:
        return []
    latest = min(window.end, window.horizon + configuration.duration * MINUTE)
    free = {
        person.email: subtract(
            open_times(configuration, person, window.earliest, latest),
            union(
                (busy_from, busy_until)
                for busy_from, busy_until, _ in busy_events(
                    tx, configuration, person, (window.earliest, latest), moving
                )
            ),
        )
        for person in people
    }
    if configuration.round_robin:
        return _anybody(tx, configuration, window, free)
    return _everybody(tx, configuration, window, free)


def slot_at(
    tx: Transaction, configuration: Configuration, start: int, end: int, moving: Booking | None = None
) -> Slot | None:
    """The slot with exactly these times, if it is offered."""
    if end - start != configuration.duration * MINUTE:
        return None
    slots = time_slots(tx, configuration, start, end, moving)
    return next((slot for slot in slots if slot.start == start), None)


def host_order(tx: Transaction, configuration: Configuration) -> list[str]:
    """The e-mails of round-robin hosts, whoever is next first: fewest events of this configuration.

    All events count that Scheduler stamped for it, past and future; ties keep the configuration's order.
    """

    def load(person: Participant) -> int:
        grant = tx.world.grant_of(person.email)
        calendar = grant.calendar(person.booking_calendar_id or "") if grant else None
        return calendar.stamped(configuration.id) if calendar else 0

    return [person.email for person in sorted(whose_time_counts(configuration), key=load)]


def valid_grant(tx: Transaction, participant: Participant) -> Grant:
    """The grant behind a participant's e-mail. Raises Refusal `no_valid_grant`."""
    grant = tx.world.grant_of(participant.email)
    if grant is None or grant.status != "valid":
        raise refuse("no_valid_grant", f"participants: expected {participant.email} to have a valid grant")
    return grant


def check_extent(tx: Transaction, configuration: Configuration, start: int, end: int) -> None:
    """Raise Refusal `invalid_query` for a window whose slots would keep everybody waiting.

    What lies before the notice or behind the horizon costs nothing and doesn't count.
    """
    window = window_of(tx, configuration, start, end)
    step = max(configuration.interval, configuration.round_to) * MINUTE
    starts = (min(window.end, window.horizon) - window.earliest) // step
    if starts > MOST_STARTS:
        days = MOST_STARTS * step // DAY
        raise refuse(
            "invalid_query", f"end_time: expected at most {days} days at a time, at steps of this length"
        )


def window_of(tx: Transaction, configuration: Configuration, start: int, end: int) -> Window:
    zone = configuration.timezone
    last_day = local_day(zone, tx.now) + configuration.horizon_days
    return Window(
        asked=start,
        earliest=max(start, tx.now + configuration.notice * MINUTE),
        horizon=first_moment(zone, last_day + 1),
        end=end,
    )


def whose_time_counts(configuration: Configuration) -> list[Participant]:
    """Round-robin: those who can be the host. Otherwise: those who have a calendar in this at all."""
    if configuration.round_robin:
        return [person for person in configuration.participants if person.booking_calendar_id]
    return [
        person for person in configuration.participants if person.availability or person.booking_calendar_id
    ]


def _everybody(
    tx: Transaction, configuration: Configuration, window: Window, free: dict[str, Intervals]
) -> list[Slot]:
    common = reduce(intersect, free.values())
    length = configuration.duration * MINUTE
    emails = tuple(free)
    starts = list(starts_of(tx, configuration, window))
    return [
        Slot(start, start + length, emails)
        for begin, until in common
        for start in starts[
            bisect_left(starts, begin) : bisect_right(starts, min(until, window.end) - length)
        ]
    ]


def _anybody(
    tx: Transaction, configuration: Configuration, window: Window, free: dict[str, Intervals]
) -> list[Slot]:
    length = configuration.duration * MINUTE
    slots = []
    for start in starts_of(tx, configuration, window):
        if start + length > window.end:
            continue
        emails = tuple(email for email, times in free.items() if covers(times, start, start + length))
        if emails:
            slots.append(Slot(start, start + length, emails))
    return slots


def busy_events(
    tx: Transaction,
    configuration: Configuration,
    person: Participant,
    span: tuple[int, int],
    moving: Booking | None = None,
) -> Iterator[tuple[int, int, Event]]:
    """What keeps the person busy in a span of time: from, until (buffers included), and the event."""
    before, after = configuration.buffer_before * MINUTE, configuration.buffer_after * MINUTE
    own = {place.event_id for place in moving.places} if moving else set()
    for event in _events(tx, configuration, person, (span[0] - after, span[1] + before)):
        blocks = event.busy and event.status != "cancelled" and event.end > event.start
        if blocks and event.id not in own:
            yield event.start - before, event.end + after, event


def _events(
    tx: Transaction,
    configuration: Configuration,
    person: Participant,
    span: tuple[int, int],
) -> Iterator[Event]:
    """What may keep the person busy: the calendars named for it, and what this configuration sold already.

    The latter matters for a host without `availability`, who is always free: a slot is sold only once.
    """
    looked_at: list[Calendar] = []
    grant = tx.world.grant_of(person.email)
    if person.availability is not None and grant is not None:
        for calendar_id in person.availability.calendar_ids:
            calendar = grant.calendar(calendar_id)
            if calendar is not None and calendar not in looked_at:
                looked_at.append(calendar)
                yield from calendar.between(*span)
    written = grant.calendar(person.booking_calendar_id or "") if grant else None
    if written is not None and written not in looked_at:
        sold = written.between(*span)
        yield from (event for event in sold if event.metadata.get(CONFIGURATION_STAMP) == configuration.id)


def starts_of(tx: Transaction, configuration: Configuration, window: Window) -> Iterator[int]:
    """Where slots may start in a window, in order, by the dialect's `slot_grid`."""
    if tx.dialect.slot_grid == "window_start":
        yield from _starts_from_window(configuration, window)
        return
    grid = _grid(configuration.interval * MINUTE, configuration.round_to * MINUTE)
    for first, last, offset in stretches(
        configuration.timezone, window.earliest, min(window.end, window.horizon)
    ):
        for day in range((first + offset) // DAY, (last - 1 + offset) // DAY + 1):
            midnight = day * DAY - offset
            for seconds in grid[bisect_left(grid, first - midnight) : bisect_left(grid, last - midnight)]:
                yield midnight + seconds


@lru_cache(maxsize=256)
def _grid(interval: int, round_to: int) -> Sequence[int]:
    """Seconds since midnight at which slots start on any day, each multiple of the interval rounded up."""
    rounded = {-(-start // round_to) * round_to for start in range(0, DAY, interval)}
    return sorted(start for start in rounded if start < DAY)


def _starts_from_window(configuration: Configuration, window: Window) -> Iterator[int]:
    """The grid counted from the start of the window; like any other, each start is rounded up."""
    round_to, interval = configuration.round_to * MINUTE, configuration.interval * MINUTE
    latest = min(window.end, window.horizon)
    skipped = max(0, window.earliest - 2 * DAY - window.asked) // interval
    previous = None
    for point in range(window.asked + skipped * interval, latest, interval):
        start = _rounded_up(configuration.timezone, point, round_to)
        if window.earliest <= start < latest and start != previous:
            yield start
        previous = start


def _rounded_up(zone: str, moment: int, round_to: int) -> int:
    """The next moment at which the wall clock shows a multiple of `round_to` since midnight, or midnight."""
    for first, last, offset in stretches(zone, moment, moment + 3 * DAY):
        since_midnight = (first + offset) % DAY
        start = first + min(-since_midnight % round_to, DAY - since_midnight)
        if start < last:
            return start
    raise AssertionError(f"{zone} has no midnight within three days of {moment}")
