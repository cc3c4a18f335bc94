"""A scenario, read once, from which any number of worlds are built."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mockserver.domain.dialect import Dialect
from mockserver.domain.ids import Ids
from mockserver.domain.world import World
from mockserver.sandbox import ClockSetting, Fault
from mockserver.scenario.build import build_world
from mockserver.scenario.library import read_document, read_documents
from mockserver.scenario.plan import Plan, Step
from mockserver.scenario.problems import Problem, ScenarioError
from mockserver.scenario.reading import read_plan
from mockserver.scenario.steps import zone_of
from mockserver.scenario.whole import Whole
from mockserver.scenario.yaml_places import Document, load_data, load_text


class Scenario:
    """What a sandbox is made from. Immutable; threads may share it."""

    def __init__(self, plan: Plan, document: Mapping[str, Any]) -> None:
        """`document` is the plain data that the plan was read from."""
        self._plan = plan
        self.document = document

    @property
    def name(self) -> str:
        return self._plan.name

    @property
    def description(self) -> str:
        return self._plan.description

    @property
    def seed(self) -> int:
        return self._plan.seed

    @property
    def clock(self) -> ClockSetting:
        return self._plan.clock

    @property
    def dialect(self) -> Dialect:
        return self._plan.dialect

    @property
    def faults(self) -> Sequence[Fault]:
        return self._plan.faults

    @property
    def requires(self) -> Sequence[str]:
        """What a target must offer for the steps to make sense there."""
        return self._plan.requires

    @property
    def steps(self) -> Sequence[Step]:
        return self._plan.steps

    @property
    def zone(self) -> str:
        """The zone of times in steps that name none."""
        return zone_of(self._plan.grants)

    def with_clock(self, clock: ClockSetting) -> "Scenario":
        """The same with another clock."""
        return Scenario(replace(self._plan, clock=clock), self.document)

    def build(self, now: int, ids: Ids, public_url: str) -> World:
        """A new world. Relative times count from `now` (Unix seconds); ids that are not given are drawn."""
        return build_world(self._plan, now, ids, public_url)


def load_scenario(sources: Sequence[str], seed: int | None = None) -> Scenario:
    """One scenario of packaged names, files and folders, united; none means the default scenario.

    `seed` replaces the scenario's own. Raises ScenarioError with all that is wrong.
    """
    whole = Whole(read_documents(sources))
    return Scenario(read_plan(whole, seed), whole.value)


def parse_scenario(text_or_data: str | Mapping[str, Any], file: str = "<body>") -> Scenario:
    """A scenario that came as YAML or JSON text, or as data. Raises ScenarioError with all that is wrong."""
    if isinstance(text_or_data, str):
        document = load_text(text_or_data, file)
    else:
        document = load_data(text_or_data, file)
    return read_scenario(document)


def read_scenario(document: Document) -> Scenario:
    """The scenario in one document. Raises ScenarioError with all that is wrong."""
    whole = Whole([document])
    return Scenario(read_plan(whole), whole.value)


def validate_file(path: str | Path) -> list[Problem]:
    """Everything that is wrong with a scenario file; nothing if it can be loaded."""
    try:
        read_plan(Whole([read_document(Path(path))]))
    except ScenarioError as error:
        return error.problems
    return []
