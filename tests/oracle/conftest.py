"""The mock that these tests share."""

from collections.abc import Iterator

import pytest

from tests.oracle.mocks import Traveller


@pytest.fixture(scope="module")
def traveller() -> Iterator[Traveller]:
    mock = Traveller()
    yield mock
    mock.close()
