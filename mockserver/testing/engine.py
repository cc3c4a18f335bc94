"""The simulator behind the double: one application for the whole process, a sandbox for each double.

Everything heavy is imported here and nowhere else in this package, when the first double starts.
"""

import itertools
import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from sys import stderr
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit
from wsgiref.types import WSGIApplication

from flask import Response, g, request

from mockserver.app import MockApp, create_app
from mockserver.delivery.bringing import Reach
from mockserver.delivery.messenger import Messenger
from mockserver.faulting import is_dropped
from mockserver.sandbox import ClockSetting, Fault, Fired, Sandbox, Template, Unsettled
from mockserver.scenario import Scenario, load_scenario, parse_scenario
from mockserver.scenario.library import DEFAULT
from mockserver.settings import Settings
from mockserver.testing.freezing import time_is_frozen
from mockserver.testing.options import ScenarioSource

_FAULT = "mock.testing.fault"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the simulator answers. `delay` is how many seconds a fault has the caller wait for it.

    Dropped, nothing of it arrives. Where the body is shorter than announced, the connection broke.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    dropped: bool = False
    delay: float = 0.0

    @property
    def announced(self) -> int | None:
        """The length that the headers promise."""
        found = (value for name, value in self.headers if name.lower() == "content-length")
        return next((int(value) for value in found), None)


class Engine:
    """One sandbox, with requests answered and notifications brought in the caller's thread."""

    def __init__(
        self, source: ScenarioSource, base_url: str, reach: Reach, prepare: Callable[[Sandbox], None]
    ) -> None:
        """`prepare` gets the sandbox when it is made. Raises ScenarioError, TypeError for what is none."""
        self.scenario = scenario_of(source)
        self.base_url = base_url
        self.prefix = urlsplit(base_url).path.rstrip("/")
        self.messenger = Messenger(reach)
        self._prepare = prepare
        self._lock = threading.RLock()
        self._sandbox: Sandbox | None = None
        self._touched = False

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox, to work in.

        Where the test has stopped the time, it is made then, though it was looked at before: decorators stop
        the time after the fixtures. Its ids are the same.
        """
        if not self._touched:
            with self._lock:
                if self._sandbox is not None and not self._touched and time_is_frozen():
                    self.close()
                    self._sandbox = None
                self._touched = True
        return self.preview

    @property
    def preview(self) -> Sandbox:
        """The sandbox, to look at names and ids only. It is made at its first use."""
        if self._sandbox is None:
            with self._lock:
                if self._sandbox is None:
                    self._sandbox = self._made()
        return self._sandbox

    def _made(self) -> Sandbox:
        template: Template = Following(self.scenario) if time_is_frozen() else self.scenario
        sandbox = Sandbox(f"test-{next(_numbers)}", template, self.base_url, self.messenger.submit)
        self._prepare(sandbox)
        application().sandboxes.add(sandbox)
        return sandbox

    @property
    def made(self) -> bool:
        """Whether there is a sandbox yet."""
        return self._sandbox is not None

    def close(self) -> None:
        """Nothing more is sent; what there is can still be looked at."""
        if self._sandbox is not None:
            application().sandboxes.remove(self._sandbox.name)

    def answer(self, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
        """The answer to a request, after what had fallen due before it."""
        self.run_due()
        parts = urlsplit(url)
        environ = _environ(method, parts.path.removeprefix(self.prefix) or "/", parts.query, headers, body)
        environ["mock.sandbox"] = self.sandbox.name
        status, answered, content = _run(application().wsgi, environ)
        fault: Fault | None = environ.get(_FAULT)
        delay = 0.0 if fault is None else fault.effect.delay_ms / 1000
        return Answer(status, answered, content, is_dropped(environ), delay)

    def run_due(self) -> None:
        """Do what has fallen due by a clock that runs by itself."""
        sandbox = self.sandbox
        if sandbox.agenda.next_at() is not None:
            sandbox.run_due()

    def settle(self) -> None:
        """Do what has fallen due and bring what waits."""
        self.run_due()
        self.messenger.run()

    def advance(self, seconds: float) -> list[Fired]:
        """Move the clock forward, doing on the way what falls due. Raises ValueError, RuntimeError."""
        if seconds < 0:
            raise ValueError("advance: expected a duration that is not negative; a fresh double goes back")
        run = self.messenger.run
        try:
            if self.sandbox.clock.mode == "real":
                self.sandbox.set_clock("shifted", None, run)
            return self.sandbox.advance(seconds, run)
        except Unsettled:
            raise RuntimeError("advance: not while a notification is being brought") from None


@dataclass(frozen=True, slots=True)
class Following:
    """A scenario whose clock is the machine's, because the test has stopped that one."""

    scenario: Scenario
    clock = ClockSetting()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.scenario, name)


@cache
def application() -> MockApp:
    """The application, made once in a process. It waits for nothing, as it is stopping all the time."""
    app = create_app(Settings(control=False), template=_named(DEFAULT))
    app.stopping.set()
    app.flask.after_request(_note_fault)
    return app


def _note_fault(response: Response) -> Response:
    if "fault" in g:
        request.environ[_FAULT] = g.fault
    return response


def scenario_of(source: ScenarioSource) -> Scenario:
    """The scenario by packaged name or path, from data, or as it is; None for the starter world.

    Every one is read once in a process. Raises ScenarioError, TypeError.
    """
    if isinstance(source, Scenario):
        return source
    if source is None:
        return _named(DEFAULT)
    if isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        return _named(os.path.abspath(name) if os.path.exists(name) else name)  # noqa: PTH100, PTH110 - a text
    if not isinstance(source, Mapping):
        raise TypeError(
            f"scenario: expected a name, a path, a mapping or a Scenario, got {type(source).__name__}"
        )
    try:
        text = json.dumps(source)
    except (TypeError, ValueError):
        return parse_scenario(source, "scenario")  # which says what is wrong
    return _parsed(text)


@lru_cache(maxsize=64)
def _named(source: str) -> Scenario:
    return load_scenario([source])


@lru_cache(maxsize=64)
def _parsed(text: str) -> Scenario:
    return parse_scenario(json.loads(text), "scenario")


def _run(app: WSGIApplication, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started[:] = int(status[:3]), headers

    parts = app(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    return started[0], started[1], body


def _environ(
    method: str, path: str, query: str, headers: Iterable[tuple[str, str]], body: bytes
) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value
        elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            key = f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ["HTTP_HOST"] = "localhost"  # any other name the gateway would take for somebody else's
    return environ
