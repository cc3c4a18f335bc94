"""Calendars seeded from .ics files are busy when recurring-ical-events says so."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.calendars import Calendar, Event
from mockserver.domain.storage import UndoLog
from mockserver.scenario.ics import IcsCalendar, parse_ics
from tests.scenario.calendars import vcalendar, vevent

OWN = "Europe/Berlin"
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago"]
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
FIRST = date(2026, 2, 20)
Times = list[tuple[int, int]]


def calendar_of(imported: IcsCalendar) -> Calendar:
    calendar = Calendar("c", "c", imported.zone, True, UndoLog())
    for plan in imported.events:
        start, end = plan.times(0)
        calendar.put(
            Event(
                plan.id or "",
                plan.title,
                start,
                end,
                status=plan.status,
                all_day=plan.all_day,
                recurrence=plan.recurrence,
                timezone=plan.start.zone,
            )
        )
    return calendar


@st.composite
def rules(draw: st.DrawFn, start: date) -> str:
    """Rules of which the start is an occurrence: whether it is one otherwise is undefined."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 3))}"]
    if frequency == "WEEKLY":
        days = draw(st.sets(st.sampled_from(WEEKDAYS), max_size=3)) | {WEEKDAYS[start.weekday()]}
        parts.append("BYDAY=" + ",".join(sorted(days)))
    elif frequency == "MONTHLY" and draw(st.booleans()):
        parts.append(f"BYDAY={(start.day - 1) // 7 + 1}{WEEKDAYS[start.weekday()]}")
    ending = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if ending == "COUNT":
        parts.append(f"COUNT={draw(st.integers(1, 12))}")
    elif ending == "UNTIL":
        until = datetime(start.year, start.month, start.day, 23, tzinfo=UTC)
        parts.append(f"UNTIL={until + timedelta(days=draw(st.integers(1, 80))):%Y%m%dT%H%M%SZ}")
    return "RRULE:" + ";".join(parts)


@st.composite
def series(draw: st.DrawFn, uid: str) -> list[str]:
    """An event, perhaps recurring, with exceptions and overrides. None lies where clocks change."""
    start = FIRST + timedelta(days=draw(st.integers(0, 60)))
    zone, hour = draw(st.sampled_from(ZONES)), draw(st.integers(5, 20))
    minute = draw(st.sampled_from([0, 15, 30]))

    def at(day: date, hour: int = hour) -> str:
        return f";TZID={zone}:{day:%Y%m%d}T{hour:02}{minute:02}00"

    lines = [f"DTSTART{at(start)}", f"DURATION:PT{draw(st.sampled_from([15, 30, 60, 150]))}M"]
    if not draw(st.booleans()):
        return [vevent(*lines, uid=uid)]
    lines.append(draw(rules(start)))
    # a date of its own has another hour than the rule's, so that the two are never one occurrence
    for days in draw(st.sets(st.integers(1, 60), max_size=2)):
        lines.append(f"RDATE{at(start + timedelta(days=days), hour - 4)}")
    instance = recurring_ical_events.of(icalendar.Calendar.from_ical(vcalendar(vevent(*lines, uid=uid))))
    days = sorted({each["DTSTART"].dt for each in instance.between(FIRST, FIRST + timedelta(days=120))})
    touched = draw(st.lists(st.sampled_from(days), max_size=4, unique=True)) if days else []
    parts = []
    for each in touched:
        text = f"{each.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}"
        if draw(st.booleans()):
            lines.append(f"EXDATE;TZID={zone}:{text}")
            continue
        moved = start + timedelta(days=draw(st.integers(0, 90)))
        status = draw(st.sampled_from(["CONFIRMED", "CANCELLED", "TENTATIVE"]))
        parts.append(
            vevent(
                f"RECURRENCE-ID;TZID={zone}:{text}",
                f"DTSTART;TZID={draw(st.sampled_from(ZONES))}:{moved:%Y%m%d}T100500",
                "DURATION:PT25M",
                f"STATUS:{status}",
                uid=uid,
            )
        )
    return draw(st.permutations([vevent(*lines, uid=uid), *parts]))


@st.composite
def files(draw: st.DrawFn) -> str:
    parts = [draw(series(f"{number}@example.com")) for number in range(draw(st.integers(1, 3)))]
    return vcalendar(*(each for part in parts for each in part))


def theirs(text: str, start: int, end: int) -> Times:
    window = [datetime.fromtimestamp(each, UTC) for each in (start, end)]
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(*window)
    return sorted(
        (int(each["DTSTART"].dt.timestamp()), int(each["DTEND"].dt.timestamp()))
        for each in found
        if each.get("STATUS") != "CANCELLED"
    )


def ours(text: str, start: int, end: int) -> Times:
    calendar = calendar_of(parse_ics(text.encode(), "f.ics", OWN, "UTC"))
    found = calendar.between(start, end)
    return sorted((each.start, each.end) for each in found if each.status != "cancelled")


@settings(max_examples=60, deadline=None)
@given(files(), st.integers(0, 90 * 24), st.integers(1, 40 * 24))
def test_busy_times_are_those_of_recurring_ical_events(text: str, after: int, hours: int) -> None:
    start = int(datetime(2026, 2, 15, tzinfo=UTC).timestamp()) + after * 3600
    end = start + hours * 3600

    assert ours(text, start, end) == theirs(text, start, end)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 60), st.integers(1, 3), st.data())
def test_days_are_those_of_recurring_ical_events(after: int, length: int, data: st.DataObject) -> None:
    start = FIRST + timedelta(days=after)
    rule = data.draw(rules(start))
    exdate = start + timedelta(days=data.draw(st.integers(1, 30)))
    until = start + timedelta(days=data.draw(st.integers(1, 30)))
    rule = rule.partition(";UNTIL")[0] + (f";UNTIL={until:%Y%m%d}" if "UNTIL" in rule else "")
    lines = [f"DTSTART;VALUE=DATE:{start:%Y%m%d}", f"DURATION:P{length}D", rule]
    text = vcalendar(vevent(*lines, f"EXDATE;VALUE=DATE:{exdate:%Y%m%d}"))

    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(FIRST, date(2026, 5, 1))
    begins = sorted(
        datetime.combine(each["DTSTART"].dt, datetime.min.time(), ZoneInfo(OWN)) for each in found
    )
    window = (
        datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(OWN)) for day in (FIRST, date(2026, 5, 1))
    )
    assert [begin for begin, _ in ours(text, *(int(each.timestamp()) for each in window))] == [
        int(each.timestamp()) for each in begins
    ]
