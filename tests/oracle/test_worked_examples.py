"""Examples worked by hand, most of them documented ones, which hold both the mock and the oracle."""

from typing import Any

import pytest

from tests.oracle.examples import (
    EVERY_DAY,
    TUESDAY,
    body,
    event,
    hours,
    moment,
    offered,
    organizer,
    person,
    world,
)
from tests.oracle.mocks import Traveller, opinion
from tests.oracle.reading import calendars_in
from tests.support.worlds import INTRO

WEDNESDAY = "2026-03-04"
SHORT = hours("9:00", "10:00")


@pytest.mark.parametrize(
    ("block", "availability", "slots"),
    [
        (("8:30", "11:00"), {"duration_minutes": 60}, ["09:00", "10:00"]),
        (("8:15", "11:00"), {"duration_minutes": 60}, ["09:00", "10:00"]),
        (("8:30", "10:00"), {"interval_minutes": 30}, ["08:30", "09:00", "09:30"]),
        (("8:15", "9:00"), {"interval_minutes": 15}, ["08:15", "08:30"]),
        (("8:30", "10:30"), {"duration_minutes": 60, "interval_minutes": 30}, ["08:30", "09:00", "09:30"]),
        (("9:00", "19:00"), {"interval_minutes": 545}, ["09:15", "18:15"]),
        (("9:00", "19:00"), {"interval_minutes": 545, "round_to": 5}, ["09:05", "18:10"]),
        (("0:00", "2:00"), {"interval_minutes": 1, "round_to": 50}, ["00:00", "00:50"]),
        (("22:00", "23:59"), {"interval_minutes": 110, "round_to": 60}, ["22:00"]),
        (("23:00", "23:59"), {}, ["23:00"]),
    ],
    ids=[
        "open from 8:30",
        "open from 8:15",
        "interval 30",
        "interval 15",
        "the last ends within",
        "9:05 becomes 9:15",
        "9:05 stays",
        "starts that fall together",
        "rounded past midnight",
        "23:59 is not midnight",
    ],
)
def test_the_grid(
    traveller: Traveller, block: tuple[str, str], availability: dict[str, Any], slots: list[str]
) -> None:
    assert offered(traveller, world(body(organizer(hours(*block)), **availability))) == slots


def test_the_nearest_interval_after_an_event(traveller: Traveller) -> None:
    place = world(
        body(organizer(hours("9:00", "10:45")), interval_minutes=15), {"alice": [event("09:00", "09:59")]}
    )
    assert offered(traveller, place) == ["10:00", "10:15"]


@pytest.mark.parametrize(
    ("availability", "asked", "slots"),
    [
        ({}, "09:05", ["09:15", "09:45", "10:15", "10:45"]),
        ({"round_to": 5}, "09:05", ["09:05", "09:35", "10:05", "10:35"]),
        ({"interval_minutes": 50}, "09:05", ["09:15", "10:00", "10:45"]),
        ({"interval_minutes": 10, "round_to": 60}, "08:05", ["09:00", "10:00", "11:00"]),
    ],
)
def test_the_other_grid(
    traveller: Traveller, availability: dict[str, Any], asked: str, slots: list[str]
) -> None:
    place = world(body(organizer(hours("9:00", "11:30")), **availability), slot_grid="window_start")
    traveller.enter(place)
    start = moment(f"{TUESDAY}T{asked}")
    end = moment(f"{TUESDAY}T11:30")
    found = traveller.answer(start, end)
    assert found.starts == [moment(f"{TUESDAY}T{slot}") for slot in slots]
    assert found == opinion(place, calendars_in(traveller), start, end)


@pytest.mark.parametrize(
    ("buffer", "slots"),
    [
        ({"before": 30}, ["09:00", "11:00", "11:15", "11:30", "11:45", "12:00"]),
        ({"after": 15}, ["09:00", "09:15", "09:30", "11:15", "11:30", "11:45", "12:00"]),
        ({"before": 30, "after": 30}, ["09:00", "11:30", "11:45", "12:00"]),
    ],
    ids=["busy 9:30 to 11:00", "busy 10:00 to 11:15", "busy 9:30 to 11:30"],
)
def test_buffers(traveller: Traveller, buffer: dict[str, int], slots: list[str]) -> None:
    configuration = body(
        organizer(hours("9:00", "12:30")), interval_minutes=15, availability_rules={"buffer": buffer}
    )
    assert offered(traveller, world(configuration, {"alice": [event("10:00", "11:00")]})) == slots


