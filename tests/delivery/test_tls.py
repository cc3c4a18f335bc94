"""Receivers behind TLS: who is trusted, and that the time limit holds there too."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import requests.adapters
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mockserver.delivery.receivers import Reason, Unanswered, ask

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signed itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2120, 1, 1, tzinfo=datetime.UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "receiver.pem"
    path.write_bytes(secret + certificate.public_bytes(pem))
    return path


@contextmanager
def receiver(certificate: Path, answer: bytes, then_drip: bytes = b"") -> Iterator[str]:
    """The URL of a receiver that answers one request; with `then_drip`, without ever coming to an end."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    done = threading.Event()

    def serve(server: socket.socket) -> None:
        with suppress(OSError), ExitStack() as stack:
            connection = stack.enter_context(server.accept()[0])
            tls = stack.enter_context(context.wrap_socket(connection, server_side=True))
            arrived = b""
            while not arrived.endswith(b"\r\n\r\n{}"):  # closing on unread bytes would take the answer back
                arrived += tls.recv(65_536)
            tls.sendall(answer)
            while then_drip and not done.wait(0.02):
                tls.sendall(then_drip)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}/"
        done.set()
        thread.join()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate))
    return certificate


def test_trusted_receiver(trusted: Path) -> None:
    with receiver(trusted, OK) as url:
        answer = ask("POST", url, body=b"{}")
    assert (answer.status, answer.body) == (200, b"hi")


def test_receiver_that_nobody_vouches_for(certificate: Path) -> None:
    with receiver(certificate, OK) as url, pytest.raises(Unanswered) as caught:
        ask("POST", url, body=b"{}")
    assert caught.value.reason is Reason.COULD_NOT_CONNECT


@pytest.mark.parametrize(
    ("answer", "drip", "status"), [(b"HTTP/1.1 200 OK\r\n\r\n", b"x", 200), (b"", b"H", None)]
)
def test_time_limit_covers_the_whole_answer(
    trusted: Path, answer: bytes, drip: bytes, status: int | None
) -> None:
    with receiver(trusted, answer, drip) as url, pytest.raises(Unanswered) as caught:
        ask("POST", url, body=b"{}", limit=0.4)
    assert (caught.value.reason, caught.value.status) == (Reason.TIMED_OUT, status)
