"""Which operations requests are generated for."""

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.clauses import Clause, Level, clauses
from conformance.settings import Settings
from conformance.verdict import wanted

ANSWERED = frozenset({"positive_data_acceptance", "response_schema_conformance", "asked_for"})
"""Checks that show nothing as long as the operation has not answered 200."""

REFUSED = "negative_data_rejection"


@dataclass(frozen=True)
class Selection:
    """Operation ids: those looked at, those that have to succeed once, those that links may lead to."""

    operations: frozenset[str]
    required: frozenset[str]
    permitted: frozenset[str]
    refusing: tuple[frozenset[str], ...] = ()
    """For each clause that bad requests are refused, the operations that can show it."""


def selection(settings: Settings, missing: Mapping[str, str]) -> Selection:
    """What the clauses that the run looks at are about. `missing` says by need why it isn't met."""
    possible = [
        each
        for each in clauses().values()
        if each.generated
        and each.profile in settings.selected
        and not any(need in missing for need in each.needs)
    ]
    general = any(wanted(each, settings) and not each.operations for each in possible)
    looked_at = [each for each in possible if general or wanted(each, settings)]
    required = [each for each in looked_at if each.level != Level.MAY and ANSWERED & set(each.generated)]
    refusing = [_operations([each], settings) for each in looked_at if REFUSED in each.generated]
    return Selection(
        _operations(looked_at, settings),
        _operations(required, settings),
        _operations(possible, None),
        tuple(each for each in refusing if each),
    )


def _operations(of: list[Clause], settings: Settings | None) -> frozenset[str]:
    found = frozenset(name for each in of for name in each.operations)
    return found & settings.operations if settings and settings.operations else found
