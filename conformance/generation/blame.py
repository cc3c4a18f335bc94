"""Turns what checks of generated requests see into findings: passes are counted, failures told once each."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from conformance.clauses import generated_clause
from conformance.findings import Findings
from conformance.strangers.exchange import Exchange


@dataclass
class _Failing:
    expected: str
    seen: str
    exchanges: tuple[Exchange, ...]
    times: int = 1


class Blame:
    """Keeps of all failures that look alike the one that takes the fewest requests, until `settle`."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._failing: dict[tuple[str, Hashable], _Failing] = {}

    def passed(self, check: str, operation: str) -> None:
        """A check had something to look at, and it was right."""
        clause = generated_clause(check, operation)
        if clause is not None:
            self._findings.judge(clause.id, True, "", "")

    def failed(
        self,
        check: str,
        operation: str,
        expected: str,
        seen: str,
        exchanges: Sequence[Exchange],
        kind: Hashable = None,
    ) -> None:
        """A check found something. `kind` tells it from other failures of this check and operation."""
        clause = generated_clause(check, operation)
        if clause is None:
            return
        found = _Failing(expected, seen, tuple(exchanges))
        known = self._failing.setdefault((clause.id, (check, operation, kind)), found)
        if known is not found:
            known.times += 1
            if len(found.exchanges) < len(known.exchanges):
                known.expected, known.seen, known.exchanges = expected, seen, found.exchanges

    def settle(self) -> None:
        """Tell the failures, the ones with the fewest requests first."""
        by_length = sorted(self._failing.items(), key=lambda item: len(item[1].exchanges))
        for (clause_id, _), each in by_length:
            self._findings.judge(clause_id, False, each.expected, each.seen, each.exchanges)
            self._findings.of(clause_id).failed += each.times - 1
        self._failing.clear()
