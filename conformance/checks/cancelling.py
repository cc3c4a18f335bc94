"""Cancelling: the booking and its event are gone, and nothing else is."""

from uuid import uuid4

from conformance.checking import check
from conformance.checks.rescheduling import judge_unmoved
from conformance.pages import Page
from conformance.shapes import problems
from conformance.strangers.exchange import Exchange
from conformance.target import BOOKINGS, DAY, Slot, Unverified
from conformance.trial import Trial, settled

MINUTE = 60


@check("BK-CANCEL-001", "BK-CANCEL-002", "BK-CANCEL-003", "BK-CANCEL-005", "BK-MOVE-010", "BK-READ-006")
def a_booking_is_cancelled(trial: Trial) -> None:
    """Cancel a booking; read it, look for its event, try to cancel it again and to move it."""
    page = trial.page("booking")
    booked = trial.booked(page)
    answer = trial.cancel(booked)
    _judge_cancelled(trial, answer)
    if not answer.accepted:
        raise Unverified("the booking could not be cancelled")
    judge_gone(trial, "BK-READ-006", trial.read(booked))
    again = trial.cancel(booked)
    trial.judge("BK-CANCEL-005", again.refused, "refused: it is cancelled already", again)
    moved = trial.move(booked, trial.free_slot(page))
    trial.judge("BK-MOVE-010", moved.refused, "refused: it was cancelled", moved)
    if moved.accepted:
        trial.keep(page, booked.slot, moved)
        raise Unverified("the cancelled booking was moved")
    event = settled(lambda: trial.event(booked), lambda event: event is None)
    trial.judge("BK-CANCEL-003", event is None, "no event, or a cancelled one", event)


@check("BK-CANCEL-001", "BK-CANCEL-002", "BK-CANCEL-007")
def the_others_stay(trial: Trial) -> None:
    """Cancel one of two bookings, with a reason."""
    page = trial.page("booking")
    booked, other = trial.booked(page), trial.booked(page)
    before = trial.read(other)
    answer = trial.cancel(booked, {"cancellation_reason": "Caught a cold"})
    _judge_cancelled(trial, answer)
    judge_unmoved(trial, "BK-CANCEL-007", other, before)


@check("BK-CANCEL-004")
def an_unknown_booking_cant_be_cancelled(trial: Trial) -> None:
    """Cancel a booking that nobody made."""
    answer = trial.ask(trial.page("booking"), "DELETE", f"{BOOKINGS}/{uuid4()}")
    trial.judge("BK-CANCEL-004", answer.status == 404, "404", answer)


@check("BK-CANCEL-008")
def a_wrong_cancellation_is_refused(trial: Trial) -> None:
    """Cancel by a word that is no id, and with reasons that are no text."""
    page = trial.page("booking")
    answer = trial.ask(page, "DELETE", f"{BOOKINGS}/conformance")
    trial.judge("BK-CANCEL-008", answer.refused, "refused: that is no booking id", answer, [answer])
    booked = trial.booked(page)
    for reason in (5, ["Caught a cold"]):
        answer = trial.cancel(booked, {"cancellation_reason": reason})
        if not trial.judge("BK-CANCEL-008", answer.refused, "refused: the reason is no text", answer):
            break


@check("BK-CANCEL-006")
def notice_is_kept(trial: Trial) -> None:
    """Cancel a booking within the notice; where that is refused, move it out of it and cancel it then."""
    page, slot, later = _slots_around_notice(trial)
    booked = trial.booked(page, slot)
    answer = trial.cancel(booked)
    trial.observe("cancellation_notice", "enforced" if answer.refused else "ignored")
    if not answer.refused:
        trial.unsupported("BK-CANCEL-006", "the notice for cancelling is left to the booking page")
        return
    trial.judge("BK-CANCEL-006", True, "refused: it is within the notice", answer)
    trial.cancel(trial.moved(booked, later, trial.move(booked, later)))


def judge_gone(trial: Trial, clause: str, read: Exchange) -> None:
    """Judge that a booking doesn't stand any more: it reads as cancelled, or it isn't found."""
    status = read.data.get("status") if isinstance(read.data, dict) else None
    gone = read.status == 404
    if gone or status == "cancelled":
        trial.observe("cancelled_booking", "gone" if gone else "readable")
    trial.judge(clause, gone or (read.ok and status == "cancelled"), "status cancelled, or 404", read)


def _judge_cancelled(trial: Trial, answer: Exchange) -> None:
    trial.judge("BK-CANCEL-002", answer.accepted, "cancelled", answer, [answer])
    if answer.accepted:
        wrong = problems("DoneResponse", answer.content)
        holds = answer.ok and not wrong
        trial.judge("BK-CANCEL-001", holds, "200 with a request_id", answer, [answer])


def _slots_around_notice(trial: Trial) -> tuple[Page, Slot, Slot]:
    """A page with a slot within its notice for cancelling and one after it, both in the window.

    Raises Unverified without one: a booking that can't be cancelled later would be left behind. Where it may
    be moved isn't documented either, so that only the mock is tried.
    """
    if trial.target.control is None:
        raise Unverified("a booking that can't be cancelled might be left behind; --use-control")
    now = trial.target.now()
    first, last = trial.target.settings.limits.window.at(now)
    for page in trial.pages("cancellation-notice"):
        end = now + int(page.scheduler["min_cancellation_notice"]) * MINUTE
        if first + DAY < end < last - DAY:
            within = trial.slots(page, first, end)
            later = trial.slots(page, end + DAY // 2, last)
            if within and later:
                return page, within[0], later[0]
    raise Unverified("no notice for cancelling ends within --window")
