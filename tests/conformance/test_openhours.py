"""The oracle of open hours: it knows the documented examples, and never blames a server that is right."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.openhours import Reading, Unreadable, all_hours, hours_of, known_zones, wall_text
from conformance.pages import Page
from mockserver.domain.configuration import read_configuration
from mockserver.domain.openhours import open_times

DAY, HOUR = 86_400, 3600
ID = "11111111-1111-4111-8111-111111111111"
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "UTC",
)
SPRING = int(datetime(2026, 3, 27, tzinfo=UTC).timestamp())
"""Within the fortnight from here on the clocks change in Europe and in Australia."""

zones = st.sampled_from(ZONES)
dates = st.integers(27, 40).map(lambda day: f"2026-03-{day}" if day < 32 else f"2026-04-{day - 31:02}")
minutes = st.integers(0, 1439)
spans = st.tuples(minutes, minutes).map(sorted).filter(lambda span: span[0] < span[1])


def clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


blocks = st.builds(
    lambda span, days, zone, exdates: {
        "start": clock(span[0]),
        "end": clock(span[1]),
        **({"days": sorted(days)} if days else {}),
        **({"timezone": zone} if zone else {}),
        **({"exdates": exdates} if exdates else {}),
    },
    spans,
    st.sets(st.integers(0, 6)),
    st.none() | zones,
    st.lists(dates, max_size=2),
)
entries = st.builds(
    lambda date, span, zone: {
        "date": date,
        "start": f"{span[0] // 60:02}:{span[0] % 60:02}",
        "end": f"{span[1] // 60:02}:{span[1] % 60:02}",
        **({"timezone": zone} if zone else {}),
    },
    dates,
    spans | st.just((0, 0)),
    st.none() | zones,
)


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """Bodies of configurations with all kinds of hours."""
    host: dict[str, Any] = {
        "email": "host@example.com",
        "is_organizer": True,
        "availability": {"calendar_ids": ["primary"], "open_hours": draw(st.lists(blocks, max_size=2))},
        "booking": {"calendar_id": "primary"},
        "specific_time_availability": draw(st.lists(entries, max_size=2)),
        "only_specific_time_availability": draw(st.booleans()),
    }
    if draw(st.booleans()):
        host["timezone"] = draw(zones)
    rules = {
        "default_open_hours": draw(st.lists(blocks, max_size=2)),
        "default_specific_time_availability": draw(st.lists(entries, max_size=2)),
    }
    return {
        "participants": [host],
        "availability": {"duration_minutes": 30, "availability_rules": rules},
        "event_booking": {"title": "Hours", "timezone": draw(zones)},
    }


@pytest.mark.slow
@given(body=bodies())
@settings(max_examples=150, deadline=None)
def test_what_our_server_calls_open_is_open(body: dict[str, Any]) -> None:
    configuration = read_configuration(ID, "grant", body)
    hours = hours_of(Page(ID, "", "grant", body, complete=True), body["participants"][0])
    found = open_times(configuration, configuration.participants[0], SPRING, SPRING + 14 * DAY)
    for start, end in found if hours else ():
        for moment in (start, (start + end) // 2, end - 1):
            assert hours is not None
            assert hours.open((moment, moment + 1)), (wall_text(moment, "UTC"), hours)


@pytest.mark.slow
@given(zone=zones, own=st.lists(blocks, min_size=1, max_size=2))
@settings(max_examples=100, deadline=None)
def test_what_is_closed_without_doubt_is_closed(zone: str, own: list[dict[str, Any]]) -> None:
    body = page(open_hours=own, timezone=zone).body
    configuration = read_configuration(ID, "grant", body)
    (hours,) = all_hours(page(open_hours=own, timezone=zone))
    found = open_times(configuration, configuration.participants[0], SPRING, SPRING + 7 * DAY)
    last = SPRING
    for start, end in found:
        if start > last:
            closed = (start + last) // 2
            assert not hours.open((closed, closed + 1)) or "23:59" in str(own)
        last = end


def test_days_count_from_sunday_and_hours_follow_the_wall_clock() -> None:
    (hours,) = all_hours(page(open_hours=[{"days": [0], "start": "9:00", "end": "10:00"}]))
    sunday_before, sunday_of_the_change = 1774166400, 1774771200  # 2026-03-22 and -29, 8:00 UTC
    assert hours.open((sunday_before, sunday_before + HOUR))
    assert not hours.open((sunday_of_the_change, sunday_of_the_change + HOUR))
    assert hours.open((sunday_of_the_change - HOUR, sunday_of_the_change))
    assert hours.open((sunday_of_the_change, sunday_of_the_change + HOUR), Reading(offset_of=sunday_before))


def test_the_zone_of_default_hours_is_ignored() -> None:
    default = {"start": "9:00", "end": "10:00", "timezone": "Asia/Tokyo"}
    (hours,) = all_hours(page(rules={"default_open_hours": [default]}))
    nine_in_berlin = 1774166400
    assert hours.open((nine_in_berlin, nine_in_berlin + HOUR))
    assert not hours.open((nine_in_berlin - 8 * HOUR, nine_in_berlin - 7 * HOUR))
    assert "Asia/Tokyo" in known_zones(page(rules={"default_open_hours": [default]}))


def test_whoever_has_no_hours_is_always_open() -> None:
    assert all_hours(page()) == []


@pytest.mark.parametrize(
    "block",
    [
        {"start": "nine", "end": "10:00"},
        {"start": "9:00", "end": "10:00", "days": ["monday"]},
        {"start": "9:00", "end": "10:00", "timezone": "Mars/Olympus"},
    ],
)
def test_what_cannot_be_read_is_said(block: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        all_hours(page(open_hours=[block]))


def test_hours_without_any_zone_are_not_judged() -> None:
    nowhere = page(open_hours=[{"start": "9:00", "end": "10:00"}], timezone="")
    with pytest.raises(Unreadable):
        all_hours(nowhere)


def page(
    *,
    open_hours: list[dict[str, Any]] | None = None,
    rules: dict[str, Any] | None = None,
    timezone: str = "Europe/Berlin",
) -> Page:
    """A configuration with one host."""
    availability = {"calendar_ids": ["primary"], "open_hours": open_hours or []}
    host = {"email": "host@example.com", "availability": availability, "booking": {"calendar_id": "primary"}}
    body = {
        "participants": [{**host, "is_organizer": True}],
        "availability": {"duration_minutes": 30, "availability_rules": rules or {}},
        "event_booking": {"title": "Hours", "timezone": timezone},
    }
    return Page(ID, "", "grant", body, complete=True)
