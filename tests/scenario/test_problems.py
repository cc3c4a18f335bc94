"""What is wrong with a scenario is told with its line, its path and what was expected; all of it."""

from pathlib import Path

import pytest

from mockserver.scenario import Problem, ScenarioError, load_scenario, parse_scenario, validate_file
from tests.scenario.worlds import EVENT_LINE, GUEST, WORLD, with_event

EVENT = "grants.alice.calendars.main.events[0]"


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(ScenarioError) as raised:
        parse_scenario(text)
    return raised.value.problems


def test_the_world_that_the_tests_break_is_whole() -> None:
    assert parse_scenario(WORLD).name == "unnamed"
    assert parse_scenario(with_event('{title: Lunch, at: {day: 0, at: "12:00"}, duration: 60}'))


@pytest.mark.parametrize(
    ("text", "line", "path", "words"),
    [
        pytest.param("", 1, "", "a scenario", id="empty"),
        pytest.param("- 1\n", 1, "", "a scenario", id="list"),
        pytest.param("name: x\n", 1, "", "the key version", id="no version"),
        pytest.param("version: 2\n", 1, "version", "1, the version", id="another version"),
        pytest.param(WORLD + "colour: red\n", 19, "colour", "unknown key", id="unknown at the top"),
        pytest.param(WORLD + '"a b": 1\n', 19, '["a b"]', "unknown key", id="unknown with a space"),
        pytest.param(
            WORLD.replace("email: alice", "colour: red\n    email: alice", 1),
            5,
            "grants.alice.colour",
            "unknown key; expected one of id, email",
            id="unknown below",
        ),
        pytest.param(WORLD + "grants: {}\n", 19, "", "appears twice (first on line 3)", id="key twice"),
        pytest.param(WORLD.replace("mode: frozen", "mode: slow"), 2, "clock.mode", "one of real", id="mode"),
        pytest.param(
            WORLD.replace(", now: 2026-03-02T09:00:00Z", ""), 2, "clock", "the key now", id="no now"
        ),
        pytest.param(
            WORLD.replace("mode: frozen", "mode: real"), 2, "clock.now", "none in mode", id="real now"
        ),
        pytest.param(WORLD.replace("02T09", "02 09"), 2, "clock.now", "an RFC 3339 time", id="bad now"),
        pytest.param(WORLD + "seed: 1.5\n", 19, "seed", "a whole number", id="seed"),
        pytest.param(WORLD + "seed: -1\n", 19, "seed", "at least 0", id="negative seed"),
        pytest.param(WORLD + "application: {api_key: a b}\n", 19, "application.api_key", "letters", id="key"),
        pytest.param(
            WORLD + "dialect: {slot_grid: round}\n", 19, "dialect.slot_grid", "midnight", id="choice"
        ),
        pytest.param(WORLD + "dialect: {grid: midnight}\n", 19, "dialect.grid", "unknown key", id="switch"),
        pytest.param(WORLD + "steps: {}\n", 19, "steps", "a list of steps", id="steps"),
        pytest.param(WORLD + "requires: [x]\n", 19, "requires[0]", "one of writes", id="requires"),
        pytest.param(
            WORLD.replace("main: {", "main: {ics: a.ics, "),
            7,
            "grants.alice.calendars.main.ics",
            "none in a scenario that is sent",
            id="ics",
        ),
        pytest.param(
            WORLD.replace("configurations:", '  "b b": {email: b@example.com}\nconfigurations:'),
            8,
            'grants["b b"]',
            "a local name",
            id="name",
        ),
        pytest.param(
            WORLD.replace("email: alice@", "email: alice ", 1),
            5,
            "grants.alice.email",
            "an e-mail",
            id="e-mail",
        ),
        pytest.param(
            WORLD.replace("Europe/Berlin", "Europe/Bonn"),
            7,
            "grants.alice.calendars.main.timezone",
            "there is no Europe/Bonn",
            id="zone",
        ),
        pytest.param(
            WORLD.replace("}\nconf", "}\n      other: {}\nconf"),
            7,
            "grants.alice.calendars",
            "exactly one calendar with primary: true, there are 0",
            id="no primary calendar",
        ),
        pytest.param(
            WORLD.replace("}\nconf", ", primary: true}\n      b: {id: alice@example.com}\nconf"),
            8,
            "grants.alice.calendars.b.id",
            "an id that no other calendar of alice has",
            id="calendar id twice",
        ),
        pytest.param(
            WORLD.replace("configurations:", "  bob: {email: Alice@Example.com}\nconfigurations:"),
            8,
            "grants.bob.email",
            "alice has it too",
            id="e-mail twice",
        ),
        pytest.param(
            WORLD.replace("grant: alice", "grant: alicia"),
            10,
            "configurations.intro.grant",
            "there is alice",
            id="dangling grant",
        ),
        pytest.param(
            WORLD.replace("grant: alice", "id: INTRO\n    grant: alice"),
            10,
            "configurations.intro.id",
            "a UUID in lower case",
            id="id that is none",
        ),
        pytest.param(
            WORLD.replace("minutes: 30", "minutes: soon"),
            17,
            "configurations.intro.body.availability.duration_minutes",
            "an integer",
            id="body against the contract",
        ),
        pytest.param(
            WORLD.replace("calendar_ids: [primary]", "calendar_ids: [work]"),
            13,
            "configurations.intro.body.participants[0]",
            "'work' is none of them",
            id="body against the rules",
        ),
        pytest.param(
            WORLD + "sessions: {s: {configuration: outro}}\n",
            19,
            "sessions.s.configuration",
            "there is intro",
            id="dangling configuration",
        ),
        pytest.param(
            WORLD + "sessions: {s: {configuration: intro, expires_in: 5}}\n",
            19,
            "sessions.s.expires_in",
            "an ISO 8601 duration",
            id="number for a duration",
        ),
        pytest.param(
            WORLD + "sessions: {s: {configuration: intro, expires_in: 5 min}}\n",
            19,
            "sessions.s.expires_in",
            "an ISO 8601 duration",
            id="no duration",
        ),
        pytest.param(
            WORLD + "webhooks:\n  w:\n    url: http://x.example\n    triggers: [booking.made]\n",
            22,
            "webhooks.w.triggers[0]",
            "one of booking.created",
            id="trigger",
        ),
        pytest.param(WORLD + "webhooks: {w: {url: ftp://x}}\n", 19, "webhooks.w.url", "http", id="URL"),
        pytest.param(
            WORLD + 'webhooks: {w: {url: "http://x.example\\n"}}\n',
            19,
            "webhooks.w.url",
            "http",
            id="line end",
        ),
        pytest.param(
            WORLD + f'bookings:\n  b: {{configuration: x, at: {{day: 1, at: "10:00"}}, {GUEST}}}\n',
            20,
            "bookings.b.configuration",
            "there is intro",
            id="dangling in a booking",
        ),
        pytest.param(
            WORLD + f"bookings:\n  b: {{configuration: intro, {GUEST}}}\n",
            20,
            "bookings.b",
            "the key at",
            id="when",
        ),
        pytest.param(
            WORLD + f"bookings:\n  b: {{configuration: intro, at: soon, {GUEST}}}\n",
            20,
            "bookings.b.at",
            "an RFC 3339 time",
            id="no time",
        ),
        pytest.param(
            WORLD + "bookings:\n  b: {configuration: intro, at: 2026-03-03T09:00:00Z, guest: {name: Gil}}\n",
            20,
            "bookings.b.guest",
            "the key email",
            id="guest",
        ),
        pytest.param(
            WORLD
            + "bookings:\n  b: {configuration: intro, at: 2026-03-03T09:00:00Z, status: pending,\n"
            + f"      {GUEST}}}\n",
            20,
            "bookings.b.status",
            "booked or cancelled",
            id="pending without an organizer who decides",
        ),
        pytest.param(
            WORLD
            + f"bookings:\n  b: {{configuration: intro, at: 2026-03-03T09:00:00Z, {GUEST},\n"
            + "      additional_fields: {size: L}}\n",
            21,
            "bookings.b.additional_fields.size",
            "there is none",
            id="unknown additional field",
        ),
        pytest.param(
            WORLD + f"bookings:\n  b: {{configuration: intro, at: 2026-03-03T09:00:00Z, {GUEST}, salt: a}}\n",
            20,
            "bookings.b.salt",
            "a salt",
            id="salt",
        ),
    ],
)
def test_a_problem_names_line_path_and_expectation(text: str, line: int, path: str, words: str) -> None:
    (problem,) = problems_of(text)

    assert (problem.file, problem.line, problem.path) == ("<body>", line, path)
    assert words in problem.message


