"""Finds the way through the contract's schemas, and brings values into the documented form."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

REMARKS = frozenset({"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"})
"""Keywords that constrain nothing, beside those that begin with `x-`."""

TOLERATED = "x-tolerated"
"""Marks what is accepted and not documented; of several forms, the others are then what was expected."""


class Schemas:
    """The schemas of one OpenAPI document. A reference looks like `#/components/schemas/Booking`."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def resolve(self, node: Schema) -> Schema:
        """What a node stands for, references followed."""
        while "$ref" in node:
            reference: str = node["$ref"]
            node = self.document
            for step in reference.removeprefix("#/").split("/"):
                node = node[step]
        return node

    def written_out(self, schema: Any, base: str, inside: tuple[str, ...] = ()) -> Any:
        """The schema as validators are quickest with: what it refers to in place of references, no remarks.

        A reference stays, after `base`, where it leads back into itself, or where keys beside it constrain.
        `x-tolerated` stays, too.
        """
        if not isinstance(schema, dict):  # true or false
            return schema
        said = {key: value for key, value in schema.items() if key == TOLERATED or not _is_remark(key)}
        reference = said.pop("$ref", None)
        beside = {key: self._part(key, value, base, inside) for key, value in said.items()}
        if reference is None:
            return beside
        if reference in inside or set(beside) - {TOLERATED}:
            return {"$ref": base + reference, **beside}
        target = self.resolve({"$ref": reference})
        return {**self.written_out(target, base, (*inside, reference)), **beside}

    def _part(self, key: str, value: Any, base: str, inside: tuple[str, ...]) -> Any:
        """What stands under a keyword of a schema, with the schemas in it written out."""
        if key in ("properties", "patternProperties", "dependentSchemas"):
            return {name: self.written_out(each, base, inside) for name, each in value.items()}
        if key in ("anyOf", "allOf", "oneOf", "prefixItems"):
            return [self.written_out(each, base, inside) for each in value]
        if key in ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"):
            return self.written_out(value, base, inside)
        return value

    def branches(self, schema: Schema) -> Iterator[Schema]:
        """The forms that a value may have, tolerated ones too."""
        node = self.resolve(schema)
        if "anyOf" not in node or "properties" in node:
            yield node
            return
        for branch in node["anyOf"]:
            marks = {key: value for key, value in branch.items() if key.startswith("x-")}
            yield from ({**found, **marks} for found in self.branches(branch))

    def documented_branches(self, schema: Schema) -> list[Schema]:
        """The forms that somebody promises, if only we ourselves."""
        return [
            branch
            for branch in self.branches(schema)
            if not branch.get("x-tolerated") or branch.get("x-source") == "ours"
        ]

    def locate(self, reference: str, path: Sequence[str | int]) -> tuple[tuple[int, ...], Schema]:
        """The place of a path in the order of the contract, and the schema there."""
        schema: Schema = {"$ref": reference}
        rank = []
        for step in path:
            position, schema = self.child(schema, step)
            rank.append(position)
        return tuple(rank), schema

    def child(self, schema: Schema, step: str | int) -> tuple[int, Schema]:
        """The position and the schema of a key or an element of what a schema describes."""
        for branch in self.branches(schema):
            if isinstance(step, int):
                return step, branch.get("items", {})
            parts = [branch, *(self.resolve(part) for part in branch.get("allOf", ()))]
            properties = {name: value for part in parts for name, value in part.get("properties", {}).items()}
            if step in properties:
                return list(properties).index(step), properties[step]
            if "additionalProperties" in branch:
                return len(properties), branch["additionalProperties"]
        return 0, {}

    def documented(self, reference: str, value: object) -> object:
        """A copy of a valid value in the documented form."""
        return self._copy({"$ref": reference}, value)

    def _copy(self, schema: Schema, value: object) -> object:
        if not schema:
            return value
        if isinstance(value, dict):
            children = {key: self.child(schema, key)[1] for key in value}
            return {
                key: self._copy(children[key], item)
                for key, item in value.items()
                if not self._is_absent(children[key], item)
            }
        if isinstance(value, list):
            items = self.child(schema, 0)[1]
            return [self._copy(items, item) for item in value]
        if self._means_integer(schema, value):
            return int(value)  # type: ignore[call-overload]
        return value

    def _means_integer(self, schema: Schema, value: object) -> bool:
        integral = isinstance(value, float) and value.is_integer()
        digits = isinstance(value, str) and value.isdecimal()
        return (integral or digits) and any("integer" in types(branch) for branch in self.branches(schema))

    def _is_absent(self, schema: Schema, value: object) -> bool:
        if value is not None and value != "":
            return False
        tolerated = (branch for branch in self.branches(schema) if branch.get("x-tolerated"))
        return any(
            value in branch["enum"] if "enum" in branch else value is None and "null" in types(branch)
            for branch in tolerated
        )


def _is_remark(key: str) -> bool:
    """Whether a key of a schema constrains nothing."""
    return key.startswith("x-") or key in REMARKS


def types(schema: Schema) -> list[str]:
    """The types that a schema names; none when it names none."""
    named = schema.get("type", [])
    return [named] if isinstance(named, str) else list(named)
