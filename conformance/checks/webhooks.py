"""Webhooks as destinations: made, proved, changed, silenced."""

from typing import get_args

from conformance.checking import check
from conformance.hooks import Hook
from conformance.receiver import Manner
from conformance.strangers.exchange import Exchange
from conformance.target import WEBHOOKS, Unverified
from conformance.trial import Trial

SECRET = "webhook_secret"  # noqa: S105 -- the name of the field
WRONG_MANNERS: tuple[Manner, ...] = tuple(each for each in get_args(Manner) if each != "right")


@check("BK-HOOK-001", "BK-HOOK-002", "BK-HOOK-004", "BK-HOOK-011")
def a_webhook_is_made_after_a_challenge(trial: Trial) -> None:
    """Register a webhook and read it in every way."""
    with trial.hooks.temporary() as hook:
        created = hook.created
        trial.exchanges.append(created)
        data = created.data
        whole = all(isinstance(data.get(key), str) and data[key] for key in ("id", SECRET))
        trial.judge("BK-HOOK-001", whole, "an id and a webhook_secret", created)
        trial.judge("BK-HOOK-001", data.get("status") == "active", "status active", created)
        asked = hook.endpoint.challenges
        trial.judge("BK-HOOK-002", len(asked) == 1 and bool(asked[0]), "one challenge", asked)
        read = trial.admin("GET", f"{WEBHOOKS}/{hook.id}")
        trial.judge("BK-HOOK-011", _id_of(read) == hook.id, f"the webhook {hook.id}", read)
        listed = trial.admin("GET", WEBHOOKS)
        trial.judge("BK-HOOK-011", hook.id in _ids_in(listed), f"{hook.id} in the list", listed)
        changed = trial.admin("PUT", f"{WEBHOOKS}/{hook.id}", body={"description": "changed"})
        described = isinstance(changed.data, dict) and changed.data.get("description") == "changed"
        trial.judge("BK-HOOK-011", described, "the new description", changed)
        for answer in (read, listed, changed):
            secretive = SECRET not in answer.answer.decode("utf-8", "replace") and _secret_free(answer, hook)
            trial.judge("BK-HOOK-004", secretive, "no webhook_secret", answer)


def _secret_free(answer: Exchange, hook: Hook) -> bool:
    return not hook.secrets[-1] or hook.secrets[-1].encode() not in answer.answer


def _id_of(answer: Exchange) -> object:
    return answer.data.get("id") if answer.ok and isinstance(answer.data, dict) else None


def _ids_in(answer: Exchange) -> list[object]:
    found = answer.data if answer.ok and isinstance(answer.data, list) else []
    return [each.get("id") for each in found if isinstance(each, dict)]


@check("BK-HOOK-003")
def a_webhook_that_fails_the_challenge_is_none(trial: Trial) -> None:
    """Answer the challenge in wrong ways."""
    before = _ids_in(trial.admin("GET", WEBHOOKS))
    for manner in WRONG_MANNERS:
        endpoint = trial.hooks.receiver.endpoint()
        endpoint.manner = manner
        answer = trial.hooks.ask(endpoint, ("booking.created",))
        trial.exchanges.append(answer)
        trial.judge("BK-HOOK-003", answer.status == 400, f"400 where the challenge is {manner}", answer)
        if answer.ok and isinstance(_id_of(answer), str):
            trial.hooks.remove(str(_id_of(answer)))
    after = _ids_in(trial.admin("GET", WEBHOOKS))
    trial.judge("BK-HOOK-003", set(after) <= set(before), "no new webhook", after)


@check("BK-HOOK-005")
def a_new_secret_signs(trial: Trial) -> None:
    """Rotate the secret, then have something delivered."""
    with trial.hooks.temporary(("booking.created",)) as hook:
        rotated = trial.admin("POST", f"{WEBHOOKS}/rotate-secret/{hook.id}", body={})
        new = rotated.data.get(SECRET) if isinstance(rotated.data, dict) else None
        trial.target.secrets.add("WEBHOOK_SECRET", new)
        fresh = isinstance(new, str) and bool(new) and new != hook.secrets[-1]
        trial.judge("BK-HOOK-005", fresh, "another webhook_secret", rotated)
        if not isinstance(new, str):
            return
        booked = trial.booked(trial.page("booking"))
        delivery = hook.first(booked.id, "booking.created")
        trial.judge("BK-HOOK-005", delivery.is_signed(new), "signed with the new secret", "another signature")


