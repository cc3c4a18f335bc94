"""Configurations: created, listed in pages, read, replaced, deleted; the rules for their bodies."""

from copy import deepcopy
from typing import Any

import pytest

from tests.support.worlds import ALICE, API_KEY, BOB, INTRO, PRIVATE, Mock, asking, configuration, participant

PATH = f"/v3/grants/{ALICE}/scheduling/configurations"


def create(mock: Mock, body: Any, path: str = PATH) -> Any:
    return mock.call("POST", path, body, API_KEY)


def test_the_life_of_a_configuration(mock: Mock) -> None:
    body = configuration(slug="new", name="New")
    created = create(mock, body).json["data"]
    assert created == {**body, "id": created["id"], "requires_session_auth": False}
    one = f"{PATH}/{created['id']}"
    assert mock.call("GET", one, key=API_KEY).json["data"] == created
    scheduler = {"min_booking_notice": None, "available_days_in_future": 3}
    changed = mock.call("PUT", one, {"scheduler": scheduler, "name": "Newer"}, API_KEY).json["data"]
    assert changed == {**created, "scheduler": scheduler, "name": "Newer"}
    assert mock.call("DELETE", one, key=API_KEY).json.keys() == {"request_id"}
    assert mock.call("GET", one, key=API_KEY).status_code == 404
    assert create(mock, body).status_code == 200


def test_what_was_read_can_be_put_back(mock: Mock) -> None:
    one = f"{PATH}/{INTRO}"
    shown = mock.call("GET", one, key=API_KEY).json["data"]
    assert mock.call("PUT", one, shown, API_KEY).json["data"] == shown


def test_the_name_defaults_to_the_organizers(mock: Mock) -> None:
    assert create(mock, configuration()).json["data"]["name"] == "Alice"


def test_grants_are_named_by_id_or_email_and_keep_theirs_apart(mock: Mock) -> None:
    for grant in (ALICE, "alice@example.com", "ALICE@example.com"):
        path = f"/v3/grants/{grant}/scheduling/configurations"
        assert len(mock.call("GET", path, key=API_KEY).json["data"]) == 3
    bobs = f"/v3/grants/{BOB}/scheduling/configurations"
    assert mock.call("GET", bobs, key=API_KEY).json["data"] == []
    assert mock.call("GET", f"{bobs}/{INTRO}", key=API_KEY).status_code == 404
    assert mock.call("DELETE", f"{bobs}/{INTRO}", key=API_KEY).status_code == 404
    assert mock.call("GET", "/v3/grants/nobody/scheduling/configurations", key=API_KEY).status_code == 404


def test_lists_come_in_pages(mock: Mock) -> None:
    for _ in range(4):
        create(mock, configuration())
    seen: list[str] = []
    token: str | None = ""
    while token is not None:
        query = {"limit": 3, "page_token": token}
        page = mock.call("GET", PATH, key=API_KEY, query=query).json
        assert len(page["data"]) <= 3
        seen += [each["id"] for each in page["data"]]
        token = page.get("next_cursor")
    assert seen == list(mock.sandbox.world.configurations)
    for limit in (0, 201, "x", "0000000019999", "٣"):
        assert mock.call("GET", PATH, key=API_KEY, query={"limit": limit}).status_code == 400
    for query in ({"page_token": "é"}, {"page_token": "AAAA"}):
        assert mock.call("GET", PATH, key=API_KEY, query=query).status_code == 400


def test_a_configuration_with_live_sessions_stays(mock: Mock) -> None:
    session = {"configuration_id": PRIVATE, "time_to_live": 1}
    mock.call("POST", "/v3/scheduling/sessions", session, API_KEY)
    refused = mock.call("DELETE", f"{PATH}/{PRIVATE}", key=API_KEY)
    assert (refused.status_code, "sessions" in refused.json["error"]["message"]) == (400, True)
    mock.sandbox.clock.advance(60)
    assert mock.call("DELETE", f"{PATH}/{PRIVATE}", key=API_KEY).status_code == 200


