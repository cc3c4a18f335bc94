"""The double inside the test's process. `mockserver.testing.plugin` has the fixtures for pytest.

Names are imported when they are asked for: pytest imports this package wherever it is installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.testing.mock import WEBHOOK_SECRET, NylasMock
    from mockserver.testing.options import MissingPackage, Refused
    from mockserver.testing.receiver import WebhookReceiver
    from mockserver.testing.records import (
        Attempt,
        Booking,
        Configuration,
        Delivery,
        Event,
        Fired,
        Grant,
        Mail,
        Notification,
        Person,
        Records,
        Request,
        Slot,
        Webhook,
        WebhookRequest,
    )
    from mockserver.testing.server import NylasServer

__all__ = [
    "WEBHOOK_SECRET",
    "Attempt",
    "Booking",
    "Configuration",
    "Delivery",
    "Event",
    "Fired",
    "Grant",
    "Mail",
    "MissingPackage",
    "Notification",
    "NylasMock",
    "NylasServer",
    "Person",
    "Records",
    "Refused",
    "Request",
    "Slot",
    "Webhook",
    "WebhookReceiver",
    "WebhookRequest",
]

_HOMES = {
    "WEBHOOK_SECRET": "mock",
    "NylasMock": "mock",
    "MissingPackage": "options",
    "Refused": "options",
    "NylasServer": "server",
    "WebhookReceiver": "receiver",
}
"""Where names are at home that are no records."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'records')}"), name)
