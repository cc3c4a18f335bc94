"""What may be done to a target, and how much of it."""

import re
from dataclasses import dataclass

DAY = 86400
EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


class NotAllowed(Exception):
    """The run would have to do what its owner did not permit."""


@dataclass(frozen=True)
class Window:
    """Where bookings may lie: days from now, both ends included."""

    first: int = 7
    last: int = 21

    @classmethod
    def parse(cls, text: str) -> "Window":
        """`7-21`. Raises ValueError with what was expected."""
        found = re.fullmatch(r"\s*(\d{1,4})\s*-\s*(\d{1,4})\s*", text)
        if not found or not int(found[1]) < int(found[2]):
            raise ValueError(f"{text!r}: expected days ahead like 7-21, the first before the last")
        return cls(int(found[1]), int(found[2]))

    def at(self, now: int) -> tuple[int, int]:
        """Start and end in Unix seconds, seen from `now`."""
        return now + self.first * DAY, now + self.last * DAY


@dataclass(frozen=True)
class Limits:
    """What the owner of the target permits. `rate` is requests per second, None for as fast as they come."""

    allow_writes: bool = False
    guest_email: str | None = None
    window: Window = Window()
    max_bookings: int = 50
    rate: float | None = None
    most_retries: int = 4
    """How often a request is repeated after 429."""
    longest_pause: float = 60.0
    """Seconds that a `Retry-After` may ask for; more than that ends the run."""

    def guest(self, number: int) -> str:
        """The e-mail address of a made-up guest: at example.com, or a tagged address of the owner's."""
        if self.guest_email is None:
            return f"conformance-guest-{number}@example.com"
        local, _, domain = self.guest_email.partition("@")
        return f"{local}+{number}@{domain}"
