"""Rescheduling: the new time is taken, the old one is free, and everything else stays."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from conformance.checking import check
from conformance.events import times_of
from conformance.pages import Page
from conformance.shapes import problems
from conformance.strangers.exchange import Exchange
from conformance.target import BOOKINGS, Booked, Slot, Unverified, particulars
from conformance.trial import Trial, settled

KEPT = ("title", "organizer", "status")


@check("BK-MOVE-001", "BK-MOVE-002", "BK-MOVE-006", "BK-MOVE-008", "BK-MOVE-011")
def a_booking_is_moved(trial: Trial) -> None:
    """Move a booking twice, with times as text and as numbers; read it, then cancel it."""
    page = trial.page("booking")
    booked = trial.booked(page)
    first = trial.read(booked)
    seen = particulars(first) if first.ok else booked.data
    moved = _moved(trial, booked, as_text=True)
    freed = trial.is_offered(page, booked.slot)
    _judge_particulars(trial, moved, seen)
    again = _moved(trial, moved, as_text=False)
    freed = freed or trial.is_offered(page, moved.slot)  # somebody else may have taken one of them
    trial.judge("BK-MOVE-002", freed, "the old time is offered again", "it is not offered")
    _judge_particulars(trial, again, seen)
    cancelled = trial.cancel(again)
    trial.judge("BK-MOVE-008", cancelled.accepted, "200 for cancelling it", cancelled)


@check("BK-MOVE-005")
def the_event_moves_along(trial: Trial) -> None:
    """Move a booking and look into the organizer's calendar."""
    page = trial.page("booking")
    booked = trial.booked(page)
    if trial.event(booked) is None:
        raise Unverified("the booking has no event in the calendar")
    slot = trial.free_slot(page)
    moved = _done(trial, booked, slot)
    answer = trial.read_when_there(moved)
    event_id = answer.data.get("event_id") if isinstance(answer.data, dict) else None
    if isinstance(event_id, str):
        moved = trial.moved(booked, slot, answer)
    event = settled(lambda: trial.event(moved), lambda event: times_of(event) == slot)
    trial.judge("BK-MOVE-005", times_of(event) == slot, f"an event from {slot[0]} to {slot[1]}", event)


@check("BK-MOVE-003")
def a_taken_time_stays_with_who_has_it(trial: Trial) -> None:
    """Move a booking to the time of another one."""
    page = trial.page("booking")
    other, booked = trial.booked(page), trial.booked(page)
    before = trial.read(booked)
    answer = trial.move(booked, other.slot)
    if not trial.judge("BK-MOVE-003", answer.refused, "refused: somebody else has the time", answer):
        return
    judge_unmoved(trial, "BK-MOVE-003", booked, before)


@check("BK-MOVE-004")
def its_own_time_counts_as_free(trial: Trial) -> None:
    """Move a booking to a time that overlaps its present one, or to the same time again."""
    page = _page_with_overlaps(trial)
    booked = trial.booked(page)
    start, end = booked.slot
    around = trial.slots(page, 2 * start - end, 2 * end - start, booking_id=booked.id)
    slot = next((each for each in around if each[0] < end and start < each[1] and each != booked.slot), None)
    answer = trial.move(booked, slot or booked.slot)
    trial.judge("BK-MOVE-004", answer.accepted, "200: the time is the booking's own", answer)


@check("BK-MOVE-007")
def a_move_needs_times(trial: Trial) -> None:
    """Try to move a booking without times, and to what is no time."""
    page = trial.page("booking")
    booked = trial.booked(page)
    before = trial.read(booked)
    start, end = trial.free_slot(page)
    for body in (
        {},
        {"start_time": start},
        {"end_time": end},
        {"start_time": "soon", "end_time": end},
        {"start_time": start, "end_time": {"at": end}},
    ):
        answer = trial.ask(page, "PATCH", f"{BOOKINGS}/{booked.id}", body=body)
        if answer.accepted:
            trial.note_move(booked, answer)
        trial.judge("BK-MOVE-007", answer.refused, "refused: a time is missing or is none", answer, [answer])
    judge_unmoved(trial, "BK-MOVE-007", booked, before)


@check("BK-MOVE-009")
def an_unknown_booking_cant_be_moved(trial: Trial) -> None:
    """Move a booking that nobody made."""
    page = trial.page("booking")
    start, end = trial.free_slot(page)
    body = {"start_time": start, "end_time": end}
    answer = trial.ask(page, "PATCH", f"{BOOKINGS}/{uuid4()}", body=body)
    trial.judge("BK-MOVE-009", answer.status == 404, "404", answer)


def judge_unmoved(trial: Trial, clause: str, booked: Booked, before: Exchange) -> None:
    """Judge that a booking has its time still and reads as before."""
    free = trial.is_offered(booked.page, booked.slot)
    trial.judge(clause, not free, "the booking keeps its time", "its time is offered")
    after = trial.read(booked)
    if before.ok:
        trial.judge(clause, particulars(after) == particulars(before), "the booking as it was", after)


def _moved(trial: Trial, booked: Booked, *, as_text: bool) -> Booked:
    """A booking that is moved; its new time is looked at. Raises Unverified where it isn't moved."""
    slot = trial.free_slot(booked.page)
    times = {"start_time": str(slot[0]), "end_time": str(slot[1])} if as_text else {}
    answer = trial.move(booked, slot, **times)
    if not answer.accepted and not trial.is_offered(booked.page, slot):
        raise Unverified("others took the slot before the booking could be moved there")
    expected = f"200 for a slot that is offered, times as {'text' if as_text else 'numbers'}"
    if not trial.judge("BK-MOVE-006", answer.accepted, expected, answer):
        raise Unverified("the booking could not be moved")
    wrong = problems("BookingOrDoneResponse", answer.content)
    trial.judge("BK-MOVE-001", not wrong, "a request_id, and the booking where it comes along", wrong)
    taken = not trial.is_offered(booked.page, slot)
    trial.judge("BK-MOVE-002", taken, "the new time is not offered any more", "it is offered")
    return trial.moved(booked, slot, answer)


def _done(trial: Trial, booked: Booked, slot: Slot) -> Booked:
    """A booking that is moved. Raises Unverified where that is refused."""
    answer = trial.move(booked, slot)
    if not answer.accepted:
        raise Unverified(f"a booking could not be moved: {answer.told()}")
    return trial.moved(booked, slot, answer)


def _judge_particulars(trial: Trial, moved: Booked, before: Mapping[str, Any]) -> None:
    answer = trial.read_when_there(moved)
    if not trial.judge("BK-MOVE-008", answer.accepted, "200 for reading it", answer):
        raise Unverified("the moved booking can't be read")
    found = particulars(answer)
    for key in KEPT:
        expected, seen = before.get(key), found[key]
        trial.judge("BK-MOVE-011", seen == expected, f"{key} {expected!r} as before", f"{key} {seen!r}")


def _page_with_overlaps(trial: Trial) -> Page:
    """A page whose slots overlap one another, if there is one."""
    pages = trial.pages("booking")
    closer = (
        each for each in pages if 0 < int(each.availability.get("interval_minutes") or 0) < each.duration
    )
    return next(closer, pages[0])
