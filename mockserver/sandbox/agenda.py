"""What is to happen at a later sandbox time: retries of deliveries and reminders."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

log = logging.getLogger("mockserver")

Kind = Literal["delivery", "reminder"]

LONGEST_SLEEP = 60.0
"""The timekeeper looks up at least this often, in real seconds: machines are suspended, their clocks set."""


@dataclass(order=True, slots=True)
class Entry:
    """Something due. `run` says whether it still was to be done; `at` is Unix seconds of sandbox time."""

    at: int
    order: int
    kind: Kind = field(compare=False)
    id: str = field(compare=False)
    run: Callable[[], bool] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Fired:
    """Something that fell due and was done."""

    at: int
    kind: Kind
    id: str


class Agenda:
    """The entries of one world, soonest first; of the same moment in the order they were made."""

    def __init__(self, on_add: Callable[[], None] = lambda: None) -> None:
        self._on_add = on_add
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._orders = itertools.count()
        self._closed = False

    def add(self, at: int, kind: Kind, id: str, run: Callable[[], bool]) -> None:
        """Have something done at a sandbox time (Unix seconds); never, once the agenda is closed."""
        with self._lock:
            if self._closed:
                return
            heapq.heappush(self._entries, Entry(at, next(self._orders), kind, id, run))
        self._on_add()

    def next_at(self) -> int | None:
        """When the next entry is due, if there is one."""
        with self._lock:
            return self._entries[0].at if self._entries else None

    def take(self, now: int) -> Entry | None:
        """The next entry that is due at `now`, taken off."""
        with self._lock:
            if self._entries and self._entries[0].at <= now:
                return heapq.heappop(self._entries)
            return None

    def close(self) -> None:
        """Forget everything; nothing is added any more."""
        with self._lock:
            self._closed = True
            self._entries.clear()


def perform(entry: Entry) -> bool:
    """Do what is due; whether it still was to be done. A failure is logged and stops nothing else."""
    try:
        return entry.run()
    except Exception:
        log.exception("%s %s, due at %d, failed", entry.kind, entry.id, entry.at)
        return False


class Timekeeper:
    """One thread that wakes sandboxes whose clock runs by itself when something falls due in them.

    `wake` is called with a sandbox's key and says in how many real seconds it wants to be woken again, or
    None.
    """

    def __init__(self, wake: Callable[[str], float | None]) -> None:
        self._wake = wake
        self._changed = threading.Condition()
        self._calls: dict[str, float] = {}
        self._thread: threading.Thread | None = None
        self._stopped = False

    def look_at(self, key: str) -> None:
        """Wake the sandbox soon: its agenda or its clock has changed."""
        with self._changed:
            if self._stopped:
                return
            self._calls[key] = 0.0
            if self._thread is None:
                self._thread = self._start()
            self._changed.notify_all()

    def _start(self) -> threading.Thread | None:
        thread = threading.Thread(target=self._work, name="timekeeper", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the machine has no thread left; the next call tries again
            log.exception("no timekeeper")
            return None
        return thread

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(1.0)

    def _work(self) -> None:
        while (key := self._next()) is not None:
            try:
                seconds = self._wake(key)
            except Exception:
                log.exception("sandbox %s could not be woken", key)
                continue
            if seconds is not None:
                with self._changed:
                    at = time.monotonic() + min(seconds, LONGEST_SLEEP)
                    self._calls.setdefault(key, at)

    def _next(self) -> str | None:
        """The sandbox to be woken, waited for; None when it is time to stop."""
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                key = min(self._calls, key=self._calls.__getitem__, default=None)
                if key is not None and self._calls[key] <= now:
                    del self._calls[key]
                    return key
                self._changed.wait(None if key is None else self._calls[key] - now)
            return None
