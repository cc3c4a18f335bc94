"""What generated requests have to name: pages, slots, bookings, sessions. Asked for when it is needed."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import requests

from conformance.findings import Findings
from conformance.hooks import Hooks
from conformance.pages import Page
from conformance.strangers.exchange import Exchange
from conformance.target import BOOKINGS, WEBHOOKS, Booked, Slot, Target, Unverified
from conformance.trial import Trial

MOST_PAGES = 4
"""Pages of one kind that bookings are spread over."""
STANDING = ("booked", "pending")
CONFIRMATION_URL = "https://example.com/confirm/:booking_ref"

Kind = Literal["public", "asking", "private"]


@dataclass
class Held:
    """A booking that the target made in this stage, and what has become of it."""

    id: str
    page: Page
    booked: Booked
    status: str
    made: Exchange

    @property
    def stands(self) -> bool:
        return self.status in STANDING

    @property
    def event_id(self) -> str:
        return self.booked.event_id

    @property
    def organizer(self) -> str:
        found = self.booked.data.get("organizer")
        email = found.get("email") if isinstance(found, dict) else None
        return str(email or self.page.organizer)


class Stock:
    """Everything raises Unverified where the target refuses what is needed, or no more may be booked."""

    def __init__(self, target: Target, findings: Findings, hooks: Hooks | None) -> None:
        self.target = target
        self.now = target.now()
        self.held: dict[str, Held] = {}
        self.configurations: set[str] = set()
        self.webhooks: set[str] = set()
        self.sessions: dict[str, Page] = {}
        """Pages by the sessions that were opened, none of them closed."""
        self._trial = Trial(target, findings, hooks)
        self._hooks = hooks
        self._spare: dict[str, Slot] = {}
        self._full: dict[str, str] = {}
        """Why a page has no slot any more, by its id."""
        self._salts: dict[str, str] = {}
        self._saltless = ""
        self._reserve = self._left() // 2
        self._pages: dict[Kind, deque[Page]] = {
            "public": deque(_most_open(self._fit("booking"))),
            "asking": deque(_most_open(self._fit("confirmation"))),
            "private": deque(self._fit("private")[:MOST_PAGES]),
        }
        listed = [page.grant for page in self._pages["public"] if page.grant]
        self.grant = next(iter([*listed, *target.settings.grants]), "")
        """A grant whose calendar bookings are written to, and that has configurations."""
        emails = (host.get("email") for page in self._fit("body") for host in page.hosts)
        self.hosts = tuple(dict.fromkeys(str(each) for each in emails if each))
        """E-mail addresses of people who can be booked."""

    def _fit(self, need: str) -> list[Page]:
        try:
            return self.target.pages_for(need)
        except Unverified:
            return []

    # pages and who may use them

    def page(self, kind: Kind) -> Page:
        """One page of a kind after the other."""
        pages = self._pages[kind]
        if not pages:
            raise Unverified(f"no configuration is left to generate requests for: {kind}")
        pages.rotate(-1)
        return pages[0]

    def has(self, kind: Kind) -> bool:
        return bool(self._pages[kind])

    def known_page(self, configuration_id: object) -> Page | None:
        """The page with this id, among those that are used here."""
        used = (page for pages in self._pages.values() for page in pages)
        return next((page for page in used if page.id.lower() == str(configuration_id).lower()), None)

    @property
    def api_key(self) -> str:
        if self.target.settings.api_key is None:
            raise Unverified("no API key was given")
        return self.target.settings.api_key

    def session(self, page: Page) -> str:
        """A live session for a page; a page that none can be had for isn't used again."""
        try:
            found = self.target.session(page)
        except Unverified:
            if page in self._pages["private"]:
                self._pages["private"].remove(page)
            raise
        self.sessions[found] = page
        return found

    def new_session(self, page: Page) -> str:
        """A session that nobody else uses."""
        found = self.target.open_session(page, None)
        self.sessions[found] = page
        return found

    # slots and bookings

    def _left(self) -> int:
        return self.target.settings.limits.max_bookings - self.target.booked

    def slot(self, page: Page) -> Slot:
        """A slot that is offered; the same one until it is taken."""
        self.target.require_budget()
        if page.id not in self._spare:
            if page.id in self._full:
                raise Unverified(self._full[page.id])
            try:
                self._spare[page.id] = self.target.free_slot(page)
            except Unverified as reason:
                self._retire(page, str(reason))
                raise
        return self._spare[page.id]

    def _retire(self, page: Page, reason: str) -> None:
        """Ask for a slot on this page no more, and use others instead."""
        self._full[page.id] = reason
        for pages in self._pages.values():
            if page in pages and len(pages) > 1:
                pages.remove(page)

    def used(self, page: Page) -> None:
        """The slot that was given out may be free no longer."""
        self._spare.pop(page.id, None)

    def is_offered(self, page: Page, slot: Slot) -> bool:
        return slot in self.target.offered(page, *slot)

    def booking(self, page: Page) -> Held:
        """A new booking that something else needs. Half of what may be booked is left for booking itself."""
        if self._left() <= self._reserve:
            raise Unverified("the bookings that are still permitted are kept for booking itself")
        start, end = self.slot(page)
        body: dict[str, Any] = {"start_time": start, "end_time": end, "guest": self.target.guest()}
        if page.answers:
            body["additional_fields"] = page.answers
        self.used(page)
        answer = self.target.caller.call("POST", BOOKINGS, body=body, **self.target.about(page))
        if not answer.accepted:
            raise Unverified(f"a booking that this needs was refused: {answer.told()}")
        return self.hold(page, (start, end), answer)

    def again(self, exchange: Exchange) -> Exchange:
        """Send a request once more as it was."""
        made = requests.Request(
            exchange.method, exchange.url, headers=dict(exchange.headers), data=exchange.body
        )
        return self.target.caller.send(made.prepare())

    def hold(self, page: Page, slot: Slot, answer: Exchange) -> Held:
        """Note a booking that was made, in the ledger too."""
        booked = self.target.remember(page, slot, answer)
        held = self.held[booked.id] = Held(booked.id, page, booked, booked.status, answer)
        return held

    def gone(self, held: Held) -> None:
        """The booking stands no longer."""
        held.status = "cancelled"
        self.target.gone("booking", held.id)

    def look_for(self, held: Held) -> None:
        """The booking was moved and may have an id now that nobody told us: then it is of no more use.

        It stays in the ledger: a booking that was moved may not be found for a moment only.
        """
        answer = self.target.caller.call("GET", f"{BOOKINGS}/{held.id}", **self.target.about(held.page))
        if not answer.ok:
            held.status = "cancelled"

    def standing(self, wanted: object, *, pending: bool = False) -> Held:
        """The booking with this id while it stands, else another one that does, else a new one."""
        known = self.held.get(str(wanted).lower())
        fits = ("pending",) if pending else STANDING
        if known is not None and known.status in fits:
            return known
        for held in reversed(self.held.values()):
            if held.status in fits and (pending or held.status == "booked"):
                return held
        return self.booking(self.page("asking" if pending else self.open_kind))

    @property
    def open_kind(self) -> Kind:
        """The kind of page that bookings are made on."""
        return "public" if self.has("public") else "private"

    def salt(self, held: Held) -> str:
        """What the organizer needs to decide on a booking."""
        if self._saltless:
            raise Unverified(self._saltless)
        if held.id not in self._salts:
            try:
                self._salts[held.id] = self._trial.salt(held.booked)
            except Unverified as reason:
                self._saltless = str(reason)  # it took its time, and the next booking has none either
                raise
        return self._salts[held.id]

    # configurations and webhooks

    def new_configuration(self) -> str:
        """The id of a configuration that nobody books."""
        if not self.hosts:
            raise Unverified("no configuration tells who could be a participant of another one")
        who = {"email": self.hosts[0], "is_organizer": True, "availability": {"calendar_ids": ["primary"]}}
        body = {
            "participants": [{**who, "booking": {"calendar_id": "primary"}}],
            "availability": {"duration_minutes": 30},
            "event_booking": {"title": "Conformance"},
            "scheduler": {"organizer_confirmation_url": CONFIRMATION_URL},
        }
        answer = self.target.caller.call("POST", self.configurations_path, body=body, bearer=self.api_key)
        return self._created("configuration", answer)

    def new_webhook(self) -> str:
        """The id of a webhook for what happens rarely."""
        body = {"trigger_types": ["booking.reminder"], "webhook_url": self.webhook_url}
        answer = self.target.caller.call("POST", WEBHOOKS, body=body, bearer=self.api_key)
        return self._created("webhook", answer)

    @property
    def webhook_url(self) -> str:
        """A new URL that answers challenges."""
        if self._hooks is None:
            raise Unverified("not permitted: --listen")
        return self._hooks.receiver.endpoint().url

    @property
    def configurations_path(self) -> str:
        return f"/v3/grants/{self.grant}/scheduling/configurations"

    def _created(self, kind: Literal["configuration", "webhook"], answer: Exchange) -> str:
        made = answer.accepted and isinstance(answer.data, dict)
        if not made or not isinstance(answer.data.get("id"), str):
            raise Unverified(f"a {kind} that this needs was refused: {answer.told()}")
        self.made(kind, answer.data)
        return str(answer.data["id"])

    def made(self, kind: Literal["configuration", "webhook"], data: dict[str, Any]) -> None:
        """Note what was made, in the ledger too."""
        id = str(data.get("id"))
        if kind == "webhook":
            self.target.secrets.add("WEBHOOK_SECRET", data.get("webhook_secret"))
            self.webhooks.add(id)
            self.target.made(kind, id, f"{WEBHOOKS}/{id}")
        else:
            self.configurations.add(id)
            self.target.made(kind, id, f"{self.configurations_path}/{id}")

    def unmade(self, kind: Literal["configuration", "webhook"], id: str) -> None:
        """Note what was deleted."""
        (self.webhooks if kind == "webhook" else self.configurations).discard(id)
        self.target.gone(kind, id)

    def clear(self) -> None:
        """Take back everything that this stage has left. What can't be taken back stays in the ledger."""
        caller = self.target.caller
        for held in [each for each in self.held.values() if each.stands]:
            about = self.target.about(held.page)
            if caller.call("DELETE", f"{BOOKINGS}/{held.id}", **about).status in (200, 204, 404):
                self.gone(held)
        paths = {"webhook": WEBHOOKS, "configuration": self.configurations_path}
        made: Iterable[tuple[Literal["configuration", "webhook"], set[str]]] = (
            ("webhook", self.webhooks),
            ("configuration", self.configurations),
        )
        for kind, ids in made:
            for id in list(ids):
                answer = caller.call("DELETE", f"{paths[kind]}/{id}", bearer=self.api_key)
                if answer.status in (200, 204, 404):
                    self.unmade(kind, id)


def _most_open(pages: list[Page]) -> list[Page]:
    """The pages that take the most bookings with the least ado."""

    def ado(page: Page) -> tuple[bool, bool, int]:
        late = bool(page.scheduler.get("min_cancellation_notice"))
        return late, bool(page.answers), page.duration

    return sorted(pages, key=ado)[:MOST_PAGES]
