"""What a calendar shows to somebody who looks at a stretch of time: its events, or only when it is taken.

Times are Unix seconds.
"""

from mockserver.domain.calendars import DAY, Calendar, Event
from mockserver.domain.intervals import Intervals, intersect, union
from mockserver.domain.world import Grant

LONG_WINDOW = 400 * DAY
"""A window that is longer than this, or open, is cut to the time in which the calendar has events."""
OCCURRENCES_AHEAD = 2 * 366 * DAY
"""In a window that is cut, recurring events are followed so far beyond now."""

TENTATIVE_HEEDED = ("microsoft", "ews")
"""Providers at which a caller may count tentative events as free (documented)."""


def events_within(calendar: Calendar, start: int | None, end: int | None, now: int) -> list[Event]:
    """The events of which any part lies between two times, cancelled ones included, sorted by start and id.

    None leaves a side open. Without any bound a recurring event is listed once, as itself; in a window its
    occurrences are.
    """
    if start is None and end is None:
        return sorted(calendar.events, key=place_in_list)
    start, end = _window(calendar, start, end, now)
    return sorted(calendar.between(start, end), key=place_in_list) if start < end else []


def place_in_list(event: Event) -> tuple[int, str]:
    """What lists of events are sorted by."""
    return event.start, event.id


def busy_times(grant: Grant, start: int, end: int, tentative_as_busy: bool, now: int) -> Intervals:
    """When the grant's primary calendar is taken between two times, merged and cut to the window.

    Tentative events count as free only where the caller says so and the provider heeds it.
    """
    calendar = grant.calendar("primary")
    if calendar is None:
        return []
    ignored = {"cancelled"}
    if not tentative_as_busy and grant.provider in TENTATIVE_HEEDED:
        ignored.add("tentative")
    taken = union(
        (event.start, event.end)
        for event in events_within(calendar, start, end, now)
        if event.busy and event.status not in ignored
    )
    return intersect(taken, [(start, end)])


def _window(calendar: Calendar, start: int | None, end: int | None, now: int) -> tuple[int, int]:
    """The bounds, near enough for a calendar to be asked: it looks at every day between them."""
    if start is not None and end is not None and end - start <= LONG_WINDOW:
        return start, end
    events = calendar.events
    first = min((event.start for event in events), default=now)
    last = max((event.end for event in events), default=now)
    if any(event.recurrence for event in events):
        last = max(last, now + OCCURRENCES_AHEAD)
    first, last = first - 1, last + 1  # an event without length lies inside too
    return first if start is None else max(start, first), last if end is None else min(end, last)
