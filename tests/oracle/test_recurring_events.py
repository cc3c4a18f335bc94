"""Events that recur where clocks change, worked by hand, for both the mock and the oracle."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.oracle.examples import body, half_hours, hours, offered, organizer, world
from tests.oracle.mocks import Traveller

NEW_YORK = "America/New_York"
NIGHT = half_hours("00:00", "03:30")
SPRING, AUTUMN = "2026-03-08", "2026-11-01"
OPEN = {
    "2026-03-07": NIGHT,
    SPRING: [*half_hours("00:00", "01:30"), "03:00", "03:30"],
    AUTUMN: [*half_hours("00:00", "01:30"), *half_hours("01:00", "03:30")],
}


def taken(mock: Traveller, zone: str, day: str, event: dict[str, Any]) -> list[str]:
    """Which half hours between midnight and four are not on offer, as compared with those without event."""
    configuration = body(organizer(hours("0:00", "4:00")), zone=zone)
    now = f"{date.fromisoformat(day) - timedelta(days=3)}T00:00:00Z"
    free, left = (
        offered(mock, world(configuration, {"alice": events}, now=now, calendar_zone=zone), day, zone)
        for events in ([], [event])
    )
    for slot in left:
        free.remove(slot)
    return free


@pytest.mark.parametrize(
    ("start", "lines", "day", "busy"),
    [
        # 2:30 never comes on 8 March: it takes place at 3:30
        ("2026-03-01T02:30-05:00", ["FREQ=DAILY"], SPRING, ["03:30"]),
        ("2026-03-01T02:30-05:00", ["FREQ=DAILY"], "2026-03-07", ["02:30"]),
        # ... which is 7:30 UTC, also where UTC excepts it or says until when
        ("2026-03-01T02:30-05:00", ["RRULE:FREQ=DAILY", "EXDATE:20260308T073000Z"], SPRING, []),
        ("2026-03-01T02:30-05:00", ["RRULE:FREQ=DAILY", "EXDATE:20260308T023000"], SPRING, []),
        ("2026-03-01T02:30-05:00", ["RRULE:FREQ=DAILY", "EXDATE:20260308"], SPRING, []),
        ("2026-03-01T02:30-05:00", ["RRULE:FREQ=DAILY;UNTIL=20260308T072900Z"], SPRING, []),
        ("2026-03-01T02:30-05:00", ["RRULE:FREQ=DAILY;UNTIL=20260308T073000Z"], SPRING, ["03:30"]),
        # 1:30 comes twice on 1 November: the first is meant, at 5:30 UTC
        ("2026-10-25T01:30-04:00", ["FREQ=DAILY"], AUTUMN, ["01:30"]),
        ("2026-10-25T01:30-04:00", ["RRULE:FREQ=DAILY", "EXDATE:20261101T053000Z"], AUTUMN, []),
        ("2026-10-25T01:30-04:00", ["RRULE:FREQ=DAILY", "EXDATE:20261101T063000Z"], AUTUMN, ["01:30"]),
        ("2026-10-25T01:30-04:00", ["RRULE:FREQ=DAILY;UNTIL=20261101T061500Z"], AUTUMN, ["01:30"]),
        # the second takes place if it is named
        (
            "2026-10-25T01:30-04:00",
            ["RRULE:FREQ=DAILY", "RDATE:20261101T063000Z"],
            AUTUMN,
            ["01:30", "01:30"],
        ),
        # COUNT counts what is excepted
        ("2026-03-05T02:00-05:00", ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260306"], "2026-03-07", ["02:00"]),
        ("2026-03-05T02:00-05:00", ["RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260306"], "2026-03-07", []),
    ],
)
def test_wall_time_and_moments(
    traveller: Traveller, start: str, lines: list[str], day: str, busy: list[str]
) -> None:
    event = {"at": f"{start[:16]}:00{start[16:]}", "duration": 30, "recurrence": lines}
    assert taken(traveller, NEW_YORK, day, event) == busy


def test_the_event_itself_takes_place_when_it_says(traveller: Traveller) -> None:
    """In the second 1:30; those that follow are at 1:30 too."""
    event = {"at": "2026-11-01T06:30:00Z", "duration": 60, "recurrence": "FREQ=DAILY"}
    configuration = body(organizer(hours("1:00", "3:00")), zone=NEW_YORK)
    left = world(configuration, {"alice": [event]}, now="2026-10-31T00:00:00Z", calendar_zone=NEW_YORK)
    assert offered(traveller, left, AUTUMN, NEW_YORK) == ["01:00", "01:30", "01:00", "02:30"]
    assert offered(traveller, left, "2026-11-02", NEW_YORK) == ["01:00", "02:30"]


def test_whole_days_begin_at_midnight_though_the_first_has_none(traveller: Traveller) -> None:
    """Havana's 9 March 2025 begins at one."""
    event = {"all_day": True, "at": "2025-03-09", "recurrence": "FREQ=DAILY;UNTIL=20250310"}
    assert taken(traveller, "America/Havana", "2025-03-08", event) == []
    assert taken(traveller, "America/Havana", "2025-03-09", event) == half_hours("01:00", "03:30")
    assert taken(traveller, "America/Havana", "2025-03-10", event) == NIGHT
    assert taken(traveller, "America/Havana", "2025-03-11", event) == []


def test_a_whole_day_ends_at_midnight_however_short_the_first_was(traveller: Traveller) -> None:
    """At Troll the days of the changes, 29 March and 25 October 2026, have 22 and 26 hours."""
    zone = "Antarctica/Troll"
    event = {"all_day": True, "at": "2026-03-29", "recurrence": "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU"}
    place = world(
        body(organizer(hours("22:00", "23:59")), zone=zone),
        {"alice": [event]},
        now="2026-10-20T00:00:00Z",
        calendar_zone=zone,
    )
    assert offered(traveller, place, "2026-10-24", zone) == ["22:00", "22:30", "23:00"]
    assert offered(traveller, place, "2026-10-25", zone) == []
    start = 1_792_969_200  # an hour before that day's end: a window that sees no more of it
    assert traveller.answer(start, start + 3600).slots == []


@pytest.mark.parametrize(
    ("start", "rule", "days"),
    [
        # those two are RFC 5545's own example of what WKST is for
        ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", [5, 10, 19, 24]),
        ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", [5, 17, 19, 31]),
        ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU", [5, 10, 19, 24]),
        # the event itself takes place, whatever the rule says
        ("1997-08-06", "FREQ=WEEKLY;BYDAY=TU", [6, 12, 19, 26]),
        # months without a 31st are passed over, not counted
        ("1997-05-31", "FREQ=MONTHLY;COUNT=3", [31]),
        ("1997-05-31", "FREQ=MONTHLY;COUNT=2", []),
        ("1997-02-28", "FREQ=MONTHLY;BYMONTHDAY=-1,30", [30, 31]),
        ("1997-02-28", "FREQ=MONTHLY;INTERVAL=2;BYDAY=5FR,-1MO", [25, 29]),
    ],
)
def test_days_of_august_1997(traveller: Traveller, start: str, rule: str, days: list[int]) -> None:
    event = {"at": f"{start}T00:30:00Z", "duration": 30, "recurrence": rule}
    place = world(body(organizer(hours("0:30", "1:00"))), {"alice": [event]}, now="1997-07-31T12:00:00Z")
    place.body["scheduler"]["available_days_in_future"] = 60
    free = [day for day in range(1, 32) if offered(traveller, place, f"1997-08-{day:02}") == ["00:30"]]
    assert free == [day for day in range(1, 32) if day not in days]
