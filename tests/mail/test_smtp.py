"""Mails that go to a real SMTP server, and servers that are slow, dead or unwilling."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from icalendar import Calendar

from mockserver.delivery import Postman
from mockserver.delivery.smtp import SERVER_SECONDS
from mockserver.sandbox.sandbox import DRAIN_SECONDS
from mockserver.settings import Settings, host_and_port
from tests.mail.letters import ALICE, TALK, book, change, mails, world
from tests.support.server import ServerProcess
from tests.support.worlds import NOW, TEN, Mock

WAIT = {"wait": "20"}


class Mailbox:
    """What an SMTP server received; it refuses everybody called eve, and can be held."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], EmailMessage]] = []
        self.open = threading.Event()
        self.open.set()
        self.busy = threading.Event()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, _: Any) -> str:
        if address.startswith("eve"):
            return "550 no eve here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.busy.set()
        self.open.wait(20)
        message = message_from_bytes(envelope.original_content, policy=default)
        assert isinstance(message, EmailMessage)
        self.received.append((list(envelope.rcpt_tos), message))
        return "250 OK"


class Mailing:
    """A mock and the SMTP server it sends to."""

    def __init__(self) -> None:
        self.box = Mailbox()
        self.controller = Controller(self.box, hostname="127.0.0.1", port=free_port())
        self.controller.start()
        address = f"127.0.0.1:{self.controller.port}"
        self.mock = Mock(world(ALICE), Settings(self_check=True, smtp=address))

    def close(self) -> None:
        self.box.open.set()
        self.mock.close()
        self.controller.stop()

    def settled(self, count: int) -> list[dict[str, Any]]:
        """The mailbox, once so many mails are there and tried."""
        answer = self.mock.call("GET", "/_mock/mail", query={**WAIT, "count": str(count)}).json
        assert answer["complete"]
        found: list[dict[str, Any]] = answer["data"]
        return found


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def mailing() -> Iterator[Mailing]:
    mailing = Mailing()
    yield mailing
    mailing.close()


@pytest.fixture
def mock_at() -> Iterator[Callable[[str], Mock]]:
    """Makes mocks that send to a given address."""
    with ExitStack() as stack:

        def make(address: str) -> Mock:
            mock = Mock(world(ALICE), Settings(self_check=True, smtp=address))
            stack.callback(mock.close)
            return mock

        yield make


def test_every_mail_arrives_once_and_can_be_read(mailing: Mailing) -> None:
    booking_id = book(mailing.mock, guest={"name": "Gïna, G", "email": "gina@example.com"})
    change(mailing.mock, "DELETE", booking_id, {"cancellation_reason": "Grüße"})
    shown = mailing.settled(4)
    assert [each["smtp"] for each in shown] == [{"status": "sent", "error": None}] * 4
    assert [to for to, _ in mailing.box.received] == [each["to"] for each in shown]
    for mail, (_, message) in zip(shown, mailing.box.received, strict=True):
        assert not message.defects
        assert (str(message["From"]), str(message["To"])) == (mail["from"], mail["to"][0])
        assert message["Subject"] == mail["subject"]
        assert message["Date"].datetime.timestamp() == NOW
        assert message["Message-ID"] == f"<{mail['id']}@mock.example>"
        assert part(message, "plain").replace("\r\n", "\n") == mail["text"]
        assert part(message, "html").replace("\r\n", "\n").rstrip("\n") == mail["html"]
        (calendar,) = message.iter_attachments()
        (attachment,) = mail["attachments"]
        assert calendar.get_content_type() == "text/calendar"
        assert calendar.get_filename() == attachment["filename"]
        parsed = Calendar.from_ical(calendar.get_content())
        assert isinstance(parsed, Calendar)
        assert calendar.get_param("method") == parsed["METHOD"]
        assert parsed.to_ical().decode() == attachment["body"]


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert isinstance(body, EmailMessage)
    text: str = body.get_content()
    return text


def test_who_is_not_taken_is_told_and_the_others_get_theirs(mailing: Mailing) -> None:
    guests = [{"name": "x", "email": email} for email in ("a,b@example.com", "ed@example.com")]
    book(mailing.mock, guest={"name": "Eve", "email": "eve@example.com"}, additional_guests=guests)
    failed, odd, *good = mailing.settled(4)
    assert failed["smtp"]["status"] == odd["smtp"]["status"] == "failed"
    assert "no eve here" in failed["smtp"]["error"]
    assert odd["smtp"]["error"]
    assert [each["smtp"]["status"] for each in good] == ["sent", "sent"]
    assert len(mailing.box.received) == 2


def test_nobody_waits_for_a_server_that_is_held(mailing: Mailing) -> None:
    mailing.box.open.clear()
    book(mailing.mock)
    assert mailing.box.busy.wait(10)
    began = time.monotonic()
    for step in range(1, 5):
        book(mailing.mock, TEN + step * 1800)
    assert time.monotonic() - began < 5
    assert mailing.box.received == []
    assert {each["smtp"]["status"] for each in mails(mailing.mock)} == {"queued"}
    mailing.box.open.set()
    assert {each["smtp"]["status"] for each in mailing.settled(10)} == {"sent"}


