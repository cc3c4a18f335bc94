"""Mocks inside the test whose journals are exported, and what the real clients' tests start."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import browser, elements, host
from tests.control.plane import Plane
from tests.node.conftest import node

__all__ = ["browser", "elements", "host", "node"]
"""Imported here, not where they are used: so the browser is closed when the tests of this folder are over."""


@pytest.fixture
def plane() -> Iterator[Plane]:
    plane = Plane()
    yield plane
    plane.close()
