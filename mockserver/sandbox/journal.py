"""The requests of a sandbox and what they were answered, bounded, secrets masked."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from sys import getsizeof
from typing import Any

KEPT_REQUESTS = 1_000
KEPT_BODY = 64 * 1024
KEPT_BYTES = 8 * 1024 * 1024
MASKED_HEADERS = frozenset({"authorization", "cookie", "x-mock-control-token"})
MASK = "***"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. `at` is the sandbox's Unix time; bodies are text, cut when very long.

    `status` is None where a fault had it that nothing was done and nothing answered.
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

    def size(self) -> int:
        """How many bytes of memory the texts take, about."""
        headers = (*self.request_headers.values(), *self.response_headers.values())
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


class Journal:
    """The latest exchanges of a sandbox, oldest first; both their number and their size are bounded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exchanges: deque[Exchange] = deque()
        self._bytes = 0
        self._explanations: dict[str, Mapping[str, Any]] = {}

    def add(self, exchange: Exchange) -> None:
        with self._lock:
            self._exchanges.append(exchange)
            self._bytes += exchange.size()
            while len(self._exchanges) > KEPT_REQUESTS or self._bytes > KEPT_BYTES:
                self._bytes -= self._exchanges.popleft().size()

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

    def clear(self) -> None:
        with self._lock:
            self._exchanges.clear()
            self._bytes = 0
            self._explanations.clear()


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers as they may be shown: what lets somebody in is replaced."""
    return {name: MASK if name.lower() in MASKED_HEADERS else value for name, value in headers.items()}
