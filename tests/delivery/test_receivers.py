"""Which URLs and addresses are asked, what is ignored on the way, and how long it may take."""

import socket
import threading
import time
from typing import Any

import pytest

from mockserver.delivery import check_url
from mockserver.delivery.addresses import is_allowed
from mockserver.delivery.receivers import READ_BYTES, Answer, Reason, Unanswered, ask
from mockserver.domain.errors import Refusal
from tests.support.receiver import Receiver


def reason_for(url: str, **options: Any) -> Reason:
    with pytest.raises(Unanswered) as caught:
        ask("POST", url, body=b"{}", **options)
    return caught.value.reason


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def port_of(receiver: Receiver) -> str:
    return receiver.url.rpartition(":")[2].partition("/")[0]


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:3000/hook",
        "http://127.0.0.1:3000",
        "http://[::1]:3000/",
        "https://192.168.1.7/hook?x=1",
        "http://host.docker.internal:3000/hook",
        "https://hooks.example.com/in",
    ],
)
def test_urls_of_receivers(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "/hook",
        "ftp://localhost/",
        "file:///etc/passwd",
        "httpx://localhost/",
        "http://",
        "http:///hook",
        "http://user@localhost/",
        "http://user:word@localhost/",
        "http://localhost:99999/",
        "http://local host/",
        "http://localhost/\r\nX: y",
        "http://localhost/\x00",
        "http://[::1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fd00:ec2::254]/",
        "http://[::ffff:169.254.169.254]/",
        "http://224.0.0.1/",
        "http://0.0.0.0:3000/",
        "http://[::]/",
    ],
)
def test_urls_of_no_receiver(url: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_url(url)
    assert caught.value.kind.type == "70005"
    assert reason_for(url) is Reason.NOT_ALLOWED


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "fe80::1%lo",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::",
        "ff02::1",
        "0.0.0.0",
        "255.255.255.255",
    ],
)
def test_addresses_that_are_never_connected_to(address: str) -> None:
    assert not is_allowed(address)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["rebind.example.com", "2852039166", "0xa9fea9fe", "169.254.43518"])
def test_name_that_leads_to_a_metadata_service(
    monkeypatch: pytest.MonkeyPatch, scheme: str, host: str
) -> None:
    if host == "rebind.example.com":
        resolve_to(monkeypatch, "169.254.169.254")
    knocked: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: knocked.append(address))
    assert reason_for(f"{scheme}://{host}/") is Reason.NOT_ALLOWED
    assert knocked == []


def test_peer_is_judged_whatever_the_name_resolved_to(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    monkeypatch.setattr(socket.socket, "getpeername", lambda self: ("169.254.169.254", 80))
    assert reason_for(receiver.url) is Reason.NOT_ALLOWED
    assert receiver.received == []


def test_allowed_address_of_several_is_used(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    resolve_to(monkeypatch, "169.254.169.254", "127.0.0.1")
    assert ask("POST", f"http://hooks.example.com:{port_of(receiver)}/hook", body=b"{}").status == 200
    assert receiver.received[0].headers["host"].startswith("hooks.example.com")


def test_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert reason_for("http://nowhere.example.com/") is Reason.COULD_NOT_CONNECT


def test_slow_look_up_is_within_the_limit(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: receiver.hold() and [])
    began = time.monotonic()
    assert reason_for("http://slow.example.com/", limit=0.1) is Reason.TIMED_OUT
    assert time.monotonic() - began < 3


def test_proxies_and_credentials_of_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver, tmp_path: Any
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert ask("POST", receiver.url, body=b"{}").status == 200
    assert "authorization" not in receiver.received[0].headers


def test_redirect_is_an_answer(receiver: Receiver) -> None:
    receiver.manner = "redirect"
    answer = ask("POST", receiver.url, body=b"{}")
    assert (answer.status, answer.headers["location"]) == (302, "/elsewhere/hook")
    assert receiver.strays == []


@pytest.mark.parametrize(("manner", "status"), [("hang", None), ("drip", 200)])
def test_time_limit_covers_the_whole_answer(receiver: Receiver, manner: str, status: int | None) -> None:
    receiver.manner = manner  # type: ignore[assignment]
    with pytest.raises(Unanswered) as caught:
        ask("POST", receiver.url, body=b"{}", limit=0.3)
    assert (caught.value.reason, caught.value.status) == (Reason.TIMED_OUT, status)
    receiver.release()


def test_tls_handshake_is_within_the_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        assert reason_for(url, limit=0.2) is Reason.TIMED_OUT


def test_tls_to_a_receiver_without_it(receiver: Receiver) -> None:
    url = receiver.url.replace("http:", "https:")
    assert reason_for(url) in (Reason.COULD_NOT_CONNECT, Reason.CLOSED)


def test_connection_closed_without_an_answer(receiver: Receiver) -> None:
    receiver.manner = "close"
    assert reason_for(receiver.url) is Reason.CLOSED


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", Reason.CLOSED),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Reason.CLOSED),
        (b"no http\r\n\r\n", Reason.CLOSED),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", Reason.CLOSED),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (2 * READ_BYTES), READ_BYTES),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Encoding: gzip\r\n\r\nno gzip", 7),
    ],
)
def test_odd_answers(raw: bytes, expected: Reason | int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(raw)

        thread = threading.Thread(target=answer)
        thread.start()
        outcome: Answer | Reason
        try:
            outcome = ask("GET", f"http://127.0.0.1:{server.getsockname()[1]}/")
        except Unanswered as failure:
            outcome = failure.reason
        thread.join()
    assert (len(outcome.body) if isinstance(outcome, Answer) else outcome) == expected
