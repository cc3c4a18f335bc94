"""Availability: the documented rules with their worked examples, on a frozen Monday morning."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.worlds import ALICE, DOCUMENT, INTRO, NOW, Mock, configuration, participant

Make = Callable[[Mapping[str, Any]], Mock]
DAY = 86_400
TUESDAY = "2026-03-03"


def opened(start: str, end: str, **more: Any) -> dict[str, Any]:
    block = {"days": [0, 1, 2, 3, 4, 5, 6], "start": start, "end": end, **more}
    return participant("alice@example.com", availability={"calendar_ids": ["primary"], "open_hours": [block]})


def world(
    body: dict[str, Any], events: list[dict[str, Any]] | None = None, **document: Any
) -> dict[str, Any]:
    alice = DOCUMENT["grants"]["alice"]
    calendars = {"main": {"primary": True, "timezone": "UTC", "events": events or []}}
    grants = {**DOCUMENT["grants"], "alice": {**alice, "calendars": calendars}}
    configurations = {"intro": {"id": INTRO, "grant": "alice", "body": body}}
    return {**DOCUMENT, "grants": grants, "configurations": configurations, **document}


def event(start: str, end: str, day: str = TUESDAY, **more: Any) -> dict[str, Any]:
    return {"title": "Busy", "start": f"{day}T{start}:00Z", "end": f"{day}T{end}:00Z", **more}


def moment(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def offered(mock: Mock, day: str = TUESDAY, zone: str = "UTC") -> list[str]:
    """The slots of one local day, as the zone's wall clock shows them."""
    start = moment(day, zone)
    return [
        datetime.fromtimestamp(slot, UTC).astimezone(ZoneInfo(zone)).strftime("%H:%M")
        for slot in mock.slots(start, start + DAY)
    ]


@pytest.mark.parametrize(
    ("hours", "availability", "slots"),
    [
        (("8:30", "11:00"), {"duration_minutes": 60}, ["09:00", "10:00"]),
        (("8:15", "11:00"), {"duration_minutes": 60}, ["09:00", "10:00"]),
        (
            ("8:30", "10:30"),
            {"duration_minutes": 60, "interval_minutes": 30},
            ["08:30", "09:00", "09:30"],
        ),
        (
            ("8:15", "9:45"),
            {"duration_minutes": 60, "interval_minutes": 15},
            ["08:15", "08:30", "08:45"],
        ),
        (("9:00", "10:00"), {"duration_minutes": 20}, ["09:00", "09:30"]),
        (("9:00", "10:00"), {"duration_minutes": 20, "round_to": 5}, ["09:00", "09:20", "09:40"]),
        (("23:00", "23:59"), {"duration_minutes": 30}, ["23:00"]),
        (("9:00", "9:20"), {"duration_minutes": 30}, []),
    ],
    ids=["hourly", "hourly from 8:15", "every 30", "every 15", "rounds up", "round to 5", "23:59", "short"],
)
def test_the_grid_counts_from_midnight_and_open_hours_lie_over_it(
    mock_of: Make, hours: tuple[str, str], availability: dict[str, Any], slots: list[str]
) -> None:
    mock = mock_of(world(configuration(opened(*hours), availability=availability)))
    assert offered(mock) == slots


def test_booking_takes_overlapping_starts_along(mock_of: Make) -> None:
    availability = {"duration_minutes": 60, "interval_minutes": 30}
    mock = mock_of(world(configuration(opened("8:30", "10:30"), availability=availability)))
    start = moment(f"{TUESDAY}T09:00")
    assert mock.book(start, end_time=start + 3600).status_code == 200
    assert offered(mock) == []


@pytest.mark.parametrize(
    ("buffer", "slots"),
    [
        ({}, ["08:00", "08:30", "09:00", "09:30", "11:00", "11:30"]),
        ({"before": 30}, ["08:00", "08:30", "09:00", "11:00", "11:30"]),
        ({"after": 15}, ["08:00", "08:30", "09:00", "09:30", "11:30"]),
        ({"before": 30, "after": 30}, ["08:00", "08:30", "09:00", "11:30"]),
    ],
    ids=["none", "before", "after", "both"],
)
def test_buffers_widen_what_is_busy(mock_of: Make, buffer: dict[str, int], slots: list[str]) -> None:
    availability = {"duration_minutes": 30, "availability_rules": {"buffer": buffer}}
    body = configuration(opened("8:00", "12:00"), availability=availability)
    assert offered(mock_of(world(body, [event("10:00", "11:00")]))) == slots


@pytest.mark.parametrize(
    ("happening", "busy"),
    [
        (event("10:00", "11:00"), True),
        (event("10:00", "11:00", status="tentative"), True),
        (event("10:00", "11:00", status="cancelled"), False),
        (event("10:00", "11:00", busy=False), False),
        (event("10:00", "10:00"), False),
        ({"title": "Holiday", "start": TUESDAY, "end": "2026-03-04", "all_day": True}, True),
    ],
    ids=["confirmed", "tentative", "cancelled", "free", "no length", "all day"],
)
def test_what_blocks_and_what_does_not(mock_of: Make, happening: dict[str, Any], busy: bool) -> None:
    mock = mock_of(world(configuration(opened("10:00", "11:00")), [happening]))
    assert offered(mock) == ([] if busy else ["10:00", "10:30"])


