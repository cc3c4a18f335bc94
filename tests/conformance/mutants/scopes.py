"""Servers that are wrong about who may have calendars written."""

from typing import Any

from mockserver.domain import booking, scopes
from tests.conformance.mutants import mutant, ran
from tests.conformance.mutants._spoiling import asked_by, instead_of


@mutant("BK-SCOPE-001", kinds=["domain", "auth"])
def any_grant_is_booked() -> None:
    """Booking doesn't look at the scopes of the grant."""

    def spoiled(*_: Any) -> None:
        ran()

    booking.require_writable = spoiled


@mutant("BK-SCOPE-002", kinds=["domain", "auth"])
def any_grant_s_bookings_move() -> None:
    """Rescheduling doesn't look at the scopes of the grant."""

    @instead_of(booking, "require_rewritable")
    def spoiled(require: Any, *asked: Any) -> None:
        if asked_by("PATCH"):
            ran()
        else:
            require(*asked)


@mutant("BK-SCOPE-003", kinds=["domain", "auth"])
def any_grant_s_bookings_are_cancelled() -> None:
    """Cancelling doesn't look at the scopes of the grant."""

    @instead_of(booking, "require_rewritable")
    def spoiled(require: Any, *asked: Any) -> None:
        if asked_by("DELETE"):
            ran()
        else:
            require(*asked)


@mutant("BK-SCOPE-001", "BK-SCOPE-002", "BK-SCOPE-003", kinds=["domain", "auth"])
def reading_is_writing() -> None:
    """The scope that reads calendars is taken for one that writes them."""

    @instead_of(scopes, "_short")
    def spoiled(short: Any, scope: str) -> Any:
        ran()
        return str(short(scope)).removesuffix(".readonly")


@mutant("BK-SCOPE-004", kinds=["domain", "auth"])
def reading_needs_writing() -> None:
    """Reading a booking needs the scope that writes."""

    @instead_of(booking, "read")
    def spoiled(read: Any, tx: Any, *asked: Any) -> Any:
        ran()
        found = read(tx, *asked)
        booking.require_rewritable(tx, found)
        return found
