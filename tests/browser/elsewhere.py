"""What somebody else does meanwhile, by calls of the API."""

from typing import Any

from tests.support.answers import CheckedSession
from tests.support.remote import Remote

SECONDS = 30.0


def book(world: Remote, configuration: str, start: int, **more: Any) -> dict[str, Any]:
    """Another guest books half an hour; answers with the booking, its reference included."""
    body = {
        "start_time": start,
        "end_time": start + 1800,
        "guest": {"name": "Otto Other", "email": "otto@example.com"},
        **more,
    }
    return _call(world, "POST", "bookings", body, configuration_id=configuration)


def host_order(world: Remote, configuration: str, start: int) -> list[str]:
    """Whose turn it is, in order."""
    window = {"start_time": str(start), "end_time": str(start + 3600)}
    found = _call(world, "GET", "availability", None, configuration_id=configuration, **window)
    return list(found["order"])


def _call(world: Remote, method: str, what: str, body: Any, **query: str) -> dict[str, Any]:
    with CheckedSession() as session:
        url = f"{world.url}/v3/scheduling/{what}"
        response = session.request(method, url, json=body, params=query, timeout=SECONDS)
    assert response.status_code == 200, response.text
    return dict(response.json()["data"])
