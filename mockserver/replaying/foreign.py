"""Replays against a target: nothing is seeded there, little can be seen, and nothing is left behind."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from conformance.strangers.caller import Caller, Unreachable
from conformance.strangers.cleaning import GONE, Cleaned, clean
from conformance.strangers.exchange import Exchange
from conformance.strangers.ledger import DEFAULT, Entry, Kind, Ledger
from conformance.strangers.limits import Limits, NotAllowed
from conformance.strangers.secrets import Secrets
from mockserver.domain.reference import decode_reference
from mockserver.replaying.results import Answer, Sent
from mockserver.replaying.scope import Unresolved
from mockserver.replaying.targets import CannotDo, NoAnswer, NotChecked, NotReached
from mockserver.scenario import Scenario
from mockserver.scenario.references import FIELDS, Reference

SINGULAR = {section: section.removesuffix("s") for section in FIELDS}
"""How `--map` may write a section too."""

BOOKINGS = "/v3/scheduling/bookings"
SESSIONS = "/v3/scheduling/sessions"
SESSION_MINUTES = 30
MOST_WAITED = 300
"""Seconds for which the clock steps of a scenario are waited, in all."""

CALLER = ("configuration_id", "slug", "client_id")
"""Parameters that say whose booking it is."""

_BOOKING = re.compile(r"/v3/scheduling/bookings(?:/([^/]+))?")
_MADE: Mapping[Kind, re.Pattern[str]] = {
    "booking": _BOOKING,
    "configuration": re.compile(r"/v3/grants/[^/]+/scheduling/configurations(?:/([^/]+))?"),
    "webhook": re.compile(r"/v3/webhooks(?:/([^/]+))?"),
}
"""What a replay can make, by the path of its collection and of one of it."""

_ID = {"booking": "booking_id", "configuration": "id", "webhook": "id"}
_GUEST_AT = "@example.com"


@dataclass(frozen=True, slots=True)
class Host:
    """A target and what its owner permits. `names` are values by what `--map` calls them."""

    url: str
    api_key: str | None = None
    client_id: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    ledger: Path = DEFAULT


class Visit:
    """One run against a host: its connections, its ledger, how many bookings it has made.

    `pause` waits for so many seconds, where a scenario lets time pass.
    """

    def __init__(self, host: Host, pause: Callable[[float], None] = time.sleep) -> None:
        """Raises LedgerError, and ValueError for what is no URL."""
        self.host = host
        self.pause = pause
        self.secrets = Secrets({"NYLAS_API_KEY": host.api_key})
        self.caller = Caller(host.url, host.limits, self.secrets)
        self.ledger = Ledger(host.ledger)
        self.booked = 0
        self.used: set[str] = set()
        """The names that were looked at."""
        for name, value in host.names.items():
            if name.startswith("session") or name.endswith(".secret"):
                self.secrets.add("SESSION", value)

    def now(self) -> int:
        """Unix seconds."""
        return int(time.time())  # noqa: TID251 - a target has no sandbox

    def clean(self) -> Iterator[Cleaned]:
        """Take back what earlier runs left on this host."""
        return clean(self.caller, self.ledger, self.host.api_key)

    def close(self) -> None:
        self.caller.close()


@dataclass(frozen=True, slots=True)
class _Made:
    """Something that the replay made, and how to take it back with the credentials it was made with."""

    entry: Entry
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]


class Foreign:
    """One scenario's visit to a host."""

    def __init__(self, visit: Visit, scenario: Scenario) -> None:
        self._visit = visit
        self._scenario = scenario
        self._sessions: dict[str, str] = {}
        self._made: dict[tuple[Kind, str], _Made] = {}
        self._waited = 0
        self.unknown: list[str] = []
        """Requests that may have made something, nobody knows."""

    def look_up(self, reference: Reference) -> Any:
        """A value that is mapped, or given as an option. Opens a session where it can."""
        found = self.known(reference)
        if found is not None:
            return found
        if reference.section == "sessions":
            configuration = self.session_configuration(reference)
            if configuration is not None:
                return self._session(reference.name, configuration)
        raise Unresolved(
            f"{reference}: expected --map {SINGULAR.get(reference.section, '')}.{reference.name}=…"
        )

    def known(self, reference: Reference) -> str | None:
        """A value that needs no call, or None."""
        host, section, name = self._visit.host, reference.section, reference.name
        if section == "application":
            return host.api_key if reference.field == "api_key" else host.client_id
        found = self._mapped(section, name, reference.field)
        if found is None and section == "bookings" and reference.field in ("id", "salt"):
            whole = self._mapped(section, name, "booking_ref")
            try:
                decoded = None if whole is None else decode_reference(whole)
            except ValueError:
                raise Unresolved(f"--map booking.{name}.booking_ref: expected a booking reference") from None
            if decoded is not None:
                found = decoded.booking_id if reference.field == "id" else decoded.salt
        return found

    def session_configuration(self, reference: Reference) -> str | None:
        """The id of the configuration that a session can be opened for with the API key, or None."""
        entry = self._scenario.document["sessions"][reference.name]
        if self._visit.host.api_key is None:
            return None
        return self.known(Reference("configurations", entry["configuration"], "id"))

    def send(self, request: Sent) -> Answer:
        """Raises NoAnswer, CannotDo, and NotReached if the target has never answered."""
        path = urlsplit(request.url).path
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            self._check(request, path)
        try:
            exchange = self._call(request)
        except NotAllowed as reason:
            raise CannotDo(str(reason)) from None
        except Unreachable as reason:
            if not self._visit.caller.sent:
                raise NotReached(str(reason)) from None
            if request.method == "POST" and _named(path)[0] is not None:
                self.unknown.append(f"POST {path} got no answer, and may have made something all the same")
            raise NoAnswer(str(reason)) from None
        self._note(request, path, exchange)
        return Answer(exchange.status, exchange.answer_headers, exchange.answer)

    def clean_up(self) -> list[str]:
        """Take back what is left, newest first; answers with what could not be."""
        problems = []
        for (kind, id), made in reversed(list(self._made.items())):
            query = "&".join(f"{name}={value}" for name, value in made.query)
            url = f"{made.entry.path}?{query}" if query else made.entry.path
            try:
                exchange = self._call(Sent("DELETE", url, made.headers, b""))
                problem = "" if _is_gone(exchange) else f"{exchange.status} {exchange.message}".strip()
            except (Unreachable, NotAllowed) as reason:
                problem = str(reason)
            if problem:
                problems.append(f"{kind} {id}: {problem}; --cleanup tries again")
            else:
                self._gone(kind, id)
        return problems + self.unknown

    def notifications(self) -> Sequence[Mapping[str, Any]]:
        raise NotChecked("a target doesn't show what it notifies")

    def mails(self) -> Sequence[Mapping[str, Any]]:
        raise NotChecked("a target doesn't show its mails")

    def advance(self, seconds: int) -> None:
        """Wait: a target's clock can't be moved, but it moves. Raises NotChecked if that takes too long."""
        if self._waited + seconds > MOST_WAITED:
            raise NotChecked("a target's clock can't be moved, and that is too long to wait for")
        self._waited += seconds
        self._visit.pause(seconds)

    def move_to(self, now: int) -> None:
        raise NotChecked("a target's clock can't be moved")

    def fill(self, calendar: str, title: str, start: int, end: int, busy: bool) -> str:
        raise NotChecked("a target's calendars are not ours to fill")

    def free(self, event_id: str, calendar: str | None) -> None:
        raise NotChecked("a target's calendars are not ours to free")

    def add_fault(self, fault: Mapping[str, Any]) -> None:
        raise NotChecked("a target has no faults to be switched on")

    def clear_faults(self) -> None:
        """There are none."""

    def _mapped(self, section: str, name: str, field: str) -> str | None:
        prefixes = (f"{SINGULAR[section]}.{name}", f"{section}.{name}")
        keys = [f"{prefix}.{field}" for prefix in prefixes] + (list(prefixes) if field == "id" else [])
        found = next((key for key in keys if key in self._visit.host.names), None)
        if found is None:
            return None
        self._visit.used.add(found)
        return self._visit.host.names[found]

    def _session(self, name: str, configuration: str) -> str:
        if name not in self._sessions:
            body = {"configuration_id": configuration, "time_to_live": SESSION_MINUTES}
            try:
                opened = self._visit.caller.call("POST", SESSIONS, body=body, bearer=self._visit.host.api_key)
            except Unreachable as reason:
                raise Unresolved(f"sessions.{name}: {reason}") from None
            data = opened.data if isinstance(opened.data, dict) else {}
            if not opened.ok or not isinstance(data.get("session_id"), str):
                raise Unresolved(f"sessions.{name}: no session could be opened: {opened.told()}")
            self._sessions[name] = data["session_id"]
            self._visit.secrets.add("SESSION", data["session_id"])
        return self._sessions[name]

    def _call(self, request: Sent) -> Exchange:
        return self._visit.caller.call(
            request.method, request.url, raw=request.body or None, headers=request.headers
        )

    def _check(self, request: Sent, path: str) -> None:
        """Raise CannotDo for a request that a guest should not send."""
        if path.startswith(SESSIONS):
            return
        kind, id = _named(path)
        if kind is None or (kind != "booking" and id is not None and (kind, id) not in self._made):
            raise CannotDo(f"{request.method} {path} would change what this replay did not make")
        if kind == "booking" and request.method in ("POST", "PATCH"):
            self._check_booking(request)

    def _check_booking(self, request: Sent) -> None:
        visit, limits = self._visit, self._visit.host.limits
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            body = None
        for email in guests_of(body):
            if not is_guest(email, limits):
                raise CannotDo(f"guest {email}: expected one at example.com, or --guest-email")
        first, last = limits.window.at(visit.now())
        for key in ("start_time", "end_time"):
            at = body.get(key) if isinstance(body, dict) else None
            at = int(at) if isinstance(at, str) and at.isascii() and at.isdigit() and len(at) < 15 else at
            if isinstance(at, int | float) and not first <= at <= last:
                days = f"{limits.window.first} to {limits.window.last}"
                raise CannotDo(f"{key}: expected a time in the window, {days} days ahead")
        if request.method == "POST":
            if visit.booked >= limits.max_bookings:
                raise CannotDo(f"expected at most {limits.max_bookings} bookings (--max-bookings)")
            visit.booked += 1

    def _note(self, request: Sent, path: str, exchange: Exchange) -> None:
        """Write into the ledger what came of a request."""
        kind, id = _named(path)
        data = exchange.data if isinstance(exchange.data, dict) else {}
        if kind is None or not 200 <= exchange.status < 300:
            return
        new = data.get(_ID[kind])
        if request.method == "DELETE" and id is not None:
            self._gone(kind, id)
        elif request.method in ("POST", "PATCH") and isinstance(new, str) and new != id:
            if request.method == "POST" and id is not None:
                return  # something was done to it; nothing new
            collection = path if id is None else path.rpartition("/")[0]
            self._remember(kind, new, f"{collection}/{new}", request, data)
            if id is not None:
                self._gone(kind, id)
        elif request.method == "POST" and id is None:
            self.unknown.append(f"POST {path} was answered {exchange.status} without an id of what it made")

    def _remember(self, kind: Kind, id: str, path: str, request: Sent, data: Mapping[str, Any]) -> None:
        query = [each for each in parse_qsl(urlsplit(request.url).query) if each[0] in CALLER]
        headers = {name: value for name, value in request.headers.items() if name.lower() == "authorization"}
        of_session = kind == "booking" and bool(headers) and not query
        written = dict(query) or _configuration_of(data) if kind == "booking" else {}
        entry = Entry(self._visit.caller.base_url, kind, id, path, written, private=of_session)
        self._visit.ledger.made(entry)
        self._made[kind, id] = _Made(entry, query, headers)

    def _gone(self, kind: Kind, id: str) -> None:
        self._made.pop((kind, id), None)
        self._visit.ledger.gone(self._visit.caller.base_url, kind, id)


