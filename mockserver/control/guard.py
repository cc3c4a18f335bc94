"""Who may drive the mock: the owner, with the token if there is one, and no page of a stranger."""

from hmac import compare_digest

from flask import request

from mockserver.control.desk import desk
from mockserver.control.incoming import parameters
from mockserver.control.refusals import unauthorized, unsupported
from mockserver.gateway import CONTROL, is_control

CONTENT_TYPES = ("application/json", "application/yaml", "application/x-yaml", "text/yaml")
"""What a browser asks permission for before it sends it to another origin."""

MUTATIONS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
WITH_PARAMETERS = frozenset(f"{CONTROL}/{call}" for call in ("explain", "export", "notifications", "mail"))
"""Calls that take parameters, and refuse others themselves."""

HEALTH = f"{CONTROL}/health"


def admit() -> None:
    """Raise ControlRefusal for a call of the control plane that is not let in."""
    if not is_control(request.path) or request.method == "OPTIONS":
        return
    token = desk().settings.control_token
    if token is not None and request.path != HEALTH and not _presented(token):
        raise unauthorized()
    if (
        request.method in MUTATIONS
        and request.routing_exception is None
        and request.mimetype not in CONTENT_TYPES
    ):
        raise unsupported(CONTENT_TYPES)
    if request.method == "GET" and request.path not in WITH_PARAMETERS:
        parameters()


def _presented(token: str) -> bool:
    scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
    same = compare_digest(presented.strip().encode(), token.encode())
    return scheme.lower() == "bearer" and same
