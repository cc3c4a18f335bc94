"""The implementation under test: where it is, what it offers, what of it is in use."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from conformance.clauses import PERMISSIONS
from conformance.control import Control
from conformance.pages import Page, features
from conformance.settings import Settings
from conformance.strangers.caller import Caller
from conformance.strangers.exchange import Exchange
from conformance.strangers.ledger import Entry, Ledger
from conformance.strangers.secrets import Secrets

BOOKINGS = "/v3/scheduling/bookings"
AVAILABILITY = "/v3/scheduling/availability"
SESSIONS = "/v3/scheduling/sessions"
WEBHOOKS = "/v3/webhooks"
SESSION_MINUTES = 30
DAY = 86400
PARTICULARS = ("booking_id", "event_id", "title", "organizer", "status")
NO_GRANT = "Failed to find a valid Grant"
"""How the refusal of a configuration begins whose host can't be looked up any more (facts 5.1)."""

Slot = tuple[int, int]
"""Start and end in Unix seconds."""


class Unverified(Exception):
    """A clause can't be looked at, and why: this is no finding against the target."""


@dataclass(frozen=True)
class Booked:
    """A booking that the target made for us."""

    page: Page
    slot: Slot
    id: str
    event_id: str
    status: str
    data: dict[str, Any] = field(hash=False, compare=False)