@pytest.mark.parametrize("greeting", [b"220 here I am\r\n", b""])
def test_a_server_that_dawdles_has_one_time_for_the_whole_mail(
    mock_of: Callable[..., Mock], greeting: bytes
) -> None:
    """It says a bit again and again, so it is never silent for long, and never comes to an end."""
    mock = mock_of(world(ALICE))
    book(mock)
    mail = mock.sandbox.outbox.mails[0]
    with socket.create_server(("127.0.0.1", 0)) as server:

        def dawdle() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.sendall(greeting)
                for _ in range(100):
                    connection.sendall(b"250-wait\r\n" if greeting else b"220-wait\r\n")
                    time.sleep(0.05)

        thread = threading.Thread(target=dawdle)
        thread.start()
        postman = Postman("127.0.0.1", server.getsockname()[1], limit=0.5)
        began = time.monotonic()
        postman.submit(mock.sandbox.outbox, [mail])
        assert postman.stop(10)
        assert time.monotonic() - began < 3
        thread.join()
    assert (mail.smtp, mail.error) == ("failed", "TimeoutError: not taken within 0.5 seconds")


def test_a_mail_may_take_less_time_than_a_reset_waits() -> None:
    assert SERVER_SECONDS < DRAIN_SECONDS


def test_a_dead_server_is_noticed_in_the_mailbox_only(mock_at: Callable[[str], Mock]) -> None:
    mock = mock_at(f"127.0.0.1:{free_port()}")
    book(mock)
    answer = mock.call("GET", "/_mock/mail", query={**WAIT, "count": "2"}).json
    assert answer["complete"]
    assert {each["smtp"]["status"] for each in answer["data"]} == {"failed"}
    assert all("refused" in each["smtp"]["error"] for each in answer["data"])


def test_after_a_reset_nothing_of_the_old_world_is_sent(mailing: Mailing) -> None:
    mailing.box.open.clear()
    for step in range(3):
        book(mailing.mock, TEN + step * 1800)
    assert mailing.box.busy.wait(10)
    threading.Timer(0.3, mailing.box.open.set).start()
    mailing.mock.sandbox.reset()
    received = len(mailing.box.received)
    assert received == 1  # the one that was on its way; the reset waited for it
    book(mailing.mock, guest={"name": "New", "email": "new@example.com"})
    mailing.settled(2)
    assert [to for to, _ in mailing.box.received[1:]] == [["new@example.com"], ["alice@example.com"]]


def test_when_too_many_wait_the_rest_fails(mailing: Mailing, mock_of: Callable[..., Mock]) -> None:
    mock = mock_of(world(ALICE))
    postman = Postman("127.0.0.1", mailing.controller.port, waiting=1)
    mailing.box.open.clear()
    book(mock)
    book(mock, TEN + 1800)
    first, *others = mock.sandbox.outbox.mails
    postman.submit(mock.sandbox.outbox, [first])
    assert mailing.box.busy.wait(10)
    postman.submit(mock.sandbox.outbox, others)
    assert [each.smtp for each in others] == ["queued", "failed", "failed"]
    mailing.box.open.set()
    assert postman.stop(10)
    assert [each.smtp for each in (first, *others)] == ["sent", "sent", "failed", "failed"]
    postman.submit(mock.sandbox.outbox, [first])
    assert first.error is not None


def test_what_waits_when_the_mock_stops_fails(mailing: Mailing) -> None:
    mailing.box.open.clear()
    book(mailing.mock)
    assert mailing.box.busy.wait(10)
    assert mailing.mock.app.postman is not None
    assert not mailing.mock.app.postman.stop(0.1)
    first, second = mailing.mock.sandbox.outbox.mails
    assert (first.smtp, second.smtp) == ("queued", "failed")


def test_the_option_reaches_the_server(mailing: Mailing) -> None:
    with ServerProcess("--smtp", f"127.0.0.1:{mailing.controller.port}") as server:
        server.book_as_printed()
        until = time.monotonic() + 15
        while len(mailing.box.received) < 2 and time.monotonic() < until:
            time.sleep(0.05)
    assert all(message["Subject"].startswith("Booking confirmed") for _, message in mailing.box.received)
    assert len(mailing.box.received) == 2


@pytest.mark.parametrize(
    ("text", "address"),
    [("localhost:25", ("localhost", 25)), ("[::1]:1025", ("::1", 1025)), ("mail-pit:1", ("mail-pit", 1))],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert host_and_port(text) == address


@pytest.mark.parametrize(
    "text", ["", "localhost", ":25", "a:0", "a:x", "a:99999", "smtp://a:25", "u@a:25", "a:25/"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|[Pp]ort|invalid"):
        host_and_port(text)


def test_without_the_option_nothing_is_sent(mock_of: Callable[..., Mock]) -> None:
    mock = mock_of(world(ALICE))
    assert mock.book(TEN, TALK).status_code == 200
    assert mock.app.postman is None
    assert {each["smtp"] for each in mails(mock)} == {None}
