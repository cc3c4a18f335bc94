"""Servers that the official web component can't work with."""

from typing import Any

from flask import request

from mockserver.api import bookings, ui_settings
from mockserver.domain.errors import refuse
from mockserver.gateway import Gateway
from tests.conformance.mutants import mutant, ran

ALLOWED = "Access-Control-Allow-"


@mutant("BK-UI-003", kinds=["envelope"])
def no_preflight_for_patch() -> None:
    """A page of another origin may not move bookings."""

    def change(response: Any) -> None:
        methods = response.headers.get(f"{ALLOWED}Methods", "")
        if request.method == "OPTIONS" and "PATCH" in methods:
            ran()
            response.headers[f"{ALLOWED}Methods"] = methods.replace("PATCH", "")

    _spoil_leaving(change)


@mutant("BK-UI-004", kinds=["envelope"])
def refusals_nobody_may_read() -> None:
    """A page of another origin may not read refusals."""

    def change(response: Any) -> None:
        if request.method != "OPTIONS" and response.status_code >= 400:
            ran()
            response.headers.remove(f"{ALLOWED}Origin")

    _spoil_leaving(change)


@mutant("BK-CANCEL-009", also=["BK-CANCEL-002"], kinds=["domain"])
def no_action_in_cancellations() -> None:
    """A cancellation with any key but the reason is refused."""
    optional_json_body = bookings.optional_json_body

    def spoiled() -> Any:
        body = request.get_json(silent=True)
        if isinstance(body, dict) and "action" in body:
            ran()
            raise refuse("malformed_body", "action: unknown")
        return optional_json_body()

    bookings.optional_json_body = spoiled


@mutant("BK-UI-002", also=["BK-UI-001"], kinds=["domain"])
def nothing_to_start_with() -> None:
    """The settings for a booking don't tell who its guest is."""
    prefill = ui_settings._prefill

    def spoiled(tx: Any, configuration: Any, booking: Any) -> Any:
        ran()
        return {**prefill(tx, configuration, booking), "guest": None}

    ui_settings._prefill = spoiled


def _spoil_leaving(change: Any) -> None:
    """Change every answer when all its headers are there."""
    install = Gateway.__init__

    def spoiled(self: Any, app: Any, sandboxes: Any, settings: Any) -> None:
        def last(response: Any) -> Any:
            change(response)
            return response

        app.after_request(last)  # what is registered first comes last
        install(self, app, sandboxes, settings)

    Gateway.__init__ = spoiled
