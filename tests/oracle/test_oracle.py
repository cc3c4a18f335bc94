"""The mock offers what brute force finds, in random worlds. `make fuzz` tries many more of them."""

import pytest
from hypothesis import given

from tests.oracle.mocks import FEW, TIMEOUT, Traveller, budget, opinion
from tests.oracle.reading import calendars_of
from tests.oracle.recurring_worlds import recurring_worlds
from tests.oracle.strategies import World, worlds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(TIMEOUT)]


@budget(FEW)
@given(world=worlds())
def test_the_mock_offers_what_brute_force_finds(traveller: Traveller, world: World) -> None:
    traveller.enter(world)
    assert traveller.answer(world.start, world.end) == opinion(world, calendars_of(world.document))


@budget(FEW // 2)
@given(world=recurring_worlds())
def test_events_recur_as_dateutil_finds(traveller: Traveller, world: World) -> None:
    traveller.enter(world)
    assert traveller.answer(world.start, world.end) == opinion(world, calendars_of(world.document))
