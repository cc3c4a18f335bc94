"""Configurations: made, read, changed, deleted; and those that may not be."""

from typing import Any
from uuid import uuid4

from conformance.checking import check
from conformance.configurations import (
    body_alone,
    create,
    made,
    model,
    organizer_of,
    path_of,
    remove,
    remove_made,
)
from conformance.pages import Page
from conformance.target import SESSIONS, Unverified
from conformance.trial import Trial

READ, NOBODY, SLUG, CONFIRMATION, IN_USE = (
    "BK-CONF-004",
    "BK-CONF-005",
    "BK-CONF-006",
    "BK-PEND-013",
    "BK-SESS-010",
)
FIELDS = {
    "topic": {"label": "Topic", "type": "text", "required": False},
    "size": {"label": "Size", "type": "dropdown", "required": False, "options": ["small", "large"]},
}
CONFIRMATION_PAGE = "https://example.com/confirm/:booking_ref"
RENAMED = "Conformance, renamed"


@check(READ)
def a_configuration_reads_as_it_was_written(trial: Trial) -> None:
    """Make a configuration, read it, give it another name, read it, delete it, read it."""
    like = model(trial)
    body = body_alone(like, slug=_slug())
    body["event_booking"] = {**body["event_booking"], "description": "Made by a conformance test."}
    body["scheduler"] = {**body["scheduler"], "additional_fields": FIELDS}
    with made(trial, like.grant, body) as page:
        _judge_reading(trial, page, body)
        answer = trial.admin("PUT", path_of(page.grant, page.id), body={"name": RENAMED})
        if answer.accepted:
            _judge_reading(trial, page, {**body, "name": RENAMED})
        deleted = remove(trial, page.grant, page.id)
        if not deleted.accepted:
            raise Unverified(f"a configuration could not be deleted: {deleted.told()}")
        answer = trial.admin("GET", path_of(page.grant, page.id))
        trial.judge(READ, answer.status == 404, "404: it is deleted", answer)


@check(NOBODY)
def a_configuration_needs_hosts(trial: Trial) -> None:
    """Try to make configurations whose host has no grant, and with nobody who could be booked."""
    like = model(trial)
    host = organizer_of(like)
    stranger = {**host, "email": f"conformance-{uuid4().hex[:8]}@example.com"}
    for participants, reason in (
        ([stranger], "the host has no grant"),
        ([{key: host[key] for key in ("name", "email") if key in host}], "nobody can be booked"),
        ([], "there is nobody"),
    ):
        answer = create(trial, like.grant, body_alone(like, participants=participants))
        trial.judge(NOBODY, answer.refused, f"refused: {reason}", answer, [answer])
        remove_made(trial, like.grant, answer)


@check(SLUG)
def a_slug_is_given_out_once(trial: Trial) -> None:
    """Try to make two configurations with the same slug."""
    like = model(trial)
    body = body_alone(like, slug=_slug())
    with made(trial, like.grant, body):
        answer = create(trial, like.grant, body)
        trial.judge(SLUG, answer.refused, "refused: another configuration has the slug", answer)
        remove_made(trial, like.grant, answer)


@check(CONFIRMATION)
def confirmation_needs_a_page_for_it(trial: Trial) -> None:
    """Try to make a configuration that asks the organizer, but has no page for it."""
    like = model(trial)
    body = body_alone(like)
    body["event_booking"] = {**body["event_booking"], "booking_type": "organizer-confirmation"}
    scheduler = {**body["scheduler"], "organizer_confirmation_url": CONFIRMATION_PAGE}
    with made(trial, like.grant, {**body, "scheduler": scheduler}):
        pass  # with a page it is taken, so that the page is all that is missing now
    answer = create(trial, like.grant, body)
    trial.judge(CONFIRMATION, answer.status == 400, "400", answer, [answer])
    remove_made(trial, like.grant, answer)


@check(IN_USE)
def a_configuration_in_use_stays(trial: Trial) -> None:
    """Try to delete a configuration that somebody has a session for."""
    like = model(trial)
    with made(trial, like.grant, body_alone(like, requires_session_auth=True)) as page:
        session = trial.target.open_session(page, None)
        answer = remove(trial, page.grant, page.id)
        there = trial.admin("GET", path_of(page.grant, page.id))
        holds = answer.refused and there.accepted
        trial.judge(IN_USE, holds, "refused: there is a live session", answer)
        trial.admin("DELETE", f"{SESSIONS}/{session}")


def _judge_reading(trial: Trial, page: Page, body: dict[str, Any]) -> None:
    answer = trial.admin("GET", path_of(page.grant, page.id))
    if not trial.judge(READ, answer.accepted, "200", answer):
        return
    wrong = list(_differing("", body, answer.data))
    trial.judge(READ, not wrong, "everything as it was written", "; ".join(wrong[:5]))


def _differing(place: str, written: Any, read: Any) -> list[str]:
    """Where what is read differs from what was written; the target may fill in more."""
    if isinstance(written, dict) and isinstance(read, dict):
        pairs = [(f"{place}.{key}" if place else key, value, read.get(key)) for key, value in written.items()]
    elif isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        pairs = [(f"{place}[{index}]", *each) for index, each in enumerate(zip(written, read, strict=True))]
    else:
        return [] if written == read or not (written or read) else [f"{place}: {read!r}, not {written!r}"]
    return [each for pair in pairs for each in _differing(*pair)]


def _slug() -> str:
    return f"conformance-{uuid4().hex[:12]}"
