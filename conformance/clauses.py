"""The promises that an implementation is held to."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

from conformance.resources import packaged

PROFILES = ("read", "core", "confirmation", "private", "round-robin", "webhooks", "ui", "administration")
DEFAULT_PROFILE = "read"
ALL = "all"
PERMISSIONS = {
    "writes": "--allow-writes",
    "receiver": "--listen",
    "clock": "--slow, or --use-control",
    "travel": "--use-control",
    "mail": "--use-control",
}
"""Needs that the caller has to permit, with the option that does. Others are for the target to meet."""


class Level(IntEnum):
    """How binding a clause is, the strictest first."""

    MUST = 0
    SHOULD = 1
    MAY = 2


@dataclass(frozen=True)
class Clause:
    """One promise. `generated` names the checks of generated requests whose findings belong to it."""

    id: str
    level: Level
    profile: str
    promise: str
    source: str
    operations: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    generated: tuple[str, ...] = ()

    @property
    def source_text(self) -> str:
        """What the clause goes back to, for a person."""
        found = sources()[self.source]
        return f"{found['about']} ({found['url']})" if found["url"] else str(found["about"])


class UnknownClause(ValueError):
    """There is no clause with this id."""


@cache
def clauses() -> dict[str, Clause]:
    """All clauses by id, in the order of the list."""
    found = {}
    for entry in packaged("clauses.yaml"):
        lists = {key: tuple(entry.get(key, ())) for key in ("operations", "needs", "generated")}
        made: dict[str, Any] = {**entry, **lists, "level": Level[entry["level"]]}
        found[made["id"]] = Clause(**made)
    return found


@cache
def sources() -> dict[str, dict[str, str]]:
    """What is behind `Clause.source`."""
    found: dict[str, dict[str, str]] = packaged("sources.yaml")
    return found


def clause(id: str) -> Clause:
    """The clause with this id. Raises UnknownClause."""
    try:
        return clauses()[id]
    except KeyError:
        raise UnknownClause(f"{id!r}: there is no such clause; `conformance list` names them all") from None


def expanded(profiles: Iterable[str]) -> tuple[str, ...]:
    """Profiles with what they include: each of them includes `read`, and `all` every one."""
    chosen = set(profiles)
    if ALL in chosen:
        return PROFILES
    return tuple(each for each in PROFILES if each in chosen or each == DEFAULT_PROFILE)


@cache
def generated_clause(check: str, operation: str) -> Clause | None:
    """The clause that a finding of a check of generated requests belongs to."""
    general = None
    for each in clauses().values():
        if check in each.generated:
            if operation in each.operations:
                return each
            if not each.operations:
                general = each
    return general
