"""Hosts who take turns, worked by hand: who is offered, who is next, who is booked, who keeps a booking."""

from typing import Any

import pytest

from tests.oracle.examples import TUESDAY, body, event, hours, moment, person, world
from tests.oracle.mocks import Traveller, opinion
from tests.oracle.reading import calendars_in, events_of
from tests.oracle.strategies import World
from tests.support.worlds import INTRO

ALICE, BOB, CAROL = (f"{name}@example.com" for name in ("alice", "bob", "carol"))
NINE, TEN, ELEVEN, NOON = (moment(f"{TUESDAY}T{hour:02}:00") for hour in (9, 10, 11, 12))
BOOKINGS = "/v3/scheduling/bookings"


def in_turns(
    method: str = "max-fairness", events: dict[str, list[dict[str, Any]]] | None = None, **more: Any
) -> World:
    """Alice, Bob and Carol, open from 9:00 to 12:00, meetings of an hour."""
    people = [person(name, hours("9:00", "12:00")) for name in ("alice", "bob", "carol")]
    rules = {"availability_method": method, **more}
    return world(body(*people, duration_minutes=60, availability_rules=rules), events)


def answer(
    mock: Traveller, place: World, booking_id: str | None = None
) -> tuple[list[str] | None, dict[int, list[str]]]:
    """The order and who is free when, on which both agree."""
    query = {"booking_id": booking_id} if booking_id else {}
    moving = events_of(mock, booking_id) if booking_id else frozenset()
    found = mock.answer(NINE, NOON, **query)
    assert found == opinion(place, calendars_in(mock), NINE, NOON, moving)
    return found.order, {start: emails for start, _, emails in found.slots}


def book(mock: Traveller, start: int, *emails: str) -> dict[str, Any]:
    asked = {"participants": [{"email": email} for email in emails]} if emails else {}
    response = mock.book(start, end_time=start + 3600, **asked)
    assert response.status_code == 200, response.json
    booked: dict[str, Any] = response.json["data"]
    return booked


def move(mock: Traveller, booking_id: str, start: int, **more: Any) -> dict[str, Any]:
    asked = {"start_time": start, "end_time": start + 3600, **more}
    response = mock.call("PATCH", f"{BOOKINGS}/{booking_id}", asked, query={"configuration_id": INTRO})
    assert response.status_code == 200, response.json
    moved: dict[str, Any] = response.json["data"]
    return moved


def calendar_of(mock: Traveller, booked: dict[str, Any]) -> list[str]:
    """Whose calendars hold the booking's events."""
    places = mock.sandbox.world.bookings[booked["booking_id"]].places
    return [mock.sandbox.world.grants[place.grant_id].email for place in places]


@pytest.mark.parametrize("method", ["max-fairness", "max-availability"])
def test_emails_of_a_slot_are_those_who_are_free(traveller: Traveller, method: str) -> None:
    events = {"alice": [event("09:00", "11:00")], "bob": [event("10:30", "10:45")]}
    place = in_turns(method, events)
    traveller.enter(place)
    assert answer(traveller, place) == (
        [ALICE, BOB, CAROL],
        {NINE: [BOB, CAROL], TEN: [CAROL], ELEVEN: [ALICE, BOB, CAROL]},
    )


def test_a_slot_without_anybody_is_not_there(traveller: Traveller) -> None:
    events = {name: [event("09:00", "10:00")] for name in ("alice", "bob", "carol")}
    place = in_turns(events=events)
    traveller.enter(place)
    assert list(answer(traveller, place)[1]) == [TEN, ELEVEN]


def test_the_next_in_order_is_booked_until_nobody_is_left(traveller: Traveller) -> None:
    place = in_turns()
    traveller.enter(place)
    for host, order in [
        (ALICE, [BOB, CAROL, ALICE]),
        (BOB, [CAROL, ALICE, BOB]),
        (CAROL, [ALICE, BOB, CAROL]),
    ]:
        booked = book(traveller, NINE)
        assert booked["organizer"]["email"] == host
        assert calendar_of(traveller, booked) == [host]
        assert answer(traveller, place)[0] == order
    assert NINE not in answer(traveller, place)[1]
    assert traveller.book(NINE, end_time=NINE + 3600).status_code == 400


def test_who_is_next_but_busy_is_passed_over(traveller: Traveller) -> None:
    place = in_turns(events={"alice": [event("09:00", "10:00")]})
    traveller.enter(place)
    assert book(traveller, NINE)["organizer"]["email"] == BOB
    assert book(traveller, TEN)["organizer"]["email"] == ALICE


