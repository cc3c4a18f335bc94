"""Every scenario that travels with the program loads, builds, and is alive on any day."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from mockserver.domain.availability import time_slots
from mockserver.domain.configuration import Configuration
from mockserver.domain.errors import Refusal
from mockserver.domain.ids import Ids
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import World
from mockserver.resources import data_path
from mockserver.sandbox import Template
from mockserver.scenario import Scenario, list_scenarios, load_scenario, validate_file
from mockserver.scenario.library import TEMPLATE
from mockserver.scenario.yaml_places import load_text

STARTERS = [info.name for info in list_scenarios() if "/" not in info.name and info.name != TEMPLATE]
ALIVE = [
    name
    for name in STARTERS
    if name != "grant-trouble" and load_scenario([name]).clock.mode == "real"  # trouble: nothing is offered
]
STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = 86_400
FRIDAY_EVENING = int(datetime(2026, 3, 27, 21, 30, tzinfo=UTC).timestamp())  # summer time begins that Sunday


def built(scenario: Scenario, now: int) -> World:
    return scenario.build(now, Ids(scenario.seed), "http://localhost:8080")


def slots(world: World, configuration: Configuration, now: int, days: int = 8) -> list[int]:
    tx = Transaction(world, now, Ids(0))
    return [slot.start for slot in time_slots(tx, configuration, now, now + days * DAY)]


@pytest.mark.parametrize("name", STARTERS)
def test_a_starter_is_valid_named_after_its_file_and_described(name: str) -> None:
    path = data_path("scenarios") / f"{name}.yaml"
    scenario = load_scenario([name])

    assert validate_file(path) == []
    assert scenario.name == name
    assert len(scenario.description) > 40
    template: Template = scenario
    world = template.build(FRIDAY_EVENING, Ids(template.seed), "http://localhost:8080")
    assert len(world.configurations) >= 1
    assert load_text(path.read_text(encoding="utf-8"), str(path)).value["version"] == 1


@pytest.mark.parametrize("name", STARTERS)
def test_guests_and_organizers_live_at_example_com(name: str) -> None:
    world = built(load_scenario([name]), FRIDAY_EVENING)

    people = [
        person.email for booking in world.bookings.values() for person in (booking.guest, *booking.hosts)
    ]
    people += [grant.email for grant in world.grants.values()]
    assert {email.partition("@")[2] for email in people} == {"example.com"}


@pytest.mark.parametrize("days_later", range(7))
@pytest.mark.parametrize("name", ALIVE)
def test_a_starter_on_the_real_clock_offers_slots_within_a_week_of_any_day(
    name: str, days_later: int
) -> None:
    now = FRIDAY_EVENING + days_later * DAY
    world = built(load_scenario([name]), now)

    for configuration in world.configurations.values():
        assert len(slots(world, configuration, now)) >= 10
    for booking in world.bookings.values():
        assert booking.start > now


def test_the_default_world_offers_both_booking_types_publicly_on_the_real_clock() -> None:
    scenario = load_scenario([])
    world = built(scenario, FRIDAY_EVENING)

    assert scenario.name == "default"
    assert scenario.clock.mode == "real"
    assert {each.booking_type for each in world.configurations.values()} == {
        "booking",
        "organizer-confirmation",
    }
    assert not any(each.requires_session_auth for each in world.configurations.values())


def test_the_nearly_full_week_has_exactly_four_slots_left() -> None:
    scenario = load_scenario(["nearly-full-week"])
    now = int(scenario.clock.now or 0)
    world = built(scenario, now)
    (configuration,) = world.configurations.values()

    offered = [datetime.fromtimestamp(start, UTC) for start in slots(world, configuration, now, days=30)]
    assert [f"{each:%a %H:%M}" for each in offered] == ["Tue 11:30", "Wed 15:00", "Thu 13:00", "Fri 16:30"]


def test_the_imported_calendar_is_busy_when_its_file_says_so() -> None:
    scenario = load_scenario(["imported-calendar"])
    now = int(scenario.clock.now or 0)
    world = built(scenario, now)
    (configuration,) = world.configurations.values()
    free: dict[str, list[str]] = {}
    for start in slots(world, configuration, now, days=17):
        day, at = f"{datetime.fromtimestamp(start, STOCKHOLM):%m-%d %H:%M}".split()
        free.setdefault(day, []).append(at)
    half_hours = [f"{hour:02}:{minute}" for hour in range(9, 17) for minute in ("00", "30")]

    def missing(day: str) -> list[str]:
        return [at for at in half_hours if at not in free.get(day, [])]

    stand_up, lunch = ["09:00"], ["12:00", "12:30"]
    assert missing("03-23") == [*stand_up, *lunch, "15:00", "15:30"]  # New York is five hours behind
    assert missing("03-24") == [*stand_up, *lunch]  # planning was moved away; focus time is free
    assert missing("03-25") == [*stand_up, "10:00", "10:30", "11:00", "11:30", *lunch]
    assert missing("03-26") == missing("03-27") == half_hours
    assert missing("03-30") == [*stand_up, *lunch, "16:00", "16:30"]  # six hours since the clocks changed
    assert missing("04-06") == [*lunch, "16:00", "16:30"]  # no stand-up at Easter
    assert missing("04-07") == [*stand_up, *lunch]  # planning was called off


def test_the_private_world_has_a_session_that_lives_and_one_that_does_not() -> None:
    world = built(load_scenario(["private"]), FRIDAY_EVENING)
    (configuration,) = world.configurations.values()

    assert configuration.requires_session_auth
    assert [session.expires_at - FRIDAY_EVENING for session in world.sessions.values()] == [DAY, 0]


def test_the_collective_has_three_people_in_three_zones() -> None:
    world = built(load_scenario(["collective"]), FRIDAY_EVENING)
    (configuration,) = world.configurations.values()

    assert len({person.timezone for person in configuration.participants}) == 3
    assert {grant.provider for grant in world.grants.values()} == {"google", "microsoft"}


def test_the_additional_fields_are_of_every_type() -> None:
    world = built(load_scenario(["additional-fields"]), FRIDAY_EVENING)
    (configuration,) = world.configurations.values()
    (booking,) = world.bookings.values()

    types = {each.type for each in configuration.additional_fields.values()}
    assert types == {
        *("text", "multi_line_text", "email", "phone_number", "dropdown"),
        *("date", "checkbox", "radio_button", "metadata"),
    }
    assert set(booking.additional_fields) == set(configuration.additional_fields)


def test_the_pending_starter_has_one_booking_of_every_status() -> None:
    world = built(load_scenario(["organizer-confirmation"]), FRIDAY_EVENING)

    found = {}
    for booking in world.bookings.values():
        event = world.event_at(booking.places[0])
        assert event is not None
        found[booking.status] = (event.title, event.status)
    assert found == {
        "pending": ("[PENDING] Portrait session", "tentative"),
        "booked": ("Portrait session", "confirmed"),
        "cancelled": ("Portrait session", "cancelled"),
    }


def test_grants_in_trouble_refuse_what_they_are_for() -> None:
    world = built(load_scenario(["grant-trouble"]), FRIDAY_EVENING)
    expired, read_only = world.configurations.values()

    with pytest.raises(Refusal, match="Failed to find a valid Grant"):
        slots(world, expired, FRIDAY_EVENING)
    assert slots(world, read_only, FRIDAY_EVENING)


def test_the_default_scenario_is_listed_first() -> None:
    assert STARTERS[0] == "default"
    assert len(STARTERS) >= 7
    assert all(info.path.is_file() and info.description for info in list_scenarios())
