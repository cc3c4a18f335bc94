"""Clocks that change, worked by hand, for both the mock and the oracle."""

from datetime import date, timedelta

import pytest

from tests.oracle.examples import body, half_hours, hours, moment, offered, organizer, person, world
from tests.oracle.mocks import Traveller

EARLY = ("0:00", "4:00")
LATE = ("21:00", "23:59")


@pytest.mark.parametrize(
    ("zone", "day", "block", "slots"),
    [
        ("America/New_York", "2026-03-08", EARLY, [*half_hours("00:00", "01:30"), "03:00", "03:30"]),
        (
            "America/New_York",
            "2026-11-01",
            EARLY,
            [*half_hours("00:00", "01:30"), *half_hours("01:00", "03:30")],
        ),
        # half an hour: 2:00 becomes 2:30, and in autumn 2:00 becomes 1:30 again
        (
            "Australia/Lord_Howe",
            "2026-10-04",
            EARLY,
            [*half_hours("00:00", "01:30"), "02:30", "03:00", "03:30"],
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-05",
            EARLY,
            [*half_hours("00:00", "01:30"), *half_hours("01:30", "03:30")],
        ),
        # a zone of +12:45 whose clock changes at 2:45
        ("Pacific/Chatham", "2026-09-27", EARLY, half_hours("00:00", "02:30")),
        (
            "Pacific/Chatham",
            "2026-04-05",
            EARLY,
            [*half_hours("00:00", "03:30"), "03:00", "03:30"],
        ),
        # midnight does not come
        ("America/Santiago", "2026-09-06", EARLY, half_hours("01:00", "03:30")),
        ("Africa/Cairo", "2026-04-24", EARLY, half_hours("01:00", "03:30")),
        ("Asia/Beirut", "2026-03-29", EARLY, half_hours("01:00", "03:30")),
        # the last hour of the day comes twice
        ("America/Santiago", "2026-04-04", LATE, [*half_hours("21:00", "23:00"), "23:00"]),
        ("Africa/Cairo", "2026-10-29", LATE, [*half_hours("21:00", "23:00"), "23:00"]),
        # the first hour of the day comes twice
        ("America/Havana", "2026-11-01", EARLY, ["00:00", "00:30", *half_hours("00:00", "03:30")]),
        # no change, but odd offsets
        ("Asia/Kolkata", "2026-03-03", EARLY, half_hours("00:00", "03:30")),
        ("Asia/Kathmandu", "2026-03-03", EARLY, half_hours("00:00", "03:30")),
        ("Australia/Eucla", "2026-03-03", EARLY, half_hours("00:00", "03:30")),
    ],
)
def test_slots_of_a_day(
    traveller: Traveller, zone: str, day: str, block: tuple[str, str], slots: list[str]
) -> None:
    now = f"{date.fromisoformat(day) - timedelta(days=3)}T00:00:00Z"
    place = world(body(organizer(hours(*block)), zone=zone), now=now)
    assert offered(traveller, place, day, zone) == slots


def test_a_slot_lasts_its_real_minutes_over_the_change(traveller: Traveller) -> None:
    """An hour from 1:30 ends at 3:30 in spring, and from 1:30, the second one, at 2:30 in autumn."""
    zone = "America/New_York"
    spring = body(organizer(hours("1:30", "3:30")), zone=zone, duration_minutes=60, interval_minutes=30)
    assert offered(traveller, world(spring, now="2026-03-07T00:00:00Z"), "2026-03-08", zone) == ["01:30"]
    autumn = body(organizer(hours("1:30", "2:30")), zone=zone, duration_minutes=60, interval_minutes=30)
    place = world(autumn, now="2026-10-31T00:00:00Z")
    assert offered(traveller, place, "2026-11-01", zone) == ["01:30"]
    start = traveller.answer(moment("2026-11-01", zone), moment("2026-11-02", zone)).starts[0]
    assert start == moment("2026-11-01T01:30", zone) + 3600, "the first 1:30 is followed by a closed 1:00"


def test_open_hours_follow_their_own_clock(traveller: Traveller) -> None:
    """Berlin changes three weeks after New York; between the two, its hours come an hour earlier there."""
    rules = organizer(hours("15:00", "16:00", timezone="Europe/Berlin"))
    place = world(body(rules, zone="America/New_York"), now="2026-03-05T00:00:00Z")
    days = ["2026-03-06", "2026-03-10", "2026-03-28", "2026-03-30"]
    found = [offered(traveller, place, day, "America/New_York") for day in days]
    late, early = ["09:00", "09:30"], ["10:00", "10:30"]
    assert found == [late, early, early, late]


def test_both_sides_of_the_date_line(traveller: Traveller) -> None:
    """Wednesday 9:00 in Kiritimati is Tuesday 8:00 in Pago Pago: 25 hours apart, one hour on the clock."""
    east = organizer(hours("9:00", "12:00", days=[3], timezone="Pacific/Kiritimati"))
    west = person("bob", hours("9:00", "12:00", days=[2], timezone="Pacific/Pago_Pago"))
    place = world(body(east, west, zone="Pacific/Kiritimati"))
    assert offered(traveller, place, "2026-03-04", "Pacific/Kiritimati") == half_hours("10:00", "11:30")
    assert offered(traveller, place, "2026-03-03", "Pacific/Pago_Pago") == half_hours("09:00", "10:30")


def test_a_day_that_never_was(traveller: Traveller) -> None:
    """After 29 December 2011 Samoa wrote the 31st; nothing can be booked on the 30th."""
    zone = "Pacific/Apia"
    place = world(body(organizer(hours("22:00", "23:59")), zone=zone), now="2011-12-28T12:00:00Z")
    traveller.enter(place)
    start, end = moment("2011-12-29", zone), moment("2012-01-01", zone)
    slots = half_hours("22:00", "23:00")
    assert end - start == 2 * 86_400
    assert offered(traveller, place, "2011-12-29", zone) == slots
    assert len(traveller.answer(start, end).starts) == 2 * len(slots)


def test_the_other_grid_over_a_change(traveller: Traveller) -> None:
    """Counted in real time and rounded on the wall clock: Lord Howe's half hour shifts what is round."""
    zone = "Australia/Lord_Howe"
    configuration = body(organizer(), zone=zone, interval_minutes=60, round_to=60)
    place = world(configuration, now="2026-10-03T00:00:00Z", slot_grid="window_start")
    assert offered(traveller, place, "2026-10-04", zone)[:4] == ["00:00", "01:00", "03:00", "04:00"]
