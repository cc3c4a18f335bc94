"""Sends mails by SMTP, each once, on a thread of its own.

Mails wait in one line, at most `WAITING` of them, and go out one after the other. A server that is slow or
dead keeps the others waiting or makes them fail; whoever books doesn't notice. What became of a mail stands
in the sandbox's mailbox.
"""

import logging
import smtplib
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from mockserver.delivery.letters import SENDER, Mail, write
from mockserver.delivery.wording import one_line
from mockserver.domain.mail import NOWHERE
from mockserver.sandbox import Outbox, SentMail

SERVER_SECONDS = 10.0
"""How long one mail may take, in real time; less than a reset waits for it."""

WAITING = 10_000
"""How many mails may wait; what comes on top fails."""

GREETING = 220
"""What an SMTP server says first when it is ready."""

IDLE_SECONDS = 5.0
"""How long the thread stays without a mail to send."""

logger = logging.getLogger(__name__)

_Item = tuple[Outbox, SentMail]


class Postman:
    """Takes mails to one SMTP server, in the order of `submit`. Thread-safe."""

    def __init__(self, host: str, port: int, limit: float = SERVER_SECONDS, waiting: int = WAITING) -> None:
        """`limit` is the real time in seconds after which a mail is given up that the server didn't take."""
        self._host = host
        self._port = port
        self._limit = limit
        self._most_waiting = waiting
        self._changed = threading.Condition()
        self._line: deque[_Item] = deque()
        self._at_work = False
        self._stopping = False

    def submit(self, outbox: Outbox, mails: Sequence[SentMail]) -> None:
        """Take mails over; returns at once. Those that find no room fail."""
        with self._changed:
            room = 0 if self._stopping else max(0, self._most_waiting - len(self._line))
            taken, refused = mails[:room], mails[room:]
            for sent in taken:
                outbox.note_smtp(sent, "queued")
                self._line.append((outbox, sent))
            self._hire()
            self._changed.notify_all()
        for sent in refused:
            _note_failure(outbox, sent, "too many mails wait, or the mock stops")

    def stop(self, timeout: float) -> bool:
        """Send what waits within that many seconds and give up the rest; true if there was none."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            finished = self._changed.wait_for(lambda: not self._at_work, timeout)
            left = list(self._line)
            self._line.clear()
        for outbox, sent in left:
            _note_failure(outbox, sent, "the mock was stopped")
        return finished

    def _hire(self) -> None:
        if self._at_work or not self._line:
            return
        try:
            threading.Thread(target=self._work, name="postman", daemon=True).start()
            self._at_work = True
        except RuntimeError:  # the machine has no thread left; the next mail tries again
            logger.exception("no thread to send mails")

    def _work(self) -> None:
        while (item := self._next()) is not None:
            self._send(*item)

    def _next(self) -> _Item | None:
        with self._changed:
            self._changed.wait_for(lambda: self._line or self._stopping, IDLE_SECONDS)
            if self._line:
                return self._line.popleft()
            self._at_work = False
            self._changed.notify_all()
            return None

    def _send(self, outbox: Outbox, sent: SentMail) -> None:
        if not outbox.begin_smtp(sent):  # its world is gone
            return
        try:
            mail = write(sent.letter)
            message = compose(mail, sent.id, sent.at)
            with self._connected() as server:
                server.send_message(message, SENDER, [mail.to])
        except Exception as error:
            _note_failure(outbox, sent, one_line(f"{type(error).__name__}: {error}"))
        else:
            outbox.note_smtp(sent, "sent")

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection that is cut when the time is up, however busily the server answers until then."""
        until = time.monotonic() + self._limit
        with socket.create_connection((self._host, self._port), self._limit) as sock:
            watch = threading.Timer(until - time.monotonic(), _cut, [sock])
            watch.daemon = True
            watch.start()
            try:
                with smtplib.SMTP(local_hostname="localhost", timeout=self._limit) as server:
                    server.sock = sock
                    code, text = server.getreply()
                    if code != GREETING:
                        raise smtplib.SMTPConnectError(code, text)
                    yield server
            except smtplib.SMTPServerDisconnected as error:
                if time.monotonic() < until:
                    raise
                raise TimeoutError(f"not taken within {self._limit:g} seconds") from error
            finally:
                watch.cancel()


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        sock.shutdown(socket.SHUT_RDWR)


def compose(mail: Mail, id: str, at: int) -> EmailMessage:
    """The mail as it goes over the wire. `at` is Unix seconds.

    Raises ValueError, IndexError or a defect of `email.errors` where no header can carry the address.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = mail.sender
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = mail.subject
    message["Date"] = formatdate(at)
    message["Message-ID"] = f"<{id}@{NOWHERE}>"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for each in mail.attachments:
        parameters = {name: value for name, value in each.parameters if name != "charset"}
        message.add_attachment(
            each.body, subtype=each.subtype, filename=each.filename, cte="base64", params=parameters
        )
    return message


def _note_failure(outbox: Outbox, sent: SentMail, error: str) -> None:
    logger.warning("mail %s (%s): not sent by SMTP: %s", sent.id, sent.letter.type, error)
    outbox.note_smtp(sent, "failed", error)
