"""Runs Schemathesis over the contract: every operation by itself, then along the links."""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis.configuration
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, Response
from schemathesis.core.failures import Failure
from schemathesis.engine import events
from schemathesis.engine.core import Engine, ExecutionPlan
from schemathesis.engine.run import PhaseName
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER
from schemathesis.specs.openapi.schemas import OpenApiSchema

from conformance.generation.blame import Blame
from conformance.generation.bookable import Bookable, operation_id
from conformance.generation.judging import Judge
from conformance.generation.sorting import BUILT_IN, Sorter
from conformance.generation.stock import Stock
from conformance.generation.strict import strict_contract
from conformance.generation.traffic import Traffic
from conformance.generation.transport import PoliteTransport
from conformance.resources import contract, operations

TIMEZONES = ("UTC", "Europe/Berlin", "America/Toronto", "Asia/Kolkata", "Australia/Lord_Howe")
UNIT_PHASES = ("examples", "coverage", "fuzzing")
GROUPS = (("bookings", "availability"), ("sessions",), ("configurations",), ("calendars",), ("webhooks",))
"""Tags. Links are followed within a group: over all operations the simple ones crowd out the bookings."""
KEYED = ("ApiKey",)
"""The security of operations that nobody may call without the API key."""


@dataclass(frozen=True)
class Effort:
    """How much is generated, of each operation. Journeys lead along the links, so many for each group."""

    examples: int
    journeys: int
    steps: int
    odd_methods: bool
    strides: Mapping[str, int]
    """Of the cases that cover an operation every so many is sent; none of an operation that isn't here."""


@dataclass
class Counted:
    """What was generated."""

    phases: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


