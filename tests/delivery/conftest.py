"""What the tests of delivery share: a courier that ends with the test, an outbox, receivers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from mockserver.delivery import Courier
from mockserver.sandbox import Clock, ClockSetting, Outbox
from tests.delivery.sending import NOW, SECRET
from tests.support.receiver import Receiver


@pytest.fixture
def clock() -> Clock:
    return Clock(ClockSetting("frozen", NOW))


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def new_receiver() -> Iterator[Callable[[], Receiver]]:
    """Makes as many receivers as a test needs; all are closed in the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Receiver(SECRET))


@pytest.fixture
def receiver(new_receiver: Callable[[], Receiver]) -> Receiver:
    return new_receiver()


@pytest.fixture
def new_courier(new_receiver: Callable[[], Receiver]) -> Iterator[Callable[..., Courier]]:
    """Makes couriers; they are stopped before the receivers are closed, so nothing is left half sent."""
    made: list[Courier] = []

    def make(**options: float) -> Courier:
        made.append(Courier(**options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for courier in made:
        courier.stop(0)


@pytest.fixture
def courier(new_courier: Callable[..., Courier]) -> Courier:
    return new_courier()
