"""Webhook destinations: kept, listed, removed. The challenge is sent by `mockserver.delivery`."""

from collections.abc import Mapping
from typing import Any

from mockserver.domain.errors import refuse
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Webhook


def create_webhook(tx: Transaction, body: Mapping[str, Any]) -> Webhook:
    """Keep a destination that has passed the challenge; from now on it gets what it asked for."""
    webhook = Webhook(
        id=tx.ids.webhook_id(),
        url=body["webhook_url"],
        trigger_types=tuple(body["trigger_types"]),
        secret=tx.ids.webhook_secret(),
        description=body.get("description") or "",
        compressed_delivery=bool(body.get("compressed_delivery")),
        notification_email_addresses=tuple(body.get("notification_email_addresses") or ()),
        created_at=tx.now,
        updated_at=tx.now,
        status_updated_at=tx.now,
    )
    tx.world.webhooks.put(webhook.id, webhook)
    return webhook


def find_webhook(tx: Transaction, webhook_id: str) -> Webhook:
    """The webhook of that id. Raises Refusal with the documented type 70000."""
    webhook = tx.world.webhooks.get(webhook_id)
    if webhook is None:
        raise refuse("webhook_not_found")
    return webhook


def delete_webhook(tx: Transaction, webhook_id: str) -> None:
    """Remove a webhook; what is on its way to it is not brought any more. Raises Refusal."""
    tx.world.webhooks.remove(find_webhook(tx, webhook_id).id)