class Generator:
    """One stage of generated requests."""

    def __init__(
        self, stock: Stock, blame: Blame, effort: Effort, deadline: float | None, step: Callable[[str], None]
    ) -> None:
        self.stock = stock
        self.counted = Counted()
        self.stopped = ""
        """Why it ended early."""
        bookable = Bookable(stock)
        self.traffic = Traffic(stock.target.caller, bookable, blame, self._past, self._stop)
        self.sorter = Sorter(blame, bookable, Judge(contract()), self.traffic.exchanges)
        self._bookable = bookable
        self._effort = effort
        self._deadline = deadline
        self._step = step
        self._transport = PoliteTransport(self.traffic.send)
        self._stream: Any = None

    def run(self, chosen: frozenset[str], permitted: frozenset[str]) -> None:
        """Every operation of `chosen` by itself, then the links of each group that has one of them."""
        schemathesis.openapi.format("iana-timezone", st.sampled_from(TIMEZONES))
        with _at_home(), self._prepared():
            self._execute(sorted(chosen), linked=False)
            for tags in GROUPS:
                group = [name for name in sorted(permitted) if _tag(name) in tags]
                if chosen & set(group) and not self.stopped:
                    self._execute(group, linked=True)

    def _past(self) -> bool:
        return self._deadline is not None and time.monotonic() > self._deadline

    def _stop(self, reason: str) -> None:
        self.stopped = reason
        if self._stream is not None:
            self._stream.stop()

    def _execute(self, names: Sequence[str], *, linked: bool) -> None:
        schema = self._schema(names, linked=linked)
        self._stream = _Engine(schema).execute()
        for event in self._stream:
            self._note(event)

    def _schema(self, names: Sequence[str], *, linked: bool) -> OpenApiSchema:
        config = schemathesis.Config.from_dict(self._config(names, linked=linked))
        schema = schemathesis.openapi.from_dict(strict_contract(contract()), config=config)
        _send_by(schema, self._transport)
        schema.adapt_to_null_byte_in_header_failure()  # no client can send one
        drawn: Counter[str] = Counter()

        @schema.hook
        def filter_failure(context: Any, failure: Failure, case: Case[Any], response: Response) -> bool:
            return self.sorter.is_failure(failure, case, response)

        @schema.hook
        def filter_case(context: Any, case: Case[Any]) -> bool:
            if case.meta is None or case.meta.phase.name.value != "coverage":
                return True
            name = operation_id(case)
            drawn[name] += 1
            return (drawn[name] + self.stock.target.settings.seed) % self._effort.strides[name] == 0

        return schema

    def _config(self, names: Sequence[str], *, linked: bool) -> dict[str, Any]:
        settings, effort = self.stock.target.settings, self._effort
        unkeyed = {"checks": {"ignored_auth": {"enabled": False}}}
        uncovered = {"phases": {"coverage": {"enabled": False}}}
        auth: dict[str, Any] = {}
        if settings.api_key is not None:
            auth["ApiKey"] = {"bearer": settings.api_key}
        if self.stock.has("public"):
            auth["PublicConfiguration"] = {"api_key": self.stock.page("public").id}
        learning = {"extra-data-sources": {"responses": False}, "error-feedback": {"enabled": False}}
        phases: dict[str, Any] = {phase: {"enabled": not linked} for phase in UNIT_PHASES}
        phases["fuzzing"].update(learning)
        if not effort.odd_methods or not settings.limits.allow_writes:
            phases["coverage"]["unexpected-methods"] = []
        phases["stateful"] = {
            "enabled": linked,
            "max-steps": effort.steps,
            "generation": {"max-examples": effort.journeys},
        }
        return {
            "base-url": settings.base_url,
            "seed": settings.seed,
            "workers": 1,
            "continue-on-failure": True,
            "generation": {
                "max-examples": effort.examples,
                "deterministic": True,
                "database": "none",
                "no-shrink": True,
            },
            "cache": {"enabled": False},
            "auth": {"openapi": auth},
            "checks": {
                "enabled": False,
                **{name: {"enabled": True} for name in BUILT_IN},
                "positive_data_acceptance": {"enabled": True, "expected-statuses": ["2xx"]},
                "negative_data_rejection": {"enabled": True, "expected-statuses": ["3xx", "4xx", "5xx"]},
            },
            "operations": [
                {"include-operation-id": sorted(set(operations()) - set(names)), "enabled": False},
                {"include-operation-id": [each for each in operations() if not _is_keyed(each)], **unkeyed},
                {"include-operation-id": sorted(set(operations()) - set(effort.strides)), **uncovered},
            ],
            "phases": phases,
        }

    @contextmanager
    def _prepared(self) -> Iterator[None]:
        """Schemathesis knows hooks before a call only for the whole process: there while the run lasts."""

        def before_call(context: Any, case: Case[Any], **kwargs: Any) -> None:
            if case.operation.schema.transport is self._transport:
                self._bookable.prepare(case)

        schemathesis.hook(before_call)
        try:
            yield
        finally:
            GLOBAL_HOOK_DISPATCHER.unregister(before_call)

    def _note(self, event: events.EngineEvent) -> None:
        if isinstance(event, events.NonFatalError):
            self.counted.errors.append(f"{event.label}: {event.info.title}: {event.info.message}")
        elif isinstance(event, events.FatalError):
            self.counted.errors.append(repr(event.exception))
        elif isinstance(event, events.ScenarioFinished):
            recorder = event.recorder
            self.counted.phases[event.phase.value] += len(recorder.interactions)
            for node in recorder.cases.values():
                if node.transition is not None and node.is_transition_applied:
                    self.counted.links[node.transition.id] += 1
            self.sorter.sort(recorder)
            for case_id in recorder.cases:
                self.traffic.exchanges.pop(case_id, None)
            self._step(f"{event.phase.value}: {recorder.label}")


class _Engine(Engine):
    """Leaves out the probes that Schemathesis sends past the transport, before anything is tested."""

    def _create_execution_plan(self) -> ExecutionPlan:
        plan = super()._create_execution_plan()
        plan.phases = [phase for phase in plan.phases if phase.name != PhaseName.PROBING]
        return plan


def _send_by(schema: OpenApiSchema, transport: PoliteTransport) -> None:
    """Schemathesis chooses the transport by class only, and clones schemas by theirs."""

    class Polite(OpenApiSchema):
        @property
        def transport(self) -> Any:
            return transport

    schema.__class__ = Polite


@contextmanager
def _at_home() -> Iterator[None]:
    """Hypothesis keeps what it reckons once: in the user's cache, not where the suite is run."""
    before = getattr(hypothesis.configuration, "__hypothesis_home_directory", None)
    hypothesis.configuration.set_hypothesis_home_dir(_cache_folder())
    try:
        yield
    finally:
        hypothesis.configuration.set_hypothesis_home_dir(before)


def _cache_folder() -> Path:
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        home = Path(tempfile.gettempdir())
    return home / "nylas-bookings-conformance"


def _is_keyed(name: str) -> bool:
    method, path = operations()[name]
    alternatives = contract()["paths"][path][method.lower()].get("security", [])
    return [tuple(each) for each in alternatives] == [KEYED]


def _tag(name: str) -> str:
    method, path = operations()[name]
    tags: list[str] = contract()["paths"][path][method.lower()]["tags"]
    return tags[0]
