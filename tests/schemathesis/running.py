"""Runs a contract against a target with Schemathesis and counts what happened."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from schemathesis.core.failures import Failure
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import CheckFailureInfo, ScenarioRecorder
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

import schemathesis
from schemathesis import Case, Response
from tests.schemathesis import checks
from tests.schemathesis.bookable import Bookable, operation_id
from tests.schemathesis.judging import Judge
from tests.schemathesis.strict import operations, strict_contract
from tests.schemathesis.target import Access, Target

TIMEZONES = ("UTC", "Europe/Berlin", "America/Toronto", "Asia/Kolkata", "Australia/Lord_Howe")
STEPS = 8
"""How long a journey along the links may be."""
JOURNEYS = (("bookings", "availability"), ("sessions",), ("configurations",), ("calendars",), ("webhooks",))
"""Links are followed within a group: over all operations at once the simple ones crowd out the bookings."""
REFUSED = ["400", "401", "404", "405"]
"""How a bad request may be refused: 404 where a broken path is no path of ours any more."""


@dataclass
class Outcome:
    """What a run did and what it found."""

    cases: int = 0
    failures: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How often an operation answered with a status, by operation id."""
    phases: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    excused: list[str] = field(default_factory=list)

    def answered(self, operation: str) -> int:
        return sum(count for (name, _), count in self.statuses.items() if name == operation)

    def share(self, operation: str, status: int = 200) -> float:
        return self.statuses[operation, status] / max(self.answered(operation), 1)

    def reached(self) -> set[str]:
        """The operations that answered 2xx at least once."""
        return {name for name, status in self.statuses if 200 <= status < 300}

    def table(self) -> str:
        """The shares, for a person."""
        lines = [f"{self.cases} cases: " + ", ".join(f"{phase} {n}" for phase, n in self.phases.items())]
        for name in sorted({name for name, _ in self.statuses}):
            found = sorted((status, n) for (other, status), n in self.statuses.items() if other == name)
            counts = ", ".join(f"{status}: {n}" for status, n in found)
            lines.append(f"  {name:20} {self.share(name):4.0%} answer 200  ({counts})")
        lines.append(f"links followed: {', '.join(f'{name} {n}' for name, n in sorted(self.links.items()))}")
        lines.append(f"excused: {Counter(self.excused)}")
        return "\n".join(lines)


def run(
    document: Mapping[str, Any],
    access: Access,
    examples: int,
    *,
    journeys: Sequence[Sequence[str]] = JOURNEYS,
    operations: Sequence[str] = (),
) -> Outcome:
    """Run all phases: every operation by itself, then the links of each group of tags in `journeys`.

    `examples` is how many fuzzed cases an operation gets; a group gets three times as many journeys.
    `operations` are the ids of those to run by themselves, none means all.
    """
    checks.registered()
    schemathesis.openapi.format("iana-timezone", st.sampled_from(TIMEZONES))
    target = Target(access)
    outcome = Outcome()
    judge = Judge(document)
    outcome.excused = judge.excused
    strict = strict_contract(document)
    try:
        with _prepared(Bookable(target), outcome):
            alone: dict[str, Any] = {"operation_id": list(operations)} if operations else {}
            _execute(strict, judge, outcome, _config(access, target, examples, links=False), alone)
            for tags in journeys:
                config = _config(access, target, examples, links=True)
                _execute(strict, judge, outcome, config, {"tag": list(tags)})
    finally:
        target.close()
    return outcome


def _execute(
    strict: dict[str, Any], judge: Judge, outcome: Outcome, config: dict[str, Any], only: dict[str, Any]
) -> None:
    schema = schemathesis.openapi.from_dict(strict, config=schemathesis.Config.from_dict(config))
    if only:
        schema = schema.include(**only)

    @schema.hook
    def filter_failure(context: Any, failure: Failure, case: Case, response: Response) -> bool:
        return judge.is_failure(failure, case, response)

    for event in from_schema(schema).execute():
        _note(event, outcome)


def _config(access: Access, target: Target, examples: int, links: bool) -> dict[str, Any]:
    return {
        "base-url": access.url,
        "workers": 1,
        "continue-on-failure": True,
        "generation": {
            "max-examples": examples,
            "deterministic": True,
            "database": "none",
            "no-shrink": True,
        },
        "cache": {"enabled": False},
        "auth": {
            "openapi": {
                "ApiKey": {"bearer": access.api_key},
                "PublicConfiguration": {"api_key": target.page().id},
            }
        },
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx"]},
            "negative_data_rejection": {"expected-statuses": REFUSED},
        },
        "phases": {
            **{phase: {"enabled": not links} for phase in ("examples", "coverage", "fuzzing")},
            "stateful": {
                "enabled": links,
                "max-steps": STEPS,
                "generation": {"max-examples": 3 * examples},
            },
        },
    }


@contextmanager
def _prepared(bookable: Bookable, outcome: Outcome) -> Iterator[None]:
    """Schemathesis knows hooks around a call only for the whole process: there while the run lasts."""

    def before_call(context: Any, case: Case, **kwargs: Any) -> None:
        bookable.prepare(case)

    def after_call(context: Any, case: Case, response: Response) -> None:
        if case.method.upper() == case.operation.method.upper():
            outcome.statuses[operation_id(case), response.status_code] += 1
        outcome.cases += 1
        bookable.learn(case, response)

    schemathesis.hook(before_call)
    schemathesis.hook(after_call)
    try:
        yield
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(before_call)
        GLOBAL_HOOK_DISPATCHER.unregister(after_call)


def _note(event: events.EngineEvent, outcome: Outcome) -> None:
    if isinstance(event, events.NonFatalError):
        outcome.errors.append(f"{event.label}: {event.info.title}: {event.info.message}")
    elif isinstance(event, events.FatalError):
        outcome.errors.append(repr(event.exception))
    elif isinstance(event, events.EngineFinished):
        outcome.failures += [f"{failure.title}: {failure.message}" for failure in event.failures]
    elif isinstance(event, events.ScenarioFinished):
        recorder = event.recorder
        outcome.phases[event.phase.value] += len(recorder.interactions)
        for node in recorder.cases.values():
            if node.transition is not None and node.is_transition_applied:
                outcome.links[node.transition.id] += 1
        for case_id, found in recorder.checks.items():
            for check in found:
                if check.status == Status.FAILURE and check.failure_info is not None:
                    outcome.failures.append(_told(check.name, case_id, check.failure_info, recorder))


def _told(name: str, case_id: str, found: CheckFailureInfo, recorder: ScenarioRecorder) -> str:
    """A failure with what was sent and what came back."""
    label = recorder.cases[case_id].value.operation.label
    response = recorder.find_response(case_id=case_id)
    answer = f"{response.status_code} {response.content[:300]!r}" if response else "no answer"
    failure = found.failure
    return f"{name} {label}: {failure.title}: {failure.message}\n{answer}\n{found.code_sample}"


def operation_ids(document: Mapping[str, Any]) -> set[str]:
    return {operation["operationId"] for operation in operations(document)}
