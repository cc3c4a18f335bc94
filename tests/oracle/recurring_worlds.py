"""Worlds in which only events that recur stand between one host and every slot, so that each shows."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.clocks import QUARTER, shown_at
from tests.oracle.examples import body, organizer, world
from tests.oracle.reading import instant
from tests.oracle.recurring import courses
from tests.oracle.strategies import DAY, HOUR, SKIPPED_DAY, World, moments, zones

PAST_THE_LANDING = (0, 0, 0, 0, 0, 1, 7, 14, 30, 365)
"""Days from what the series lie around to the window."""


@st.composite
def recurring_worlds(draw: st.DrawFn) -> World:
    zone = draw(zones)
    moment = draw(moments(zone))
    events = [draw(_events(zone, moment)) for _ in range(draw(st.sampled_from([1, 2, 3])))]
    start = moment - 20 * HOUR + DAY * draw(st.sampled_from(PAST_THE_LANDING))
    configuration = body(organizer(), zone=draw(st.just(zone) | zones), interval_minutes=15, round_to=5)
    configuration["availability"]["duration_minutes"] = draw(st.sampled_from([5, 15]))
    place = world(configuration, {"alice": events}, instant(start - HOUR), calendar_zone=zone)
    return World(place.document, start - HOUR, start, start + 40 * HOUR)


@st.composite
def _events(draw: st.DrawFn, zone: str, moment: int) -> dict[str, Any]:
    if (zone, moment) != SKIPPED_DAY and draw(st.integers(0, 2)) == 2:
        course = draw(courses(zone, _midnight(shown_at(zone, moment)), all_day=True))
        first = shown_at(zone, course.start)
        last = first + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 2])))
        times = {"all_day": True, "start": f"{first:%Y-%m-%d}", "end": f"{last:%Y-%m-%d}"}
    else:
        quarters = draw(st.integers(-70, 70) | st.integers(0, 4))
        landing = shown_at(zone, moment - QUARTER) + timedelta(minutes=15 * quarters)  # perhaps skipped
        course = draw(courses(zone, landing, all_day=False))
        minutes = draw(st.sampled_from([15, 15, 15, 30, 90, 600, 3000]))
        times = {"at": instant(course.start), "duration": minutes}
    status = draw(st.sampled_from(["confirmed"] * 5 + ["cancelled"]))
    return {**times, "status": status, "recurrence": course.recurrence}


def _midnight(shown: datetime) -> datetime:
    return shown.replace(hour=0, minute=0, second=0)
