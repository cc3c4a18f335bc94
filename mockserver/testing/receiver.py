"""A real receiver of webhooks on this machine, which answers challenges and verifies signatures."""

import hmac
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from mockserver.testing.records import WebhookRequest

WAIT_SECONDS = 10.0


class WebhookReceiver:
    """Listens on a free port of 127.0.0.1; a context manager.

    A notification whose signature fits none of the secrets it was told is answered with 401 and ends in
    `refused`; all others end in `received` and are answered with `status`.
    """

    def __init__(self) -> None:
        self.status = 200
        self._secrets: list[str] = []
        self._news = threading.Condition()
        self._received: list[WebhookRequest] = []
        self._refused: list[WebhookRequest] = []

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = False
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.02,), name="webhook_receiver", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/webhook"

    @property
    def received(self) -> list[WebhookRequest]:
        """The notifications so far whose signature is right."""
        with self._news:
            return list(self._received)

    @property
    def refused(self) -> list[WebhookRequest]:
        """The notifications so far whose signature is wrong."""
        with self._news:
            return list(self._refused)

    def trust(self, secret: str) -> None:
        """Take notifications that are signed with this secret."""
        self._secrets.append(secret)

    def subscribe(self, api_url: str, api_key: str, *triggers: str) -> dict[str, Any]:
        """Create a webhook through the API and trust its secret; answers with the webhook.

        Without triggers, of all types of booking notifications. Raises RuntimeError where the API refuses.
        """
        import requests

        from mockserver.domain.notification import TRIGGERS

        with requests.Session() as session:
            session.trust_env = False
            response = session.post(
                f"{api_url}/v3/webhooks",
                json={"webhook_url": self.url, "trigger_types": list(triggers or TRIGGERS)},
                headers={"Authorization": f"Bearer {api_key}"},
                timeout=WAIT_SECONDS,
            )
        if response.status_code != 200:
            raise RuntimeError(f"the webhook was not created: {response.text}")
        webhook: dict[str, Any] = response.json()["data"]
        self.trust(webhook["webhook_secret"])
        return webhook

    def wait_for(
        self, count: int = 1, type: str | None = None, timeout: float = WAIT_SECONDS
    ) -> list[WebhookRequest]:
        """The first `count` notifications, of a type if one is given, as soon as they are there.

        Raises AssertionError when they don't come within `timeout` seconds.
        """

        def found() -> list[WebhookRequest]:
            return [each for each in self._received if type in (None, each.type)]

        with self._news:
            if not self._news.wait_for(lambda: len(found()) >= count, timeout):
                raise AssertionError(
                    f"expected {count} {type or 'notifications'} within {timeout:g} seconds, received "
                    f"{[each.type for each in self._received]}; {len(self._refused)} were refused because "
                    "their signature fits no secret given to trust() or got by subscribe()"
                )
            return found()[:count]

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Take a request in; answers with the status that it is to be answered with."""
        request = WebhookRequest(self.url.removesuffix("/webhook") + path, headers, body)
        genuine = self._is_genuine(headers, body)
        with self._news:
            (self._received if genuine else self._refused).append(request)
            self._news.notify_all()
        return self.status if genuine else 401

    def _is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        from mockserver.delivery.signature import SIGNATURE_HEADER, sign

        found = {name.lower(): value for name, value in headers.items()}.get(SIGNATURE_HEADER.lower(), "")
        return any(
            hmac.compare_digest(sign(secret, body).encode(), found.encode()) for secret in self._secrets
        )


def _handler_of(receiver: WebhookReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            challenge = parse_qs(urlsplit(self.path).query).get("challenge", [""])[0]
            self._answer(200, challenge.encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(receiver.take(self.path, dict(self.headers.items()), body), b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads it."""

    return Handler
