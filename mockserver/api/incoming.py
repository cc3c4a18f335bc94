"""Reading requests: JSON bodies held to the contract, times and ids from queries, bearer tokens."""

import json
import re
from typing import Any, NoReturn

from flask import request

from mockserver.contract import load_contract
from mockserver.domain.access import Credentials
from mockserver.domain.calendars import Person
from mockserver.domain.errors import refuse
from mockserver.domain.reference import is_uuid
from mockserver.gateway import operation_id

LATEST_TIME = 253_402_214_400
"""The last second that is accepted as a time: a day before the year 10000 begins."""

_UNUSED = frozenset({"", "None", "undefined"})
_SECONDS = re.compile(r"[0-9]{1,12}(\.0{1,6})?")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def credentials() -> Credentials:
    """The bearer token and the ids of the query. Literals that SDKs write for unset values are unset."""
    return Credentials(
        bearer=_bearer(),
        configuration_id=query_value("configuration_id"),
        slug=query_value("slug"),
        client_id=query_value("client_id"),
    )


def query_value(name: str) -> str | None:
    """A query parameter, or None where it is absent or one of the literals for unset values."""
    query = request.args
    return query[name] if name in query and query[name] not in _UNUSED else None


def query_time(name: str) -> int:
    """A required time of the query, in Unix seconds. Raises Refusal."""
    value = request.args.get(name, "")
    if _SECONDS.fullmatch(value) and int(value.partition(".")[0]) <= LATEST_TIME:
        return int(value.partition(".")[0])
    raise refuse("invalid_query", f"{name}: expected Unix time in seconds")


def query_optional_time(name: str) -> int | None:
    """A time of the query, in Unix seconds, or None without one. Raises Refusal."""
    return None if query_value(name) is None else query_time(name)


def query_flag(name: str) -> bool:
    """Whether the query says true; without a word it doesn't. Raises Refusal for other words."""
    value = query_value(name) or "false"
    if value.lower() not in ("true", "false"):
        raise refuse("invalid_query", f"{name}: expected true or false")
    return value.lower() == "true"


def query_timezone() -> str | None:
    """The guest's time zone from the query. Raises Refusal for one that doesn't exist."""
    zone = query_value("timezone")
    if zone is not None and load_contract().schema_violations("Timezone", zone):
        raise refuse("invalid_query", "timezone: expected an IANA time zone such as Europe/Berlin")
    return zone


def path_uuid(name: str, value: str) -> str:
    """An id of the path, in lower case. Raises Refusal."""
    if not is_uuid(value):
        raise refuse("malformed_id", f"{name}: expected a UUID")
    return value.lower()


def json_body() -> dict[str, Any]:
    """The body, valid by the contract and without what is as good as absent. Raises Refusal."""
    body = _parsed(request.get_data())
    violations, cleaned = load_contract().read_request(operation_id() or "", body)
    if violations:
        worst = violations[0]
        raise refuse("malformed_body", f"{worst.path or 'body'}: {worst.expected}")
    if not isinstance(cleaned, dict):
        raise refuse("malformed_body", "body: expected a JSON object")
    return cleaned


def optional_json_body() -> dict[str, Any]:
    """As `json_body`; no body at all is an empty one."""
    return json_body() if request.get_data().strip() else {}


def person(body: dict[str, Any]) -> Person:
    """Somebody as bodies write them."""
    return Person(body["email"], body.get("name") or "")


def _bearer() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _parsed(raw: bytes) -> Any:
    try:
        if _SURROGATE.search(raw):
            json.dumps(json.loads(raw), ensure_ascii=False).encode()  # halves of pairs can't be written back
        return json.loads(raw, parse_constant=_not_json, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise refuse("malformed_body", "body: expected JSON in UTF-8, an object") from error


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number beyond the range of double precision")
    return number
