"""The server process: one process, many threads, granian inside.

Four things are ours rather than granian's, because a stateful mock needs them otherwise. The socket: granian
always sets SO_REUSEPORT, with which a second server would quietly share the port and half of the requests.
The process: requests run in this one, so there is one world. The signals: a thread waits for them, because
granian's handlers set an event on the very thread that may hold its lock, and would now and then never end.
The end: waiting requests are let go before the server waits for them.

This is the only module that knows granian, and the names of it that are private. They hold for the minor
version that pyproject.toml pins, and tests/server/test_server.py starts, asks and stops a server with them.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.server import MTServer

from mockserver.faulting import is_dropped

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 64
"""Requests handled at once. Threads are made on demand and go when idle, so many cost nothing at rest."""

GRACE_SECONDS = 5.0
"""How long a request may go on after the signal to stop."""

BACKLOG = 1024
"""Connections that may queue while the server starts or is busy."""


class ListenError(Exception):
    """The address can't be listened on. The text is one sentence for a person."""


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket on `host`:`port`, 0 for any free port; clients that connect now queue.

    Raises ListenError when the address is taken, foreign or not allowed.
    """
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # restart at once; never SO_REUSEPORT
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except (OSError, UnicodeError) as error:
        sock.close()
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise ListenError(f"cannot listen on {authority(host, port)}: {reason.lower()}") from error
    return sock


def authority(host: str, port: int) -> str:
    """Host and port as they stand in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def serve(
    app: "WSGIApplication",
    sock: socket.socket,
    on_stopping: Callable[[], None],
    *,
    threads: int = THREADS,
    grace: float = GRACE_SECONDS,
) -> None:
    """Answer requests on `sock`, which belongs to the server from now on, until SIGTERM, SIGINT or SIGHUP.

    Then `on_stopping` is called, which has to let go whoever waits; requests under way are finished. Those
    that take longer than `grace` seconds are abandoned, and the process ends there, with exit status 0.
    Call it from the main thread, with `hold_signals` before the first other thread is started.
    """
    _drop_request_variables()
    signals = hold_signals()
    server = _OneProcessServer(_Guarded(app), sock, on_stopping, threads, grace)
    threading.Thread(target=server.stop_at, args=[signals], name="signals", daemon=True).start()
    server.run()


def hold_signals() -> set[signal.Signals]:
    """Let the signals that stop a server wait until `serve` takes them; answers with these.

    Threads inherit this from the one that starts them. A SIGHUP that is ignored, as under nohup, stays so.
    """
    signals = {signal.SIGTERM, signal.SIGINT}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.add(signal.SIGHUP)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    return signals


def _drop_request_variables() -> None:
    """Forget variables that would reach the application as request headers.

    granian begins each WSGI environment as a copy of the process's: HTTP_PROXY would arrive as `Proxy`.
    """
    for name in list(os.environ):
        if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            del os.environ[name]


_REFUSED = [("Transfer-Encoding", "chunked")]
"""Beside a length, it makes granian refuse to send anything."""


class _Guarded:
    """Keeps from granian what is no final status: above 999 or below 100 it would abort the process.

    An answer that a fault drops gets headers that contradict each other: then granian closes the connection
    without having sent a byte.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc: Any = None) -> Callable[[bytes], Any]:
            code = status.partition(" ")[0]
            if not (len(code) == 3 and code.isascii() and code.isdigit() and code >= "200"):
                status = "500 Internal Server Error"
            return start_response(status, [*headers, *_REFUSED] if is_dropped(environ) else headers, exc)

        body = self._app(environ, start)
        return [b"-"] if is_dropped(environ) else body


class _OneProcessServer(MTServer):
    """granian's server of threads, made for builds without the GIL and as sound with it."""

    def __init__(
        self,
        app: "WSGIApplication",
        sock: socket.socket,
        on_stopping: Callable[[], None],
        threads: int,
        grace: float,
    ) -> None:
        host, port = sock.getsockname()[:2]
        super().__init__(
            "mockserver",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=1,
            blocking_threads=threads,
            backlog=BACKLOG,
            log_enabled=False,
        )
        self._own_app = app
        self._own_socket = sock
        self._on_stopping = on_stopping
        self._grace = grace

    def run(self) -> None:
        self.serve(target_loader=lambda: self._own_app, wrap_loader=False)

    def shutdown(self, exit_code: int = 0) -> None:
        """Called after the signal, before requests are awaited."""
        last_resort = threading.Timer(self._grace, _leave)
        last_resort.daemon = True
        last_resort.start()
        try:
            self._on_stopping()
        finally:
            super().shutdown(exit_code)  # type: ignore[no-untyped-call]
            last_resort.cancel()

    def stop_at(self, signals: set[signal.Signals]) -> None:
        """Wait for one of these held signals, then end the server. For a thread of its own."""
        signal.sigwait(signals)
        self.signal_handler_interrupt()  # type: ignore[no-untyped-call]

    def signal_handler_reload(self, *args: Any, **kwargs: Any) -> None:
        """There is nothing to reload."""

    def _check_gil(self) -> None:
        """Accept an interpreter with the GIL."""

    def _init_shared_socket(self) -> None:
        fd = self._own_socket.detach()  # granian owns and closes it from now on
        backlog = (BACKLOG,) if sys.platform.startswith(("linux", "freebsd")) else ()
        private: Any = self
        holder: Any = SocketHolder  # its stub leaves the backlog out
        private._ssp, private._sfd, private._shd = None, fd, holder(fd, False, *backlog)


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
