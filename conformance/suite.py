"""A whole run: smoke, checks, generated requests, cleaning up, verdict."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from conformance.checking import Check, all_checks, carry_out
from conformance.findings import Findings
from conformance.generation.stage import generated_requests
from conformance.hooks import Hooks
from conformance.receiver import Receiver
from conformance.settings import Settings
from conformance.smoke import smoke
from conformance.strangers.caller import Unreachable
from conformance.strangers.cleaning import Cleaned, clean
from conformance.target import Target, Unverified
from conformance.trial import Trial
from conformance.verdict import Verdict, verdict, wanted

OUT_OF_TIME = "the time limit was reached"


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
    watcher = watcher or Unwatched()
    begun, started = datetime.now(UTC), time.monotonic()  # noqa: TID251 -- a target has no sandbox
    deadline = started + settings.time_limit if settings.time_limit else None
    target = Target(settings)
    findings = Findings(target.secrets)
    left: list[Cleaned] = []
    try:
        watcher.stage("smoke", 0)
        smoke(target)
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
        if _late(deadline, findings):
            return
        carry_out(check, Trial(target, findings, hooks), findings)
        watcher.step(check.told)


def _generated(
    target: Target,
    findings: Findings,
    hooks: Hooks | None,
    watcher: Watcher,
    deadline: float | None,
) -> None:
    if _late(deadline, findings):
        return
    if hooks is not None and not findings.dialect["booking_extras"]["hidden"]:
        hooks.close()  # references are in the answers: thousands of deliveries would tell nothing new
    watcher.stage("generated requests", 0)
    generated_requests(target, findings, hooks, watcher.step, deadline)


def _wanted(check: Check, settings: Settings, missing: dict[str, str]) -> bool:
    """Whether a check can show anything about a clause that is looked at."""
    return any(
        clause.profile in settings.selected
        and wanted(clause, settings)
        and not any(need in missing for need in clause.needs)
        for clause in check.clauses
    )


def _late(deadline: float | None, findings: Findings) -> bool:
    if deadline is None or time.monotonic() < deadline:
        return False
    if OUT_OF_TIME not in findings.incomplete:
        findings.incomplete.append(OUT_OF_TIME)
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
