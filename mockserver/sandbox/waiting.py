"""Requests that wait, for something to happen in a sandbox or just so: how many may, what lets them go."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from mockserver.sandbox.outbox import Outbox
from mockserver.sandbox.sandbox import Sandbox

T = TypeVar("T")

SEATS = 32
"""How many requests may wait at once: half of the server's threads, the others have to get through."""

GLANCE_SECONDS = 0.2
"""How often a waiter looks up from the outbox, in real time: the server may stop, the world be reset."""


class WaitingRoom:
    """Where requests wait. Nobody holds a lock meanwhile; `stopping` lets everybody go."""

    def __init__(self, stopping: threading.Event, seats: int = SEATS) -> None:
        self._stopping = stopping
        self._seats = threading.BoundedSemaphore(seats)

    @contextmanager
    def seat(self) -> Iterator[bool]:
        """A seat, if one is free; whether it was."""
        got = self._seats.acquire(blocking=False)
        try:
            yield got
        finally:
            if got:
                self._seats.release()

    def sleep(self, seconds: float) -> bool:
        """Sleep for so many seconds of real time, or until the server stops; at once false without a seat."""
        with self.seat() as seated:
            if seated:
                self._stopping.wait(seconds)
            return seated

    def watch(
        self, sandbox: Sandbox, enough: Callable[[Outbox], bool], show: Callable[[Outbox], T], seconds: float
    ) -> T:
        """What `show` makes of the sandbox's outbox as soon as there is `enough`, or when time is up.

        Both are asked with the outbox locked. At once if all seats are taken; a reset goes on waiting with
        the new world's outbox.
        """
        outbox = sandbox.outbox
        with outbox.changed:
            if seconds <= 0 or enough(outbox):
                return show(outbox)
        with self.seat() as seated:
            return self.wait(sandbox, enough, show, seconds if seated else 0)

    def wait(
        self, sandbox: Sandbox, enough: Callable[[Outbox], bool], show: Callable[[Outbox], T], seconds: float
    ) -> T:
        """As `watch`, for somebody who has a seat."""
        until = time.monotonic() + seconds
        while True:
            outbox = sandbox.outbox
            with outbox.changed:
                left = until - time.monotonic()
                there = outbox.wait_until(
                    lambda outbox=outbox: outbox.closed or enough(outbox),  # type: ignore[misc]
                    max(0, min(left, GLANCE_SECONDS)),
                )
                replaced = outbox is not sandbox.outbox
                if not replaced and (there or left <= 0 or self._stopping.is_set()):
                    return show(outbox)
