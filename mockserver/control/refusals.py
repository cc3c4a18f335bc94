"""How `/_mock` refuses: `{error: {type, message, path?}}`, with types like the provider's."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from mockserver.gateway import control_error, json_response
from mockserver.sandbox import ClockError
from mockserver.scenario import ScenarioError


class ControlRefusal(Exception):
    """A call of the control plane is refused; nothing of it takes effect."""

    def __init__(self, status: int, type: str, message: str, path: str = "") -> None:
        """`path` is the key of the body, or the parameter, that is to blame."""
        super().__init__(message)
        self.status = status
        self.type = type
        self.message = message
        self.path = path
        self.headers: dict[str, str] = {}


class ScenarioRefusal(ControlRefusal):
    """A scenario that came with the call can't be used."""

    def __init__(self, error: ScenarioError, path: str = "") -> None:
        count = len(error.problems)
        message = "the scenario can't be used: " + (
            error.problems[0].message if count == 1 else f"{count} problems, see errors"
        )
        super().__init__(400, "invalid_scenario", message, path)
        self.errors = [
            {
                **({} if each.file == BODY else {"file": each.file}),
                "line": each.line,
                "path": each.path,
                "message": each.message,
            }
            for each in error.problems
        ]


BODY = "<body>"
"""What stands for the file where a scenario came with the call."""


def invalid(message: str, path: str = "") -> ControlRefusal:
    """The body or a parameter is wrong."""
    return ControlRefusal(400, "invalid_request_error", f"{path}: {message}" if path else message, path)


def not_found(message: str) -> ControlRefusal:
    """What the call names isn't there."""
    return ControlRefusal(404, "not_found_error", message)


def conflict(message: str) -> ControlRefusal:
    """As things stand, that can't be done."""
    return ControlRefusal(409, "conflict", message)


def unauthorized() -> ControlRefusal:
    """The call carries no control token, or another one."""
    refusal = ControlRefusal(401, "unauthorized", "expected Authorization: Bearer with the control token")
    refusal.headers["WWW-Authenticate"] = "Bearer"
    return refusal


def unsupported(accepted: Sequence[str]) -> ControlRefusal:
    """The content type is one that a page of a stranger could send."""
    types = ", ".join(accepted)
    return ControlRefusal(415, "unsupported_media_type", f"Content-Type: expected one of {types}")


def busy() -> ControlRefusal:
    """As many requests wait as may."""
    return ControlRefusal(429, "rate_limit_error", "too many requests wait already; ask again later")


def still_in_flight() -> ControlRefusal:
    """The clock can't be moved, because what was sent before isn't through."""
    return ControlRefusal(
        503, "unavailable", "deliveries are still in flight; the clock was not moved, ask again later"
    )


def wrong_clock(error: ClockError) -> ControlRefusal:
    """The clock doesn't do that; its text begins with the key that is to blame."""
    path, _, message = str(error).partition(": ")
    return invalid(message, path)


def render(refusal: ControlRefusal) -> Response:
    """The answer to a refused call."""
    more: dict[str, Any] = {"path": refusal.path} if refusal.path else {}
    if isinstance(refusal, ScenarioRefusal):
        error = {"type": refusal.type, "message": refusal.message, **more}
        return json_response({"error": error, "errors": refusal.errors}, refusal.status)
    response = control_error(refusal.status, refusal.type, refusal.message, **more)
    response.headers.update(refusal.headers)
    return response
