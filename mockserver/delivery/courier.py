"""Brings notifications to webhooks, on threads of its own.

Every webhook of every outbox has a lane: its deliveries wait there in order, and at most one of them is on
its way. Lanes with something to do stand in one line for the workers and go to its end after each delivery,
so a receiver that is slow holds up nobody but itself. Workers are made on demand, up to `WORKERS`; only when
that many receivers hang at the same moment does another one have to wait, at most until one of them times
out. No lock is held while anything is sent: a receiver may call the API.
"""

import gzip
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from mockserver.delivery.receivers import RECEIVER_SECONDS, USER_AGENT, Reason, Unanswered, ask
from mockserver.delivery.signature import SIGNATURE_HEADER, sign
from mockserver.domain.world import Webhook
from mockserver.sandbox import Attempt, Clock, Delivery, Fault, Notification, Outbox
from mockserver.sandbox.outbox import DeliveryStatus

WORKERS = 64
IDLE_SECONDS = 5.0
"""How long a worker without work stays, in real time."""

WAITING = 10_000
"""How many deliveries may wait for one webhook; what comes on top is dropped."""

logger = logging.getLogger(__name__)

RETRIED = frozenset({408, 429, 502, 503, 504, 507})
PAUSES = (150, 750)
"""Seconds between the first and the second attempt, and between the second and the last."""

_LaneKey = tuple[int, str]


@dataclass(slots=True)
class _Lane:
    """The deliveries that wait for one webhook. It exists while there are any, or one is on its way."""

    key: _LaneKey
    outbox: Outbox
    clock: Clock
    waiting: deque[Delivery] = field(default_factory=deque)


