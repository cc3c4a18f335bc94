"""What is wrong with steps is told before anything is done: file, line, path, and what was expected."""

from typing import Any

import pytest

from mockserver.scenario import ScenarioError, parse_scenario
from tests.replay.worlds import BOOKINGS, CONFIGURED, about, body, booking, problems
from tests.scenario.worlds import WORLD

GET = {"method": "GET", "path": "/v3/x"}


def request(**more: Any) -> dict[str, Any]:
    return {"request": {**GET, **more}}


def expecting(**expect: Any) -> dict[str, Any]:
    return {"request": GET, "expect": expect}


def test_good_steps_have_no_problems() -> None:
    deeds = [
        booking(),
        {"notifications": [{"type": "booking.created"}]},
        {"mails": [{"to": ["gina@example.com"], "subject": {"$pattern": ".*"}}]},
        {"clock": {"advance": "PT2H"}},
        {"clock": {"now": {"workday": 2, "at": "09:00"}}},
        {
            "stepId": "lunch",
            "event": {
                "calendar": "alice/main",
                "title": "L",
                "at": {"workday": 2, "at": "12:00"},
                "duration": 30,
            },
        },
        {"event": {"delete": "${steps.lunch.id}"}},
        {"fault": {"match": {"operation": "createBooking"}, "effect": {"status": 429}}},
        {
            "fault": {
                "match": {"operation": "getBooking", "booking_id": "${steps.book.id}"},
                "effect": {"status": 404},
            }
        },
        {"faults": "clear"},
        about("PUT", body={"salt": "${steps.book.ref.salt}", "status": "confirmed"}, status=400),
        expecting(lost=True),
        expecting(
            text={"$pattern": "(?s).*"}, headers={"Content-Type": {"$absent": True}}, status=[200, 404]
        ),
    ]
    assert not problems(*deeds, requires=["writes", "session", "mails"])


