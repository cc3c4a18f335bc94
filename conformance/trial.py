"""What a check has in its hands: it calls the target, remembers what it saw, and judges clauses."""

import base64
import binascii
import shlex
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar
from uuid import UUID

from conformance.findings import Findings
from conformance.hooks import Hooks
from conformance.pages import Page
from conformance.strangers.caller import Unreachable
from conformance.strangers.exchange import Exchange
from conformance.target import AVAILABILITY, BOOKINGS, Booked, Slot, Target, Unverified, slots_of

IDS = 32
"""Bytes of a booking reference before the salt: two ids of 16 bytes each."""
SALT_COMMAND_SECONDS = 30
PROVIDER_TIMEOUT = 504
PROVIDER_TRIES = 4
"""How often something is read when a calendar's provider doesn't answer in time (documented)."""
LONGEST_SLEEP = 1900
"""Seconds of real time that --slow may take for one wait."""
SETTLING_LOOKS, SETTLING_PAUSE = 3, 0.25
"""How often, and after how many seconds each time, one looks again at what takes a moment to spread."""

Seen = TypeVar("Seen")


class Trial:
    """One run of one check. Everything that it books is cancelled when it ends.

    Calls return an Exchange whatever the status; what a check can't go on without raises Unverified.
    """

    def __init__(self, target: Target, findings: Findings, hooks: Hooks | None = None) -> None:
        self.target = target
        self.findings = findings
        self._hooks = hooks
        self.exchanges: list[Exchange] = []
        self.judged: set[str] = set()
        self._active: dict[str, Booked] = {}

    # asking

    def call(self, method: str, path: str, **how: Any) -> Exchange:
        """Send a request, see Caller.call. Raises Unverified after a 504, which says nothing."""
        exchange = self._call(method, path, **how)
        tries = PROVIDER_TRIES if method == "GET" else 1
        while exchange.status == PROVIDER_TIMEOUT and (tries := tries - 1):
            exchange = self._call(method, path, **how)
        if exchange.status == PROVIDER_TIMEOUT:
            raise Unverified(f"the target had no answer from its provider: {exchange.told()}")
        return exchange

    def _call(self, method: str, path: str, **how: Any) -> Exchange:
        exchange = self.target.caller.call(method, path, **how)
        self.exchanges.append(exchange)
        return exchange

    def admin(self, method: str, path: str, **how: Any) -> Exchange:
        """Send a request with the API key. Raises Unverified without one."""
        if self.target.settings.api_key is None:
            raise Unverified("no API key was given")
        return self.call(method, path, bearer=self.target.settings.api_key, **how)

    def ask(self, page: Page, method: str, path: str, *, query: Any = None, **how: Any) -> Exchange:
        """Send a request about a page, with its id or a session."""
        about = self.target.about(page)
        merged = {**about.pop("query", {}), **(query or {})}
        return self.call(method, path, **{"query": merged, **about, **how})

    def page(self, need: str) -> Page:
        """A configuration that fits. Raises Unverified where there is none."""
        return self.target.page(need)

    def pages(self, need: str) -> list[Page]:
        """All configurations that fit. Raises Unverified where there is none."""
        return self.target.pages_for(need)

    # time slots

    def availability(self, page: Page, start: int, end: int, **query: Any) -> Exchange:
        """Ask which slots a page has between two times."""
        return self.ask(page, "GET", AVAILABILITY, query={"start_time": start, "end_time": end, **query})

    def slots(self, page: Page, start: int, end: int, **query: Any) -> list[Slot]:
        """The slots between two times. Raises Unverified where the answer isn't as documented."""
        return slots_of(self.availability(page, start, end, **query))

    def is_offered(self, page: Page, slot: Slot, **query: Any) -> bool:
        """Whether exactly this slot is on offer."""
        return slot in self.slots(page, *slot, **query)

    def free_slot(self, page: Page) -> Slot:
        """A slot that is offered and that no other check uses."""
        return self.target.free_slot(page)

    def free_slots(self, page: Page, number: int) -> list[Slot]:
        """Several slots that don't overlap."""
        slots = [self.free_slot(page) for _ in range(number)]
        if len(set(slots)) < number:
            raise Unverified(f"fewer than {number} slots are offered in the window")
        return slots

    # bookings

    def booking_body(self, page: Page, slot: Slot, **changes: Any) -> dict[str, Any]:
        """A body that books a slot. `changes` replace keys; None takes one out."""
        body: dict[str, Any] = {"start_time": slot[0], "end_time": slot[1], "guest": self.target.guest()}
        if page.answers:
            body["additional_fields"] = page.answers
        body.update(changes)
        return {key: value for key, value in body.items() if value is not None}

    def book(self, page: Page, slot: Slot, **changes: Any) -> Exchange:
        """Try to book a slot; a booking that comes of it is cancelled when the check ends."""
        self.target.require_budget()
        try:
            answer = self.ask(page, "POST", BOOKINGS, body=self.booking_body(page, slot, **changes))
        except Unreachable as reason:
            self.findings.incomplete.append(f"a booking got no answer and may stand at the target: {reason}")
            raise
        if answer.accepted:
            self.keep(page, slot, answer)
        return answer

    def keep(self, page: Page, slot: Slot, answer: Exchange) -> Booked | None:
        """Note a booking that was made some other way; None where the answer names none."""
        try:
            booked = self.target.remember(page, slot, answer)
        except Unverified:
            return None
        self._active[booked.id] = booked
        return booked

    def booked(self, page: Page, slot: Slot | None = None, **changes: Any) -> Booked:
        """A new booking. Raises Unverified where the target refuses it."""
        slot = slot or self.free_slot(page)
        answer = self.book(page, slot, **changes)
        found = self.standing(answer) if answer.accepted else None
        if found is None:
            raise Unverified(f"a booking that this needs was refused: {answer.told()}")
        return found

    def standing(self, answer: Exchange) -> Booked | None:
        """The booking of this check that an answer is about, unless it was cancelled."""
        data = answer.data if isinstance(answer.data, dict) else {}
        return self._active.get(str(data.get("booking_id")))

    def read(self, booked: Booked) -> Exchange:
        """Read a booking."""
        return self.ask(booked.page, "GET", f"{BOOKINGS}/{booked.id}")

    def read_when_there(self, booked: Booked) -> Exchange:
        """Read a booking that was moved a moment ago; it may be missing until the change has spread."""
        return settled(lambda: self.read(booked), lambda answer: answer.status != 404)

    def move(self, booked: Booked, slot: Slot, **changes: Any) -> Exchange:
        """Try to move a booking. Where its id changes, the new one is cancelled when the check ends."""
        body = {"start_time": slot[0], "end_time": slot[1], **changes}
        answer = self.ask(booked.page, "PATCH", f"{BOOKINGS}/{booked.id}", body=body)
        if answer.accepted:
            self.note_move(booked, answer)
        return answer

    def note_move(self, booked: Booked, answer: Exchange) -> str:
        """The id that a moved booking has now; says which dialect that is."""
        data = answer.data if isinstance(answer.data, dict) else {}
        self.findings.observe("reschedule_response", "booking" if data else "request_id")
        new = data.get("booking_id")
        if not isinstance(new, str) or new == booked.id:
            if data:
                self.findings.observe("reschedule_booking_id", "same")
            return booked.id
        self.findings.observe("reschedule_booking_id", "new")
        self._forget(booked.id)
        self.keep(booked.page, booked.slot, answer)
        self.target.booked -= 1  # it is the same booking under another id
        return new

    def moved(self, booked: Booked, slot: Slot, answer: Exchange) -> Booked:
        """A booking as it is to be asked for after it was moved: by what the answer tells, else as before."""
        data = answer.data if isinstance(answer.data, dict) else {}
        ids = {key: data.get(key) for key in ("booking_id", "event_id")}
        return replace(
            booked,
            slot=slot,
            id=ids["booking_id"] if isinstance(ids["booking_id"], str) else booked.id,
            event_id=ids["event_id"] if isinstance(ids["event_id"], str) else booked.event_id,
        )

    def cancel(self, booked: Booked, body: Any = None) -> Exchange:
        """Try to cancel a booking."""
        answer = self.ask(booked.page, "DELETE", f"{BOOKINGS}/{booked.id}", body=body)
        if answer.accepted:
            self._forget(booked.id)
        return answer

    def decide(self, booked: Booked, status: Literal["confirmed", "cancelled"], **changes: Any) -> Exchange:
        """Confirm or decline a pending booking, with its salt unless `salt` is given."""
        body = {"status": status, **changes}
        if "salt" not in body:
            body["salt"] = self.salt(booked)
        answer = self.ask(booked.page, "PUT", f"{BOOKINGS}/{booked.id}", body=body)
        if answer.accepted and status == "cancelled":
            self._forget(booked.id)
        return answer

    def event(self, booked: Booked) -> dict[str, Any] | None:
        """The booking's event in the organizer's calendar, or None where it is none or is cancelled.

        Raises Unverified where the calendar can't be read, or where it isn't known which one it is.
        """
        organizer = booked.data.get("organizer")
        host = organizer.get("email") if isinstance(organizer, dict) else booked.page.organizer
        calendar = booked.page.calendar_of(str(host))
        path = f"/v3/grants/{host}"
        answer = self.admin("GET", f"{path}/events/{booked.event_id}", query={"calendar_id": calendar})
        if answer.status == 404:
            if not booked.page.complete:
                raise Unverified("which calendar a booking is written to isn't known")
            known = self.admin("GET", f"{path}/events", query={"calendar_id": calendar, "limit": 1})
            if known.ok:
                return None
        if not answer.ok or not isinstance(answer.data, dict):
            raise Unverified(f"the organizer's calendar can't be read: {answer.told()}")
        return None if answer.data.get("status") == "cancelled" else answer.data

    # references

    def reference(self, booked: Booked) -> str:
        """The booking's reference, from an answer or else a notification. Raises Unverified without one."""
        found = booked.data.get("booking_ref")
        self.findings.observe("booking_extras", "shown" if found else "hidden")
        if not found and self._hooks is not None:
            found = self._hooks.reference(booked.id)
        if not isinstance(found, str) or not found:
            raise Unverified("no answer shows a booking_ref, and no notification with one was received")
        return found

    def salt(self, booked: Booked) -> str:
        """What the organizer needs to decide on a booking. Raises Unverified where it can't be known."""
        command = self.target.settings.salt_command
        if command is not None:
            return _salt_from(command, booked.id)
        return decoded_reference(self.reference(booked))[2]

    # time

    def wait(self, seconds: int) -> None:
        """Let so much of the target's time pass: at once on our mock, really with --slow."""
        if self.target.control is not None:
            self.target.control.advance(seconds)
        elif self.target.settings.slow and seconds <= LONGEST_SLEEP:
            time.sleep(seconds)
        else:
            raise Unverified("waiting is not permitted: --slow, or --use-control")
        self.target.forget_sessions()

    # notifications

    @property
    def hooks(self) -> Hooks:
        """Where deliveries arrive. Raises Unverified where the run has no receiver."""
        if self._hooks is None:
            raise Unverified("not permitted: --listen")
        return self._hooks

    # judging

    def judge(
        self, clause: str, holds: bool, expected: str, seen: object, exchanges: Sequence[Exchange] = ()
    ) -> bool:
        """Say whether a clause was kept. `exchanges` are what shows it; without them, all of this check's."""
        self.judged.add(clause)
        shown = _told(seen)
        self.findings.judge(clause, holds, expected, shown, exchanges or tuple(self.exchanges))
        return holds

    def observe(self, switch: str, variant: str) -> None:
        """Note which documented variant the target shows, by the dialect's switch."""
        self.findings.observe(switch, variant)

    def unsupported(self, clause: str, reason: str) -> None:
        """Say that the target does without what a clause that binds nobody describes."""
        self.judged.add(clause)
        self.findings.unsupported(clause, reason)

    def finish(self) -> None:
        """Cancel what this check has left standing. What can't be cancelled stays in the ledger."""
        for booked in list(self._active.values()):
            about = self.target.about(booked.page)
            answer = self.target.caller.call("DELETE", f"{BOOKINGS}/{booked.id}", **about)
            if answer.status in (200, 204, 404):
                self._forget(booked.id)

    def _forget(self, booking_id: str) -> None:
        self._active.pop(booking_id, None)
        self.target.gone("booking", booking_id)


