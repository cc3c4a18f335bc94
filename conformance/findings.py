"""What was found out about each clause, while it is being found out."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.clauses import clause
from conformance.strangers.exchange import LONG, SHOWN, Exchange
from conformance.strangers.secrets import Secrets

MOST_EVIDENCE = 5
"""How many failures of one clause are kept with everything that shows them."""


@dataclass(frozen=True)
class Step:
    """A request as a command, and its answer in one line. Nothing secret is in either."""

    curl: str
    answer: str
    request_id: str


@dataclass(frozen=True)
class Failure:
    """How a clause was broken, with the requests that show it."""

    expected: str
    seen: str
    steps: tuple[Step, ...]


@dataclass
class Found:
    """What is known about one clause."""

    passes: int = 0
    failed: int = 0
    failures: list[Failure] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)
    """Why the clause could not be looked at."""
    unsupported: list[str] = field(default_factory=list)
    """How the target said that it doesn't have this."""
    errors: list[str] = field(default_factory=list)
    """What went wrong on our side."""


@dataclass
class Findings:
    """Collects what checks find out. Not for several threads at once."""

    secrets: Secrets
    found: dict[str, Found] = field(default_factory=lambda: defaultdict(Found))
    dialect: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """How often which documented variant was seen, by the dialect's switch."""
    generated: dict[str, Any] = field(default_factory=dict)
    """Figures about generated requests: `cases`, and how many by `phases`, `operations` (and status),
    `links`; `bookings` asked for and made, with their share; what was `excused`, and how often."""
    incomplete: list[str] = field(default_factory=list)
    """Why the run as a whole says less than it should."""

    def judge(
        self, clause_id: str, holds: bool, expected: str, seen: str, exchanges: Sequence[Exchange] = ()
    ) -> None:
        """Note that a clause was kept or broken."""
        found = self.of(clause_id)
        if holds:
            found.passes += 1
            return
        found.failed += 1
        if len(found.failures) < MOST_EVIDENCE:
            steps = tuple(self.step(exchange) for exchange in exchanges)
            mask = self.secrets.mask
            found.failures.append(Failure(mask(expected), mask(seen), steps))

    def unverified(self, clause_id: str, reason: str) -> None:
        """Note why a clause could not be looked at."""
        _once(self.of(clause_id).unverified, self.secrets.mask(reason))

    def unsupported(self, clause_id: str, reason: str) -> None:
        """Note that the target says it doesn't have this."""
        _once(self.of(clause_id).unsupported, self.secrets.mask(reason))

    def error(self, clause_id: str, reason: str) -> None:
        """Note that we failed, and not the target."""
        _once(self.of(clause_id).errors, self.secrets.mask(reason))

    def observe(self, switch: str, variant: str) -> None:
        """Note which documented variant the target shows."""
        self.dialect[switch][variant] += 1

    def step(self, exchange: Exchange) -> Step:
        """An exchange without secrets."""
        mask = self.secrets.mask
        curl = self.secrets.mask_command(exchange.curl())
        answer = mask(exchange.told(LONG))  # masked before it is cut: no half of a secret stays
        return Step(_cut(curl), _cut(answer), mask(exchange.request_id))

    def of(self, clause_id: str) -> Found:
        """What is known about a clause. Raises UnknownClause: a check may not invent one."""
        return self.found[clause(clause_id).id]


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _once(texts: list[str], text: str) -> None:
    if text not in texts:
        texts.append(text)
