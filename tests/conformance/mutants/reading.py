"""Servers that are wrong about reading bookings."""

from dataclasses import replace
from typing import Any

from mockserver.api import bookings as api
from mockserver.domain import booking
from mockserver.domain.errors import Refusal, refuse
from mockserver.domain.reference import is_uuid
from tests.conformance.mutants import mutant, ran
from tests.conformance.mutants._spoiling import asked_by, instead_of

OTHER_ID = "00000000-0000-4000-8000-000000000000"


@mutant("BK-READ-001", also=["BK-READ-002"], kinds=["domain"])
def reading_without_organizer() -> None:
    """A booking reads without its organizer."""

    @instead_of(api, "shown")
    def spoiled(shown: Any, *asked: Any) -> Any:
        found = shown(*asked)
        if asked_by("GET"):
            ran()
            del found["organizer"]
        return found


@mutant("BK-READ-002", also=["BK-REF-001"], kinds=["domain"])
def another_id() -> None:
    """Reading a booking shows another id."""

    @instead_of(booking, "read")
    def spoiled(read: Any, *asked: Any) -> Any:
        ran()
        return replace(read(*asked), id=OTHER_ID)


@mutant("BK-READ-003", kinds=["domain"])
def unknown_is_malformed() -> None:
    """An unknown booking answers 400."""

    @instead_of(booking, "read")
    def spoiled(read: Any, *asked: Any) -> Any:
        try:
            return read(*asked)
        except Refusal:
            ran()
            raise refuse("malformed_id") from None


@mutant("BK-READ-004", also=["BK-AUTH-008"], kinds=["domain"])
def read_by_way_of_any_configuration() -> None:
    """A booking is found by way of every configuration."""

    @instead_of(booking, "read")
    def spoiled(read: Any, tx: Any, configuration: Any, booking_id: str) -> Any:
        made = tx.world.bookings.get(booking_id)
        if made is not None and made.configuration_id != configuration.id:
            ran()
            configuration = tx.world.configurations[made.configuration_id]
        return read(tx, configuration, booking_id)


@mutant("BK-READ-005", also=["BK-AUTH-008", "BK-READ-002", "BK-READ-004"], kinds=["domain"])
def any_word_is_an_id() -> None:
    """What is no id reads as the newest booking."""

    @instead_of(api, "path_uuid")
    def spoiled(path_uuid: Any, name: str, value: str) -> Any:
        if not is_uuid(value) and asked_by("GET"):
            ran()
            world = api.current_sandbox().world
            return next(reversed(list(world.bookings)))
        return path_uuid(name, value)

    @instead_of(booking, "_find")
    def found(find: Any, tx: Any, configuration: Any, booking_id: str) -> Any:
        made = tx.world.bookings.get(booking_id)
        owner = made and tx.world.configurations[made.configuration_id]
        return find(tx, owner if asked_by("GET") and owner else configuration, booking_id)


@mutant("BK-READ-006", also=["BK-PEND-008"], kinds=["domain"])
def cancelled_reads_as_booked() -> None:
    """A cancelled booking reads as if it stood."""

    @instead_of(api, "shown")
    def spoiled(shown: Any, tx: Any, made: Any) -> Any:
        if made.status == "cancelled" and asked_by("GET"):
            ran()
            made = replace(made, status="booked")
        return shown(tx, made)


@mutant("BK-READ-007", also=["BK-MOVE-008", "BK-AUTH-008", "BK-PEND-006", "BK-SESS-008"], kinds=["domain"])
def nothing_can_be_read() -> None:
    """Bookings that stand aren't found."""

    @instead_of(booking, "read")
    def spoiled(read: Any, *asked: Any) -> Any:
        found = read(*asked)
        if found.status == "booked":
            ran()
            raise refuse("not_found")
        return found
