"""Servers that are wrong in one way each: the real server with one thing in it replaced.

`python -m tests.conformance.mutants NAME serve --port 0 …` starts one. The modules beside this one hold them,
by topic. A mutant names the clauses that have to come out red (`breaks`) and those that may (`also`); any
other red is a fault of the suite.
"""

import importlib
import os
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from conformance.clauses import clause

Kind = Literal["domain", "time", "concurrency", "notification", "envelope", "auth"]
RAN = "MUTANT_RAN"
"""The environment variable that names the file which says that the spoiled line has run."""
_registered: dict[str, "Mutant"] = {}


@dataclass(frozen=True)
class Mutant:
    """One broken server. `spoil` replaces what is broken, before the server starts."""

    name: str
    told: str
    breaks: frozenset[str]
    also: frozenset[str]
    kinds: frozenset[Kind]
    spoil: Callable[[], None]

    @property
    def operations(self) -> frozenset[str]:
        """The operations whose checks can show it; none means all."""
        touched = [clause(each).operations for each in self.breaks]
        return frozenset() if not all(touched) else frozenset(name for names in touched for name in names)

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles of the clauses that it breaks."""
        return tuple(sorted({clause(each).profile for each in self.breaks}))


def mutant(
    *breaks: str, also: Iterable[str] = (), kinds: Iterable[Kind] = ()
) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function that spoils the server. Its docstring says in one line what is wrong then."""

    def register(spoil: Callable[[], None]) -> Callable[[], None]:
        told = (spoil.__doc__ or "").strip()
        assert told, f"{spoil.__name__}: what is wrong?"
        assert spoil.__name__ not in _registered, f"{spoil.__name__}: there is one of this name"
        assert all(clause(each) for each in (*breaks, *also))
        found = Mutant(spoil.__name__, told, frozenset(breaks), frozenset(also), frozenset(kinds), spoil)
        _registered[found.name] = found
        return spoil

    return register


def ran() -> None:
    """Call it where the server is wrong: a mutant that was never asked proves nothing."""
    place = os.environ.get(RAN)
    if place:
        Path(place).touch()


@cache
def mutants() -> dict[str, Mutant]:
    """All mutants by name."""
    for module in sorted(each.name for each in pkgutil.iter_modules(__path__)):
        if not module.startswith("_"):
            importlib.import_module(f"{__name__}.{module}")
    return dict(_registered)
