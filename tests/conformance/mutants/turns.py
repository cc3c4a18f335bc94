"""Servers that are wrong about hosts who take turns."""

import time
from dataclasses import replace
from typing import Any

from flask import g, request

from mockserver.api import availability as view
from mockserver.api import bookings as bookings_view
from mockserver.domain import availability, booking
from mockserver.domain.intervals import covers
from mockserver.gateway import current_sandbox
from tests.conformance.mutants import mutant, ran

STANDSTILL = 0.15
"""Seconds between looking at a slot and booking it."""


@mutant("BK-RR-001", kinds=["domain"])
def order_of_everybody() -> None:
    """`order` names everybody in the application."""

    def spoiled(tx: Any, configuration: Any) -> list[str]:
        ran()
        return [grant.email for grant in tx.world.grants.values()]

    view.host_order = spoiled


@mutant("BK-RR-001", also=["BK-RR-007"], kinds=["envelope"])
def no_order() -> None:
    """`order` is missing."""

    def spoiled(tx: Any, configuration: Any) -> None:
        ran()

    view.host_order = spoiled


@mutant("BK-RR-002", also=["BK-RR-004", "BK-RR-006"], kinds=["domain"])
def all_hosts_in_every_slot() -> None:
    """Every slot names all hosts, whoever is free."""

    def change(configuration: Any, slot: Any) -> Any:
        ran()
        return replace(slot, emails=tuple(each.email for each in configuration.participants))

    _spoil_slots(change)


@mutant("BK-RR-002", kinds=["envelope"])
def nobody_in_slots() -> None:
    """Slots don't say who is free."""

    def change(configuration: Any, slot: Any) -> Any:
        ran()
        return replace(slot, emails=())

    _spoil_slots(change)


@mutant("BK-RR-003", also=["BK-RR-005", "BK-RR-009"], kinds=["domain"])
def the_next_one_whoever_was_asked_for() -> None:
    """Whoever is next is booked, even where the caller named a host."""
    hosts = booking._hosts

    def spoiled(tx: Any, configuration: Any, slot: Any, asked: Any) -> Any:
        if configuration.round_robin and asked:
            ran()
            return hosts(tx, configuration, slot, ())
        return hosts(tx, configuration, slot, asked)

    booking._hosts = spoiled


@mutant("BK-RR-004", also=["BK-RR-008"], kinds=["domain"])
def everybody_has_to_be_free_for_a_turn() -> None:
    """A slot is offered only where all hosts are free."""
    anybody = availability._anybody

    def spoiled(tx: Any, configuration: Any, window: Any, free: Any) -> Any:
        ran()
        found = anybody(tx, configuration, window, free)
        return [each for each in found if len(each.emails) == len(free)]

    view.time_slots = _with_anybody(spoiled)


@mutant("BK-RR-004", kinds=["domain"])
def a_sold_host_stays_in_the_slot() -> None:
    """A slot goes on naming a host who was booked for it, while another one is free."""
    anybody = availability._anybody

    def spoiled(tx: Any, configuration: Any, window: Any, free: Any) -> Any:
        found = anybody(tx, configuration, window, free)
        sold = [each for each in tx.world.bookings.values() if each.status != "cancelled"]
        shown = []
        for slot in found:
            added = [
                each.organizer.email for each in sold if (each.start, each.end) == (slot.start, slot.end)
            ]
            if added:
                ran()
            shown.append(replace(slot, emails=tuple(dict.fromkeys((*slot.emails, *added)))))
        return shown

    view.time_slots = _with_anybody(spoiled)


@mutant("BK-RR-005", also=["BK-RR-006"], kinds=["domain"])
def a_host_is_sold_again() -> None:
    """A host who is named is booked whether he or she is free or not, as long as anybody is."""
    hosts = booking._hosts

    def spoiled(tx: Any, configuration: Any, slot: Any, asked: Any) -> Any:
        if not configuration.round_robin or not asked:
            return hosts(tx, configuration, slot, asked)
        everybody = tuple(each.email for each in configuration.participants)
        ran()
        return hosts(tx, configuration, replace(slot, emails=everybody), asked)

    booking._hosts = spoiled


