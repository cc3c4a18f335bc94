"""What a sandbox sends: notifications with their deliveries, and mails. Kept, bounded, and waited for."""

import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from mockserver.domain.transaction import Letter
from mockserver.domain.world import Webhook
from mockserver.sandbox.agenda import Agenda
from mockserver.sandbox.faults import Fault

KEPT_NOTIFICATIONS = 10_000
KEPT_MAILS = 10_000

RECEIVING = frozenset({"active", "failing"})
"""The statuses of webhooks that get notifications."""

DeliveryStatus = Literal["queued", "delivered", "retrying", "failed", "dropped"]
SmtpStatus = Literal["queued", "sent", "failed"]


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing to tell the world; every delivery of it carries the same id. Times are Unix seconds.

    `turn` is the sandbox's turn that it came of.
    """

    id: str
    type: str
    created_at: int
    application_id: str
    grant_id: str
    object: Mapping[str, Any]
    turn: int = 0

    def envelope(self, attempt: int) -> dict[str, Any]:
        """The CloudEvents envelope as sent, in the documented order of keys. `attempt` counts from 1."""
        return {
            "specversion": "1.0",
            "type": self.type,
            "source": "/nylas/passthru",
            "id": self.id,
            "time": self.created_at,
            "webhook_delivery_attempt": attempt,
            "data": {
                "application_id": self.application_id,
                "grant_id": self.grant_id,
                "object": self.object,
            },
        }


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to bring a notification to a webhook. `status` is what the receiver answered, if it did.

    `fault` is the id of the fault that made this try, or the outcome of it, up.
    """

    n: int
    at: int
    duration_ms: int
    status: int | None
    error: str | None
    headers: Mapping[str, str]
    body: bytes
    fault: str | None = None


@dataclass(slots=True)
class Delivery:
    """A notification on its way to one webhook; without one, it is kept only to be looked at.

    `next_attempt_at` (Unix seconds of sandbox time) goes with the status `retrying`, also where a fault has
    the first attempt wait.
    """

    notification: Notification
    webhook: Webhook | None
    status: DeliveryStatus = "queued"
    attempts: list[Attempt] = field(default_factory=list)
    next_attempt_at: int | None = None
    fault: Fault | None = None


@dataclass(slots=True)
class SentMail:
    """A mail in the sandbox's mailbox. `at` is Unix seconds. `smtp` is None where no SMTP server is used."""

    id: str
    at: int
    letter: Letter
    smtp: SmtpStatus | None = None
    error: str | None = None
    turn: int = 0


