"""When a participant is open: weekly blocks, specific dates, and the defaults of the configuration.

Documented under "manage availability"; `docs/availability.md` says what we decided where that is silent.
"""

from collections.abc import Sequence

from mockserver.domain.configuration import Configuration, OpenHours, Participant, SpecificTime
from mockserver.domain.intervals import Intervals, subtract, union
from mockserver.domain.wallclock import DAY, date_of, day_of, moments, stretches, weekday_of

ALWAYS = OpenHours(days=frozenset(range(7)), start=0, end=24 * 60, timezone=None, exdates=frozenset())


def open_times(configuration: Configuration, participant: Participant, start: int, end: int) -> Intervals:
    """When the participant is open between two Unix times; whoever has no `availability` always is."""
    if participant.availability is None:
        return [(start, end)]
    entries = _specific_entries(configuration, participant)
    open_by_entry = [
        piece
        for zone, entry in entries
        for piece in _wall_times(zone, day_of(entry.date), entry.start, entry.end)
    ]
    if configuration.only_specific_times or participant.only_specific_times:
        return _within(union(open_by_entry), start, end)
    weekly = union(
        piece
        for zone, block in _weekly_blocks(configuration, participant)
        for piece in _block_times(zone, block, start, end)
    )
    shut = union(
        piece for zone, entry in entries for piece in _wall_times(zone, day_of(entry.date), 0, 24 * 60)
    )
    return _within(union(subtract(weekly, shut) + open_by_entry), start, end)


def _weekly_blocks(configuration: Configuration, participant: Participant) -> list[tuple[str, OpenHours]]:
    """Blocks with their zones: the block's own, else the participant's, else the event's."""
    home = participant.timezone or configuration.timezone
    own = participant.availability.open_hours if participant.availability else ()
    if own:
        return [(block.timezone or home, block) for block in own]
    if configuration.default_open_hours:
        return [(configuration.timezone, block) for block in configuration.default_open_hours]
    return [(home, ALWAYS)]


def _specific_entries(
    configuration: Configuration, participant: Participant
) -> Sequence[tuple[str, SpecificTime]]:
    """Entries with their zones; on a date that the participant has entries for, the defaults give way."""
    home = participant.timezone or configuration.timezone
    own = [(entry.timezone or home, entry) for entry in participant.specific_times]
    dates = {entry.date for _, entry in own}
    defaults = [
        (entry.timezone or configuration.timezone, entry)
        for entry in configuration.default_specific_times
        if entry.date not in dates
    ]
    return own + defaults


def _block_times(zone: str, block: OpenHours, start: int, end: int) -> Intervals:
    found: Intervals = []
    for first, last, offset in stretches(zone, start, end):
        for day in range((first + offset) // DAY, (last - 1 + offset) // DAY + 1):
            if weekday_of(day) not in block.days or (block.exdates and date_of(day) in block.exdates):
                continue
            opens = max(day * DAY + block.start * 60 - offset, first)
            closes = min(day * DAY + block.end * 60 - offset, last)
            if opens < closes:
                found.append((opens, closes))
    return found


def _wall_times(zone: str, day: int, start_minute: int, end_minute: int) -> Intervals:
    if start_minute >= end_minute:
        return []
    return moments(zone, day * DAY + start_minute * 60, day * DAY + end_minute * 60)


def _within(times: Intervals, start: int, end: int) -> Intervals:
    return [(max(first, start), min(last, end)) for first, last in times if first < end and last > start]
