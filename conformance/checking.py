"""Checks: functions that look at clauses by calling the target."""

import importlib
import pkgutil
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from conformance import checks as package
from conformance.clauses import Clause, clause
from conformance.control import ControlError
from conformance.findings import Findings
from conformance.strangers.caller import Unreachable
from conformance.strangers.limits import NotAllowed
from conformance.target import Unverified
from conformance.trial import Trial

Look = Callable[[Trial], None]
SAFE = (Unverified, Unreachable, NotAllowed, ControlError)
"""What keeps a check from being carried out without anybody having broken a clause."""
_registered: list["Check"] = []


@dataclass(frozen=True)
class Check:
    """Something that is tried, and the clauses that it shows something about."""

    name: str
    clauses: tuple[Clause, ...]
    look: Look
    last: bool
    """Whether it moves the clock, so that it comes after all others."""

    @property
    def told(self) -> str:
        """What it tries, for a person."""
        return (self.look.__doc__ or self.name).strip().splitlines()[0]


def check(*clause_ids: str, last: bool = False) -> Callable[[Look], Look]:
    """Register a function as the check of these clauses; every one has to be judged in it when all goes well.

    `last` is for checks that move the clock far.
    """
    clauses = tuple(clause(each) for each in clause_ids)

    def register(look: Look) -> Look:
        module = look.__module__.rpartition(".")[2]
        _registered.append(Check(f"{module}.{look.__name__}", clauses, look, last))
        return look

    return register


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check, those that move the clock at the end."""
    for module in sorted(each.name for each in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"{package.__name__}.{module}")
    return tuple(sorted(_registered, key=lambda each: each.last))


def carry_out(check: Check, trial: Trial, findings: Findings) -> None:
    """Run a check. Whatever goes wrong in it is told of the clauses that it didn't come to judge."""
    try:
        check.look(trial)
    except SAFE as reason:
        _excuse(check, trial, findings.unverified, str(reason))
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__} in {check.name}, {where.name}:{where.lineno}: {error}"
        _excuse(check, trial, findings.error, text)
    finally:
        try:
            trial.finish()
        except SAFE as reason:
            findings.incomplete.append(f"{check.name} could not clean up: {reason}")


def _excuse(check: Check, trial: Trial, note: Callable[[str, str], None], reason: str) -> None:
    for each in check.clauses:
        if each.id not in trial.judged:
            note(each.id, reason)
