"""The requests of a sandbox and what they were answered, and what else changed its world; bounded.

So that an export can begin with the world as it was then, a snapshot is kept with every block of entries; the
oldest one that is still followed by everything is where an export begins.
"""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from sys import getsizeof
from typing import Any, Literal

from mockserver.sandbox.snapshot import Snapshot

KEPT_REQUESTS = 1_000
KEPT_CHANGES = 1_000
KEPT_BODY = 64 * 1024
KEPT_BYTES = 8 * 1024 * 1024
BLOCKS = 4
"""A snapshot is kept for every such part of what is kept: so much is lost to an export, at most."""
MASKED_HEADERS = frozenset({"authorization", "cookie", "x-mock-control-token"})
MASK = "***"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. `at` is the sandbox's Unix time; bodies are text, cut when very long.

    `status` is None where a fault had it that nothing was done and nothing answered. `turn` tells when it
    was done. `authorization` is the header as it came, never shown: exports refer to what it names.
    """

    id: str
    at: int
    method: str
    path: str
    query: str
    status: int | None
    duration_ms: float
    request_headers: Mapping[str, str]
    request_body: str
    response_headers: Mapping[str, str]
    response_body: str
    fault: str | None = None
    turn: int = 0
    authorization: str = field(default="", repr=False)

    def size(self) -> int:
        """How many bytes of memory the texts take, about."""
        headers = (*self.request_headers.values(), *self.response_headers.values(), self.authorization)
        return sum(map(getsizeof, (self.path, self.query, self.request_body, self.response_body, *headers)))

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "duration_ms": self.duration_ms,
            "request": {"headers": dict(self.request_headers), "body": self.request_body},
            "response": {"headers": dict(self.response_headers), "body": self.response_body},
            **({"fault": self.fault} if self.fault is not None else {}),
        }


ChangeKind = Literal["clock", "event", "removal", "faults", "faults_removed", "dialect"]


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody changed from outside, and with which turn. `at` is the sandbox's Unix time after it."""

    turn: int
    at: int
    kind: ChangeKind
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """What happened since a snapshot, in order; without one, since the scenario was loaded."""

    start: Snapshot | None
    entries: list[Exchange | Change]


class Journal:
    """The latest exchanges and changes of a sandbox, oldest first; their number and size are bounded."""

    def __init__(self, turn: int = 0) -> None:
        """`turn` is the sandbox's latest one; what follows it belongs here."""
        self._lock = threading.Lock()
        self._exchanges: deque[Exchange] = deque()
        self._changes: deque[Change] = deque()
        self._bytes = 0
        self._explanations: dict[str, Mapping[str, Any]] = {}
        self._begun = self._lost = turn
        self._snapshots: deque[Snapshot] = deque()
        self._block_entries = self._block_bytes = 0

    def add(self, exchange: Exchange) -> bool:
        """Note a request; whether a snapshot should be kept by now."""
        size = exchange.size()
        with self._lock:
            self._exchanges.append(exchange)
            self._bytes += size
            while len(self._exchanges) > KEPT_REQUESTS or self._bytes > KEPT_BYTES:
                lost = self._exchanges.popleft()
                self._bytes -= lost.size()
                self._lost = max(self._lost, lost.turn)
            return self._is_full(size)

    def record(self, change: Change) -> bool:
        """Note a change from outside; whether a snapshot should be kept by now."""
        with self._lock:
            self._changes.append(change)
            if len(self._changes) > KEPT_CHANGES:
                self._lost = max(self._lost, self._changes.popleft().turn)
            return self._is_full(0)

    def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, and forget those that an export can do without."""
        with self._lock:
            self._snapshots.append(snapshot)
            self._block_entries = self._block_bytes = 0
            while len(self._snapshots) > 1 and self._snapshots[1].turn <= self._lost:
                self._snapshots.popleft()

    def record_since_start(self) -> Record:
        """What happened, as far as it is known from its beginning on."""
        with self._lock:
            start = None
            if self._lost > self._begun:
                start = next((each for each in self._snapshots if each.turn >= self._lost), None)
            turn = self._begun if start is None else start.turn
            entries: list[Exchange | Change] = [*self._exchanges, *self._changes]
            entries = [each for each in entries if each.turn > turn]
            return Record(start, sorted(entries, key=lambda each: each.turn))

    def explain(self, request_id: str, explanation: Mapping[str, Any]) -> None:
        """Keep why a request was refused, as it was when it was refused."""
        with self._lock:
            while len(self._explanations) >= KEPT_REQUESTS:
                self._explanations.pop(next(iter(self._explanations)))
            self._explanations[request_id] = explanation

    def explanation(self, request_id: str) -> Mapping[str, Any] | None:
        with self._lock:
            return self._explanations.get(request_id)

    def exchanges(self) -> list[Exchange]:
        with self._lock:
            return list(self._exchanges)

    def clear(self, snapshot: Snapshot | None = None) -> None:
        """Forget everything; an export begins with the snapshot then."""
        with self._lock:
            self._exchanges.clear()
            self._changes.clear()
            self._bytes = self._block_entries = self._block_bytes = 0
            self._explanations.clear()
            self._snapshots.clear()
            if snapshot is not None:
                self._snapshots.append(snapshot)
                self._lost = snapshot.turn

    def _is_full(self, size: int) -> bool:
        self._block_entries += 1
        self._block_bytes += size
        return self._block_entries >= KEPT_REQUESTS // BLOCKS or self._block_bytes >= KEPT_BYTES // BLOCKS


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers as they may be shown: what lets somebody in is replaced."""
    return {name: MASK if name.lower() in MASKED_HEADERS else value for name, value in headers.items()}
