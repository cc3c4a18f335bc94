"""Replays against the mock: a fresh sandbox in this process, no socket, nothing leaves unless it is to."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import quote, urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.test import EnvironBuilder

from mockserver.api.webhooks import ASK
from mockserver.app import MockApp, create_app
from mockserver.control.showing import mail
from mockserver.delivery import Postman
from mockserver.delivery.messenger import Messenger
from mockserver.delivery.receivers import Ask, ask, hold
from mockserver.domain.links import reference_of
from mockserver.domain.world import World
from mockserver.faulting import is_cut
from mockserver.gateway import PREFIX
from mockserver.replaying.matching import LAST_SECOND
from mockserver.replaying.results import Answer, Sent
from mockserver.replaying.scope import Unresolved
from mockserver.replaying.targets import CannotDo, NoAnswer
from mockserver.sandbox import ClockError, ClockSetting, Sandbox, Unsettled
from mockserver.sandbox.sandbox import keep_only
from mockserver.scenario import Scenario
from mockserver.scenario.references import Reference
from mockserver.settings import Settings

BASE_URL = "http://localhost:8080"
"""What links begin with; nothing listens there."""

DEFAULT_NOW = 1_772_442_000
"""Monday, 2 March 2026, 09:00 UTC: where the clock stands if the scenario would take the machine's."""

_numbers = itertools.count(1)


class Mock:
    """One sandbox, as a context manager. Its clock stands; faults that delay are not waited for.

    With `deliver`, notifications go to the webhooks and challenges are put to them; else all of them count as
    received. With `smtp` (host and port), mails are sent there.
    """

    def __init__(
        self, scenario: Scenario, deliver: bool = False, smtp: tuple[str, int] | None = None
    ) -> None:
        clock = scenario.clock
        now = DEFAULT_NOW if clock.now is None else clock.now
        reach = ask if deliver else hold
        self.now = int(now)
        self._app = application(deliver)
        self._messenger = Messenger(
            lambda webhook, headers, body: reach("POST", webhook.url, headers=headers, body=body)
        )
        self._postman = Postman(*smtp) if smtp and deliver else None
        self.sandbox = Sandbox(
            f"replay-{next(_numbers)}",
            scenario.with_clock(ClockSetting("frozen", now)),
            BASE_URL,
            self._messenger.submit,
            post=self._postman.submit if self._postman else keep_only,
        )
        self._app.sandboxes.add(self.sandbox)
        self.values = values_of(self.sandbox.world)
        self._seen = self.sandbox.outbox.cursor()
        self._mails_seen = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._messenger.run()
        self._app.sandboxes.remove(self.sandbox.name)
        if self._postman is not None:
            self._postman.stop(10.0)

    def look_up(self, reference: Reference) -> Any:
        try:
            return self.values[reference.section, reference.name, reference.field]
        except KeyError:
            raise Unresolved(f"{reference}: there is no such value") from None

    def send(self, request: Sent) -> Answer:
        try:
            return self._run(request)
        finally:
            self._messenger.run()

    def notifications(self) -> Sequence[Mapping[str, Any]]:
        outbox = self.sandbox.outbox
        new, self._seen = outbox.since(self._seen), outbox.cursor()
        by_id = {each.notification.id: each.notification for each in new}
        return [each.envelope(1) for each in by_id.values()]

    def mails(self) -> Sequence[Mapping[str, Any]]:
        new = list(self.sandbox.outbox.mails)[self._mails_seen :]
        self._mails_seen += len(new)
        return [mail(each) for each in new]

    def advance(self, seconds: int) -> None:
        self.move_to(self.sandbox.clock.now() + seconds)

    def move_to(self, now: int) -> None:
        if now >= LAST_SECOND:
            raise CannotDo("expected a time that is not beyond the year 2199")
        try:
            self.sandbox.set_clock("frozen", now, self._messenger.run)
        except ClockError as error:
            raise CannotDo(str(error)) from error
        except Unsettled:
            raise CannotDo("something is still on its way to a webhook") from None

    def fill(self, calendar: str, title: str, start: int, end: int, busy: bool) -> str:
        event = {"calendar": calendar, "title": title, "start_time": start, "end_time": end, "busy": busy}
        return str(self._control("POST", "events", event)["id"])

    def free(self, event_id: str, calendar: str | None) -> None:
        query = "" if calendar is None else f"?calendar={quote(calendar, safe='')}"
        self._control("DELETE", f"events/{quote(event_id, safe='')}{query}")

    def add_fault(self, fault: Mapping[str, Any]) -> None:
        self._control("POST", "faults", fault)

    def clear_faults(self) -> None:
        self._control("DELETE", "faults")

    def _control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A call of the control plane. Raises CannotDo."""
        url = f"{PREFIX}{self.sandbox.name}/_mock/{path}"
        content = b"" if body is None else json.dumps(body).encode()
        answer = self._run(Sent(method, url, {"Content-Type": "application/json"}, content))
        found = answer.content
        if answer.status != 200:
            error = found["error"]
            raise CannotDo(": ".join(each for each in (error.get("path"), error["message"]) if each))
        self._messenger.run()
        return found

    def _run(self, request: Sent) -> Answer:
        parts = urlsplit(request.url)
        builder = EnvironBuilder(
            path=parts.path,
            base_url=BASE_URL,
            query_string=parts.query,
            method=request.method,
            headers=list(request.headers.items()),
            data=request.body or None,
        )
        environ = builder.get_environ()
        builder.close()
        environ.setdefault("mock.sandbox", self.sandbox.name)
        answer = _answer(self._app.wsgi, environ)
        if is_cut(environ):
            raise NoAnswer("the connection was closed")
        return answer


@cache
def application(deliver: bool) -> MockApp:
    """The application that all replays of a process share. It is stopping all the time: nothing waits."""
    sending: Ask = ask if deliver else hold
    app = create_app(Settings(port=8080))
    app.flask.extensions[ASK] = sending
    app.stopping.set()
    return app


def _answer(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """What the application answers. Not by way of werkzeug's client, which hands on a copy of `environ`."""
    status, answered = "", dict[str, str]()

    def start(line: str, headers: list[tuple[str, str]], exc: Any = None) -> Callable[[bytes], Any]:
        nonlocal status
        status = line
        answered.update(headers)
        return lambda part: None

    content = app(environ, cast("StartResponse", start))
    try:
        return Answer(int(status[:3]), answered, b"".join(content))
    finally:
        close = getattr(content, "close", None)
        if close is not None:
            close()


def values_of(world: World) -> dict[tuple[str, str, str], Any]:
    """All that steps may refer to in a new world, by section, local name and field."""
    application = world.application
    found: dict[tuple[str, str, str], Any] = {
        ("application", "", "client_id"): application.client_id,
        ("application", "", "api_key"): application.api_key,
    }
    for section, names in world.names.items():
        for name, id in names.items():
            found[section, name, "id"] = id
            for field, value in _fields(world, section, id).items():
                found[section, name, field] = value
    return found


def _fields(world: World, section: str, id: str) -> dict[str, Any]:
    if section == "grants":
        return {"email": world.grants[id].email}
    if section == "configurations":
        return {"slug": world.configurations[id].slug}
    if section == "bookings":
        booking = world.bookings[id]
        return {
            "salt": booking.salt,
            "booking_ref": reference_of(booking),
            "event_id": booking.event_id,
        }
    return {"secret": world.webhooks[id].secret} if section == "webhooks" else {}
