"""`/v3/webhooks`: where notifications are brought to."""

from typing import Any

from flask import Blueprint, Response

from mockserver.api.incoming import credentials, json_body
from mockserver.api.paging import page
from mockserver.delivery import challenge
from mockserver.domain import webhooks as rules
from mockserver.domain.access import require_api_key
from mockserver.domain.world import Webhook
from mockserver.gateway import current_sandbox, enveloped

blueprint = Blueprint("webhooks", __name__, url_prefix="/v3/webhooks")


@blueprint.post("")
def createWebhook() -> Response:
    sandbox = current_sandbox()
    with sandbox.transaction() as tx:
        require_api_key(tx, credentials())
        body = json_body()
        nonce = tx.ids.uuid("challenge")
    challenge.verify(body["webhook_url"], nonce)  # no lock is held: the receiver may call us back
    with sandbox.transaction() as tx:
        webhook = rules.create_webhook(tx, body)
    return enveloped({"data": {**shown(webhook), "webhook_secret": webhook.secret}})


@blueprint.get("")
def listWebhooks() -> Response:
    with current_sandbox().transaction() as tx:
        require_api_key(tx, credentials())
        return enveloped(page([shown(webhook) for webhook in tx.world.webhooks.values()]))


@blueprint.get("/<webhook_id>")
def getWebhook(webhook_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        require_api_key(tx, credentials())
        return enveloped({"data": shown(rules.find_webhook(tx, webhook_id))})


@blueprint.delete("/<webhook_id>")
def deleteWebhook(webhook_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        require_api_key(tx, credentials())
        rules.delete_webhook(tx, webhook_id)
        return enveloped({"data": {"status": "success"}})


def shown(webhook: Webhook) -> dict[str, Any]:
    """The webhook as it is read: without its secret, which only its creation tells."""
    return {
        "id": webhook.id,
        "description": webhook.description,
        "trigger_types": list(webhook.trigger_types),
        "webhook_url": webhook.url,
        "status": webhook.status,
        "notification_email_addresses": list(webhook.notification_email_addresses),
        "compressed_delivery": webhook.compressed_delivery,
        "status_updated_at": webhook.status_updated_at,
        "created_at": webhook.created_at,
        "updated_at": webhook.updated_at,
    }
