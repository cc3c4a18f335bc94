"""Derives from a contract the stricter one that requests are generated from.

A contract may mark what it only tolerates (`x-tolerated: true`) and what was merely observed in clients
(`x-source: observed`). Nobody promises either, so nothing generated should hold it: neither as good data, for
a stranger may refuse it, nor as bad data, for this implementation takes it. Responses are left as they are.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from conformance.resources import METHODS

PREFIX = "#/components/schemas/"
STRICT = "Strict."
"""Before the name of a component that requests use: responses go on using the original one."""


def strict_contract(document: Mapping[str, Any]) -> dict[str, Any]:
    """The contract with nothing tolerated or observed in parameters and bodies, and without `webhooks`."""
    strict = deepcopy(dict(document))
    strict.pop("webhooks", None)
    schemas = strict["components"]["schemas"]
    requests = _Requests(schemas)
    for parameter in _parameters(strict):
        parameter["schema"] = requests.strict(parameter["schema"])
    for operation in operations(strict):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            media["schema"] = requests.strict(media["schema"])
    schemas.update(requests.made)
    return strict


def operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of a contract."""
    for item in document["paths"].values():
        yield from (item[method] for method in METHODS if method in item)


def _parameters(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from document["components"].get("parameters", {}).values()
    for item in document["paths"].values():
        for owner in (item, *(item[method] for method in METHODS if method in item)):
            yield from (each for each in owner.get("parameters", ()) if "$ref" not in each)


class _Requests:
    """Copies schemas for the use of requests; `made` holds the components that they need."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self.made: dict[str, Any] = {}

    def strict(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        made = {key: self._value(key, value) for key, value in schema.items() if not key.startswith("x-")}
        alternatives = made.get("anyOf")
        if alternatives is not None and len(alternatives) == 1:
            del made["anyOf"]
            made = {**made, **alternatives[0]}
        return made

    def _value(self, key: str, value: Any) -> Any:
        if key == "$ref":
            return self._reference(value)
        if key in ("anyOf", "allOf", "oneOf"):
            return [self.strict(each) for each in value if not self._unpromised(each)]
        if key == "properties":
            return {name: self.strict(each) for name, each in value.items() if not self._unpromised(each)}
        if key in ("items", "additionalProperties") and isinstance(value, dict):
            return self.strict(value)
        return value

    def _reference(self, reference: str) -> str:
        name = reference.removeprefix(PREFIX)
        if STRICT + name not in self.made:
            self.made[STRICT + name] = {}  # so that a schema may refer to itself
            self.made[STRICT + name] = self.strict(self._schemas[name])
        return PREFIX + STRICT + name

    def _unpromised(self, schema: Mapping[str, Any]) -> bool:
        while True:
            if schema.get("x-tolerated") or schema.get("x-source") == "observed":
                return True
            if "$ref" not in schema:
                return False
            schema = self._schemas[schema["$ref"].removeprefix(PREFIX)]


OUR_LIMITS = frozenset(
    {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "required",
    }
)
"""Keywords that don't count in a schema marked `x-limit: ours`. Patterns stay: they say what a text is."""


def without_our_limits(schema: Any) -> Any:
    """A copy of a contract, or of a part, without the limits that no document promises (`x-limit: ours`)."""
    if isinstance(schema, list):
        return [without_our_limits(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    dropped = OUR_LIMITS if schema.get("x-limit") == "ours" else frozenset[str]()
    return {key: without_our_limits(value) for key, value in schema.items() if key not in dropped}
