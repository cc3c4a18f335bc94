"""From what was found to what is said: a status for each clause, a verdict for each profile, an exit code."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from conformance.clauses import PERMISSIONS, PROFILES, Clause, Level, clauses
from conformance.deviations import Deviation
from conformance.findings import Findings, Found
from conformance.settings import Settings


class Status(StrEnum):
    """How a clause ended."""

    PASS = "pass"  # noqa: S105 -- a word of the verdict
    FAIL = "fail"
    DISABLED = "disabled"
    UNSUPPORTED = "unsupported"
    NOT_VERIFIED = "not verified"
    ERROR = "error"


class Exit:
    """What the command ends with."""

    CONFORMS = 0
    BROKEN = 1
    COULD_NOT_RUN = 2
    INCOMPLETE = 3


class Standing(StrEnum):
    """What has become of a known deviation."""

    KNOWN = "known"
    """Its clause is broken, as is known."""
    EXPIRED = "expired"
    """Its clause is broken, and its day is over: the failure counts."""
    GONE = "gone"
    """Its clause is kept."""
    NOT_SEEN = "not looked at"
    """This run has neither seen its clause kept nor broken."""


@dataclass(frozen=True)
class Ruling:
    """What is said about one clause. `reason` says why it is neither pass nor fail.

    `asked`: the command line asks for it, be it permitted or not.
    """

    clause: Clause
    status: Status
    reason: str
    found: Found
    asked: bool = True


@dataclass(frozen=True)
class Verdict:
    """What is said about an implementation."""

    rulings: tuple[Ruling, ...]
    selected: tuple[str, ...]
    """The profiles that were asked for."""
    incomplete: tuple[str, ...] = ()
    """Why the run as a whole says less than it should."""
    strict: bool = False
    """Whether SHOULDs count like MUSTs."""
    standings: Mapping[Deviation, Standing] | None = None
    """What has become of each known deviation."""

    def knowing(self, deviations: Iterable[Deviation], today: date) -> "Verdict":
        """The same verdict, putting up with what is known: it doesn't count as broken before it expires."""
        by_clause = {each.clause.id: each.status for each in self.rulings}
        standings = {each: _standing(each, by_clause[each.clause.id], today) for each in deviations}
        return replace(self, standings=standings)

    @property
    def binding(self) -> tuple[Level, ...]:
        """The levels that decide."""
        return (Level.MUST, Level.SHOULD) if self.strict else (Level.MUST,)

    @property
    def known(self) -> frozenset[str]:
        """The clauses whose failure is put up with."""
        standings = self.standings or {}
        return frozenset(each.clause.id for each, how in standings.items() if how == Standing.KNOWN)

    @property
    def gone(self) -> list[Deviation]:
        """The known deviations that are no longer any."""
        return [each for each, how in (self.standings or {}).items() if how == Standing.GONE]

    def count(self, profile: str, level: Level = Level.MUST) -> Counter[Status]:
        """How many clauses of a profile that were asked for ended how."""
        return Counter(each.status for each in self._asked(profile) if each.clause.level == level)

    def known_in(self, profile: str) -> int:
        """How many MUSTs of a profile are broken as is known."""
        musts = (each for each in self._asked(profile) if each.clause.level == Level.MUST)
        return sum(each.clause.id in self.known for each in musts)

    @property
    def tested(self) -> list[str]:
        """Selected profiles of which a clause was looked at."""
        looked_at = {
            each.clause.profile for each in self.rulings if each.status in (Status.PASS, Status.FAIL)
        }
        return [profile for profile in self.selected if profile in looked_at]

    @property
    def broken(self) -> list[Ruling]:
        """The binding clauses that are broken and are not known to be."""
        return [
            each
            for each in self.rulings
            if each.status == Status.FAIL
            and each.clause.level in self.binding
            and each.clause.id not in self.known
        ]

    @property
    def unverified(self) -> list[Ruling]:
        """The binding clauses that were asked for and that nothing was found out about."""
        missing = (Status.NOT_VERIFIED, Status.ERROR, Status.UNSUPPORTED)
        return [each for each in self.rulings if each.status in missing and each.clause.level in self.binding]

    @property
    def untested(self) -> list[str]:
        """Profiles that were asked for and not looked at at all: nothing seen is no conformance."""
        return [each for each in self.selected if each not in self.tested and self._asked(each)]

    def exit_code(self, *, allow_incomplete: bool = False) -> int:
        """0 conforms, 1 a MUST is broken, 3 a selected MUST was not verified.

        `allow_incomplete` turns 3 into 0, but neither where nothing at all was seen nor where we failed
        ourselves. When strict, a deviation that is gone counts like a broken clause: the file has to be kept.
        """
        if self.broken or (self.strict and self.gone):
            return Exit.BROKEN
        if not self.tested or any(each.status == Status.ERROR for each in self.unverified):
            return Exit.INCOMPLETE
        if (self.unverified or self.incomplete or self.untested) and not allow_incomplete:
            return Exit.INCOMPLETE
        return Exit.CONFORMS

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        parts = [self._told(profile) for profile in self.selected if profile in self.tested]
        untested = [each for each in PROFILES if each not in self.tested]
        if untested:
            parts.append(f"{', '.join(untested)} not tested")
        return "; ".join(parts)

    def _told(self, profile: str) -> str:
        counted = self.count(profile)
        disabled, known = counted[Status.DISABLED], self.known_in(profile)
        passed, total = counted[Status.PASS], sum(counted.values()) - disabled
        notes = [f"{known} known to deviate"] if known else []
        notes += [f"{disabled} not permitted"] if disabled else []
        levels = f"{passed} of {total} MUST" if total else "no MUST"
        levels += f" ({', '.join(notes)})" if notes else ""
        if counted[Status.FAIL] > known:
            return f"does not conform to {profile}: {levels}"
        if passed + known < total or self.incomplete:
            return f"incomplete: {profile}: {levels}"
        if known:
            return f"conforms to {profile} but for what is known: {levels}"
        return f"conforms to {profile}: {levels}" if total else f"{profile}: {levels}"

    def _asked(self, profile: str) -> list[Ruling]:
        return [each for each in self.rulings if each.asked and each.clause.profile == profile]


