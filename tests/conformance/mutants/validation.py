"""Servers that take what the contract forbids."""

from typing import Any

from flask import request

from mockserver.api import configurations, sessions
from mockserver.api.incoming import _parsed
from mockserver.contract import load_contract
from mockserver.gateway import operation_id
from tests.conformance.mutants import mutant, ran
from tests.conformance.mutants._spoiling import instead_of

KEYS = ("configuration_id", "slug")
NEEDED = ("", "participants", "availability", "event_booking")


@mutant("BK-SESS-002", also=["BK-SESS-007"])
def any_body_opens_a_session() -> None:
    """Of the body that opens a session only the id and the slug are looked at."""

    @instead_of(sessions, "json_body")
    def spoiled(json_body: Any) -> dict[str, Any]:
        body = _parsed(request.get_data())
        named = {key: body.get(key) for key in KEYS} if isinstance(body, dict) else {}
        found = {key: each for key, each in named.items() if isinstance(each, str) and each}
        if not found:
            return json_body()  # type: ignore[no-any-return]
        ran()
        minutes = body.get("time_to_live")
        return {**found, "time_to_live": minutes if isinstance(minutes, int) and minutes > 0 else None}


@mutant("BK-CONF-002", also=["BK-WIRE-005", "BK-CONF-001"])
def configurations_are_hardly_looked_at() -> None:
    """Of a configuration only that the needed parts are there is checked, and a rule or two."""

    @instead_of(configurations, "json_body")
    def spoiled(json_body: Any) -> dict[str, Any]:
        body = _parsed(request.get_data())
        violations = load_contract().request_violations(operation_id() or "", body)
        if any(each.path.startswith(("participants", "availability")) for each in violations):
            return json_body()  # type: ignore[no-any-return]
        if violations and all(each.path not in NEEDED for each in violations):
            ran()
            return body  # type: ignore[no-any-return]
        return json_body()  # type: ignore[no-any-return]
