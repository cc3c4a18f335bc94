"""Every way in which a request can be refused, in one table.

The documented wording comes first; what the field was and what was expected follows after a colon, so that
a client which matches the beginning of a message still does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from mockserver.domain.dialect import Dialect


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table: HTTP status, `error.type`, the beginning of the message, a provider's error."""

    status: int
    type: str
    message: str
    provider_error: Mapping[str, Any] | None = None
    separator: str = ": "
    """What stands between the wording and the detail."""


_INSUFFICIENT = {
    "error": {
        "code": 403,
        "message": "Request had insufficient authentication scopes.",
        "status": "PERMISSION_DENIED",
    }
}

CATALOGUE: dict[str, Kind] = {
    "malformed_body": Kind(400, "invalid_request_error", "error parsing request body"),
    "invalid_query": Kind(400, "invalid_request_error", "error parsing request query"),
    "malformed_id": Kind(400, "invalid_request_error", "Id is malformed."),
    "slot_unavailable": Kind(400, "invalid_request_error", "The selected timeslot is unavailable"),
    "no_valid_grant": Kind(400, "invalid_request_error", "Failed to find a valid Grant"),
    "unknown_participant": Kind(400, "invalid_request_error", "participant not found in configuration"),
    "unknown_field": Kind(
        400, "invalid_request_error", "Additional field '{key}' not found in configuration"
    ),
    "invalid_field": Kind(400, "invalid_request_error", "Additional field '{key}' is invalid"),
    "wrong_salt": Kind(400, "invalid_request_error", "invalid salt"),
    "not_pending": Kind(400, "invalid_request_error", "booking is not pending"),
    "already_cancelled": Kind(400, "invalid_request_error", "booking is already cancelled"),
    "cancellation_notice": Kind(400, "invalid_request_error", "booking can no longer be cancelled"),
    "slug_exists": Kind(400, "invalid_request_error", "slug already exists"),
    "configuration_rule": Kind(400, "invalid_request_error", "invalid configuration"),
    "configuration_in_use": Kind(400, "invalid_request_error", "configuration has active sessions"),
    "session_not_needed": Kind(
        400, "invalid_request_error", "session is not required for this configuration"
    ),
    "unauthorized": Kind(401, "unauthorized", "Unauthorized"),
    "invalid_session": Kind(401, "invalid_session", "Session is invalid or has expired"),
    "insufficient_scopes": Kind(
        403, "insufficient_scopes", "Request had insufficient authentication scopes", _INSUFFICIENT
    ),
    "not_found": Kind(404, "not_found_error", "requested object not found"),
    "unknown_sandbox": Kind(
        421, "misdirected_request", "no such sandbox: expected 1 to 40 of a-z, 0-9 and hyphen in its name"
    ),
    "host_not_allowed": Kind(421, "misdirected_request", "this host name is not served here"),
    "method_not_allowed": Kind(405, "invalid_request_error", "method not allowed"),
    "body_too_large": Kind(413, "invalid_request_error", "request body is too large"),
    "too_many_requests": Kind(429, "rate_limit_error", "Too many requests, please try again shortly."),
    "internal": Kind(500, "internal_error", "Internal error, contact administrator."),
    "upstream": Kind(502, "internal_error", "The upstream server is unavailable, please try again."),
    "provider_timeout": Kind(504, "provider_error", "Provider request timed out."),
    "webhook_unverified": Kind(400, "70005", "unable.verify.webhook_url", separator=" : "),
    "webhook_not_found": Kind(400, "70000", "destination.id.not.found : record not found"),
}


class Refusal(Exception):
    """A request is refused. Raise it by `refuse`; nothing of the request takes effect."""

    def __init__(self, kind: Kind, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.headers = dict(headers or {})
        self.explanation: Mapping[str, Any] | None = None
        """Why a slot could not be had (`domain.explain`), for whoever asks the control plane."""

    def status(self, dialect: Dialect) -> int:
        """The HTTP status, as the dialect has it."""
        if self.kind.type == "insufficient_scopes":
            return int(dialect.missing_scope_status)
        return self.kind.status

    def error(self, dialect: Dialect) -> dict[str, Any]:
        """The `error` object of the answer's envelope."""
        named = self.kind.type.isdigit() or dialect.error_types == "bare"
        error: dict[str, Any] = {
            "type": self.kind.type if named else f"api.{self.kind.type}",
            "message": self.message,
        }
        if self.kind.provider_error is not None:
            error["provider_error"] = dict(self.kind.provider_error)
        return error


def refuse(name: str, detail: str = "", headers: Mapping[str, str] | None = None, **values: str) -> Refusal:
    """The refusal of that name. `detail` is `<field>: <what was expected>`; `values` fill the wording."""
    kind = CATALOGUE[name]
    message = kind.message.format(**values) if values else kind.message
    return Refusal(kind, f"{message}{kind.separator}{detail}" if detail else message, headers)


def with_status(status: int) -> Refusal:
    """The refusal that an answer with this status (400..599) stands for where nothing else is known of it."""
    name = _BY_STATUS.get(status)
    if name is not None:
        return refuse(name)
    kind = Kind(status, "invalid_request_error" if status < 500 else "internal_error", _phrase(status))
    return Refusal(kind, kind.message)


_BY_STATUS = {
    401: "unauthorized",
    403: "insufficient_scopes",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    429: "too_many_requests",
    500: "internal",
    502: "upstream",
    504: "provider_timeout",
}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
