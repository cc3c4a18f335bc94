"""Configurations of a scenario, held to the contract and to the rules of the API."""

import re
from collections.abc import Mapping
from typing import Any

from mockserver.contract import load_contract
from mockserver.domain.configuration import Configuration
from mockserver.domain.configuring import check_configuration
from mockserver.domain.errors import Refusal
from mockserver.domain.ids import Ids
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Application, World
from mockserver.scenario.build import add_configuration, add_grant, with_pages
from mockserver.scenario.plan import ConfigurationPlan, GrantPlan
from mockserver.scenario.problems import Path
from mockserver.scenario.whole import Whole

PUBLIC_URL = "http://localhost"

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_DETAIL = re.compile(r"([a-z_]+(?:\[\d+\]|\.[^\s:.\[\]]+)*): (.*)", re.DOTALL)


def documented(whole: Whole, name: str, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The body in the form that the contract documents. None, and problems noted, if it breaks it."""
    contract = load_contract()
    violations = contract.request_violations("createConfiguration", body)
    for violation in violations:
        where = _steps(violation.path)
        whole.problem(("configurations", name, "body", *where), violation.expected)
    if violations:
        return None
    form = contract.without_absent("createConfiguration", body)
    return form if isinstance(form, Mapping) else None


def obeying(
    whole: Whole, grants: Mapping[str, GrantPlan], plans: Mapping[str, ConfigurationPlan]
) -> dict[str, Configuration]:
    """The configurations that the API would have taken, by name; problems are noted for the others.

    They are tried in a world where every grant is still valid: one may have expired since. Where a grant
    is not as it should be, none is tried: what is missing then would be blamed on the configurations.
    """
    if not whole.sound("grants"):
        return {}
    tx = Transaction(World(Application("", ""), PUBLIC_URL), 0, Ids(0))
    made = {name: add_grant(tx, plan) for name, plan in grants.items()}
    for grant in made.values():
        grant.status = "valid"
    taken = {}
    for name, plan in plans.items():
        if plan.grant not in made:
            continue
        try:
            check_configuration(tx.world, made[plan.grant], with_pages(plan.body, PUBLIC_URL), None)
        except Refusal as refusal:
            where, message = _refused(refusal)
            whole.problem(("configurations", name, "body", *where), message)
        else:
            taken[name] = add_configuration(tx, plan, made[plan.grant])
    return taken


def _refused(refusal: Refusal) -> tuple[Path, str]:
    """Where the refusal points to, and the rest of its message."""
    detail = _DETAIL.fullmatch(refusal.message.removeprefix(f"{refusal.kind.message}: "))
    if detail is None:
        return (), refusal.message
    return _steps(detail[1]), f"{refusal.kind.message}: {detail[2]}"


def _steps(text: str) -> Path:
    """A path such as `participants[0].email` in steps."""
    return tuple(int(index) if index else key for index, key in _STEP.findall(text))
