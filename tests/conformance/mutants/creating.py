"""Servers that are wrong about making bookings."""

from dataclasses import replace
from typing import Any

from mockserver.api import availability as availability_api
from mockserver.api import bookings as api
from mockserver.api import events as events_api
from mockserver.domain import availability, booking, calendaring
from mockserver.domain.availability import Slot
from mockserver.domain.errors import CATALOGUE, Refusal, refuse
from tests.conformance.mutants import mutant, ran
from tests.conformance.mutants._spoiling import as_sent, asked_by, instead_of

QUARTER = 900
HOUR = 3600


@mutant("BK-CREATE-001", also=["BK-READ-002", "BK-CREATE-020", "BK-PEND-003"], kinds=["domain"])
def a_booking_without_title() -> None:
    """Booking answers without the title."""

    @instead_of(api, "shown")
    def spoiled(shown: Any, *asked: Any) -> Any:
        found = shown(*asked)
        if asked_by("POST"):
            ran()
            del found["title"]
        return found


@mutant(
    "BK-CREATE-002",
    also=["BK-CREATE-020", "BK-AVAIL-020", "BK-AVAIL-023", "BK-NOTE-001", "BK-NOTE-005"],
    kinds=["domain"],
)
def everything_awaits_confirmation() -> None:
    """Every booking is pending, whatever the configuration's type."""

    @instead_of(booking, "_new_booking")
    def spoiled(new: Any, *asked: Any) -> Any:
        ran()
        return replace(new(*asked), status="pending")


@mutant("BK-CREATE-003", kinds=["domain"])
def no_company() -> None:
    """A booking with additional guests is refused."""

    @instead_of(booking, "book")
    def spoiled(book: Any, tx: Any, configuration: Any, asked: Any) -> Any:
        if asked.additional_guests:
            ran()
            raise refuse("slot_unavailable")
        return book(tx, configuration, asked)


@mutant("BK-CREATE-003", also=["BK-RR-005"], kinds=["domain"])
def everybody_may_not_be_named() -> None:
    """Who is named in `participants` is said to be unknown."""

    @instead_of(booking, "_hosts")
    def spoiled(hosts: Any, tx: Any, configuration: Any, slot: Any, asked: Any) -> Any:
        if asked:
            ran()
            raise refuse("unknown_participant")
        return hosts(tx, configuration, slot, asked)


@mutant("BK-CREATE-004", kinds=["domain"])
def any_length_will_do() -> None:
    """Only the start of a booking is held against availability, not its end."""

    @instead_of(booking, "slot_at")
    def spoiled(slot_at: Any, tx: Any, configuration: Any, start: int, end: int, moving: Any) -> Any:
        ran()
        slot = slot_at(tx, configuration, start, start + configuration.duration * 60, moving)
        return slot and replace(slot, end=end)


@mutant("BK-CREATE-004", kinds=["domain", "time"])
def minutes_are_rounded() -> None:
    """A time beside the grid is taken for the slot before it."""

    @instead_of(booking, "slot_at")
    def spoiled(slot_at: Any, tx: Any, configuration: Any, start: int, end: int, moving: Any) -> Any:
        off = start % QUARTER
        if off:
            ran()
        return slot_at(tx, configuration, start - off, end - off, moving)


@mutant("BK-CREATE-005", also=["BK-CREATE-007", "BK-PEND-004", "BK-RR-005"], kinds=["domain"])
def the_same_slot_twice() -> None:
    """A new booking doesn't mind the one that stands at the very same time."""

    @instead_of(booking, "_offered")
    def spoiled(offered: Any, tx: Any, configuration: Any, start: int, end: int, moving: Any) -> Any:
        if moving is None:
            ran()
            standing = (each for each in tx.world.bookings.values() if each.status != "cancelled")
            moving = next((each for each in standing if each.start == start), None)
        return offered(tx, configuration, start, end, moving)


@mutant("BK-CREATE-006")
def another_phrase() -> None:
    """The refusal of a slot that is gone has other words."""
    ran()
    CATALOGUE["slot_unavailable"] = replace(CATALOGUE["slot_unavailable"], message="Too late")


@mutant("BK-CREATE-008", also=["BK-CREATE-009"], kinds=["domain"])
def nameless_guests() -> None:
    """A guest needs no name."""

    @instead_of(api, "json_body")
    def spoiled(json_body: Any) -> Any:
        try:
            return json_body()
        except Refusal:
            sent = as_sent()
            guest = sent.get("guest")
            if isinstance(guest, dict) and guest.get("email") and "name" not in guest:
                ran()
                return sent
            raise


