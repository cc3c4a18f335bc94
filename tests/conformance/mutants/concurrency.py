"""Servers that are right as long as one request comes after the other."""

import threading
import time
from dataclasses import replace
from typing import Any
from uuid import UUID

from mockserver.domain import booking, calendaring
from mockserver.domain.errors import refuse
from mockserver.gateway import current_sandbox
from tests.conformance.mutants import mutant, ran
from tests.conformance.mutants._spoiling import asked_by, instead_of

PAUSE = 0.05
"""Seconds for which the world is left alone between looking and writing: enough for seven others to look."""


def let_others_in(seconds: float = PAUSE) -> None:
    """Give the world up for a moment, as a server does that looks and writes in two transactions."""
    ran()
    sandbox = current_sandbox()
    sandbox.lock.release()
    time.sleep(seconds)
    sandbox.lock.acquire()
    sandbox.world.log.begin()  # what the others did is theirs, and not to be taken back with us


@mutant("BK-CREATE-007", also=["BK-CREATE-005", "BK-RR-005"], kinds=["domain", "concurrency"])
def looked_and_booked_later() -> None:
    """Between looking for the slot and booking it others may look, too."""

    @instead_of(booking, "_hosts")
    def spoiled(hosts: Any, *asked: Any) -> Any:
        found = hosts(*asked)
        if asked_by("POST"):
            let_others_in()
        return found


@mutant("BK-MOVE-012", kinds=["domain", "concurrency"])
def looked_and_moved_later() -> None:
    """Between looking for the new slot and moving there others may look, too."""

    @instead_of(booking, "_new_host")
    def spoiled(new_host: Any, *asked: Any) -> Any:
        found = new_host(*asked)
        let_others_in()
        return found


@mutant("BK-CREATE-005", kinds=["domain", "concurrency"])
def movers_and_newcomers() -> None:
    """Moves mind one another, but not the bookings that are made while they are under way."""
    claimed: set[tuple[str, int]] = set()

    @instead_of(booking, "reschedule")
    def spoiled(reschedule: Any, tx: Any, configuration: Any, booking_id: str, asked: Any) -> Any:
        key = configuration.id, asked.start
        if key in claimed:
            raise refuse("slot_unavailable")
        claimed.add(key)
        try:
            return reschedule(tx, configuration, booking_id, asked)
        finally:
            claimed.discard(key)

    @instead_of(booking, "_new_host")
    def looked(new_host: Any, *asked: Any) -> Any:
        found = new_host(*asked)
        let_others_in(2 * PAUSE)
        return found

    @instead_of(booking, "book")
    def later(book: Any, *asked: Any) -> Any:
        let_others_in()
        return book(*asked)


@mutant("BK-MOVE-003", kinds=["domain", "concurrency"])
def fallen_between_two_stools() -> None:
    """A booking gives up its time when the new one looks free, and has none when somebody is faster."""

    @instead_of(booking, "reschedule")
    def spoiled(reschedule: Any, tx: Any, configuration: Any, booking_id: str, asked: Any) -> Any:
        before = booking._active(tx, configuration, booking_id)
        booking._offered(tx, configuration, asked.start, asked.end, before)
        calendaring.cancel_events(tx, before)
        tx.world.log.begin()
        let_others_in()
        return reschedule(tx, configuration, booking_id, asked)


@mutant("BK-CREATE-016", kinds=["domain", "concurrency"])
def numbered_too_early() -> None:
    """Bookings are numbered by how many there were when the request came in."""
    mine = threading.local()

    @instead_of(booking, "book")
    def spoiled(book: Any, tx: Any, *asked: Any) -> Any:
        mine.number = len(tx.world.bookings)
        let_others_in()
        return book(tx, *asked)

    @instead_of(booking, "_new_booking")
    def numbered(new: Any, *asked: Any) -> Any:
        made = new(*asked)
        return replace(made, id=str(UUID(int=mine.number, version=4))) if hasattr(mine, "number") else made


@mutant("BK-PEND-017", kinds=["domain", "concurrency"])
def two_minds() -> None:
    """Two decisions at the same time are both carried out."""

    @instead_of(booking, "_undecided")
    def spoiled(undecided: Any, *asked: Any) -> Any:
        found = undecided(*asked)
        let_others_in()
        return found


@mutant("BK-CREATE-007", also=["BK-CREATE-005", "BK-RR-005"], kinds=["domain", "concurrency"])
def one_answer_for_all() -> None:
    """Whoever asks for a slot while it is being booked gets the winner's booking for an answer."""
    under_way: dict[tuple[str, int], Any] = {}

    @instead_of(booking, "book")
    def spoiled(book: Any, tx: Any, configuration: Any, asked: Any) -> Any:
        key = configuration.id, asked.start
        if key in under_way:
            ran()
            return under_way[key]
        made = under_way[key] = book(tx, configuration, asked)
        let_others_in()
        del under_way[key]
        return made


@mutant("BK-CREATE-007", kinds=["domain", "concurrency"])
def everybody_steps_back() -> None:
    """When several ask for one slot at the same time, nobody gets it."""
    asking: dict[tuple[str, int], int] = {}

    @instead_of(booking, "book")
    def spoiled(book: Any, tx: Any, configuration: Any, asked: Any) -> Any:
        key = configuration.id, asked.start
        asking[key] = asking.get(key, 0) + 1
        try:
            let_others_in()
            if asking[key] > 1:
                let_others_in()
                raise refuse("slot_unavailable")
            return book(tx, configuration, asked)
        finally:
            asking[key] -= 1