def settled(look: Callable[[], Seen], holds: Callable[[Seen], bool]) -> Seen:
    """What is seen once it holds, or what is seen in the end where it doesn't come to hold shortly."""
    for _ in range(SETTLING_LOOKS):
        seen = look()
        if holds(seen):
            return seen
        time.sleep(SETTLING_PAUSE)
    return look()


def decoded_reference(reference: str) -> tuple[str, str, str]:
    """Configuration id, booking id and salt of a booking reference (facts 3.2).

    Raises Unverified where it is no reference.
    """
    text = reference.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        ids = UUID(bytes=raw[:16]), UUID(bytes=raw[16:IDS])
    except (ValueError, binascii.Error):
        raise Unverified("the booking reference is not one that can be decoded") from None
    salt = base64.urlsafe_b64encode(raw[IDS:]).rstrip(b"=").decode()
    return str(ids[0]), str(ids[1]), salt


def _salt_from(command: str, booking_id: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 -- the caller's own command
            [*shlex.split(command), booking_id],
            capture_output=True,
            text=True,
            timeout=SALT_COMMAND_SECONDS,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise Unverified(f"--salt-command failed: {type(error).__name__}") from None
    return done.stdout.strip()


def _told(seen: object) -> str:
    return seen.told() if isinstance(seen, Exchange) else str(seen)