def guests_of(body: Any) -> list[str]:
    """The addresses that would be invited by a body."""
    if not isinstance(body, dict):
        return []
    more = body.get("additional_guests")
    people = [body.get("guest"), *(more if isinstance(more, list) else [])]
    found = (person.get("email") for person in people if isinstance(person, dict))
    return [email for email in found if isinstance(email, str)]


def is_guest(email: str, limits: Limits) -> bool:
    """Whether an address may be invited on a target."""
    if email.lower().endswith(_GUEST_AT):
        return True
    if limits.guest_email is None:
        return False
    local, _, domain = limits.guest_email.partition("@")
    return email == limits.guest_email or (email.startswith(f"{local}+") and email.endswith(f"@{domain}"))


def _named(path: str) -> tuple[Kind | None, str | None]:
    """What a path is about: the kind, and the id where it names one."""
    for kind, pattern in _MADE.items():
        found = pattern.fullmatch(path)
        if found is not None:
            return kind, None if found[1] is None else unquote(found[1])
    return None, None


def _configuration_of(data: Mapping[str, Any]) -> dict[str, str]:
    """The configuration of a new booking, as far as its reference tells."""
    try:
        return {"configuration_id": decode_reference(str(data.get("booking_ref", ""))).configuration_id}
    except ValueError:
        return {}


def _is_gone(exchange: Exchange) -> bool:
    already = exchange.status == 400 and "cancel" in exchange.message.lower()
    return exchange.status in (200, 204, *GONE) or already
