"""Who may call, and what everybody else is told."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support.worlds import ALICE, API_KEY, CLIENT_ID, DOCUMENT, INTRO, NOW, PRIVATE, TEN, Mock

UNKNOWN = "99999999-9999-4999-8999-999999999999"
AVAILABILITY = "/v3/scheduling/availability"
WINDOW = {"start_time": TEN, "end_time": TEN + 1800}


def session(mock: Mock, configuration: str = PRIVATE, **more: Any) -> str:
    body = {"configuration_id": configuration, **more}
    response = mock.call("POST", "/v3/scheduling/sessions", body, API_KEY)
    assert response.status_code == 200, response.json
    return str(response.json["data"]["session_id"])


def refusal(mock: Mock, key: str | None = None, **query: Any) -> tuple[int, str]:
    """What availability and booking both answer; they have to agree."""
    before = mock.snapshot()
    slots = mock.call("GET", AVAILABILITY, key=key, query={**WINDOW, **query})
    guest = {"name": "Gina", "email": "gina@example.com"}
    booked = mock.call("POST", "/v3/scheduling/bookings", {**WINDOW, "guest": guest}, key, query)
    settings = mock.call("GET", "/v3/scheduling/ui-settings", key=key, query=query)
    answers = {(each.status_code, each.json["error"]["type"]) for each in (slots, booked, settings)}
    assert len(answers) == 1
    assert mock.snapshot() == before
    return answers.pop()


def accepted(mock: Mock, key: str | None = None, **query: Any) -> bool:
    return mock.call("GET", AVAILABILITY, key=key, query={**WINDOW, **query}).status_code == 200


def test_a_public_configuration_needs_no_key_and_minds_none(mock: Mock) -> None:
    for key in (None, API_KEY, "any other bearer"):
        assert accepted(mock, key, configuration_id=INTRO)
        assert accepted(mock, key, configuration_id=INTRO.upper())
        assert accepted(mock, key, slug="intro", client_id=CLIENT_ID)
        assert accepted(mock, key, slug="intro")


@pytest.mark.parametrize("unset", ["", "None", "undefined"])
def test_literals_for_unset_ids_are_unset(mock: Mock, unset: str) -> None:
    assert accepted(mock, configuration_id=INTRO, slug=unset, client_id=unset)
    assert accepted(mock, configuration_id=unset, slug="intro", client_id=unset)
    assert refusal(mock, API_KEY, configuration_id=unset, slug=unset) == (401, "unauthorized")


def test_without_ids_the_bearer_must_be_a_live_session(mock: Mock) -> None:
    assert refusal(mock) == (401, "unauthorized")
    assert refusal(mock, "who knows") == (401, "unauthorized")
    assert refusal(mock, API_KEY) == (401, "unauthorized")
    assert refusal(mock, UNKNOWN) == (401, "invalid_session")


def test_a_private_configuration_needs_a_session(mock: Mock) -> None:
    for key in (None, API_KEY, "who knows"):
        assert refusal(mock, key, configuration_id=PRIVATE) == (401, "unauthorized")
        assert refusal(mock, key, slug="private", client_id=CLIENT_ID) == (401, "unauthorized")
    live = session(mock)
    assert accepted(mock, live)
    assert mock.book(key=live).status_code == 200


def test_a_live_session_decides_over_the_query(mock: Mock) -> None:
    live = session(mock)
    booked = mock.call(
        "POST",
        "/v3/scheduling/bookings",
        {**WINDOW, "guest": {"name": "Gina", "email": "gina@example.com"}},
        live,
        {"configuration_id": INTRO},
    )
    booking = mock.sandbox.world.bookings[booked.json["data"]["booking_id"]]
    assert booking.configuration_id == PRIVATE


def test_sessions_expire_and_can_be_ended(mock: Mock) -> None:
    live = session(mock, time_to_live=1)
    mock.sandbox.clock.advance(59)
    assert accepted(mock, live)
    mock.sandbox.clock.advance(1)
    assert refusal(mock, live) == (401, "invalid_session")
    assert refusal(mock, live, configuration_id=INTRO) == (401, "invalid_session")
    ended = session(mock)
    assert mock.call("DELETE", f"/v3/scheduling/sessions/{ended}", key=API_KEY).status_code == 200
    assert refusal(mock, ended) == (401, "invalid_session")
    assert mock.call("DELETE", f"/v3/scheduling/sessions/{ended}", key=API_KEY).status_code == 404


def test_sessions_that_have_expired_are_dropped_when_new_ones_are_made(mock: Mock) -> None:
    long = session(mock, time_to_live=30)
    for _ in range(20):
        session(mock, time_to_live=1)
    mock.sandbox.clock.advance(60)
    fresh = [session(mock) for _ in range(4)]
    assert list(mock.sandbox.world.sessions) == [long, *fresh]


def test_a_session_lives_five_minutes_unless_told_otherwise(mock: Mock) -> None:
    by_default, longest = session(mock), session(mock, time_to_live=30)
    expiries = mock.sandbox.world.sessions
    assert expiries[by_default].expires_at == NOW + 300
    assert expiries[longest].expires_at == NOW + 1800


@pytest.mark.parametrize("minutes", [31, 0, -1, "soon", True, [5], 1e300])
def test_a_life_that_no_session_has_is_refused(mock: Mock, minutes: Any) -> None:
    body = {"configuration_id": PRIVATE, "time_to_live": minutes}
    response = mock.call("POST", "/v3/scheduling/sessions", body, API_KEY)
    assert (response.status_code, response.json["error"]["type"]) == (400, "invalid_request_error")
    assert "time_to_live" in response.json["error"]["message"]


def test_sessions_are_for_existing_configurations_by_id_or_slug(mock: Mock) -> None:
    def made(body: Mapping[str, Any], key: str | None = API_KEY) -> int:
        return mock.call("POST", "/v3/scheduling/sessions", body, key).status_code

    assert made({"slug": "private"}) == 200
    assert made({"configuration_id": INTRO}) == 200
    assert made({"configuration_id": UNKNOWN}) == 404
    assert made({"slug": "nobody"}) == 404
    assert made({"configuration_id": "000000----"}) == 400
    assert made({}) == 400
    assert made({"slug": "private"}, None) == 401
    assert made({"slug": "private"}, "wrong") == 401


def test_unknown_configurations_are_not_found(mock: Mock) -> None:
    assert refusal(mock, configuration_id=UNKNOWN) == (404, "not_found_error")
    assert refusal(mock, slug="nobody", client_id=CLIENT_ID) == (404, "not_found_error")
    assert refusal(mock, slug="intro", client_id=UNKNOWN) == (404, "not_found_error")
    assert refusal(mock, configuration_id="000000----") == (400, "invalid_request_error")


def test_dialects_of_access(mock_of: Callable[[Mapping[str, Any]], Mock]) -> None:
    strict = {"api_key_on_bookings": "rejected", "session_for_public_configuration": "rejected"}
    mock = mock_of({**DOCUMENT, "dialect": strict})
    assert refusal(mock, API_KEY, configuration_id=INTRO) == (401, "unauthorized")
    assert accepted(mock, configuration_id=INTRO)
    body = {"configuration_id": INTRO}
    refused = mock.call("POST", "/v3/scheduling/sessions", body, API_KEY)
    assert refused.status_code == 400
    assert "session" in refused.json["error"]["message"]
    assert accepted(mock, session(mock))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/v3/grants/{ALICE}/scheduling/configurations"),
        ("POST", f"/v3/grants/{ALICE}/scheduling/configurations"),
        ("DELETE", f"/v3/grants/{ALICE}/scheduling/configurations/{INTRO}"),
        ("GET", "/v3/webhooks"),
        ("POST", "/v3/webhooks"),
        ("DELETE", f"/v3/scheduling/sessions/{UNKNOWN}"),
    ],
)
def test_the_application_side_wants_the_api_key(mock: Mock, method: str, path: str) -> None:
    for key in (None, "wrong", API_KEY + "x"):
        response = mock.call(method, path, {} if method == "POST" else None, key)
        assert (response.status_code, response.json["error"]["type"]) == (401, "unauthorized")
    assert mock.call(method, path, {} if method == "POST" else None, API_KEY).status_code != 401


def grants(**alice: Any) -> dict[str, Any]:
    return {**DOCUMENT, "grants": {**DOCUMENT["grants"], "alice": {**DOCUMENT["grants"]["alice"], **alice}}}


@pytest.mark.parametrize(
    ("provider", "scopes", "enough"),
    [
        ("google", ["https://www.googleapis.com/auth/calendar.events"], True),
        ("google", ["/calendar"], True),
        ("google", ["calendar.readonly", "https://www.googleapis.com/auth/userinfo.email"], False),
        ("google", [], False),
        ("microsoft", ["https://graph.microsoft.com/Calendars.ReadWrite"], True),
        ("microsoft", ["Calendars.ReadWrite"], True),
        ("microsoft", ["Calendars.Read"], False),
        ("icloud", [], True),
    ],
)
def test_writing_needs_the_documented_scope(
    mock_of: Callable[[Mapping[str, Any]], Mock], provider: str, scopes: list[str], enough: bool
) -> None:
    mock = mock_of(grants(provider=provider, scopes=scopes))
    before = mock.snapshot()
    response = mock.book()
    if enough:
        assert response.status_code == 200
        return
    assert (response.status_code, response.json["error"]["type"]) == (403, "insufficient_scopes")
    assert response.json["error"]["provider_error"]["error"]["message"]
    assert mock.snapshot() == before
    assert accepted(mock, configuration_id=INTRO)


def test_every_writing_operation_needs_the_scope_and_reading_none(
    mock_of: Callable[[Mapping[str, Any]], Mock],
) -> None:
    booking = {
        "configuration": "intro",
        "at": "2026-03-03T10:00:00Z",
        "guest": {"name": "G", "email": "g@example.com"},
    }
    pending = {**booking, "configuration": "ask", "status": "pending", "at": "2026-03-03T12:00:00Z"}
    bookings = {"one": {**booking, "id": UNKNOWN}, "two": {**pending, "id": PRIVATE, "salt": "AAAA"}}
    mock = mock_of({**grants(scopes=["calendar.readonly"]), "bookings": bookings})
    before = mock.snapshot()
    query = {"configuration_id": INTRO}
    times = {"start_time": TEN + 3600, "end_time": TEN + 5400}
    decision = {"salt": "AAAA", "status": "confirmed"}
    path = f"/v3/scheduling/bookings/{UNKNOWN}"
    assert mock.call("GET", path, query=query).status_code == 200
    assert mock.call("PATCH", path, times, query=query).status_code == 403
    assert mock.call("DELETE", path, query=query).status_code == 403
    ask = {"configuration_id": "33333333-3333-4333-8333-333333333333"}
    assert mock.call("PUT", f"/v3/scheduling/bookings/{PRIVATE}", decision, query=ask).status_code == 403
    assert mock.snapshot() == before
    lenient = mock_of({**grants(scopes=[]), "dialect": {"missing_scope_status": "400"}})
    assert lenient.book().status_code == 400


def test_an_expired_grant_is_no_valid_grant(mock_of: Callable[[Mapping[str, Any]], Mock]) -> None:
    mock = mock_of(grants(status="expired"))
    before = mock.snapshot()
    response = mock.call("GET", AVAILABILITY, query={**WINDOW, "configuration_id": INTRO})
    for each in (response, mock.book()):
        assert (each.status_code, each.json["error"]["type"]) == (400, "invalid_request_error")
        assert each.json["error"]["message"].startswith("Failed to find a valid Grant")
    assert mock.snapshot() == before
