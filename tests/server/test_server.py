"""The server process by itself, around a tiny application: how it starts, answers and stops."""

import http.client
import signal
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mockserver.server import ListenError, authority, listen
from tests.support.server import ServerProcess

PROGRAM = """
import os, sys, threading
from mockserver.server import ListenError, hold_signals, listen, serve

hold_signals()
stopping = threading.Event()

def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/wait":
        os.write(1, b"waiting\\n")
        stopping.wait(60)
    elif path == "/hang":
        os.write(1, b"hanging\\n")
        threading.Event().wait(60)
    elif path == "/exit":
        raise SystemExit(3)
    status = path[8:] if path.startswith("/status/") else "200 OK"
    start_response(status, [("Content-Type", "text/plain")])
    body = environ["wsgi.input"].read() or environ.get("HTTP_X_FAKE", "").encode()
    return [body or b"stopping" if stopping.is_set() else body]

try:
    sock = listen("127.0.0.1", int(sys.argv[1]))
except ListenError as error:
    sys.exit(str(error))
print(f"is ready at http://127.0.0.1:{sock.getsockname()[1]}", flush=True)
if "EARLY" in os.environ:
    os.kill(os.getpid(), int(os.environ["EARLY"]))
serve(app, sock, stopping.set, threads=8, grace=float(sys.argv[2]))
print("came back", flush=True)
"""


STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def tiny(
    port: int = 0, grace: float = 5.0, env: dict[str, str] | None = None, before: tuple[str, ...] = ()
) -> ServerProcess:
    return ServerProcess(command=[*before, sys.executable, "-c", PROGRAM, str(port), str(grace)], env=env)


def ask(server: ServerProcess, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port or 0, timeout=20)
    try:
        connection.request("GET" if body is None else "POST", path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with tiny(env={"HTTP_X_FAKE": "from the environment", "CONTENT_LENGTH": "7"}) as running:
        yield running


def test_it_answers(server: ServerProcess) -> None:
    assert ask(server, "/", b"hello") == (200, b"hello")


def test_variables_of_the_process_are_not_request_headers(server: ServerProcess) -> None:
    assert ask(server, "/") == (200, b"")


@pytest.mark.parametrize("status", ["1000 Far", "99 Low", "101 Switching", "-1 Odd", "abc", ""])
def test_a_status_that_is_none_becomes_a_500_and_the_server_lives(server: ServerProcess, status: str) -> None:
    assert ask(server, f"/status/{status.replace(' ', '%20')}")[0] == 500
    assert ask(server, "/status/299%20Fine")[0] == 299


def test_an_exit_in_the_application_does_not_end_the_server(server: ServerProcess) -> None:
    assert ask(server, "/exit")[0] == 500
    assert ask(server, "/")[0] == 200


@pytest.mark.parametrize("signum", STOP)
def test_a_signal_lets_waiting_requests_go_and_ends_it_with_success(signum: signal.Signals) -> None:
    with tiny() as server, ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(ask, server, "/wait") for _ in range(2)]
        assert server.wait_for_output("waiting\nwaiting\n")
        assert server.stop(signum) == 0
        assert [each.result() for each in waiting] == [(200, b"stopping")] * 2
        assert server.output.endswith("came back\n")


@pytest.mark.parametrize("signum", STOP)
def test_a_signal_that_comes_before_the_server_has_begun_is_kept(signum: signal.Signals) -> None:
    with tiny(env={"EARLY": str(int(signum))}) as server:
        assert server.process.wait(10) == 0


def test_a_hangup_that_is_ignored_stays_so() -> None:
    with tiny(before=("nohup",)) as server:
        server.process.send_signal(signal.SIGHUP)
        assert ask(server, "/")[0] == 200
        assert server.stop() == 0


def test_a_request_that_never_ends_is_abandoned_after_the_grace() -> None:
    with tiny(grace=0.3) as server, ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(ask, server, "/hang")
        assert server.wait_for_output("hanging")
        assert server.stop() == 0
        assert isinstance(hanging.exception(), OSError | http.client.HTTPException)


def test_waiting_requests_leave_room_for_others_up_to_the_number_of_threads() -> None:
    with tiny() as server, ThreadPoolExecutor(7) as pool:
        waiting = [pool.submit(ask, server, "/wait") for _ in range(7)]
        assert server.wait_for_output("waiting\n" * 7)
        assert ask(server, "/")[0] == 200
        assert server.stop() == 0
        assert {each.result()[0] for each in waiting} == {200}


def test_a_second_server_on_the_port_is_refused_with_one_sentence(server: ServerProcess) -> None:
    with pytest.raises(RuntimeError, match="did not become ready") as refused:
        tiny(server.port).__enter__()
    said = str(refused.value).splitlines()[1:]
    assert said == [f"cannot listen on 127.0.0.1:{server.port}: address already in use"]


def test_the_port_is_free_again_at_once() -> None:
    with tiny() as first:
        ask(first, "/")
        port = first.port
    with tiny(port) as second:
        assert second.port == port
        assert ask(second, "/")[0] == 200


def test_listen_takes_a_free_port_and_keeps_it_to_itself() -> None:
    with listen("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        assert port > 0
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) == 0
        with pytest.raises(ListenError, match=f"127.0.0.1:{port}: address already in use"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1", "a" * 80, ".."])
def test_listen_refuses_an_address_that_is_not_ours(host: str) -> None:
    with pytest.raises(ListenError, match="cannot listen on"):
        listen(host, 0)


def test_authority_brackets_what_has_colons() -> None:
    assert authority("127.0.0.1", 80) == "127.0.0.1:80"
    assert authority("::1", 8080) == "[::1]:8080"


def test_only_one_module_knows_granian() -> None:
    package = Path(__file__).parents[2] / "mockserver"
    knowing = [
        each.name
        for each in package.rglob("*.py")
        if "import granian" in (text := each.read_text()) or "from granian" in text
    ]
    assert knowing == ["server.py"]