def verdict(findings: Findings, settings: Settings, missing: Mapping[str, str]) -> Verdict:
    """Rule on every clause. `missing` says by need why it isn't met."""
    rulings = tuple(_ruling(each, findings, settings, missing) for each in clauses().values())
    return Verdict(rulings, settings.selected, tuple(findings.incomplete))


def _ruling(clause: Clause, findings: Findings, settings: Settings, missing: Mapping[str, str]) -> Ruling:
    found = findings.found.get(clause.id, Found())
    if clause.profile not in settings.selected:
        reason = f"the profile {clause.profile} is not selected"
    elif not wanted(clause, settings):
        reason = "left out by --operation or --clause"
    else:
        return Ruling(clause, *_status(clause, found, missing), found)
    return Ruling(clause, Status.DISABLED, reason, found, asked=False)


def _status(clause: Clause, found: Found, missing: Mapping[str, str]) -> tuple[Status, str]:
    if found.failed:
        return Status.FAIL, ""
    if found.errors:
        return Status.ERROR, found.errors[0]
    if found.passes:
        return Status.PASS, ""
    if found.unsupported:
        return Status.UNSUPPORTED, found.unsupported[0]
    for need in clause.needs:
        if need in missing and need in PERMISSIONS:
            return Status.DISABLED, f"not permitted: {PERMISSIONS[need]}"
    lacking = [missing[need] for need in clause.needs if need in missing]
    reasons = lacking or found.unverified or ["nothing that was sent has shown it"]
    return Status.NOT_VERIFIED, reasons[0]


def _standing(deviation: Deviation, status: Status, today: date) -> Standing:
    if status == Status.PASS:
        return Standing.GONE
    if status != Status.FAIL:
        return Standing.NOT_SEEN
    return Standing.KNOWN if deviation.applies(today) else Standing.EXPIRED


def wanted(clause: Clause, settings: Settings) -> bool:
    """Whether the run looks at a clause at all, as far as the command line says."""
    if settings.only and clause.id not in settings.only:
        return False
    if settings.operations and clause.operations:
        return bool(settings.operations & set(clause.operations))
    return True
