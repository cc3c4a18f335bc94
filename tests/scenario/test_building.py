"""What a document becomes in the world: defaults, drawn ids, pages, events, bookings."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mockserver.domain.calendars import Event
from mockserver.domain.ids import Ids
from mockserver.domain.reference import is_uuid
from mockserver.domain.world import World
from mockserver.scenario import list_scenarios, load_scenario, parse_scenario
from tests.scenario.worlds import GUEST, NOW, WORLD, with_event

BERLIN = ZoneInfo("Europe/Berlin")
PUBLIC_URL = "http://mock.example:9000"


def built(text: str, now: int = NOW, public_url: str = PUBLIC_URL) -> World:
    scenario = parse_scenario(text)
    return scenario.build(now, Ids(scenario.seed), public_url)


def only(table: Any) -> Any:
    (value,) = table.values()
    return value


def event_of(event: str, now: int = NOW) -> Event:
    (found,) = only(only(built(with_event(event), now).grants).calendars).events
    return found  # type: ignore[no-any-return]


def shown(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, BERLIN):%Y-%m-%d %H:%M}"


def everything(world: World) -> Any:
    calendars = [each for grant in world.grants.values() for each in grant.calendars.values()]
    return {
        "application": asdict(world.application),
        "grants": [(each.id, each.email, each.status, each.scopes) for each in world.grants.values()],
        "events": [asdict(event) for calendar in calendars for event in calendar.events],
        "configurations": [each.shown() for each in world.configurations.values()],
        "sessions": [asdict(each) for each in world.sessions.values()],
        "bookings": [asdict(each) for each in world.bookings.values()],
        "webhooks": [asdict(each) for each in world.webhooks.values()],
    }


@pytest.mark.parametrize("name", [info.name for info in list_scenarios()])
def test_two_worlds_of_one_scenario_are_equal_and_share_nothing_that_changes(name: str) -> None:
    scenario = load_scenario([name])
    one, two = (scenario.build(NOW, Ids(scenario.seed), PUBLIC_URL) for _ in range(2))

    assert everything(one) == everything(two)
    for grant in one.grants.values():
        grant.status = "expired"
        for calendar in grant.calendars.values():
            for event in calendar.events:
                calendar.remove(event.id)
    three = scenario.build(NOW, Ids(scenario.seed), PUBLIC_URL)
    assert everything(two) == everything(three)


def test_ids_that_are_not_given_are_drawn_from_the_seed() -> None:
    one, two = only(built(WORLD).configurations), only(built(WORLD + "seed: 2\n").configurations)

    assert is_uuid(one.id)
    assert one.id != two.id
    assert one.id == only(built(WORLD + "seed: 1\n").configurations).id


def test_an_id_that_is_added_at_the_end_changes_none_before_it() -> None:
    more = WORLD + "webhooks: {w: {url: 'http://localhost:9/'}}\n"

    assert list(built(more).configurations) == list(built(WORLD).configurations)


def test_a_grant_has_one_primary_calendar_in_utc_unless_told_otherwise() -> None:
    world = built(
        "version: 1\ngrants:\n  a: {email: a@example.com}\n  b: {email: b@example.com, provider: microsoft}\n"
    )
    google, microsoft = world.grants.values()

    assert [(each.id, each.name, each.timezone) for each in google.calendars.values()] == [
        ("a@example.com", "main", "UTC")
    ]
    assert list(microsoft.calendars) == ["main"]
    assert google.calendar("primary") is google.calendars["a@example.com"]
    assert (google.provider, google.scopes, google.status, google.name) == ("google", None, "valid", "")


def test_calendars_take_their_local_name_for_an_id_unless_they_have_one() -> None:
    text = (
        "main: {timezone: Europe/Berlin, primary: true}\n      side: {}\n      other: {id: o@group.example}"
    )
    grant = only(built(WORLD.replace("main: {timezone: Europe/Berlin}", text)).grants)

    assert list(grant.calendars) == ["alice@example.com", "side", "o@group.example"]


def test_the_pages_of_the_mock_stand_in_where_none_are_named() -> None:
    scheduler = only(built(WORLD).configurations).body["scheduler"]
    assert scheduler == {
        "rescheduling_url": f"{PUBLIC_URL}/reschedule/:booking_ref",
        "cancellation_url": f"{PUBLIC_URL}/cancel/:booking_ref",
    }

    asking = WORLD.replace("{title: Intro}", "{title: Intro, booking_type: organizer-confirmation}")
    asking += "      scheduler: {cancellation_url: 'https://example.com/bye'}\n"
    scheduler = only(built(asking).configurations).body["scheduler"]
    assert scheduler["organizer_confirmation_url"] == f"{PUBLIC_URL}/confirm/:booking_ref"
    assert scheduler["cancellation_url"] == "https://example.com/bye"


def test_a_body_is_brought_into_the_form_that_the_api_keeps() -> None:
    configuration = only(built(WORLD + "      slug: ''\n").configurations)

    assert configuration.slug is None
    assert configuration.body["requires_session_auth"] is False


@pytest.mark.parametrize(
    ("event", "start", "end"),
    [
        ('{at: {day: 0, at: "12:00"}, duration: 45}', "2026-03-02 12:00", "2026-03-02 12:45"),
        ('{at: {workday: 1, at: "00:00", tz: UTC}, duration: 0}', "2026-03-03 01:00", "2026-03-03 01:00"),
        ("{start: 2026-03-02T10:00:00Z, end: 2026-03-04T10:00:00Z}", "2026-03-02 11:00", "2026-03-04 11:00"),
        (
            '{start: {weekday: fri, at: "18:00"}, end: {weekday: mon, week: 1, at: "08:00"}}',
            "2026-03-06 18:00",
            "2026-03-09 08:00",
        ),
        ("{at: 2026-03-29, all_day: true}", "2026-03-29 00:00", "2026-03-30 00:00"),
        ("{start: {day: 1}, end: {day: 3}, all_day: true}", "2026-03-03 00:00", "2026-03-06 00:00"),
        ("{at: {day: 0, tz: Asia/Tokyo}, all_day: true}", "2026-03-01 16:00", "2026-03-02 16:00"),
    ],
)
def test_an_event_begins_and_ends(event: str, start: str, end: str) -> None:
    found = event_of(event)

    assert (shown(found.start), shown(found.end)) == (start, end)


def test_a_clock_change_never_turns_an_event_around() -> None:
    change = int(datetime(2026, 3, 29, 12, tzinfo=BERLIN).timestamp())
    found = event_of('{start: {day: 0, at: "02:30"}, end: {day: 0, at: "03:00"}}', change)

    assert (shown(found.start), found.end - found.start) == ("2026-03-29 03:30", 0)


def test_an_event_is_as_it_is_described() -> None:
    event = event_of("{id: e1, title: Fair, at: 2026-03-02, all_day: true, busy: false, status: tentative}")

    assert (event.id, event.title, event.all_day, event.busy, event.status) == (
        *("e1", "Fair", True, False, "tentative"),
    )
    plain = event_of("{at: 2026-03-02, all_day: true}")
    assert (plain.title, plain.busy, plain.status) == ("", True, "confirmed")


def test_relative_times_follow_the_clock_of_each_building() -> None:
    scenario = parse_scenario(with_event('{at: {day: 1, at: "12:00"}, duration: 45}'))
    today, tomorrow = (
        only(only(scenario.build(now, Ids(1), PUBLIC_URL).grants).calendars).events[0].start
        for now in (NOW, NOW + 86_400)
    )

    assert tomorrow - today == 86_400


def test_a_session_lives_from_now_for_five_minutes_or_as_long_as_it_says() -> None:
    world = built(
        WORLD + "sessions:\n  a: {configuration: intro}\n  b: {configuration: intro, expires_in: PT1H}\n"
    )

    assert [session.expires_at - NOW for session in world.sessions.values()] == [300, 3600]


def test_a_booking_lies_on_the_organizers_calendar_in_its_zone() -> None:
    world = built(
        WORLD
        + f'bookings:\n  b: {{configuration: intro, at: {{day: 1, at: "10:00"}}, {GUEST}, duration: 60,\n'
        + "      id: 11111111-1111-4111-8111-111111111111, salt: 4XhAo_vYPK1WKg}\n"
    )
    booking, configuration = only(world.bookings), only(world.configurations)
    event = world.event_at(booking.places[0])
    assert event is not None

    assert (booking.id, booking.salt, booking.status) == (
        *("11111111-1111-4111-8111-111111111111", "4XhAo_vYPK1WKg", "booked"),
    )
    assert (shown(booking.start), shown(booking.end)) == ("2026-03-03 10:00", "2026-03-03 11:00")
    assert (event.start, event.end, event.title) == (booking.start, booking.end, "Intro")
    assert event.metadata["key5"] == configuration.id
    assert booking.guest.email in {person.email for person in event.participants}


def test_a_webhook_gets_all_triggers_an_id_and_a_secret_unless_told() -> None:
    world = built(
        WORLD
        + "webhooks:\n  a: {url: 'http://localhost:9/a'}\n"
        + "  b: {id: hook, url: 'http://localhost:9/b', triggers: [booking.created], secret: s3cret,\n"
        + "      status: pause, compressed: true}\n"
    )
    one, two = world.webhooks.values()

    assert len(one.trigger_types) == 5
    assert len(one.secret) == 20
    assert (two.id, two.trigger_types, two.secret) == ("hook", ("booking.created",), "s3cret")
    assert (two.status, two.compressed_delivery) == ("pause", True)


def test_the_application_has_fixed_credentials_unless_it_names_others() -> None:
    application = built("version: 1\napplication: {api_key: nyk_mine}\n").application

    assert application.api_key == "nyk_mine"
    assert application.client_id == built("version: 1\n").application.client_id
    assert built("version: 1\n").application.api_key.startswith("nyk_v0_")


def test_the_dialect_is_set_switch_by_switch() -> None:
    dialect = parse_scenario(
        "version: 1\n"
        "dialect: {missing_scope_status: 400, empty_notification_fields: null, slot_grid: window_start}\n"
    ).dialect

    assert (dialect.missing_scope_status, dialect.empty_notification_fields) == ("400", "null")
    assert (dialect.slot_grid, dialect.error_types) == ("window_start", "bare")


def test_a_grant_may_have_expired_since_its_configuration_was_made() -> None:
    world = built(
        WORLD.replace("email: alice@example.com\n", "email: alice@example.com\n    status: expired\n", 1)
    )

    assert only(world.grants).status == "expired"
    assert len(world.configurations) == 1


def test_building_leaves_an_undo_log_that_can_be_forgotten() -> None:
    world = built(WORLD)
    world.log.begin()
    world.log.roll_back()

    assert len(world.configurations) == 1


def occurrences(event: str, days: int, now: int = NOW) -> list[str]:
    calendar = only(only(built(with_event(event), now).grants).calendars)
    found = calendar.between(now, now + days * 86_400)
    return sorted(shown(each.start) for each in found)


def test_an_event_recurs_on_the_wall_clock_of_its_calendar() -> None:
    event = "{at: 2026-03-28T08:00:00Z, duration: 30, recurrence: RRULE:FREQ=DAILY;COUNT=3}"

    assert occurrences(event, 60) == ["2026-03-28 09:00", "2026-03-29 09:00", "2026-03-30 09:00"]


@pytest.mark.parametrize(
    "recurrence",
    [
        "[FREQ=DAILY;COUNT=4, 'EXDATE:20260303T090000']",
        "['RDATE:20260304T080000Z,20260305']",
        "'FREQ=DAILY;COUNT=4;BYDAY=WE,TH'",
    ],
)
def test_an_event_recurs_by_lines_of_icalendar(recurrence: str) -> None:
    found = occurrences(f'{{at: {{day: 0, at: "09:00"}}, duration: 90, recurrence: {recurrence}}}', 3)

    assert found == ["2026-03-02 09:00", "2026-03-04 09:00", "2026-03-05 09:00"]


def test_an_event_recurs_on_the_clock_of_the_zone_that_its_start_names() -> None:
    start = '{day: 4, at: "09:00", tz: America/New_York}'
    found = occurrences(f"{{at: {start}, duration: 30, recurrence: FREQ=DAILY}}", 7)

    assert found == ["2026-03-06 15:00", "2026-03-07 15:00", "2026-03-08 14:00"]


def test_days_recur_from_midnight_to_midnight() -> None:
    event = "{at: {weekday: tue}, all_day: true, recurrence: FREQ=WEEKLY;COUNT=2}"
    calendar = only(only(built(with_event(event)).grants).calendars)
    found = calendar.between(NOW, NOW + 20 * 86_400)

    assert [(shown(each.start), shown(each.end)) for each in found] == [
        ("2026-03-03 00:00", "2026-03-04 00:00"),
        ("2026-03-10 00:00", "2026-03-11 00:00"),
    ]


def test_a_series_keeps_its_id_and_its_lines() -> None:
    event = event_of("{id: e1, at: 2026-03-02, all_day: true, recurrence: FREQ=DAILY}")

    assert (event.id, event.recurrence, event.timezone) == ("e1", ("RRULE:FREQ=DAILY",), "Europe/Berlin")
