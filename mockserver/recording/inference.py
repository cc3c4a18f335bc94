"""The world behind recorded calls, as far as they show it: who can be booked, and when, and what was.

Calls are looked at one after the other. What they can't show is guessed, and said to be.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.domain.reference import decode_reference, is_uuid
from mockserver.recording.calls import Call, parsed
from mockserver.recording.slots import Hours, Observed

BOOKINGS = "/v3/scheduling/bookings"
SESSIONS = "/v3/scheduling/sessions"
UNKNOWN_EMAIL = "organizer@example.com"
UNKNOWN_GUEST = {"name": "Guest", "email": "guest@example.com"}
USUAL_DURATION = 30
SESSION_SPARE = 300
DAY = 86_400
FIRST, LAST = DAY, 7_258_118_400
"""The Unix times that are taken for one: the years 1970 to 2199."""

SCHEDULER_KEYS = frozenset(
    {
        "available_days_in_future",
        "min_booking_notice",
        "min_cancellation_notice",
        "cancellation_policy",
        "rescheduling_url",
        "cancellation_url",
        "organizer_confirmation_url",
        "confirmation_redirect_url",
        "hide_rescheduling_options",
        "hide_cancellation_options",
        "hide_additional_guests",
        "additional_fields",
    }
)
"""What the settings of the page tell of the configuration."""


@dataclass(slots=True)
class Configured:
    """What is known of one configuration. `body` is whole where the traffic told it."""

    name: str
    id: str = ""
    slug: str = ""
    body: dict[str, Any] | None = None
    grant: str = ""
    title: str = ""
    location: str = ""
    description: str = ""
    pending: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    organizer: dict[str, str] = field(default_factory=dict)
    by_session: int = 0
    by_id: int = 0
    rotating: bool = False
    observed: Observed = field(default_factory=Observed)


@dataclass(slots=True)
class Booked:
    """What is known of one booking. `made` is whether a call made it."""

    configuration: Configured
    made: bool
    status: str = "booked"
    start: int | None = None
    end: int | None = None
    guest: dict[str, str] | None = None
    salt: str = ""
    name: str = ""
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Opened:
    """What is known of one session."""

    configuration: Configured
    name: str
    last: int = 0
    refused: int | None = None


class World:
    """Everything that the calls have shown so far."""

    def __init__(self, calls: Iterable[Call], now: int) -> None:
        """`now` is when the recording began, in Unix seconds."""
        self.calls = list(calls)
        self.configurations: list[Configured] = []
        self.bookings: dict[str, Booked] = {}
        self.sessions: dict[str, Opened] = {}
        self.made_sessions: dict[str, Configured] = {}
        self.made: set[str] = set()
        self.client_id = ""
        self.api_key = ""
        self.dialect: dict[str, str] = {}
        self.now = now
        for call in self.calls:
            self._look(call)
        for call in self.calls:
            self._look_at_times(call)

    def configuration_of(self, call: Call) -> Configured | None:
        """The configuration that a scheduling call is about; None for calls about none."""
        if not call.path.startswith("/v3/scheduling/") or call.path.startswith(SESSIONS):
            return None
        query = dict(call.query)
        token = bearer(call)
        if token in self.made_sessions:
            return self.made_sessions[token]
        if token in self.sessions:
            return self.sessions[token].configuration
        named = query.get("configuration_id", "").lower()
        if is_uuid(named):
            return self._by_id(named)
        if query.get("slug"):
            return self._by_slug(query["slug"])
        booking = self.bookings.get(call.path.removeprefix(f"{BOOKINGS}/").lower())
        return booking.configuration if booking is not None else self._only()

    def needs_session(self, call: Call) -> bool:
        """Whether the call must have had a session, which the recording doesn't show."""
        query = dict(call.query)
        named = is_uuid(query.get("configuration_id", "")) or bool(query.get("slug"))
        scheduling = call.path.startswith("/v3/scheduling/") and not call.path.startswith(SESSIONS)
        return scheduling and call.authorization is None and not named and call.status != 401

    def needs_key(self, call: Call) -> bool:
        """Whether the call must have had the API key, which the recording doesn't show."""
        ours = call.path.startswith(("/v3/grants/", "/v3/webhooks", SESSIONS))
        return ours and call.authorization is None and call.status != 401

    def _by_id(self, id: str) -> Configured:
        found = next((each for each in self.configurations if each.id == id), None)
        if found is None:
            found = next((each for each in self.configurations if not each.id and not each.slug), None)
            found = found or self._new()
            found.id = id
        return found

    def _by_slug(self, slug: str) -> Configured:
        found = next((each for each in self.configurations if each.slug == slug), None)
        if found is None:
            found = self._new()
            found.slug = slug
        return found

    def _only(self) -> Configured:
        return self.configurations[0] if self.configurations else self._new()

    def _new(self) -> Configured:
        self.configurations.append(Configured(f"configuration-{len(self.configurations) + 1}"))
        return self.configurations[-1]

    def _look(self, call: Call) -> None:
        """What a call shows beside times."""
        answer, data = mapping(call.data() if call.answer is not None else None), told(call)
        done = call.status is not None and call.status < 300
        operation, query, token = call.operation, dict(call.query), bearer(call)
        self._look_at_token(call, token, done)
        self.client_id = self.client_id or query.get("client_id", "")
        self._look_at_errors(answer)
        if operation == "createSession" and done:
            self._session_made(call, data)
            return
        if operation in ("getConfiguration", "listConfigurations", "updateConfiguration") and done:
            self._bodies_told(call, answer)
            return
        if operation == "createConfiguration" and done:
            self.made.add(_text(data, "id"))
            return
        if call.status == 404 or query.get("configuration_id", "").lower() in self.made:
            return
        configured = self.configuration_of(call)
        if configured is None:
            return
        if token in self.sessions or token in self.made_sessions or self.needs_session(call):
            configured.by_session += done
        else:
            configured.by_id += done
        if operation == "getUiSettings" and done:
            self._settings_told(configured, data, query)
        elif operation == "getAvailability" and done:
            configured.rotating = configured.rotating or "order" in data
        elif operation is not None and operation.endswith("Booking"):
            self._booking_told(call, configured, data, done)

    def _look_at_token(self, call: Call, token: str, done: bool) -> None:
        if not token:
            return
        if not is_uuid(token) or call.path.startswith(("/v3/grants/", "/v3/webhooks", SESSIONS)):
            self.api_key = self.api_key or (token if done else "")
            return
        if token in self.made_sessions:
            return
        known = self.sessions.get(token)
        if known is None:
            named = dict(call.query).get("configuration_id", "").lower()
            configuration = self._by_id(named) if is_uuid(named) else self._only()
            known = Opened(configuration, f"session-{len(self.sessions) + 1}")
            if not done:
                return
            self.sessions[token] = known
        if done:
            known.last = call.at
        elif call.status == 401 and known.refused is None:
            known.refused = call.at

    def _look_at_errors(self, answer: Mapping[str, Any]) -> None:
        if _text(mapping(answer.get("error")), "type").startswith("api."):
            self.dialect["error_types"] = "prefixed"

    def _session_made(self, call: Call, data: Mapping[str, Any]) -> None:
        body = mapping(parsed(call.body))
        named = _text(body, "configuration_id").lower()
        session_id = _text(data, "session_id")
        if session_id and named not in self.made:
            slug = _text(body, "slug")
            configured = (
                self._by_id(named) if is_uuid(named) else self._by_slug(slug) if slug else self._only()
            )
            self.made_sessions[session_id] = configured

    def _bodies_told(self, call: Call, answer: Mapping[str, Any]) -> None:
        data = answer.get("data")
        for body in data if isinstance(data, list) else [data]:
            if not isinstance(body, dict) or _text(body, "id") in self.made:
                continue
            id, slug = _text(body, "id").lower(), _text(body, "slug")
            if not is_uuid(id):
                continue
            configured = self._by_id(id)
            if configured.body is None:
                configured.body = {key: value for key, value in body.items() if key != "id"}
                configured.slug = slug
                configured.grant = call.path.split("/")[3]
        if isinstance(data, list):
            listed = [_text(each, "id").lower() for each in data if isinstance(each, dict)]
            places = {id: index for index, id in enumerate(listed)}
            self.configurations.sort(key=lambda each: places.get(each.id, len(places)))

    def _settings_told(
        self, configured: Configured, data: Mapping[str, Any], query: Mapping[str, str]
    ) -> None:
        id, slug = _text(data, "configuration_id").lower(), _text(data, "slug")
        if is_uuid(id) and not configured.id:
            configured.id = id
        configured.slug = configured.slug or slug
        self.client_id = self.client_id or _text(data, "app_client_id")
        if not configured.settings:
            configured.settings = dict(data)
        organizer = mapping(data.get("organizer"))
        if _text(organizer, "email"):
            configured.organizer = {key: _text(organizer, key) for key in ("name", "email")}
        if data.get("booking_type") == "organizer-confirmation":
            configured.pending = True
        booking = data.get("booking")
        booking_id = query.get("booking_id", "").lower()
        if isinstance(booking, dict) and is_uuid(booking_id):
            self._prefill_told(configured, booking_id, booking)

    def _prefill_told(self, configured: Configured, booking_id: str, booking: Mapping[str, Any]) -> None:
        known = self.bookings.setdefault(booking_id, self._known_before(configured))
        if known.made or known.start is not None:
            return
        when = mapping(mapping(booking.get("event_data")).get("when"))
        known.start, known.end = _second(when.get("start_time")), _second(when.get("end_time"))
        guest = mapping(booking.get("guest"))
        if _text(guest, "email"):
            known.guest = {"name": _text(guest, "name") or "Guest", "email": _text(guest, "email")}
        known.salt = known.salt or _text(booking, "booking_ref_salt")
        known.more = {
            key: booking[key] for key in ("additional_guests", "additional_fields") if booking.get(key)
        }

    def _known_before(self, configured: Configured) -> Booked:
        there = sum(not each.made for each in self.bookings.values())
        return Booked(configured, made=False, name=f"booking-{there + 1}")

    def _booking_told(self, call: Call, configured: Configured, data: Mapping[str, Any], done: bool) -> None:
        booking_id = _text(data, "booking_id").lower()
        self._shown(configured, data, call)
        if call.operation == "createBooking":
            if done and booking_id:
                self.bookings[booking_id] = Booked(configured, made=True)
                if "booking_ref" not in data:
                    self.dialect["booking_extras"] = "hidden"
            return
        path_id = call.path.removeprefix(f"{BOOKINGS}/").lower()
        if not is_uuid(path_id) or call.status is None:
            return
        body = mapping(parsed(call.body))
        booking = self.bookings.get(path_id)
        if booking is None:
            booking = self.bookings[path_id] = self._known_before(configured)
            status = _text(data, "status")
            if call.operation == "confirmBooking":
                booking.status, configured.pending = "pending", True
            elif status in ("booked", "pending", "cancelled"):
                booking.status = status
        if call.operation == "confirmBooking" and done:
            booking.salt = booking.salt or _text(body, "salt")
            if body.get("status") == "cancelled" and not data:
                self.dialect["decline_response"] = "request_id"
        if call.operation == "rescheduleBooking" and done:
            if not data:
                self.dialect["reschedule_response"] = "request_id"
            elif booking_id and booking_id != path_id:
                self.dialect["reschedule_booking_id"] = "new"
                self.bookings[booking_id] = Booked(configured, made=True)

    def _shown(self, configured: Configured, data: Mapping[str, Any], call: Call) -> None:
        """What an answer about a booking tells of its configuration."""
        title = _text(data, "title").removeprefix("[PENDING] ")
        configured.title = configured.title or title
        configured.location = configured.location or _text(data, "location")
        configured.description = configured.description or _text(data, "description")
        if data.get("status") == "pending":
            configured.pending = True
        organizer = mapping(data.get("organizer"))
        if _text(organizer, "email") and not configured.organizer:
            configured.organizer = {key: _text(organizer, key) for key in ("name", "email")}
        try:
            reference = decode_reference(_text(data, "booking_ref"))
        except ValueError:
            return
        configured.id = configured.id or reference.configuration_id
        booking = self.bookings.get(reference.booking_id)
        if booking is not None and not booking.made:
            booking.salt = booking.salt or reference.salt

    def _look_at_times(self, call: Call) -> None:
        """What a call shows of the times that are free."""
        done = call.status is not None and call.status < 300
        configured = self.configuration_of(call) if call.status != 404 else None
        if configured is None or not done:
            return
        if call.operation == "getAvailability":
            slots = slots_of(call)
            if slots is not None:
                configured.observed.slots += slots
        elif call.operation in ("createBooking", "rescheduleBooking"):
            spell = spell_of(call)
            if spell is not None:
                configured.observed.booked.append(spell)

    def emails(self, configured: Configured) -> list[str]:
        """Everybody whose time counts, the organizer first."""
        people = [mapping(each) for each in (configured.body or {}).get("participants") or ()]
        people.sort(key=lambda each: not each.get("is_organizer"))
        found = [_text(each, "email") for each in people if _text(each, "email")]
        found += [configured.organizer["email"]] if configured.organizer else []
        found += [email for _, _, emails in configured.observed.slots for email in emails]
        others = (each.organizer["email"] for each in self.configurations if each.organizer)
        return list(dict.fromkeys(found)) or [next(others, UNKNOWN_EMAIL)]

    def duration(self, configured: Configured) -> tuple[int, bool]:
        """Minutes of a slot, and whether they are guessed."""
        lengths = [end - start for start, end, _ in configured.observed.slots]
        lengths += [end - start for start, end in configured.observed.booked]
        common = Counter(each for each in lengths if each >= 60).most_common(1)
        return (common[0][0] // 60, False) if common else (USUAL_DURATION, True)

    def hours(self, configured: Configured) -> Hours:
        return Hours.of(configured.observed, self.duration(configured)[0])


def told(call: Call) -> Mapping[str, Any]:
    """The `data` of an answer; empty where it is none, or no mapping."""
    return mapping(mapping(call.data() if call.answer is not None else None).get("data"))


def mapping(value: Any) -> Mapping[str, Any]:
    """The value, if it is a mapping; else an empty one."""
    return value if isinstance(value, Mapping) else {}


def _second(value: Any) -> int | None:
    return value if isinstance(value, int) and FIRST <= value < LAST else None


def bearer(call: Call) -> str:
    """The bearer token of a call; empty where there is none."""
    scheme, _, token = (call.authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def slots_of(call: Call) -> list[tuple[int, int, tuple[str, ...]]] | None:
    """The slots that an answer offers; None where it is none that can be read."""
    slots = told(call).get("time_slots")
    if not isinstance(slots, list):
        return None
    found = []
    for slot in slots:
        if not isinstance(slot, dict):
            return None
        start, end, emails = (slot.get(key) for key in ("start_time", "end_time", "emails"))
        if isinstance(start, int) and isinstance(end, int) and FIRST <= start < end < LAST:
            found.append((start, end, tuple(map(str, emails if isinstance(emails, list) else ()))))
    return found


def spell_of(call: Call) -> tuple[int, int] | None:
    """The time that a request asks for."""
    body = parsed(call.body)
    if not isinstance(body, dict):
        return None
    try:
        start, end = int(body["start_time"]), int(body["end_time"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return (start, end) if FIRST <= start < end < LAST else None


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