@pytest.mark.parametrize(
    ("event", "path", "words"),
    [
        pytest.param("{title: x}", "", "either start and end, or at and duration", id="no time"),
        pytest.param("{start: 2026-03-02T10:00:00Z}", "", "either start and end", id="no end"),
        pytest.param("{at: 2026-03-02T10:00:00Z}", "", "at and duration", id="no duration"),
        pytest.param(
            "{start: 2026-03-02T10:00:00Z, end: 2026-03-02T09:00:00Z}",
            ".end",
            "not before start",
            id="inverted",
        ),
        pytest.param(
            '{start: {day: 1, at: "10:00"}, end: {day: 1, at: "09:59"}}', ".end", "not before", id="same day"
        ),
        pytest.param(
            '{start: {day: 1, at: "10:00"}, end: {workday: 2, at: "10:00"}}', ".end", "same way", id="mixed"
        ),
        pytest.param(
            '{start: {day: 1, at: "10:00"}, end: {day: 1, at: "11:00", tz: UTC}}',
            ".end",
            "same zone",
            id="zones",
        ),
        pytest.param('{at: {day: 1, at: "9:00"}, duration: 5}', ".at.at", "a time of day", id="9:00"),
        pytest.param(
            "{at: {day: 1, at: 12:00}, duration: -5}", ".duration", "at least 0", id="negative length"
        ),
        pytest.param("{at: {day: 1}, duration: 5}", ".at", "the time of day too", id="no time of day"),
        pytest.param(
            '{at: {at: "10:00"}, duration: 5}', ".at", "one of day, workday and weekday", id="no day"
        ),
        pytest.param(
            '{at: {day: 1, workday: 1, at: "10:00"}, duration: 5}', ".at", "one of day", id="two days"
        ),
        pytest.param('{at: {workday: 0, at: "10:00"}, duration: 5}', ".at.workday", "day: 0", id="workday 0"),
        pytest.param(
            '{at: {day: 1, week: 1, at: "10:00"}, duration: 5}', ".at.week", "none", id="week of no day"
        ),
        pytest.param(
            '{at: {weekday: someday, at: "10:00"}, duration: 5}', ".at.weekday", "mon", id="someday"
        ),
        pytest.param(
            '{at: {day: 99999, at: "10:00"}, duration: 5}', ".at.day", "at most 3660", id="far away"
        ),
        pytest.param('{at: {day: 1, at: "10:00", tz: Moon}, duration: 5}', ".at.tz", "no Moon", id="tz"),
        pytest.param("{at: 5, duration: 5}", ".at", "an RFC 3339 time, or a relative one", id="number"),
        pytest.param("{at: 2026-02-30T10:00:00Z, duration: 5}", ".at", "there is no", id="30 February"),
        pytest.param("{at: 2026-03-02T10:00:00Z, all_day: true}", ".at", "a date", id="instant all day"),
        pytest.param('{at: {day: 1, at: "10:00"}, all_day: true}', ".at.at", "none", id="hour all day"),
        pytest.param("{at: 2026-03-02, duration: 5, all_day: true}", "", "all day", id="length all day"),
        pytest.param(
            "{start: 2026-03-02, end: 2026-03-01, all_day: true}", ".end", "not before", id="days back"
        ),
        pytest.param("{at: 2026-03-02, duration: 5}", ".at", "an RFC 3339 time", id="date without all_day"),
        pytest.param("{at: 2026-03-02, all_day: yes}", ".all_day", "true or false", id="yes is text"),
        pytest.param(
            "{at: 2026-03-02, all_day: true, recurrence: [RRULE]}", ".recurrence[0]", "FREQ: ", id="RRULE"
        ),
        pytest.param(
            "{at: 2026-03-02, all_day: true, recurrence: FREQ=HOURLY}", ".recurrence", "DAILY", id="hourly"
        ),
        pytest.param(
            "{at: 2026-03-02, all_day: true, recurrence: [FREQ=DAILY, 'EXDATE:never']}",
            ".recurrence[1]",
            "a time such as",
            id="EXDATE",
        ),
        pytest.param(
            "{at: 2026-03-02, all_day: true, recurrence: 'EXDATE;TZID=UTC:20260302T090000'}",
            ".recurrence",
            "no TZID",
            id="TZID",
        ),
        pytest.param(
            "{at: 2026-03-02, all_day: true, recurrence: EXRULE:FREQ=DAILY}",
            ".recurrence",
            "RRULE, EXDATE or RDATE",
            id="EXRULE",
        ),
        pytest.param(
            "{start: 2026-03-02, end: 2027-04-02, all_day: true, recurrence: FREQ=DAILY}",
            ".recurrence",
            "at most 366 days",
            id="long and recurring",
        ),
        pytest.param(
            "{at: 2026-03-02, all_day: true, recurrence: 5}", ".recurrence", "or a list of them", id="rule 5"
        ),
        pytest.param(
            "{at: 2026-03-02, all_day: true, recurrence: []}", ".recurrence", "or a list", id="no rule"
        ),
        pytest.param(
            "{at: 2026-03-02, all_day: true, recurrence: [5]}", ".recurrence[0]", "a line of", id="line 5"
        ),
        pytest.param("{at: 2026-03-02, all_day: true, status: maybe}", ".status", "tentative", id="status"),
    ],
)
def test_a_problem_of_an_event(event: str, path: str, words: str) -> None:
    (problem,) = problems_of(with_event(event))

    assert (problem.line, problem.path) == (EVENT_LINE, EVENT + path)
    assert words in problem.message


