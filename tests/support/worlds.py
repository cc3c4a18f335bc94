"""Small worlds on a frozen clock, as scenario documents, and a client that books in them."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from werkzeug.test import TestResponse

from mockserver.app import MockApp, create_app
from mockserver.sandbox import Sandbox
from mockserver.scenario import parse_scenario
from mockserver.settings import Settings
from tests.support.answers import CheckedClient

NOW = 1_772_442_000
"""Monday, 2 March 2026, 09:00 UTC: where the worlds' clocks stand."""

API_KEY = "nyk_test_key"
CLIENT_ID = "11111111-1111-4111-8111-111111111111"
INTRO = "22222222-2222-4222-8222-222222222222"
ASK = "33333333-3333-4333-8333-333333333333"
PRIVATE = "44444444-4444-4444-8444-444444444444"
ALICE = "55555555-5555-4555-8555-555555555555"
BOB = "66666666-6666-4666-8666-666666666666"

TEN = NOW + 25 * 3600
"""Tuesday, 3 March 2026, 10:00 UTC: a slot of every configuration here."""


def participant(email: str, organizer: bool = True, **more: Any) -> dict[str, Any]:
    open_hours = [{"days": [1, 2, 3, 4, 5], "start": "9:00", "end": "17:00", "timezone": "UTC"}]
    return {
        "email": email,
        "name": email.partition("@")[0].title(),
        **({"is_organizer": True} if organizer else {}),
        "availability": {"calendar_ids": ["primary"], "open_hours": open_hours},
        "booking": {"calendar_id": "primary"},
        **more,
    }


def configuration(*participants: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A body as the API takes it: 30 minutes, no notice; keyword arguments replace top-level keys."""
    return {
        "participants": list(participants) or [participant("alice@example.com")],
        "availability": {"duration_minutes": 30},
        "event_booking": {"title": "Intro call", "timezone": "UTC", "location": "Room 1"},
        "scheduler": {"min_booking_notice": 0},
        **more,
    }


def asking(**more: Any) -> dict[str, Any]:
    """A body whose bookings await the organizer's confirmation."""
    return configuration(
        event_booking={"title": "Ask first", "timezone": "UTC", "booking_type": "organizer-confirmation"},
        scheduler={
            "min_booking_notice": 0,
            "organizer_confirmation_url": "https://example.com/confirm/:booking_ref",
        },
        **more,
    )


DOCUMENT: dict[str, Any] = {
    "version": 1,
    "name": "test",
    "description": "Alice and Bob; a public, an asking and a private configuration.",
    "clock": {"mode": "frozen", "now": "2026-03-02T09:00:00Z"},
    "seed": 7,
    "application": {"client_id": CLIENT_ID, "api_key": API_KEY},
    "grants": {
        "alice": {"id": ALICE, "email": "alice@example.com", "provider": "google"},
        "bob": {"id": BOB, "email": "bob@example.com", "provider": "microsoft"},
    },
    "configurations": {
        "intro": {"id": INTRO, "grant": "alice", "body": configuration(slug="intro")},
        "ask": {"id": ASK, "grant": "alice", "body": asking(slug="ask")},
        "private": {
            "id": PRIVATE,
            "grant": "alice",
            "body": configuration(requires_session_auth=True, slug="private"),
        },
    },
}


class Mock:
    """A mock inside the test, with shorthands for the calls that most tests make."""

    def __init__(self, document: Mapping[str, Any] | None = None, settings: Settings | None = None) -> None:
        scenario = parse_scenario(deepcopy(dict(document or DOCUMENT)))
        self.app: MockApp = create_app(settings or Settings(self_check=True), 8080, scenario)
        self.app.flask.test_client_class = CheckedClient
        self.client = self.app.flask.test_client(use_cookies=False)
        self.client.application.wsgi_app = self.app.wsgi  # type: ignore[method-assign,assignment]

    @property
    def sandbox(self) -> Sandbox:
        return self.app.sandboxes.default

    def close(self) -> None:
        self.app.stop()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        key: str | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> TestResponse:
        """A call; `key` is the bearer token."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        kwargs = {} if body is None else {"json": body}
        return self.client.open(path, method=method, headers=headers, query_string=query, **kwargs)

    def slots(self, start: int, end: int, configuration: str = INTRO, **query: Any) -> list[int]:
        """The starts of the slots that are offered between two times."""
        asked = {"configuration_id": configuration, "start_time": start, "end_time": end, **query}
        response = self.call("GET", "/v3/scheduling/availability", query=asked)
        assert response.status_code == 200, response.json
        return [slot["start_time"] for slot in response.json["data"]["time_slots"]]

    def book(
        self, start: int = TEN, configuration: str = INTRO, key: str | None = None, **more: Any
    ) -> TestResponse:
        """Book half an hour for Gina."""
        body = {
            "start_time": start,
            "end_time": start + 1800,
            "guest": {"name": "Gina Guest", "email": "gina@example.com"},
            **more,
        }
        query = None if key else {"configuration_id": configuration}
        return self.call("POST", "/v3/scheduling/bookings", body, key, query)

    def snapshot(self) -> str:
        """Everything in the world, as text to compare."""
        world = self.sandbox.world
        calendars = [
            (grant.id, calendar.id, calendar.events)
            for grant in world.grants.values()
            for calendar in grant.calendars.values()
        ]
        tables = (world.bookings, world.sessions, world.configurations, world.webhooks)
        outbox = self.sandbox.outbox
        return repr(([dict(table) for table in tables], calendars, len(outbox.deliveries), len(outbox.mails)))