def test_a_slot_may_touch_what_is_busy_and_the_end_of_the_window(mock_of: Make) -> None:
    events = [event("09:00", "10:00"), event("10:30", "11:00")]
    mock = mock_of(world(configuration(opened("9:00", "11:00")), events))
    assert offered(mock) == ["10:00"]
    ten = moment(f"{TUESDAY}T10:00")
    assert mock.slots(ten, ten + 1800) == [ten]
    assert mock.slots(ten + 1, ten + 3600) == []
    assert mock.slots(ten, ten + 1799) == []


@pytest.mark.parametrize(
    ("notice", "first"), [(0, "09:00"), (60, "10:00"), (90, "10:30"), (None, "10:00"), (95, "11:00")]
)
def test_the_notice_is_clipped_off(mock_of: Make, notice: int | None, first: str) -> None:
    body = configuration(opened("0:00", "23:00"), scheduler={"min_booking_notice": notice})
    assert offered(mock_of(world(body)), "2026-03-02")[0] == first


def test_without_a_notice_in_the_body_an_hour_is_asked_for(mock_of: Make) -> None:
    mock = mock_of(world(configuration(opened("0:00", "23:00"), scheduler={})))
    assert offered(mock, "2026-03-02")[0] == "10:00"


@pytest.mark.parametrize("days", [0, 1, 5])
def test_the_horizon_is_whole_days_in_the_zone_of_the_event(mock_of: Make, days: int) -> None:
    zone = "Pacific/Auckland"  # where it is already 22:00
    scheduler = {"min_booking_notice": 0, "available_days_in_future": days}
    body = configuration(
        opened("0:00", "23:59"), scheduler=scheduler, event_booking={"title": "t", "timezone": zone}
    )
    last = mock_of(world(body)).slots(NOW, NOW + 90 * DAY)[-1]
    assert last < moment("2026-03-03", zone) + days * DAY <= last + 3600


def test_a_window_of_too_many_starts_is_refused_at_once_and_a_shorter_one_is_not(mock_of: Make) -> None:
    body = configuration(
        opened("9:00", "9:05"),
        availability={"duration_minutes": 5, "interval_minutes": 5, "round_to": 5},
        scheduler={"min_booking_notice": 0, "available_days_in_future": 3650},
    )
    mock = mock_of(world(body))
    most = 50_000 * 300
    query = {"configuration_id": INTRO, "start_time": NOW - DAY, "end_time": NOW + 3650 * DAY}
    refused = mock.call("GET", "/v3/scheduling/availability", query=query)
    assert refused.status_code == 400
    assert refused.json["error"]["message"].endswith(
        "end_time: expected at most 173 days at a time, at steps of this length"
    )
    assert len(mock.slots(NOW, NOW + most)) == 174  # the first and the last in part
    far = NOW + 3000 * DAY
    assert mock.slots(far, far + DAY) == [far]
    assert mock.book(far, end_time=far + 300).status_code == 200


def test_what_the_horizon_cuts_off_does_not_make_a_window_too_long(mock_of: Make) -> None:
    mock = mock_of(world(configuration(opened("9:00", "10:00"))))
    assert len(mock.slots(0, 2**33)) == 62  # today and thirty days


def test_zones_of_open_hours(mock_of: Make) -> None:
    """The block's own zone, else the participant's, else the event's."""
    cases = [
        ({"timezone": "Asia/Kolkata"}, "America/New_York", "Asia/Kolkata"),
        ({}, "America/New_York", "America/New_York"),
        ({}, None, "Europe/Berlin"),
    ]
    for block, home, zone in cases:
        person = opened("9:00", "10:00", **block)
        if home:
            person["timezone"] = home
        body = configuration(person, event_booking={"title": "t", "timezone": "Europe/Berlin"})
        assert offered(mock_of(world(body)), zone=zone) == ["09:00", "09:30"]


def test_a_participants_hours_replace_the_default_ones_whose_zone_is_the_events(mock_of: Make) -> None:
    default = {"days": [2], "start": "14:00", "end": "15:00", "timezone": "Asia/Tokyo"}
    rules = {"default_open_hours": [default]}
    availability = {"duration_minutes": 60, "availability_rules": rules}
    own = configuration(opened("9:00", "10:00"), availability=availability)
    assert offered(mock_of(world(own))) == ["09:00"]
    person = participant("alice@example.com", availability={"calendar_ids": ["primary"], "open_hours": []})
    assert offered(mock_of(world(configuration(person, availability=availability)))) == ["14:00"]


def test_hours_close_on_excepted_dates_and_other_days(mock_of: Make) -> None:
    mock = mock_of(world(configuration(opened("9:00", "10:00", days=[2], exdates=[TUESDAY]))))
    assert [offered(mock, f"2026-03-{day:02}") for day in (2, 3, 4, 10)] == [[], [], [], ["09:00", "09:30"]]


