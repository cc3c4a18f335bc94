"""Several callers who want the same thing at the same time: one of them gets it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from conformance.checking import check
from conformance.crowd import at_once
from conformance.pages import Page
from conformance.strangers.exchange import Exchange
from conformance.target import BOOKINGS, Booked, Slot, Unverified
from conformance.trial import Trial

CROWD = 8
MOVERS = 4
ROUNDS = 2

Call = Callable[[], Exchange]


@check("BK-CREATE-007")
def one_slot_for_many(trial: Trial) -> None:
    """Send eight requests for one slot at the same time, twice."""
    page = trial.page("booking")
    for _ in range(ROUNDS):
        slot = trial.free_slot(page)
        answers = _booked_at_once(trial, page, [slot] * CROWD)
        _judge_one(trial, "BK-CREATE-007", answers, page, slot)


@check("BK-MOVE-012", "BK-MOVE-003", "BK-CREATE-016", "BK-CREATE-005")
def one_slot_for_many_bookings(trial: Trial) -> None:
    """Make four bookings at once, move all to one slot at once, then one to a slot that others book."""
    page = trial.page("booking")
    slots = trial.free_slots(page, MOVERS + 2)
    bookings = _bookings_at_once(trial, page, slots[:MOVERS])
    left = _move_at_once(trial, page, bookings, slots[MOVERS])
    if not left:
        raise Unverified("every booking was moved to the same slot")
    _race_for(trial, left[0], slots[MOVERS + 1])


@check("BK-PEND-017")
def one_decision_of_many(trial: Trial) -> None:
    """Confirm and decline a pending booking at the same time, twice."""
    for _ in range(ROUNDS):
        booked = trial.booked(trial.page("confirmation"))
        salt = trial.salt(booked)
        bodies = [{"salt": salt, "status": status} for status in ("confirmed", "cancelled") * 2]
        calls = [_call(trial, booked.page, "PUT", f"{BOOKINGS}/{booked.id}", body) for body in bodies]
        answers = _all(trial, calls, lambda number, answer: None)
        _judge_one(trial, "BK-PEND-017", answers)


def _bookings_at_once(trial: Trial, page: Page, slots: list[Slot]) -> list[Booked]:
    """A booking for each slot, made at the same time. Raises Unverified where fewer than two come of it."""
    answers = [answer for answer in _booked_at_once(trial, page, slots) if answer.accepted]
    bookings = [booked for answer in answers if (booked := trial.standing(answer))]
    ids, events = ({getattr(each, name) for each in bookings} for name in ("id", "event_id"))
    if len(answers) < 2:
        raise Unverified("the bookings that this needs were not made")
    holds = len(ids) == len(events) == len(answers)
    seen = ", ".join(f"{each.id} with event {each.event_id}" for each in bookings)
    if not trial.judge("BK-CREATE-016", holds, "ids of its own for each booking", seen, answers):
        raise Unverified("bookings with the same id can't be told apart")
    return bookings


def _move_at_once(trial: Trial, page: Page, bookings: list[Booked], slot: Slot) -> list[Booked]:
    """Move all bookings to one slot; those that stay where they were."""
    calls = [_mover(trial, each, slot) for each in bookings]
    answers = _all(trial, calls, lambda number, answer: _note_move(trial, bookings[number], answer))
    _judge_one(trial, "BK-MOVE-012", answers, page, slot)
    stay = [each for each, answer in zip(bookings, answers, strict=True) if answer.refused]
    kept = [each for each in stay if not trial.is_offered(page, each.slot)]
    if stay:
        expected = "whoever didn't get the slot keeps his own"
        trial.judge("BK-MOVE-003", kept == stay, expected, f"{len(stay) - len(kept)} of {len(stay)} don't")
    return stay


def _race_for(trial: Trial, booked: Booked, slot: Slot) -> None:
    """A booking moves to a slot that others book at the same time."""
    newcomers = MOVERS - 1
    trial.target.require_budget(newcomers)
    calls = [_mover(trial, booked, slot), *(_newcomer(trial, booked.page, slot) for _ in range(newcomers))]

    def noted(number: int, answer: Exchange) -> None:
        if number == 0:
            _note_move(trial, booked, answer)
        elif answer.accepted:
            trial.keep(booked.page, slot, answer)

    _judge_one(trial, "BK-CREATE-005", _all(trial, calls, noted), booked.page, slot)


def _booked_at_once(trial: Trial, page: Page, slots: list[Slot]) -> list[Exchange]:
    trial.target.require_budget(len(slots))

    def noted(number: int, answer: Exchange) -> None:
        if answer.accepted:
            trial.keep(page, slots[number], answer)

    return _all(trial, [_newcomer(trial, page, slot) for slot in slots], noted)


def _judge_one(
    trial: Trial, clause: str, answers: list[Exchange], page: Page | None = None, slot: Slot = (0, 0)
) -> None:
    """Judge that one of several requests succeeded. Where none did, others may have been faster."""
    done = sum(answer.accepted for answer in answers)
    if not done and not all(answer.refused for answer in answers):
        raise Unverified("none was answered in a way that says anything")
    if not done and page is not None and not trial.is_offered(page, slot):
        raise Unverified("somebody else took the slot")
    seen = ", ".join(str(answer.status) for answer in answers)
    trial.judge(clause, done == 1, f"one 200 for {len(answers)} requests", seen, answers)


def _all(trial: Trial, calls: Sequence[Call], noted: Callable[[int, Exchange], None]) -> list[Exchange]:
    """Make all calls at the same time; the trial knows of their answers then."""
    answers = at_once(calls, noted)
    trial.exchanges.extend(answers)
    return answers


def _note_move(trial: Trial, booked: Booked, answer: Exchange) -> None:
    if answer.accepted:
        trial.note_move(booked, answer)


def _newcomer(trial: Trial, page: Page, slot: Slot) -> Call:
    return _call(trial, page, "POST", BOOKINGS, trial.booking_body(page, slot))


def _mover(trial: Trial, booked: Booked, slot: Slot) -> Call:
    body = {"start_time": slot[0], "end_time": slot[1]}
    return _call(trial, booked.page, "PATCH", f"{BOOKINGS}/{booked.id}", body)


def _call(trial: Trial, page: Page, method: str, path: str, body: Any) -> Call:
    """A call that leaves the trial alone, for that is nothing for several threads."""
    return partial(trial.target.caller.call, method, path, body=body, **trial.target.about(page))
