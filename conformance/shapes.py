"""The contract's schemas, applied to what a target says."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from conformance.resources import contract

URN = "urn:contract"
DEEPEST = 3
"""Problems that are told of one value."""


@cache
def _registry() -> Any:
    return Registry().with_resource(URN, DRAFT202012.create_resource(contract()))


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"{URN}#/components/schemas/{name}"}, registry=_registry())


def problems(name: str, value: object) -> list[str]:
    """What keeps a value from being one of the contract's component `name`, the first few problems."""
    found = sorted(_validator(name).iter_errors(value), key=lambda error: error.json_path)
    return [f"{error.json_path}: {_short(error.message)}" for error in found[:DEEPEST]]


def _short(message: str) -> str:
    return message if len(message) <= 200 else message[:200] + "…"


def as_json(value: object) -> str:
    """A value on one line, for a report."""
    return json.dumps(value, ensure_ascii=False)
