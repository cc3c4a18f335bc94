"""Sends requests to a target: politely, without ambient credentials, and remembering each of them."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from conformance.strangers.exchange import Exchange
from conformance.strangers.limits import Limits, NotAllowed
from conformance.strangers.secrets import Secrets

TIMEOUT = 30
"""Seconds for a connection and between two bytes."""
LARGEST = 16 * 1024 * 1024
"""Bytes of an answer that are read."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
HARMLESS = ("/v3/scheduling/sessions",)
"""Paths that write nothing that lasts: a session expires by itself."""


class Unreachable(Exception):
    """The target gave no answer that could be read."""


class Caller:
    """A client of one target. May be used from several threads.

    `base_url` may have a path. `pause` waits for so many seconds.
    """

    def __init__(
        self,
        base_url: str,
        limits: Limits,
        secrets: Secrets,
        *,
        headers: Mapping[str, str] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{base_url!r}: expected a URL like https://api.example.com")
        if parts.username or parts.password:
            raise ValueError("base URL: expected no user name or password in it")
        self.base_url = base_url.rstrip("/")
        self.limits = limits
        self.secrets = secrets
        self._headers = {name.lower(): value for name, value in (headers or {}).items()}
        self._pause = pause
        self.observe: Callable[[Exchange], None] | None = None
        """Gets every exchange, where it is set."""
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._lock = threading.Lock()
        self._next = 0.0
        self.sent = 0
        self.unanswered = 0
        """How many requests in a row got no answer."""

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        raw: bytes | None = None,
        bearer: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send one request and read its answer, whatever its status.

        `body` is sent as JSON, `raw` as it is. Raises Unreachable without an answer, NotAllowed where the
        request would write and may not.
        """
        sent = {**self._headers, **{name.lower(): value for name, value in (headers or {}).items()}}
        if bearer is not None:
            sent["authorization"] = f"Bearer {bearer}"
        content = raw
        if raw is None and body is not None:
            content = json.dumps(body, separators=(",", ":")).encode()
            sent.setdefault("content-type", "application/json")
        request = requests.Request(method, self.base_url + path, headers=sent, params=query, data=content)
        return self.send(request.prepare())

    def send(self, request: requests.PreparedRequest) -> Exchange:
        """Send a request that was made elsewhere, for the same target and with the same manners."""
        path = urlsplit(str(request.url)).path.removeprefix(urlsplit(self.base_url).path)
        self.require_permission(str(request.method), path)
        exchange = self._send(request)
        for _ in range(self.limits.most_retries):
            if exchange.status != 429:
                break
            self._obey(exchange)
            exchange = self._send(request)
        return exchange

    def require_permission(self, method: str, path: str) -> None:
        """Raise NotAllowed where a request would change something that lasts, and nobody permitted that."""
        harmless = method.upper() in READING or path.startswith(HARMLESS)
        if not harmless and not self.limits.allow_writes:
            raise NotAllowed(f"{method} {path} writes, and --allow-writes was not given")

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for session in self._sessions:
                session.close()

    def wait_for_turn(self) -> None:
        """Keep to the rate."""
        if not self.limits.rate:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now)
            self._next = turn + 1 / self.limits.rate
        if turn > now:
            self._pause(turn - now)

    def _send(self, request: requests.PreparedRequest) -> Exchange:
        self.wait_for_turn()
        at, begun = _wall_clock(), time.monotonic()
        try:
            with self._session().send(
                request, timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as response:
                answer = _limited(response)
        except requests.RequestException as error:
            with self._lock:
                self.unanswered += 1
            reason = self.secrets.mask(str(error))
            raise Unreachable(f"{request.method} {request.path_url.partition('?')[0]}: {reason}") from None
        body = request.body or b""
        exchange = Exchange(
            method=str(request.method),
            url=str(request.url),
            headers={name.lower(): str(value) for name, value in request.headers.items()},
            body=body.encode() if isinstance(body, str) else bytes(body),
            status=response.status_code,
            answer_headers={name.lower(): value for name, value in response.headers.items()},
            answer=answer,
            at=at,
            seconds=time.monotonic() - begun,
        )
        with self._lock:
            self.sent += 1
            self.unanswered = 0
        if self.observe is not None:
            self.observe(exchange)
        return exchange

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False  # no proxies, no .netrc: credentials come from the settings only
            with self._lock:
                self._sessions.append(session)
        return session

    def _obey(self, exchange: Exchange) -> None:
        seconds = retry_after(exchange)
        if seconds > self.limits.longest_pause:
            raise Unreachable(f"the target asks for a pause of {seconds:.0f} seconds (429)")
        self._pause(seconds)


def retry_after(exchange: Exchange) -> float:
    """Seconds to wait after a 429: what `Retry-After` says, as seconds or as a date; else one."""
    text = exchange.answer_headers.get("retry-after", "")
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - exchange.at)
    except (TypeError, ValueError):
        return 1.0


def _limited(response: requests.Response) -> bytes:
    found = bytearray()
    for chunk in response.iter_content(65536):
        found += chunk
        if len(found) > LARGEST:
            raise requests.RequestException(f"the answer has more than {LARGEST} bytes")
    return bytes(found)


def _wall_clock() -> float:
    return time.time()  # noqa: TID251 -- a target has no sandbox
