"""`/v3/webhooks`: where notifications are brought to, and samples of them to try a receiver with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask import Blueprint, Response, current_app

from mockserver.api.incoming import credentials, json_body
from mockserver.api.paging import page
from mockserver.delivery import challenge, trial
from mockserver.domain import samples
from mockserver.domain import webhooks as rules
from mockserver.domain.access import require_api_key
from mockserver.domain.errors import refuse
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Webhook, World
from mockserver.gateway import current_sandbox, enveloped
from mockserver.sandbox import Notification, Sandbox
from mockserver.sandbox.waiting import WaitingRoom

blueprint = Blueprint("webhooks", __name__, url_prefix="/v3/webhooks")

ROOM = "mockserver.api.webhooks.room"
"""The application's extension in whose seats requests wait for a receiver; the others have to get through."""

ASK = "mockserver.api.webhooks.ask"
"""The application's extension that stands between here and the receivers, where there is one."""

UNNAMED_TRIGGER = "booking.created"
"""What a test event is about when a client names no trigger type."""

ADDRESSES = ["127.0.0.1"]
"""Where notifications come from, for a receiver on the same machine."""


@blueprint.post("")
def createWebhook() -> Response:
    sandbox = current_sandbox()
    with sandbox.transaction() as tx:
        require_api_key(tx, credentials())
        body = json_body()
        world, nonce = tx.world, tx.ids.uuid("challenge")
    with seated():  # no lock is held: the receiver may call us back
        challenge.verify(body["webhook_url"], nonce, **asking())
    with still_in(world, sandbox) as tx:
        return enveloped({"data": with_secret(rules.create_webhook(tx, body))})


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


@blueprint.put("/<webhook_id>")
def updateWebhook(webhook_id: str) -> Response:
    sandbox = current_sandbox()
    with sandbox.transaction() as tx:
        require_api_key(tx, credentials())
        world, webhook = tx.world, rules.find_webhook(tx, webhook_id)
        body = json_body()
        url = rules.url_to_verify(webhook, body)
        nonce = tx.ids.uuid("challenge") if url else ""
    if url:
        with seated():  # no lock is held, as above
            challenge.verify(url, nonce, **asking())
    with still_in(world, sandbox) as tx:
        return enveloped({"data": shown(rules.change_webhook(tx, webhook_id, body))})


@blueprint.delete("/<webhook_id>")
def deleteWebhook(webhook_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        require_api_key(tx, credentials())
        rules.delete_webhook(tx, webhook_id)
        return enveloped({"data": {"status": "success"}})


@blueprint.post("/rotate-secret/<webhook_id>")
def rotateWebhookSecret(webhook_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        require_api_key(tx, credentials())
        return enveloped({"data": with_secret(rules.rotate_secret(tx, webhook_id))})


@blueprint.put("/<webhook_id>/rotate-secret")
def rotateWebhookSecretByPut(webhook_id: str) -> Response:
    return rotateWebhookSecret(webhook_id)


@blueprint.post("/send-test-event")
def sendTestEvent() -> Response:
    with current_sandbox().transaction() as tx:
        require_api_key(tx, credentials())
        body = json_body()
        trigger_type = body.get("trigger_type") or UNNAMED_TRIGGER
        envelope = sample_envelope(tx, trigger_type, tx.ids.notification_id())
    with seated():  # no lock is held, as above
        trial.send_test_event(body["webhook_url"], envelope, **asking())
    return enveloped({"data": "success"})


@blueprint.post("/mock-payload")
def getMockPayload() -> Response:
    with current_sandbox().transaction() as tx:
        require_api_key(tx, credentials())
        trigger_type = json_body()["trigger_type"]
        return enveloped({"data": sample_envelope(tx, trigger_type, samples.NOTIFICATION_ID)})


@blueprint.get("/ip-addresses")
def getWebhookIpAddresses() -> Response:
    with current_sandbox().transaction() as tx:
        require_api_key(tx, credentials())
        return enveloped({"data": {"ip_addresses": ADDRESSES, "updated_at": tx.now}})


def asking() -> dict[str, Any]:
    """What whoever asks a receiver is told besides: what to send with, if not over the network."""
    ask = current_app.extensions.get(ASK)
    return {} if ask is None else {"ask": ask}


@contextmanager
def seated() -> Iterator[None]:
    """A seat to wait for a receiver in. Raises Refusal `too_many_requests` when none is free."""
    room = cast("WaitingRoom", current_app.extensions[ROOM])
    with room.seat() as got:
        if not got:
            raise refuse("too_many_requests")
        yield


@contextmanager
def still_in(world: World, sandbox: Sandbox) -> Iterator[Transaction]:
    """A later transaction of one request. Raises Refusal when the world has been reset since the first."""
    with sandbox.transaction() as tx:
        if tx.world is not world:
            raise refuse("unauthorized")
        yield tx


def sample_envelope(tx: Transaction, trigger_type: str, notification_id: str) -> dict[str, Any]:
    """A whole sample notification, as the first attempt to bring it would send it."""
    told = samples.sample(tx, trigger_type)
    client_id = tx.world.application.client_id
    notification = Notification(notification_id, told.trigger, tx.now, client_id, told.grant_id, told.object)
    return notification.envelope(attempt=1)


def shown(webhook: Webhook) -> dict[str, Any]:
    """The webhook as it is read: without its secret."""
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


def with_secret(webhook: Webhook) -> dict[str, Any]:
    """The webhook with its secret, which is told when it is made and when it is replaced."""
    return {**shown(webhook), "webhook_secret": webhook.secret}