def test_event_ids_are_there_once() -> None:
    event = "{id: e1, at: 2026-03-02, all_day: true}"
    (problem,) = problems_of(with_event(f"{event}\n          - {event}"))

    assert (problem.line, problem.path) == (EVENT_LINE + 1, "grants.alice.calendars.main.events[1].id")


def test_too_many_that_recur_are_refused_before_any_is_looked_at() -> None:
    event = "{at: 2026-03-02, all_day: true, recurrence: FREQ=DAILY}"
    (problem,) = problems_of(with_event("\n          - ".join([event] * 2001)))

    assert (problem.path, problem.message) == (
        "grants",
        "expected at most 2,000 events that recur, there are 2,001",
    )


def test_ids_and_slugs_are_there_once() -> None:
    start, end = WORLD.index("  intro:"), len(WORLD)
    intro = WORLD[start:end].replace("grant:", "id: 11111111-1111-4111-8111-111111111111\n    grant:")
    text = WORLD[:start] + (intro + intro.replace("intro:", "outro:")).replace(
        "      part", "      slug: me\n      part"
    )
    doubled = problems_of(text)

    assert [problem.path for problem in doubled] == [
        "configurations.outro.id",
        "configurations.outro.body.slug",
    ]
    assert "intro has it too" in doubled[0].message
    assert doubled[1].message.startswith("slug already exists")


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    text = (
        WORLD.replace("frozen", "slow").replace("title: Intro", "title: 5") + "seed: x\nsessions: {s: {}}\n"
    )

    assert [(each.line, each.path) for each in problems_of(text)] == [
        (2, "clock.mode"),
        (18, "configurations.intro.body.event_booking.title"),
        (19, "seed"),
        (20, "sessions.s"),
    ]


