"""Servers that are wrong about cancelling bookings."""

from dataclasses import replace
from typing import Any

from flask import Response

from mockserver.api import bookings as api
from mockserver.domain import booking
from mockserver.domain.errors import Refusal, refuse
from mockserver.domain.reference import is_uuid
from tests.conformance.mutants import mutant, ran
from tests.conformance.mutants._spoiling import asked_by, instead_of

NOBODY = "00000000-0000-4000-8000-000000000002"


@mutant(
    "BK-CANCEL-001",
    also=["BK-CANCEL-002", "BK-WIRE-001", "BK-WIRE-004", "BK-WIRE-006"],
    kinds=["envelope"],
)
def cancelled_without_a_word() -> None:
    """Cancelling answers 204 with nothing."""

    @instead_of(api, "enveloped")
    def spoiled(enveloped: Any, content: Any) -> Any:
        if asked_by("DELETE"):
            ran()
            return Response(status=204)
        return enveloped(content)


@mutant("BK-CANCEL-002", also=["BK-CANCEL-009"], kinds=["domain"])
def no_reasons() -> None:
    """Cancelling with a reason is refused."""

    @instead_of(booking, "cancel")
    def spoiled(cancel: Any, tx: Any, configuration: Any, booking_id: str, reason: str) -> Any:
        if reason:
            ran()
            raise refuse("malformed_body")
        return cancel(tx, configuration, booking_id, reason)


@mutant("BK-CANCEL-002", also=["BK-CANCEL-004", "BK-MOVE-008", "BK-SESS-008"], kinds=["domain"])
def no_cancelling_without_reason() -> None:
    """Cancelling without a reason is refused."""

    @instead_of(booking, "cancel")
    def spoiled(cancel: Any, tx: Any, configuration: Any, booking_id: str, reason: str) -> Any:
        if not reason:
            ran()
            raise refuse("malformed_body")
        return cancel(tx, configuration, booking_id, reason)


@mutant("BK-CANCEL-003", kinds=["domain"])
def the_event_is_only_freed() -> None:
    """The event of a cancelled booking stays in the calendar; it just doesn't block anything."""

    def spoiled(tx: Any, made: Any) -> None:
        for place in made.places:
            ran()
            calendar = tx.world.calendar_at(place)
            calendar.put(replace(calendar.get(place.event_id), busy=False))

    booking.cancel_events = spoiled


@mutant("BK-CANCEL-004", kinds=["domain"])
def nobody_is_cancelled() -> None:
    """Cancelling a booking that nobody made succeeds."""

    @instead_of(booking, "cancel")
    def spoiled(cancel: Any, tx: Any, configuration: Any, booking_id: str, reason: str) -> Any:
        if booking_id not in tx.world.bookings:
            ran()
            return None
        return cancel(tx, configuration, booking_id, reason)


@mutant("BK-CANCEL-005", kinds=["domain"])
def cancelled_again_and_again() -> None:
    """A booking can be cancelled as often as one likes."""

    @instead_of(booking, "_active")
    def spoiled(active: Any, tx: Any, configuration: Any, booking_id: str) -> Any:
        made = tx.world.bookings.get(booking_id)
        if made is not None and made.status == "cancelled" and asked_by("DELETE"):
            ran()
            return made
        return active(tx, configuration, booking_id)


@mutant("BK-CANCEL-007", also=["BK-CANCEL-002", "BK-MOVE-006"], kinds=["domain"])
def a_whole_day_off() -> None:
    """Cancelling a booking cancels the configuration's others of the same day."""

    @instead_of(booking, "cancel")
    def spoiled(cancel: Any, tx: Any, configuration: Any, booking_id: str, reason: str) -> Any:
        cancelled = cancel(tx, configuration, booking_id, reason)
        for other in list(tx.world.bookings.values()):
            same_day = other.start // 86400 == cancelled.start // 86400
            if same_day and other.status == "booked" and other.configuration_id == configuration.id:
                ran()
                cancel(tx, configuration, other.id, reason)
        return cancelled


@mutant("BK-CANCEL-008", kinds=["domain"])
def any_reason_will_do() -> None:
    """A reason that is no text is ignored."""

    @instead_of(api, "optional_json_body")
    def spoiled(optional_json_body: Any) -> Any:
        try:
            return optional_json_body()
        except Refusal:
            ran()
            return {}


@mutant("BK-CANCEL-008", kinds=["domain"])
def any_word_is_cancelled() -> None:
    """Cancelling by what is no id succeeds."""

    @instead_of(api, "path_uuid")
    def spoiled(path_uuid: Any, name: str, value: str) -> Any:
        if asked_by("DELETE") and not is_uuid(value):
            ran()
            return NOBODY
        return path_uuid(name, value)

    @instead_of(booking, "cancel")
    def cancelled(cancel: Any, tx: Any, configuration: Any, booking_id: str, reason: str) -> Any:
        return None if booking_id == NOBODY else cancel(tx, configuration, booking_id, reason)
