"""Reading bookings: what was made is what is read."""

from uuid import uuid4

from conformance.checking import check
from conformance.shapes import problems
from conformance.target import BOOKINGS, Unverified, particulars
from conformance.trial import Trial


@check("BK-READ-001", "BK-READ-002", "BK-READ-004", "BK-READ-007")
def a_booking_reads_as_it_was_made(trial: Trial) -> None:
    """Book a slot, then read the booking, by way of another configuration too."""
    page, *others = trial.pages("booking")
    booked = trial.booked(page)
    answer = trial.read(booked)
    trial.judge("BK-READ-007", answer.ok, "200", answer)
    if not answer.ok:
        raise Unverified("the booking can't be read")
    wrong = problems("BookingResponse", answer.content)
    trial.judge("BK-READ-001", not wrong, "a booking as documented", "; ".join(wrong))
    for key, found in particulars(answer).items():
        made = booked.data.get(key)
        trial.judge("BK-READ-002", found == made, f"{key} {made!r}", f"{key} {found!r}")
    if not others:
        raise Unverified("there are no two public configurations")
    answer = trial.ask(others[0], "GET", f"{BOOKINGS}/{booked.id}")
    trial.judge("BK-READ-004", answer.refused, "refused: it belongs to another configuration", answer)


@check("BK-READ-003")
def an_unknown_booking_is_not_found(trial: Trial) -> None:
    """Read a booking that nobody made."""
    answer = trial.ask(trial.page("booking"), "GET", f"{BOOKINGS}/{uuid4()}")
    trial.judge("BK-READ-003", answer.status == 404, "404", answer)


@check("BK-READ-005")
def what_is_no_id_is_refused(trial: Trial) -> None:
    """Read bookings by words that are no booking ids."""
    for word in ("conformance", "123", f"{uuid4()}0"):
        answer = trial.ask(trial.page("booking"), "GET", f"{BOOKINGS}/{word}")
        trial.judge("BK-READ-005", answer.refused, f"refused: {word!r} is no booking id", answer, [answer])
