"""`/_mock`: what happened. Requests and their answers, notifications with their deliveries, mails."""

import re
from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response

from mockserver.control import showing
from mockserver.control.desk import current_sandbox, desk
from mockserver.control.incoming import body, count_of, echo, parameters, wait_of
from mockserver.control.refusals import invalid
from mockserver.domain.notification import TRIGGERS
from mockserver.gateway import json_response
from mockserver.sandbox import Delivery, Outbox, SentMail

_CURSOR = re.compile(r"[0-9a-f]{12}\.[0-9]{1,15}")

blueprint = Blueprint("records", __name__)


@blueprint.get("/requests")
def get_requests() -> Response:
    return json_response({"data": [each.as_dict() for each in current_sandbox().journal.exchanges()]})


@blueprint.delete("/requests")
def delete_requests() -> Response:
    sandbox = current_sandbox()
    body()
    sandbox.forget_requests()
    return json_response({})


@blueprint.get("/notifications")
def get_notifications() -> Response:
    """Deliveries, one for each webhook; `count` counts notifications, however many webhooks get them."""
    given = parameters("type", "count", "wait", "after", "tried")
    sandbox = current_sandbox()
    wanted = given.get("type")
    if wanted is not None and wanted not in TRIGGERS:
        raise invalid(f"expected one of {', '.join(TRIGGERS)}, {echo(wanted)}", "type")
    count, wait = _patience(given)
    after = _after(given, sandbox.outbox.cursor)
    untried_too = given.get("tried", "true") == "false"
    if given.get("tried") not in (None, "true", "false"):
        raise invalid(f"expected true or false, {echo(given['tried'])}", "tried")

    def matching(outbox: Outbox) -> list[Delivery]:
        found = outbox.deliveries if after is None else outbox.since(after)
        return [each for each in found if wanted is None or each.notification.type == wanted]

    def complete(outbox: Outbox) -> bool:
        found = matching(outbox)
        settled = untried_too or all(each.status != "queued" for each in found)
        return settled and len({each.notification.id for each in found}) >= count

    def found(outbox: Outbox) -> tuple[list[Delivery], bool, str]:
        """As they are at this moment; to be shown without the lock, as that takes a while."""
        deliveries = [replace(each, attempts=list(each.attempts)) for each in matching(outbox)]
        return deliveries, complete(outbox), outbox.cursor()

    deliveries, enough, cursor = desk().room.watch(sandbox, complete, found, wait)
    data = [showing.delivery(each) for each in deliveries]
    return json_response({"data": data, "complete": enough, "cursor": cursor})


@blueprint.get("/mail")
def get_mail() -> Response:
    given = parameters("type", "count", "wait", "after", "limit")
    sandbox = current_sandbox()
    wanted = given.get("type")
    count, wait = _patience(given)
    limit = count_of(given["limit"], "limit") if "limit" in given else None
    after = _after(given, sandbox.outbox.mail_cursor)

    def matching(outbox: Outbox) -> list[tuple[str, SentMail]]:
        """Each with the cursor behind it."""
        return [each for each in outbox.mails_since(after) if wanted is None or each[1].letter.type == wanted]

    def complete(outbox: Outbox) -> bool:
        found = matching(outbox)
        return len(found) >= count and all(each.smtp != "queued" for _, each in found)

    def found(outbox: Outbox) -> tuple[list[SentMail], bool, str]:
        found = matching(outbox)
        portion = found[:limit]
        cursor = outbox.mail_cursor() if len(portion) == len(found) else portion[-1][0]
        return [each for _, each in portion], complete(outbox), cursor

    mails, enough, cursor = desk().room.watch(sandbox, complete, found, wait)
    data = [showing.mail(each) for each in mails]
    return json_response({"data": data, "complete": enough, "cursor": cursor})


def _after(given: dict[str, str], now: Callable[[], str]) -> str | None:
    """The cursor that is asked for; `now` tells the one of this moment."""
    after = given.get("after")
    if after is None or _CURSOR.fullmatch(after):
        return after
    if after != "now":
        raise invalid(f"expected the cursor of an earlier answer, or now, {echo(after)}", "after")
    return now()


def _patience(given: dict[str, str]) -> tuple[int, float]:
    """How many are asked for, and how many seconds they are waited for; waiting alone means for one."""
    wait = wait_of(given["wait"], "wait") if "wait" in given else None
    default = 0 if wait is None else 1
    return count_of(given["count"], "count") if "count" in given else default, wait or 0.0