def test_buffers_reach_into_the_window(traveller: Traveller) -> None:
    """Asked from 9:00 to 10:00; an event until 8:45, or one from 10:00, lies outside of it."""
    buffer = {"before": 30, "after": 30}
    for happening, start in [(event("08:00", "08:45"), "09:30"), (event("10:00", "11:00"), "09:00")]:
        place = world(body(organizer(), availability_rules={"buffer": buffer}), {"alice": [happening]})
        traveller.enter(place)
        window = moment(f"{TUESDAY}T09:00"), moment(f"{TUESDAY}T10:00")
        assert traveller.answer(*window).starts == [moment(f"{TUESDAY}T{start}")]
        assert traveller.answer(*window) == opinion(place, calendars_in(traveller), *window)


@pytest.mark.parametrize(
    ("happening", "slots"),
    [
        (event("09:00", "09:30", status="tentative"), ["09:30"]),
        (event("09:00", "09:30", status="cancelled"), ["09:00", "09:30"]),
        (event("09:00", "09:30", busy=False), ["09:00", "09:30"]),
        (event("09:15", "09:15"), ["09:00", "09:30"]),
        (event("08:00", "09:00"), ["09:00", "09:30"]),
        ({"at": TUESDAY, "all_day": True}, []),
        ({"start": "2026-02-01", "end": "2026-04-30", "all_day": True}, []),
        ({"start": "2026-03-01", "end": "2026-03-02", "all_day": True}, ["09:00", "09:30"]),
    ],
    ids=["tentative", "cancelled", "free", "no length", "touches", "all day", "all spring", "until monday"],
)
def test_what_is_busy(traveller: Traveller, happening: dict[str, Any], slots: list[str]) -> None:
    assert offered(traveller, world(body(organizer(SHORT)), {"alice": [happening]})) == slots


def test_days_count_from_sunday_and_exdates_close(traveller: Traveller) -> None:
    place = world(body(organizer({**SHORT, "days": [0, 2], "exdates": ["2026-03-08"]})))
    found = [offered(traveller, place, f"2026-03-{day:02}") for day in (2, 3, 7, 8, 15)]
    assert [bool(slots) for slots in found] == [False, True, False, False, True]


@pytest.mark.parametrize(
    ("block", "home", "event_zone", "zone"),
    [
        ({"timezone": "Asia/Kolkata"}, "America/New_York", "Europe/Berlin", "Asia/Kolkata"),
        ({}, "America/New_York", "Europe/Berlin", "America/New_York"),
        ({}, None, "Europe/Berlin", "Europe/Berlin"),
        ({}, "Asia/Tokyo", None, "Asia/Tokyo"),
        ({}, None, None, "UTC"),
    ],
)
def test_zones_of_open_hours(
    traveller: Traveller, block: dict[str, str], home: str | None, event_zone: str | None, zone: str
) -> None:
    who = organizer({**SHORT, **block}, **({"timezone": home} if home else {}))
    assert offered(traveller, world(body(who, zone=event_zone)), zone=zone) == ["09:00", "09:30"]


def test_default_hours_lie_in_the_zone_of_the_event_and_give_way(traveller: Traveller) -> None:
    rules = {"default_open_hours": [hours("14:00", "15:00", timezone="Asia/Tokyo")]}
    by_default = body(organizer(timezone="Asia/Kolkata"), zone="America/New_York", availability_rules=rules)
    assert offered(traveller, world(by_default), zone="America/New_York") == ["14:00", "14:30"]
    own = body(organizer(SHORT), availability_rules=rules)
    assert offered(traveller, world(own)) == ["09:00", "09:30"]


@pytest.mark.parametrize(
    ("own", "default", "only", "slots"),
    [
        ([], [], (False, False), ["09:00", "09:30"]),
        ([("13:00", "14:00")], [], (False, False), ["13:00", "13:30"]),
        ([("00:00", "00:00")], [], (False, False), []),
        ([("00:00", "00:00"), ("13:00", "13:30")], [], (False, False), ["13:00"]),
        ([], [("16:00", "16:30"), ("18:00", "18:30")], (False, False), ["16:00", "18:00"]),
        ([("13:00", "13:30")], [("16:00", "16:30")], (False, False), ["13:00"]),
        ([("00:00", "00:00")], [("16:00", "16:30")], (False, False), []),
        ([], [], (True, False), []),
        ([], [], (False, True), []),
        ([], [("16:00", "16:30")], (True, False), ["16:00"]),
        ([("13:00", "13:30")], [("16:00", "16:30")], (False, True), ["13:00"]),
    ],
)
def test_specific_times(
    traveller: Traveller,
    own: list[tuple[str, str]],
    default: list[tuple[str, str]],
    only: tuple[bool, bool],
    slots: list[str],
) -> None:
    who = organizer(SHORT, only_specific_time_availability=only[0])
    who["specific_time_availability"] = [hours(*each, date=TUESDAY) for each in own]
    rules = {
        "default_specific_time_availability": [hours(*each, date=TUESDAY) for each in default],
        "only_specific_time_availability": only[1],
    }
    place = world(body(who, availability_rules=rules))
    assert offered(traveller, place) == slots
    assert offered(traveller, place, WEDNESDAY) == ([] if any(only) else ["09:00", "09:30"])