@mutant("BK-CREATE-009", kinds=["domain"])
def nonsense_is_left_out() -> None:
    """Additional fields and guests that are no such thing are ignored."""

    @instead_of(api, "json_body")
    def spoiled(json_body: Any) -> Any:
        try:
            return json_body()
        except Refusal:
            sent = as_sent()
            wrong = ("additional_fields", "additional_guests")
            if asked_by("POST") and any(sent.get(key) for key in wrong):
                ran()
                return {key: value for key, value in sent.items() if key not in wrong}
            raise


@mutant("BK-CREATE-010")
def no_times_as_text() -> None:
    """Booking takes times as numbers only."""

    @instead_of(api, "json_body")
    def spoiled(json_body: Any) -> Any:
        if asked_by("POST") and isinstance(as_sent().get("start_time"), str):
            ran()
            raise refuse("malformed_body")
        return json_body()


@mutant("BK-CREATE-011", also=["BK-MOVE-005", "BK-PEND-007", "BK-RR-002"], kinds=["domain", "time"])
def an_hour_late() -> None:
    """In the calendar the event is an hour late."""

    @instead_of(events_api, "_when")
    def spoiled(when: Any, event: Any, calendar: Any) -> Any:
        ran()
        return when(replace(event, start=event.start + HOUR, end=event.end + HOUR), calendar)


@mutant("BK-CREATE-012", kinds=["domain"])
def friends_stay_out() -> None:
    """Additional guests aren't invited to the event."""

    @instead_of(calendaring, "attendees")
    def spoiled(attendees: Any, made: Any) -> Any:
        ran()
        return attendees(replace(made, additional_guests=()))


@mutant("BK-CREATE-013", also=["BK-CREATE-012", "BK-AVAIL-020", "BK-AVAIL-023"], kinds=["domain"])
def nobody_but_the_organizer() -> None:
    """Without participants only the organizer takes part."""

    @instead_of(booking, "_everybody")
    def spoiled(everybody: Any, configuration: Any, asked: Any) -> Any:
        if asked:
            return everybody(configuration, asked)
        ran()
        return [configuration.organizer]


@mutant("BK-CREATE-014", kinds=["domain"])
def any_answer_is_kept() -> None:
    """Additional fields that the configuration doesn't know are ignored."""

    @instead_of(booking, "checked_fields")
    def spoiled(checked: Any, tx: Any, configuration: Any, answers: Any) -> Any:
        known = {key: each for key, each in answers.items() if key in configuration.additional_fields}
        if len(known) < len(answers):
            ran()
        return checked(tx, configuration, known)


@mutant(
    "BK-CREATE-016", also=["BK-CREATE-011", "BK-NOTE-010", "BK-PEND-002", "BK-PEND-007"], kinds=["domain"]
)
def the_calendar_s_event() -> None:
    """All bookings of a configuration are said to have the same event."""

    @instead_of(api, "shown")
    def spoiled(shown: Any, tx: Any, made: Any) -> Any:
        ran()
        return {**shown(tx, made), "event_id": made.configuration_id}


@mutant("BK-CREATE-017", also=["BK-RR-004", "BK-RR-008"], kinds=["domain"])
def refused_and_gone() -> None:
    """A slot that was asked for in a wrong way isn't offered any more."""
    held: set[tuple[str, int]] = set()

    @instead_of(booking, "book")
    def spoiled(book: Any, tx: Any, configuration: Any, asked: Any) -> Any:
        try:
            return book(tx, configuration, asked)
        except Refusal:
            ran()
            held.add((configuration.id, asked.start))
            raise

    @instead_of(availability_api, "time_slots")
    def offered(time_slots: Any, tx: Any, configuration: Any, *asked: Any) -> Any:
        slots: list[Slot] = time_slots(tx, configuration, *asked)
        return [slot for slot in slots if (configuration.id, slot.start) not in held]


@mutant("BK-CREATE-018", kinds=["domain"])
def expired_grants_will_do() -> None:
    """Calendars are written with grants that have expired."""

    def spoiled(tx: Any, participant: Any) -> Any:
        ran()
        return tx.world.grant_of(participant.email)

    availability.valid_grant = calendaring.valid_grant = spoiled


@mutant("BK-CREATE-019")
def short_notice() -> None:
    """Booking doesn't mind the notice that availability keeps."""

    @instead_of(booking, "slot_at")
    def spoiled(slot_at: Any, tx: Any, configuration: Any, *asked: Any) -> Any:
        ran()
        return slot_at(tx, replace(configuration, notice=0), *asked)


@mutant("BK-CREATE-020", also=["BK-PEND-003"], kinds=["domain"])
def a_title_of_our_own() -> None:
    """The booking is called after its guest, not as the configuration says."""

    @instead_of(api, "shown")
    def spoiled(shown: Any, tx: Any, made: Any) -> Any:
        ran()
        return {**shown(tx, made), "title": f"Meeting with {made.guest.name}"}
