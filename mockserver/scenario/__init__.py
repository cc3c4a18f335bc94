"""Worlds in YAML: the format, its schema, and what loads and checks it."""

from mockserver.scenario.faults import parse_faults
from mockserver.scenario.library import (
    ScenarioInfo,
    find_scenario,
    list_scenarios,
    scenario_files,
    scenario_names,
    write_new,
)
from mockserver.scenario.problems import Problem, ScenarioError
from mockserver.scenario.scenario import Scenario, load_scenario, parse_scenario, validate_file

__all__ = [
    "Problem",
    "Scenario",
    "ScenarioError",
    "ScenarioInfo",
    "find_scenario",
    "list_scenarios",
    "load_scenario",
    "parse_faults",
    "parse_scenario",
    "scenario_files",
    "scenario_names",
    "validate_file",
    "write_new",
]
