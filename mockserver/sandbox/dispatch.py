"""How the deliveries of one world set out: at once, or as a fault has it late, out of order or not at all.

What a fault does to a delivery is decided when it is made, in the order of the commits, and not when a thread
gets round to it; so the same requests meet the same faults.
"""

import math
import threading
from collections.abc import Callable, Sequence
from functools import partial

from mockserver.sandbox.faults import Faults
from mockserver.sandbox.outbox import Delivery, Outbox

REORDER_SECONDS = 60
"""How long a delivery waits for another one to overtake it, in sandbox time."""


class Dispatch:
    """Hands the deliveries of one outbox to whoever brings them. Thread-safe."""

    def __init__(self, outbox: Outbox, faults: Faults, deliver: Callable[[Sequence[Delivery]], None]) -> None:
        """`deliver` must not block."""
        self._outbox = outbox
        self._faults = faults
        self._deliver = deliver
        self._lock = threading.Lock()
        self._held: dict[str, tuple[Delivery, int]] = {}

    def prepare(self, delivery: Delivery, now: int) -> None:
        """Let a fault strike a new delivery before the outbox takes it. `now` is Unix seconds."""
        if delivery.webhook is None or delivery.status != "queued":
            return
        notification, webhook = delivery.notification, delivery.webhook
        fault = self._faults.for_delivery(notification.type, notification.object.get("booking_id"))
        if fault is None:
            return
        delivery.fault, effect = fault, fault.effect
        if effect.drop == "before":
            delivery.status = "dropped"
        elif effect.delay_ms:
            _postpone(delivery, now + math.ceil(effect.delay_ms / 1000))
        elif effect.reorder:
            with self._lock:
                if webhook.id not in self._held:  # else it is the one that overtakes
                    _postpone(delivery, now + REORDER_SECONDS)
                    self._held[webhook.id] = (delivery, now + REORDER_SECONDS)

    def send(self, deliveries: Sequence[Delivery]) -> None:
        """Set out with those that are queued, in this order, and plan for those that are to wait."""
        with self._lock:
            leaving = []
            for delivery in deliveries:
                at = delivery.next_attempt_at
                if delivery.status == "queued":
                    leaving += [delivery, *self._overtaken(delivery)]
                elif at is not None:
                    due = partial(self._due, delivery, at)
                    self._outbox.agenda.add(at, "delivery", delivery.notification.id, due)
            if leaving:
                self._deliver(leaving)

    def _due(self, delivery: Delivery, at: int) -> bool:
        with self._lock:
            if not self._outbox.resume(delivery, at):
                return False
            self._held = {key: held for key, held in self._held.items() if held[0] is not delivery}
            self._deliver([delivery, *self._overtaken(delivery)])
            return True

    def _overtaken(self, delivery: Delivery) -> list[Delivery]:
        """The delivery that waited for this one to overtake it, if there is one."""
        held = None if delivery.webhook is None else self._held.pop(delivery.webhook.id, None)
        return [held[0]] if held is not None and self._outbox.resume(*held) else []


def _postpone(delivery: Delivery, at: int) -> None:
    delivery.status, delivery.next_attempt_at = "retrying", at
