"""Servers that are wrong about where notifications go."""

from dataclasses import replace
from typing import Any

from mockserver.api import webhooks as api
from mockserver.contract import Contract, Violation
from mockserver.delivery import challenge
from mockserver.domain import webhooks as rules
from mockserver.sandbox import outbox, sandbox
from tests.conformance.mutants import mutant, ran


@mutant("BK-HOOK-001", also=["BK-HOOK-011"])
def made_without_a_secret() -> None:
    """A new webhook is answered without its secret."""

    def spoiled(webhook: Any) -> dict[str, Any]:
        ran()
        return api.shown(webhook)

    api.with_secret = spoiled


@mutant("BK-HOOK-001", kinds=["domain"])
def not_yet_active() -> None:
    """A new webhook is paused at first."""
    create = rules.create_webhook

    def spoiled(tx: Any, body: Any) -> Any:
        ran()
        made = create(tx, body)
        tx.world.webhooks.put(made.id, replace(made, status="failing"))
        return replace(made, status="failing")

    rules.create_webhook = spoiled


@mutant("BK-HOOK-002", "BK-HOOK-003")
def taken_on_trust() -> None:
    """Nobody asks a new webhook whether it wants to be one."""

    def spoiled(url: str, value: str, *rest: Any, **more: Any) -> None:
        return ran()

    challenge.verify = spoiled


@mutant("BK-HOOK-002")
def asked_twice() -> None:
    """A webhook has to answer two challenges."""
    verify = challenge.verify

    def spoiled(url: str, value: str, *rest: Any, **more: Any) -> None:
        ran()
        verify(url, value, *rest, **more)
        verify(url, value[::-1], *rest, **more)

    challenge.verify = spoiled


@mutant("BK-HOOK-003")
def any_answer_will_do() -> None:
    """A challenge counts as answered whatever the answer is."""
    verify = challenge.verify

    def spoiled(url: str, value: str, *rest: Any, **more: Any) -> None:
        ran()
        try:
            verify(url, value, *rest, **more)
        except challenge.Refusal:
            return

    challenge.verify = spoiled


@mutant("BK-HOOK-004")
def secrets_on_show() -> None:
    """Reading a webhook shows its secret."""
    shown = api.shown

    def spoiled(webhook: Any) -> dict[str, Any]:
        ran()
        return {**shown(webhook), "webhook_secret": webhook.secret}

    api.shown = spoiled


@mutant("BK-HOOK-005", kinds=["domain", "notification"])
def old_secret_goes_on_signing() -> None:
    """A new secret is answered, but the old one signs."""
    rotate = rules.rotate_secret

    def spoiled(tx: Any, webhook_id: str) -> Any:
        ran()
        before = rules.find_webhook(tx, webhook_id)
        rotated = rotate(tx, webhook_id)
        tx.world.webhooks.put(before.id, before)
        return rotated

    rules.rotate_secret = spoiled


@mutant("BK-HOOK-006", kinds=["notification"])
def paused_in_name_only() -> None:
    """A paused webhook goes on getting everything."""
    ran()
    sandbox.RECEIVING = outbox.RECEIVING = frozenset({"active", "failing", "pause"})


@mutant("BK-HOOK-006", kinds=["domain", "notification"])
def paused_for_good() -> None:
    """A webhook that was paused stays silent after it is made active again."""
    change = rules.change_webhook

    def spoiled(tx: Any, webhook_id: str, body: Any) -> Any:
        before = rules.find_webhook(tx, webhook_id)
        changed = change(tx, webhook_id, body)
        if before.status == "pause":
            ran()
            tx.world.webhooks.put(before.id, before)
        return changed

    rules.change_webhook = spoiled


@mutant("BK-HOOK-007", kinds=["domain", "notification"])
def never_deleted() -> None:
    """Deleting a webhook does nothing."""

    def spoiled(tx: Any, webhook_id: str) -> None:
        ran()
        rules.find_webhook(tx, webhook_id)

    rules.delete_webhook = spoiled


@mutant("BK-HOOK-008", kinds=["notification"])
def everything_to_everybody() -> None:
    """A webhook gets every trigger."""
    addressed = sandbox.Sandbox._addressed

    def spoiled(self: Any, announcement: Any, now: int) -> Any:
        ran()
        webhooks = self.world.webhooks
        before = {each.id: each for each in webhooks.values()}
        for each in before.values():
            webhooks.put(each.id, replace(each, trigger_types=(announcement.trigger,)))
        try:
            return addressed(self, announcement, now)
        finally:
            for each in before.values():
                webhooks.put(each.id, each)

    sandbox.Sandbox._addressed = spoiled  # type: ignore[method-assign]


@mutant("BK-HOOK-009", also=["BK-HOOK-012"], kinds=["auth"])
def webhooks_for_everybody() -> None:
    """Webhooks are read and changed without the API key."""

    def spoiled(tx: Any, credentials: Any) -> None:
        return ran()

    api.require_api_key = spoiled


@mutant("BK-HOOK-010")
def triggers_that_nobody_knows() -> None:
    """A webhook may ask for a trigger that doesn't exist."""
    read = Contract.read_request

    def spoiled(self: Contract, operation_id: str, body: Any) -> tuple[list[Violation], object]:
        asked = body.get("trigger_types") if isinstance(body, dict) else None
        if operation_id == "createWebhook" and asked and asked == ["no.such"]:
            ran()
            return [], body
        return read(self, operation_id, body)

    Contract.read_request = spoiled  # type: ignore[method-assign]


@mutant("BK-HOOK-011", kinds=["domain"])
def changes_are_forgotten() -> None:
    """A webhook answers with its change and forgets it, status apart."""
    change = rules.change_webhook

    def spoiled(tx: Any, webhook_id: str, body: Any) -> Any:
        ran()
        return change(tx, webhook_id, {key: value for key, value in body.items() if key == "status"})

    rules.change_webhook = spoiled


@mutant("BK-HOOK-012")
def samples_in_lists() -> None:
    """A sample of a payload comes in a list."""
    sample = api.sample_envelope

    def spoiled(*args: Any) -> Any:
        ran()
        return [sample(*args)]

    api.sample_envelope = spoiled  # type: ignore[assignment]
