"""Fixtures that several folders use."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.support.worlds import Mock


@pytest.fixture
def mock() -> Iterator[Mock]:
    """The small world of `tests.support.worlds`, in process."""
    mock = Mock()
    yield mock
    mock.close()


@pytest.fixture
def mock_of() -> Iterator[Callable[[Mapping[str, Any]], Mock]]:
    """Makes mocks of given documents."""
    made: list[Mock] = []

    def make(document: Mapping[str, Any]) -> Mock:
        made.append(Mock(document))
        return made[-1]

    yield make
    for mock in made:
        mock.close()
