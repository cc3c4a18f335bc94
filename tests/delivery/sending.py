"""Deliveries to webhooks, as a committed transaction hands them over."""

from mockserver.delivery import Courier
from mockserver.domain.world import Webhook
from mockserver.sandbox import Clock, Delivery, Notification, Outbox

NOW = 1_772_442_000
SECRET = "41dD3-nXTUfebYuk81Gr"


def webhook(url: str, id: str = "w1", *, secret: str = SECRET, compressed: bool = False) -> Webhook:
    return Webhook(
        id=id, url=url, trigger_types=("booking.created",), secret=secret, compressed_delivery=compressed
    )


def delivery(to: Webhook | None, number: int = 1, title: str = "Ünïcode ✓") -> Delivery:
    return Delivery(
        Notification(
            id=f"n{number}",
            type="booking.created",
            created_at=NOW,
            application_id="a7966b5a-9bc2-44b7-9895-4e2b281ce6be",
            grant_id="4c22c3c5-d163-48b6-ad95-45fedc879683",
            object={"booking_id": f"b{number}", "booking_info": {"title": title}},
        ),
        to,
    )


def send(courier: Courier, outbox: Outbox, clock: Clock, *deliveries: Delivery) -> None:
    """As a committed transaction does it."""
    outbox.add(deliveries, [])
    courier.submit(outbox, clock, deliveries)
