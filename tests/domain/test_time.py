"""Intervals and wall clocks: the arithmetic beneath availability."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.intervals import Intervals, covers, intersect, subtract, union
from mockserver.domain.wallclock import (
    date_of,
    day_of,
    first_moment,
    moments,
    offset_at,
    stretches,
    weekday_of,
)

PIECES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)
ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]


def points(intervals: Intervals) -> set[int]:
    return {point for start, end in intervals for point in range(start, end)}


@given(PIECES, PIECES)
def test_operations_are_those_of_sets(one: Intervals, other: Intervals) -> None:
    a, b = union(one), union(other)
    assert points(a) == points(one)
    assert points(subtract(a, b)) == points(a) - points(b)
    assert points(intersect(a, b)) == points(a) & points(b)
    for result in (a, subtract(a, b), intersect(a, b)):
        assert all(start < end for start, end in result)
        assert all(before[1] < after[0] for before, after in pairwise(result))


@given(PIECES, st.integers(0, 60), st.integers(1, 20))
def test_covers_asks_for_every_point(pieces: Intervals, start: int, length: int) -> None:
    whole = union(pieces)
    assert covers(whole, start, start + length) == (set(range(start, start + length)) <= points(whole))


@given(st.sampled_from(ZONES), st.integers(0, 4_000_000_000))
def test_offsets_are_those_of_the_time_zone_database(zone: str, moment: int) -> None:
    expected = datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert timedelta(seconds=offset_at(zone, moment)) == expected


@given(st.sampled_from(ZONES), st.integers(1_000_000_000, 2_000_000_000), st.integers(1, 40 * 86_400))
def test_stretches_tile_the_time_and_keep_one_offset(zone: str, start: int, length: int) -> None:
    found = list(stretches(zone, start, start + length))
    assert found[0][0] == start
    assert found[-1][1] == start + length
    assert all(one[1] == other[0] for one, other in pairwise(found))
    for first, last, offset in found:
        assert offset_at(zone, first) == offset == offset_at(zone, last - 1)


def wall(day: str, hour: int, minute: int = 0) -> int:
    return day_of(day) * 86_400 + hour * 3600 + minute * 60


def test_a_skipped_hour_does_not_exist_and_a_repeated_one_exists_twice() -> None:
    assert moments("America/New_York", wall("2026-03-08", 2), wall("2026-03-08", 3)) == []
    repeated = moments("America/New_York", wall("2026-11-01", 1), wall("2026-11-01", 2))
    assert [end - start for start, end in repeated] == [3600, 3600]
    assert repeated[0][1] == repeated[1][0]


def test_a_skipped_day_begins_with_the_next() -> None:
    assert first_moment("Pacific/Apia", day_of("2011-12-30")) == first_moment(
        "Pacific/Apia", day_of("2011-12-31")
    )


@pytest.mark.parametrize(("date", "weekday"), [("1970-01-01", 4), ("2026-03-01", 0), ("2026-03-07", 6)])
def test_weekdays_count_from_sunday(date: str, weekday: int) -> None:
    assert weekday_of(day_of(date)) == weekday
    assert date_of(day_of(date)) == date
