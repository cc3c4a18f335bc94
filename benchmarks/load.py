"""A small HTTP load generator: keep-alive connections, one request at a time on each."""

import json
import selectors
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter

Requests = Iterator[bytes]


@dataclass
class Shot:
    """What one measurement saw. Latencies are in milliseconds."""

    seconds: float
    latencies: list[float]
    statuses: set[int]

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def p50(self) -> float:
        return quantiles(self.latencies, n=100)[49]

    @property
    def p99(self) -> float:
        return quantiles(self.latencies, n=100)[98]


@dataclass
class _Connection:
    sock: socket.socket
    sent: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes) -> None:
        self.received.clear()
        self.sent = perf_counter()
        self.sock.sendall(request)

    def status(self) -> int | None:
        """The status, once the answer is complete."""
        chunk = self.sock.recv(262144)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self.received += chunk
        head, end, body = bytes(self.received).partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        return int(head[9:12]) if len(body) >= length else None


def request(method: str, path: str, body: object = None, key: str | None = None) -> bytes:
    """A request as it goes over the wire; `key` is the bearer token."""
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    if key is not None:
        head += f"Authorization: Bearer {key}\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def shoot(port: int, requests: Requests, connections: int, seconds: float, most: int | None = None) -> Shot:
    """Send requests for some seconds, or until there are `most` answers or no more requests."""
    selector = selectors.DefaultSelector()
    made = [_Connection(socket.create_connection(("127.0.0.1", port))) for _ in range(connections)]
    latencies: list[float] = []
    statuses: set[int] = set()
    begun = perf_counter()
    under_way = 0
    for connection in made:
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection.sock, selectors.EVENT_READ, connection)
        connection.send(next(requests))
        under_way += 1
    while under_way:
        for key, _ in selector.select(10):
            connection = key.data
            status = connection.status()
            if status is None:
                continue
            now = perf_counter()
            latencies.append((now - connection.sent) * 1000)
            statuses.add(status)
            goes_on = now - begun < seconds and (most is None or len(latencies) + under_way <= most)
            following = next(requests, None) if goes_on else None
            if following is None:
                under_way -= 1
            else:
                connection.send(following)
    spent = perf_counter() - begun
    for connection in made:
        connection.sock.close()
    selector.close()
    return Shot(spent, latencies, statuses)
