"""`/_mock/notifications/{id}/redeliver`: a notification once more."""

from typing import Any

from flask import Blueprint, Response

from mockserver.control import showing
from mockserver.control.clock import LONGEST_DRAIN
from mockserver.control.desk import current_sandbox, desk
from mockserver.control.incoming import body, text_of
from mockserver.control.refusals import busy, conflict, not_found
from mockserver.domain.world import Webhook
from mockserver.gateway import json_response
from mockserver.sandbox import Delivery, Outbox, Sandbox
from mockserver.sandbox.outbox import RECEIVING

blueprint = Blueprint("redelivering", __name__)


@blueprint.post("/notifications/<notification_id>/redeliver")
def redeliver(notification_id: str) -> Response:
    """Bring it once more and answer when that is done, after a minute of real time at the latest."""
    given = body("webhook_id")
    wanted = None
    if given.get("webhook_id") is not None:
        wanted = text_of(given["webhook_id"], "webhook_id")
    sandbox, room = current_sandbox(), desk().room
    with room.seat() as seated:
        if not seated:
            raise busy()
        deliveries, tried = _begin(sandbox, notification_id, wanted)

        def done(_: Outbox) -> bool:
            return all(each.status != "queued" for each in deliveries)

        complete = room.wait(sandbox, done, done, LONGEST_DRAIN)
    data = [_shown(each, before) for each, before in zip(deliveries, tried, strict=True)]
    return json_response({"data": data, "complete": complete})


def _begin(
    sandbox: Sandbox, notification_id: str, webhook_id: str | None
) -> tuple[list[Delivery], list[int]]:
    """Send them off; answers with the deliveries and how often each was tried. Raises ControlRefusal."""
    with sandbox.lock:
        outbox = sandbox.outbox
        with outbox.changed:
            rows = [each for each in outbox.deliveries if each.notification.id == notification_id]
            if not rows:
                raise not_found("no notification has that id, or it is too long ago")
            if webhook_id is None:
                chosen = _those_who_can(rows, sandbox)
            else:
                chosen = [_row_for(rows, _webhook(sandbox, webhook_id), outbox)]
            if any(each.status == "queued" for each in chosen):
                raise conflict("it is on its way at this moment; ask again later")
            for each in chosen:
                outbox.reopen(each)
            tried = [len(each.attempts) for each in chosen]
        sandbox.deliver_again(outbox, chosen)
    return chosen, tried


def _those_who_can(rows: list[Delivery], sandbox: Sandbox) -> list[Delivery]:
    """The deliveries whose webhook is still there and not paused."""
    found = [
        each
        for each in rows
        if each.webhook is not None
        and (webhook := sandbox.world.webhooks.get(each.webhook.id)) is not None
        and webhook.status in RECEIVING
    ]
    if not found:
        raise conflict("no active webhook got it; webhook_id names another one")
    return found


def _webhook(sandbox: Sandbox, webhook_id: str) -> Webhook:
    webhook = sandbox.world.webhooks.get(webhook_id)
    if webhook is None:
        raise not_found("webhook_id: no webhook has that id")
    if webhook.status not in RECEIVING:
        raise conflict(f"the webhook's status is {webhook.status}; it gets nothing")
    return webhook


def _row_for(rows: list[Delivery], webhook: Webhook, outbox: Outbox) -> Delivery:
    """The notification's delivery to that webhook: the one there is, or the idle one, or a new one."""
    for each in rows:
        if each.webhook is not None and each.webhook.id == webhook.id:
            return each
    idle = next((each for each in rows if each.webhook is None), None)
    if idle is not None:
        idle.webhook = webhook
        return idle
    new = Delivery(rows[0].notification, webhook, status="dropped")
    outbox.add([new], [])
    return new


def _shown(delivery: Delivery, tried: int) -> dict[str, Any]:
    """How the delivery stands, and the attempt that was made, if it was."""
    shown = showing.delivery(delivery)
    attempts = shown["attempts"][tried:]
    kept = ("id", "webhook_id", "url", "status", "next_attempt_at")
    return {**{key: shown[key] for key in kept}, "attempt": attempts[0] if attempts else None}