WRONG = [
    # which step, its path below steps[n], words
    ({}, "", "one of the keys request, notifications"),
    ({"request": GET, "mails": []}, "", "one of the keys"),
    ({"reqest": GET}, ".reqest", "unknown key; expected one of stepId"),
    ({"stepId": "a.b", "request": GET}, ".stepId", "a name of at most 64"),
    ({"mails": [], "expect": {}}, ".expect", "beside request only"),
    ({"clock": {"advance": "PT1H"}, "outputs": {"a": "$"}}, ".outputs", "beside request, notifications or"),
    ({"request": GET, "outputs": {"a": "$"}}, ".outputs", "a stepId beside it"),
    ({"request": {"path": "/v3/x"}}, ".request", "the key method"),
    (request(method="get"), ".request.method", "one of GET, POST"),
    (request(path="http://example.com/v3/x"), ".request.path", "a relative path below /v3/"),
    (request(path="//evil.example/v3/x"), ".request.path", "a relative path below /v3/"),
    (request(path="/v2/x"), ".request.path", "a relative path below /v3/"),
    (request(path="/_mock/reset"), ".request.path", "a relative path below /v3/"),
    (request(path="/v3/../_mock/reset"), ".request.path", "a relative path below /v3/"),
    (request(path="/v3/%2e%2e/_mock/reset"), ".request.path", "a relative path below /v3/"),
    (request(path="/v3/..%2f_mock"), ".request.path", "a relative path below /v3/"),
    (request(path="/v3/a//b"), ".request.path", "a relative path below /v3/"),
    (request(path="/v3/a\\..\\b"), ".request.path", "a relative path below /v3/"),
    (request(path="/v3/x?a=1"), ".request.path", "a relative path below /v3/"),
    (request(path="/v3/a b"), ".request.path", "a relative path below /v3/"),
    (request(query={"a": {"b": 1}}), ".request.query.a", "text, a number"),
    (request(query={"a": None}), ".request.query.a", "text, a number"),
    (request(query={"a": [[1]]}), ".request.query.a", "text, a number"),
    (request(query=[1]), ".request.query", "parameters by name"),
    (request(headers={"Host": "evil"}), ".request.headers.Host", "none that is not a step's"),
    (request(headers={"x-mock-sandbox": "other"}), ".request.headers.x-mock-sandbox", "not a step's"),
    (request(headers={"A b": "c"}), '.request.headers["A b"]', "the name of a header"),
    (request(headers={"A": "b\nc"}), ".request.headers.A", "printable ASCII"),
    (request(body=1, text="x"), ".request.text", "none beside body"),
    (request(body={"a": {"$id": True}}), ".request.body.a.$id", "one of $time, $literal"),
    (request(body={"a": {"$time": "any"}}), ".request.body.a.$time", "an RFC 3339 time"),
    (request(body={"a": {"$time": {"workday": 1}}}), ".request.body.a.$time", "the time of day too"),
    (request(body={"a": {"$time": {"workday": 0, "at": "10:00"}}}), ".request.body.a.$time.workday", "1 for"),
    (
        request(body={"a": {"$time": {"day": 1, "at": "10:00", "tz": "Mars"}}}),
        ".request.body.a.$time.tz",
        "there is no Mars",
    ),
    (request(body={"a": {"$time": {"dya": 1}}}), ".request.body.a.$time.dya", "unknown key"),
    (request(body={"$time": "2026-03-02T09:00:00Z", "b": 1}), ".request.body.$time", "expected it alone"),
    (request(body="${steps.a"), ".request.body", "expected } after ${"),
    (request(body="${nothing.a.b}"), ".request.body", "begins with application, grants"),
    (request(body="${application.secret}"), ".request.body", "application.client_id or"),
    (request(body="${grants.alice.phone}"), ".request.body", "grants.NAME.id or grants.NAME.email"),
    (request(body="${grants.carol.id}"), ".request.body", "there is no such entry; there is alice, bob"),
    (request(body="${sessions.s.id}"), ".request.body", "there is none"),
    (request(body="${configurations.intro}"), ".request.body", "configurations.NAME.id or"),
    (request(body="${steps.later.id}"), ".request.body", "that one comes later, or is this"),
    (request(body="${steps.never.id}"), ".request.body", "no earlier step has this stepId; there is book"),
    (request(body="${steps.book.guest}"), ".request.body", "that step saves id, ref"),
    (request(body="${steps.book}"), ".request.body", "steps.STEPID.OUTPUT"),
    (request(body="${steps.book.ref.pepper}"), ".request.body", "salt, booking_id, configuration_id"),
    (
        request(headers={"Authorization": "Bearer ${steps.x.y}"}),
        ".request.headers.Authorization",
        "no earlier",
    ),
    (expecting(status=99), ".expect.status", "a status from 100"),
    (expecting(status=True), ".expect.status", "a status from 100"),
    (expecting(status=[]), ".expect.status", "a status from 100"),
    (expecting(exact=True), ".expect.exact", "body beside it"),
    (expecting(body={}, text=""), ".expect.body", "none beside text"),
    (expecting(lost=True, status=200), ".expect.status", "none beside lost"),
    (expecting(headers={"A": 1}), ".expect.headers.A", "text or a matcher"),
    (expecting(text=1), ".expect.text", "text or a matcher"),
    (expecting(body={"$uuid": True}), ".expect.body.$uuid", "one of $id, $time"),
    (expecting(body={"$id": False}), ".expect.body.$id", "expected true"),
    (expecting(body={"$pattern": 5}), ".expect.body.$pattern", "text, in quotes"),
    (expecting(body={"$pattern": "(?<=a)b"}), ".expect.body.$pattern", "RE2 can compile"),
    (expecting(body={"$pattern": "(a)\\1"}), ".expect.body.$pattern", "RE2 can compile"),
    (expecting(body={"$not": {"$contains": {"$x": 1}}}), ".expect.body.$not.$contains.$x", "one of $id"),
    ({"notifications": {}}, ".notifications", "a list of notifications"),
    ({"notifications": ["booking.created"]}, ".notifications[0]", "a mapping that says"),
    ({"clock": {}}, ".clock", "either now or advance"),
    ({"clock": {"advance": "2h"}}, ".clock.advance", "an ISO 8601 duration"),
    ({"clock": {"now": "tomorrow"}}, ".clock.now", "an RFC 3339 time"),
    ({"event": {"title": "x"}}, ".event", "the key calendar, or delete"),
    (
        {"event": {"calendar": "alice/work", "at": "2026-03-03T09:00:00Z", "duration": 5}},
        ".event.calendar",
        "by that",
    ),
    (
        {"event": {"calendar": "alice/main", "at": "2026-03-03T09:00:00Z"}},
        ".event",
        "either start and end, or",
    ),
    ({"event": {"delete": "x", "title": "y"}}, ".event.title", "none beside delete"),
    (
        {"fault": {"match": {"operation": "bookAll"}, "effect": {"status": 500}}},
        ".fault.match.operation",
        "one of",
    ),
    ({"fault": {"match": {}, "effect": {"status": 500}}}, ".fault.match", "one of the keys operation"),
    ({"fault": {"effect": {"status": 500}}}, ".fault", "the key match"),
    ({"faults": "all"}, ".faults", "clear, which ends all faults"),
]


