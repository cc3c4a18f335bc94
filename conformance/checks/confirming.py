"""Bookings that the organizer has to confirm: pending first, then decided on."""

import re
from collections.abc import Mapping
from typing import Any

from conformance.checking import check
from conformance.checks.cancelling import judge_gone
from conformance.events import is_placeholder, times_of
from conformance.shapes import problems
from conformance.strangers.exchange import Exchange
from conformance.target import BOOKINGS, Booked, Unverified
from conformance.trial import Trial, settled

PREFIX = "[PENDING] "
URL = re.compile(r"https?://[^\s\"'<>]+")


@check("BK-PEND-001", "BK-PEND-002", "BK-PEND-003", "BK-PEND-004")
def a_pending_booking_awaits_a_decision(trial: Trial) -> None:
    """Book a configuration whose organizer has to confirm; try to book the slot again."""
    booked = _pending(trial)
    read = trial.read(booked)
    trial.judge("BK-PEND-001", _status(read) == "pending", "status pending", read)
    title = str(booked.data.get("title"))
    trial.judge("BK-PEND-003", title.startswith(PREFIX), f"a title that begins {PREFIX!r}", title)
    free = trial.is_offered(booked.page, booked.slot)
    trial.judge("BK-PEND-004", not free, "the slot is not offered", "it is offered")
    again = trial.book(booked.page, booked.slot)
    trial.judge("BK-PEND-004", again.refused, "refused: the slot is taken", again)
    event = settled(lambda: trial.event(booked), lambda event: event is not None)
    trial.judge("BK-PEND-002", is_placeholder(event), "an event that is marked as pending", event)


@check("BK-PEND-014")
def the_organizer_is_asked(trial: Trial) -> None:
    """Read the mail that the organizer gets about a pending booking."""
    control = trial.target.control
    if control is None:
        raise Unverified("not permitted: --use-control")
    before = control.mail_cursor()
    booked = _pending(trial)
    reference = trial.reference(booked)
    organizer = booked.data.get("organizer")
    address = str(organizer.get("email")).lower() if isinstance(organizer, dict) else ""
    texts = [_text(mail) for mail in control.mail(before) if address in str(mail.get("to")).lower()]
    links = [link for text in texts for link in URL.findall(text) if reference in link]
    trial.judge("BK-PEND-014", bool(links), "a mail with a link that holds the booking reference", texts)


@check("BK-PEND-015", "BK-PEND-016")
def a_pending_booking_is_moved_and_cancelled(trial: Trial) -> None:
    """Move a pending booking, then cancel it."""
    booked = _pending(trial)
    slot = trial.free_slot(booked.page)
    answer = trial.move(booked, slot)
    if answer.accepted:
        moved = trial.moved(booked, slot, answer)
        read = trial.read_when_there(moved)
        trial.judge("BK-PEND-015", _status(read) == "pending", "status pending", read)
        booked = moved
    else:
        trial.unsupported("BK-PEND-015", f"a pending booking can't be moved: {answer.told()}")
    answer = trial.cancel(booked)
    if not answer.accepted:
        trial.unsupported("BK-PEND-016", f"a pending booking can't be cancelled: {answer.told()}")
        return
    free = trial.is_offered(booked.page, booked.slot)
    trial.judge("BK-PEND-016", free, "the slot is offered again", "it is not offered")


@check("BK-PEND-005", "BK-PEND-006", "BK-PEND-007", "BK-PEND-012")
def a_booking_is_confirmed(trial: Trial) -> None:
    """Confirm a pending booking; look into the calendar, then try to decide again."""
    booked = _pending(trial)
    answer = trial.decide(booked, "confirmed")
    wrong = problems("BookingResponse", answer.content)
    holds = answer.ok and not wrong and _status(answer) == "booked"
    trial.judge("BK-PEND-005", holds, "200 and the booking, with status booked", answer)
    if not answer.ok:
        raise Unverified("the booking could not be confirmed")
    read = trial.read(booked)
    trial.judge("BK-PEND-006", _status(read) == "booked", "status booked", read)
    for status in ("confirmed", "cancelled"):
        again = trial.decide(booked, status)
        trial.judge("BK-PEND-012", again.refused, "refused: it was decided on", again)
    if _status(trial.read(booked)) != "booked":
        raise Unverified("the booking was decided on again")
    confirmed = trial.moved(booked, booked.slot, read if read.ok else answer)
    event = settled(lambda: trial.event(confirmed), lambda event: event is not None)
    holds = times_of(event) == booked.slot and not is_placeholder(event)
    trial.judge("BK-PEND-007", holds, "an event at the same time that isn't marked as pending", event)


@check("BK-PEND-008", "BK-PEND-009", "BK-PEND-012")
def a_booking_is_declined(trial: Trial) -> None:
    """Decline a pending booking; look whether its slot is offered again, then try to confirm it."""
    booked = _pending(trial)
    answer = trial.decide(booked, "cancelled", cancellation_reason="Away that week")
    trial.judge("BK-PEND-008", answer.ok, "200", answer)
    if not answer.ok:
        raise Unverified("the booking could not be declined")
    trial.observe("decline_response", "booking" if answer.data else "request_id")
    judge_gone(trial, "BK-PEND-008", trial.read(booked))
    _judge_freed(trial, booked)
    again = trial.decide(booked, "confirmed")
    trial.judge("BK-PEND-012", again.refused, "refused: it was decided on", again)


@check("BK-PEND-010", "BK-PEND-011")
def a_wrong_decision_decides_nothing(trial: Trial) -> None:
    """Decide with no salt, with a status that is none, and with the salts of others."""
    booked, other = _pending(trial), _pending(trial)
    salt = trial.salt(booked)
    for body in (
        {"status": "confirmed"},
        {"salt": salt},
        {"salt": salt, "status": "booked"},
        {"salt": [salt], "status": "confirmed"},
    ):
        _judge_undecided(trial, "BK-PEND-010", booked, body)
    for wrong in (trial.salt(other), "AAECAwQFBgcICQ"):
        if wrong != salt:
            for status in ("confirmed", "cancelled"):
                _judge_undecided(trial, "BK-PEND-011", booked, {"salt": wrong, "status": status})


def _pending(trial: Trial) -> Booked:
    """A booking that awaits its organizer. Raises Unverified without one."""
    booked = trial.booked(trial.page("confirmation"))
    if not trial.judge("BK-PEND-001", booked.status == "pending", "status pending", booked.status):
        raise Unverified("the booking isn't pending")
    return booked


def _judge_undecided(trial: Trial, clause: str, booked: Booked, body: Mapping[str, Any]) -> None:
    answer = trial.ask(booked.page, "PUT", f"{BOOKINGS}/{booked.id}", body=body)
    read = trial.read(booked)
    holds = answer.refused and _status(read) == "pending"
    trial.judge(clause, holds, "refused, and the booking is still pending", answer, [answer, read])
    if _status(read) != "pending":
        raise Unverified("the booking was decided on")


def _judge_freed(trial: Trial, declined: Booked) -> None:
    """Whoever else books there can take the slot of a declined booking once, but hardly twice."""
    free = trial.is_offered(declined.page, declined.slot)
    if not free:
        again = _pending(trial)
        free = trial.decide(again, "cancelled").ok and trial.is_offered(again.page, again.slot)
    trial.judge("BK-PEND-009", free, "the slot is offered again", "it is not offered")


def _status(answer: Exchange) -> object:
    return answer.data.get("status") if answer.ok and isinstance(answer.data, dict) else None


def _text(mail: Mapping[str, Any]) -> str:
    return " ".join(str(mail.get(key) or "") for key in ("subject", "text", "html"))
