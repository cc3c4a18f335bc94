"""`NylasMock`: the provider's API answered inside the test's process.

Nothing heavy is imported before the first one starts, so that the pytest plugin costs nothing where it isn't
used; hence the imports inside the functions here.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Self, TypeVar

from mockserver.testing.decorating import running_inside
from mockserver.testing.options import (
    PROVIDER_URLS,
    Door,
    Hosts,
    MissingPackage,
    OnNotification,
    OtherHosts,
    ScenarioSource,
)
from mockserver.testing.records import (
    Booking,
    Configuration,
    Event,
    Fired,
    Grant,
    Mail,
    Notification,
    Records,
    Request,
    Slot,
    Webhook,
    WebhookRequest,
    moment,
)

if TYPE_CHECKING:
    import httpx

    from mockserver.delivery.receivers import Answer as Received
    from mockserver.domain.world import Webhook as WorldWebhook
    from mockserver.sandbox import Sandbox
    from mockserver.testing.engine import Answer, Engine

P = ParamSpec("P")
T = TypeVar("T")

Moment = datetime | int | float | str
"""A time: a datetime with a zone, Unix seconds, or RFC 3339."""

WEBHOOK_SECRET = "nylas-mock-webhook-secret"  # noqa: S105 - made up, the same for everybody
"""What notifications for `on_notification` are signed with."""

OWN_WEBHOOK = Webhook("nylas-mock-on-notification", "https://on-notification.example/", WEBHOOK_SECRET)
"""The webhook that stands for `on_notification`."""

INJECTED = "nylas_mock"
"""The argument by which a decorated function gets the double, if it has one of that name."""


class NylasMock:
    """A double of the provider for as long as it runs: a context manager, and a decorator for functions.

    `requests` (so the official SDK) and, where it is installed, `httpx` reach the simulator at the provider's
    hosts and at `base_url`. Everything happens in the thread that makes the request; nothing is listened on.

    >>> with NylasMock() as nylas:
    ...     client = Client(nylas.api_key)
    """

    def __init__(
        self,
        scenario: ScenarioSource = None,
        *,
        base_url: str | None = None,
        other_hosts: OtherHosts = "refuse",
        on_notification: OnNotification | None = None,
        deliver_at_once: bool = True,
    ) -> None:
        """`scenario` is a packaged one's name, a path, or data; None is the starter world.

        `other_hosts` says what becomes of requests that are not the provider's. With `deliver_at_once` a
        request returns when the notifications that it set off were brought, else `deliver` brings them.
        """
        if other_hosts not in ("refuse", "pass"):
            raise ValueError(f"other_hosts: expected refuse or pass, got {other_hosts!r}")
        _check_receiver(on_notification)
        if base_url is not None and not base_url.lower().startswith(("http://", "https://")):
            raise ValueError(f"base_url: expected an http or https URL, got {base_url!r}")
        self._source = scenario
        self._other_hosts: OtherHosts = other_hosts
        self._on_notification = on_notification
        self._receiver_errors: list[Exception] = []
        self._engine: Engine | None = None
        self._doors: list[Door] = []
        self._open = ExitStack()
        self.api_url = (base_url or PROVIDER_URLS[0]).rstrip("/")
        self.deliver_at_once = deliver_at_once
        self._hosts = Hosts(tuple(dict.fromkeys((self.api_url.lower(), *PROVIDER_URLS))))

    def start(self) -> Self:
        """Begin to answer, with a fresh sandbox. Raises ScenarioError, RuntimeError if it runs already."""
        from mockserver.testing.engine import Engine
        from mockserver.testing.through_requests import RequestsDoor

        if self._doors:
            raise RuntimeError("this NylasMock runs already")
        self._engine = Engine(self._source, self.api_url, self._reach, self._prepare)
        self._receiver_errors.clear()
        doors: list[Door] = [RequestsDoor(self._hosts, self._exchange, self._other_hosts)]
        if _httpx_is_installed():
            from mockserver.testing.through_httpx import HttpxDoor

            doors.append(HttpxDoor(self._hosts, self._exchange, self._other_hosts))
        with ExitStack() as opened:
            for door in doors:
                door.open()
                opened.callback(door.close)
            self._open = opened.pop_all()
        self._doors = doors
        return self

    def stop(self) -> None:
        """Answer no more. What happened can still be looked at."""
        self._open.close()
        self._doors = []
        if self._engine is not None:
            self._engine.close()

    @contextmanager
    def running(self) -> Iterator[Self]:
        """As the double itself in a with statement, but for what `on_notification` raised: ask `check`."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    @property
    def started(self) -> bool:
        """Whether it runs, or did."""
        return self._engine is not None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if error is None:
            self.check()

    def __call__(self, function: Callable[P, T]) -> Callable[..., T]:
        """Have a function run inside a double of its own; it gets it as `nylas_mock`, if it wants to."""
        return running_inside(function, INJECTED, self._anew)

    def _anew(self) -> "NylasMock":
        return NylasMock(
            self._source,
            base_url=self.api_url,
            other_hosts=self._other_hosts,
            on_notification=self._on_notification,
            deliver_at_once=self.deliver_at_once,
        )

    # What clients have to know.

    @property
    def api_key(self) -> str:
        """The API key of the scenario's application."""
        return self._running.preview.world.application.api_key

    @property
    def client_id(self) -> str:
        """The client id of the scenario's application."""
        return self._running.preview.world.application.client_id

    @property
    def scenario(self) -> str:
        """The name of the scenario."""
        return self._running.scenario.name

    def configuration(self, name: str | None = None) -> Configuration:
        """A configuration by local name, slug or id; without one, the only one. Raises LookupError."""
        from mockserver.testing import acting

        return acting.configured(self._running.preview, name)

    def grant(self, name: str) -> Grant:
        """A grant by local name, e-mail or id. Raises LookupError."""
        from mockserver.testing import acting

        return acting.grant(self._running.preview, name)

    def free_slots(
        self, configuration: str | None = None, *, start: Moment | None = None, days: float = 14
    ) -> list[Slot]:
        """The times that can be booked, from now or from `start` on. Raises LookupError, ValueError."""
        from mockserver.testing import acting

        return acting.free_slots(self._sandbox, configuration, start, days)

    # What happened.

    @property
    def bookings(self) -> Records[Booking]:
        """All bookings, in the order in which they were made; those of the scenario come first."""
        from mockserver.testing import kinds, showing

        sandbox = self._settled
        return Records(showing.bookings(sandbox), "bookings", kinds.of_bookings(sandbox))

    @property
    def events(self) -> Records[Event]:
        """The events of all calendars, by start."""
        from mockserver.testing import kinds, showing

        sandbox = self._settled
        return Records(showing.events(sandbox), "events", kinds.of_events(sandbox))

    @property
    def mail(self) -> Records[Mail]:
        """The mails that were sent, oldest first."""
        from mockserver.testing import kinds, showing

        return Records(showing.mails(self._settled), "mails", kinds.MAILS)

    @property
    def notifications(self) -> Records[Notification]:
        """The notifications, oldest first, whether a webhook wants them or not."""
        from mockserver.testing import kinds, showing

        return Records(showing.notifications(self._settled), "notifications", kinds.NOTIFICATIONS)

    @property
    def requests(self) -> Records[Request]:
        """The requests to the API and their answers, oldest first, credentials masked."""
        from mockserver.testing import kinds, showing

        return Records(showing.requests(self._settled), "requests", kinds.REQUESTS)

    # What the test does.

    def fail_next(
        self,
        what: str,
        *,
        status: int | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        delay_ms: int | None = None,
        drop: Literal["before", "after"] | None = None,
        truncate: bool = False,
        duplicate: bool = False,
        reorder: bool = False,
        times: int | None = 1,
        after: int = 0,
    ) -> str:
        """Have the next call go wrong: with 503 unless something else is said. Answers with the fault's id.

        `what` is `POST /v3/scheduling/bookings` (`{name}` stands for a segment), an operation of the contract
        (`createBooking`), or a notification's type, then its delivery goes wrong. The first `after` calls
        pass; `times` None is for good. Raises ValueError.
        """
        from mockserver.testing import acting

        given = {
            "status": status,
            "body": body,
            "headers": headers,
            "delay_ms": delay_ms,
            "drop": drop,
            "truncate": truncate or None,
            "duplicate": duplicate or None,
            "reorder": reorder or None,
        }
        effect = {key: value for key, value in given.items() if value is not None}
        return acting.fail_next(self._sandbox, what, effect or {"status": 503}, times, after)

    def take_slot(
        self,
        slot: Slot | Mapping[str, Any] | Moment,
        end: Moment | None = None,
        *,
        calendar: str | None = None,
        configuration: str | None = None,
        title: str = "Busy",
    ) -> Event:
        """Have somebody else take a time: a slot, or a start with `end` or for as long as a booking is.

        In `calendar` (`alice`, an e-mail, `alice/work`), else in the one that bookings of the configuration
        are written to; that may be left out where there is only one. Raises LookupError, ValueError.
        """
        from mockserver.testing import acting

        return acting.take_slot(self._sandbox, slot, end, calendar, configuration, title)

    def expire_grant(self, name: str) -> None:
        """Let a grant expire, by local name, e-mail or id. Raises LookupError."""
        from mockserver.testing import acting

        acting.expire(self._sandbox, name)

    def subscribe(self, url: str, *triggers: str) -> Webhook:
        """Have notifications sent to a URL, without a challenge: all, or those of the types named."""
        from mockserver.testing import acting

        return acting.subscribe(self._sandbox, url, triggers)

    def let_pass(self, url: str) -> None:
        """Let requests to URLs that begin so through, though other hosts are refused."""
        for door in self._doors:
            door.let_pass(url)

    @property
    def now(self) -> datetime:
        """What time it is in the sandbox."""
        return moment(self._sandbox.clock.exact())

    def advance(
        self,
        delta: timedelta | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> Records[Fired]:
        """Let time pass, and what falls due happen: retries and reminders. Answers with what did.

        A clock that followed the machine's goes on from there. Raises ValueError for steps back.
        """
        from mockserver.testing import showing

        total = (delta or timedelta()) + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        fired = self._running.advance(total.total_seconds())
        self.check()
        return Records([showing.fired(each) for each in fired], "things that fell due")

    def deliver(self) -> None:
        """Bring the notifications that wait, and do what has fallen due."""
        self._running.settle()
        self.check()

    @property
    def on_notification(self) -> OnNotification | None:
        """Whom notifications are handed to, signed with `webhook_secret`. Webhooks get theirs all the same.

        What it raises is raised when the double ends, or by `advance`, `deliver` and `check`, not by the
        request that set the notification off.
        """
        return self._on_notification

    @on_notification.setter
    def on_notification(self, receiver: OnNotification | None) -> None:
        from mockserver.testing import acting

        _check_receiver(receiver)
        self._on_notification = receiver
        if self._engine is not None and self._engine.made:
            acting.unsubscribe(self._engine.preview, OWN_WEBHOOK.id)
            self._prepare(self._engine.preview)

    @property
    def webhook_secret(self) -> str:
        """What notifications for `on_notification` are signed with."""
        return WEBHOOK_SECRET

    def check(self) -> None:
        """Raise what `on_notification` raised, the first of it."""
        if self._receiver_errors:
            first = self._receiver_errors[0]
            self._receiver_errors.clear()
            raise first

    def httpx_transport(self) -> "httpx.BaseTransport":
        """A transport for `httpx.Client` and `httpx.AsyncClient` that leads here, whatever the host.

        Raises MissingPackage.
        """
        if not _httpx_is_installed():
            raise MissingPackage("httpx is not installed, and httpx_transport() needs it: pip install httpx")
        from mockserver.testing.through_httpx import Transport

        return Transport(self._exchange)

    def report(self) -> str:
        """What happened, as text for a person, secrets masked; what a failing test shows."""
        from mockserver.testing.report import report

        return report(self.scenario, self._sandbox)

    def __repr__(self) -> str:
        if self._engine is None:
            return "<NylasMock, not started>"
        return f"<NylasMock {self.scenario!r} at {self.api_url}{'' if self._doors else ', stopped'}>"

    # How it works.

    @property
    def _running(self) -> "Engine":
        if self._engine is None:
            raise RuntimeError("this NylasMock hasn't begun: use it in a with statement, or call start()")
        return self._engine

    @property
    def _sandbox(self) -> "Sandbox":
        return self._running.sandbox

    @property
    def _settled(self) -> "Sandbox":
        """The sandbox, when what has fallen due was done."""
        if self._doors:
            self._running.run_due()
            if self.deliver_at_once:
                self._running.messenger.run()
        return self._sandbox

    def _exchange(
        self, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes, /
    ) -> "Answer":
        answer = self._running.answer(method, url, headers, body)
        if self.deliver_at_once:
            self._running.messenger.run()
        return answer

    def _prepare(self, sandbox: "Sandbox") -> None:
        """What a fresh sandbox needs beside its scenario."""
        from mockserver.testing import acting

        if self._on_notification is not None:
            acting.subscribe(sandbox, OWN_WEBHOOK.url, (), OWN_WEBHOOK)

    def _reach(self, webhook: "WorldWebhook", headers: Mapping[str, str], body: bytes) -> "Received":
        """Bring a notification to where the webhook is. Raises Unanswered."""
        from mockserver.delivery.receivers import Answer, Reason, Unanswered, ask

        receiver = self._on_notification
        if webhook.id != OWN_WEBHOOK.id or receiver is None:
            return ask("POST", webhook.url, headers=headers, body=body)
        try:
            answered = receiver(WebhookRequest(webhook.url, dict(headers), body))
            return Answer(_status(answered), dict(getattr(answered, "headers", None) or {}), b"")
        except Exception as error:
            self._receiver_errors.append(error)
            raise Unanswered(Reason.CLOSED) from error


@functools.cache
def _httpx_is_installed() -> bool:
    return find_spec("httpx") is not None


def _check_receiver(receiver: object) -> None:
    if receiver is not None and not callable(receiver):
        raise TypeError(f"on_notification: expected a function of one argument, got {receiver!r}")


def _status(answered: object) -> int:
    """The status that a receiver's answer means. Raises TypeError."""
    status = 200 if answered is None else getattr(answered, "status_code", answered)
    if isinstance(status, bool) or not isinstance(status, int):
        raise TypeError(
            "on_notification: expected a status, a response with a status_code, or None for 200, "
            f"got {type(answered).__name__}"
        )
    return status
