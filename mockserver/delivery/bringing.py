"""One delivery on its way: signed, sent or handed over, noted, and tried again where that is due.

How the bytes reach the receiver, and on whose thread, is the courier's affair.
"""

import gzip
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from mockserver.delivery.receivers import USER_AGENT, Answer, Reason, Unanswered
from mockserver.delivery.signature import SIGNATURE_HEADER, sign
from mockserver.domain.world import Webhook
from mockserver.sandbox import Attempt, Clock, Delivery, Fault, Notification, Outbox
from mockserver.sandbox.outbox import DeliveryStatus

logger = logging.getLogger(__name__)

RETRIED = frozenset({408, 429, 502, 503, 504, 507})
PAUSES = (150, 750)
"""Seconds between the first and the second attempt, and between the second and the last."""

Reach = Callable[[Webhook, Mapping[str, str], bytes], Answer]
"""Brings headers and body to a webhook and says what was answered. Raises Unanswered."""

Submit = Callable[[Outbox, Clock, Sequence[Delivery]], None]
"""Takes over deliveries that the outbox counts as in flight."""


def bring(outbox: Outbox, clock: Clock, delivery: Delivery, reach: Reach, submit: Submit) -> None:
    """Make the next attempt at a delivery and note how it ended. A retry goes to `submit` when it is due."""
    attempt: Attempt | None = None
    next_at: int | None = None
    again: Callable[[], bool] | None = None
    status: DeliveryStatus = "failed"
    try:
        webhook = outbox.addressee(delivery)
        if webhook is None:
            status = "dropped"
            return
        fault = delivery.fault if not delivery.attempts else None
        attempt, answer = _attempt(delivery, webhook, clock, reach, fault)
        received = succeeded(attempt)
        if fault is not None and fault.effect.duplicate and not outbox.closed:
            outbox.note_attempt(delivery, attempt)
            attempt, answer = _attempt(delivery, webhook, clock, reach, fault)
            received = received or succeeded(attempt)
        pause = None if received else pause_before_next(attempt, answer)
        status = "delivered" if received else "failed"
        if pause is not None:
            status, next_at = "retrying", clock.now() + pause
            again = partial(_again, outbox, clock, delivery, next_at, submit)
    except Exception:
        logger.exception("%s: not sent", name_of(delivery))
    finally:
        outbox.end_attempt(delivery, attempt, status, next_at, again)


def payload(notification: Notification, attempt: int, compressed: bool) -> bytes:
    """The body as it is sent and signed: compact JSON in UTF-8, compressed if the webhook wants it."""
    text = json.dumps(notification.envelope(attempt), ensure_ascii=False, separators=(",", ":"))
    body = text.encode(errors="backslashreplace")  # half a surrogate pair stays the JSON escape it came as
    return gzip.compress(body, mtime=0) if compressed else body


def succeeded(attempt: Attempt) -> bool:
    """Whether the receiver has taken it: a complete answer with status 200."""
    return attempt.status == 200 and attempt.error is None


def pause_before_next(attempt: Attempt, answered: Mapping[str, str]) -> int | None:
    """Seconds of sandbox time after which a failed attempt is repeated; None for the last, and if it isn't.

    Documented: at most three attempts with exponential back-off, the last ten to twenty minutes after the
    first; which statuses are retried, connection errors and time-outs too; `Retry-After` with 429.
    """
    unanswered = attempt.error not in (None, Reason.NOT_ALLOWED.value)
    if attempt.n > len(PAUSES) or not (unanswered or attempt.status in RETRIED):
        return None
    asked = next((value for name, value in answered.items() if name.lower() == "retry-after"), "")
    if attempt.status == 429 and asked.isascii() and asked.isdigit() and len(asked) < 6:
        return int(asked)
    return PAUSES[attempt.n - 1]


def name_of(delivery: Delivery) -> str:
    """For the log: what goes where, without the URL, which may hold a secret."""
    webhook_id = "none" if delivery.webhook is None else delivery.webhook.id
    return f"{delivery.notification.type} {delivery.notification.id} to webhook {webhook_id}"


def _again(outbox: Outbox, clock: Clock, delivery: Delivery, due: int, submit: Submit) -> bool:
    if not outbox.resume(delivery, due):
        return False  # somebody had it brought again meanwhile
    submit(outbox, clock, [delivery])
    return True


def _attempt(
    delivery: Delivery, webhook: Webhook, clock: Clock, reach: Reach, fault: Fault | None = None
) -> tuple[Attempt, Mapping[str, str]]:
    """One attempt, and the headers of the answer. A fault may make the answer up, or lose it."""
    n, at = len(delivery.attempts) + 1, clock.now()
    body = payload(delivery.notification, n, webhook.compressed_delivery)
    headers = {
        "Content-Type": "application/json",
        **({"Content-Encoding": "gzip"} if webhook.compressed_delivery else {}),
        "User-Agent": USER_AGENT,
        SIGNATURE_HEADER: sign(webhook.secret, body),
    }
    status, error, answered = None, None, dict[str, str]()
    began = time.monotonic()
    try:
        if fault is not None and fault.effect.status is not None:
            status, answered = fault.effect.status, dict(fault.effect.headers or {})
        else:
            answer = reach(webhook, headers, body)
            status, answered = answer.status, dict(answer.headers)
    except Unanswered as failure:
        status, error = failure.status, str(failure)
    if fault is not None and fault.effect.drop == "after":
        status, error, answered = None, Reason.CLOSED.value, {}
    duration_ms = round((time.monotonic() - began) * 1000)
    logger.info("%s, attempt %d: %s", name_of(delivery), n, error or status)
    by = None if fault is None else fault.id
    return Attempt(n, at, duration_ms, status, error, headers, body, by), answered
