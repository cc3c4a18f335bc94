"""The HTTP client for webhook receivers: what they may be, and how long they may take.

`requests` without its session: no redirects, no proxy or netrc from the environment, no cookies. The
`responses` library can still stand in for the receiver.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import parse_url
from urllib3.util.ssl_ import create_urllib3_context

from mockserver import __version__
from mockserver.delivery.addresses import Deadline, ForbiddenAddress, TimedSocket, connect, is_allowed
from mockserver.domain.errors import refuse

RECEIVER_SECONDS = 10.0
"""How long a receiver has for its whole answer, connecting included; real time."""

READ_BYTES = 64 * 1024
"""How much of an answer is read before it counts as complete."""

USER_AGENT = f"nylas-bookings-double/{__version__}"


class Reason(StrEnum):
    """Why there was no complete answer, in words that may be shown: nothing of the network is told."""

    NOT_ALLOWED = "url or address is not allowed"
    COULD_NOT_CONNECT = "could not connect"
    CLOSED = "connection closed, or no proper answer"
    TIMED_OUT = "no complete answer in time"


class Unanswered(Exception):
    """A receiver gave no complete answer. `status` is set where it at least began one."""

    def __init__(self, reason: Reason, status: int | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered; `body` is cut at what was asked for. Header names compare in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Ask(Protocol):
    """Sends one request to a receiver, as `ask` does."""

    def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limit: float = ...,
        read: int = ...,
    ) -> Answer: ...


def check_url(url: str) -> None:
    """Raise Refusal `webhook_unverified` unless this may be a receiver's URL."""
    if not url:
        raise refuse("webhook_unverified", "input webhook url is empty")
    if not _is_url(url):
        raise refuse("webhook_unverified", "expected an http or https URL with a host and without user info")
    if not _is_literal_allowed(url):
        raise refuse("webhook_unverified", "this address is not allowed")


def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    body: bytes | None = None,
    limit: float = RECEIVER_SECONDS,
    read: int = READ_BYTES,
) -> Answer:
    """Send one request and return the answer to it, whatever its status; `query` adds to the URL's own.

    Everything together takes at most `limit` seconds of real time; of the body at most `read` bytes are
    read, as they come, not unpacked. Raises Unanswered.
    """
    if not _is_url(url) or not _is_literal_allowed(url):
        raise Unanswered(Reason.NOT_ALLOWED)
    sent = {"Accept": "*/*", "Connection": "close", "User-Agent": USER_AGENT, **(headers or {})}
    adapter = _Adapter()
    try:
        request = requests.Request(method, url, headers=sent, params=query, data=body).prepare()
        response = adapter.send(request, stream=True, timeout=limit)
        try:
            return Answer(response.status_code, response.headers, _read(response, read))
        finally:
            response.close()
    except requests.Timeout:
        raise Unanswered(Reason.TIMED_OUT) from None
    except requests.ConnectionError as error:
        raise Unanswered(_reason(error)) from None
    except (requests.RequestException, urllib3.exceptions.HTTPError):
        raise Unanswered(Reason.NOT_ALLOWED) from None
    finally:
        adapter.close()


def hold(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    body: bytes | None = None,
    limit: float = RECEIVER_SECONDS,
    read: int = READ_BYTES,
) -> Answer:
    """Stands in for `ask` and sends nothing: as if every receiver repeated challenges and said 200."""
    return Answer(200, {}, (query or {}).get("challenge", "").encode())


def _is_url(url: str) -> bool:
    if any(character.isspace() or not character.isprintable() for character in url):
        return False
    try:
        parts = parse_url(url)
    except urllib3.exceptions.HTTPError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.host) and parts.auth is None


def _is_literal_allowed(url: str) -> bool:
    """False for an address that is never connected to; host names are judged once they are resolved."""
    host = (parse_url(url).host or "").strip("[]")
    try:
        return is_allowed(host)
    except ValueError:
        return True


def _read(response: requests.Response, size: int) -> bytes:
    content = b""
    try:
        while len(content) < size and (part := response.raw.read(size - len(content), decode_content=False)):
            content += part
    except urllib3.exceptions.TimeoutError:
        raise Unanswered(Reason.TIMED_OUT, response.status_code) from None
    except urllib3.exceptions.HTTPError:
        raise Unanswered(Reason.CLOSED, response.status_code) from None
    return content


def _reason(error: requests.ConnectionError) -> Reason:
    broke_off = bool(error.args) and isinstance(error.args[0], urllib3.exceptions.ProtocolError)
    return Reason.CLOSED if broke_off else Reason.COULD_NOT_CONNECT


class _TimedTlsSocket(TimedSocket, ssl.SSLSocket):
    """The same over TLS. The handshake has the time that connecting left."""


class _Connection(HTTPConnection):
    def _new_conn(self) -> TimedSocket:
        return _open(self)


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> TimedSocket:
        self._plain = _open(self)
        return self._plain

    def connect(self) -> None:
        if self.ssl_context is None:
            self.ssl_context = create_urllib3_context()
        self.ssl_context.sslsocket_class = _TimedTlsSocket
        super().connect()
        if isinstance(self.sock, _TimedTlsSocket):
            self.sock.deadline = self._plain.deadline


def _open(connection: HTTPConnection) -> TimedSocket:
    """A connection carries one request here, so its time-out is the time for everything done with it."""
    seconds = connection.timeout if isinstance(connection.timeout, float) else RECEIVER_SECONDS
    try:
        return connect(connection.host, connection.port or connection.default_port, Deadline(seconds))
    except ForbiddenAddress:
        raise Unanswered(Reason.NOT_ALLOWED) from None
    except TimeoutError:
        raise Unanswered(Reason.TIMED_OUT) from None
    except OSError:
        raise Unanswered(Reason.COULD_NOT_CONNECT) from None


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    """Connects by way of `addresses`; made for one request."""

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        super().init_poolmanager(*args, **kwargs)  # type: ignore[arg-type]
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
