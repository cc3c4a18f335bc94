"""Which calls a fault strikes: matching, counting, chance."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.sandbox import Effect, Fault, Faults, FaultsRefused, Match
from mockserver.sandbox.faults import MOST

REQUEST = ("getBooking", "GET", "/v3/scheduling/bookings/b1", "b1")
EFFECT = Effect(status=500)


def fault(id: str = "", match: Match | None = None, **more: Any) -> Fault:
    return Fault(match or Match(operation="getBooking"), EFFECT, id, **more)


def struck(faults: Faults, calls: int) -> list[str | None]:
    """Which fault struck each of so many equal requests."""
    found = [faults.for_request(*REQUEST) for _ in range(calls)]
    return [None if each is None else each.id for each in found]


@settings(deadline=None)
@given(after=st.integers(0, 6), times=st.none() | st.integers(1, 6), calls=st.integers(0, 20))
def test_it_lets_some_pass_and_strikes_some(after: int, times: int | None, calls: int) -> None:
    faults = Faults([fault("f", after=after, times=times)])
    wanted = [
        "f" if after < n and (times is None or n <= after + times) else None for n in range(1, calls + 1)
    ]
    assert struck(faults, calls) == wanted
    (standing,) = faults.standings()
    assert standing.used == wanted.count("f")
    assert standing.left == (None if times is None else times - standing.used)


@settings(deadline=None)
@given(
    seed=st.integers(0, 50),
    probability=st.floats(0, 1),
    times=st.none() | st.integers(1, 10),
    after=st.integers(0, 5),
    others=st.lists(st.sampled_from(["before", "behind"]), max_size=2, unique=True),
)
def test_chance_is_the_same_every_time_whatever_stands_beside_it(
    seed: int, probability: float, times: int | None, after: int, others: list[str]
) -> None:
    """Another fault about other calls changes nothing, before it or behind it."""
    chancy = fault("f", times=times, probability=probability, after=after)
    other = fault("", Match(operation="createBooking"), probability=0.5)
    beside = [
        *([other] if "before" in others else []),
        chancy,
        *([other] if "behind" in others else []),
    ]
    alone, among = Faults([chancy], seed), Faults(beside, seed)
    found = struck(alone, 40)
    mixed = []
    for _ in range(40):
        among.for_request("createBooking", "POST", "/v3/scheduling/bookings", None)
        mixed += struck(among, 1)
    assert mixed == found
    assert None not in found[after:] or probability < 1 or times is not None
    assert "f" not in found[:after]
    assert found.count("f") <= (40 if times is None else times)


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_chance_has_about_the_share_it_was_given(probability: float) -> None:
    found = struck(Faults([fault("f", probability=probability)], 7), 1000)
    assert abs(found.count("f") / 1000 - probability) < 0.06


def test_two_faults_strike_independently() -> None:
    ids = ("a", "b")
    found = [struck(Faults([fault(id, probability=0.5)], 7), 64) for id in ids]
    assert [each is None for each in found[0]] != [each is None for each in found[1]]


def test_another_seed_strikes_other_calls() -> None:
    runs = {tuple(struck(Faults([fault("f", probability=0.5)], seed), 64)) for seed in range(8)}
    assert len(runs) == 8


def test_the_first_that_strikes_is_the_one_and_those_behind_count_what_is_left() -> None:
    faults = Faults([fault("a", times=1), fault("b", after=1, times=1), fault("c")])
    assert struck(faults, 4) == ["a", "c", "b", "c"]
    assert [each.used for each in faults.standings()] == [1, 1, 2]


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        (Match(operation="getBooking"), True),
        (Match(operation="cancelBooking"), False),
        (Match(path="/v3/scheduling/bookings/b1"), True),
        (Match(path="/v3/scheduling/bookings/{booking_id}"), True),
        (Match(path="/v3/{a}/{b}/{c}"), True),
        (Match(path="/v3/{a}/{b}"), False),
        (Match(path="/v3/**"), True),
        (Match(path="/v3/scheduling/**"), True),
        (Match(path="/v3/scheduling/bookings/b1/**"), False),
        (Match(path="/v3/sched.ling/bookings/b1"), False),
        (Match(method="GET", path="/v3/**"), True),
        (Match(method="POST", path="/v3/**"), False),
        (Match(operation="getBooking", booking_id="b1"), True),
        (Match(operation="getBooking", booking_id="b2"), False),
        (Match(trigger="booking.created"), False),
    ],
)
def test_what_a_request_has_to_look_like(match: Match, hit: bool) -> None:
    assert struck(Faults([fault("f", match)]), 1) == (["f"] if hit else [None])


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        (Match(trigger="booking.created"), True),
        (Match(trigger="booking.created", booking_id="b1"), True),
        (Match(trigger="booking.created", booking_id="b2"), False),
        (Match(trigger="booking.cancelled"), False),
        (Match(operation="createBooking"), False),
        (Match(path="/v3/**"), False),
    ],
)
def test_what_a_delivery_has_to_look_like(match: Match, hit: bool) -> None:
    found = Faults([fault("f", match)]).for_delivery("booking.created", "b1")
    assert (found is not None) == hit


def test_ids_are_given_where_they_are_missing_and_are_never_those_of_others() -> None:
    faults = Faults([fault("fault-1"), fault(), fault("mine")])
    assert [each.fault.id for each in faults.standings()] == ["fault-1", "fault-2", "mine"]
    assert faults.remove("fault-2")
    assert not faults.remove("fault-2")
    assert [each.fault.id for each in faults.add([fault()])] == ["fault-3"]


def test_what_cannot_be_added_changes_nothing() -> None:
    faults = Faults([fault("a")])
    with pytest.raises(FaultsRefused, match="an id of its own"):
        faults.add([fault("b"), fault("a")])
    with pytest.raises(FaultsRefused, match=f"at most {MOST}"):
        faults.add([fault()] * MOST)
    assert [each.fault.id for each in faults.standings()] == ["a"]


def test_a_fault_is_shown_as_it_is_written() -> None:
    made = Fault(
        Match(method="GET", path="/v3/**"),
        Effect(body={}, headers={"A": "b"}, delay_ms=5),
        "f",
        times=2,
        probability=0.0,
        after=1,
    )
    assert made.as_dict() == {
        "id": "f",
        "match": {"method": "GET", "path": "/v3/**"},
        "times": 2,
        "probability": 0.0,
        "after": 1,
        "effect": {"body": {}, "headers": {"A": "b"}, "delay_ms": 5},
    }
