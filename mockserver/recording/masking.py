"""Stand-ins for what belongs to people, and for what lets somebody in.

The same value gets the same stand-in everywhere, so that a masked scenario still works. E-mails are found in
any text; names, phone numbers and what people wrote are found by the key that they stand under, and wherever
they come again after that.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from mockserver.domain.fields import whole_matcher

EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}")
PHONE = re.compile(r"(?<![\w.:/-])\+?\(?[0-9](?:[ ()/.-]{0,2}[0-9]){7,18}(?![\w:-])")

TEXTS = frozenset(
    {"name", "title", "description", "location", "subject", "email_subject", "label", "cancellation_policy"}
)
"""Keys of texts in which somebody may be mentioned."""

ANSWERS = frozenset({"cancellation_reason", "notes", "comment", "reason", "phone", "phone_number"})
"""Keys of what people wrote themselves."""

CHOSEN = frozenset({"dropdown", "radio_button", "multi_select", "checkbox", "date", "metadata"})
"""Types of additional fields whose answers the page offered, or made: nobody wrote them."""

BOOKING_KEYS = {
    "createBooking": frozenset(
        {
            "start_time",
            "end_time",
            "participants",
            "guest",
            "timezone",
            "email_language",
            "additional_guests",
            "additional_fields",
        }
    ),
    "confirmBooking": frozenset({"salt", "status", "cancellation_reason"}),
    "cancelBooking": frozenset({"cancellation_reason"}),
}
BOOKING_KEYS["rescheduleBooking"] = BOOKING_KEYS["createBooking"]
"""The keys that are known of what guests and organizers send. What is under others may be anything."""

RAW = "text"
"""The key of bodies that are no data."""

SHORTEST_MENTION = 3
LOCAL = ("localhost", "127.0.0.1", "::1", "host.docker.internal")


class Mask(Protocol):
    """How values are written down."""

    def data(self, value: Any, key: str = "") -> Any:
        """A copy of plain data; `key` is the one that it stands under."""
        ...

    def text(self, value: str, key: str = "") -> str: ...
    def child(self, value: Mapping[str, Any], key: str, text: str, above: str) -> str:
        """The text that stands in a mapping under `key`; `above` is the key of the mapping itself."""
        ...

    def key(self, key: str) -> str:
        """The key of a mapping."""
        ...

    def secret(self, value: str, kind: str) -> str:
        """What lets somebody in; `kind` is `uuid` for what has to look like one, or `token`."""
        ...

    def title(self, value: str) -> str:
        """What somebody called an event of his or her own."""
        ...


class Bare:
    """Masks nothing."""

    def data(self, value: Any, key: str = "") -> Any:
        return value

    def text(self, value: str, key: str = "") -> str:
        return value

    def child(self, value: Mapping[str, Any], key: str, text: str, above: str) -> str:
        return text

    def key(self, key: str) -> str:
        return key

    def secret(self, value: str, kind: str) -> str:
        return value

    def title(self, value: str) -> str:
        return value


class Masker:
    """Masks everything. What is to be masked has to be shown to it first, in the order of its writing."""

    def __init__(self) -> None:
        self._emails: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._written: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._secrets: dict[tuple[str, str], str] = {}
        self._phones: dict[str, str] = {}
        self._receivers: dict[str, str] = {}
        self._public_titles: set[str] = {"Busy"}
        self._fields: dict[str, Mapping[str, Any]] = {}
        self._strays: set[str] = set()
        self._mentions: re.Pattern[str] | None = None

    def learn_rules(self, value: Any) -> None:
        """Take note of what configurations in plain data ask guests, and of the titles they give events."""
        if isinstance(value, list):
            for each in value:
                self.learn_rules(each)
        elif isinstance(value, Mapping):
            event, fields = value.get("event_booking"), value.get("additional_fields")
            if isinstance(event, Mapping) and isinstance(event.get("title"), str):
                self._public_titles |= {event["title"], f"[PENDING] {event['title']}"}
            if isinstance(fields, Mapping):
                self._fields.update({key: each for key, each in fields.items() if isinstance(each, Mapping)})
            for each in value.values():
                self.learn_rules(each)

    def learn_request(self, body: Any, operation: str | None) -> None:
        """Take note of whom the body of a request names, and of what it says beyond what is known of it."""
        known = BOOKING_KEYS.get(operation or "")
        if known is not None and isinstance(body, Mapping):
            for key, value in body.items():
                if key not in known:
                    self._strays.add(key)
                    for text in strings(value):
                        self._stand_in(text)
        self.learn(body)

    def learn(self, value: Any, key: str = "") -> None:
        """Take note of everybody whom plain data names."""
        if isinstance(value, Mapping):
            self._learn_mapping(value)
            for below, each in value.items():
                self.learn(each, below)
        elif isinstance(value, list | tuple):
            for each in value:
                self.learn(each, key)
        elif isinstance(value, str):
            for found in EMAIL.findall(value) if "@" in value else ():
                self._email(found)
            if key in ANSWERS and value:
                self._stand_in(value)

    def learn_title(self, title: str) -> None:
        """Take note of what somebody called an event."""
        if title and title not in self._public_titles:
            self._titles.setdefault(title, f"Event {len(self._titles) + 1}")

    def data(self, value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            return {self.key(name): self._below(value, name, each, key) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(each, key) for each in value]
        return self.text(value, key) if isinstance(value, str) else value

    def text(self, value: str, key: str = "") -> str:
        if value in self._written and (key in ANSWERS or key in self._strays or key == "additional_fields"):
            return self._written[value]
        if key == "webhook_url":
            return self._receiver(value)
        if key in TEXTS:
            return self._mentioned(value)
        if key == RAW:
            return self._without_names(self._without_emails(value))
        return self._without_emails(value)

    def secret(self, value: str, kind: str) -> str:
        form = "00000000-0000-4000-8000-{:012}" if kind == "uuid" else "masked-{}"
        return self._secrets.setdefault((value, kind), form.format(len(self._secrets) + 1))

    def title(self, value: str) -> str:
        return self._titles.get(value) or self._mentioned(value)

    def _learn_mapping(self, value: Mapping[str, Any]) -> None:
        email, name = value.get("email"), value.get("name")
        if isinstance(email, str) and isinstance(name, str) and name and "@" not in name:
            self._name(name, self._email(email))
        answers = value.get("additional_fields")
        if isinstance(answers, Mapping):
            for key, answer in answers.items():
                self._learn_answer(key, answer)

    def _learn_answer(self, key: str, answer: Any) -> None:
        if not isinstance(answer, str) or not answer or answer in self._written:
            return
        field = self._fields.get(key, {})
        kind, pattern = field.get("type", "text"), field.get("pattern") or ""
        if kind in CHOSEN or answer in (field.get("options") or ()):
            return
        if kind == "email" and EMAIL.fullmatch(answer):
            self._email(answer)
        else:
            self._stand_in(answer, str(pattern), kind == "phone_number")

    def _stand_in(self, answer: str, pattern: str = "", phone: bool = False) -> None:
        """A stand-in for what somebody wrote; it keeps to the pattern as far as the answer did."""
        number = len(self._written) + 1
        if not pattern:
            plain = f"+49 30 {5550000 + number}" if phone else f"Answer {number}"
            self._written.setdefault(answer, plain)
            return
        fits = _fits(pattern, answer)
        shapes = [_shape(answer, digit, lower, upper) for digit, lower, upper in ("1ax", "5aA", "0xX", "9zZ")]
        same = (each for each in [f"Answer {number}", *shapes] if _fits(pattern, each) == fits)
        self._written.setdefault(answer, next(same, shapes[0]))

    def child(self, value: Mapping[str, Any], key: str, text: str, above: str) -> str:
        if key == "name" and "email" in value and text in self._names:
            return self._names[text]
        if above == "additional_fields":
            return self._written.get(text) or self._without_emails(text)
        if key == "title" and above in ("data", "event"):
            return self.title(text)
        return self.text(text, key)

    def key(self, key: str) -> str:
        return self._without_emails(key)

    def _below(self, value: Mapping[str, Any], key: str, each: Any, above: str) -> Any:
        return self.child(value, key, each, above) if isinstance(each, str) else self.data(each, key)

    def _email(self, email: str) -> str:
        """The stand-in; its case is lost, as the API takes no notice of it."""
        return self._emails.setdefault(email.lower(), f"person-{len(self._emails) + 1}@example.com")

    def _name(self, name: str, email: str) -> None:
        if name in self._names:
            return
        number = email.partition("@")[0].removeprefix("person-")
        taken = set(self._names.values())
        wanted = f"Person {number}"
        while wanted in taken:
            wanted += "b"
        self._names[name] = wanted
        self._mentions = None

    def _mentioned(self, value: str) -> str:
        """A text in which names, e-mails and phone numbers are replaced."""
        if value in self._names:
            return self._names[value]
        value = self._without_names(self._without_emails(value))
        return PHONE.sub(lambda found: self._phone(found[0]), value)

    def _without_names(self, value: str) -> str:
        if self._mentions is None:
            names = sorted((each for each in self._names if len(each) >= SHORTEST_MENTION), key=len)
            self._mentions = re.compile(
                "|".join(rf"\b{re.escape(each)}\b" for each in reversed(names)) or r"(?!)"
            )
        return self._mentions.sub(lambda found: self._names[found[0]], value)

    def _phone(self, number: str) -> str:
        if number in self._phones.values():
            return number
        return self._phones.setdefault(number, f"+49 30 {5560001 + len(self._phones)}")

    def _without_emails(self, value: str) -> str:
        return EMAIL.sub(lambda found: self._email(found[0]), value) if "@" in value else value

    def _receiver(self, url: str) -> str:
        try:
            parts = urlsplit(url)
        except ValueError:
            return "https://receiver.example.com/"
        if (parts.hostname or "") in LOCAL:
            return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        if (parts.hostname or "").endswith(".example.com") and url in self._receivers.values():
            return url
        return self._receivers.setdefault(
            url, f"{parts.scheme or 'https'}://receiver-{len(self._receivers) + 1}.example.com/"
        )


def strings(value: Any) -> Iterator[str]:
    """All texts in plain data."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield value


def _shape(text: str, digit: str, lower: str, upper: str) -> str:
    return "".join(
        digit if each.isdigit() else upper if each.isupper() else lower if each.isalpha() else each
        for each in text
    )


def _fits(pattern: str, text: str) -> bool | None:
    """Whether all of the text matches a foreign pattern; None for one that nobody enforces."""
    matcher = whole_matcher(pattern)
    return None if matcher is None else matcher(text) is not None
