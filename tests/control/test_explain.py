"""Why a time is offered or not, from the control plane and from the command line."""

from typing import Any

import pytest
import requests
from click.testing import CliRunner

from mockserver.cli import cli
from tests.control.plane import check
from tests.support.server import ServerProcess
from tests.support.worlds import INTRO, NOW, TEN, Mock

HOUR = 3600


def explained(mock: Mock, status: int = 200, **query: Any) -> Any:
    response = mock.call("GET", "/_mock/explain", query=query)
    check("GET", "/_mock/explain", response)
    assert response.status_code == status, response.json
    return response.json


def failing(mock: Mock, start: int, **query: Any) -> dict[str, str]:
    answer = explained(mock, configuration_id=INTRO, start_time=start, **query)
    assert not answer["offered"]
    return {each["rule"]: each["message"] for each in answer["checks"] if not each["ok"]}


def test_an_offered_time_passes_every_rule(mock: Mock) -> None:
    answer = explained(mock, configuration_id=INTRO, start_time=TEN)
    assert answer["offered"]
    assert [each["rule"] for each in answer["checks"]] == [
        "length",
        "grid",
        "notice",
        "horizon",
        "open_hours",
        "busy",
    ]
    assert all(each["ok"] for each in answer["checks"])
    assert answer["next_start_times"] == [TEN + 1800, TEN + HOUR, TEN + 3 * 1800]


def test_each_rule_says_what_is_wrong(mock: Mock) -> None:
    assert "every 30 minutes from local midnight" in failing(mock, TEN + 60)["grid"]
    assert "last 30" in failing(mock, TEN, end_time=TEN + HOUR)["length"]
    assert "earliest that can be booked now is 2026-03-02 09:00" in failing(mock, NOW - HOUR)["notice"]
    assert "last date that can be booked is 2026-04-01" in failing(mock, TEN + 40 * 86_400)["horizon"]
    evening = failing(mock, TEN + 9 * HOUR)["open_hours"]
    assert evening == "alice@example.com is open on 2026-03-03 from 09:00 to 17:00 (UTC)."
    assert "closed on 2026-03-07" in failing(mock, TEN + 4 * 86_400)["open_hours"]
    mock.book()
    assert "“Intro call”, 2026-03-03 10:00 to 2026-03-03 10:30" in failing(mock, TEN)["busy"]


def test_the_booking_to_be_moved_does_not_count(mock: Mock) -> None:
    booking_id = mock.book().json["data"]["booking_id"]
    query = {"configuration_id": "intro", "start_time": "2026-03-03T10:00:00Z", "booking_id": booking_id}
    assert explained(mock, **query)["offered"]


def test_a_refused_booking_names_where_the_reason_is_told(mock: Mock) -> None:
    mock.book()
    refused = mock.book()
    address = refused.headers["X-Mock-Explain"]
    request_id = refused.json["request_id"]
    assert address == f"http://localhost:8080/_mock/explain?request_id={request_id}"
    mock.sandbox.clock.advance(10 * 86_400)
    answer = explained(mock, request_id=request_id)
    assert [each["rule"] for each in answer["checks"] if not each["ok"]] == ["busy"]
    assert "X-Mock-Explain" not in mock.call("GET", "/v3/scheduling/availability").headers


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"configuration_id": INTRO}, 400),
        ({"configuration_id": INTRO, "start_time": "soon"}, 400),
        ({"configuration_id": INTRO, "start_time": "9" * 400}, 400),
        ({"configuration_id": "nobody", "start_time": TEN}, 404),
        ({"configuration_id": INTRO, "start_time": TEN, "booking_id": "x"}, 404),
        ({"request_id": "x"}, 404),
        ({"request_id": "x", "start_time": TEN}, 400),
        ({"surprise": "x"}, 400),
    ],
)
def test_other_questions_are_refused(mock: Mock, query: dict[str, Any], status: int) -> None:
    assert explained(mock, status, **query)["error"]["message"]


def test_the_command_tells_it_in_words() -> None:
    with ServerProcess("--scenario", "nearly-full-week") as server:
        configuration = requests.get(f"{server.url}/_mock/state", timeout=10).json()["configurations"][0][
            "id"
        ]
        asked = ["explain", "--url", server.url, "--configuration-id", configuration, "--start-time"]
        result = CliRunner().invoke(cli, [*asked, "2026-03-01T03:00:00Z"])
        assert result.exit_code == 1, result.output
        assert "not offered" in result.output
        as_json = CliRunner().invoke(cli, [*asked, "2026-03-01T03:00:00Z", "--json"])
        assert '"offered": false' in as_json.output
        unknown = CliRunner().invoke(cli, ["explain", "--url", server.url, "--request-id", "x"])
        assert (unknown.exit_code, unknown.output.startswith("Error: request_id")) == (1, True)
    nobody = CliRunner().invoke(cli, ["explain", "--url", server.url, "--request-id", "x"])
    assert (nobody.exit_code, "no mock server answers" in nobody.output) == (1, True)
    assert CliRunner().invoke(cli, ["explain"]).exit_code == 2
