"""Where requests that were accepted leave what the contract documents for what it only tolerates."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from conformance.generation.strict import strict_contract
from mockserver.contract import Contract, load_contract
from tests.support.answers import PREFIX, operation_at

UNUSED = {"", "None", "undefined"}
"""What clients write into a query for a value that they don't have."""


def departures(exchanges: list[dict[str, Any]]) -> set[str]:
    """The departures of a mock's journal, each as `operation, body or query: what`."""
    found: set[str] = set()
    for each in exchanges:
        operation = operation_at(each["method"], PREFIX.sub("", each["path"]))
        if operation is None or each["status"] >= 400:
            continue
        body = json.loads(each["request"]["body"]) if each["request"]["body"] else None
        for violation in _strict().request_violations(operation, body):
            found.add(f"{operation}, body: {violation.path} {violation.expected}")
        if body is not None and _strict().operation(operation).body is None:
            found.add(f"{operation}, body: there is none")
        for name, value in parse_qsl(each["query"], keep_blank_values=True):
            if name not in _parameters(operation):
                found.add(f"{operation}, query: {name} is unknown")
            elif value in UNUSED:
                found.add(f"{operation}, query: {value or 'nothing'} as {name}")
    return found


@lru_cache(maxsize=1)
def _strict() -> Contract:
    return Contract(strict_contract(load_contract().document))


@lru_cache
def _parameters(operation_id: str) -> frozenset[str]:
    contract = load_contract()
    operation = contract.operation(operation_id)
    item: Mapping[str, Any] = contract.document["paths"][operation.path]
    listed = [*item.get("parameters", ()), *item[operation.method.lower()].get("parameters", ())]
    known = contract.document["components"]["parameters"]
    resolved = [known[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in listed]
    return frozenset(each["name"] for each in resolved if each["in"] == "query")
