"""Receives deliveries: the suite's own webhook endpoints, each at a path that nobody can guess."""

import hashlib
import hmac
import json
import secrets
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

LARGEST = 1024 * 1024
"""Bytes of a delivery that are read, packed or unpacked."""
MOST = 100_000
"""Deliveries that are kept."""
SILENCE = 30.0
"""Seconds after which a connection that says nothing is closed."""

Manner = Literal["right", "wrong", "quoted", "refused"]
"""How a challenge is answered: exactly, with something else, in quotes, with a status that isn't 200."""


@dataclass(frozen=True)
class Delivery:
    """What arrived at an endpoint. `body` is the bytes as sent; header names are in lower case."""

    headers: Mapping[str, str]
    body: bytes
    status: int
    """What it was answered with."""

    @property
    def compressed(self) -> bool:
        """Whether the delivery says that it is gzip."""
        return self.headers.get("content-encoding", "").lower() == "gzip"

    @cached_property
    def payload(self) -> Any:
        """The JSON, unpacked where the delivery says that it is gzip; None where it is neither."""
        try:
            return json.loads(_unpacked(self.body) if self.compressed else self.body)
        except (ValueError, zlib.error, RecursionError):
            return None

    @property
    def envelope(self) -> dict[str, Any]:
        return self.payload if isinstance(self.payload, dict) else {}

    @property
    def type(self) -> str:
        return str(self.envelope.get("type"))

    @property
    def id(self) -> str:
        """The notification's id, by which duplicates are known."""
        return str(self.envelope.get("id"))

    @property
    def attempt(self) -> object:
        return self.envelope.get("webhook_delivery_attempt")

    @property
    def data(self) -> dict[str, Any]:
        return _mapping(self.envelope, "data")

    @property
    def object(self) -> dict[str, Any]:
        return _mapping(self.data, "object")

    @property
    def info(self) -> dict[str, Any]:
        return _mapping(self.object, "booking_info")

    def is_signed(self, secret: str) -> bool:
        """Whether the signature is HMAC-SHA256 of the bytes as sent, in hexadecimal (facts 2.3)."""
        expected = hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(
            self.headers.get("x-nylas-signature", "").lower().encode(), expected.encode()
        )

    def told(self) -> str:
        """The delivery in one line."""
        text = json.dumps(self.payload) if self.payload is not None else repr(self.body[:500])
        return f"{self.type} attempt {self.attempt}: {text[:1500]}"


@dataclass
class Endpoint:
    """One URL that deliveries come to. `statuses` are the next answers; when they are used up, 200."""

    url: str
    manner: Manner = "right"
    statuses: list[int] = field(default_factory=list)
    challenges: list[str] = field(default_factory=list)
    """The values that were asked to be repeated."""
    deliveries: list[Delivery] = field(default_factory=list)

    def of(self, booking_id: str, trigger: str = "") -> list[Delivery]:
        """The deliveries about a booking, of one trigger or of all."""
        return [
            each
            for each in list(self.deliveries)
            if each.object.get("booking_id") == booking_id and trigger in ("", each.type)
        ]

    def same(self, first: Delivery) -> list[Delivery]:
        """All deliveries of one notification."""
        return [each for each in list(self.deliveries) if each.id == first.id]


class Receiver:
    """A real HTTP server that listens at `host:port` (port 0: any that is free).

    `public_url` is how the target reaches it; without one, the address it listens at.
    """

    def __init__(self, listen: str, public_url: str | None = None) -> None:
        host, _, port = listen.rpartition(":")
        self._changed = threading.Condition()
        self._endpoints: dict[str, Endpoint] = {}
        self._references: dict[str, str] = {}
        self._server = _Server((host.strip("[]"), int(port)), self)
        reached = "127.0.0.1" if host in ("0.0.0.0", "[::]", "") else host  # noqa: S104 -- compared only
        self.url = (public_url or f"http://{reached}:{self._server.server_port}").rstrip("/")

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def endpoint(self) -> Endpoint:
        """A new URL."""
        path = f"/hooks/{secrets.token_urlsafe(12)}"
        with self._changed:
            self._endpoints[path] = Endpoint(self.url + path)
            return self._endpoints[path]

    def wait_for(self, happened: Callable[[], bool], seconds: float) -> bool:
        """Wait until something has happened at an endpoint; false if it hasn't after so long."""
        with self._changed:
            return self._changed.wait_for(happened, seconds)

    def reference(self, booking_id: str) -> str | None:
        """The reference of a booking, as a notification told it."""
        with self._changed:
            return self._references.get(booking_id)

    def challenged(self, path: str, value: str) -> tuple[int, str]:
        """What a challenge is answered with: a status and a text."""
        with self._changed:
            endpoint = self._endpoints.get(path)
            if endpoint is None:
                return 404, ""
            endpoint.challenges.append(value)
            self._changed.notify_all()
            answers = {"right": (200, value), "wrong": (200, "no"), "quoted": (200, json.dumps(value))}
            return answers.get(endpoint.manner, (403, value))

    def delivered(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Keep a delivery; gives the status to answer with."""
        with self._changed:
            endpoint = self._endpoints.get(path)
            if endpoint is None:
                return 404
            status = endpoint.statuses.pop(0) if endpoint.statuses else 200
            delivery = Delivery(headers, body, status)
            if len(endpoint.deliveries) < MOST:
                endpoint.deliveries.append(delivery)
            reference, booking_id = delivery.object.get("booking_ref"), delivery.object.get("booking_id")
            if isinstance(reference, str) and reference:
                self._references[str(booking_id)] = reference
            self._changed.notify_all()
            return status


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], receiver: Receiver) -> None:
        self.receiver = receiver
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SILENCE
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        value = parse_qs(parts.query).get("challenge", [""])[0]
        status, text = self.server.receiver.challenged(parts.path, value)
        self._answer(status, text.encode())

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            return self._answer(411 if not length.isdigit() else 413, b"")
        body = self.rfile.read(int(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = self.server.receiver.delivered(urlsplit(self.path).path, headers, body)
        return self._answer(status, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the suite's output is the report."""


def _unpacked(body: bytes) -> bytes:
    """Raises ValueError where more comes out than may."""
    unpacker = zlib.decompressobj(wbits=31)
    found = unpacker.decompress(body, LARGEST)
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ValueError("too large, or cut off")
    return found


def _mapping(of: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = of.get(key)
    return found if isinstance(found, dict) else {}