@pytest.mark.parametrize(
    ("step", "path", "words"), WRONG, ids=[f"{i}{each[1]}" for i, each in enumerate(WRONG)]
)
def test_a_problem_names_its_path_and_what_was_expected(step: Any, path: str, words: str) -> None:
    later = {"stepId": "later", "request": GET, "outputs": {"id": "$.id"}}
    found = problems(booking(), step, later)
    assert [f"steps[1]{path}"] == [each.path for each in found[:1]], found
    assert words in found[0].message


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("data.id", "a JSONPath such as"),
        ("$.", "a JSONPath such as"),
        ("$['a", "a JSONPath such as"),
        ("$[?@.a == 1]", "without filter expressions"),
        ("$.a[?(@.b)]", "without filter expressions"),
        ("$.a[?count(@..*) > 1]", "without filter expressions"),
        ("$..a..b..c", "at most 2 descents"),
        ("$[99999999999999999999]", "a JSONPath such as"),
        ("$.a | $.b", "a JSONPath such as"),
        (5, "a JSONPath such as"),
    ],
)
def test_a_path_that_saves_nothing_good(path: Any, words: str) -> None:
    found = problems({"stepId": "a", "request": GET, "outputs": {"x": path}})
    assert [each.path for each in found] == ["steps[0].outputs.x"]
    assert words in found[0].message


def test_a_step_id_is_given_once() -> None:
    found = problems(booking(), booking())
    assert [(each.path, each.message[:27]) for each in found] == [
        ("steps[1].stepId", "expected a stepId of its ow")
    ]


def test_all_that_is_wrong_is_told_at_once() -> None:
    misshapen = {**booking(), "outputs": {"id": "data.booking_id"}}
    found = problems(
        misshapen, about("GET"), request(body="${grants.carol.id}"), {"clock": {"advance": "1h"}}
    )
    assert [each.path for each in found] == [
        "steps[0].outputs.id",
        "steps[2].request.body",
        "steps[3].clock.advance",
    ]


def test_a_problem_has_its_line() -> None:
    text = WORLD + (
        "steps:\n"
        "  - request:\n"
        "      method: GET\n"
        "      path: /v3/x\n"
        "      query: {a: b, c: '${steps.none.id}'}\n"
    )
    with pytest.raises(ScenarioError) as raised:
        parse_scenario(text, "bug.yaml")
    (problem,) = raised.value.problems
    assert str(problem).startswith("bug.yaml:23:24: steps[0].request.query.c: ${steps.none.id}: ")


def test_a_reference_to_a_configuration_without_a_slug() -> None:
    world = (
        WORLD
        + 'steps: [{request: {method: GET, path: /v3/x, query: {slug: "${configurations.intro.slug}"}}}]\n'
    )
    with pytest.raises(ScenarioError, match="has no slug"):
        parse_scenario(world)


def test_what_a_target_can_offer() -> None:
    found = problems(booking(), requires=["writes", "magic"])
    assert [each.path for each in found] == ["requires[1]"]
    assert "one of writes, api-key" in found[0].message


def test_a_body_may_hold_anything() -> None:
    odd = {
        "request": {
            "method": "POST",
            "path": BOOKINGS,
            "query": CONFIGURED,
            "body": {"$literal": {"$x": "${"}},
        }
    }
    assert not problems(
        odd, {"request": {**GET, "body": "$${x} $ {} $"}}, {"request": {**GET, "body": body()}}
    )
