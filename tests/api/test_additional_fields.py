"""Answers to additional fields of which several options may be chosen."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support.worlds import DOCUMENT, INTRO, Mock, configuration

WISHES = {
    "label": "Wishes",
    "type": "multi_select",
    "required": False,
    "options": ["Tea", "Milk, hot", "Coffee"],
}


@pytest.fixture
def mock(mock_of: Callable[[Mapping[str, Any]], Mock]) -> Mock:
    body = configuration(scheduler={"min_booking_notice": 0, "additional_fields": {"wishes": WISHES}})
    intro = {"id": INTRO, "grant": "alice", "body": body}
    return mock_of({**DOCUMENT, "configurations": {"intro": intro}})


@pytest.mark.parametrize("answer", ["", "Tea", "Tea,Coffee", "Coffee, Tea", "Milk, hot", "Tea,Milk, hot"])
def test_options_come_separated_by_commas(mock: Mock, answer: str) -> None:
    """As the Scheduling Component sends them."""
    assert mock.book(additional_fields={"wishes": answer}).status_code == 200
    (booking,) = mock.sandbox.world.bookings.values()
    assert booking.additional_fields == {"wishes": answer}


@pytest.mark.parametrize("answer", ["Water", "Tea,Water", "Tea Coffee", ","])
def test_what_is_no_option_is_refused(mock: Mock, answer: str) -> None:
    response = mock.book(additional_fields={"wishes": answer})
    assert response.status_code == 400
    assert "wishes" in response.json["error"]["message"]
