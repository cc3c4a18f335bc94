"""What a sandbox sends: notifications with their deliveries, and mails. Kept, bounded, and waited for."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mockserver.domain.transaction import Mail
from mockserver.domain.world import Webhook

KEPT_NOTIFICATIONS = 10_000
KEPT_MAILS = 10_000

DeliveryStatus = Literal["queued", "delivered", "retrying", "failed", "dropped"]


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing to tell the world; every delivery of it carries the same id. Times are Unix seconds."""

    id: str
    type: str
    created_at: int
    application_id: str
    grant_id: str
    object: Mapping[str, Any]

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
    """One try to bring a notification to a webhook. `status` is what the receiver answered, if it did."""

    n: int
    at: int
    duration_ms: int
    status: int | None
    error: str | None
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Delivery:
    """A notification on its way to one webhook; without one, it is kept only to be looked at."""

    notification: Notification
    webhook: Webhook | None
    status: DeliveryStatus = "queued"
    attempts: list[Attempt] = field(default_factory=list)
    next_attempt_at: int | None = None


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail in the sandbox's mailbox. `at` is Unix seconds."""

    id: str
    at: int
    mail: Mail


class Outbox:
    """The deliveries and mails of one world. Closed when the world is reset; then nothing more is sent."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT_NOTIFICATIONS)
        self.mails: deque[SentMail] = deque(maxlen=KEPT_MAILS)
        self._open = 0
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def add(self, deliveries: Sequence[Delivery], mails: Sequence[SentMail]) -> None:
        """Keep them. One that is queued is in flight until whoever brings it calls `end_attempt`."""
        with self.changed:
            self.deliveries.extend(deliveries)
            self.mails.extend(mails)
            self._open += sum(1 for delivery in deliveries if delivery.status == "queued")
            self.changed.notify_all()

    def end_attempt(self, delivery: Delivery, attempt: Attempt | None, status: DeliveryStatus) -> None:
        """Note how an attempt ended; with None, that the delivery was given up without one.

        Then it is no longer in flight, not even when it is to be retried: `reopen` it before that.
        """
        with self.changed:
            if attempt is not None:
                delivery.attempts.append(attempt)
            delivery.status = status
            self._open -= 1
            self.changed.notify_all()

    def reopen(self, delivery: Delivery) -> None:
        """Count a delivery that is on its way again (a retry or a redelivery) among those in flight."""
        with self.changed:
            self._open += 1
            self.changed.notify_all()

    def close(self) -> None:
        """From now on no delivery begins. Those in flight are to be waited for with `drain`."""
        with self.changed:
            self._closed = True
            self.changed.notify_all()

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is in flight, at most `timeout` seconds of real time; true if so."""
        return self.wait_until(lambda: self._open == 0, timeout)

    def wait_until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait until the condition holds, asked again after each change; false when time is up."""
        with self.changed:
            return self.changed.wait_for(condition, timeout)
