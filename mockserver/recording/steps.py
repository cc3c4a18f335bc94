"""From what was recorded to the steps of a scenario."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from mockserver.domain.reference import is_uuid
from mockserver.recording.calls import NO_DATA, Call, count, parsed
from mockserver.recording.masking import RAW, Mask, strings
from mockserver.recording.references import Draft, References, drawn
from mockserver.recording.world import instant
from mockserver.scenario.references import escaped
from mockserver.scenario.times import EARLIEST, LATEST

MOST_STEPS = 4_900
MOST_VALUES = 60_000
"""So many values of answers are written down; then answers are held to their status only."""

TIMES = frozenset({"start_time", "end_time", "old_start_time", "old_end_time", "start", "end"})
"""Keys of times in Unix seconds."""

PASSING = frozenset(
    {
        "request_id",
        "ical_uid",
        "html_link",
        "event_html_link",
        "event_description",
        "created_at",
        "updated_at",
        "status_updated_at",
        "metadata",
    }
)
"""Keys of what is another time something else, or hangs on what a scenario doesn't say."""

OBJECTS: Mapping[str, tuple[str, ...]] = {
    "event": ("id", "grant_id", "calendar_id", "title", "busy", "status", "when", "object"),
}
"""What is expected of things that a scenario can't describe in full, by their `object`."""

WEBHOOK = ("id", "webhook_url", "trigger_types", "status", "compressed_delivery", "webhook_secret")

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
"""What steps can send."""

LONGEST_PATH = 1_500

CHALLENGING = ("createWebhook", "updateWebhook", "sendTestEvent")
"""Operations for which a receiver has to answer."""

SAMPLES = ("getMockPayload",)
"""Operations whose answers are the provider's own examples."""

STEMS = {
    "createBooking": "book",
    "rescheduleBooking": "reschedule",
    "confirmBooking": "decide",
    "cancelBooking": "cancel",
    "createSession": "session",
    "createConfiguration": "configuration",
    "createWebhook": "webhook",
    "getAvailability": "availability",
    "getUiSettings": "settings",
}
"""What steps are called that something is saved of."""


@dataclass(frozen=True, slots=True)
class Message:
    """A notification or a mail, and the turn that it came of. `known` is what is expected of it."""

    turn: int
    known: Mapping[str, Any]


