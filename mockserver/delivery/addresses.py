"""Where receivers may live: which addresses are connected to, and connecting within a time limit.

Loopback and private addresses are welcome, for that is where receivers under development run. What only
answers to the machine that asks (link-local, the metadata services of the clouds) is refused. The address
that is judged is the one that the socket is connected to, so a host name that changes its mind between two
look-ups gains nothing.
"""

import ipaddress
import queue
import socket
import threading
import time
from typing import Any

FORBIDDEN = tuple(
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16",  # link-local: AWS, Google, Azure, Oracle and others
        "fe80::/10",
        "fd00:ec2::/32",  # AWS over IPv6
        "fd20:ce::254/128",  # Google over IPv6
        "100.100.100.200/32",  # Alibaba
        "168.63.129.16/32",  # Azure's host
        "192.0.0.192/32",  # Oracle, older
        "255.255.255.255/32",
    )
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Deadline:
    """A point in real time, some seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left. Raises TimeoutError when there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class ForbiddenAddress(Exception):
    """None of the host's addresses is one that is connected to."""


class TimedSocket(socket.socket):
    """A socket whose time limit covers everything done with it, however slowly the other side drips."""

    deadline: Deadline

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().send(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(self.deadline.left())
        super().sendall(*args, **kwargs)


def is_allowed(address: str) -> bool:
    """Whether an IP address, as text, may be a receiver's."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        within = ip.ipv4_mapped or ip.sixtofour
        if ip in NAT64:
            within = ipaddress.IPv4Address(ip.packed[-4:])
        if within is not None:
            ip = within
    return not (ip.is_multicast or ip.is_unspecified or any(ip in network for network in FORBIDDEN))


def connect(host: str, port: int, deadline: Deadline) -> TimedSocket:
    """A connection to the first allowed address of the host that takes it.

    Raises ForbiddenAddress where none is allowed, OSError (TimeoutError included) where none answers.
    """
    found = [entry for entry in _look_up(host, port, deadline) if is_allowed(str(entry[4][0]))]
    if not found:
        raise ForbiddenAddress
    failure: OSError = ConnectionError("no address")
    for tried, (family, kind, protocol, _, address) in enumerate(found):
        sock = TimedSocket(family, kind, protocol)
        sock.deadline = deadline
        try:
            sock.settimeout(deadline.left() / (len(found) - tried))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not is_allowed(sock.getpeername()[0]):
                raise ForbiddenAddress
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure


def _look_up(host: str, port: int, deadline: Deadline) -> list[Any]:
    """As getaddrinfo, which knows no time limit and is therefore left to a thread of its own."""
    answer: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answer.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except OSError as error:
            answer.put(error)
        except UnicodeError:
            answer.put(socket.gaierror("not a host name"))

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        found = answer.get(timeout=deadline.left())
    except queue.Empty:
        raise TimeoutError("timed out") from None
    if isinstance(found, OSError):
        raise found
    return found
