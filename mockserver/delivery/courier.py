"""Brings notifications to webhooks, on threads of its own.

Every webhook of every outbox has a lane: its deliveries wait there in order, and at most one of them is on
its way. Lanes with something to do stand in one line for the workers and go to its end after each delivery,
so a receiver that is slow holds up nobody but itself. Workers are made on demand, up to `WORKERS`; only when
that many receivers hang at the same moment does another one have to wait, at most until one of them times
out. No lock is held while anything is sent: a receiver may call the API.
"""

import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mockserver.delivery.bringing import bring, name_of
from mockserver.delivery.receivers import RECEIVER_SECONDS, Answer, ask
from mockserver.domain.world import Webhook
from mockserver.sandbox import Clock, Delivery, Outbox

WORKERS = 64
IDLE_SECONDS = 5.0
"""How long a worker without work stays, in real time."""

WAITING = 10_000
"""How many deliveries may wait for one webhook; what comes on top is dropped."""

logger = logging.getLogger(__name__)

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
            logger.warning("%s: dropped, too many wait or the courier has stopped", name_of(delivery))
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
            logger.warning("%s: dropped, the courier stops", name_of(delivery))
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
        bring(lane.outbox, lane.clock, delivery, self._reach, self.submit)

    def _reach(self, webhook: Webhook, headers: Mapping[str, str], body: bytes) -> Answer:
        return ask("POST", webhook.url, headers=headers, body=body, limit=self._limit)