@dataclass(slots=True)
class Writing:
    """The steps so far."""

    references: References
    mask: Mask
    now: int
    given: set[str]
    """Values that the world or a request named; no server draws those."""
    drafts: list[Draft] = field(default_factory=list)
    values: int = 0
    remarks: list[str] = field(default_factory=list)

    def add(self, draft: Draft) -> Draft:
        self.drafts.append(draft)
        return draft

    def advance(self, at: int) -> None:
        """Move the clock on, if it is later."""
        if at > self.now:
            self.add(Draft("clock", {"advance": _duration(at - self.now)}, "clock"))
            self.now = at

    def call(self, call: Call) -> Draft | None:
        """A request with what is expected of its answer; None, and a remark, if no step can have it."""
        obstacle = _obstacle(call)
        if obstacle:
            self.remarks.append(f"{call.method} {self.mask.text(call.path)}: left out, {obstacle}")
            return None
        self._note_given(call)
        draft = Draft("request", self._request(call), STEMS.get(call.operation or "", "step"))
        draft.remarks += call.remarks
        self.add(draft)
        draft.expect = self._expect(call, draft)
        return draft

    def messages(self, kind: str, messages: Sequence[Message]) -> None:
        """Notifications, or mails, that went out since the last ones."""
        if not messages:
            return
        draft = self.add(Draft(kind, [], "told" if kind == "notifications" else "mailed"))
        for index, message in enumerate(messages):
            known = self._expected(dict(message.known), f"$[{index}]", draft, "")
            self.values += count(known)
            draft.given.append(known)

    def _note_given(self, call: Call) -> None:
        """What a request names and no answer has told before is the client's own."""
        data = parsed(call.body)
        own = {*(value for _, value in call.query), *call.path.split("/")}
        own |= set() if data is NO_DATA else set(strings(data))
        self.given |= {value for value in own if not self.references.knows(value)}

    def _request(self, call: Call) -> dict[str, Any]:
        request: dict[str, Any] = {"method": call.method, "path": self._path(call.path)}
        query: dict[str, Any] = {}
        for name, value in call.query:
            written = self._query(name, value)
            if name in query:
                before = query[name]
                query[name] = [*(before if isinstance(before, list) else [before]), written]
            else:
                query[name] = written
        if query:
            request["query"] = query
        headers = self._headers(call)
        if headers:
            request["headers"] = headers
        if not call.body:
            pass
        elif (data := parsed(call.body)) is NO_DATA:
            if call.content_type:
                media_type = call.content_type.partition(";")[0].strip()
                request["headers"] = {**headers, "Content-Type": media_type}
            request["text"] = self.text(call.body, RAW)
        else:
            request["body"] = self._sent(data, "")
        return request

    def _path(self, path: str) -> str:
        segments = []
        for segment in path.split("/"):
            reference = self.references.find(segment)
            if reference is None:
                masked = self.mask.text(segment)
                reference = self.references.find(masked) or quote(masked, safe="@:!'()*,;=+~")
            segments.append(reference)
        return "/".join(segments)

    def _query(self, name: str, value: str) -> Any:
        if name in TIMES and value.isascii() and value.isdigit() and _is_time(int(value[:15])):
            return {"$time": instant(int(value))}
        return self.text(value, name)

    def _headers(self, call: Call) -> dict[str, str]:
        if not call.authorization:
            return {}
        scheme, space, token = call.authorization.partition(" ")
        token = token.strip()
        reference = self.references.find(token) if token else ""
        if reference is None:
            reference = escaped(self.mask.secret(token, "uuid" if is_uuid(token) else "token"))
        if not token and scheme.lower() not in ("bearer", "basic"):
            scheme = self.mask.secret(scheme, "token")
        written = "".join(each for each in f"{scheme}{space}{reference}" if " " <= each <= "~").strip()
        return {"Authorization": written}

    def text(self, value: str, key: str = "") -> str:
        """A text as it stands in a step."""
        reference = self.references.find(value, key)
        if reference is not None:
            return reference
        masked = self.mask.text(value, key)
        return self.references.find(masked) or escaped(masked)

    def _sent(self, value: Any, key: str) -> Any:
        """Data of a request."""
        if isinstance(value, Mapping):
            if any(name.startswith("$") for name in value):
                return {"$literal": self.mask.data(value, key)}
            return {
                self.mask.key(name): self._sent_text(each, self.mask.child(value, name, each, key), name)
                if isinstance(each, str)
                else self._sent(each, name)
                for name, each in value.items()
            }
        if isinstance(value, list):
            return [self._sent(each, key) for each in value]
        if isinstance(value, str):
            return self._sent_text(value, self.mask.text(value, key), key)
        return {"$time": instant(value)} if key in TIMES and _is_time(value) else value

    def _sent_text(self, value: str, masked: str, key: str) -> str:
        reference = self.references.find(value, key) or self.references.find(masked, key)
        return reference or escaped(masked)

    def _expect(self, call: Call, draft: Draft) -> dict[str, Any] | None:
        if call.lost:
            return {"lost": True}
        if call.status is None:
            return None
        expect: dict[str, Any] = {"status": call.status}
        data = NO_DATA if call.answer is None else call.data()
        if not isinstance(data, dict) or call.method == "HEAD" or call.operation in SAMPLES:
            return expect
        self.values += count(data)
        if self.values > MOST_VALUES:
            draft.remarks.append("the answers before were so long that this one is held to its status only")
            return expect
        body = self._expected(data, "$", draft, "")
        return {**expect, "body": body} if body else expect

    def _expected(self, value: Any, path: str, draft: Draft, key: str) -> Any:
        """What is expected of a part of an answer."""
        if isinstance(value, Mapping):
            return self._expected_mapping(value, path, draft, key)
        if isinstance(value, list):
            return [self._expected(each, f"{path}[{index}]", draft, key) for index, each in enumerate(value)]
        if isinstance(value, str):
            return self._expected_text(value, self.mask.text(value, key), path, draft, key)
        return {"$time": instant(value)} if key in TIMES and _is_time(value) else value

    def _expected_mapping(
        self, value: Mapping[str, Any], path: str, draft: Draft, key: str
    ) -> dict[str, Any]:
        if key == "error":
            return {"type": value["type"]} if isinstance(value.get("type"), str) else {}
        if any(name.startswith("$") for name in value):
            return {"$literal": self.mask.data(value, key)}
        kept = WEBHOOK if "webhook_url" in value else OBJECTS.get(str(value.get("object")))
        found: dict[str, Any] = {}
        for name, below in value.items():
            if name in PASSING or (kept is not None and name not in kept):
                continue
            step = f"{path}.{name}" if name.isidentifier() else f"{path}[{quoted(name)}]"
            if not isinstance(below, str):
                found[self.mask.key(name)] = self._expected(below, step, draft, name)
            elif not _is_address(below) or name == "webhook_url":
                stand_in = self.mask.child(value, name, below, key)
                found[self.mask.key(name)] = self._expected_text(below, stand_in, step, draft, name)
        return found

    def _expected_text(self, value: str, masked: str, path: str, draft: Draft, key: str) -> Any:
        reference = self.references.find(value, key, draft) or self.references.find(masked, key, draft)
        if reference is not None:
            return reference
        if drawn(value, key) and value not in self.given:
            self.references.tell(value, draft, key or "value", path)
            return {"$id": True}
        if _is_address(value):
            return {"$any": True}
        return escaped(masked)


def steps_of(drafts: Iterable[Draft]) -> list[dict[str, Any]]:
    """The steps as they are written, each with its comments under the key `#`."""
    return [{**({"#": draft.remarks} if draft.remarks else {}), **draft.as_dict()} for draft in drafts]


def quoted(name: str) -> str:
    """A name as JSONPath quotes it."""
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _is_time(value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and EARLIEST.timestamp() <= value < LATEST.timestamp()


def _is_address(value: str) -> bool:
    """Whether a text is a URL, or has one in it: those have references in them, and the server's address."""
    return "://" in value


def _obstacle(call: Call) -> str:
    """Why no step can stand for a call; empty if one can."""
    path = call.path
    dots = any(each and set(each) <= {"."} for each in path.split("/"))
    odd = "//" in path or set("?#\\\x7f�") & set(path) or len(path) > LONGEST_PATH
    if dots or odd or not path.startswith("/v3/"):
        return "no step can send this path"
    if call.method not in METHODS:
        return "no step can send this method"
    if call.cut or call.status == 413:
        return "its body is not known whole"
    if call.status == 421:
        return "it went to another host"
    if call.status == 429 and call.fault is None:
        return "the server had too much to do"
    if call.operation in CHALLENGING and call.status == 400 and _error_type(call) == "70005":
        return "the receiver did not accept, and a replay has none"
    return ""


def _error_type(call: Call) -> str:
    data = call.data()
    error = data.get("error") if isinstance(data, dict) else None
    return str(error.get("type", "")) if isinstance(error, dict) else ""


def _duration(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    time = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if n)
    return f"P{f'{days}D' if days else ''}{f'T{time}' if time else ''}"
