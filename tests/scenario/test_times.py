"""Times in scenarios: what they mean, in any zone and on any day, and what is no time at all."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.scenario.times import (
    TimeError,
    check_zone,
    read_date,
    read_duration,
    read_instant,
    read_moment,
    workday,
)

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe"]

zones = st.sampled_from(ZONES)
nows = st.integers(min_value=86_400 * 4000, max_value=86_400 * 40_000)
clock_times = st.times().map(lambda each: each.strftime("%H:%M"))


def unix(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def local(seconds: int, zone: str) -> datetime:
    return datetime.fromtimestamp(seconds, ZoneInfo(zone))


@given(nows, zones, st.integers(1, 60), clock_times)
def test_a_workday_is_never_a_weekend_and_strictly_later(now: int, zone: str, count: int, at: str) -> None:
    found = local(read_moment({"workday": count, "at": at}, zone).seconds(now), zone)
    today = local(now, zone).date()

    assert found.weekday() < 5 or found.date() - today > timedelta(count)  # Apia once skipped a Friday
    assert found.date() > today


@given(st.dates(), st.integers(1, 400))
def test_a_workday_is_as_many_working_days_away_as_it_says(today: datetime, count: int) -> None:
    try:
        found = workday(today, count)
    except OverflowError:
        return  # the end of the calendar
    between = [today + timedelta(days=n) for n in range(1, (found - today).days + 1)]

    assert found.weekday() < 5
    assert sum(day.weekday() < 5 for day in between) == count


@given(st.dates(min_value=datetime(1980, 1, 1, tzinfo=UTC).date()), st.integers(1, 400))
def test_workdays_backwards_mirror_workdays_forwards(today: datetime, count: int) -> None:
    back = workday(today, -count)

    assert back < today
    assert back.weekday() < 5
    assert workday(back, count) == (today if today.weekday() < 5 else workday(today, 1))


@given(nows, zones, st.integers(-10, 10), clock_times)
def test_a_weekday_lies_in_the_week_it_names(now: int, zone: str, week: int, at: str) -> None:
    moment = read_moment({"weekday": "wed", "week": week, "at": at}, zone)
    monday = local(now, zone).date() - timedelta(days=local(now, zone).weekday())

    days = (local(moment.seconds(now), zone).date() - monday).days
    assert days - 7 * week in (2, 3)  # 3 only where the clock skipped that time, or that day


@given(nows, zones, st.integers(-400, 400), clock_times)
def test_a_relative_time_shows_on_the_clock_unless_the_clock_skips_it(
    now: int, zone: str, day: int, at: str
) -> None:
    found = local(read_moment({"day": day, "at": at}, zone).seconds(now), zone)
    wanted = datetime.combine(local(now, zone).date() + timedelta(days=day), time.fromisoformat(at))

    shift = found.replace(tzinfo=None) - wanted
    assert timedelta(0) <= shift <= timedelta(days=1)
    if shift:
        assert found.utcoffset() != local(int(found.timestamp()) - 86_400, zone).utcoffset()


@pytest.mark.parametrize(
    ("written", "zone", "now", "expected"),
    [
        pytest.param(
            {"day": 0, "at": "10:00"}, "UTC", "2026-03-02T23:59:00Z", "2026-03-02T10:00:00Z", id="today"
        ),
        pytest.param(
            {"day": 0, "at": "10:00"},
            "Asia/Tokyo",
            "2026-03-02T23:00:00Z",
            "2026-03-03T10:00:00+09:00",
            id="today is already tomorrow there",
        ),
        pytest.param(
            {"day": -1, "at": "10:00"}, "UTC", "2026-03-01T12:00:00Z", "2026-02-28T10:00:00Z", id="yesterday"
        ),
        pytest.param(
            {"workday": 1, "at": "09:00"}, "UTC", "2026-03-06T12:00:00Z", "2026-03-09T09:00:00Z", id="Friday"
        ),
        pytest.param(
            {"workday": 1, "at": "09:00"}, "UTC", "2026-03-08T12:00:00Z", "2026-03-09T09:00:00Z", id="Sunday"
        ),
        pytest.param(
            {"workday": -1, "at": "09:00"}, "UTC", "2026-03-08T12:00:00Z", "2026-03-06T09:00:00Z", id="back"
        ),
        pytest.param(
            {"weekday": "monday", "at": "09:00"},
            "UTC",
            "2026-03-08T12:00:00Z",
            "2026-03-02T09:00:00Z",
            id="a week begins on Monday",
        ),
        pytest.param(
            {"weekday": "fri", "week": 1, "at": "09:00", "tz": "America/New_York"},
            "UTC",
            "2026-03-08T12:00:00Z",
            "2026-03-13T09:00:00-04:00",
            id="in another zone",
        ),
        pytest.param(
            {"day": 0, "at": "02:30"},
            "Europe/Berlin",
            "2026-03-29T12:00:00Z",
            "2026-03-29T03:30:00+02:00",
            id="skipped by the clock",
        ),
        pytest.param(
            {"day": 0, "at": "02:30"},
            "Europe/Berlin",
            "2026-10-25T12:00:00Z",
            "2026-10-25T02:30:00+02:00",
            id="twice on the clock",
        ),
        pytest.param(
            "2026-03-02t10:00:00.75+01:00", "UTC", "2026-01-01T00:00:00Z", "2026-03-02T09:00:00Z", id="RFC"
        ),
    ],
)
def test_a_time_means(written: str | dict[str, object], zone: str, now: str, expected: str) -> None:
    assert read_moment(written, zone).seconds(unix(now)) == unix(expected)


@pytest.mark.parametrize(
    "text",
    [
        *("soon", "", "2026-03-02", "2026-03-02T10:00:00", "2026-03-02 10:00:00Z", "2026-03-02T10:00Z"),
        *("2026-02-30T10:00:00Z", "2026-03-02T24:00:00Z", "2026-03-02T10:00:60Z", "20260302T100000Z"),
        *(
            "1969-12-31T23:59:59Z",
            "2200-01-01T00:00:00Z",
            "9999-12-31T23:59:59-23:59",
            "0001-01-01T00:00:00+23:00",
        ),
        *(
            "2026-03-02T10:00:00Z\n",
            "\uff12026-03-02T10:00:00Z",
            "2026-03-02T10:00:00+25:00",
            "-2026-03-02T10:00:00Z",
        ),
    ],
)
def test_no_rfc_3339_time(text: str) -> None:
    with pytest.raises(TimeError):
        read_instant(text)


@pytest.mark.parametrize(
    "text", ["2026-3-2", "2026-02-29", "1969-01-01", "2200-01-01", "2026-W10-1", "20260302"]
)
def test_no_date(text: str) -> None:
    with pytest.raises(TimeError):
        read_date(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("PT5M", 300), ("P1D", 86_400), ("PT0S", 0), ("P1DT2H3M4S", 93_784)),
        *(("PT90S", 90), ("PT1H30M", 5400), ("P0D", 0)),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "5M", "PT5", "P1W", "P1Y", "PT1.5H", "-PT5M", "pt5m", "PT5M ", "PT\u0665M"],
)
def test_no_duration(text: str) -> None:
    with pytest.raises(TimeError):
        read_duration(text)


@pytest.mark.parametrize(
    "name", ["Mars/Base", "", "../../etc/passwd", "/etc/localtime", "America", "a\0b", "ü"]
)
def test_no_zone(name: str) -> None:
    with pytest.raises(TimeError):
        check_zone(name)