class Outbox:
    """The deliveries and mails of one world. Closed when the world is reset; then nothing more is sent."""

    def __init__(self, agenda: Agenda | None = None, webhooks: Mapping[str, Webhook] | None = None) -> None:
        """`agenda` takes what is to be tried again later; `webhooks` are the world's, as they are now."""
        self.agenda = agenda or Agenda()
        self._webhooks = webhooks
        self.changed = threading.Condition()
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT_NOTIFICATIONS)
        self.mails: deque[SentMail] = deque(maxlen=KEPT_MAILS)
        self._label = secrets.token_hex(6)
        self._added = 0
        self._mails_added = 0
        self._open = 0
        self._mail_under_way: SentMail | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def add(self, deliveries: Sequence[Delivery], mails: Sequence[SentMail]) -> None:
        """Keep them. One that is queued is in flight until whoever brings it calls `end_attempt`."""
        with self.changed:
            self.deliveries.extend(deliveries)
            self._added += len(deliveries)
            self.mails.extend(mails)
            self._mails_added += len(mails)
            self._open += sum(1 for delivery in deliveries if delivery.status == "queued")
            self.changed.notify_all()

    def cursor(self) -> str:
        """How far the deliveries have come by now, for `since`: the world's label, a dot, a number."""
        with self.changed:
            return f"{self._label}.{self._added}"

    def since(self, cursor: str) -> list[Delivery]:
        """The deliveries added after a cursor was got; all of them, if that was in another world."""
        label, _, count = cursor.partition(".")
        with self.changed:
            if label != self._label:
                return list(self.deliveries)
            new = max(0, self._added - int(count))
            return list(islice(reversed(self.deliveries), new))[::-1]

    def mail_cursor(self) -> str:
        """As `cursor`, of the mails."""
        with self.changed:
            return f"{self._label}.{self._mails_added}"

    def mails_since(self, cursor: str | None) -> list[tuple[str, SentMail]]:
        """The mails added after a cursor was got, each with the cursor behind it; else as `since`."""
        label, _, count = (cursor or "").partition(".")
        seen = int(count) if label == self._label else 0
        with self.changed:
            first = self._mails_added - len(self.mails) + 1
            numbered = list(enumerate(self.mails, first))
        return [(f"{self._label}.{number}", mail) for number, mail in numbered if number > seen]

    def end_attempt(
        self,
        delivery: Delivery,
        attempt: Attempt | None,
        status: DeliveryStatus,
        next_attempt_at: int | None = None,
        again: Callable[[], bool] | None = None,
    ) -> None:
        """Note how an attempt ended; with None, that the delivery was given up without one.

        `next_attempt_at` (Unix seconds of sandbox time) and `again`, which the agenda is to run then, go
        with the status `retrying`. Whoever waits for nothing to be in flight finds it on the agenda.
        """
        with self.changed:
            if attempt is not None:
                delivery.attempts.append(attempt)
            delivery.status = status
            delivery.next_attempt_at = next_attempt_at
            self._open -= 1
            if again is not None and next_attempt_at is not None:
                self.agenda.add(next_attempt_at, "delivery", delivery.notification.id, again)
            self.changed.notify_all()

    def addressee(self, delivery: Delivery) -> Webhook | None:
        """The delivery's webhook as it is now; None when it is gone or paused, and gets nothing any more."""
        if delivery.webhook is None or self._webhooks is None:
            return delivery.webhook
        webhook = self._webhooks.get(delivery.webhook.id)
        return webhook if webhook is not None and webhook.status in RECEIVING else None

    def reopen(self, delivery: Delivery) -> None:
        """Count a delivery that is on its way again (a retry or a redelivery) among those in flight."""
        with self.changed:
            self._open += 1
            delivery.status = "queued"
            delivery.next_attempt_at = None
            self.changed.notify_all()

    def resume(self, delivery: Delivery, due: int) -> bool:
        """As `reopen`, for one that was to be sent at `due`; false if it was sent meanwhile."""
        with self.changed:
            if delivery.next_attempt_at != due:
                return False
            self.reopen(delivery)
            return True

    def note_attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        """Note an attempt that another one follows at once."""
        with self.changed:
            delivery.attempts.append(attempt)
            self.changed.notify_all()

    def begin_smtp(self, sent: SentMail) -> bool:
        """Count a mail as under way until `note_smtp`; false if it must not be sent, its world being gone."""
        with self.changed:
            self._mail_under_way = None if self._closed else sent
            return not self._closed

    def note_smtp(self, sent: SentMail, status: SmtpStatus, error: str | None = None) -> None:
        """Note what became of a mail on its way to the SMTP server."""
        with self.changed:
            sent.smtp, sent.error = status, error
            if self._mail_under_way is sent:
                self._mail_under_way = None
            self.changed.notify_all()

    def close(self) -> None:
        """From now on no delivery begins and no mail. Those in flight are to be waited for with `drain`."""
        with self.changed:
            self._closed = True
            self.changed.notify_all()

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is in flight, at most `timeout` seconds of real time; true if so."""
        return self.wait_until(lambda: self._open == 0, timeout)

    def end_mail(self, timeout: float) -> bool:
        """Wait until no mail is under way to the SMTP server; those that wait for their turn don't count."""
        return self.wait_until(lambda: self._mail_under_way is None, timeout)

    def wait_until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait until the condition holds, asked again after each change; false when time is up."""
        with self.changed:
            return self.changed.wait_for(condition, timeout)
