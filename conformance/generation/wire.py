"""What holds for every answer, whoever asked for it and why."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from conformance.clauses import generated_clause
from conformance.findings import Findings
from conformance.resources import contract, operations
from conformance.strangers.exchange import Exchange

ORDINARY = re.compile(r"[A-Za-z0-9._~@:+-]+")
"""A part of a path that every router takes as one: of others a gateway may know better than the API."""
EARLIEST, LATEST = 10**8, 10**11
"""Unix times in seconds lie between these; in milliseconds they don't."""
TIMES = ("start_time", "end_time")
ECHOING = "/scheduling/configurations"
"""What is written here may come back as it is, generated keys of any name included."""


@dataclass(frozen=True)
class Remark:
    """What one check says of an answer."""

    check: str
    holds: bool
    expected: str
    seen: str


def judge_wire(findings: Findings, base_url: str, exchanges: Iterable[Exchange]) -> None:
    """Hold the answers of a clause check against what holds for every answer."""
    for exchange in exchanges:
        operation = operation_of(base_url, exchange)
        for remark in remarks(exchange) if operation else ():
            clause = generated_clause(remark.check, str(operation))
            if clause is not None:
                findings.judge(clause.id, remark.holds, remark.expected, remark.seen, [exchange])


def remarks(exchange: Exchange) -> Iterator[Remark]:
    """What every check that has something to look at says of an answer to an operation of the API."""
    status = exchange.status
    yield Remark("not_a_server_error", status < 500, "no 5xx", exchange.told())
    if status >= 500 or status == 429 or 300 <= status < 400:
        return  # perhaps not from the API itself: from what stands before it
    if 200 <= status < 300:
        yield Remark("success_is_200", status == 200, "200", str(status))
    content = exchange.content if isinstance(exchange.content, dict) else {}
    kind = exchange.answer_headers.get("content-type", "")
    json_type = kind.partition(";")[0].strip().lower() == "application/json"
    yield Remark("json_content", json_type, "content-type: application/json", f"content-type: {kind}")
    request_id = content.get("request_id")
    named = isinstance(request_id, str) and request_id != ""
    yield Remark("request_id", named, "a JSON object with a request_id", exchange.told())
    if named:
        header = exchange.answer_headers.get("x-request-id")
        yield Remark("request_id_header", header == request_id, f"x-request-id: {request_id}", str(header))
    if status >= 400:
        shaped = all(isinstance(exchange.error.get(key), str) for key in ("type", "message"))
        yield Remark("error_shape", shaped, "error.type and error.message, both text", exchange.told())
    else:
        times = [] if ECHOING in exchange.url else list(_times(content))
        if times:
            wrong = [each for each in times if not _is_unix(each)]
            yield Remark("unix_times", not wrong, "whole numbers of Unix seconds", repr(wrong[:3]))


def operation_of(base_url: str, exchange: Exchange) -> str | None:
    """The operation that a request was for; None where its path or method is no ordinary one of the API."""
    path = urlsplit(exchange.url).path.removeprefix(urlsplit(base_url).path.rstrip("/"))
    parts = path.split("/")[1:]
    if not all(map(ORDINARY.fullmatch, parts)):
        return None
    for name, method, template in _templates():
        if method == exchange.method and template.fullmatch(path):
            return name
    return None


@cache
def documented(operation: str) -> frozenset[int]:
    """The statuses that the contract lists for an operation."""
    method, path = operations()[operation]
    return frozenset(int(each) for each in contract()["paths"][path][method.lower()]["responses"])


@cache
def _templates() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Operations, those with fixed paths before those that would match them too."""
    found = sorted(operations().items(), key=lambda item: item[1][1].count("{"))
    return tuple(
        (name, method, re.compile(re.sub(r"{\w+}", "[^/]+", path))) for name, (method, path) in found
    )


def _times(content: Any) -> Iterator[object]:
    """All start and end times in an answer."""
    if isinstance(content, dict):
        yield from (content[key] for key in TIMES if content.get(key) is not None)
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    for each in inner:
        if isinstance(each, dict | list):
            yield from _times(each)


def _is_unix(value: object) -> bool:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return whole and not isinstance(value, bool) and EARLIEST <= float(str(value)) <= LATEST