def changed(*path: Any, to: Any, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """A good body with one value put in; the step None appends to a list."""
    body = deepcopy(body or configuration())
    *way, last = path
    at: Any = body
    for step in way:
        at = at[step] if isinstance(step, int) else at.setdefault(step, {})
    if last is None:
        at.append(to)
    else:
        at[last] = to
    return body


def without(body: dict[str, Any], *path: Any) -> dict[str, Any]:
    body = deepcopy(body)
    *way, last = path
    at: Any = body
    for step in way:
        at = at[step]
    del at[last]
    return body


BOBBY = participant("bob@example.com", organizer=False)
ROUND_ROBIN = {"duration_minutes": 30, "availability_rules": {"availability_method": "max-fairness"}}
SPECIFIC = [{"date": "2026-03-03", "start": "09:00", "end": "10:00", "timezone": "UTC"}]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**configuration(), "type": "group"}, "type: group"),
        ({"type": "group", "name": "G", "group_booking": {"calendar_id": "primary"}}, ""),
        (changed("participants", 0, "email", to="nobody@example.com"), "Failed to find a valid Grant"),
        (changed("participants", to=[]), "participants"),
        (changed("participants", None, to=participant("bob@example.com")), "is_organizer"),
        (changed("participants", 0, "is_organizer", to=False), "is_organizer"),
        (changed("participants", None, to=participant("ALICE@example.com", False)), "each email once"),
        (without(configuration(), "participants", 0, "availability"), "availability"),
        (without(configuration(), "participants", 0, "booking"), "booking"),
        (changed("participants", 0, "booking", "calendar_id", to="nowhere"), "nowhere"),
        (changed("availability", to=ROUND_ROBIN), "is_organizer"),
        (changed("slug", to="intro"), "slug already exists"),
        (without(asking(), "scheduler", "organizer_confirmation_url"), "organizer_confirmation_url"),
        (
            changed("event_booking", "conferencing", to={"autocreate": {}, "details": {"url": "x"}}),
            "autocreate",
        ),
        (
            changed(
                "scheduler",
                "additional_fields",
                to={"size": {"label": "Size", "type": "dropdown", "required": True}},
            ),
            "scheduler.additional_fields.size.options",
        ),
        (
            changed(
                "availability",
                "availability_rules",
                to={"default_specific_time_availability": SPECIFIC},
                body=configuration(event_booking={"title": "t"}),
            ),
            "event_booking.timezone",
        ),
        (changed("participants", 0, "availability", "open_hours", 0, "end", to="8:00"), "span midnight"),
        (changed("participants", 0, "timezone", to="Mars/Olympus"), "participants[0].timezone"),
        (changed("availability", "duration_minutes", to=0), "availability.duration_minutes"),
        (changed("availability", "round_to", to=7), "availability.round_to"),
        (changed("event_booking", "booking_type", to="maybe"), "event_booking.booking_type"),
        (without(configuration(), "event_booking", "title"), "event_booking.title"),
        (without(configuration(), "availability"), "availability"),
        ([], "body"),
    ],
)
def test_bodies_that_break_a_rule_are_refused_naming_it(mock: Mock, body: Any, words: str) -> None:
    before = mock.snapshot()
    response = create(mock, body)
    assert (response.status_code, response.json["error"]["type"]) == (400, "invalid_request_error")
    assert words in response.json["error"]["message"]
    assert mock.snapshot() == before
    if isinstance(body, dict) and "participants" in body and words != "slug already exists":
        response = mock.call("PUT", f"{PATH}/{INTRO}", body, API_KEY)
        broken_by_absence = response.status_code == 200  # PUT keeps what the body leaves out
        assert response.status_code == 400 or (broken_by_absence and set(body) < set(configuration()))


@pytest.mark.parametrize(
    "body",
    [
        configuration(
            *[participant(each, organizer=False) for each in ("alice@example.com", "bob@example.com")],
            availability=ROUND_ROBIN,
        ),
        configuration(participant("alice@example.com"), {"email": "only.notified@example.com"}),
        configuration(participant("alice@example.com"), without(BOBBY, "booking")),
        changed("participants", 0, "booking", "calendar_id", to="alice@example.com"),
        changed("scheduler", "min_booking_notice", to=None),
        changed("appearance", to={"color": "#112233", "nested": {"any": [1]}}),
    ],
)
def test_bodies_that_keep_the_rules_are_taken_and_can_be_booked(mock: Mock, body: Any) -> None:
    created = create(mock, body)
    assert created.status_code == 200, created.json
    assert mock.book(configuration=created.json["data"]["id"]).status_code == 200


def test_a_slug_moves_with_its_configuration(mock: Mock) -> None:
    one = f"{PATH}/{INTRO}"
    mock.call("PUT", one, {"slug": "renamed"}, API_KEY)
    assert create(mock, configuration(slug="intro")).status_code == 200
    assert mock.call("PUT", one, {"slug": "intro"}, API_KEY).status_code == 400
    assert mock.call("GET", "/v3/scheduling/ui-settings", query={"slug": "renamed"}).status_code == 200
