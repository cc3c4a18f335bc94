"""Servers that are wrong about reading bookings."""

from dataclasses import replace
from typing import Any

from mockserver.domain import booking
from tests.conformance.mutants import mutant, ran

OTHER_ID = "00000000-0000-4000-8000-000000000000"


@mutant("BK-READ-002", also=["BK-REF-001"], kinds=["domain"])
def another_id() -> None:
    """Reading a booking shows another id."""
    read = booking.read

    def spoiled(tx: Any, configuration: Any, id: str) -> Any:
        ran()
        return replace(read(tx, configuration, id), id=OTHER_ID)

    booking.read = spoiled
