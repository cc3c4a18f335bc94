"""The schema of scenarios, for editors and for the loader, is a good one and says what the loader does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from mockserver.domain.dialect import SWITCHES
from mockserver.resources import data_path
from mockserver.scenario import list_scenarios
from mockserver.scenario.library import read_document
from mockserver.scenario.shape import SECTIONS

SCHEMA: dict[str, Any] = json.loads(data_path("contracts/scenario.schema.json").read_text(encoding="utf-8"))


def subschemas(schema: object, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        yield path, schema
        for key, below in schema.items():
            yield from subschemas(below, f"{path}.{key}")
    elif isinstance(schema, list):
        for index, below in enumerate(schema):
            yield from subschemas(below, f"{path}[{index}]")


def test_it_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_object_is_closed_but_the_body_of_the_api() -> None:
    open_ones = [
        path
        for path, schema in subschemas(SCHEMA)
        if "properties" in schema
        and path.rpartition(".")[2] != "properties"
        and "additionalProperties" not in schema
    ]
    assert open_ones == []
    body = SCHEMA["$defs"]["configuration"]["properties"]["body"]
    assert "additionalProperties" not in body


def test_every_pattern_is_anchored() -> None:
    patterns = [
        schema["pattern"] for _, schema in subschemas(SCHEMA) if isinstance(schema.get("pattern"), str)
    ]

    assert len(patterns) > 5
    assert all(pattern.startswith("^") and pattern.endswith("$") for pattern in patterns)


def test_it_knows_the_switches_of_the_dialect() -> None:
    switches = SCHEMA["properties"]["dialect"]["properties"]

    assert list(switches) == list(SWITCHES)
    for name, schema in switches.items():
        values = ["null" if each is None else str(each) for each in schema["enum"]]
        assert list(dict.fromkeys(values)) == list(SWITCHES[name])


def test_the_sections_are_maps_by_local_name() -> None:
    named = [key for key, schema in SCHEMA["properties"].items() if schema.get("$ref") == "#/$defs/named"]

    assert tuple(named) == SECTIONS


@pytest.mark.parametrize("name", [info.name for info in list_scenarios()])
def test_an_ordinary_validator_accepts_the_starters(name: str) -> None:
    document = read_document(data_path("scenarios") / f"{name}.yaml")

    errors: list[ValidationError] = list(Draft202012Validator(SCHEMA).iter_errors(document.value))
    assert errors == []


DOCS = ("scenarios.md", "faults.md", "replay.md", "pain.md")


def test_docs_tell_of_every_key_and_every_starter() -> None:
    docs = data_path("contracts").parent / "docs"
    text = "".join((docs / name).read_text(encoding="utf-8") for name in DOCS)
    keys = {
        key
        for path, schema in subschemas(SCHEMA)
        if path != "$.properties.dialect" and isinstance(schema.get("properties"), dict)
        for key in schema["properties"]
    }

    assert sorted(key for key in keys if f"`{key}" not in text and f"{key}:" not in text) == []
    assert [info.name for info in list_scenarios() if f"`{info.name}`" not in text] == []
