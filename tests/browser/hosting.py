"""A web server for the page that embeds the component, on another port than the API."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

HERE = Path(__file__).parent


class Host:
    """Serves `/`, the component, and `/thanks`, where a redirect after booking may lead to."""

    def __init__(self, component: Path) -> None:
        files = {
            "/": ((HERE / "host.html").read_bytes(), "text/html"),
            "/component/nylas-scheduling.es.js": (component.read_bytes(), "text/javascript"),
            "/thanks": (b"<!doctype html><title>Thanks</title>Thank you.", "text/html"),
        }

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content, kind = files.get(urlsplit(self.path).path, (b"", "text/plain"))
                self.send_response(200 if content else 404)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="host page")
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
