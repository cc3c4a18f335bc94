"""Holds values against schemas and tells what is wrong, in the order and the words of the contract."""

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012, Schema

from mockserver.contract.schemas import Schemas
from mockserver.contract.words import echo, expectation, location

URN = "urn:contract"

Path = tuple[str | int, ...]


class Validation:
    """One validator per schema, built when it is first needed."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        resource = DRAFT202012.create_resource(cast("Schema", schemas.document))
        self._registry: Registry[Schema] = Registry[Schema]().with_resource(URN, resource)
        self._validators: dict[str, Draft202012Validator] = {}

    def found(self, reference: str, value: object) -> list[tuple[str, str]]:
        """Where a value breaks the schema, and what was expected there: one sentence for each place."""
        found: dict[Path, str] = {}
        for error in self._validator(reference).iter_errors(cast("Any", value)):
            for leaf in self._leaves(error):
                for path, words in self._explain(reference, leaf):
                    found.setdefault(path, words)
        ranked = sorted(found, key=lambda path: self._schemas.locate(reference, path)[0])
        return [(location(path), found[path]) for path in ranked]

    def _validator(self, reference: str) -> Draft202012Validator:
        validator = self._validators.get(reference)
        if validator is None:
            schema = self._schemas.written_out({"$ref": reference}, URN)
            validator = _Dialect(schema, registry=self._registry, format_checker=_format_checker())
            self._validators[reference] = validator
        return validator

    def _leaves(self, error: ValidationError) -> Iterator[ValidationError]:
        """Instead of "fits no alternative", what is wrong with the only documented alternative."""
        if error.validator == "anyOf":
            alternatives: list[dict[str, Any]] = cast("Any", error.validator_value)
            documented = [
                index
                for index, branch in enumerate(alternatives)
                if not {**self._schemas.resolve(branch), **branch}.get("x-tolerated")
            ]
            if len(documented) == 1:
                for inner in error.context or ():
                    if inner.relative_schema_path[0] == documented[0]:
                        yield from self._leaves(inner)
                return
        yield error

    def _explain(self, reference: str, error: ValidationError) -> Iterator[tuple[Path, str]]:
        path = tuple(error.absolute_path)
        rule: Any = error.validator_value
        if error.validator == "required" and isinstance(error.instance, dict):
            for name in rule:
                if name not in error.instance:
                    yield (*path, name), f"missing, {self._expected(reference, (*path, name))}"
        elif error.validator == "anyOf" and all("required" in branch for branch in rule):
            yield path, "expected " + " or ".join(" and ".join(branch["required"]) for branch in rule)
        else:
            limits = isinstance(error.instance, int | float)
            expected = self._expected(reference, path, limits=limits and error.validator != "type")
            yield (
                path,
                expected if self._is_secret(reference, path) else f"{expected}, got {echo(error.instance)}",
            )

    def _expected(self, reference: str, path: Path, *, limits: bool = False) -> str:
        _, schema = self._schemas.locate(reference, path)
        forms = [expectation(form, limits=limits) for form in self._schemas.documented_branches(schema)]
        return "expected " + " or ".join(dict.fromkeys(forms))

    def _is_secret(self, reference: str, path: Path) -> bool:
        _, schema = self._schemas.locate(reference, path)
        return any(branch.get("writeOnly") for branch in self._schemas.branches(schema))


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re.Pattern[str]:
    """JSON Schema's `$` is the very end; Python's also matches before a final newline."""
    return re.compile(pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern)


def _pattern(_: object, pattern: str, value: object, __: object) -> Iterator[ValidationError]:
    if isinstance(value, str) and not _compiled(pattern).search(value):
        yield ValidationError(f"doesn't match {pattern}")


_inner: dict[int, Draft202012Validator] = {}
"""The validators of schemas within schemas, by the schema's identity; each keeps its schema."""


def _inside(validator: Draft202012Validator, schema: Schema) -> Draft202012Validator:
    """The validator of a schema within another one, made once; `descend` makes it for every value."""
    found = _inner.get(id(schema))
    if found is None:
        found = _inner[id(schema)] = cast("Draft202012Validator", validator.evolve(schema=schema))
    return found


def _properties(
    validator: Draft202012Validator, properties: dict[str, Schema], value: Any, _: object
) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for name, schema in properties.items():
            if name in value:
                for error in _inside(validator, schema).iter_errors(value[name]):
                    error.path.appendleft(name)
                    error.schema_path.appendleft(name)
                    yield error


def _any_of(
    validator: Draft202012Validator, forms: list[Schema], value: Any, _: object
) -> Iterator[ValidationError]:
    context: list[ValidationError] = []
    for index, schema in enumerate(forms):
        errors = list(_inside(validator, schema).iter_errors(value))
        if not errors:
            return
        for error in errors:
            error.schema_path.appendleft(index)
        context += errors
    yield ValidationError("fits none of the forms", context=context)


def _is_number(_: object, value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


@lru_cache(maxsize=1)
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_timezone(value: object) -> bool:
    return not isinstance(value, str) or value in _timezones()


def _is_url(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and value.isprintable()
        and " " not in value
    )


@lru_cache(maxsize=1)
def _format_checker() -> FormatChecker:
    checker = FormatChecker(formats=("uuid", "email", "date"))
    checker.checks("iana-timezone")(_is_timezone)
    checker.checks("uri", raises=ValueError)(_is_url)
    return checker


_Dialect = cast(
    "type[Draft202012Validator]",
    extend(  # type: ignore[no-untyped-call]
        Draft202012Validator,
        {"pattern": _pattern, "properties": _properties, "anyOf": _any_of},
        type_checker=Draft202012Validator.TYPE_CHECKER.redefine("number", _is_number),
    ),
)
