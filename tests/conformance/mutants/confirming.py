"""Servers that are wrong about bookings that the organizer has to confirm."""

from dataclasses import replace
from typing import Any

from mockserver.api import bookings as api
from mockserver.domain import booking, calendaring, mail
from mockserver.domain.errors import Refusal
from mockserver.domain.links import Links
from tests.conformance.mutants import mutant, ran
from tests.conformance.mutants._spoiling import as_sent, asked_by, instead_of

HOUR = 3600


@mutant("BK-PEND-001", also=["BK-NOTE-002", "BK-PEND-005", "BK-PEND-017"], kinds=["domain"])
def nobody_is_asked() -> None:
    """Every booking is booked at once, whatever the configuration's type."""

    @instead_of(booking, "_new_booking")
    def spoiled(new: Any, *asked: Any) -> Any:
        ran()
        return replace(new(*asked), status="booked")


@mutant("BK-PEND-002", also=["BK-PEND-003", "BK-NOTE-015"], kinds=["domain"])
def placeholders_look_like_events() -> None:
    """Nothing about the event of a pending booking says that it is pending."""

    @instead_of(calendaring, "_event")
    def spoiled(event: Any, tx: Any, configuration: Any, made: Any, grant: Any) -> Any:
        ran()
        return replace(event(tx, configuration, made, grant), title=configuration.title, status="confirmed")


@mutant("BK-PEND-003", also=["BK-NOTE-015"], kinds=["domain"])
def another_prefix() -> None:
    """The title of a pending booking begins with something else."""
    ran()
    calendaring.PENDING_PREFIX = "Pending: "


@mutant("BK-PEND-004", kinds=["domain"])
def pending_blocks_nothing() -> None:
    """The slot of a pending booking is offered and booked again."""

    @instead_of(calendaring, "_event")
    def spoiled(event: Any, tx: Any, configuration: Any, made: Any, grant: Any) -> Any:
        found = event(tx, configuration, made, grant)
        if made.status != "pending":
            return found
        ran()
        return replace(found, busy=False)


@mutant("BK-PEND-004", kinds=["domain"])
def pending_is_sold_again() -> None:
    """The slot of a pending booking isn't offered, but can be booked again."""

    @instead_of(booking, "_offered")
    def spoiled(offered: Any, tx: Any, configuration: Any, start: int, end: int, moving: Any) -> Any:
        if moving is None:
            ran()
            pending = (each for each in tx.world.bookings.values() if each.status == "pending")
            moving = next((each for each in pending if each.start == start), None)
        return offered(tx, configuration, start, end, moving)


@mutant("BK-PEND-005", kinds=["domain"])
def confirmed_is_a_status() -> None:
    """Confirming answers with the status `confirmed`, which bookings don't have."""

    @instead_of(api, "shown")
    def spoiled(shown: Any, *asked: Any) -> Any:
        found = shown(*asked)
        if asked_by("PUT") and found["status"] == "booked":
            ran()
            found["status"] = "confirmed"
        return found


@mutant("BK-PEND-006", also=["BK-PEND-012", "BK-PEND-017"], kinds=["domain"])
def confirmed_and_forgotten() -> None:
    """A booking that was confirmed reads as pending."""

    @instead_of(booking, "confirm")
    def spoiled(confirm: Any, tx: Any, *asked: Any) -> Any:
        ran()
        made = confirm(tx, *asked)
        tx.world.bookings.put(made.id, replace(made, status="pending"))
        return made


@mutant("BK-PEND-007", kinds=["domain"])
def the_placeholder_stays() -> None:
    """The event of a confirmed booking is marked as pending still."""

    def spoiled(_tx: Any, _configuration: Any, made: Any, _co_hosts: Any) -> Any:
        ran()
        return made

    booking.confirm_event = spoiled


@mutant("BK-PEND-007", kinds=["domain", "time"])
def confirmed_for_later() -> None:
    """The event of a confirmed booking is an hour later than its placeholder was."""

    @instead_of(booking, "confirm_event")
    def spoiled(confirm_event: Any, tx: Any, configuration: Any, made: Any, co_hosts: Any) -> Any:
        ran()
        late = replace(made, start=made.start + HOUR, end=made.end + HOUR)
        return replace(confirm_event(tx, configuration, late, co_hosts), start=made.start, end=made.end)


