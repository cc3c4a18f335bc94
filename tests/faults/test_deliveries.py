"""What a receiver sees of faults, on a frozen clock."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.control.plane import Plane
from tests.support.receiver import Receiver
from tests.support.worlds import DOCUMENT, INTRO, NOW, TEN, Mock

CREATED = {"trigger": "booking.created"}
CANCELLED = {"trigger": "booking.cancelled"}


def fault(plane: Plane, effect: Any, match: Any = CREATED, **more: Any) -> None:
    plane.done("POST", "faults", {"id": "f", "match": match, "effect": effect, **more})


def book(plane: Plane, slot: int = 0) -> str:
    """The booking's id, once what it set off at once is through."""
    booking_id: str = plane.book(TEN + slot * 1800).json["data"]["booking_id"]
    assert plane.done("POST", "drain") == {"drained": True}
    return booking_id


def cancel(plane: Plane, booking_id: str) -> None:
    path = f"/v3/scheduling/bookings/{booking_id}"
    assert plane.call("DELETE", path, query={"configuration_id": INTRO}).status_code == 200
    assert plane.done("POST", "drain") == {"drained": True}


def advance(plane: Plane, seconds: int) -> list[int]:
    """At what times something fell due on the way."""
    fired = plane.done("PATCH", "clock", {"advance": f"PT{seconds}S"})["fired"]
    assert {each["kind"] for each in fired} <= {"delivery"}
    return [each["at"] - NOW for each in fired]


def rows(plane: Plane) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plane.get("notifications")["data"]
    return found


def arrived(receiver: Receiver) -> list[tuple[str, int]]:
    """Type and number of the attempt of what has arrived, in order; every signature fits."""
    assert all(each.verified for each in receiver.received)
    return [(each.json["type"][8:], each.json["webhook_delivery_attempt"]) for each in receiver.received]


def test_a_late_one_comes_when_its_time_has_come(told: Plane, receiver: Receiver) -> None:
    fault(told, {"delay_ms": 29_001})
    book(told)
    (row,) = rows(told)
    assert (row["status"], row["next_attempt_at"], row["fault"]) == ("retrying", NOW + 30, "f")
    assert row["attempts"] == []
    assert told.get("notifications", query={"wait": "5"})["complete"] is True  # nothing to wait for
    assert advance(told, 29) == []
    assert receiver.received == []
    assert advance(told, 1) == [30]
    assert arrived(receiver) == [("created", 1)]
    (row,) = rows(told)
    assert (row["status"], row["attempts"][0]["at"], row["fault"]) == ("delivered", NOW + 30, "f")
    assert advance(told, 86_400) == []


def test_what_comes_behind_does_not_wait_for_a_late_one(told: Plane, receiver: Receiver) -> None:
    fault(told, {"delay_ms": 60_000})
    cancel(told, book(told))
    assert arrived(receiver) == [("cancelled", 1)]
    assert advance(told, 60) == [60]
    assert arrived(receiver) == [("cancelled", 1), ("created", 1)]


def test_a_late_one_that_fails_is_tried_again(told: Plane, receiver: Receiver) -> None:
    fault(told, {"delay_ms": 10_000})
    receiver.status = 503
    book(told)
    assert advance(told, 3600) == [10, 160, 910]
    assert arrived(receiver) == [("created", 1), ("created", 2), ("created", 3)]


def test_a_late_one_can_be_had_at_once(told: Plane, receiver: Receiver) -> None:
    fault(told, {"delay_ms": 60_000})
    book(told)
    told.done("POST", f"notifications/{rows(told)[0]['id']}/redeliver")
    assert arrived(receiver) == [("created", 1)]
    assert advance(told, 3600) == []
    assert len(receiver.received) == 1


def test_a_reset_forgets_what_is_late_or_held(told: Plane, receiver: Receiver) -> None:
    told.done(
        "POST",
        "faults",
        {
            "data": [
                {"match": CREATED, "times": 1, "effect": {"delay_ms": 60_000}},
                {"match": CREATED, "times": 1, "effect": {"reorder": True}},
            ]
        },
    )
    book(told)
    book(told, 1)
    told.done("POST", "reset", {})
    assert advance(told, 3600) == []
    book(told)
    assert arrived(receiver) == [("created", 1)]


