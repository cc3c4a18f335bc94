"""POST and PATCH take exactly what GET offers, in random worlds: all of it, and nothing beside it."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.oracle.mocks import TIMEOUT, Traveller, budget, opinion
from tests.oracle.oracle import Answer
from tests.oracle.reading import calendars_in, events_of
from tests.oracle.strategies import MINUTE, World, worlds
from tests.support.worlds import INTRO

pytestmark = [pytest.mark.slow, pytest.mark.timeout(TIMEOUT)]

BOOKINGS = "/v3/scheduling/bookings"
GUEST = {"name": "Gina Guest", "email": "gina@example.com"}


@dataclass(frozen=True)
class Picks:
    """Which of the offered slots to take, as fractions, and how far beside them to aim."""

    places: tuple[float, ...]
    beside: tuple[int, ...]

    def of(self, offered: Answer) -> list[tuple[int, int, list[str]]]:
        chosen = {int(place * len(offered.slots)) for place in self.places}
        return [offered.slots[index] for index in sorted(chosen)]


fractions = st.floats(0, 1, exclude_max=True, allow_nan=False)
picks = st.builds(
    Picks,
    st.tuples(fractions, fractions),
    st.lists(
        st.sampled_from([-60, -30, -15, -10, -5, -1, 1, 5, 10, 15, 20, 30, 45, 60, 90, 600]),
        min_size=2,
        max_size=3,
        unique=True,
    ).map(tuple),
)


def book(mock: Traveller, start: int, end: int, **more: Any) -> TestResponse:
    body = {"start_time": start, "end_time": end, "guest": GUEST, **more}
    return mock.call("POST", BOOKINGS, body, query={"configuration_id": INTRO})


def move(mock: Traveller, booking_id: str, start: int, end: int, **more: Any) -> TestResponse:
    body = {"start_time": start, "end_time": end, **more}
    return mock.call("PATCH", f"{BOOKINGS}/{booking_id}", body, query={"configuration_id": INTRO})


def is_refused(mock: Traveller, response: TestResponse, before: str) -> bool:
    """Whether a slot was refused, in which case nothing may have changed."""
    if response.status_code == 200:
        return False
    assert response.status_code == 400, response.json
    assert response.json["error"]["message"].startswith("The selected timeslot is unavailable")
    assert mock.snapshot() == before
    return True


def host_of(response: TestResponse) -> str:
    assert response.status_code == 200, response.json
    return str(response.json["data"]["organizer"]["email"])


@budget(60)
@given(world=worlds(), picked=picks)
def test_post_takes_exactly_what_is_offered(traveller: Traveller, world: World, picked: Picks) -> None:
    traveller.enter(world)
    offered = traveller.answer(world.start, world.end)
    assume(offered.slots)
    calendars, before = calendars_in(traveller), traveller.snapshot()
    for start, end, _ in picked.of(offered):
        for aside in picked.beside:
            near, until = start + aside * MINUTE, end + aside * MINUTE
            right = near in opinion(world, calendars, near, until).starts
            if world.slot_grid == "midnight" and near >= world.start and until <= world.end:
                assert right == (near in offered.starts)
            if not right:
                assert is_refused(traveller, book(traveller, near, until), before)
            assert is_refused(traveller, book(traveller, start, end + aside * MINUTE), before)
    for start, end, emails in picked.of(offered):
        traveller.again()
        host = host_of(book(traveller, start, end))
        if offered.order is not None:
            assert host == next(email for email in offered.order if email in emails)
        assert traveller.answer(world.start, world.end) == opinion(world, calendars_in(traveller))


@budget(30)
@given(world=worlds(), picked=picks)
def test_who_is_asked_for_is_the_host_if_free(traveller: Traveller, world: World, picked: Picks) -> None:
    traveller.enter(world)
    offered = traveller.answer(world.start, world.end)
    assume(offered.slots and offered.order)
    start, end, emails = picked.of(offered)[0]
    for email in offered.order or ():
        traveller.again()
        before = traveller.snapshot()
        response = book(traveller, start, end, participants=[{"email": email}])
        assert is_refused(traveller, response, before) == (email not in emails)
        if email in emails:
            assert host_of(response) == email


@budget(60)
@given(world=worlds(), picked=picks)
def test_patch_takes_exactly_what_is_offered(traveller: Traveller, world: World, picked: Picks) -> None:
    traveller.enter(world)
    assume((first := traveller.answer(world.start, world.end)).slots)
    old_start, old_end, _ = picked.of(first)[0]
    made = book(traveller, old_start, old_end).json["data"]
    booking_id, old_host = made["booking_id"], made["organizer"]["email"]
    own, calendars = events_of(traveller, booking_id), calendars_in(traveller)
    offered = traveller.answer(world.start, world.end, booking_id=booking_id)
    assert offered == opinion(world, calendars, moving=own)
    assert offered.slots == first.slots, "the world is the same but for the booking itself"
    before = traveller.snapshot()
    for start, end, emails in picked.of(offered):
        for aside in picked.beside:
            near, until = start + aside * MINUTE, end + aside * MINUTE
            if near not in opinion(world, calendars, near, until, moving=own).starts:
                assert is_refused(traveller, move(traveller, booking_id, near, until), before)
        traveller.again()
        assert book(traveller, old_start, old_end).json["data"]["booking_id"] == booking_id
        host = host_of(move(traveller, booking_id, start, end))
        if offered.order is not None:
            turn = [old_host, *offered.order]
            assert host == next(email for email in turn if email in emails)
        assert traveller.answer(world.start, world.end) == opinion(world, calendars_in(traveller))
        traveller.again()
        book(traveller, old_start, old_end)
