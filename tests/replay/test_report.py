"""What is told of a replay: to people, as JSON, as JUnit's XML; and what is not."""

import json
from typing import Any
from xml.etree import ElementTree

from mockserver.replaying import Replay
from mockserver.replaying.report import MOST_DIFFERENCES, MOST_LINES, as_json, as_junit, summary, told
from tests.replay.worlds import about, body, booking, replayed
from tests.support.worlds import API_KEY


def read_xml(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content)  # noqa: S314 - our own


def text_of(replay: Replay) -> str:
    return "\n".join(line for _, line in told(replay))


def wrong() -> Replay:
    return replayed(
        booking(expect={"status": 200, "body": {"data": {"status": "pending"}}}),
        about("GET", status=404),
        {"request": {"method": "GET", "path": "/v3/x", "query": {"a": "${steps.book.id.salt}"}}},
        {"notifications": []},
    )


def test_every_step_has_its_line_and_what_differs_a_diff() -> None:
    text = text_of(wrong())
    assert "  DIFFERS book: POST /v3/scheduling/bookings -> 200\n" in text
    assert '<document>:1: steps[0].expect.body.data.status: expected "pending", got "booked"' in text
    assert '-      "status": "pending"\n' in text
    assert '+      "status": "booked"\n' in text
    assert "steps[1].expect.status: expected 404, got 200" in text
    assert 'the answer: {"request_id"' in text
    assert "FAILED  GET /v3/x: ${steps.book.id.salt}: expected a booking reference" in text
    assert '+    "type": "booking.created"' in text


def test_many_differences_and_a_long_diff_are_cut() -> None:
    replay = replayed(booking(expect={"body": {str(key): key for key in range(1000)}}))
    text = text_of(replay)
    assert len(text.splitlines()) < MOST_DIFFERENCES + MOST_LINES + 10
    assert "… and 990 more differences" in text
    assert "more lines" in text
    (step,) = as_json([replay])[0]["steps"]
    assert len(step["differences"]) == 1000


def test_secrets_are_not_told() -> None:
    hook = {"w": {"url": "http://127.0.0.1:9/", "secret": "hush-hush-hush"}}
    opening: dict[str, Any] = {
        "stepId": "open",
        "request": {
            "method": "POST",
            "path": "/v3/scheduling/sessions",
            "headers": {"Authorization": "Bearer ${application.api_key}"},
            "body": {"configuration_id": "${configurations.private.id}"},
        },
        "expect": {"status": 999 - 700, "body": {"data": {"session_id": "x"}}},
        "outputs": {"id": "$.data.session_id"},
    }
    using = {
        "request": {
            "method": "POST",
            "path": "/v3/scheduling/bookings",
            "headers": {"Authorization": "Bearer ${steps.open.id}"},
            "body": body(),
        },
        "expect": {
            "body": {"a": "${steps.open.id}", "b": "${application.api_key}", "c": "${webhooks.w.secret}"}
        },
    }
    unknown = {
        "request": {"method": "GET", "path": "/v3/x", "headers": {"authorization": "Bearer a-literal-token"}},
        "expect": {"body": {"a": "a-literal-token"}},
    }
    replay = replayed(opening, using, unknown, webhooks=hook)
    session = replay.steps[0].answer
    assert session is not None
    told_all = text_of(replay) + json.dumps(as_json([replay])) + as_junit([replay]).decode()
    for secret in (API_KEY, "hush-hush-hush", session.content["data"]["session_id"], "a-literal-token"):
        assert secret not in told_all
    assert "$SESSION_ID" in told_all


def test_json_has_all_of_it() -> None:
    (data,) = as_json([wrong()])
    assert data["verdict"] == "differed"
    assert [each["outcome"] for each in data["steps"]] == ["differed", "differed", "failed", "differed"]
    assert data["steps"][0]["differences"] == [
        {
            "path": "steps[0].expect.body.data.status",
            "line": 1,
            "expected": '"pending"',
            "got": '"booked"',
        }
    ]
    assert data["steps"][0]["status"] == 200


def test_junit_counts_steps() -> None:
    root = read_xml(as_junit([wrong(), replayed()], ["bad.yaml:1:1: expected a scenario"]))
    suites = [{key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} for suite in root]
    assert suites == [
        {"tests": "4", "failures": "3", "errors": "1", "skipped": "0"},
        {"tests": "1", "failures": "0", "errors": "0", "skipped": "1"},
        {"tests": "1", "failures": "0", "errors": "1", "skipped": "0"},
    ]
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert '-      "status": "pending"' in str(failure.text)


def test_junit_is_xml_whatever_was_answered() -> None:
    odd = booking(expect={"body": {"a": "\x00\x1b]0;x\ufffe"}})
    read_xml(as_junit([replayed({**odd, "description": '\x07 <&">'})]))


def test_a_terminal_is_not_driven_by_answers() -> None:
    text = text_of(
        replayed(booking(expect={"body": {"data": {"title": "\x1b[2J"}}}) | {"description": "\x1b[2Jhi"})
    )
    assert "\x1b" not in text


def test_the_summary_counts_verdicts() -> None:
    assert summary([wrong(), replayed(), replayed(booking())], 1) == (
        "4 scenarios: 1 held, 1 differed, 1 skipped, 1 invalid"
    )
    assert summary([replayed(booking())]) == "1 scenario: 1 held"
