"""Brings notifications without threads: they wait until somebody has them brought, on his own thread."""

import threading
from collections import deque
from collections.abc import Sequence

from mockserver.delivery.bringing import Reach, bring
from mockserver.delivery.receivers import RECEIVER_SECONDS
from mockserver.sandbox import Clock, Delivery, Outbox


class Messenger:
    """Brings deliveries when told to, one at a time, in the order of `submit`. Thread-safe."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._waiting: deque[tuple[Outbox, Clock, Delivery]] = deque()
        self._changed = threading.Condition()
        self._bringing: int | None = None
        """The thread that is at it."""

    def submit(self, outbox: Outbox, clock: Clock, deliveries: Sequence[Delivery]) -> None:
        """Take over deliveries that the outbox counts as in flight; returns at once."""
        with self._changed:
            self._waiting.extend((outbox, clock, delivery) for delivery in deliveries)

    def run(self) -> bool:
        """Bring all that waits; whether nothing is under way any more.

        A receiver may call the API, which sets off more: it is brought afterwards, further up in this thread.
        While another thread is at it, that one brings everything and is waited for, for a receiver's time.
        """
        if not self._waiting and self._bringing is None:
            return True
        here = threading.get_ident()
        with self._changed:
            if self._bringing == here:
                return False
            if self._bringing is not None:
                return self._changed.wait_for(lambda: self._bringing is None, RECEIVER_SECONDS)
            self._bringing = here
        try:
            while (task := self._next()) is not None:
                self._bring(*task)
        except BaseException:
            with self._changed:
                self._stop()
            raise
        return True

    def _bring(self, outbox: Outbox, clock: Clock, delivery: Delivery) -> None:
        if outbox.closed:
            outbox.end_attempt(delivery, None, "dropped")
        else:
            bring(outbox, clock, delivery, self._reach, self.submit)

    def _next(self) -> tuple[Outbox, Clock, Delivery] | None:
        """What is to be brought next; when there is nothing, nobody is at it any more."""
        with self._changed:
            if self._waiting:
                return self._waiting.popleft()
            self._stop()
            return None

    def _stop(self) -> None:
        self._bringing = None
        self._changed.notify_all()
