"""Booking references: what they hold, and that they stay."""

from conformance.checking import check
from conformance.target import Booked, Unverified
from conformance.trial import Trial, decoded_reference


@check("BK-REF-001", "BK-REF-002", "BK-REF-003")
def a_reference_holds_the_ids(trial: Trial) -> None:
    """Take the references of two bookings apart, and read one of the bookings again."""
    page = trial.page("booking")
    salts = []
    for booked in (trial.booked(page), trial.booked(page)):
        reference = trial.reference(booked)
        try:
            configuration_id, booking_id, salt = decoded_reference(reference)
        except Unverified as reason:
            trial.judge("BK-REF-001", False, "base64 of two ids and a salt", reason)
            raise
        expected = f"the ids {page.id} and {booked.id}"
        holds = (configuration_id, booking_id) == (page.id.lower(), booked.id.lower())
        trial.judge("BK-REF-001", holds, expected, f"{configuration_id} and {booking_id}")
        salts.append(salt)
    trial.judge("BK-REF-003", all(salts) and len(set(salts)) == len(salts), "a salt for each booking", salts)
    _judge_kept(trial, booked, reference)
    slot = trial.free_slot(page)
    moved = trial.moved(booked, slot, trial.move(booked, slot))
    if moved.id == booked.id:
        _judge_kept(trial, booked, reference)


def _judge_kept(trial: Trial, booked: Booked, reference: str) -> None:
    """Judge by a reading; one that is about another id, or shows no reference, says nothing."""
    read = trial.read_when_there(booked)
    data = read.data if isinstance(read.data, dict) else {}
    shown = data.get("booking_ref")
    if data.get("booking_id") == booked.id and shown:
        trial.judge("BK-REF-002", shown == reference, f"booking_ref {reference!r}", f"booking_ref {shown!r}")
    elif "BK-REF-002" not in trial.judged:
        raise Unverified("the booking reads without a reference")
