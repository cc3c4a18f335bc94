"""Sorts what Schemathesis' own checks find: what counts as seen, what is excused, what is a failure."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from schemathesis import Case, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.engine import Status
from schemathesis.engine.recorder import CheckNode, ScenarioRecorder
from schemathesis.openapi.checks import (
    IgnoredAuth,
    JsonSchemaError,
    RejectedPositiveData,
    UseAfterFree,
)

from conformance.checking import SAFE
from conformance.generation.blame import Blame
from conformance.generation.bookable import Bookable, has_bad_data, is_own, is_positive, operation_id
from conformance.generation.judging import Judge
from conformance.strangers.exchange import Exchange

AnyCase = Case[Any]
BUILT_IN = {
    "response_schema_conformance": "an answer as the contract describes it",
    "negative_data_rejection": "a refusal, 4xx",
    "positive_data_acceptance": "200",
    "use_after_free": "not found any more",
    "ensure_resource_availability": "found, for it was just made",
    "ignored_auth": "a refusal without the API key, and with a wrong one",
    "unsupported_method": "405 with Allow",
}
"""The checks of Schemathesis that belong to clauses, with what they expect."""
READING = ("GET", "HEAD")


@dataclass
class Sorter:
    """Works on one run of the engine. `exchanges` are the answers by case."""

    blame: Blame
    bookable: Bookable
    judge: Judge
    exchanges: dict[str, Exchange]
    excused: Counter[str] = field(default_factory=Counter)
    _excused_cases: set[str] = field(default_factory=set)

    def is_failure(self, failure: Failure, case: AnyCase, response: Response) -> bool:
        """Whether a finding says something against the target."""
        reason = self._excuse(failure, case)
        if reason:
            self.excused[f"{type(failure).__name__}, {operation_id(case)}: {reason}"] += 1
            self._excused_cases.add(case.id)
        return not reason

    def _excuse(self, failure: Failure, case: AnyCase) -> str:
        exchange = self.exchanges.get(failure.case_id or case.id)
        if exchange is None:
            return "there was no answer"
        if isinstance(failure, AcceptedNegativeData) and not has_bad_data(case):
            return "nothing is bad but who asks"
        if isinstance(failure, AcceptedNegativeData) and self.judge.is_tolerated(
            operation_id(case), exchange
        ):
            return "good by the contract with what it tolerates"
        if isinstance(failure, UseAfterFree) and _status(exchange) == "cancelled":
            return "a cancelled booking may be read"
        if isinstance(failure, IgnoredAuth) and not 200 <= exchange.status < 300:
            return "refused in another way"
        if isinstance(failure, RejectedPositiveData):
            return self._excuse_refusal(case, exchange)
        if "response_schema_conformance" in failure.checks and not exchange.ok:
            return "a refusal, which the general clauses look at"
        return ""

    def _excuse_refusal(self, case: AnyCase, exchange: Exchange) -> str:
        facts = self.bookable.facts(case)
        if facts.unmade:
            return "what it needs could not be had"
        if not exchange.refused:
            return "not refused for its own sake"
        if not self.judge.is_tolerated(operation_id(case), exchange):
            return "bad by the contract after all, by a format that only it knows"
        if facts.held is not None and not facts.held.stands:
            return "the booking stands no longer"
        if facts.slot is not None and facts.page is not None:
            try:
                if not self.bookable.stock.is_offered(facts.page, facts.slot):
                    return "the slot is taken meanwhile"
            except SAFE:
                return "availability says nothing of the slot"
        return ""

    def sort(self, recorder: ScenarioRecorder) -> None:
        """Count and blame what the checks of a scenario said."""
        for case_id, nodes in recorder.checks.items():
            case, exchange = recorder.cases[case_id].value, self.exchanges.get(case_id)
            if exchange is None:
                continue
            for node in nodes:
                if node.status == Status.FAILURE and node.failure_info is not None:
                    self._fail(recorder, case, exchange, node, node.failure_info.failure)
                elif node.status == Status.SUCCESS and self._showed(recorder, case, exchange, node):
                    self.blame.passed(node.name, operation_id(case))

    def _fail(
        self,
        recorder: ScenarioRecorder,
        case: AnyCase,
        exchange: Exchange,
        node: CheckNode,
        failure: Failure,
    ) -> None:
        component = _component(failure)
        expected = BUILT_IN[node.name] + (f", for {component}" if component else "")
        detail = f": {_oneline(failure.message)}" if isinstance(failure, JsonSchemaError) else ""
        kind = (failure.title, exchange.status, component or detail)
        chain = tuple(self._chain(recorder, case, failure))
        self.blame.failed(node.name, operation_id(case), expected, exchange.told() + detail, chain, kind)

    def _chain(self, recorder: ScenarioRecorder, case: AnyCase, failure: Failure) -> Iterator[Exchange]:
        """What led to a failure: how the booking came to be, the steps before, the request itself."""
        related = getattr(failure, "deleted_case_id", None)
        steps = recorder.iter_chain_cases(case_id=case.id, related_case_ids=(related,) if related else ())
        found = [self.exchanges[each.id] for each in steps if each.id in self.exchanges]
        held = self.bookable.facts(case).held
        if held is not None and held.made not in found:
            yield held.made
        yield from found

    def _showed(self, recorder: ScenarioRecorder, case: AnyCase, exchange: Exchange, node: CheckNode) -> bool:
        """Whether a check that found nothing wrong had anything to look at."""
        if node.name not in BUILT_IN or case.id in self._excused_cases:
            return False
        if node.name == "unsupported_method":
            return not is_own(case) and case.method.upper() != "OPTIONS"
        if not is_own(case):
            return False
        show: dict[str, Callable[[], bool]] = {
            "negative_data_rejection": lambda: (
                has_bad_data(case) and exchange.refused and not self.bookable.facts(case).unmade
            ),
            "positive_data_acceptance": lambda: is_positive(case) and exchange.ok,
            "response_schema_conformance": lambda: exchange.ok,
            "ignored_auth": lambda: exchange.ok,
            "use_after_free": lambda: _after_delete(recorder, case, self.exchanges),
            "ensure_resource_availability": lambda: _after_creation(recorder, case) and exchange.ok,
        }
        return show[node.name]()


def _after_delete(recorder: ScenarioRecorder, case: AnyCase, exchanges: dict[str, Exchange]) -> bool:
    """Whether something was read that had been deleted before."""
    if case.method.upper() not in READING:
        return False
    for each in recorder.find_related(case_id=case.id):
        done = exchanges.get(each.id)
        deleted = each.method.upper() == "DELETE" and done is not None and done.ok
        if deleted and each.path_parameters == case.path_parameters:
            return True
    return False


def _after_creation(recorder: ScenarioRecorder, case: AnyCase) -> bool:
    parent = recorder.find_parent(case_id=case.id)
    return parent is not None and parent.operation.method.upper() == "POST"


def _status(exchange: Exchange) -> object:
    return exchange.data.get("status") if isinstance(exchange.data, dict) else None


def _component(failure: Failure) -> str:
    """What was broken in a request on purpose."""
    found = re.search(r"Invalid component:\s*(.+)", failure.message, re.DOTALL)
    return _oneline(found[1]) if found else ""


def _oneline(text: str) -> str:
    return " ".join(text.split())[:300]