def test_a_doubled_one_comes_twice_with_one_id(told: Plane, receiver: Receiver) -> None:
    fault(told, {"duplicate": True})
    book(told)
    assert arrived(receiver) == [("created", 1), ("created", 2)]
    assert len({each.json["id"] for each in receiver.received}) == 1
    (row,) = rows(told)
    assert (row["status"], [each["fault"] for each in row["attempts"]]) == ("delivered", ["f", "f"])
    assert advance(told, 86_400) == []


@pytest.mark.parametrize("second", [409, 503])
def test_a_receiver_may_refuse_the_second_one(told: Plane, receiver: Receiver, second: int) -> None:
    fault(told, {"duplicate": True})
    receiver.on_delivery = lambda _: setattr(
        receiver, "status", 200 if len(receiver.received) < 2 else second
    )
    book(told)
    (row,) = rows(told)
    assert (row["status"], [each["status"] for each in row["attempts"]]) == ("delivered", [200, second])
    assert advance(told, 86_400) == []


def test_both_of_a_doubled_one_count_as_attempts(told: Plane, receiver: Receiver) -> None:
    fault(told, {"duplicate": True})
    receiver.status = 503
    book(told)
    assert rows(told)[0]["status"] == "retrying"
    assert len(advance(told, 86_400)) == 1
    assert arrived(receiver) == [("created", 1), ("created", 2), ("created", 3)]
    (row,) = rows(told)
    assert (row["status"], [each["fault"] for each in row["attempts"]]) == ("failed", ["f", "f", None])


def test_a_reordered_one_comes_behind_the_next(told: Plane, receiver: Receiver) -> None:
    fault(told, {"reorder": True})
    booking_id = book(told)
    assert (receiver.received, rows(told)[0]["status"]) == ([], "retrying")
    cancel(told, booking_id)
    assert arrived(receiver) == [("cancelled", 1), ("created", 1)]
    assert advance(told, 3600) == []
    assert [each["status"] for each in rows(told)] == ["delivered", "delivered"]


def test_a_reordered_one_does_not_wait_for_ever(told: Plane, receiver: Receiver) -> None:
    fault(told, {"reorder": True}, times=1)
    book(told)
    assert advance(told, 59) == []
    assert advance(told, 1) == [60]
    book(told, 1)
    assert arrived(receiver) == [("created", 1)] * 2
    assert advance(told, 3600) == []


def test_all_reordered_swaps_pairs(told: Plane, receiver: Receiver) -> None:
    fault(told, {"reorder": True})
    booked = [book(told, slot) for slot in range(4)]
    order = [booked.index(each.json["data"]["object"]["booking_id"]) for each in receiver.received]
    assert order == [1, 0, 3, 2]


def test_each_webhook_has_its_own_order(plane_of: Callable[..., Plane]) -> None:
    with Receiver("a") as one, Receiver("b") as two:
        hooks = {
            "one": {"url": one.url, "secret": "a", "triggers": ["booking.created", "booking.cancelled"]},
            "two": {"url": two.url, "secret": "b", "triggers": ["booking.created"]},
        }
        plane = plane_of({**DOCUMENT, "webhooks": hooks})
        fault(plane, {"reorder": True})
        cancel(plane, book(plane))
        assert arrived(one) == [("cancelled", 1), ("created", 1)]
        assert arrived(two) == []
        assert advance(plane, 60) == [60]
        assert arrived(two) == [("created", 1)]


def test_a_dropped_one_never_comes(told: Plane, receiver: Receiver) -> None:
    fault(told, {"drop": "before"}, times=1)
    cancel(told, book(told))
    assert advance(told, 86_400) == []
    assert arrived(receiver) == [("cancelled", 1)]
    lost, sent = rows(told)
    assert (lost["status"], lost["fault"], lost["attempts"]) == ("dropped", "f", [])
    assert (sent["status"], sent["fault"]) == ("delivered", None)


def test_one_whose_answer_is_lost_comes_again(told: Plane, receiver: Receiver) -> None:
    fault(told, {"drop": "after"})
    book(told)
    (row,) = rows(told)
    assert (row["status"], row["attempts"][0]["status"]) == ("retrying", None)
    assert advance(told, 3600) == [150]
    assert arrived(receiver) == [("created", 1), ("created", 2)]
    assert rows(told)[0]["status"] == "delivered"