@mutant("BK-PEND-008", also=["BK-PEND-012", "BK-PEND-017"], kinds=["domain"])
def declined_and_forgotten() -> None:
    """A booking that was declined reads as pending, though its slot is free."""

    @instead_of(booking, "decline")
    def spoiled(decline: Any, tx: Any, *asked: Any) -> Any:
        ran()
        made = decline(tx, *asked)
        tx.world.bookings.put(made.id, replace(made, status="pending"))
        return made


@mutant("BK-PEND-009", kinds=["domain"])
def declined_but_taken() -> None:
    """The placeholder of a booking that was declined stays in the calendar."""

    @instead_of(booking, "cancel_events")
    def spoiled(cancel_events: Any, *asked: Any) -> None:
        if asked_by("PUT"):
            ran()
        else:
            cancel_events(*asked)


@mutant("BK-PEND-010", kinds=["domain"])
def booked_is_a_decision() -> None:
    """The status `booked` is taken for `confirmed`."""

    @instead_of(api, "json_body")
    def spoiled(json_body: Any) -> Any:
        sent = as_sent()
        if asked_by("PUT") and sent.get("status") == "booked" and isinstance(sent.get("salt"), str):
            ran()
            return {**sent, "status": "confirmed"}
        return json_body()


@mutant("BK-PEND-010", kinds=["domain"])
def no_salt_no_question() -> None:
    """Without a salt anybody decides."""

    @instead_of(api, "json_body")
    def spoiled(json_body: Any) -> Any:
        sent = as_sent()
        if asked_by("PUT") and set(sent) == {"status"} and sent["status"] in ("confirmed", "cancelled"):
            ran()
            return {**sent, "salt": ""}
        return json_body()

    @instead_of(booking, "_same_salt")
    def same(same_salt: Any, given: str, kept: str) -> Any:
        return not given or same_salt(given, kept)


@mutant("BK-PEND-011", kinds=["domain", "auth"])
def any_salt_will_do() -> None:
    """The salt of a decision isn't looked at."""

    def spoiled(*_: Any) -> bool:
        ran()
        return True

    booking._same_salt = spoiled


@mutant("BK-PEND-012", also=["BK-PEND-017"], kinds=["domain"])
def second_thoughts() -> None:
    """A booking that was confirmed can be confirmed again."""

    @instead_of(booking, "confirm")
    def spoiled(confirm: Any, tx: Any, configuration: Any, booking_id: str, salt: str) -> Any:
        try:
            return confirm(tx, configuration, booking_id, salt)
        except Refusal:
            made = booking.read(tx, configuration, booking_id)
            if made.status != "booked":
                raise
            ran()
            return made


@mutant(
    "BK-PEND-014",
    also=[
        "BK-CANCEL-002",
        "BK-CANCEL-009",
        "BK-MOVE-004",
        "BK-MOVE-006",
        "BK-RR-008",
        "BK-SESS-008",
        "BK-WIRE-005",
    ],
    kinds=["domain"],
)
def the_guest_is_asked() -> None:
    """The mail that asks for confirmation goes to the guest."""

    @instead_of(mail, "_tell")
    def spoiled(tell: Any, tx: Any, type: str, configuration: Any, made: Any, role: str, people: Any) -> None:
        if type == "confirmation_request":
            ran()
            people = [made.guest]
        tell(tx, type, configuration, made, role, people)


@mutant("BK-PEND-014", also=["BK-NOTE-014"], kinds=["domain"])
def a_link_to_somewhere() -> None:
    """The link in the organizer's mail doesn't say which booking it is about."""

    def spoiled(*asked: Any) -> Links:
        ran()
        return replace(of(*asked), confirm="http://localhost/confirm", reschedule="", cancel="")

    of = Links.of
    Links.of = spoiled  # type: ignore[method-assign, assignment]
