"""Holds `contracts/control.yaml` to its word: valid, every example true, and just what the mock serves."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from tests.control.plane import DOCUMENT, OPERATIONS, Plane, complaints, resolve

Node = Mapping[str, Any]


def test_it_is_a_valid_openapi_document() -> None:
    validate(DOCUMENT)


def examples(node: Any, schema: Any = None) -> Iterator[tuple[Any, Any]]:
    """Every example below a node with the schema that it has to obey."""
    if isinstance(node, list):
        for each in node:
            yield from examples(each)
    if not isinstance(node, dict):
        return
    own = node.get("schema", node)
    if "example" in node:
        yield node["example"], own
    if isinstance(node.get("examples"), dict):
        yield from ((each["value"], own) for each in node["examples"].values())
    for key, each in node.items():
        if key not in ("example", "examples"):
            yield from examples(each)


def test_every_example_obeys_its_schema() -> None:
    found = list(examples(DOCUMENT))
    assert len(found) > 40
    for value, schema in found:
        assert complaints(schema, value) == []


def served(plane: Plane) -> set[tuple[str, str]]:
    return {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in plane.app.flask.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/_mock")
    }


def test_it_lists_exactly_what_is_served(plane: Plane) -> None:
    assert served(plane) == set(OPERATIONS)


@pytest.mark.parametrize("key", OPERATIONS, ids=" ".join)
def test_every_operation_says_how_it_is_refused(key: tuple[str, str]) -> None:
    operation = OPERATIONS[key]
    method, path = key
    wanted = {"default"}
    if path != "/_mock/health":
        wanted.add("401")
    if method != "GET":
        wanted |= {"400", "415"}
    assert wanted <= set(operation["responses"])
    assert all(
        "schema" in content
        for response in operation["responses"].values()
        for content in resolve(response)["content"].values()
    )


def test_the_documentation_tells_of_every_call() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "control.md").read_text()
    for method, path in OPERATIONS:
        call = path
        assert f"`{method} {call}`" in docs
