"""Holds documents to `contracts/scenario.schema.json`, and says in words what was expected."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from mockserver.resources import data_path
from mockserver.scenario.problems import Path, Problem
from mockserver.scenario.yaml_places import Document

SECTIONS = ("grants", "configurations", "sessions", "bookings", "webhooks")
"""The maps of a scenario, whose keys are local names."""

ENTRIES = (*SECTIONS, "steps")
"""What is looked at entry by entry."""

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text, in quotes if need be",
    "integer": "a whole number",
    "boolean": "true or false",
}


def shape_problems(document: Document) -> tuple[list[Problem], set[Path]]:
    """What is wrong with the shape of a document, and which of its entries are not worth a closer look.

    An entry is `(section, name)`, `("steps", index)`, or `(key,)` of what there is only once.
    """
    problems: list[Problem] = []
    spoiled: set[Path] = set()
    for error in _validator().iter_errors(document.value):
        path: Path = tuple(error.absolute_path)
        for below, message, at_key in _explained(error):
            where = (*path, *below)
            problems.append(document.problem(where, message, at_key))
            spoiled.add(where[: 2 if where and where[0] in ENTRIES else 1])
    return problems, spoiled


def value_problems(definition: str, value: Any) -> Iterator[tuple[Path, str, bool]]:
    """What is wrong with a value that stands where the schema knows only "any JSON".

    `definition` is the schema's name for what it has to be. As `_explained`: place, words, whether the key.
    """
    for error in _validator().evolve(schema=_definition(definition)).iter_errors(value):
        for below, message, at_key in _explained(error):
            yield (*error.absolute_path, *below), message, at_key


@lru_cache(maxsize=16)
def _definition(name: str) -> Mapping[str, Any]:
    schema = cast("Mapping[str, Any]", _validator().schema)
    return {"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"}


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    schema = json.loads(data_path("contracts/scenario.schema.json").read_bytes())
    validator: Draft202012Validator = _Strict(schema)
    return validator


def _whole_text(
    validator: object, pattern: str, instance: object, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Every pattern of the schema is anchored; Python's `$` would let a line end pass."""
    if isinstance(instance, str) and not re.fullmatch(pattern, instance):
        yield ValidationError("does not match")


_Strict: Any = extend(Draft202012Validator, {"pattern": _whole_text})  # type: ignore[no-untyped-call]


def _explained(error: ValidationError) -> Iterator[tuple[Path, str, bool]]:
    """The place below the error's, what was expected, and whether the key is meant and not the value."""
    schema: Mapping[str, Any] = cast("Mapping[str, Any]", error.schema)
    rule, wanted, value = error.validator, cast("Any", error.validator_value), cast("Any", error.instance)
    title = schema.get("title")
    if rule == "additionalProperties":
        known = list(schema["properties"])
        for key in value:
            if key not in known:
                yield (key,), f"unknown key; expected one of {', '.join(known)}", True
    elif rule == "required":
        missing = next(key for key in wanted if key not in value and f"'{key}'" in error.message)
        yield (), f"expected the key {missing}", False
    elif "propertyNames" in error.absolute_schema_path:
        yield (value,), f"expected {title}", True
    elif rule == "enum":
        words = dict.fromkeys("null" if each is None else str(each) for each in wanted)
        yield (), f"expected one of {', '.join(words)}", False
    elif rule in ("minimum", "maximum"):
        bound = f", at {'least' if rule == 'minimum' else 'most'} {wanted}"
        yield (), f"expected {title}{'' if str(wanted) in str(title) else bound}", False
    else:
        yield (), f"expected {title or _TYPES[wanted]}", False
