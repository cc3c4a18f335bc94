"""Sessions: opening, expiry, closing, and what a private configuration can be used for with one."""

from uuid import uuid4

from conformance.checking import check
from conformance.offers import require_grant
from conformance.pages import Page
from conformance.strangers.exchange import Exchange
from conformance.target import AVAILABILITY, DAY, SESSIONS, Unverified
from conformance.trial import Trial

OPENED, BODY, KEY, LIFE, DEFAULT, CLOSED, LONGEST, USED, PUBLIC = (
    f"BK-SESS-{number:03}" for number in range(1, 10)
)
MINUTE = 60
SHORT, USUAL, MOST = 2, 5, 30
"""Minutes: of a session that is made short, of one without time_to_live, and the most that are documented."""
TOLERANCE = 30
"""Seconds that an expiry may come late."""


@check(OPENED, CLOSED, KEY)
def a_session_is_opened_and_closed(trial: Trial) -> None:
    """Open sessions by id and by slug, use them, close them; try to do so without the API key."""
    page = trial.page("private")
    names = [{"configuration_id": page.id}, *([{"slug": page.slug}] if page.slug else [])]
    for name in names:
        answer = trial.admin("POST", SESSIONS, body={**name, "time_to_live": USUAL})
        session = _session_in(trial, answer)
        if trial.judge(OPENED, session is not None, "data.session_id", answer, [answer]) and session:
            _judge_closing(trial, session)
    _judge_key(trial, page)


@check(BODY)
def a_session_takes_a_documented_body(trial: Trial) -> None:
    """Try to open sessions for nothing, for what is no id, and with a lifetime that is none."""
    page = trial.page("private")
    for body in (
        {},
        {"time_to_live": USUAL},
        {"configuration_id": 7},
        {"configuration_id": page.id, "time_to_live": "a while"},
        {"configuration_id": page.id, "time_to_live": [USUAL]},
        [page.id],
    ):
        answer = trial.admin("POST", SESSIONS, body=body)
        _session_in(trial, answer)
        trial.judge(BODY, answer.refused, "refused: the body is not as documented", answer, [answer])


@check(USED)
def a_private_configuration_is_used_with_a_session(trial: Trial) -> None:
    """Book, read, move and cancel, with a session."""
    page = trial.page("private")
    slot = trial.free_slot(page)
    made = trial.book(page, slot)
    booked = trial.standing(made) if made.accepted else None
    trial.judge(USED, booked is not None, "a booking", made, [made])
    if booked is None:
        return
    read = trial.read(booked)
    trial.judge(USED, read.accepted, "200 for reading", read, [made, read])
    moved = trial.move(booked, trial.free_slot(page))
    trial.judge(USED, moved.accepted, "200 for moving", moved, [made, moved])
    cancelled = trial.cancel(trial.standing(moved) or booked)
    if cancelled.status == 404 and moved.data is None:
        return  # it may have got another id, which nobody was told
    trial.judge(USED, cancelled.accepted, "200 for cancelling", cancelled, [made, cancelled])


@check(PUBLIC)
def a_public_configuration_may_have_sessions(trial: Trial) -> None:
    """Open a session for a public configuration, and use it."""
    page = trial.page("booking")
    answer = trial.admin("POST", SESSIONS, body={"configuration_id": page.id})
    session = _session_in(trial, answer)
    trial.observe("session_for_public_configuration", "accepted" if session else "rejected")
    if session is None:
        trial.unsupported(PUBLIC, f"a public configuration has no sessions: {answer.told()}")
        return
    used = _uses(trial, session)
    trial.judge(PUBLIC, used.accepted, "200", used, [answer, used])
    trial.admin("DELETE", f"{SESSIONS}/{session}")


@check(LIFE, DEFAULT, last=True)
def a_session_expires(trial: Trial) -> None:
    """Open a short session and a usual one; wait, and look when each of them ends."""
    page = trial.page("private")
    short = trial.target.open_session(page, SHORT)
    usual = trial.target.open_session(page, None)
    _require_use(trial, short)
    waited = 0
    for clause, session, minutes in ((LIFE, short, SHORT), (DEFAULT, usual, USUAL)):
        for second, lives in ((minutes * MINUTE - TOLERANCE, True), (minutes * MINUTE + TOLERANCE, False)):
            trial.wait(second - waited)
            waited = second
            answer = _uses(trial, session)
            expected = f"{'200' if lives else 'refused'} after {second} seconds of {minutes} minutes"
            trial.judge(clause, answer.accepted if lives else answer.refused, expected, answer, [answer])


@check(LONGEST, last=True)
def a_session_does_not_last_longer_than_half_an_hour(trial: Trial) -> None:
    """Ask for a session that lasts longer than what is documented; where there is one, look when it ends."""
    page = trial.page("private")
    answer = trial.admin("POST", SESSIONS, body={"configuration_id": page.id, "time_to_live": 2 * MOST})
    session = _session_in(trial, answer)
    if session is None:
        trial.judge(LONGEST, answer.refused, "refused, or a session of 30 minutes", answer, [answer])
        return
    trial.wait(MOST * MINUTE + TOLERANCE)
    used = _uses(trial, session)
    trial.judge(LONGEST, used.refused, "refused after 30 minutes", used, [answer, used])


def _judge_closing(trial: Trial, session: str) -> None:
    _require_use(trial, session)
    for bearer in (None, f"no-key-{uuid4()}", session):
        answer = trial.call("DELETE", f"{SESSIONS}/{session}", bearer=bearer)
        used = _uses(trial, session)
        holds = answer.refused and used.accepted
        trial.judge(KEY, holds, "refused without the API key; the session lives on", answer, [answer, used])
        if not used.accepted:
            return
    answer = trial.admin("DELETE", f"{SESSIONS}/{session}")
    if not answer.accepted:
        raise Unverified(f"a session could not be closed: {answer.told()}")
    used = _uses(trial, session)
    trial.judge(CLOSED, used.refused, "refused: the session is closed", used, [answer, used])


def _judge_key(trial: Trial, page: Page) -> None:
    for bearer in (None, f"no-key-{uuid4()}", trial.target.session(page)):
        answer = trial.call("POST", SESSIONS, body={"configuration_id": page.id}, bearer=bearer)
        _session_in(trial, answer)
        trial.judge(KEY, answer.refused, "refused without the API key", answer, [answer])


def _session_in(trial: Trial, answer: Exchange) -> str | None:
    """The session that an answer opened, hidden from reports."""
    session = answer.data.get("session_id") if answer.accepted and isinstance(answer.data, dict) else None
    if not isinstance(session, str) or not session:
        return None
    trial.target.secrets.add("SESSION", session)
    return session


def _require_use(trial: Trial, session: str) -> None:
    """Raise Unverified where a new session is of no use, so that nothing can be seen by it."""
    answer = _uses(trial, session)
    if not answer.accepted:
        raise Unverified(f"a new session is of no use: {answer.told()}")


def _uses(trial: Trial, session: str) -> Exchange:
    """Ask for slots with a session. Raises Unverified where a host's grant has run out."""
    start, _ = trial.target.settings.limits.window.at(trial.target.now())
    query = {"start_time": start, "end_time": start + DAY}
    return require_grant(trial.call("GET", AVAILABILITY, query=query, bearer=session))
