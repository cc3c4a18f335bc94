"""What a double shows of its world and of what happened: typed, immutable, with short representations.

Times named `…_time` are Unix seconds, as the API has them; the others are datetimes in UTC.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar, overload

SHOWN_ID = 8


class Record(Protocol):
    """One of the things that a double shows."""

    def goes_by(self, kind: str) -> bool:
        """Whether `of(kind)` means it."""


R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Kinds:
    """What records can be of, whether there are such or not; `expected` says it in words."""

    expected: str
    include: Callable[[str], bool]


class Records(Sequence[R], Generic[R]):
    """Some records, oldest first."""

    def __init__(self, records: Sequence[R] = (), what: str = "records", kinds: Kinds | None = None) -> None:
        self._records = tuple(records)
        self._what = what
        self._kinds = kinds

    def of(self, *kinds: str) -> "Records[R]":
        """Those of these kinds; what a kind is depends on the records. Raises ValueError for what is none."""
        chosen = [each for each in self._records if any(each.goes_by(kind) for kind in kinds)]
        for kind in kinds:
            self._check(kind)
        return Records(chosen, f"{self._what} of {', '.join(kinds)}", self._kinds)

    def _check(self, kind: str) -> None:
        known = self._kinds
        if known is not None and not known.include(kind) and not any(each.goes_by(kind) for each in self):
            raise ValueError(f"{self._what} of {kind!r}: expected {known.expected}")

    def one(self) -> R:
        """The only one there is. Raises AssertionError when there are more or none."""
        if len(self._records) != 1:
            listed = "".join(f"\n  {each!r}" for each in self._records) or " none"
            raise AssertionError(f"expected exactly one of the {self._what}, there are{listed}")
        return self._records[0]

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> "Records[R]": ...
    def __getitem__(self, index: int | slice) -> "R | Records[R]":
        if isinstance(index, slice):
            return Records(self._records[index], self._what, self._kinds)
        return self._records[index]

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[R]:
        return iter(self._records)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._records == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self._records))}]"


@dataclass(frozen=True)
class Person:
    """Somebody with an e-mail address; `name` may be empty."""

    email: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


@dataclass(frozen=True)
class Slot:
    """A time that can be booked, and the e-mails of those who are free then."""

    start_time: int
    end_time: int
    emails: tuple[str, ...] = ()

    @property
    def start(self) -> datetime:
        return moment(self.start_time)

    @property
    def end(self) -> datetime:
        return moment(self.end_time)

    def __repr__(self) -> str:
        return f"<Slot {span(self.start_time, self.end_time)}>"


@dataclass(frozen=True)
class Configuration:
    """What can be booked. `name` is the scenario's; `body` is what the API shows."""

    id: str
    name: str
    slug: str
    duration_minutes: int
    organizer: Person
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Grant:
    """Access to a person's calendars. `name` is the scenario's."""

    id: str
    name: str
    email: str
    provider: str
    status: str


@dataclass(frozen=True)
class Webhook:
    """Where notifications go, and the secret they are signed with."""

    id: str
    url: str
    secret: str = field(repr=False)
    trigger_types: tuple[str, ...] = ()
    status: str = "active"


@dataclass(frozen=True, repr=False)
class Booking:
    """A booking. Of a kind are those with a status (`booked`) or of a configuration (`intro`)."""

    id: str
    status: str
    start_time: int
    end_time: int
    guest: Person
    organizer: Person
    configuration: Configuration
    event_id: str
    reference: str
    salt: str
    timezone: str
    additional_guests: tuple[Person, ...] = ()
    additional_fields: Mapping[str, str] = field(default_factory=dict)
    cancellation_reason: str = ""

    @property
    def start(self) -> datetime:
        return moment(self.start_time)

    @property
    def end(self) -> datetime:
        return moment(self.end_time)

    def goes_by(self, kind: str) -> bool:
        return kind in (
            self.status,
            self.configuration.name,
            self.configuration.slug,
            self.configuration.id,
        )

    def __repr__(self) -> str:
        when = span(self.start_time, self.end_time)
        what = self.configuration.name or self.configuration.id
        return f"<Booking {self.id[:SHOWN_ID]} {self.status}: {what}, {when}, {self.guest}>"