def test_the_guests_page_chooses_the_host(traveller: Traveller) -> None:
    place = in_turns(events={"bob": [event("09:00", "10:00")]})
    traveller.enter(place)
    booked = book(traveller, NINE, CAROL)
    assert booked["organizer"]["email"] == CAROL
    assert calendar_of(traveller, booked) == [CAROL]
    before = traveller.snapshot()
    refused = traveller.book(NINE, end_time=NINE + 3600, participants=[{"email": BOB}])
    assert (refused.status_code, traveller.snapshot()) == (400, before)
    assert answer(traveller, place)[0] == [ALICE, BOB, CAROL], "order is by load: Carol has one by now"


def test_a_cancelled_booking_does_not_count(traveller: Traveller) -> None:
    place = in_turns()
    traveller.enter(place)
    booked = book(traveller, NINE)
    assert answer(traveller, place)[0] == [BOB, CAROL, ALICE]
    query = {"configuration_id": INTRO}
    assert traveller.call("DELETE", f"{BOOKINGS}/{booked['booking_id']}", query=query).status_code == 200
    order, free = answer(traveller, place)
    assert (order, free[NINE]) == ([ALICE, BOB, CAROL], [ALICE, BOB, CAROL])


def test_a_moved_booking_keeps_its_host_who_is_free(traveller: Traveller) -> None:
    place = in_turns()
    traveller.enter(place)
    booked = book(traveller, NINE)
    order, free = answer(traveller, place, booked["booking_id"])
    assert order == [BOB, CAROL, ALICE]
    assert free[NINE] == [ALICE, BOB, CAROL], "the booking's own event counts as free"
    moved = move(traveller, booked["booking_id"], TEN)
    assert moved["organizer"]["email"] == ALICE
    assert calendar_of(traveller, moved) == [ALICE]
    assert answer(traveller, place)[1] == {
        NINE: [ALICE, BOB, CAROL],
        TEN: [BOB, CAROL],
        ELEVEN: [ALICE, BOB, CAROL],
    }


def test_a_moved_booking_goes_to_the_next_if_its_host_is_busy(traveller: Traveller) -> None:
    place = in_turns(events={"alice": [event("10:00", "11:00")]})
    traveller.enter(place)
    booked = book(traveller, NINE)
    assert booked["organizer"]["email"] == ALICE
    moved = move(traveller, booked["booking_id"], TEN)
    assert moved["organizer"]["email"] == BOB
    assert calendar_of(traveller, moved) == [BOB]
    assert answer(traveller, place) == (
        [ALICE, CAROL, BOB],
        {NINE: [ALICE, BOB, CAROL], TEN: [CAROL], ELEVEN: [ALICE, BOB, CAROL]},
    )


def test_a_moved_booking_goes_to_whom_the_page_asks_for(traveller: Traveller) -> None:
    place = in_turns()
    traveller.enter(place)
    booked = book(traveller, NINE)
    moved = move(traveller, booked["booking_id"], NINE, participants=[{"email": CAROL}])
    assert moved["organizer"]["email"] == CAROL
    assert answer(traveller, place) == (
        [ALICE, BOB, CAROL],
        {NINE: [ALICE, BOB], TEN: [ALICE, BOB, CAROL], ELEVEN: [ALICE, BOB, CAROL]},
    )


def test_a_host_without_hours_is_always_free_but_sold_once(traveller: Traveller) -> None:
    """Carol has a calendar full of events and no `availability`: only what this page sold keeps her busy."""
    place = in_turns(events={"carol": [event("08:00", "18:00")]}, buffer={"after": 30})
    del place.body["participants"][2]["availability"]
    traveller.enter(place)
    assert answer(traveller, place)[1][NINE] == [ALICE, BOB, CAROL]
    book(traveller, NINE, CAROL)
    free = answer(traveller, place)[1]
    assert (free[NINE], free[TEN]) == ([ALICE, BOB], [ALICE, BOB]), "the buffer goes around it, too"
    assert free[ELEVEN] == [ALICE, BOB, CAROL]


def test_only_those_who_can_be_booked_take_turns(traveller: Traveller) -> None:
    place = in_turns()
    del place.body["participants"][0]["booking"]
    traveller.enter(place)
    assert answer(traveller, place) == ([BOB, CAROL], {each: [BOB, CAROL] for each in (NINE, TEN, ELEVEN)})
