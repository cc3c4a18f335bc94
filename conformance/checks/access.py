"""Who may ask: public configurations, sessions, keys."""

from uuid import uuid4

from conformance.checking import check
from conformance.offers import require_grant
from conformance.pages import Page
from conformance.strangers.exchange import Exchange
from conformance.target import AVAILABILITY, BOOKINGS, DAY, NO_GRANT, Slot, Unverified, slots_of
from conformance.trial import Trial

BY_ID, BY_SLUG, BY_KEY, NAMELESS, SESSION, PRIVATE, NO_SESSION, FOREIGN = (
    f"BK-AUTH-{number:03}" for number in range(1, 9)
)
MOST = 8
"""How many configurations are tried."""


@check(BY_ID, BY_SLUG, BY_KEY, NAMELESS)
def a_public_configuration_needs_no_credentials(trial: Trial) -> None:
    """Ask for availability by id and by slug, with the API key as well, and without saying of what."""
    page, window = _answering(trial)
    by_id = _availability(trial, window, configuration_id=page.id)
    trial.judge(BY_ID, by_id.accepted, "200 without any credentials", by_id, [by_id])
    for query in ({}, {"configuration_id": str(uuid4())}):
        answer = _availability(trial, window, **query)
        trial.judge(NAMELESS, answer.refused, "refused: no configuration is meant", answer, [answer])
    _judge_key(trial, page, window)
    _judge_slug(trial, page, window, by_id)


@check("BK-WIRE-008")
def a_method_that_does_not_exist_is_refused(trial: Trial) -> None:
    """Read where nothing can be read."""
    for path in (BOOKINGS, "/v3/scheduling/sessions"):
        answer = trial.call("GET", path)
        holds = answer.status == 405 and "allow" in answer.answer_headers
        trial.judge("BK-WIRE-008", holds, "405 with Allow", answer, [answer])


@check(SESSION, PRIVATE, NO_SESSION)
def a_private_configuration_needs_a_session(trial: Trial) -> None:
    """Ask for a private configuration's slots with a session, and without one in every other way."""
    page, window = trial.page("private"), _window(trial)
    session = trial.target.session(page)
    with_session = require_grant(trial.call("GET", AVAILABILITY, query=_times(window), bearer=session))
    trial.judge(
        SESSION, with_session.accepted, "200 with nothing but a session", with_session, [with_session]
    )
    names = [{"configuration_id": page.id}]
    client = trial.target.settings.client_id
    if page.slug and client:
        names.append({"slug": page.slug, "client_id": client})
    for name in names:
        answer = _availability(trial, window, **name)
        trial.judge(PRIVATE, answer.refused, "refused: there is no session", answer, [answer])
        answer = trial.call("GET", f"{BOOKINGS}/{uuid4()}", query=name)
        trial.judge(PRIVATE, answer.refused, "refused: there is no session", answer, [answer])
        for bearer in (str(uuid4()), "no-session"):
            answer = trial.call("GET", AVAILABILITY, query={**_times(window), **name}, bearer=bearer)
            trial.judge(NO_SESSION, answer.refused, "refused: the bearer is no session", answer, [answer])


@check(SESSION, PRIVATE)
def a_private_configuration_is_booked_with_a_session(trial: Trial) -> None:
    """Book a private configuration with its id alone, then with a session; read the booking without one."""
    page = trial.page("private")
    slot = trial.free_slot(page)
    name = {"configuration_id": page.id}
    trial.target.require_budget()
    body = trial.booking_body(page, slot)
    answer = trial.call("POST", BOOKINGS, query=name, body=body)
    if answer.accepted:
        trial.keep(page, slot, answer)
    trial.judge(PRIVATE, answer.refused, "refused: there is no session", answer, [answer])
    answer = trial.call("POST", BOOKINGS, body=body, bearer=trial.target.session(page))
    booked = trial.keep(page, slot, answer) if answer.accepted else None
    if booked is None and not trial.is_offered(page, slot):
        raise Unverified("somebody has taken the slot meanwhile")
    trial.judge(SESSION, answer.accepted, "200 with nothing but a session", answer, [answer])
    if booked is not None:
        answer = trial.call("GET", f"{BOOKINGS}/{booked.id}", query=name)
        trial.judge(PRIVATE, answer.refused, "refused: there is no session", answer, [answer])


@check(FOREIGN)
def a_session_reaches_its_own_bookings_only(trial: Trial) -> None:
    """Read and cancel a booking of one configuration with the session of another."""
    private = trial.page("private")
    session = trial.target.session(private)
    booked = trial.booked(trial.page("booking"))
    for method in ("GET", "DELETE"):
        answer = trial.call(method, f"{BOOKINGS}/{booked.id}", bearer=session)
        trial.judge(FOREIGN, answer.refused, "refused: it is another configuration's booking", answer)
    found = trial.read(booked)
    standing = found.accepted and isinstance(found.data, dict) and found.data.get("status") == booked.status
    trial.judge(FOREIGN, standing, f"still {booked.status}", found)


def _answering(trial: Trial) -> tuple[Page, Slot]:
    """A public configuration, with a slug if there is one, and a window."""
    window = _window(trial)
    pages = sorted(trial.pages("booking"), key=lambda each: not each.slug)
    answers = ((page, trial.availability(page, *window)) for page in pages[:MOST])
    page = next((page for page, answer in answers if not answer.message.startswith(NO_GRANT)), None)
    if page is None:
        raise Unverified("no public configuration was found whose hosts have valid grants")
    return page, window


def _judge_key(trial: Trial, page: Page, window: Slot) -> None:
    """Sources contradict each other on whether the key may come along."""
    if trial.target.settings.api_key is None:
        trial.findings.unverified(BY_KEY, "no API key was given")
        return
    query = {**_times(window), "configuration_id": page.id}
    answer = trial.admin("GET", AVAILABILITY, query=query)
    trial.observe("api_key_on_bookings", "accepted" if answer.accepted else "rejected")
    if answer.refused:
        trial.unsupported(BY_KEY, f"the API key is not accepted beside a configuration: {answer.told()}")
    else:
        trial.judge(BY_KEY, answer.accepted, "200", answer, [answer])


def _judge_slug(trial: Trial, page: Page, window: Slot, by_id: Exchange) -> None:
    client = trial.target.settings.client_id
    if not page.slug or client is None:
        trial.findings.unverified(BY_SLUG, "no client id was given, or no public configuration has a slug")
        return
    by_slug = _availability(trial, window, slug=page.slug, client_id=client)
    if not trial.judge(BY_SLUG, by_slug.accepted, "200", by_slug, [by_slug]):
        return
    again = _availability(trial, window, configuration_id=page.id)
    if slots_of(by_id) == slots_of(again):  # nobody has booked anything meanwhile
        same = slots_of(by_slug) == slots_of(again)
        trial.judge(BY_SLUG, same, "the slots that there are by id", by_slug, [again, by_slug])


def _availability(trial: Trial, window: Slot, **name: str) -> Exchange:
    return trial.call("GET", AVAILABILITY, query={**_times(window), **name})


def _times(window: Slot) -> dict[str, int]:
    return {"start_time": window[0], "end_time": window[1]}


def _window(trial: Trial) -> Slot:
    start, _ = trial.target.settings.limits.window.at(trial.target.now())
    return start, start + DAY
