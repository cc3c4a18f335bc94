"""Servers that are wrong in one way each: `python -m tests.schemathesis.mutants NAME serve --port 0 …`.

Each is the real server with one thing in it replaced. The run has to catch them all.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask import Response

from mockserver.api import bookings, configurations
from mockserver.cli import main
from mockserver.contract import Contract, Violation
from mockserver.domain import availability, booking

OTHER_ID = "00000000-0000-4000-8000-000000000000"


def wrong_id() -> None:
    """Reading a booking shows another id."""
    read = booking.read
    booking.read = lambda tx, configuration, id: replace(read(tx, configuration, id), id=OTHER_ID)


def no_validation() -> None:
    """Of a body only that the times and the guest are there is checked."""
    violations = Contract.request_violations

    def lenient(self: Contract, operation_id: str, body: object) -> list[Violation]:
        found = violations(self, operation_id, body)
        return [each for each in found if each.path in ("", "start_time", "end_time", "guest")]

    Contract.request_violations = lenient  # type: ignore[method-assign]


def double_booking() -> None:
    """A slot is not looked at before it is sold."""

    def offered(tx: Any, configuration: Any, start: int, end: int, moving: Any) -> availability.Slot:
        return availability.Slot(start, end, tuple(each.email for each in configuration.participants))

    booking.slot_at = offered  # type: ignore[assignment]


def undocumented_status() -> None:
    """Booking answers 201, which the contract doesn't know."""
    enveloped = bookings.enveloped

    def created(content: Any, status: int = 200) -> Response:
        return enveloped(content, 201)

    bookings.enveloped = created


def never_cancelled() -> None:
    """Cancelling says it is done and does nothing."""
    booking._cancelled = lambda tx, configuration, before, reason, announced: replace(before)  # type: ignore[assignment]


def no_api_key() -> None:
    """Configurations may be read and written by anybody."""
    configurations.require_api_key = lambda tx, credentials: None  # type: ignore[assignment]


MUTANTS: dict[str, Callable[[], None]] = {
    mutate.__name__: mutate
    for mutate in (wrong_id, no_validation, double_booking, undocumented_status, never_cancelled, no_api_key)
}


def start(arguments: Sequence[str]) -> None:
    """Break what the first argument names, then start the server with the others."""
    MUTANTS[arguments[0]]()
    sys.argv = ["mockserver", *arguments[1:]]
    main()


if __name__ == "__main__":
    start(sys.argv[1:])
