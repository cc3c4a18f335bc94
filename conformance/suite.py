"""A whole run: smoke, checks, generated requests, cleaning up, verdict."""

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from conformance.checking import Check, all_checks, carry_out
from conformance.control import ControlError
from conformance.findings import Findings
from conformance.generation.stage import generated_requests, require_schemathesis
from conformance.generation.wire import judge_wire
from conformance.hooks import Hooks
from conformance.receiver import Receiver
from conformance.settings import Settings
from conformance.smoke import smoke
from conformance.strangers.caller import Unreachable
from conformance.strangers.cleaning import Cleaned, clean
from conformance.strangers.exchange import Exchange
from conformance.strangers.limits import NotAllowed
from conformance.target import Target, Unverified
from conformance.trial import Trial
from conformance.verdict import Verdict, verdict, wanted

OUT_OF_TIME = "the time limit was reached"
SILENT = 3
"""Requests without an answer, one after the other, after which the run ends."""


class Watcher(Protocol):
    """Is told how a run goes on."""

    def stage(self, name: str, steps: int) -> None:
        """A stage begins that has so many steps, 0 where that isn't known."""

    def step(self, told: str) -> None:
        """A step of the stage is done."""


class Unwatched:
    """Looks at nothing."""

    def stage(self, name: str, steps: int) -> None:
        """Nobody is told."""

    def step(self, told: str) -> None:
        """Nobody is told."""


@dataclass(frozen=True)
class Outcome:
    """Everything a report needs. `begun` is Unix time, `seconds` how long it took."""

    settings: Settings
    verdict: Verdict
    findings: Findings
    begun: datetime
    seconds: float
    requests: int
    left: tuple[Cleaned, ...]
    """What could not be taken back and is still in the ledger."""


def run(settings: Settings, watcher: Watcher | None = None) -> Outcome:
    """Judge a target. Raises CouldNotTest where nothing can be said about it."""
    require_schemathesis()
    watcher = watcher or Unwatched()
    begun, started = datetime.now(UTC), time.monotonic()  # noqa: TID251 -- a target has no sandbox
    deadline = started + settings.time_limit if settings.time_limit else None
    target = Target(settings)
    findings = Findings(target.secrets)
    left: list[Cleaned] = []
    try:
        watcher.stage("smoke", 0)
        _smoke(target, findings)
        missing = target.missing()
        try:
            with _hooks(target) as hooks:
                _checks(target, findings, hooks, missing, watcher, deadline)
                _generated(target, findings, hooks, watcher, deadline)
        finally:
            watcher.stage("cleaning up", 0)
            left += [each for each in clean(target.caller, target.ledger, settings.api_key) if each.problem]
    finally:
        target.close()
    return Outcome(
        settings,
        verdict(findings, settings, missing),
        findings,
        begun,
        time.monotonic() - started,
        target.caller.sent,
        tuple(left),
    )


def _smoke(target: Target, findings: Findings) -> None:
    """The smoke stage; what it got for an answer is an answer like any other."""
    seen: list[Exchange] = []
    target.caller.observe = seen.append
    try:
        smoke(target)
    finally:
        target.caller.observe = None
    judge_wire(findings, target.url, seen)


def _checks(
    target: Target,
    findings: Findings,
    hooks: Hooks | None,
    missing: dict[str, str],
    watcher: Watcher,
    deadline: float | None,
) -> None:
    chosen = [check for check in all_checks() if _wanted(check, target.settings, missing)]
    watcher.stage("checks", len(chosen))
    for check in chosen:
        if _over(target, deadline, findings):
            return
        trial = Trial(target, findings, hooks)
        carry_out(check, trial, findings)
        judge_wire(findings, target.url, trial.exchanges)
        watcher.step(check.told)


def _generated(
    target: Target,
    findings: Findings,
    hooks: Hooks | None,
    watcher: Watcher,
    deadline: float | None,
) -> None:
    if target.settings.checks_only or _over(target, deadline, findings):
        return
    if hooks is not None and not findings.dialect["booking_extras"]["hidden"]:
        hooks.close()  # references are in the answers: thousands of deliveries would tell nothing new
    watcher.stage("generated requests", 0)
    try:
        generated_requests(target, findings, hooks, watcher.step, deadline)
    except (Unreachable, NotAllowed, Unverified, ControlError) as reason:
        findings.incomplete.append(f"generated requests ended early: {reason}")
    except Exception as error:  # what the checks have found is not to be lost for a fault of ours
        where = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__} in {where.name}:{where.lineno}: {error}"
        findings.incomplete.append(
            target.secrets.mask(f"generated requests failed, by a fault of the suite: {told}")
        )


def _wanted(check: Check, settings: Settings, missing: dict[str, str]) -> bool:
    """Whether a check can show anything about a clause that is looked at."""
    return any(
        clause.profile in settings.selected
        and wanted(clause, settings)
        and not any(need in missing for need in clause.needs)
        for clause in check.clauses
    )


def _over(target: Target, deadline: float | None, findings: Findings) -> bool:
    """Whether it is of no use to go on: the time is up, or the target has fallen silent."""
    if target.caller.unanswered >= SILENT:
        reason = f"the target left {SILENT} requests in a row unanswered"
    elif deadline is not None and time.monotonic() >= deadline:
        reason = OUT_OF_TIME
    else:
        return False
    if reason not in findings.incomplete:
        findings.incomplete.append(reason)
    return True


@contextmanager
def _hooks(target: Target) -> Iterator[Hooks | None]:
    """What receives deliveries, with a webhook at the target from the beginning where that is permitted."""
    settings = target.settings
    if settings.listen is None:
        yield None
        return
    with Receiver(settings.listen, settings.public_url) as receiver:
        hooks = Hooks(target, receiver)
        try:
            if settings.limits.allow_writes:
                with suppress(Unverified):  # the checks of webhooks will say it
                    _ = hooks.standing
            yield hooks
        finally:
            with suppress(Unreachable):  # it is in the ledger
                hooks.close()
