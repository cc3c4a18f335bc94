"""A sandbox of a server process, looked at from outside, through the control plane."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.answers import CheckedSession

SECONDS = 30.0


class Remote:
    """What one sandbox holds. `url` is what clients of the API take for its base URL."""

    def __init__(self, server_url: str, sandbox: str | None = None) -> None:
        self.url = f"{server_url}/_sandbox/{sandbox}" if sandbox else server_url
        self._session = CheckedSession()

    def __enter__(self) -> "Remote":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def control(self, method: str, what: str, body: Any = None, **query: Any) -> Any:
        """A call of the control plane that has to succeed."""
        response = self._session.request(
            method, f"{self.url}/_mock/{what}", json=body or {}, params=query, timeout=SECONDS
        )
        assert response.status_code == 200, response.text
        return response.json()

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.control("GET", "state")
        return state

    def booking(self, booking_id: str) -> dict[str, Any]:
        """The booking as the world keeps it."""
        (found,) = [each for each in self.state()["bookings"] if each["booking_id"] == booking_id]
        return dict(found)

    def events(self, email: str) -> list[dict[str, Any]]:
        """All events on the calendars of one person."""
        (grant,) = [each for each in self.state()["grants"] if each["email"] == email]
        return [event for calendar in grant["calendars"] for event in calendar["events"]]

    def notifications(self) -> list[dict[str, Any]]:
        """The notifications, once none is on its way any more."""
        assert self.control("POST", "drain") == {"drained": True}
        return list(self.control("GET", "notifications")["data"])

    def mails(self) -> list[dict[str, Any]]:
        return list(self.control("GET", "mail")["data"])

    def journal(self) -> list[dict[str, Any]]:
        return list(self.control("GET", "requests")["data"])


def scenario_file(folder: Path, document: Mapping[str, Any]) -> str:
    """A scenario on disk, as a server process wants it. JSON is YAML."""
    path = folder / f"{document['name']}.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)
