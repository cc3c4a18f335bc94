"""Servers that are wrong about slots and busy times."""

from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from flask import request

from mockserver.api import availability as view
from mockserver.domain import availability
from mockserver.domain.availability import MINUTE, Slot
from mockserver.domain.calendars import CONFIGURATION_STAMP
from mockserver.domain.wallclock import offset_at
from tests.conformance.mutants import mutant, ran

HOUR = 3600
A_MONTH = 31 * 24 * HOUR
STANDING = ["BK-AVAIL-014", "BK-MOVE-002", "BK-MOVE-003", "BK-MOVE-012", "BK-PEND-004"]
_asked: ContextVar[bool] = ContextVar("asked", default=False)
"""Whether it is availability that is asked for, and not a booking."""


@mutant("BK-AVAIL-001", kinds=["envelope"])
def no_list_where_nothing_is_free() -> None:
    """Where nothing is free the answer has no `time_slots`, neither empty nor null."""
    enveloped = view.enveloped

    def spoiled(content: Any, status: int = 200) -> Any:
        data = content.get("data", {})
        if data.get("time_slots") == []:
            ran()
            content = {"data": {key: value for key, value in data.items() if key != "time_slots"}}
        return enveloped(content, status)

    view.enveloped = spoiled


@mutant("BK-AVAIL-002", kinds=["domain"])
def slots_that_end_after_the_window() -> None:
    """A slot that begins in the window is offered even though it ends after it."""
    _widen(0, 1)


@mutant("BK-AVAIL-002", kinds=["domain"])
def slots_that_began_before_the_window() -> None:
    """A slot that ends in the window is offered even though it begins before it."""
    _widen(1, 0)


@mutant("BK-AVAIL-003", kinds=["domain", "time"])
def slots_last_by_the_wall_clock() -> None:
    """A slot over a change of the clocks lasts an hour more or less."""

    def change(tx: Any, configuration: Any, slot: Slot) -> Slot:
        zone = configuration.timezone
        changed = offset_at(zone, slot.end) - offset_at(zone, slot.start)
        if changed:
            ran()
        return replace(slot, end=slot.end - changed)

    _spoil_slots(change)


@mutant("BK-AVAIL-003", kinds=["domain"])
def slots_last_an_interval() -> None:
    """A slot ends where the next one begins, not after the configuration's duration."""

    def change(tx: Any, configuration: Any, slot: Slot) -> Slot:
        ran()
        return replace(slot, end=slot.start + configuration.interval * MINUTE)

    _spoil_slots(change)


@mutant("BK-AVAIL-004", kinds=["domain"])
def a_window_without_an_end() -> None:
    """A window without an end lasts a day."""
    query_time = view.query_time

    def spoiled(name: str) -> int:
        if name == "end_time" and name not in request.args:
            ran()
            return query_time("start_time") + 24 * HOUR
        return query_time(name)

    view.query_time = spoiled


@mutant("BK-AVAIL-005", "BK-AUTH-002", kinds=["auth"])
def no_availability_by_slug() -> None:
    """Availability is not answered where a slug names the configuration."""
    configuration_for = view.configuration_for

    def spoiled(tx: Any, credentials: Any) -> Any:
        if credentials.slug is not None:
            ran()
            credentials = replace(credentials, slug=None)
        return configuration_for(tx, credentials)

    view.configuration_for = spoiled


@mutant("BK-AVAIL-013", also=["BK-AVAIL-023", "BK-RR-002"], kinds=["domain"])
def only_bookings_make_busy() -> None:
    """Only what was booked takes time; other events in a calendar don't."""

    def change(configuration: Any, found: Any) -> Any:
        ran()
        return [each for each in found if each[2].metadata.get(CONFIGURATION_STAMP) == configuration.id]

    _spoil_busy(change)