class Courier:
    """Brings deliveries, each webhook's in the order of `submit`. Thread-safe."""

    def __init__(
        self, limit: float = RECEIVER_SECONDS, workers: int = WORKERS, waiting: int = WAITING
    ) -> None:
        """`limit` is the real time in seconds that a receiver has for its answer."""
        self._limit = limit
        self._most_workers = workers
        self._most_waiting = waiting
        self._changed = threading.Condition()
        self._lanes: dict[_LaneKey, _Lane] = {}
        self._ready: deque[_Lane] = deque()
        self._workers = 0
        self._idle = 0
        self._stopping = False

    def submit(self, outbox: Outbox, clock: Clock, deliveries: Sequence[Delivery]) -> None:
        """Take over deliveries that the outbox counts as in flight; returns at once.

        What can't be brought, because too many wait for the same webhook or the courier has been stopped,
        ends as dropped.
        """
        with self._changed:
            refused = [each for each in deliveries if not self._enqueue(outbox, clock, each)]
            self._hire()
            self._changed.notify_all()
        for delivery in refused:
            logger.warning("%s: dropped, too many wait or the courier has stopped", _name(delivery))
            outbox.end_attempt(delivery, None, "dropped")

    def stop(self, timeout: float) -> bool:
        """Take nothing more, finish what waits within that many seconds, drop the rest; true if none was."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            finished = self._changed.wait_for(lambda: not self._lanes, timeout)
            left = [(lane.outbox, each) for lane in self._lanes.values() for each in lane.waiting]
            for lane in self._lanes.values():
                lane.waiting.clear()
            while self._ready:
                del self._lanes[self._ready.popleft().key]
        for outbox, delivery in left:
            logger.warning("%s: dropped, the courier stops", _name(delivery))
            outbox.end_attempt(delivery, None, "dropped")
        return finished

    def _enqueue(self, outbox: Outbox, clock: Clock, delivery: Delivery) -> bool:
        if delivery.webhook is None or self._stopping:
            return False
        key = (id(outbox), delivery.webhook.id)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(key, outbox, clock)
            self._ready.append(lane)
        elif len(lane.waiting) >= self._most_waiting:
            return False
        lane.waiting.append(delivery)
        return True

    def _hire(self) -> None:
        """Start a worker for every lane in line that no idle one is about to take, as far as allowed."""
        while len(self._ready) > self._idle and self._workers < self._most_workers:
            worker = threading.Thread(target=self._work, name="courier", daemon=True)
            try:
                worker.start()
            except RuntimeError:  # the machine has no thread left; those at work take over in time
                logger.exception("no further worker")
                return
            self._workers += 1
            self._idle += 1

    def _work(self) -> None:
        while (lane := self._next_lane()) is not None:
            try:
                self._serve(lane)
            finally:
                self._release(lane)

    def _next_lane(self) -> _Lane | None:
        """The lane whose turn it is, waited for; None when this worker is no longer needed."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._stopping, IDLE_SECONDS)
            self._idle -= 1
            if self._ready:
                return self._ready.popleft()
            self._workers -= 1
            return None

    def _release(self, lane: _Lane) -> None:
        with self._changed:
            self._idle += 1
            if lane.waiting:
                self._ready.append(lane)
            else:
                del self._lanes[lane.key]
            self._changed.notify_all()

    def _serve(self, lane: _Lane) -> None:
        """Bring the lane's next delivery, or give up all of them when its world is gone."""
        if lane.outbox.closed:
            with self._changed:
                given_up = list(lane.waiting)
                lane.waiting.clear()
            for delivery in given_up:
                lane.outbox.end_attempt(delivery, None, "dropped")
            return
        with self._changed:
            if not lane.waiting:  # emptied by `stop`
                return
            delivery = lane.waiting.popleft()
        attempt: Attempt | None = None
        next_at: int | None = None
        again: Callable[[], bool] | None = None
        status: DeliveryStatus = "failed"
        try:
            webhook = lane.outbox.addressee(delivery)
            if webhook is None:
                status = "dropped"
                return
            fault = delivery.fault if not delivery.attempts else None
            attempt, answer = self._attempt(delivery, webhook, lane.clock, fault)
            received = succeeded(attempt)
            if fault is not None and fault.effect.duplicate and not lane.outbox.closed:
                lane.outbox.note_attempt(delivery, attempt)
                attempt, answer = self._attempt(delivery, webhook, lane.clock, fault)
                received = received or succeeded(attempt)
            pause = None if received else pause_before_next(attempt, answer)
            status = "delivered" if received else "failed"
            if pause is not None:
                status, next_at = "retrying", lane.clock.now() + pause
                again = partial(self._again, lane.outbox, lane.clock, delivery, next_at)
        except Exception:
            logger.exception("%s: not sent", _name(delivery))
        finally:
            lane.outbox.end_attempt(delivery, attempt, status, next_at, again)

    def _again(self, outbox: Outbox, clock: Clock, delivery: Delivery, due: int) -> bool:
        if not outbox.resume(delivery, due):
            return False  # somebody had it brought again meanwhile
        self.submit(outbox, clock, [delivery])
        return True

    def _attempt(
        self, delivery: Delivery, webhook: Webhook, clock: Clock, fault: Fault | None = None
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
                answer = ask("POST", webhook.url, headers=headers, body=body, limit=self._limit)
                status, answered = answer.status, dict(answer.headers)
        except Unanswered as failure:
            status, error = failure.status, str(failure)
        if fault is not None and fault.effect.drop == "after":
            status, error, answered = None, Reason.CLOSED.value, {}
        duration_ms = round((time.monotonic() - began) * 1000)
        logger.info("%s, attempt %d: %s", _name(delivery), n, error or status)
        by = None if fault is None else fault.id
        return Attempt(n, at, duration_ms, status, error, headers, body, by), answered


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


def _name(delivery: Delivery) -> str:
    """For the log: what goes where, without the URL, which may hold a secret."""
    webhook_id = "none" if delivery.webhook is None else delivery.webhook.id
    return f"{delivery.notification.type} {delivery.notification.id} to webhook {webhook_id}"
