"""A real webhook receiver on 127.0.0.1, written from the provider's documentation, not from our code."""

import gzip
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

Challenge = Literal["right", "wrong", "quoted", "chunked"]
Manner = Literal["answer", "hang", "drip", "close", "redirect"]
"""answer: with `status`; hang: not before `release`; drip: an endless body; close: the connection, without
an answer; redirect: 302 to `/elsewhere` of the same receiver."""


@dataclass(frozen=True)
class Received:
    """One delivery as it arrived. `body` is the bytes on the wire; header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    _verify: Callable[["Received"], bool] = field(repr=False)

    @property
    def verified(self) -> bool:
        """Whether the signature fits one of the secrets that the receiver knows by now."""
        return self._verify(self)

    @property
    def json(self) -> Any:
        """The payload, unpacked where it came compressed."""
        packed = self.headers.get("content-encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if packed else self.body)


class Receiver:
    """Answers the challenge, records deliveries and misbehaves when told to.

    Set `status`, `manner` and `challenge` at any time; `on_delivery` is called inside the handler, before it
    answers. `challenges` holds the values asked for, `strays` the paths of requests that followed a redirect.
    """

    def __init__(self, *secrets: str) -> None:
        self.secrets = list(secrets)
        self.status = 200
        self.headers: dict[str, str] = {}
        self.manner: Manner = "answer"
        self.challenge: Challenge = "right"
        self.on_delivery: Callable[[Received], object] = lambda delivery: None
        self.received: list[Received] = []
        self.challenges: list[str] = []
        self.strays: list[str] = []
        self._changed = threading.Condition()
        self._released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="receiver")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def trust(self, secret: str) -> None:
        """Know another secret; deliveries that came before are judged by it too."""
        self.secrets.append(secret)

    def release(self) -> None:
        """Let hanging requests go on, and hang no more."""
        self.manner = "answer"
        self._released.set()

    def wait_for(self, count: int, timeout: float = 10.0) -> list[Received]:
        """The deliveries, once there are that many. Raises AssertionError when time is up."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.received) >= count, timeout):
                raise AssertionError(f"{len(self.received)} deliveries arrived, expected {count}")
            return list(self.received)

    def verifies(self, delivery: Received) -> bool:
        signature = delivery.headers.get("x-nylas-signature", "")
        return any(
            hmac.compare_digest(
                hmac.new(secret.encode(), delivery.body, hashlib.sha256).hexdigest(), signature
            )
            for secret in self.secrets
        )

    def record(self, delivery: Received) -> None:
        with self._changed:
            self.received.append(delivery)
            self._changed.notify_all()

    def hold(self, seconds: float | None = None) -> bool:
        """Wait until released; false when that took longer."""
        return self._released.wait(seconds)

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for the handlers and no socket is left behind
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


def _handler_of(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            if self.path.startswith("/elsewhere"):
                receiver.strays.append(self.path)
            challenge = query.get("challenge", [""])[0]
            receiver.challenges.append(challenge)
            if self._misbehaves():
                return
            if receiver.challenge == "chunked":
                self._answer_chunked(challenge)
                return
            answers = {"right": challenge, "wrong": "something else", "quoted": f'"{challenge}"'}
            self._answer(receiver.status, answers[receiver.challenge])

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            delivery = Received(self.path, headers, body, receiver.verifies)
            if self.path.startswith("/elsewhere"):
                receiver.strays.append(self.path)
            receiver.record(delivery)
            receiver.on_delivery(delivery)
            if not self._misbehaves():
                self._answer(receiver.status, "")

        def _misbehaves(self) -> bool:
            manner = receiver.manner
            if manner == "hang":
                receiver.hold()
                return False
            if manner == "drip":
                self.send_response(200)
                self.end_headers()
                while not receiver.hold(0.02):
                    self.wfile.write(b".")
            elif manner == "close":
                self.close_connection = True
            elif manner == "redirect":
                self.send_response(302)
                self.send_header("Location", "/elsewhere" + self.path)
                self.send_header("Content-Length", "0")
                self.end_headers()
            return manner != "answer"

        def _answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(text.encode())))
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def _answer_chunked(self, text: str) -> None:
            self.protocol_version = "HTTP/1.1"
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(f"{len(text):x}\r\n{text}\r\n0\r\n\r\n".encode())
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads it."""

    return Handler
