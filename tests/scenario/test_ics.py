"""Calendars seeded from .ics files: what becomes of every property, and what is refused."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from icalendar.timezone import tzp

from mockserver.domain.calendars import Event, Person
from tests.scenario.calendars import UNZONED, calendar_of, event_of, problems_of, vcalendar, vevent

DAY = 86_400
START = "DTSTART:20260303T100000Z"


def local(text: str, zone: str = "Europe/Berlin") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def vtimezone(name: str, *more: str) -> str:
    """A zone that has the rules of Berlin."""
    daylight = ["TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "DTSTART:19700329T020000"]
    standard = ["TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "DTSTART:19701025T030000"]
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}", *more, "BEGIN:DAYLIGHT", *daylight]
    lines += ["RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT", "BEGIN:STANDARD", *standard]
    return "\n".join([*lines, "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD", "END:VTIMEZONE"])


def test_an_event_has_what_the_file_says(tmp_path: Path) -> None:
    event = event_of(
        tmp_path,
        START,
        "DTEND:20260303T103000Z",
        "SUMMARY:Lunch\\, and",
        "  more",
        "LOCATION;LANGUAGE=en:Room 4",
        "DESCRIPTION:One\\nTwo",
        'ORGANIZER;CN="Bo: the boss":mailto:bo@example.com',
        "ATTENDEE;CN=Cy:MAILTO:cy@example.com",
        "ATTENDEE:urn:uuid:1",
    )

    assert (event.start, event.end) == (local("2026-03-03T11:00"), local("2026-03-03T11:30"))
    assert (event.title, event.location, event.description) == ("Lunch, and more", "Room 4", "One\nTwo")
    assert (event.busy, event.status, event.all_day, event.recurrence) == (True, "confirmed", False, ())
    assert event.organizer == Person("bo@example.com", "Bo: the boss")
    assert event.participants == (Person("cy@example.com", "Cy"),)
    assert event.ical_uid == "a@example.com"


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        (["DTSTART:20260303T100000Z"], "2026-03-03T11:00", "2026-03-03T11:00"),
        (["DTSTART:20260303T100000", "DURATION:PT45M"], "2026-03-03T10:00", "2026-03-03T10:45"),
        (
            ["DTSTART;TZID=America/New_York:20260310T090000", "DURATION:PT1H"],
            "2026-03-10T14:00",
            "2026-03-10T15:00",
        ),
        (
            ["DTSTART;TZID=Eastern Standard Time:20260310T090000", "DURATION:PT1H"],
            "2026-03-10T14:00",
            "2026-03-10T15:00",
        ),
        (
            ["DTSTART;TZID=/vendor.example/20260101_1/America/New_York:20260310T090000", "DURATION:PT1H"],
            "2026-03-10T14:00",
            "2026-03-10T15:00",
        ),
        (["DTSTART;VALUE=DATE:20260328"], "2026-03-28", "2026-03-29"),
        (["DTSTART:20260328", "DTEND:20260330"], "2026-03-28", "2026-03-30"),
        (["DTSTART:20260328", "DURATION:P3D"], "2026-03-28", "2026-03-31"),
        (["DTSTART:20260328", "DTEND:20260328"], "2026-03-28", "2026-03-29"),
        (["DTSTART:20260328T120000", "DURATION:P1D"], "2026-03-28T12:00", "2026-03-29T12:00"),
        (["DTSTART:20260328T120000", "DURATION:PT24H"], "2026-03-28T12:00", "2026-03-29T13:00"),
        (["DTSTART:20260329T023000", "DURATION:PT10M"], "2026-03-29T03:30", "2026-03-29T03:40"),
        (["DTSTART:20261025T023000", "DTEND:20261025T033000"], "2026-10-25T02:30", "2026-10-25T03:30"),
    ],
)
def test_when_an_event_takes_place(tmp_path: Path, lines: list[str], start: str, end: str) -> None:
    event = event_of(tmp_path, *lines)

    assert (event.start, event.end) == (local(start), local(end))
    assert event.all_day == ("T" not in start)


@pytest.mark.parametrize(
    ("line", "busy", "status"),
    [
        ("TRANSP:TRANSPARENT", False, "confirmed"),
        ("TRANSP:OPAQUE", True, "confirmed"),
        ("STATUS:TENTATIVE", True, "tentative"),
        ("STATUS:CANCELLED", True, "cancelled"),
        ("STATUS:CONFIRMED", True, "confirmed"),
        ("status:Tentative", True, "tentative"),
        ("X-COLOUR:red", True, "confirmed"),
    ],
)
def test_whether_an_event_blocks(tmp_path: Path, line: str, busy: bool, status: str) -> None:
    event = event_of(tmp_path, START, line)

    assert (event.busy, event.status) == (busy, status)


def test_zones_of_the_file_are_known_by_their_rules_or_by_what_they_say(tmp_path: Path) -> None:
    start = "DTSTART;TZID={}:20260330T090000"
    for name, zone in [
        (vtimezone("Ours"), "Europe/Berlin"),
        (vtimezone("Ours", "X-LIC-LOCATION:Asia/Tokyo"), "Asia/Tokyo"),
        (vtimezone('"(UTC+01:00) Berlin"').replace('"', ""), "Europe/Berlin"),
    ]:
        tzid = name.split("\n")[1].removeprefix("TZID:")
        event = vevent(start.format(f'"{tzid}"'), "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3")
        (found,) = calendar_of(tmp_path, vcalendar(name, event)).events
        assert (found.start, found.timezone) == (local("2026-03-30T09:00", zone), zone)


def test_one_name_may_mean_two_zones_in_two_files(tmp_path: Path) -> None:
    event = vevent("DTSTART;TZID=Ours:20260330T090000")
    berlin = vtimezone("Ours")
    kolkata = berlin.replace("+0100", "+0530").replace("+0200", "+0530")

    found = [
        calendar_of(tmp_path, vcalendar(zone, event)).events[0].start for zone in (berlin, kolkata, berlin)
    ]
    assert found == [local("2026-03-30T09:00", zone) for zone in ("Europe/Berlin", "Asia/Kolkata", "CET")]
    assert tzp.timezone("Ours") is None  # icalendar, which is everybody's, was told of none


def test_the_scenarios_zone_comes_before_that_of_the_file_and_that_before_utc(tmp_path: Path) -> None:
    event = vevent("DTSTART:20260303T100000")
    named = vcalendar("X-WR-TIMEZONE:Asia/Tokyo", event)

    for world, text, zone in [
        (None, named, "Europe/Berlin"),
        (UNZONED, named, "Asia/Tokyo"),
        (UNZONED, named.replace("Asia/Tokyo", "Tokyo Standard Time"), "Asia/Tokyo"),
        (UNZONED, vcalendar(event), "UTC"),
    ]:
        calendar = calendar_of(tmp_path, text, world) if world else calendar_of(tmp_path, text)
        (found,) = calendar.events
        assert (calendar.timezone, found.start) == (zone, local("2026-03-03T10:00", zone))


def starts(events: list[Event]) -> list[int]:
    return sorted(event.start for event in events if event.status != "cancelled")


def test_a_series_follows_its_rule_its_dates_and_its_exceptions(tmp_path: Path) -> None:
    calendar = calendar_of(
        tmp_path,
        vcalendar(
            vevent(
                "DTSTART;TZID=Europe/Berlin:20260326T090000",
                "DTEND;TZID=Europe/Berlin:20260326T093000",
                "RRULE:FREQ=DAILY;COUNT=6",
                "EXDATE:20260327T080000Z",
                "EXDATE;TZID=America/New_York:20260328T040000",
                "EXDATE;VALUE=DATE:20260331",
                "RDATE;TZID=Europe/Berlin:20260405T100000,20260406T100000",
                "RDATE:",
            )
        ),
    )

    found = calendar.between(local("2026-03-01"), local("2026-05-01"))
    days = ["03-26T09", "03-29T09", "03-30T09", "04-05T10", "04-06T10"]
    assert starts(found) == [local(f"2026-{day}:00") for day in days]
    assert {event.end - event.start for event in found} == {1800}


def test_days_recur_until_a_day(tmp_path: Path) -> None:
    calendar = calendar_of(
        tmp_path,
        vcalendar(
            vevent(
                "DTSTART;VALUE=DATE:20260302",
                "RRULE:FREQ=WEEKLY;UNTIL=20260315T230000Z",
                "EXDATE;TZID=Europe/Berlin:20260309T000000",
            )
        ),
    )

    assert starts(calendar.between(local("2026-03-01"), local("2026-05-01"))) == [local("2026-03-02")]


SERIES = vevent(
    "DTSTART;TZID=Europe/Berlin:20260302T090000",
    "DURATION:PT30M",
    "RRULE:FREQ=WEEKLY;COUNT=4",
    "SUMMARY:Weekly",
)


@pytest.mark.parametrize(
    "named", ["TZID=Europe/Berlin:20260309T090000", "X=1:20260309T080000Z", "VALUE=DATE:20260309"]
)
def test_an_override_takes_the_place_of_an_occurrence(tmp_path: Path, named: str) -> None:
    moved = vevent(f"RECURRENCE-ID;{named}", "DTSTART:20260310T130000Z", "DURATION:PT1H", "SUMMARY:Moved")
    calendar = calendar_of(tmp_path, vcalendar(moved, SERIES))

    found = calendar.between(local("2026-03-01"), local("2026-04-01"))
    expected = ["03-02T09", "03-10T14", "03-16T09", "03-23T09"]
    assert starts(found) == [local(f"2026-{day}:00") for day in expected]
    override = next(event for event in found if event.title == "Moved")
    master = next(event for event in calendar.events if event.recurrence)
    assert (override.id, override.master_event_id) == (f"{master.id}_20260309T080000Z", master.id)
    assert calendar.get(override.id) == override


def test_an_override_that_is_cancelled_frees_the_time(tmp_path: Path) -> None:
    off = vevent("RECURRENCE-ID:20260309T080000Z", "DTSTART:20260309T080000Z", "STATUS:CANCELLED")
    calendar = calendar_of(tmp_path, vcalendar(SERIES, off))

    found = calendar.between(local("2026-03-09"), local("2026-03-10"))
    assert [event.status for event in found] in ([], ["cancelled"])


def test_an_override_without_its_series_stands_alone(tmp_path: Path) -> None:
    (event,) = calendar_of(tmp_path, vcalendar(vevent("RECURRENCE-ID:20260309T080000Z", START))).events

    assert (event.start, event.recurrence, event.master_event_id) == (local("2026-03-03T11:00"), (), "")


def test_of_two_revisions_the_later_counts(tmp_path: Path) -> None:
    new, old = vevent(START, "SEQUENCE:10", "SUMMARY:new"), vevent(START, "SEQUENCE:9", "SUMMARY:old")

    for order in ([new, old], [old, new]):
        (event,) = calendar_of(tmp_path, vcalendar(*order)).events
        assert event.title == "new"


def test_ids_hang_on_the_uid_alone(tmp_path: Path) -> None:
    one, two = vevent(START, uid="one"), vevent(START, uid="two")
    ids = [event.id for event in calendar_of(tmp_path, vcalendar(one, two)).events]

    assert [event.id for event in calendar_of(tmp_path, vcalendar(two, one)).events] == ids[::-1]
    assert len(set(ids)) == 2
    assert {len(each) for each in ids} == {26}


def test_events_without_uid_are_kept_apart(tmp_path: Path) -> None:
    event = vevent(START).replace("UID:a@example.com\n", "")
    found = calendar_of(tmp_path, vcalendar(event, event)).events

    assert len({each.id for each in found}) == 2
    assert all(each.ical_uid for each in found)


def test_file_and_scenario_fill_one_calendar_together(tmp_path: Path) -> None:
    world = UNZONED.replace("cal.ics", "cal.ics, events: [{id: e1, at: 2026-03-03, all_day: true}]")
    text = vcalendar("X-WR-TIMEZONE:Asia/Tokyo", vevent(START))
    calendar = calendar_of(tmp_path, text, world)

    assert [event.start for event in calendar.events] == [
        local("2026-03-03", "Asia/Tokyo"),
        local("2026-03-03T11:00"),
    ]
    clash = world.replace("e1", calendar.events[1].id)
    (problem,) = problems_of(tmp_path, text, clash)
    assert "no id that an event of the file has" in problem.message


def test_bytes_of_a_character_may_be_folded_apart(tmp_path: Path) -> None:
    raw = vcalendar(vevent(START, "SUMMARY:Caf\u00e9")).encode().replace(b"\xc3\xa9", b"\xc3\r\n \xa9")
    (event,) = calendar_of(
        tmp_path, b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")
    ).events

    assert event.title == "Caf\u00e9"


@pytest.mark.parametrize(
    ("lines", "line", "name", "words"),
    [
        ([], 3, "DTSTART", "expected one"),
        (["DTSTART:tomorrow"], 5, "DTSTART", "not tomorrow"),
        (["DTSTART:20260230"], 5, "DTSTART", "expected times"),
        (["DTSTART:00010101T000000Z"], 5, "DTSTART", "a year from 1900"),
        (["DTSTART;TZID=Moon:20260303T100000"], 5, "DTSTART", "not Moon"),
        ([START, "DTEND:20260303T095959Z"], 6, "DTEND", "after its start"),
        ([START, "DTEND:20260304"], 6, "DTEND", "whichever DTSTART is"),
        ([START, "DURATION:-PT5M"], 6, "DURATION", "after its start"),
        ([START, "DURATION:soon"], 6, "DURATION", "PT45M"),
        ([START, "DURATION:P99999999999D"], 6, "DURATION", "PT45M"),
        ([START, "RRULE:FREQ=HOURLY"], 6, "RRULE", "FREQ: expected one of DAILY"),
        ([START, "SUMMARY:x", "RRULE:FREQ=DAILY;BYHOUR=9"], 7, "RRULE", "BYHOUR: expected only"),
        ([START, "RRULE:FREQ=DAILY;UNTIL=never"], 6, "RRULE", "UNTIL"),
        ([START, "DURATION:P400D", "RRULE:FREQ=DAILY"], 7, "RRULE", "at most 366 days"),
        ([START, "EXRULE:FREQ=DAILY"], 6, "EXRULE", "expected none"),
        ([START, "RRULE:FREQ=DAILY", "EXDATE:never"], 7, "EXDATE", "expected times"),
        ([START, "RDATE;VALUE=PERIOD:20260303T100000Z/PT1H"], 6, "RDATE", "expected times"),
        ([START, "RDATE:" + ",".join(["20260303"] * 5001)], 6, "RDATE", "at most 5,000 dates"),
        ([START, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T100000Z"], 6, "RECURRENCE-ID", "RANGE"),
        ([START, "RECURRENCE-ID:20260303T100000Z", "RRULE:FREQ=DAILY"], 7, "RRULE", "none beside"),
    ],
)
def test_what_cannot_be_followed_is_told_with_line_and_uid(
    tmp_path: Path, lines: list[str], line: int, name: str, words: str
) -> None:
    good = vevent(START, uid="good@example.com")
    (problem,) = problems_of(tmp_path, vcalendar(vevent(*lines), good))

    assert (Path(problem.file).name, problem.line) == ("cal.ics", line)
    assert problem.path == f'["a@example.com"].{name}'
    assert words in problem.message


def test_a_line_that_cannot_be_taken_apart_is_told(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, vcalendar(vevent("DTSTART;=:20260303T100000")))

    assert (problem.line, problem.path) == (5, "DTSTART")
    assert "NAME;KEY=word:value" in problem.message


def test_every_event_that_cannot_be_followed_is_told(tmp_path: Path) -> None:
    text = vcalendar(vevent(uid="one"), vevent("DTSTART:x", uid="two"), vevent(START, uid="three"))

    assert [each.path for each in problems_of(tmp_path, text)] == ["one.DTSTART", "two.DTSTART"]


def test_an_unknown_zone_of_the_file_matters_where_the_scenario_gives_none(tmp_path: Path) -> None:
    text = vcalendar("X-WR-TIMEZONE:Moon", vevent(START))

    assert calendar_of(tmp_path, text).timezone == "Europe/Berlin"
    (problem,) = problems_of(tmp_path, text, UNZONED)
    assert (problem.line, problem.path) == (3, "X-WR-TIMEZONE")
