"""Requests that were recorded, in a journal or by a browser, with what is known of their answers."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract import load_contract
from mockserver.sandbox.journal import KEPT_BODY, Exchange

MOST_LEVELS = 40
MOST_DIGITS = 15
"""Numbers that are longer, and deeper data, are written as the text that they came in."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_NO_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[^\[\]{}"]+')


@dataclass(slots=True)
class Call:
    """One request and its answer. `at` is Unix seconds; None in `status` or `answer`: nobody knows.

    `turn` puts it in order. `authorization` is the header; None where it may have been left out of the
    recording. `lost`: no whole answer arrived. `cut`: not all of the request's body is known. `remarks`
    become comments.
    """

    at: int
    turn: int
    method: str
    path: str
    query: list[tuple[str, str]]
    authorization: str | None
    content_type: str
    body: str
    status: int | None
    answer: str | None
    lost: bool = False
    cut: bool = False
    fault: str | None = None
    remarks: list[str] = field(default_factory=list)

    @property
    def operation(self) -> str | None:
        """The contract's operationId, if it is one."""
        return operation_of(self.method, self.path)

    def data(self) -> Any:
        """The JSON of the answer; NO_DATA where there is none, or where it can't be written down."""
        return parsed(self.answer or "")


class _NoData:
    """Stands for no data."""


NO_DATA = _NoData()


def from_exchange(exchange: Exchange, turn: int) -> Call:
    """A request of a sandbox's journal."""
    headers = {name.lower(): value for name, value in exchange.request_headers.items()}
    cut = len(exchange.request_body.encode(errors="replace")) >= KEPT_BODY
    answer_cut = len(exchange.response_body.encode(errors="replace")) >= KEPT_BODY
    return Call(
        at=exchange.at,
        turn=turn,
        method=exchange.method,
        path=exchange.path,
        query=parse_qsl(exchange.query, keep_blank_values=True),
        authorization=exchange.authorization,
        content_type=headers.get("content-type", ""),
        body=exchange.request_body,
        status=exchange.status,
        answer=None if answer_cut else exchange.response_body,
        lost=exchange.status is None,
        cut=cut,
        fault=exchange.fault,
    )


@lru_cache(maxsize=64)
def parsed(text: str) -> Any:
    """Plain data of JSON text; NO_DATA where it is none, or would not come out of a scenario as it was.

    Not to be changed: whoever asks for the same text gets the same.
    """
    try:
        data = json.loads(
            text,
            object_pairs_hook=_mapping,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_integer,
        )
    except (ValueError, RecursionError):
        return NO_DATA
    return NO_DATA if _SURROGATE.search(text) or _depth(text) > MOST_LEVELS else data


def count(value: Any) -> int:
    """How many values there are in plain data."""
    if isinstance(value, Mapping):
        return 1 + sum(map(count, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(count, value))
    return 1


def operation_of(method: str, path: str) -> str | None:
    """The operationId of the contract for a path, if there is one."""
    for pattern, known, operation_id in _operations():
        if known == method and pattern.fullmatch(path):
            return operation_id
    return None


def is_served(path: str) -> bool:
    """Whether a path is one of the API's, whatever the method."""
    return any(pattern.fullmatch(path) for pattern, _, _ in _operations())


@lru_cache(maxsize=1)
def _operations() -> list[tuple[re.Pattern[str], str, str]]:
    contract = load_contract()
    found = []
    for operation_id in contract.operation_ids:
        operation = contract.operation(operation_id)
        pattern = re.compile(re.sub(r"\\\{[^{}]+\\\}", "[^/]+", re.escape(operation.path)))
        found.append((operation.path.count("{"), pattern, operation.method, operation_id))
    found.sort(key=lambda each: each[0])  # the plainest first: /webhooks/mock-payload is no webhook's id
    return [(pattern, method, operation_id) for _, pattern, method, operation_id in found]


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key appears twice")
    return found


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError("too long a number")
    return int(digits)


def _fraction(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("too large a number")
    return number


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _NO_BRACKETS.sub("", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(depth, deepest)
    return deepest