@mutant("BK-RR-005", kinds=["concurrency"])
def hosts_looked_at_on_arrival() -> None:
    """Who is free is looked at when a request comes in, and not again when it is carried out."""
    create, slot_at = bookings_view.createBooking, booking.slot_at

    def arriving() -> Any:
        body = request.get_json()
        with current_sandbox().transaction() as tx:
            configuration = bookings_view.configuration_for(tx, bookings_view.credentials())
            if configuration.round_robin and isinstance(body, dict):
                start, end = body.get("start_time"), body.get("end_time")
                if isinstance(start, int) and isinstance(end, int):
                    g.seen = slot_at(tx, configuration, start, end)
        if g.get("seen") is not None:
            time.sleep(STANDSTILL)
        return create()

    def seen_before(tx: Any, configuration: Any, start: int, end: int, moving: Any = None) -> Any:
        found = slot_at(tx, configuration, start, end, moving)
        before = g.get("seen")
        if before is not None and found != before:
            ran()
        return before or found

    booking.slot_at = seen_before
    _replace_view("bookings.createBooking", arriving)


@mutant("BK-RR-006", also=["BK-RR-002", "BK-RR-005"], kinds=["domain"])
def slots_without_hosts() -> None:
    """A slot stays on offer when its last host is booked."""

    def spoiled(tx: Any, configuration: Any, window: Any, free: Any) -> Any:
        length = configuration.duration * availability.MINUTE
        ran()
        return [
            availability.Slot(start, start + length, _free_at(free, start, start + length))
            for start in availability.starts_of(tx, configuration, window)
            if start + length <= window.end
        ]

    view.time_slots = _with_anybody(spoiled)


@mutant("BK-RR-007", kinds=["domain"])
def always_the_same_order() -> None:
    """Whose turn it is doesn't depend on who was booked."""

    def spoiled(tx: Any, configuration: Any) -> list[str]:
        ran()
        return [each.email for each in availability.whose_time_counts(configuration)]

    view.host_order = booking.host_order = spoiled


@mutant("BK-RR-008", also=["BK-AVAIL-022"], kinds=["domain"])
def its_own_host_is_taken() -> None:
    """Asked with a booking's id, its host's own time isn't offered."""
    time_slots = view.time_slots

    def spoiled(tx: Any, configuration: Any, start: int, end: int, moving: Any = None) -> Any:
        if not configuration.round_robin:
            return time_slots(tx, configuration, start, end, moving)
        ran()
        return time_slots(tx, configuration, start, end)

    view.time_slots = spoiled


def _free_at(free: Any, start: int, end: int) -> tuple[str, ...]:
    return tuple(email for email, times in free.items() if covers(times, start, end))


def _with_anybody(spoiled: Any) -> Any:
    """Availability, and only that, by another rule for whom a slot is offered."""
    time_slots, anybody = availability.time_slots, availability._anybody

    def asked(*about: Any) -> Any:
        availability._anybody = spoiled  # requests are served one at a time while the world is locked
        try:
            return time_slots(*about)
        finally:
            availability._anybody = anybody

    return asked


def _spoil_slots(change: Any) -> None:
    time_slots = view.time_slots

    def spoiled(tx: Any, configuration: Any, start: int, end: int, moving: Any = None) -> Any:
        found = time_slots(tx, configuration, start, end, moving)
        return [change(configuration, each) for each in found] if configuration.round_robin else found

    view.time_slots = spoiled


def _replace_view(endpoint: str, spoiled: Any) -> None:
    """Answer an endpoint otherwise, in every application that is made from now on."""
    from mockserver import app as application

    create_app = application.create_app

    def create(*about: Any, **more: Any) -> Any:
        made = create_app(*about, **more)
        made.flask.view_functions[endpoint] = spoiled
        return made

    application.create_app = create