def test_a_specific_time_shuts_the_date_of_its_own_zone(traveller: Traveller) -> None:
    """Closed on Tuesday in Tokyo, which is over at 15:00 UTC; on Wednesday all is as usual."""
    closed = {"date": TUESDAY, "start": "00:00", "end": "00:00", "timezone": "Asia/Tokyo"}
    place = world(body(organizer(hours("14:00", "16:00"), specific_time_availability=[closed])))
    assert offered(traveller, place) == ["15:00", "15:30"]
    assert offered(traveller, place, WEDNESDAY) == ["14:00", "14:30", "15:00", "15:30"]


@pytest.mark.parametrize(
    ("scheduler", "first"),
    [
        ({"min_booking_notice": 0}, "09:00"),
        ({"min_booking_notice": 1}, "09:30"),
        ({"min_booking_notice": 90}, "10:30"),
        ({"min_booking_notice": None}, "10:00"),
        ({}, "10:00"),
    ],
)
def test_the_notice(traveller: Traveller, scheduler: dict[str, Any], first: str) -> None:
    place = world({**body(organizer()), "scheduler": scheduler})
    assert offered(traveller, place, "2026-03-02")[0] == first


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("days", [0, 1])
def test_the_horizon_counts_whole_days_of_the_zone(traveller: Traveller, zone: str, days: int) -> None:
    """At 09:00 UTC on Monday it is 23:00 on Monday in Kiritimati and 22:00 on Sunday in Pago Pago."""
    today = 1 if zone == "Pacific/Pago_Pago" else 2
    scheduler = {"min_booking_notice": 0, "available_days_in_future": days}
    place = world({**body(organizer(), zone=zone), "scheduler": scheduler})
    assert offered(traveller, place, f"2026-03-{today + days:02}", zone)[-1] == "23:30"
    assert offered(traveller, place, f"2026-03-{today + days + 1:02}", zone) == []


def test_a_booking_takes_overlapping_starts_along(traveller: Traveller) -> None:
    """Open 8:30 to 10:30, an hour every 30 minutes; with 9:00 gone, 8:30 and 9:30 are too."""
    place = world(body(organizer(hours("8:30", "10:30")), duration_minutes=60, interval_minutes=30))
    assert offered(traveller, place) == ["08:30", "09:00", "09:30"]
    start = moment(f"{TUESDAY}T09:00")
    made = traveller.book(start, end_time=start + 3600).json["data"]["booking_id"]
    assert offered(traveller, place, calendars=calendars_in(traveller)) == []
    again = traveller.answer(start - 1800, start + 5400, booking_id=made)
    assert again.starts == [start - 1800, start, start + 1800]


def test_collective_needs_everybody(traveller: Traveller) -> None:
    people = [organizer(hours("9:00", "11:00")), person("bob", hours("9:30", "11:30", days=EVERY_DAY))]
    place = world(body(*people), {"bob": [event("10:00", "10:30")]})
    assert offered(traveller, place) == ["09:30", "10:30"]


def test_windows_of_the_component(traveller: Traveller) -> None:
    """Upside down, empty, text, and a month without any slot are all answered with what there is."""
    traveller.enter(world(body(organizer(SHORT))))
    start = moment(f"{TUESDAY}T09:00")
    assert traveller.answer(start, start - 60).slots == []
    assert traveller.answer(start, start).slots == []
    month = moment("2027-03-01")
    assert traveller.answer(month, month + 31 * 86_400).slots == []
    query = {"configuration_id": INTRO, "start_time": str(start), "end_time": f"{start + 1800}"}
    response = traveller.call("GET", "/v3/scheduling/availability", query=query)
    assert [slot["start_time"] for slot in response.json["data"]["time_slots"]] == [start]