@mutant("BK-AVAIL-013", also=["BK-AVAIL-014"], kinds=["domain", "time"])
def events_an_hour_off_in_summer() -> None:
    """Events in summer time are taken for an hour later than they are."""

    def change(configuration: Any, found: Any) -> Any:
        for start, end, event in found:
            summer = offset_at(configuration.timezone, start) - offset_at(configuration.timezone, 0)
            if summer:
                ran()
            yield start + summer, end + summer, event

    _spoil_busy(change)


@mutant("BK-AVAIL-014", kinds=["domain"])
def no_buffer_before() -> None:
    """The buffer before an event isn't kept."""

    def change(configuration: Any, found: Any) -> Any:
        ran()
        return [(event.start, end, event) for _, end, event in found]

    _spoil_busy(change)


@mutant("BK-AVAIL-014", kinds=["domain"])
def buffers_swapped() -> None:
    """The buffer that is meant for before an event is kept after it, and the other way round."""

    def change(configuration: Any, found: Any) -> Any:
        ran()
        before, after = configuration.buffer_after * MINUTE, configuration.buffer_before * MINUTE
        return [(event.start - before, event.end + after, event) for _, _, event in found]

    _spoil_busy(change)


@mutant("BK-AVAIL-014", kinds=["domain", "time"])
def buffers_in_seconds() -> None:
    """Buffers are taken for seconds."""

    def change(configuration: Any, found: Any) -> Any:
        ran()
        before, after = configuration.buffer_before, configuration.buffer_after
        return [(event.start - before, event.end + after, event) for _, _, event in found]

    _spoil_busy(change)


@mutant("BK-AVAIL-015", kinds=["domain"])
def slots_at_every_quarter_of_an_hour() -> None:
    """Slots begin at every multiple of `round_to`, whatever the interval is."""
    grid = availability._grid

    def spoiled(interval: int, round_to: int) -> Any:
        ran()
        return grid(round_to, round_to)

    availability._grid = spoiled


@mutant("BK-AVAIL-016", kinds=["domain", "time"])
def notice_in_seconds() -> None:
    """The notice for booking is taken for seconds."""
    window_of = availability.window_of

    def spoiled(tx: Any, configuration: Any, start: int, end: int) -> Any:
        ran()
        window = window_of(tx, configuration, start, end)
        return replace(window, earliest=max(start, tx.now + configuration.notice))

    availability.window_of = spoiled


@mutant("BK-AVAIL-017", kinds=["domain"])
def a_month_too_many() -> None:
    """Slots are offered for a month after the last day that can be booked."""
    window_of = availability.window_of

    def spoiled(tx: Any, configuration: Any, start: int, end: int) -> Any:
        ran()
        window = window_of(tx, configuration, start, end)
        return replace(window, horizon=window.horizon + A_MONTH)

    availability.window_of = spoiled


@mutant("BK-AVAIL-018", also=["BK-RR-002", "BK-RR-004"], kinds=["domain"])
def somebody_else_in_slots() -> None:
    """Slots name somebody who isn't in the configuration."""

    def change(tx: Any, configuration: Any, slot: Slot) -> Slot:
        ran()
        return replace(slot, emails=(*slot.emails, tx.world.grants[next(iter(tx.world.grants))].email))

    _spoil_slots(change)


@mutant(
    "BK-AVAIL-020",
    also=[*STANDING, "BK-CANCEL-007", "BK-MOVE-007", "BK-RR-004", "BK-RR-006"],
    kinds=["domain"],
)
def booked_slots_stay_on_offer() -> None:
    """Availability doesn't look at what was booked; booking does."""

    def change(configuration: Any, found: Any) -> Any:
        if not _asked.get():
            return found
        ran()
        return [each for each in found if each[2].metadata.get(CONFIGURATION_STAMP) != configuration.id]

    _spoil_busy(change)
    _note_asking()


