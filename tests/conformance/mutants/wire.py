"""Servers that are wrong about what holds for every answer."""

from typing import Any

from flask import Response

from mockserver import gateway
from mockserver.api import availability, incoming
from mockserver.domain.errors import Refusal
from tests.conformance.mutants import mutant, ran
from tests.conformance.mutants._spoiling import instead_of

AVAILABILITY = ["BK-AVAIL-001", "BK-AVAIL-006"]


@mutant("BK-WIRE-001", also=["BK-UI-006"], kinds=["envelope"])
def refused_without_a_request_id() -> None:
    """Refusals have no request_id."""

    @instead_of(gateway, "enveloped")
    def spoiled(enveloped: Any, content: Any, status: int = 200) -> Response:
        ran()
        return gateway.json_response(content, status)


@mutant("BK-WIRE-002", also=["BK-UI-006"], kinds=["envelope"])
def errors_are_just_texts() -> None:
    """The `error` of a refusal is its message and nothing more."""

    @instead_of(Refusal, "error")
    def _(error: Any, *_: Any) -> str:
        ran()
        return "it did not work"


@mutant("BK-WIRE-004", also=["BK-UI-006"], kinds=["envelope"])
def refusals_as_plain_text() -> None:
    """Refusals have the content type text/plain."""

    @instead_of(gateway, "enveloped")
    def spoiled(enveloped: Any, content: Any, status: int = 200) -> Response:
        ran()
        answer: Response = enveloped(content, status)
        answer.content_type = "text/plain"
        return answer


@mutant("BK-WIRE-005", also=["BK-AVAIL-004"], kinds=["time"])
def times_are_not_looked_at() -> None:
    """A time that is none is an accident of the server."""

    @instead_of(availability, "query_time")
    def spoiled(query_time: Any, name: str) -> int:
        ran()
        return int(float(incoming.query_value(name) or ""))


@mutant("BK-WIRE-006", also=AVAILABILITY)
def nothing_free_is_no_content() -> None:
    """Where nothing is free availability answers 202."""

    @instead_of(availability, "enveloped")
    def spoiled(enveloped: Any, content: Any) -> Response:
        free = content["data"]["time_slots"]
        if not free:
            ran()
        return enveloped(content, 200 if free else 202)  # type: ignore[no-any-return]


@mutant("BK-WIRE-009", also=["BK-AVAIL-001"], kinds=["time"])
def times_as_text() -> None:
    """The times of slots are digits in text."""

    @instead_of(availability, "enveloped")
    def spoiled(enveloped: Any, content: Any) -> Response:
        for slot in content["data"]["time_slots"]:
            ran()
            slot.update({key: str(slot[key]) for key in ("start_time", "end_time")})
        return enveloped(content)  # type: ignore[no-any-return]