@dataclass(frozen=True, repr=False)
class Event:
    """An event on a calendar. Of a kind are those of a person (`alice`, or the e-mail) or with a status."""

    id: str
    title: str
    start_time: int
    end_time: int
    status: str
    busy: bool
    owner: Grant
    calendar_id: str
    description: str = ""
    location: str = ""
    participants: tuple[Person, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    ical_uid: str = ""

    @property
    def start(self) -> datetime:
        return moment(self.start_time)

    @property
    def end(self) -> datetime:
        return moment(self.end_time)

    def goes_by(self, kind: str) -> bool:
        return kind in (self.owner.name, self.owner.email, self.owner.id, self.status)

    def __repr__(self) -> str:
        when, who = span(self.start_time, self.end_time), self.owner.name or self.owner.email
        return f"<Event {self.title!r} {self.status}: {who}, {when}>"


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail."""

    filename: str
    content_type: str
    body: str = field(repr=False)


@dataclass(frozen=True, repr=False)
class Mail:
    """A mail. Of a kind are those of a type (`booking_confirmed`) or to an address."""

    id: str
    type: str
    at: datetime
    to: str
    sender: str
    subject: str
    text: str
    html: str
    links: Mapping[str, str | None]
    attachments: tuple[Attachment, ...] = ()

    def goes_by(self, kind: str) -> bool:
        return kind in (self.type, self.to)

    def __repr__(self) -> str:
        return f"<Mail {self.type} to {self.to}: {self.subject!r}>"


@dataclass(frozen=True)
class Attempt:
    """One try to bring a notification. `status` is what the receiver answered, if it did."""

    n: int
    at: datetime
    status: int | None
    error: str | None
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Delivery:
    """A notification on its way to one webhook: `queued`, `delivered`, `retrying`, `failed` or `dropped`."""

    url: str
    status: str
    attempts: tuple[Attempt, ...] = ()
    next_attempt: datetime | None = None


@dataclass(frozen=True, repr=False)
class Notification:
    """A notification. Of a kind are those of a type (`booking.created`) or about a booking's id.

    `object` is `data.object` of the payload. Without a webhook that wants it, it has no deliveries.
    """

    id: str
    type: str
    at: datetime
    payload: Mapping[str, Any]
    deliveries: tuple[Delivery, ...] = ()

    @property
    def object(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.payload["data"]["object"]
        return found

    @property
    def booking_id(self) -> str:
        return str(self.object.get("booking_id", ""))

    @property
    def delivered(self) -> bool:
        """Whether every webhook that wants it has taken it, and there was one."""
        return bool(self.deliveries) and all(each.status == "delivered" for each in self.deliveries)

    def goes_by(self, kind: str) -> bool:
        return kind in (self.type, self.booking_id)

    def __repr__(self) -> str:
        told = ", ".join(f"{each.status} after {len(each.attempts)}" for each in self.deliveries)
        return f"<Notification {self.type} {self.booking_id[:SHOWN_ID]}: {told or 'no webhook'}>"


@dataclass(frozen=True, repr=False)
class Request:
    """A request and its answer, credentials masked. Of a kind are those of `POST /v3/…`, a method or a path.

    In a path `{name}` stands for one segment. `status` is None where a fault had nothing be done.
    """

    id: str
    at: datetime
    method: str
    path: str
    query: Mapping[str, str]
    status: int | None
    headers: Mapping[str, str]
    body: str
    answer_headers: Mapping[str, str]
    answer_body: str
    fault: str | None = None

    @property
    def json(self) -> Any:
        """The body, parsed; None without one."""
        return json.loads(self.body) if self.body else None

    @property
    def answer(self) -> Any:
        """The answer's body, parsed; None without one."""
        return json.loads(self.answer_body) if self.answer_body else None

    def goes_by(self, kind: str) -> bool:
        method, _, path = kind.rpartition(" ")
        if not path.startswith("/"):
            return kind.upper() == self.method
        steps = ["[^/]+" if step[:1] == "{" else re.escape(step) for step in path.split("/")]
        return method.strip().upper() in ("", self.method) and bool(re.fullmatch("/".join(steps), self.path))

    def __repr__(self) -> str:
        fault = f" by {self.fault}" if self.fault else ""
        return f"<Request {self.method} {self.path}: {self.status or 'no answer'}{fault}>"


@dataclass(frozen=True)
class Fired:
    """Something that fell due while time advanced. Of a kind are `delivery`, a retry, and `reminder`."""

    at: datetime
    kind: str
    id: str

    def goes_by(self, kind: str) -> bool:
        return kind == self.kind


@dataclass(frozen=True)
class WebhookRequest:
    """What a webhook's receiver gets: POST these headers and these very bytes to your own view."""

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @cached_property
    def json(self) -> Any:
        """The payload, unpacked where it came compressed."""
        packed = self.headers.get("Content-Encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if packed else self.body)

    @property
    def type(self) -> str:
        return str(self.json["type"])


def moment(seconds: float) -> datetime:
    """The datetime in UTC of Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def span(start: int, end: int) -> str:
    """Two times, as a representation shows them."""
    begin, until = moment(start), moment(end)
    same_day = begin.date() == until.date()
    return f"{begin:%a %Y-%m-%d %H:%M}-{until.strftime('%H:%M' if same_day else '%a %Y-%m-%d %H:%M')} UTC"
