"""What has changed from one report to the next."""

from dataclasses import dataclass, field
from typing import Any

from conformance.clauses import Level
from conformance.report.document import ClauseTold, Document
from conformance.verdict import Status


@dataclass(frozen=True)
class Change:
    """A clause that ended otherwise than before. None: the report doesn't know the clause."""

    id: str
    level: str
    promise: str
    old: str | None
    new: str | None
    why: str
    """What was seen, or the reason why it isn't known any more."""

    def told(self) -> dict[str, Any]:
        """For a program."""
        return {
            "id": self.id,
            "level": self.level,
            "promise": self.promise,
            "old": self.old,
            "new": self.new,
            "why": self.why,
        }


@dataclass
class Difference:
    """Changes by what they mean."""

    worse: list[Change] = field(default_factory=list)
    """Broken now; or kept before, and no longer known to be."""
    better: list[Change] = field(default_factory=list)
    """Kept now."""
    unknown: list[Change] = field(default_factory=list)
    """Broken before, and now neither broken nor kept as far as is known."""
    new: list[Change] = field(default_factory=list)
    """Only the new report knows the clause."""
    gone: list[Change] = field(default_factory=list)
    """Only the old report knows the clause."""

    @property
    def alarming(self) -> bool:
        """Whether something got worse that somebody is held to: a MAY is held against nobody."""
        return any(each.level != Level.MAY.name for each in self.worse)

    def told(self) -> dict[str, Any]:
        """For a program."""
        parts = {name: [each.told() for each in changes] for name, changes in vars(self).items()}
        return {**parts, "got_worse": self.alarming}


def difference(old: Document, new: Document) -> Difference:
    """Compare two reports, clause by clause."""
    before, after = ({each["id"]: each for each in document["clauses"]} for document in (old, new))
    found = Difference()
    for id in dict.fromkeys((*before, *after)):
        _compare(before.get(id), after.get(id), found)
    return found


def _compare(old: ClauseTold | None, new: ClauseTold | None, found: Difference) -> None:
    change = _change(old, new)
    if old is None:
        found.new.append(change)
    elif new is None:
        found.gone.append(change)
    elif old["status"] == new["status"]:
        return
    elif new["status"] == Status.PASS:
        found.better.append(change)
    elif new["status"] == Status.FAIL or old["status"] == Status.PASS:
        found.worse.append(change)
    elif old["status"] == Status.FAIL:
        found.unknown.append(change)


def _change(old: ClauseTold | None, new: ClauseTold | None) -> Change:
    known: Any = new or old
    failures = new["failures"] if new else []
    why = f"expected {failures[0]['expected']}, seen {failures[0]['seen']}" if failures else ""
    return Change(
        known["id"],
        known["level"],
        known["promise"],
        old["status"] if old else None,
        new["status"] if new else None,
        why or (new["reason"] if new else ""),
    )
