"""The world that the component books in: one configuration for each thing it has to cope with."""

from typing import Any

from tests.support.worlds import (
    ALICE,
    API_KEY,
    ASK,
    BOB,
    CLIENT_ID,
    INTRO,
    NOW,
    PRIVATE,
    asking,
    configuration,
    participant,
)

__all__ = ["API_KEY", "ASK", "CLIENT_ID", "INTRO", "NOW", "PRIVATE"]

QUESTIONS = "77777777-7777-4777-8777-777777777777"
TEAM = "88888888-8888-4888-8888-888888888888"
STRICT = "99999999-9999-4999-8999-999999999999"
LEADING_ON = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
SESSION = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
EXPIRED = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"

FIELDS: dict[str, dict[str, Any]] = {
    "topic": {"label": "Topic", "type": "text", "required": True, "order": 1},
    "story": {"label": "Your story", "type": "multi_line_text", "required": False, "order": 2},
    "office": {"label": "Office address", "type": "email", "required": False, "order": 3},
    "phone": {
        "label": "Phone",
        "type": "phone_number",
        "required": True,
        "pattern": r"^\+?[0-9 ]{6,20}$",
        "order": 4,
    },
    "size": {
        "label": "Size",
        "type": "dropdown",
        "required": True,
        "options": ["Small", "Large"],
        "order": 5,
    },
    "day": {"label": "Day", "type": "date", "required": False, "order": 6},
    "pets": {"label": "Pets", "type": "checkbox", "required": False, "order": 7},
    "parking": {
        "label": "Parking",
        "type": "radio_button",
        "required": False,
        "options": ["Garage", "Street"],
        "order": 8,
    },
    "wishes": {
        "label": "Wishes",
        "type": "multi_select",
        "required": False,
        "options": ["Tea", "Coffee"],
        "order": 9,
    },
    "source": {"label": "Source", "type": "metadata", "required": False, "default": "website"},
}


def document(host_url: str, webhook_url: str, secret: str) -> dict[str, Any]:
    """The scenario. `host_url` is where bookings of `LEADING_ON` lead to."""
    team = [
        participant("alice@example.com", organizer=False),
        participant("bob@example.com", organizer=False),
    ]
    rotation = {"duration_minutes": 30, "availability_rules": {"availability_method": "max-availability"}}
    return {
        "version": 1,
        "name": "browser",
        "description": "Everything that the Scheduling Component can be shown.",
        "clock": {"mode": "frozen", "now": "2026-03-02T09:00:00Z"},
        "seed": 7,
        "application": {"client_id": CLIENT_ID, "api_key": API_KEY},
        "grants": {
            "alice": {"id": ALICE, "email": "alice@example.com", "name": "Alice", "provider": "google"},
            "bob": {"id": BOB, "email": "bob@example.com", "name": "Bob", "provider": "microsoft"},
        },
        "configurations": {
            "intro": _one(INTRO, configuration(slug="intro", name="Intro")),
            "ask": _one(ASK, asking(slug="ask", name="Ask")),
            "private": _one(PRIVATE, configuration(requires_session_auth=True, slug="private")),
            "questions": _one(QUESTIONS, _scheduler(additional_fields=FIELDS)),
            "team": _one(TEAM, configuration(*team, availability=rotation)),
            "strict": _one(STRICT, _scheduler(min_cancellation_notice=7 * 24 * 60)),
            "leading-on": _one(LEADING_ON, _scheduler(confirmation_redirect_url=f"{host_url}/thanks")),
        },
        "sessions": {
            "open": {"id": SESSION, "configuration": "private", "expires_in": "P1D"},
            "expired": {"id": EXPIRED, "configuration": "private", "expires_in": "PT0S"},
        },
        "webhooks": {"all": {"url": webhook_url, "secret": secret}},
    }


def _one(id: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"id": id, "grant": "alice", "body": body}


def _scheduler(**settings: Any) -> dict[str, Any]:
    return configuration(scheduler={"min_booking_notice": 0, **settings})
