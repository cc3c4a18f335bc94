"""The provider's surface: one blueprint per resource."""

from flask import Blueprint

from mockserver.api import (
    availability,
    bookings,
    calendars,
    configurations,
    events,
    sessions,
    ui_settings,
    webhooks,
)


def blueprints() -> list[Blueprint]:
    """Everything under `/v3`. Endpoints carry the names of the contract's operations."""
    return [
        module.blueprint
        for module in (
            availability,
            bookings,
            calendars,
            configurations,
            events,
            sessions,
            ui_settings,
            webhooks,
        )
    ]