@pytest.mark.parametrize(
    ("effect", "due"),
    [
        ({"status": 503}, [150]),
        ({"status": 429, "headers": {"retry-after": "7"}}, [7]),
        ({"status": 503, "delay_ms": 5000}, [5, 155]),
        ({"status": 400}, []),
        ({"status": 200}, []),
    ],
)
def test_an_answer_can_be_made_up(told: Plane, receiver: Receiver, effect: Any, due: list[int]) -> None:
    fault(told, effect)
    book(told)
    assert receiver.received == []
    assert advance(told, 3600) == due
    (row,) = rows(told)
    first = row["attempts"][0]
    assert (first["status"], first["fault"]) == (effect["status"], "f")
    retried = effect["status"] in (429, 503)
    assert arrived(receiver) == ([("created", 2)] if retried else [])
    assert row["status"] == ("failed" if effect["status"] == 400 else "delivered")


def test_only_the_trigger_and_the_booking_meant_are_struck(told: Plane, receiver: Receiver) -> None:
    first = book(told)
    fault(told, {"drop": "before"}, {**CANCELLED, "booking_id": first})
    second = book(told, 1)
    cancel(told, first)
    cancel(told, second)
    assert arrived(receiver) == [("created", 1), ("created", 1), ("cancelled", 1)]
    assert receiver.received[-1].json["data"]["object"]["booking_id"] == second


def test_a_webhook_deleted_meanwhile_gets_nothing_late(told: Plane, receiver: Receiver) -> None:
    fault(told, {"delay_ms": 60_000})
    book(told)
    key = DOCUMENT["application"]["api_key"]
    assert told.call("DELETE", "/v3/webhooks/hook", key=key).status_code == 200
    advance(told, 3600)
    assert (receiver.received, rows(told)[0]["status"]) == ([], "dropped")


def test_what_nobody_wants_is_not_counted(plane: Plane) -> None:
    fault(plane, {"drop": "before"})
    book(plane)
    assert plane.get("faults")["data"][0]["used"] == 0
    assert rows(plane)[0]["fault"] is None


EFFECTS = st.sampled_from(
    [
        {"delay_ms": 45_000},
        {"delay_ms": 90_000, "duplicate": True},
        {"duplicate": True},
        {"reorder": True},
        {"drop": "after"},
        {"status": 503},
    ]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    faults=st.lists(
        st.fixed_dictionaries(
            {"match": st.sampled_from([CREATED, CANCELLED]), "effect": EFFECTS},
            optional={"times": st.integers(1, 3), "probability": st.sampled_from([0.3, 0.7])},
        ),
        max_size=4,
    ),
    steps=st.lists(st.sampled_from(["book", "cancel", "wait"]), min_size=1, max_size=8),
)
def test_nothing_is_lost_unless_a_fault_says_so(faults: list[Any], steps: list[str]) -> None:
    """Whatever else goes wrong: everything arrives in the end, twice over the same each time."""
    seen = [_run(faults, steps) for _ in range(2)]
    assert seen[0] == seen[1]
    announced, received = seen[0]
    assert {id for id, _, _ in received} == set(announced)


def _run(faults: list[Any], steps: list[str]) -> tuple[list[str], list[tuple[str, str, int]]]:
    with Receiver("s") as receiver:
        hook = {"id": "hook", "url": receiver.url, "secret": "s"}
        mock = Mock({**DOCUMENT, "webhooks": {"hook": hook}, "faults": faults})
        try:
            outbox, booked = mock.sandbox.outbox, list[str]()
            for slot, step in enumerate(steps):
                if step == "book":
                    booked.append(mock.book(TEN + slot * 1800).json["data"]["booking_id"])
                elif step == "cancel" and booked:
                    path = f"/v3/scheduling/bookings/{booked.pop()}"
                    mock.call("DELETE", path, query={"configuration_id": INTRO})
                elif step == "wait":
                    mock.sandbox.advance(40, lambda: outbox.drain(10))
            mock.sandbox.advance(3600, lambda: outbox.drain(10))
            assert {each.status for each in outbox.deliveries} <= {"delivered"}
            announced = [each.notification.id for each in outbox.deliveries]
        finally:
            mock.close()
    sent = [each.json for each in receiver.received]
    return announced, [(each["id"], each["type"], each["webhook_delivery_attempt"]) for each in sent]
