"""Scopes: who may only read a calendar can't have bookings written into it."""

from conformance.checking import check
from conformance.strangers.exchange import Exchange
from conformance.target import Booked, Unverified, particulars
from conformance.trial import Trial

FORBIDDEN = (401, 403)
SWITCH = "missing_scope_status"


@check("BK-SCOPE-001")
def booking_needs_a_writing_scope(trial: Trial) -> None:
    """Book somebody whose grant may not write events."""
    page = trial.page("unscoped")
    answer = trial.book(page, trial.free_slot(page))
    _judge(trial, "BK-SCOPE-001", answer)


@check("BK-SCOPE-002", "BK-SCOPE-003", "BK-SCOPE-004")
def an_existing_booking_needs_one_too(trial: Trial) -> None:
    """Read, move and cancel a booking of somebody whose grant may not write events."""
    page = trial.page("unscoped")
    booked = Booked(page, (0, 0), trial.target.settings.bookings["unscoped"], "", "", {})
    read = trial.read(booked)
    if not read.ok and read.status not in FORBIDDEN:
        raise Unverified(f"the booking that was given can't be read: {read.told()}")
    trial.judge("BK-SCOPE-004", read.ok, "200", read)
    if read.ok and (not isinstance(read.data, dict) or read.data.get("status") == "cancelled"):
        raise Unverified("the booking that was given doesn't stand any more")
    _judge(trial, "BK-SCOPE-002", trial.move(booked, trial.free_slot(page)))
    _judge(trial, "BK-SCOPE-003", trial.cancel(booked))
    again = trial.read(booked)
    if read.ok and again.ok:
        trial.judge("BK-SCOPE-003", particulars(again) == particulars(read), "the booking as it was", again)


def _judge(trial: Trial, clause: str, answer: Exchange) -> None:
    trial.judge(clause, answer.refused, "refused: the grant may not write events", answer)
    if answer.status in (400, 403):
        trial.observe(SWITCH, str(answer.status))
