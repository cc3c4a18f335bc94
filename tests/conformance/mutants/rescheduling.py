"""Servers that are wrong about moving bookings."""

from dataclasses import replace
from typing import Any

from mockserver.api import bookings as api
from mockserver.api import events as events_api
from mockserver.domain import booking, calendaring
from mockserver.domain.availability import Slot
from mockserver.domain.calendars import Event
from mockserver.domain.errors import Refusal, refuse
from mockserver.gateway import json_response
from tests.conformance.mutants import mutant, ran
from tests.conformance.mutants._spoiling import as_sent, asked_by, instead_of

OTHER_ID = "00000000-0000-4000-8000-000000000001"
HOUR = 3600


@mutant("BK-MOVE-001", also=["BK-WIRE-001"], kinds=["envelope"])
def moved_without_request_id() -> None:
    """Rescheduling answers without a request_id."""

    @instead_of(api, "_with_booking")
    def spoiled(answered: Any, tx: Any, made: Any, form: str) -> Any:
        if asked_by("PATCH"):
            ran()
            return json_response({"data": api.shown(tx, made)})
        return answered(tx, made, form)


@mutant("BK-MOVE-002", kinds=["domain"])
def the_old_time_stays_taken() -> None:
    """Something stays in the calendar at the time that a booking was moved away from."""

    @instead_of(booking, "_moved")
    def spoiled(moved: Any, tx: Any, before: Any, *asked: Any) -> Any:
        ran()
        calendar = tx.world.calendar_at(before.places[0])
        calendar.put(Event(id=tx.ids.event_id(), title="Hold", start=before.start, end=before.end))
        return moved(tx, before, *asked)


@mutant("BK-MOVE-002", "BK-MOVE-005", also=["BK-CREATE-005", "BK-MOVE-012"], kinds=["domain"])
def the_event_stays() -> None:
    """The event in the calendar doesn't move with the booking."""

    def spoiled(*_: Any) -> None:
        ran()

    booking.move_events = spoiled


@mutant("BK-MOVE-003", "BK-MOVE-012", also=["BK-CREATE-005", "BK-RR-008"], kinds=["domain"])
def any_time_will_do() -> None:
    """A booking may be moved to any time, whoever has it."""

    @instead_of(booking, "_offered")
    def spoiled(offered: Any, tx: Any, configuration: Any, start: int, end: int, moving: Any) -> Any:
        if moving is None:
            return offered(tx, configuration, start, end, None)
        ran()
        return Slot(start, end, ())


@mutant("BK-MOVE-003", kinds=["domain"])
def given_up_too_early() -> None:
    """A booking whose move is refused has lost its time."""

    @instead_of(booking, "reschedule")
    def spoiled(reschedule: Any, tx: Any, configuration: Any, booking_id: str, asked: Any) -> Any:
        try:
            return reschedule(tx, configuration, booking_id, asked)
        except Refusal:
            before = tx.world.bookings.get(booking_id)
            if before is not None and before.status != "cancelled":
                ran()
                calendaring.cancel_events(tx, before)
                tx.world.log.begin()
            raise


@mutant("BK-MOVE-004", kinds=["domain"])
def in_its_own_way() -> None:
    """A booking's own time is taken, for the booking too."""

    @instead_of(booking, "_offered")
    def spoiled(offered: Any, tx: Any, configuration: Any, start: int, end: int, _moving: Any) -> Any:
        ran()
        return offered(tx, configuration, start, end, None)


@mutant("BK-MOVE-005", kinds=["domain", "time"])
def moved_an_hour_off() -> None:
    """The event of a booking that was moved is an hour late."""

    @instead_of(events_api, "_when")
    def spoiled(when: Any, event: Any, calendar: Any) -> Any:
        if event.updated_at and event.metadata.get("conformance_moved"):
            ran()
            event = replace(event, start=event.start + HOUR, end=event.end + HOUR)
        return when(event, calendar)

    @instead_of(calendaring, "_stamps")
    def stamped(stamps: Any, *asked: Any) -> Any:
        mark = {"conformance_moved": "yes"} if asked_by("PATCH") else {}
        return {**stamps(*asked), **mark}


@mutant("BK-MOVE-006", kinds=["time"])
def moving_takes_no_text() -> None:
    """Rescheduling takes times as numbers only."""

    @instead_of(api, "json_body")
    def spoiled(json_body: Any) -> Any:
        if asked_by("PATCH") and isinstance(as_sent().get("start_time"), str):
            ran()
            raise refuse("malformed_body")
        return json_body()


@mutant(
    "BK-MOVE-006",
    also=["BK-MOVE-004", "BK-MOVE-009", "BK-MOVE-012", "BK-RR-008", "BK-SESS-008"],
    kinds=["time"],
)
def moving_takes_no_numbers() -> None:
    """Rescheduling takes times as text only."""

    @instead_of(api, "json_body")
    def spoiled(json_body: Any) -> Any:
        if asked_by("PATCH") and isinstance(as_sent().get("start_time"), int):
            ran()
            raise refuse("malformed_body")
        return json_body()


@mutant("BK-MOVE-007", kinds=["time"])
def an_end_is_made_up() -> None:
    """A move without an end lasts a quarter of an hour."""

    @instead_of(api, "json_body")
    def spoiled(json_body: Any) -> Any:
        sent = as_sent()
        if asked_by("PATCH") and set(sent) == {"start_time"}:
            ran()
            return {**sent, "end_time": sent["start_time"] + 900}
        return json_body()


@mutant(
    "BK-MOVE-008",
    also=["BK-CANCEL-002", "BK-MOVE-006", "BK-READ-007", "BK-PEND-015", "BK-SESS-008"],
    kinds=["domain"],
)
def an_id_that_leads_nowhere() -> None:
    """A moved booking is said to have a new id, but is known by the old one only."""

    @instead_of(api, "_with_booking")
    def spoiled(answered: Any, tx: Any, made: Any, form: str) -> Any:
        if asked_by("PATCH"):
            ran()
            made = replace(made, id=OTHER_ID)
        return answered(tx, made, form)


@mutant("BK-MOVE-009", kinds=["domain"])
def nothing_moves_anywhere() -> None:
    """Moving a booking that nobody made succeeds."""

    @instead_of(booking, "reschedule")
    def spoiled(reschedule: Any, tx: Any, configuration: Any, booking_id: str, asked: Any) -> Any:
        if booking_id not in tx.world.bookings:
            ran()
            return next(iter(tx.world.bookings.values()))
        return reschedule(tx, configuration, booking_id, asked)


@mutant("BK-MOVE-010", kinds=["domain"])
def back_from_the_dead() -> None:
    """A cancelled booking that is moved stands again."""

    @instead_of(booking, "_active")
    def spoiled(active: Any, tx: Any, configuration: Any, booking_id: str) -> Any:
        made = tx.world.bookings.get(booking_id)
        if made is not None and made.status == "cancelled" and asked_by("PATCH"):
            ran()
            return replace(made, status="booked")
        return active(tx, configuration, booking_id)


@mutant("BK-MOVE-011", kinds=["domain"])
def moving_asks_again() -> None:
    """A booking that stands is pending after it was moved."""

    @instead_of(booking, "_moved")
    def spoiled(moved: Any, *asked: Any) -> Any:
        ran()
        return replace(moved(*asked), status="pending")
