"""What the tests of the control plane share."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.control.plane import Plane
from tests.support.receiver import Receiver
from tests.support.worlds import DOCUMENT

SECRET = "the-receivers-secret"


@pytest.fixture
def plane_of() -> Iterator[Callable[..., Plane]]:
    """Makes mocks; what it takes is what `Plane` takes."""
    with ExitStack() as stack:

        def make(*args: Any, **more: Any) -> Plane:
            plane = Plane(*args, **more)
            stack.callback(plane.close)
            return plane

        yield make


@pytest.fixture
def plane(plane_of: Callable[..., Plane]) -> Plane:
    """The small world of `tests.support.worlds`."""
    return plane_of()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(SECRET) as receiver:
        yield receiver


@pytest.fixture
def told(plane_of: Callable[..., Plane], receiver: Receiver) -> Plane:
    """The same with a webhook that tells `receiver`."""
    hook = {"id": "hook", "url": receiver.url, "secret": SECRET}
    return plane_of({**DOCUMENT, "webhooks": {"hook": hook}})
