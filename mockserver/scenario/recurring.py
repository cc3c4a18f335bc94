"""How often an event of a scenario takes place: lines of iCalendar, checked before they are followed."""

import re
from collections.abc import Sequence

from mockserver.domain.recurrence import RecurrenceError, check_recurrence

MOST_RECURRING = 2_000
"""As many events of a scenario may recur, and as many of a calendar file."""
LONGEST = 366 * 86_400
"""The longest event that may recur, in seconds: so much before a window has to be looked through."""

_BARE = re.compile(r"[A-Z]+=", re.IGNORECASE)
_ZONED = re.compile(r"[^:]*;\s*TZID\s*=", re.IGNORECASE)


def plain_line(text: str) -> str:
    """The line as it is kept: a bare `FREQ=…` becomes an RRULE. Raises RecurrenceError."""
    line = text.strip()
    if _BARE.match(line):
        return f"RRULE:{line}"
    if _ZONED.match(line):
        raise RecurrenceError("expected no TZID; times are those of the event's zone, or in UTC with a Z")
    return line


def check_lines(lines: Sequence[str], start: int, end: int, zone: str, whole_days: bool) -> None:
    """Raise RecurrenceError unless an event from `start` to `end` (Unix seconds) can recur like that."""
    if end - start > LONGEST:
        raise RecurrenceError("expected an event of at most 366 days, as it recurs")
    check_recurrence(tuple(lines), start, zone, whole_days)
