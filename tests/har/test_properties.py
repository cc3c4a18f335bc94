"""A law of imports: whatever a client did, what was recorded of it replays."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mockserver.sandbox.journal import Exchange
from tests.control.plane import Plane
from tests.export.again import replayed
from tests.export.courses import Course, steps
from tests.har.importing import imported

pytestmark = pytest.mark.slow


def recorded(exchanges: list[Exchange]) -> dict[str, Any]:
    """The requests of a journal as a HAR file, in which nobody sees what happened in between."""
    entries = []
    for index, each in enumerate(exchanges):
        began = datetime.fromtimestamp(each.at, UTC).replace(microsecond=500 * index)
        sent = [{"name": "Authorization", "value": each.authorization}] if each.authorization else []
        data = {"postData": {"mimeType": "application/json", "text": each.request_body}}
        request = {
            "method": each.method,
            "url": f"https://api.eu.nylas.com{each.path}?{each.query}",
            "headers": sent,
            **(data if each.request_body else {}),
        }
        response = {"status": each.status, "headers": [], "content": {"text": each.response_body}}
        entries.append({"startedDateTime": began.isoformat(), "request": request, "response": response})
    return {"log": {"version": "1.2", "entries": entries}}


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(steps.filter(lambda step: step[0] != "forget"), min_size=2, max_size=14))
def test_what_was_recorded_replays(course: list[tuple[Any, ...]]) -> None:
    plane = Plane()
    try:
        taken = Course(plane)
        for each in course:
            taken.take(*each)
        exchanges = plane.sandbox.journal.exchanges()
        scenario = imported(recorded(exchanges)) if exchanges else None
        if scenario is not None and scenario.document["steps"]:
            replayed(scenario.text)
    finally:
        plane.close()
