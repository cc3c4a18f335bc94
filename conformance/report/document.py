"""The report as data: what is written as JSON, and what every other report is made from."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from conformance import __version__
from conformance.clauses import PROFILES, Clause, Level, sources
from conformance.findings import Failure
from conformance.report.texts import printable
from conformance.resources import contract, contract_path
from conformance.strangers.cleaning import Cleaned
from conformance.verdict import Exit, Ruling, Standing, Status, Verdict

if TYPE_CHECKING:
    from conformance.suite import Outcome

VERSION = 1
"""Raised when something that a reader may rely on goes or changes its meaning."""
LARGEST = 64 * 1024 * 1024
"""Bytes of a report that are read."""
MEANINGS = {
    Exit.CONFORMS: "every MUST that was asked for is kept",
    Exit.BROKEN: "a MUST is broken",
    Exit.COULD_NOT_RUN: "the run could not be made",
    Exit.INCOMPLETE: "a MUST that was asked for was not verified",
}
STRICTLY = {
    Exit.CONFORMS: "every MUST and SHOULD that was asked for is kept",
    Exit.BROKEN: "a MUST or a SHOULD is broken, or a known deviation is gone",
    Exit.INCOMPLETE: "a MUST or a SHOULD that was asked for was not verified",
}
Shown = Callable[[str], str]


class StepTold(TypedDict):
    """A request and its answer."""

    curl: str
    answer: str
    request_id: str


class FailureTold(TypedDict):
    """How a clause was broken."""

    expected: str
    seen: str
    steps: list[StepTold]


class Source(TypedDict):
    """What a clause goes back to."""

    section: str
    about: str
    url: str


class ClauseTold(TypedDict):
    """A clause and how it ended. `passes` and `failed` count how often it was seen kept and broken."""

    id: str
    level: str
    profile: str
    promise: str
    source: Source
    operations: list[str]
    needs: list[str]
    status: str
    reason: str
    known: bool
    passes: int
    failed: int
    failures: list[FailureTold]


class DeviationTold(TypedDict):
    """A known deviation and what has become of it."""

    clause: str
    reason: str
    first_seen: str
    expires: str
    standing: str


class ProfileTold(TypedDict):
    """How many clauses of a profile ended how, by level and status."""

    profile: str
    selected: bool
    tested: bool
    levels: dict[str, dict[str, int]]


class VerdictTold(TypedDict):
    """What it comes to."""

    exit_code: int
    meaning: str
    headline: str
    incomplete: list[str]
    profiles: list[ProfileTold]


class Left(TypedDict):
    """Something that is still at the target."""

    kind: str
    id: str
    path: str
    problem: str


class Head(TypedDict):
    """What was held against whom."""

    report_version: int
    suite: dict[str, str]
    contract: dict[str, str]
    target: str
    begun: str
    options: dict[str, Any]


class Document(Head):
    """A whole report; schema.json beside this module describes it."""

    seconds: float
    requests: int
    verdict: VerdictTold
    clauses: list[ClauseTold]
    deviations: list[DeviationTold]
    dialect: dict[str, dict[str, int]]
    generated: dict[str, Any]
    left: list[Left]


class ReportError(Exception):
    """A file is no report that can be read."""


def document_of(
    outcome: "Outcome", options: Mapping[str, Any], *, allow_incomplete: bool = False
) -> Document:
    """Everything that a run has to say. `options` are the redacted ones."""
    findings, verdict = outcome.findings, outcome.verdict

    def shown(text: str) -> str:
        return printable(findings.secrets.mask(text))

    code = verdict.exit_code(allow_incomplete=allow_incomplete)
    return {
        **_head(outcome.settings.base_url, outcome.begun, options),
        "seconds": round(outcome.seconds, 3),
        "requests": outcome.requests,
        "verdict": {
            "exit_code": code,
            "meaning": _meaning(code, verdict, allow_incomplete),
            "headline": verdict.headline,
            "incomplete": [shown(each) for each in dict.fromkeys(verdict.incomplete)],
            "profiles": [_profile(each, verdict) for each in PROFILES],
        },
        "clauses": [_clause(each, verdict, shown) for each in verdict.rulings],
        "deviations": _deviations(verdict),
        "dialect": {
            shown(switch): {shown(variant): count for variant, count in sorted(counted.items())}
            for switch, counted in sorted(findings.dialect.items())
        },
        "generated": _figures(findings.generated, shown),
        "left": [_left(each, shown) for each in outcome.left],
    }


def could_not_run(base_url: str, reason: str, options: Mapping[str, Any]) -> Document:
    """The report of a run that did not come about: nothing is said about the target."""
    return {
        **_head(base_url, datetime.now(UTC), options),  # noqa: TID251 -- a target has no sandbox
        "seconds": 0.0,
        "requests": 0,
        "verdict": {
            "exit_code": Exit.COULD_NOT_RUN,
            "meaning": MEANINGS[Exit.COULD_NOT_RUN],
            "headline": f"could not test: {printable(reason)}",
            "incomplete": [],
            "profiles": [],
        },
        "clauses": [],
        "deviations": [],
        "dialect": {},
        "generated": {},
        "left": [],
    }


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    found: dict[str, Any] = json.loads(schema_text())
    return found


def schema_text() -> str:
    """The JSON Schema of a report, as it is published."""
    return Path(__file__).with_name("schema.json").read_text(encoding="utf-8")


def read_report(path: Path) -> Document:
    """A report from a file. Raises ReportError that says what was expected."""
    import jsonschema  # slow to load

    try:
        if path.stat().st_size > LARGEST:
            raise ReportError(f"{path}: has more than {LARGEST} bytes")
        found: Document = json.loads(path.read_bytes())
    except OSError as error:
        raise ReportError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ReportError(f"{path}: is no JSON; expected what `conformance run --json` writes") from None
    version = found.get("report_version") if isinstance(found, dict) else None
    if version != VERSION:
        raise ReportError(f"{path}: report_version: expected {VERSION}, got {version!r:.40}")
    problem = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema()).iter_errors(found))
    if problem is not None:
        raise ReportError(f"{path}: {problem.json_path}: {problem.message:.200}")
    return found


def _head(base_url: str, begun: datetime, options: Mapping[str, Any]) -> Head:
    return {
        "report_version": VERSION,
        "suite": {"version": __version__},
        "contract": {
            "version": str(contract()["info"]["version"]),
            "sha256": hashlib.sha256(contract_path().read_bytes()).hexdigest(),
        },
        "target": printable(base_url),
        "begun": begun.isoformat(timespec="seconds"),
        "options": dict(options),
    }


def _meaning(code: int, verdict: Verdict, allow_incomplete: bool) -> str:
    words = {**MEANINGS, **STRICTLY} if verdict.strict else MEANINGS
    if code == Exit.CONFORMS and verdict.known:
        return f"{words[code]}, but for what is known"
    if code == Exit.CONFORMS and allow_incomplete and (verdict.unverified or verdict.incomplete):
        return "nothing is broken; that not all was verified is allowed"
    if code == Exit.INCOMPLETE and not verdict.unverified:
        return "the run says less than it should" if verdict.tested else "nothing was tested"
    return words[code]


def _profile(profile: str, verdict: Verdict) -> ProfileTold:
    return {
        "profile": profile,
        "selected": profile in verdict.selected,
        "tested": profile in verdict.tested,
        "levels": {
            level.name: {
                status.value: sum(
                    (each.clause.profile, each.clause.level, each.status) == (profile, level, status)
                    for each in verdict.rulings
                )
                for status in Status
            }
            for level in Level
        },
    }


def _clause(ruling: Ruling, verdict: Verdict, shown: Shown) -> ClauseTold:
    clause, found = ruling.clause, ruling.found
    return {
        "id": clause.id,
        "level": clause.level.name,
        "profile": clause.profile,
        "promise": clause.promise,
        "source": source_of(clause),
        "operations": list(clause.operations),
        "needs": list(clause.needs),
        "status": ruling.status.value,
        "reason": shown(ruling.reason),
        "known": ruling.status == Status.FAIL and clause.id in verdict.known,
        "passes": found.passes,
        "failed": found.failed,
        "failures": [_failure(each, shown) for each in found.failures],
    }


def source_of(clause: Clause) -> Source:
    """What a clause goes back to."""
    found = sources()[clause.source]
    return {"section": clause.source, "about": found["about"], "url": found["url"]}


def _failure(failure: Failure, shown: Shown) -> FailureTold:
    return {
        "expected": shown(failure.expected),
        "seen": shown(failure.seen),
        "steps": [
            {"curl": shown(each.curl), "answer": shown(each.answer), "request_id": shown(each.request_id)}
            for each in failure.steps
        ],
    }


def _deviations(verdict: Verdict) -> list[DeviationTold]:
    standings: Mapping[Any, Standing] = verdict.standings or {}
    return [
        {
            "clause": each.clause.id,
            "reason": each.reason,
            "first_seen": each.first_seen.isoformat(),
            "expires": each.expires.isoformat(),
            "standing": standing.value,
        }
        for each, standing in standings.items()
    ]


def _figures(value: Any, shown: Shown) -> Any:
    """Figures as JSON can hold them: keys are texts."""
    if isinstance(value, dict):
        return {shown(str(key)): _figures(each, shown) for key, each in value.items()}
    return shown(value) if isinstance(value, str) else value


def _left(cleaned: Cleaned, shown: Shown) -> Left:
    entry = cleaned.entry
    return {
        "kind": entry.kind,
        "id": shown(entry.id),
        "path": shown(entry.path),
        "problem": shown(cleaned.problem),
    }
