"""What a run is to do, and to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.clauses import DEFAULT_PROFILE, expanded
from conformance.strangers.ledger import DEFAULT as LEDGER
from conformance.strangers.limits import Limits

ROLES = ("booking", "confirmation", "private", "round-robin", "expired", "unscoped")
"""What a configuration can be used for. `expired`: its participant has no valid grant; `unscoped`: a
grant that may not write events. The two can't be seen from outside and have to be named."""


@dataclass(frozen=True)
class Settings:
    """A run. Every time span is in seconds unless its name says otherwise."""

    base_url: str
    api_key: str | None = None
    client_id: str | None = None
    sessions: Mapping[str, str] = field(default_factory=dict)
    """Session ids for private configurations that can't be opened with an API key, by configuration id."""
    grants: tuple[str, ...] = ()
    """Ids or e-mail addresses whose configurations are looked through."""
    configurations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Configuration ids by role; under "" those whose role is to be found out."""
    bookings: Mapping[str, str] = field(default_factory=dict)
    """Booking ids that stand already, by role: `unscoped`."""
    profiles: tuple[str, ...] = (DEFAULT_PROFILE,)
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    quick: bool = False
    checks_only: bool = False
    """No generated requests: what only they can show stays unverified."""
    time_limit: float | None = None
    slow: bool = False
    """Real time may be waited for, up to half an hour."""
    use_control: bool = False
    """The target is our mock and its clock may be moved."""
    listen: str | None = None
    """`host:port` where deliveries are received."""
    public_url: str | None = None
    """How the target reaches `listen`, through a tunnel for instance."""
    salt_command: str | None = None
    """Prints the salt of the booking whose id is appended as its last argument."""
    ledger: Path = LEDGER
    operations: frozenset[str] = frozenset()
    """Operations to look at; none means all."""
    only: frozenset[str] = frozenset()
    """Clauses to look at; none means all."""

    @property
    def selected(self) -> tuple[str, ...]:
        """The profiles with what they include."""
        return expanded(self.profiles)