@mutant("BK-AVAIL-020", also=[*STANDING, "BK-RR-004"], kinds=["domain"])
def only_the_slot_itself_disappears() -> None:
    """What overlaps a booked slot stays on offer."""
    time_slots = view.time_slots

    def spoiled(tx: Any, configuration: Any, start: int, end: int, moving: Any = None) -> Any:
        found = time_slots(tx, configuration, start, end, moving)
        ran()
        starts = {each.start for each in found}
        sold = {
            each.start for each in tx.world.bookings.values() if each.configuration_id == configuration.id
        }
        token = _asked.set(True)
        try:
            whole = time_slots(tx, configuration, start, end, moving)
        finally:
            _asked.reset(token)
        return [each for each in whole if each.start in starts or each.start not in sold]

    def change(configuration: Any, found: Any) -> Any:
        if not _asked.get():
            return found
        return [each for each in found if each[2].metadata.get(CONFIGURATION_STAMP) != configuration.id]

    _spoil_busy(change)
    view.time_slots = spoiled


@mutant("BK-AVAIL-021", also=["BK-PEND-009", "BK-PEND-016"], kinds=["domain"])
def cancelled_bookings_keep_their_time() -> None:
    """The slot of a cancelled booking isn't offered again."""
    time_slots = view.time_slots

    def spoiled(tx: Any, configuration: Any, start: int, end: int, moving: Any = None) -> Any:
        cancelled = [
            each
            for each in tx.world.bookings.values()
            if each.status == "cancelled" and each.configuration_id == configuration.id
        ]
        found = time_slots(tx, configuration, start, end, moving)
        left = [
            slot
            for slot in found
            if not any(slot.start < each.end and each.start < slot.end for each in cancelled)
        ]
        if len(left) < len(found):
            ran()
        return left

    view.time_slots = spoiled


@mutant("BK-AVAIL-022", also=["BK-RR-008"], kinds=["domain"])
def its_own_time_is_taken() -> None:
    """Asked with a booking's id, its own time isn't offered."""
    time_slots = view.time_slots

    def spoiled(tx: Any, configuration: Any, start: int, end: int, moving: Any = None) -> Any:
        if moving is not None:
            ran()
        return time_slots(tx, configuration, start, end)

    view.time_slots = spoiled


@mutant("BK-AVAIL-023", kinds=["domain"])
def the_organizer_is_enough() -> None:
    """Where everybody has to be there, only the first participant's calendar is looked at."""
    everybody = availability._everybody

    def spoiled(tx: Any, configuration: Any, window: Any, free: Any) -> Any:
        ran()
        first = next(iter(free))
        return everybody(tx, configuration, window, dict.fromkeys(free, free[first]))

    availability._everybody = spoiled


def _widen(before: int, after: int) -> None:
    """Show slots that reach beyond the window by a part of themselves."""
    time_slots = view.time_slots

    def spoiled(tx: Any, configuration: Any, start: int, end: int, moving: Any = None) -> Any:
        length = configuration.duration * MINUTE - 1
        found = time_slots(tx, configuration, start - before * length, end + after * length, moving)
        if any(each.start < start or each.end > end for each in found):
            ran()
        return found

    view.time_slots = spoiled


def _spoil_slots(change: Any) -> None:
    time_slots = view.time_slots

    def spoiled(tx: Any, configuration: Any, start: int, end: int, moving: Any = None) -> Any:
        found = time_slots(tx, configuration, start, end, moving)
        return [change(tx, configuration, each) for each in found]

    view.time_slots = spoiled


def _spoil_busy(change: Any) -> None:
    busy_events = availability.busy_events

    def spoiled(
        tx: Any, configuration: Any, person: Any, span: Any, moving: Any = None
    ) -> Iterator[tuple[int, int, Any]]:
        wide = span[0] - HOUR, span[1] + HOUR
        yield from change(configuration, list(busy_events(tx, configuration, person, wide, moving)))

    availability.busy_events = spoiled


def _note_asking() -> None:
    """Let rules know that it is availability that is asked for."""
    time_slots = view.time_slots

    def noting(*about: Any) -> Any:
        token = _asked.set(True)
        try:
            return time_slots(*about)
        finally:
            _asked.reset(token)

    view.time_slots = noting