class Target:
    """What is known of the implementation under test. Knows nothing of clauses."""

    def __init__(self, settings: Settings, *, caller: Caller | None = None) -> None:
        self.settings = settings
        secrets = Secrets({"NYLAS_API_KEY": settings.api_key})
        for session in settings.sessions.values():
            secrets.add("SESSION", session)
        self.secrets = caller.secrets if caller else secrets
        self.caller = caller or Caller(settings.base_url, settings.limits, secrets)
        self.ledger = Ledger(settings.ledger)
        self.control = Control(self.caller) if settings.use_control else None
        self.pages: list[Page] = []
        self.skew = 0
        """Seconds by which the target's clock is ahead of ours."""
        self.reads_events = False
        """Whether calendars can be read with the API key."""
        self.booked = 0
        """How many bookings were made."""
        self._sessions: dict[str, str] = dict(settings.sessions)
        self._slots: dict[str, Iterator[Slot]] = {}
        self._guests = count(1)

    @property
    def url(self) -> str:
        return self.caller.base_url

    def now(self) -> int:
        """The target's time, in Unix seconds."""
        if self.control is not None:
            return self.control.now()
        return int(time.time()) + self.skew  # noqa: TID251 -- a target has no sandbox

    # what it offers

    def page(self, need: str) -> Page:
        """A page that meets a need. Raises Unverified where there is none."""
        return self.pages_for(need)[0]

    def pages_for(self, need: str) -> list[Page]:
        """All pages that meet a need. Raises Unverified where there are none."""
        fits = features(self.now())[need]
        found = [page for page in self.pages if fits(page)]
        if not found:
            raise Unverified(f"no configuration was found that fits: {need}")
        return found

    def missing(self) -> dict[str, str]:
        """Why a need isn't met, by need. What isn't in it is met, or turns out while checks run."""
        settings, found = self.settings, {}
        permitted = {
            "writes": settings.limits.allow_writes,
            "receiver": settings.listen is not None,
            "clock": settings.slow or self.control is not None,
            "travel": self.control is not None,
            "mail": self.control is not None,
        }
        for need, given in permitted.items():
            if not given:
                found[need] = f"not permitted: {PERMISSIONS[need]}"
        if settings.api_key is None:
            found["api-key"] = "no API key was given"
        if not settings.grants:
            found["grant"] = "no grant was given"
        if not self.reads_events:
            found["events"] = "calendars can't be read: that takes an API key and a grant"
        if settings.client_id is None:
            found["slug"] = "no client id was given"
        if "unscoped" not in settings.bookings:
            found["unscoped-booking"] = "no booking with the role `unscoped` was given"
        if len([page for page in self.pages if page.plain]) < 2:
            found["second"] = "there are no two public configurations"
        now = self.now()
        for need, fits in features(now).items():
            if not any(fits(page) for page in self.pages):
                found.setdefault(need, f"no configuration was found that fits: {need}")
        return found

    # how it is asked

    def about(self, page: Page) -> dict[str, Any]:
        """The arguments of a call that is about a page: its id, or a session where it is private."""
        if page.private:
            return {"bearer": self.session(page)}
        return {"query": self._names(page)}

    def _names(self, page: Page) -> dict[str, str]:
        """What names a page in a query: its id, or its slug and whose it is."""
        if page.by_slug:
            return {"slug": page.by_slug, "client_id": str(self.settings.client_id)}
        return {"configuration_id": page.id}

    def session(self, page: Page) -> str:
        """A live session for a page. Raises Unverified where none can be opened."""
        if page.id not in self._sessions:
            self._sessions[page.id] = self.open_session(page, SESSION_MINUTES)
        return self._sessions[page.id]

    def forget_sessions(self) -> None:
        """Time has passed: sessions that we opened may have expired."""
        self._sessions = dict(self.settings.sessions)

    def open_session(self, page: Page, minutes: int | None) -> str:
        """Open a new session for a page."""
        if self.settings.api_key is None:
            raise Unverified("a session takes an API key, or `session` in the settings")
        body = {"configuration_id": page.id, **({} if minutes is None else {"time_to_live": minutes})}
        answer = self.caller.call("POST", SESSIONS, body=body, bearer=self.settings.api_key)
        session = answer.data.get("session_id") if isinstance(answer.data, dict) else None
        if isinstance(session, str):
            self.secrets.add("SESSION", session)
        if not answer.accepted or not isinstance(session, str):
            raise Unverified(f"a session could not be opened: {answer.told()}")
        return session

    # what of it is in use

    def free_slot(self, page: Page) -> Slot:
        """A slot that is offered now and that was not handed out before. Raises Unverified without one.

        When all were handed out it begins again: what was cancelled is offered once more.
        """
        for _ in range(2):
            slots = self._slots.get(page.id) or self._offers(page)
            self._slots[page.id] = slots
            for slot in slots:
                if slot in self.offered(page, *slot):
                    return slot
            del self._slots[page.id]
        raise Unverified(f"no free slot is offered in the window, {self._window_text()}")

    def offered(self, page: Page, start: int, end: int) -> list[Slot]:
        """The slots between two times. Raises Unverified where the answer isn't what is documented."""
        about = self.about(page)
        query = {**about.pop("query", {}), "start_time": start, "end_time": end}
        return slots_of(self.caller.call("GET", AVAILABILITY, query=query, **about))

    def guest(self) -> dict[str, str]:
        """A guest whom nobody has seen before."""
        number = next(self._guests)
        return {"name": f"Conformance Guest {number}", "email": self.settings.limits.guest(number)}

    def require_budget(self, number: int = 1) -> None:
        """Raise Unverified where so many further bookings aren't permitted."""
        most = self.settings.limits.max_bookings
        if self.booked + number > most:
            raise Unverified(f"--max-bookings {most}: {self.booked} are made, this might make {number}")

    def remember(self, page: Page, slot: Slot, answer: Exchange) -> Booked:
        """Note a booking that was made, in the ledger too. Raises Unverified where the answer names none."""
        data = answer.data
        if not isinstance(data, dict) or not isinstance(data.get("booking_id"), str):
            raise Unverified(f"booking answered without a booking: {answer.told()}")
        self.booked += 1
        booked = Booked(
            page, slot, data["booking_id"], str(data.get("event_id")), str(data.get("status")), data
        )
        self.made("booking", booked.id, f"{BOOKINGS}/{booked.id}", page)
        return booked

    def made(self, kind: Any, id: str, path: str, page: Page | None = None) -> None:
        """Note in the ledger that something exists now."""
        query = self._names(page) if page else {}
        self.ledger.made(Entry(self.url, kind, id, path, query, private=bool(page and page.private)))

    def gone(self, kind: Any, id: str) -> None:
        """Note in the ledger that something exists no longer."""
        self.ledger.gone(self.url, kind, id)

    def close(self) -> None:
        self.caller.close()

    def _offers(self, page: Page) -> Iterator[Slot]:
        """What is offered in the window, so far apart that no two of them get in each other's way."""
        limits, now, earliest = self.settings.limits, self.now(), 0
        last = limits.window.at(now)[1]
        for day in range(limits.window.first, limits.window.last):
            midnight = now - now % DAY + (day + 1) * DAY
            for start, end in sorted(self.offered(page, midnight, min(midnight + DAY, last))):
                if start >= earliest:
                    yield start, end
                    earliest = end + page.gap

    def _window_text(self) -> str:
        window = self.settings.limits.window
        return f"{window.first} to {window.last} days ahead"


def particulars(answer: Exchange) -> dict[str, Any]:
    """What is documented of the booking in an answer; nothing else of it is compared."""
    data = answer.data if isinstance(answer.data, dict) else {}
    return {key: data.get(key) for key in PARTICULARS}


def slots_of(answer: Exchange) -> list[Slot]:
    """The slots of an answer. Raises Unverified where it isn't what is documented."""
    data = answer.data
    slots = data.get("time_slots") if isinstance(data, dict) else None
    if not answer.ok or not isinstance(data, dict) or not isinstance(slots, list | None):
        raise Unverified(f"availability was not answered as documented: {answer.told()}")
    try:
        return [(int(slot["start_time"]), int(slot["end_time"])) for slot in slots or ()]
    except (KeyError, TypeError, ValueError):
        raise Unverified(f"a slot is not what is documented: {answer.told()}") from None
