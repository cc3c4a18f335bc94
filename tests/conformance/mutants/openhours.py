"""Servers that are wrong about when somebody is open."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mockserver.domain import openhours
from mockserver.domain.wallclock import DAY, Stretch, date_of, offset_at, stretches, weekday_of
from tests.conformance.mutants import mutant, ran


@mutant("BK-AVAIL-007", kinds=["domain", "time"])
def monday_is_0() -> None:
    """Days of open hours are numbered from 0 = Monday."""

    def spoiled(day: int) -> int:
        ran()
        return (weekday_of(day) - 1) % 7

    openhours.weekday_of = spoiled


@mutant("BK-AVAIL-007", kinds=["domain"])
def open_every_day() -> None:
    """Open hours hold on all days, whichever they name."""
    _spoil_blocks(lambda zone, block: (zone, replace(block, days=frozenset(range(7)))))


@mutant("BK-AVAIL-007", kinds=["domain"])
def slots_reach_beyond_the_end() -> None:
    """A slot has to begin in open hours; it may end after them."""
    _spoil_blocks(lambda zone, block: (zone, replace(block, end=min(block.end + 150, 1440))))


@mutant("BK-AVAIL-007", kinds=["domain", "time"])
def hours_without_minutes() -> None:
    """The minutes of open hours are forgotten: 12:30 is 12."""
    _spoil_blocks(lambda zone, block: (zone, replace(block, start=block.start // 60 * 60)))


@mutant("BK-AVAIL-008", kinds=["domain"])
def default_hours_for_everybody() -> None:
    """The default open hours hold for participants with hours of their own as well."""
    blocks = openhours._weekly_blocks

    def spoiled(configuration: Any, participant: Any) -> Any:
        ran()
        defaults = [(configuration.timezone, each) for each in configuration.default_open_hours]
        return defaults or blocks(configuration, participant)

    openhours._weekly_blocks = spoiled


@mutant("BK-AVAIL-008", kinds=["domain"])
def own_hours_add_to_the_default() -> None:
    """A participant's own open hours are added to the default ones."""
    blocks = openhours._weekly_blocks

    def spoiled(configuration: Any, participant: Any) -> Any:
        ran()
        defaults = [(configuration.timezone, each) for each in configuration.default_open_hours]
        return blocks(configuration, participant) + defaults

    openhours._weekly_blocks = spoiled


@mutant("BK-AVAIL-009", kinds=["domain", "time"])
def zone_of_default_hours_counts() -> None:
    """Default open hours are meant in the time zone that they name, which is documented as ignored."""
    _spoil_blocks(lambda zone, block: (block.timezone or zone, block))


@mutant("BK-AVAIL-009", kinds=["domain", "time"])
def zone_of_a_block_is_ignored() -> None:
    """Open hours with a time zone of their own are meant in the participant's."""
    blocks = openhours._weekly_blocks

    def spoiled(configuration: Any, participant: Any) -> Any:
        ran()
        home = participant.timezone or configuration.timezone
        return [(home, block) for _, block in blocks(configuration, participant)]

    openhours._weekly_blocks = spoiled


@mutant("BK-AVAIL-009", kinds=["domain", "time"])
def zone_of_the_participant_is_ignored() -> None:
    """Open hours without a time zone are meant in the event's, even where the participant has another one."""
    blocks = openhours._weekly_blocks

    def spoiled(configuration: Any, participant: Any) -> Any:
        ran()
        return blocks(configuration, replace(participant, timezone=None))

    openhours._weekly_blocks = spoiled


@mutant("BK-AVAIL-009", kinds=["domain", "time"])
def hours_in_utc() -> None:
    """Open hours are meant in UTC."""
    _spoil_blocks(lambda zone, block: ("UTC", block))


@mutant("BK-AVAIL-010", kinds=["domain", "time"])
def offset_of_today() -> None:
    """The offset from UTC at the beginning of the window is kept for all of it."""

    def spoiled(zone: str, start: int, end: int) -> Iterator[Stretch]:
        ran()
        yield start, end, offset_at(zone, start)

    openhours.stretches = spoiled


@mutant("BK-AVAIL-010", kinds=["domain", "time"])
def clocks_change_a_day_late() -> None:
    """Open hours follow a change of the clocks only a day later."""

    def spoiled(zone: str, start: int, end: int) -> Iterator[Stretch]:
        ran()
        for first, last, offset in stretches(zone, start - DAY, end - DAY):
            yield first + DAY, last + DAY, offset

    openhours.stretches = spoiled


@mutant("BK-AVAIL-011", kinds=["domain"])
def exdates_are_ignored() -> None:
    """Open hours hold on the dates that they except."""
    _spoil_blocks(lambda zone, block: (zone, replace(block, exdates=frozenset())))


@mutant("BK-AVAIL-011", kinds=["domain", "time"])
def exdates_in_utc() -> None:
    """A date that is excepted is counted in UTC."""
    block_times = openhours._block_times

    def spoiled(zone: str, block: Any, start: int, end: int) -> Any:
        ran()
        found = []
        for first, last in block_times(zone, replace(block, exdates=frozenset()), start, end):
            for day in range(first // DAY, (last - 1) // DAY + 1):
                piece = max(first, day * DAY), min(last, (day + 1) * DAY)
                if date_of(day) not in block.exdates and piece[0] < piece[1]:
                    found.append(piece)
        return found

    openhours._block_times = spoiled


@mutant("BK-AVAIL-012", kinds=["domain"])
def specific_times_are_ignored() -> None:
    """Hours for a certain date have no effect."""
    _spoil_entries(lambda entries: [])


@mutant("BK-AVAIL-012", kinds=["domain"])
def specific_times_add_to_open_hours() -> None:
    """Hours for a certain date are added to its open hours instead of replacing them."""

    def spoiled(whole: Any, taken: Any) -> Any:
        ran()
        return whole

    openhours.subtract = spoiled


@mutant("BK-AVAIL-012", kinds=["domain"])
def specific_times_open_nothing() -> None:
    """Hours for a certain date close it, and that is all."""
    _spoil_entries(lambda entries: [(zone, replace(each, start=0, end=0)) for zone, each in entries])


@mutant("BK-AVAIL-012", kinds=["domain", "time"])
def midnight_to_midnight_is_all_day() -> None:
    """A date from 00:00 to 00:00 is open all day instead of closed."""
    _spoil_entries(
        lambda entries: [(zone, replace(each, end=each.end or DAY // 60)) for zone, each in entries]
    )


def _spoil_blocks(change: Any) -> None:
    blocks = openhours._weekly_blocks

    def spoiled(configuration: Any, participant: Any) -> Any:
        ran()
        return [change(zone, block) for zone, block in blocks(configuration, participant)]

    openhours._weekly_blocks = spoiled


def _spoil_entries(change: Any) -> None:
    entries = openhours._specific_entries

    def spoiled(configuration: Any, participant: Any) -> Any:
        ran()
        return change(entries(configuration, participant))

    openhours._specific_entries = spoiled
