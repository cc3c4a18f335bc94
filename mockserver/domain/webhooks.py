"""Webhook destinations: kept, changed, removed. The challenge is sent by `mockserver.delivery`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockserver.domain.errors import refuse
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Webhook, WebhookStatus

_STATUSES: dict[str, WebhookStatus] = {"active": "active", "pause": "pause", "inactive": "pause"}
"""What a client may set, as it is then shown; one guide says `inactive` for `pause`."""


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


def url_to_verify(webhook: Webhook, body: Mapping[str, Any]) -> str | None:
    """The URL that has to pass the challenge before this change is made; None where none has to.

    Being set to `active` asks for it, and so does another URL: nothing is ever sent to one that didn't pass.
    """
    url: str = body.get("webhook_url", webhook.url)
    return url if body.get("status") == "active" or url != webhook.url else None


def change_webhook(tx: Transaction, webhook_id: str, body: Mapping[str, Any]) -> Webhook:
    """Replace what the body names and keep the rest. Raises Refusal with the documented type 70000.

    What `url_to_verify` tells has passed the challenge by now.
    """
    before = find_webhook(tx, webhook_id)
    status = _STATUSES[body["status"]] if "status" in body else before.status
    changed = replace(
        before,
        url=body.get("webhook_url", before.url),
        trigger_types=tuple(body.get("trigger_types", before.trigger_types)),
        description=body.get("description", before.description),
        status=status,
        compressed_delivery=body.get("compressed_delivery", before.compressed_delivery),
        notification_email_addresses=tuple(
            body.get("notification_email_addresses", before.notification_email_addresses)
        ),
        updated_at=tx.now,
        status_updated_at=before.status_updated_at if status == before.status else tx.now,
    )
    tx.world.webhooks.put(changed.id, changed)
    return changed


def rotate_secret(tx: Transaction, webhook_id: str) -> Webhook:
    """Give the webhook a new secret; the old one signs nothing any more.

    Raises Refusal with the documented type 70000.
    """
    before = find_webhook(tx, webhook_id)
    rotated = replace(before, secret=tx.ids.webhook_secret(), updated_at=tx.now)
    tx.world.webhooks.put(rotated.id, rotated)
    return rotated


def delete_webhook(tx: Transaction, webhook_id: str) -> None:
    """Remove a webhook; what is on its way to it is not brought any more. Raises Refusal."""
    tx.world.webhooks.remove(find_webhook(tx, webhook_id).id)