def test_specific_times_override_open_hours(mock_of: Make) -> None:
    person = opened("9:00", "10:00")
    person["specific_time_availability"] = [
        {"date": TUESDAY, "start": "13:00", "end": "14:00"},
        {"date": TUESDAY, "start": "16:00", "end": "16:30"},
        {"date": "2026-03-04", "start": "00:00", "end": "00:00"},
    ]
    mock = mock_of(world(configuration(person)))
    assert offered(mock) == ["13:00", "13:30", "16:00"]
    assert offered(mock, "2026-03-04") == []
    assert offered(mock, "2026-03-05") == ["09:00", "09:30"]
    person["only_specific_time_availability"] = True
    mock = mock_of(world(configuration(person)))
    assert offered(mock) == ["13:00", "13:30", "16:00"]
    assert offered(mock, "2026-03-05") == []


def test_daylight_saving_skips_and_repeats_slots(mock_of: Make) -> None:
    zone = "America/New_York"
    body = configuration(
        opened("1:00", "4:00", timezone=zone), event_booking={"title": "t", "timezone": zone}
    )
    spring = mock_of({**world(body), "clock": {"mode": "frozen", "now": "2026-03-07T09:00:00Z"}})
    assert offered(spring, "2026-03-08", zone) == ["01:00", "01:30", "03:00", "03:30"]
    autumn = mock_of({**world(body), "clock": {"mode": "frozen", "now": "2026-10-31T09:00:00Z"}})
    repeated = ["01:00", "01:30", "01:00", "01:30"]
    assert offered(autumn, "2026-11-01", zone) == [*repeated, "02:00", "02:30", "03:00", "03:30"]


def test_everybody_must_be_free_in_their_own_zones(mock_of: Make) -> None:
    """Alice is open 9 to 17 in UTC, Bob in New York; they meet from 14 to 17 UTC."""
    alice = participant("alice@example.com")
    bob = participant("bob@example.com", organizer=False, timezone="America/New_York")
    del bob["availability"]["open_hours"][0]["timezone"]
    mock = mock_of(world(configuration(alice, bob, availability={"duration_minutes": 60})))
    assert offered(mock) == ["14:00", "15:00", "16:00"]
    start = moment(f"{TUESDAY}T15:00")
    booked = mock.book(start, end_time=start + 3600).json["data"]["booking_id"]
    places = mock.sandbox.world.bookings[booked].places
    assert len({place.grant_id for place in places}) == 2
    assert offered(mock) == ["14:00", "16:00"]


def test_whoever_has_no_availability_is_always_free_but_a_slot_is_sold_once(mock_of: Make) -> None:
    alice = participant("alice@example.com")
    del alice["availability"]
    bob = participant("bob@example.com", organizer=False)
    del bob["booking"]
    document = world(configuration(alice, bob), [event("10:00", "12:00")])
    mock = mock_of(document)
    assert "10:00" in offered(mock)
    ten = moment(f"{TUESDAY}T10:00")
    assert mock.book(ten, participants=[{"email": "alice@example.com"}]).status_code == 200
    assert mock.book(ten).status_code == 400
    assert "10:00" not in offered(mock)


@pytest.mark.parametrize("method", ["max-fairness", "max-availability"])
def test_round_robin_offers_whoever_is_free_and_books_who_is_next(mock_of: Make, method: str) -> None:
    availability = {"duration_minutes": 60, "availability_rules": {"availability_method": method}}
    people = [participant(email, organizer=False) for email in ("alice@example.com", "bob@example.com")]
    mock = mock_of(world(configuration(*people, availability=availability), [event("09:00", "10:00")]))
    query = {"configuration_id": INTRO, "start_time": moment(f"{TUESDAY}T09:00")}
    query["end_time"] = query["start_time"] + 2 * 3600

    def answer() -> tuple[list[str], list[list[str]]]:
        data = mock.call("GET", "/v3/scheduling/availability", query=query).json["data"]
        return data["order"], [slot["emails"] for slot in data["time_slots"]]

    both = ["alice@example.com", "bob@example.com"]
    assert answer() == (both, [["bob@example.com"], both])
    start = query["start_time"] + 3600
    first = mock.book(start, end_time=start + 3600).json["data"]
    assert first["organizer"]["email"] == "alice@example.com"
    assert answer() == (both[::-1], [["bob@example.com"], ["bob@example.com"]])
    second = mock.book(start, end_time=start + 3600, participants=[{"email": "bob@example.com"}])
    assert second.json["data"]["organizer"]["email"] == "bob@example.com"
    assert mock.book(start, end_time=start + 3600).status_code == 400
    assert mock.sandbox.world.bookings[first["booking_id"]].places[0].grant_id == ALICE


def test_the_other_grid_counts_from_the_window(mock_of: Make) -> None:
    body = configuration(opened("9:00", "12:00"), availability={"duration_minutes": 60})
    mock = mock_of({**world(body), "dialect": {"slot_grid": "window_start"}})
    start = moment(f"{TUESDAY}T09:20")
    assert mock.slots(start, start + 3 * 3600) == [start + 600, start + 4200]