@check("BK-HOOK-006")
def a_paused_webhook_gets_nothing(trial: Trial) -> None:
    """Pause a webhook, book, and set it to active again."""
    standing = trial.hooks.standing
    with trial.hooks.temporary(("booking.created",)) as hook:
        paused = trial.admin("PUT", f"{WEBHOOKS}/{hook.id}", body={"status": "pause"})
        if not paused.ok:
            raise Unverified(f"the webhook could not be paused: {paused.told()}")
        booked = trial.booked(trial.page("booking"))
        standing.first(booked.id, "booking.created")
        trial.judge(
            "BK-HOOK-006", hook.quiet(lambda: bool(hook.endpoint.of(booked.id))), "nothing", "a delivery"
        )
        active = trial.admin("PUT", f"{WEBHOOKS}/{hook.id}", body={"status": "active"})
        if not active.ok:
            raise Unverified(f"the webhook could not be made active: {active.told()}")
        again = trial.booked(trial.page("booking"))
        trial.judge("BK-HOOK-006", bool(hook.told(again.id, "")), "deliveries when active again", "nothing")
        missed = hook.endpoint.of(booked.id)
        trial.judge(
            "BK-HOOK-006", not missed, "what was missed isn't sent later", [each.told() for each in missed]
        )


@check("BK-HOOK-007")
def a_deleted_webhook_is_gone(trial: Trial) -> None:
    """Delete a webhook, then book."""
    standing = trial.hooks.standing
    hook = trial.hooks.register(("booking.created",))
    trial.exchanges.append(trial.hooks.remove(hook.id))
    booked = trial.booked(trial.page("booking"))
    standing.first(booked.id, "booking.created")
    trial.judge("BK-HOOK-007", hook.quiet(lambda: bool(hook.endpoint.of(booked.id))), "nothing", "a delivery")
    read = trial.admin("GET", f"{WEBHOOKS}/{hook.id}")
    trial.judge("BK-HOOK-007", read.refused, "a refusal", read)


@check("BK-HOOK-008")
def a_webhook_gets_its_triggers_only(trial: Trial) -> None:
    """Ask for one trigger, have two things happen."""
    standing = trial.hooks.standing
    with trial.hooks.temporary(("booking.cancelled",)) as hook:
        booked = trial.booked(trial.page("booking"))
        standing.first(booked.id, "booking.created")
        cancelled = trial.cancel(booked)
        if not cancelled.ok:
            raise Unverified(f"the booking could not be cancelled: {cancelled.told()}")
        trial.judge(
            "BK-HOOK-008", bool(hook.told(booked.id, "booking.cancelled")), "booking.cancelled", "nothing"
        )
        others = [each.type for each in hook.endpoint.of(booked.id) if each.type != "booking.cancelled"]
        trial.judge("BK-HOOK-008", not others, "no other trigger", others)


@check("BK-HOOK-009")
def webhooks_need_the_api_key(trial: Trial) -> None:
    """Ask without the key."""
    with trial.hooks.temporary(("booking.created",)) as hook:
        path = f"{WEBHOOKS}/{hook.id}"
        rotate = f"{WEBHOOKS}/rotate-secret/{hook.id}"
        answers = [
            trial.call("GET", WEBHOOKS),
            trial.call("GET", path),
            trial.call("PUT", path, body={"description": "anybody's"}),
            trial.call("POST", rotate, body={}),
            trial.call("DELETE", path),
        ]
    for answer in answers:
        trial.judge("BK-HOOK-009", answer.refused, "a refusal", answer, [answer])


@check("BK-HOOK-010")
def a_webhook_needs_a_url_and_triggers_that_exist(trial: Trial) -> None:
    """Leave out the URL; ask for a trigger that nobody knows."""
    endpoint = trial.hooks.receiver.endpoint()
    for body in (
        {"trigger_types": ["booking.created"]},
        {"webhook_url": endpoint.url, "trigger_types": ["no.such"]},
    ):
        answer = trial.admin("POST", WEBHOOKS, body=body)
        trial.judge("BK-HOOK-010", answer.refused, "a refusal", answer, [answer])
        if answer.ok and isinstance(_id_of(answer), str):
            trial.hooks.remove(str(_id_of(answer)))
