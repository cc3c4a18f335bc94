"""Events of calendar files as the plan of a calendar has them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from icalendar.prop import vDuration

from mockserver.domain.calendars import OCCURRENCE_STAMP, EventStatus, Person
from mockserver.domain.ids import EVENT_ALPHABET
from mockserver.domain.recurrence import MOST_OCCURRENCES, RecurrenceError
from mockserver.scenario.ics_lines import Component, IcsError, Property
from mockserver.scenario.ics_times import When, Zones
from mockserver.scenario.plan import EventPlan
from mockserver.scenario.recurring import check_lines
from mockserver.scenario.times import MIDNIGHT, Moment

LONGEST_DAYS = 36_600
ID_LENGTH = 26

_EMAIL = re.compile(r'(?:mailto:)?([^@\s<>"]+@[^@\s<>"]+)', re.IGNORECASE)
_STATUSES: dict[str, EventStatus] = {"TENTATIVE": "tentative", "CANCELLED": "cancelled"}


def event_id(uid: str) -> str:
    """An id in the manner of the providers, always the same for a UID."""
    number = int.from_bytes(sha256(uid.encode()).digest())
    return "".join(EVENT_ALPHABET[number >> 5 * place & 31] for place in range(ID_LENGTH))


def read_series(master: Component, overrides: Sequence[Component], zones: Zones, uid: str) -> list[EventPlan]:
    """An event, and what takes the place of some of its occurrences. Raises IcsError."""
    start = _start(master, zones)
    changed = [(each, _replaced(each, start, zones)) for each in overrides]
    lines = _lines(master, start, zones)
    recurs = any(not line.startswith("EXDATE") for line in lines)
    if recurs and changed:
        lines.append("EXDATE:" + ",".join(at.written(start.zone, start.whole_day) for _, at in changed))
    plan = replace(_plan(master, start, zones, uid), recurrence=tuple(lines) if recurs else ())
    if recurs:
        _check(master, plan)
    return [plan, *(_override(each, at, zones, uid, start, recurs) for each, at in changed)]


def read_orphan(override: Component, zones: Zones, uid: str) -> EventPlan:
    """A changed occurrence whose series the file does not have: somebody was invited to that one only."""
    start = _start(override, zones)
    return _override(override, _replaced(override, start, zones), zones, uid, start, recurs=False)


def _override(override: Component, at: When, zones: Zones, uid: str, series: When, recurs: bool) -> EventPlan:
    for name in ("RRULE", "RDATE"):
        if (extra := override.first(name)) is not None:
            raise IcsError(extra.line, name, "expected none beside RECURRENCE-ID")
    if at.whole_day and not series.whole_day:
        at = replace(series, wall=datetime.combine(at.wall.date(), series.wall.time()))
    stamp = datetime.fromtimestamp(at.seconds, UTC).strftime(OCCURRENCE_STAMP)
    plan = _plan(override, _start(override, zones), zones, uid)
    return replace(plan, id=f"{event_id(uid)}_{stamp}", master=event_id(uid) if recurs else "")


def _replaced(override: Component, series: When, zones: Zones) -> When:
    """Which occurrence an override takes the place of."""
    given = override.first("RECURRENCE-ID")
    assert given is not None  # noqa: S101 - it is what makes it an override
    if given.parameters.get("RANGE"):
        raise IcsError(given.line, given.name, "expected it without RANGE, which is not followed")
    at = zones.when(given)
    return replace(at, zone=series.zone) if at.whole_day else at


def _plan(event: Component, start: When, zones: Zones, uid: str) -> EventPlan:
    organizer = event.first("ORGANIZER")
    return EventPlan(
        id=event_id(uid),
        title=event.text("SUMMARY"),
        start=_moment(start),
        end=_end(event, start, zones),
        minutes=0,
        all_day=start.whole_day,
        busy=event.text("TRANSP").upper() != "TRANSPARENT",
        status=_STATUSES.get(event.text("STATUS").upper(), "confirmed"),
        ical_uid=event.text("UID"),
        description=event.text("DESCRIPTION"),
        location=event.text("LOCATION"),
        organizer=_person(organizer) if organizer is not None else None,
        participants=tuple(filter(None, map(_person, event.properties.get("ATTENDEE", ())))),
    )


def _start(event: Component, zones: Zones) -> When:
    given = event.first("DTSTART")
    if given is None:
        raise IcsError(event.line, "DTSTART", "expected one")
    return zones.when(given)


def _end(event: Component, start: When, zones: Zones) -> Moment:
    """When it ends; all day, its last day. Without DTEND and DURATION a day, or no time at all."""
    end, problem = start, event.first("DTEND") or event.first("DURATION")
    if problem is None:
        return _moment(start)
    if problem.name == "DTEND":
        end = zones.when(problem)
        if end.whole_day != start.whole_day:
            raise IcsError(problem.line, problem.name, "expected a date or a time, whichever DTSTART is")
        seconds = end.seconds
    else:
        length = _duration(problem)
        if start.whole_day or "T" not in problem.value.upper():
            end = replace(start, wall=start.wall + timedelta(days=length.days))
            seconds = end.seconds
        else:
            seconds = start.seconds + int(length.total_seconds())
    if not 0 <= seconds - start.seconds <= LONGEST_DAYS * 86_400:
        message = f"expected the event to end after its start, and within {LONGEST_DAYS:,} days"
        raise IcsError(problem.line, problem.name, message)
    if start.whole_day:
        return _moment(replace(end, wall=max(start.wall, end.wall - timedelta(days=1))))
    return Moment("instant", seconds, MIDNIGHT, start.zone)


def _duration(given: Property) -> timedelta:
    try:
        length: timedelta = vDuration.from_ical(given.value.strip().upper())  # type: ignore[no-untyped-call]
        if abs(length.days) <= LONGEST_DAYS:
            return length
    except (ValueError, OverflowError):
        pass
    message = f"expected a duration such as PT45M or P1D, of at most {LONGEST_DAYS:,} days"
    raise IcsError(given.line, given.name, message)


def _moment(when: When) -> Moment:
    if when.whole_day:
        return Moment("date", when.wall.toordinal(), MIDNIGHT, when.zone)
    return Moment("instant", when.seconds, MIDNIGHT, when.zone)


def _lines(event: Component, start: When, zones: Zones) -> list[str]:
    """RRULE, RDATE and EXDATE with their times in the zone of the event."""
    for given in event.properties.get("EXRULE", ()):
        raise IcsError(given.line, given.name, "expected none; exceptions are followed as EXDATE only")
    lines = [_rule(given.value, start) for given in event.properties.get("RRULE", ())]
    dates = 0
    for name in ("RDATE", "EXDATE"):
        for given in event.properties.get(name, ()):
            dates += given.value.count(",") + 1
            if dates > MOST_OCCURRENCES:
                raise IcsError(given.line, name, f"expected at most {MOST_OCCURRENCES:,} dates beside a rule")
            if not given.value.strip():
                continue  # some calendars write it empty
            texts = (when.written(start.zone, start.whole_day) for when in zones.whens(given))
            lines.append(f"{name}:{','.join(texts)}")
    return lines


def _rule(value: str, start: When) -> str:
    """A rule; the end of one for days is a day, whatever the file has."""
    rule = value.strip().upper()
    if start.whole_day:
        rule = re.sub(r"(UNTIL=\d{8})T\d{6}Z?", r"\1", rule)
    return f"RRULE:{rule}"


def _check(event: Component, plan: EventPlan) -> None:
    try:
        check_lines(plan.recurrence, *plan.times(0), plan.start.zone, plan.all_day)
    except RecurrenceError as error:
        given = event.first("RRULE") or event.first("RDATE")
        line = event.line if given is None else given.line
        raise IcsError(line, "" if given is None else given.name, str(error)) from error


def _person(given: Property) -> Person | None:
    found = _EMAIL.fullmatch(given.value.strip())
    if found is None or len(found[1]) > 254:
        return None
    return Person(found[1], given.parameters.get("CN", ""))