def test_a_broken_entry_brings_no_other_into_disrepute() -> None:
    text = (
        WORLD.replace("calendars:", "colour: red\n    calendars:") + "sessions: {s: {configuration: intro}}\n"
    )

    assert [each.path for each in problems_of(text)] == ["grants.alice.colour"]


def test_a_problem_in_merged_keys_points_to_where_they_were_written() -> None:
    text = (
        WORLD.replace("main: {", "main: &zone {")
        .replace("Berlin", "Bonn")
        .replace(
            "configurations:", "  bob: {email: bob@example.com, calendars: {b: {<<: *zone}}}\nconfigurations:"
        )
    )

    assert [(each.line, each.path) for each in problems_of(text)] == [
        (7, "grants.alice.calendars.main.timezone"),
        (7, "grants.bob.calendars.b.timezone"),
    ]


def test_more_problems_than_anybody_reads_are_counted_only() -> None:
    text = WORLD + "".join(f"x{n}: 1\n" for n in range(150))

    with pytest.raises(ScenarioError, match="and 50 more") as raised:
        parse_scenario(text)
    assert len(raised.value.problems) == 100


def test_a_problem_prints_as_compilers_print_them() -> None:
    (problem,) = problems_of(WORLD + "seed: x\n")

    assert str(problem) == "<body>:19:7: seed: expected a whole number that ids are drawn from"


def test_json_has_places_too() -> None:
    (problem,) = problems_of('{\n\t"version": 1,\n\t"seed": "x"\n}')

    assert (problem.line, problem.path) == (3, "seed")


def test_data_has_no_places() -> None:
    with pytest.raises(ScenarioError) as raised:
        parse_scenario({"version": 1, "seed": "x"})

    assert [(each.line, each.path) for each in raised.value.problems] == [(1, "seed")]


def test_a_file_is_validated_by_itself(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(WORLD)
    bad.write_text("version: 1\nseed: x\n")

    assert validate_file(good) == []
    assert [(each.file, each.line) for each in validate_file(bad)] == [(str(bad), 2)]
    assert "expected a file" in validate_file(tmp_path / "none.yaml")[0].message


def test_every_unreadable_source_is_told(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"version: 1\nname: caf\xe9\n")
    (tmp_path / "empty").mkdir()

    with pytest.raises(ScenarioError) as raised:
        load_scenario(["defalut", str(tmp_path / "latin.yaml"), str(tmp_path / "empty")])
    unknown, latin, empty = raised.value.problems
    assert "did you mean default?" in unknown.message
    assert (latin.line, latin.message) == (2, "expected text in UTF-8")
    assert "there are none" in empty.message
