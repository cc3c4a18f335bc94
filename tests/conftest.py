"""Fixtures that several folders use."""

import signal
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.support.worlds import Mock

# A shell that starts the tests in the background, or nohup, has these ignored, and every process started
# here would inherit that: but some tests send them.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


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
