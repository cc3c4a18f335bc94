"""The guest's answers to a configuration's additional fields."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import re2

from mockserver.domain.configuration import AdditionalField, Configuration
from mockserver.domain.errors import refuse
from mockserver.domain.transaction import Transaction

PATTERN_MEMORY = 1 << 20
"""Bytes that one compiled foreign pattern may use."""


def checked_fields(
    tx: Transaction, configuration: Configuration, answers: Mapping[str, str]
) -> dict[str, str]:
    """The answers, if the configuration asks for them and they fit. Raises Refusal.

    That an unknown field is refused is documented; whether the server enforces the rest is not, so the
    dialect's `additional_field_rules` decides.
    """
    for key in answers:
        if key not in configuration.additional_fields:
            raise refuse("unknown_field", key=key)
    if tx.dialect.additional_field_rules == "enforced":
        for key, field in configuration.additional_fields.items():
            expected = _violated(field, answers.get(key, ""))
            if expected:
                raise refuse("invalid_field", f"additional_fields.{key}: expected {expected}", key=key)
    return dict(answers)


def _violated(field: AdditionalField, answer: str) -> str | None:
    if answer == "":
        return "an answer, the field is required" if field.required and field.type != "metadata" else None
    if field.options is not None and not _offered(field, field.options, answer):
        return f"one of {', '.join(field.options)}"
    if field.pattern is not None:
        matches = whole_matcher(field.pattern)
        if matches is not None and not matches(answer):
            return f"text that matches {field.pattern}"
    return None


def _offered(field: AdditionalField, options: Sequence[str], answer: str) -> bool:
    """Whether an answer is an option; the Scheduling Component sends several by commas."""
    if field.type != "multi_select":
        return answer in options
    return _between_commas(answer) <= {piece for option in options for piece in _between_commas(option)}


def _between_commas(text: str) -> set[str]:
    return {piece.strip() for piece in text.split(",")}


@lru_cache(maxsize=512)
def whole_matcher(pattern: str) -> Callable[[str], Any] | None:
    """A matcher of whole strings for a foreign pattern, or None where RE2 can't compile it."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = PATTERN_MEMORY
    try:
        compiled = re2.compile(pattern, options)
    except re2.error:
        return None
    return compiled.fullmatch  # type: ignore[no-any-return]
