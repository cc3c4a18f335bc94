"""What a run needs from the implementation under test, asked for over HTTP: slots, bookings, sessions."""

import base64
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import requests

DAY = 86400
SALT_AT = 32
"""A booking reference is two ids of 16 bytes each, then the salt."""

Status = Literal["booked", "pending", "cancelled"]


@dataclass(frozen=True)
class Access:
    """Where the target is and who may call it. `now` is what its clock says, `days` how far one can book."""

    url: str
    api_key: str
    client_id: str
    grant: str
    hosts: tuple[str, ...]
    """E-mail addresses of people whose grants are valid."""
    webhook_url: str
    now: int
    days: int = 100


@dataclass(frozen=True)
class Page:
    """A configuration that can be booked."""

    id: str
    slug: str
    organizer: str
    asks: bool
    """Whether the organizer has to confirm."""
    private: bool


@dataclass
class Booked:
    """A booking that the target made."""

    id: str
    page: Page
    event_id: str
    status: Status
    salt: str


@dataclass
class Target:
    """Makes what requests have to name. Everything is asked for when it is needed, nothing before."""

    access: Access
    pages: list[Page] = field(default_factory=list)
    bookings: dict[str, Booked] = field(default_factory=dict)
    _slots: dict[str, Iterator[tuple[int, int]]] = field(default_factory=dict)
    _sessions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._http = requests.Session()
        self._http.trust_env = False
        self.configurations = f"/v3/grants/{self.access.grant}/scheduling/configurations"
        for found in self.call("GET", self.configurations)["data"]:
            organizer = next(each["email"] for each in found["participants"] if each.get("is_organizer"))
            asks = found["event_booking"].get("booking_type") == "organizer-confirmation"
            private = bool(found["requires_session_auth"])
            self.pages.append(Page(found["id"], found["slug"], organizer, asks, private))
        self._order = {kind: deque(pages) for kind, pages in self._kinds().items() if pages}

    def _kinds(self) -> dict[str, list[Page]]:
        public = [page for page in self.pages if not page.private]
        return {
            "public": public,
            "private": [page for page in self.pages if page.private],
            "asks": [page for page in public if page.asks],
        }

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """An answer's JSON. Raises requests.HTTPError where the target refuses."""
        headers = {"Authorization": f"Bearer {self.access.api_key}"}
        response = self._http.request(
            method, self.access.url + path, json=body, params=query, headers=headers, timeout=30
        )
        response.raise_for_status()
        return response.json()

    def close(self) -> None:
        self._http.close()

    def page(self, kind: Literal["public", "private", "asks"] = "public") -> Page:
        """One configuration of a kind after the other."""
        pages = self._order[kind]
        pages.rotate(-1)
        return pages[0]

    def page_of(self, configuration_id: object) -> Page | None:
        return next((page for page in self.pages if page.id == str(configuration_id).lower()), None)

    def session(self, page: Page) -> str:
        """A session for the page; the same one again while it can be expected to live."""
        if page.id not in self._sessions:
            body = {"configuration_id": page.id, "time_to_live": 30}
            self._sessions[page.id] = self.new_session(body)
        return self._sessions[page.id]

    def page_of_session(self, session_id: str) -> Page | None:
        return next((page for page in self.pages if self._sessions.get(page.id) == session_id), None)

    def new_session(self, body: dict[str, Any]) -> str:
        session_id: str = self.call("POST", "/v3/scheduling/sessions", body)["data"]["session_id"]
        return session_id

    def free_slot(self, page: Page) -> tuple[int, int]:
        """A slot that the target offers and that was never given out before."""
        slots = self._slots.setdefault(page.id, self._offered(page))
        return next(slots)

    def _offered(self, page: Page) -> Iterator[tuple[int, int]]:
        for day in range(1, self.access.days):
            start = self.access.now + day * DAY
            window = {"start_time": start, "end_time": start + DAY}
            if page.private:
                headers = {"Authorization": f"Bearer {self.session(page)}"}
                url = f"{self.access.url}/v3/scheduling/availability"
                found = self._http.get(url, params=window, headers=headers, timeout=30).json()
            else:
                found = self.call("GET", "/v3/scheduling/availability", configuration_id=page.id, **window)
            yield from ((slot["start_time"], slot["end_time"]) for slot in found["data"]["time_slots"] or ())
        raise AssertionError(f"no free slot is left on {page.slug}")

    def booking(self, page: Page) -> Booked:
        """A new booking on a public page."""
        start, end = self.free_slot(page)
        guest = {"name": "Gina Guest", "email": "gina@example.com"}
        body = {"start_time": start, "end_time": end, "guest": guest}
        answer = self.call("POST", "/v3/scheduling/bookings", body, configuration_id=page.id)
        return self.remember(answer["data"], page)

    def remember(self, data: dict[str, Any], page: Page) -> Booked:
        """Note what the target says of a booking."""
        reference = data.get("booking_ref") or ""
        raw = base64.urlsafe_b64decode(reference + "=" * (-len(reference) % 4))
        salt = base64.urlsafe_b64encode(raw[SALT_AT:]).rstrip(b"=").decode()
        booked = Booked(data["booking_id"], page, data["event_id"], data["status"], salt)
        self.bookings[booked.id] = booked
        return booked

    def active(self, booking_id: object, *, pending: bool = False) -> Booked:
        """The booking with this id while it stands, on a public page; else a new one."""
        known = self.bookings.get(str(booking_id).lower())
        if (
            known
            and not known.page.private
            and known.status in (["pending"] if pending else ["pending", "booked"])
        ):
            return known
        return self.booking(self.page("asks" if pending else "public"))

    def new_configuration(self) -> str:
        """The id of a configuration that nobody books."""
        host = self.access.hosts[0]
        who = {"email": host, "is_organizer": True, "availability": {"calendar_ids": ["primary"]}}
        body = {
            "participants": [{**who, "booking": {"calendar_id": "primary"}}],
            "availability": {"duration_minutes": 30},
            "event_booking": {"title": "Scratch"},
            "scheduler": {"organizer_confirmation_url": "https://example.com/confirm/:booking_ref"},
        }
        created: str = self.call("POST", self.configurations, body)["data"]["id"]
        return created

    def new_webhook(self) -> str:
        body = {"trigger_types": ["booking.created"], "webhook_url": self.access.webhook_url}
        created: str = self.call("POST", "/v3/webhooks", body)["data"]["id"]
        return created
