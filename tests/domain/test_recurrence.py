"""Recurring events, compared with dateutil, and on days when clocks change."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rruleset, rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain import recurrence
from mockserver.domain.calendars import Calendar, Event
from mockserver.domain.recurrence import RecurrenceError, check_recurrence, occurrences
from mockserver.domain.storage import UndoLog

DAY = 86_400
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules that dateutil follows too; those that it never comes back from are left out."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = {"FREQ": frequency, "INTERVAL": str(draw(st.integers(1, 4)))}
    if draw(st.booleans()):
        months = draw(st.sets(st.integers(1, 12), min_size=1, max_size=4))
        parts["BYMONTH"] = ",".join(map(str, months))
    days = draw(st.sampled_from(["none", "weekdays", "ordinals", "month days"]))
    if days == "weekdays":
        parts["BYDAY"] = ",".join(draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1)))
        if frequency in ("MONTHLY", "YEARLY") and draw(st.booleans()):
            parts["BYSETPOS"] = draw(st.sampled_from(["1", "-1", "2", "1,-2"]))
    elif days == "ordinals" and frequency in ("MONTHLY", "YEARLY"):
        parts["BYDAY"] = ",".join(
            draw(st.sets(st.sampled_from(["1MO", "2TU", "-1FR", "4SU", "-2WE"]), min_size=1))
        )
    elif days == "month days" and frequency != "WEEKLY":
        parts["BYMONTHDAY"] = ",".join(
            map(str, draw(st.sets(st.sampled_from([1, 2, 15, 28, -1, -3]), min_size=1)))
        )
    if frequency == "WEEKLY":
        parts["WKST"] = draw(st.sampled_from(WEEKDAYS))
    ending = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if ending == "COUNT":
        parts["COUNT"] = str(draw(st.integers(1, 40)))
    elif ending == "UNTIL":
        parts["UNTIL"] = (START + timedelta(days=draw(st.integers(0, 900)))).strftime("%Y%m%dT%H%M%SZ")
    return ";".join(f"{key}={value}" for key, value in parts.items())


@settings(max_examples=300, deadline=None)
@given(rules(), st.integers(0, 700), st.integers(1, 300), st.integers(0, 6))
def test_occurrences_are_those_of_dateutil(rule: str, skipped: int, days: int, shift: int) -> None:
    start = START + timedelta(days=shift)
    expected = rruleset()
    expected.rrule(rrulestr(f"RRULE:{rule}", dtstart=start))
    last = start + timedelta(days=skipped + days)
    series = {start, *expected.between(start, last, inc=True)}
    if "COUNT" in rule and start not in set(expected.between(start, start, inc=True)):
        return  # whether the event itself counts when the rule does not name it is undefined
    window = (int(start.timestamp()) + skipped * DAY, int(last.timestamp()))
    found = occurrences((f"RRULE:{rule}",), "UTC", int(start.timestamp()), 1800, *window)
    moments = (int(each.timestamp()) for each in series)
    assert found == sorted(at for at in moments if at < window[1] and at + 1800 > window[0])


def local(*numbers: int, zone: str = "America/New_York") -> int:
    return int(datetime(*numbers, tzinfo=ZoneInfo(zone)).timestamp())  # type: ignore[arg-type]


def test_the_wall_clock_stays_when_clocks_change() -> None:
    first = local(2026, 3, 6, 9)
    found = occurrences(("RRULE:FREQ=DAILY",), "America/New_York", first, 1800, first, first + 4 * DAY)
    assert found == [local(2026, 3, day, 9) for day in (6, 7, 8, 9, 10)]


def test_a_skipped_hour_takes_place_as_much_later_and_a_repeated_one_once() -> None:
    first = local(2026, 3, 7, 2, 30)
    found = occurrences(("RRULE:FREQ=DAILY",), "America/New_York", first, 600, first, first + 2 * DAY)
    assert found == [first, local(2026, 3, 8, 3, 30), local(2026, 3, 9, 2, 30)]
    first = local(2026, 10, 31, 1, 30)
    found = occurrences(("RRULE:FREQ=DAILY",), "America/New_York", first, 600, first, first + 2 * DAY)
    assert [(at - first) / 3600 for at in found] == [0, 24]


def test_dates_can_be_excepted_and_added() -> None:
    lines = (
        "RRULE:FREQ=DAILY;COUNT=4",
        "EXDATE:20260303T093000Z,20260304",
        "RDATE;TZID=UTC:20260310T120000",
    )
    first = int(START.timestamp())
    found = occurrences(lines, "UTC", first, 60, first, first + 30 * DAY)
    assert [datetime.fromtimestamp(at, UTC).strftime("%d %H:%M") for at in found] == [
        "02 09:30",
        "05 09:30",
        "10 12:00",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=HOURLY",
        "RRULE:",
        "RRULE:INTERVAL=2",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY;INTERVAL=-1",
        "RRULE:FREQ=DAILY;INTERVAL=99999999999",
        "RRULE:FREQ=DAILY;COUNT=0",
        "RRULE:FREQ=DAILY;COUNT=",
        "RRULE:FREQ=DAILY;COUNT=5001",
        "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260303",
        "RRULE:FREQ=DAILY;UNTIL=soon",
        "RRULE:FREQ=DAILY;UNTIL=00010101T000000Z",
        "RRULE:FREQ=DAILY;BYMONTH=13",
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=32",
        "RRULE:FREQ=WEEKLY;BYDAY=XX",
        "RRULE:FREQ=WEEKLY;BYDAY=+-3MO",
        "RRULE:FREQ=YEARLY;BYDAY=99MO",
        "RRULE:FREQ=WEEKLY;WKST=X",
        "RRULE:FREQ=YEARLY;BYEASTER=1",
        "RRULE:FREQ=DAILY;BYHOUR=1,2,3",
        "EXDATE:tomorrow",
        "EXRULE:FREQ=DAILY",
        "nonsense",
    ],
)
def test_what_cannot_be_followed_is_refused(line: str) -> None:
    if line.endswith("00010101T000000Z"):
        check_recurrence((line,), int(START.timestamp()), "UTC")  # ends before it begins: the event alone
        return
    with pytest.raises(RecurrenceError, match="expected"):
        check_recurrence((line,), int(START.timestamp()), "UTC")


def test_rules_that_never_match_cost_no_more_than_the_window() -> None:
    first = int(START.timestamp())
    for rule in ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=7;BYDAY=SU"):
        for ending in ("", ";COUNT=5000"):
            lines = (f"RRULE:{rule}{ending}",)
            assert occurrences(lines, "UTC", first, 60, first, first + 400 * DAY) == [first]


def test_a_series_is_checked_as_it_is_followed_and_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bool] = []

    class Series(recurrence._Series):
        def __init__(self, lines: tuple[str, ...], first: int, zone: str, whole_days: bool) -> None:
            made.append(whole_days)
            super().__init__(lines, first, zone, whole_days)

    monkeypatch.setattr(recurrence, "_Series", Series)
    first = local(2026, 3, 27)
    for whole_days in (False, True):
        lines = ("RRULE:FREQ=DAILY;COUNT=7",)
        check_recurrence(lines, first, "America/New_York", whole_days)
        occurrences(lines, "America/New_York", first, DAY, first, first + DAY, whole_days)
    assert made == [False, True]


def test_counting_the_days_that_a_position_picks_costs_little() -> None:
    first, began = int(START.timestamp()), time.process_time()
    for position in range(1, 101):
        rule = f"RRULE:FREQ=YEARLY;COUNT=60;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS={position}"
        check_recurrence((rule,), first, "UTC")
    assert time.process_time() - began < 8


def test_whole_days_stay_whole_when_clocks_change() -> None:
    zone = "Europe/Berlin"
    calendar = Calendar("c", "c", zone, True, UndoLog())
    first = local(2026, 3, 27, zone=zone)
    rule = ("RRULE:FREQ=DAILY",)
    calendar.put(Event("d", "Fair", first, first + DAY, all_day=True, recurrence=rule, timezone=zone))
    for month, day, hours in ((3, 28, 24), (3, 29, 23), (10, 25, 25)):
        noon = local(2026, month, day, 12, zone=zone)
        (whole,) = calendar.between(noon, noon + 1)
        assert (whole.end - whole.start) / 3600 == hours
        assert [each.id for each in calendar.between(whole.end - 1, whole.end)] == [whole.id]


def test_an_occurrence_can_be_changed_on_its_own_and_taken_out() -> None:
    calendar = Calendar("c", "c", "UTC", True, UndoLog())
    first = int(START.timestamp())
    calendar.put(Event("w", "Weekly", first, first + 1800, recurrence=("RRULE:FREQ=WEEKLY",)))
    occurrence = calendar.get("w_20260309T093000Z")
    assert occurrence is not None
    calendar.put(replace(occurrence, start=first + 8 * DAY, end=first + 8 * DAY + 1800))
    found = calendar.between(first + DAY, first + 15 * DAY)
    assert [each.start for each in found] == [first + 8 * DAY, first + 14 * DAY]
    calendar.remove("w_20260316T093000Z")
    assert [each.start for each in calendar.between(first + 9 * DAY, first + 30 * DAY)] == [
        first + 21 * DAY,
        first + 28 * DAY,
    ]


def test_calendars_show_occurrences_and_know_them_by_id() -> None:
    log = UndoLog()
    calendar = Calendar("c", "c", "UTC", True, log)
    first = int(START.timestamp())
    weekly = Event("w", "Weekly", first, first + 1800, recurrence=("RRULE:FREQ=WEEKLY",))
    calendar.put(weekly)
    log.begin()
    second = calendar.between(first + DAY, first + 8 * DAY)
    assert [(each.id, each.start, each.master_event_id) for each in second] == [
        ("w_20260309T093000Z", first + 7 * DAY, "w")
    ]
    assert calendar.get("w_20260309T093000Z") == second[0]
    assert calendar.get("w_20260310T093000Z") is calendar.get("w_nonsense") is calendar.get("x") is None
    calendar.put(Event("w", "Once", first, first + 1800))
    assert calendar.between(first + DAY, first + 8 * DAY) == []
    log.roll_back()
    assert calendar.between(first + DAY, first + 8 * DAY) == second
    assert calendar.events == [weekly]
