"""Booking: what is offered can be had, and nothing else."""

from typing import Any

from conformance.checking import check
from conformance.events import address_of, invited_to, times_of
from conformance.pages import Page
from conformance.shapes import problems
from conformance.strangers.exchange import Exchange
from conformance.target import DAY, Booked, Slot, Unverified
from conformance.trial import Trial, settled

TAKEN = "The selected timeslot is unavailable"
TRIES = 3
"""How often a slot is tried that others take away at the last moment."""
HALF = 1800


@check("BK-CREATE-001", "BK-CREATE-002", "BK-CREATE-003", "BK-CREATE-010", "BK-CREATE-016")
def an_offered_slot_is_booked(trial: Trial) -> None:
    """Book slots that are offered: with what is required, with every documented field, with times as text."""
    page = trial.page("booking")
    bookings: list[Booked] = []
    for changes in ({}, _every_field(trial, page)):
        answer, booked = _book(trial, page, **changes)
        if trial.judge("BK-CREATE-003", answer.accepted, "200 for a slot that is offered", answer, [answer]):
            wrong = problems("BookingResponse", answer.content)
            trial.judge("BK-CREATE-001", not wrong, "a booking as documented", "; ".join(wrong), [answer])
        if booked is not None:
            trial.judge("BK-CREATE-002", booked.status == "booked", "status booked", answer, [answer])
            bookings.append(booked)
    slot = trial.free_slot(page)
    answer = trial.book(page, slot, start_time=str(slot[0]), end_time=str(slot[1]))
    trial.judge("BK-CREATE-010", answer.accepted, "200 for times as text", answer, [answer])
    if len(bookings) < 2:
        raise Unverified("the bookings that this needs were not made")
    ids, events = {each.id for each in bookings}, {each.event_id for each in bookings}
    trial.judge("BK-CREATE-016", len(ids) == len(events) == len(bookings), "ids of its own", (ids, events))


@check("BK-CREATE-004", "BK-CREATE-017")
def a_time_that_is_not_offered_is_refused(trial: Trial) -> None:
    """Try times beside an offered slot: off the grid, too long, too short."""
    page = trial.page("booking")
    slot = start, end = trial.free_slot(page)
    tried = 0
    for wrong in ((start + 60, end + 60), (start, end + (end - start)), (start, start + (end - start) // 2)):
        if trial.is_offered(page, wrong):
            continue
        answer = _refused(trial, page, wrong)
        trial.judge("BK-CREATE-004", answer.refused, "refused: it is not offered", answer, [answer])
        tried += 1
    if not tried:
        raise Unverified("everything that was tried is on offer")
    _judge_still_offered(trial, page, slot)


@check("BK-CREATE-005", "BK-CREATE-006")
def a_slot_is_sold_once(trial: Trial) -> None:
    """Book a slot, then try to book it again."""
    page = trial.page("booking")
    booked = trial.booked(page)
    answer = trial.book(page, booked.slot)
    trial.judge("BK-CREATE-005", answer.refused, "refused: the slot is sold", answer)
    if not answer.refused:
        raise Unverified("the slot was sold twice")
    trial.judge("BK-CREATE-006", answer.message.startswith(TAKEN), f"a message that begins {TAKEN!r}", answer)


@check("BK-CREATE-008", "BK-CREATE-009", "BK-CREATE-017")
def a_wrong_body_is_refused(trial: Trial) -> None:
    """Try to book without a guest's name or address, without times, and with values of a wrong type."""
    page = trial.page("booking")
    slot = trial.free_slot(page)
    name, email = (trial.target.guest()[key] for key in ("name", "email"))
    for guest in (None, {}, {"name": name}, {"email": email}):
        answer = _refused(trial, page, slot, guest=guest)
        trial.judge("BK-CREATE-008", answer.refused, "refused: the guest is incomplete", answer, [answer])
    for changes in (
        {"start_time": None},
        {"end_time": None},
        {"start_time": "soon"},
        {"end_time": [slot[1]]},
        {"guest": email},
        {"additional_guests": email},
        {"additional_fields": ["an answer"]},
    ):
        answer = _refused(trial, page, slot, **changes)
        expected = f"refused: {' and '.join(changes)} is not as documented"
        trial.judge("BK-CREATE-009", answer.refused, expected, answer, [answer])
    _judge_still_offered(trial, page, slot)


@check("BK-CREATE-014", "BK-CREATE-017")
def an_unknown_field_is_refused(trial: Trial) -> None:
    """Answer a question that the configuration doesn't ask."""
    page = trial.page("booking")
    slot = trial.free_slot(page)
    answer = _refused(trial, page, slot, additional_fields={**page.answers, "conformance_unknown": "x"})
    trial.judge("BK-CREATE-014", answer.status == 400, "400", answer, [answer])
    _judge_still_offered(trial, page, slot)


@check("BK-CREATE-015")
def answers_fit_their_questions(trial: Trial) -> None:
    """Leave out an answer that is required, and give one that isn't among the options."""
    found = [(page, wrong) for page in trial.pages("fields") for wrong in _unfit_answers(page)]
    if not found:
        raise Unverified("no configuration has rules for the answers to its questions")
    for page, answers in found[:TRIES]:
        answer = trial.book(page, trial.free_slot(page), additional_fields=answers)
        trial.observe("additional_field_rules", "enforced" if answer.refused else "ignored")
        if not answer.refused:
            trial.unsupported("BK-CREATE-015", "the rules for answers are left to the booking page")
            return
        trial.judge("BK-CREATE-015", True, "refused: the answers don't fit", answer, [answer])


@check("BK-CREATE-011", "BK-CREATE-012", "BK-CREATE-013", "BK-CREATE-020")
def everybody_takes_part(trial: Trial) -> None:
    """Book without naming participants and with an empty list; look into the organizer's calendar."""
    pages = [each for each in trial.pages("body") if each.organizer]
    if not pages:
        raise Unverified("no configuration names its organizer")
    page = next((each for each in pages if len(each.participants) > 1), pages[0])
    friend = trial.target.guest()
    bookings = []
    ways: tuple[dict[str, Any], ...] = ({"additional_guests": [friend]}, {"participants": []})
    for changes in ways:
        guest = trial.target.guest()
        answer, booked = _book(trial, page, guest=guest, **changes)
        if not answer.accepted and "participants" not in changes:
            continue
        expected = f"a booking with {page.organizer} as its organizer"
        organizer = answer.data.get("organizer") if isinstance(answer.data, dict) else None
        holds = answer.accepted and address_of(organizer) == page.organizer.lower()
        trial.judge("BK-CREATE-013", holds, expected, answer, [answer])
        if booked is not None:
            bookings.append((booked, guest, [friend] if "additional_guests" in changes else []))
    if not bookings:
        raise Unverified("the bookings that this needs were not made")
    title = str(page.event.get("title") or "")
    fixed = bool(title) and "{" not in title
    if fixed:
        shown = bookings[0][0].data.get("title")
        trial.judge("BK-CREATE-020", shown == title, f"title {title!r}", f"title {shown!r}")
    for booked, guest, friends in bookings:
        _judge_event(trial, booked, [guest, *friends])
    if not fixed:
        raise Unverified("the configuration's title is made up for each booking")


@check("BK-CREATE-018")
def nobody_without_a_grant_is_booked(trial: Trial) -> None:
    """Try to book somebody whose grant has expired."""
    page = trial.page("expired")
    answer = _refused(trial, page, _some_time(trial, page))
    trial.judge("BK-CREATE-018", answer.refused, "refused: the grant is not valid", answer, [answer])


@check("BK-CREATE-019")
def notice_is_kept(trial: Trial) -> None:
    """Try to book a time that comes too soon for the configuration's notice."""
    first = trial.target.settings.limits.window.first * DAY
    pages = [page for page in trial.pages("notice") if page.notice * 60 >= first + DAY]
    if not pages:
        raise Unverified("no configuration asks for more notice than there is until --window begins")
    page = pages[0]
    slot = _some_time(trial, page)
    if trial.is_offered(page, slot):
        raise Unverified("availability offers times within the notice")
    answer = _refused(trial, page, slot)
    trial.judge("BK-CREATE-019", answer.refused, "refused: it is within the notice", answer, [answer])


def _book(trial: Trial, page: Page, **changes: Any) -> tuple[Exchange, Booked | None]:
    """Book a slot that is offered until the end. Raises Unverified where others take every one of them."""
    for _ in range(TRIES):
        slot = trial.free_slot(page)
        answer = trial.book(page, slot, **changes)
        if answer.accepted:
            return answer, trial.standing(answer)
        if trial.is_offered(page, slot):
            return answer, None
    raise Unverified("others took every slot before it could be booked")


def _refused(trial: Trial, page: Page, slot: Slot, **changes: Any) -> Exchange:
    """Try a booking that ought to be refused; one that is made is cancelled, which frees the slot."""
    answer = trial.book(page, slot, **changes)
    booked = trial.standing(answer) if answer.accepted else None
    if booked is not None:
        trial.cancel(booked)
    return answer


def _judge_still_offered(trial: Trial, page: Page, slot: Slot) -> None:
    """Whoever else books there can take a slot away once, but hardly twice."""
    holds = trial.is_offered(page, slot)
    if not holds:
        again = trial.free_slot(page)
        _refused(trial, page, again, end_time=again[1] + 60)
        holds = trial.is_offered(page, again)
    trial.judge("BK-CREATE-017", holds, "the slot is still offered after refusals", "it is not")


def _every_field(trial: Trial, page: Page) -> dict[str, Any]:
    people = [{"email": each["email"]} for each in page.participants if isinstance(each.get("email"), str)]
    return {
        "participants": people,
        "timezone": "Europe/Berlin",
        "email_language": "de",
        "additional_guests": [trial.target.guest()],
        "additional_fields": page.answers,
    }


def _unfit_answers(page: Page) -> list[dict[str, str]]:
    """Answers that break one rule of the page's questions each."""
    found, fitting = [], page.answers
    for key, question in page.fields.items():
        if question.get("required") and question.get("type") != "metadata":
            found.append({other: answer for other, answer in fitting.items() if other != key})
        if question.get("options") and question.get("type") in ("dropdown", "radio_button"):
            found.append({**fitting, key: "conformance: none of the options"})
    return found


def _some_time(trial: Trial, page: Page) -> Slot:
    """A time early in the window at which a slot would begin if there were any; Unix seconds."""
    now, limits = trial.target.now(), trial.target.settings.limits
    start = now - now % DAY + (limits.window.first + 1) * DAY
    return start, start + (page.duration * 60 or HALF)


def _judge_event(trial: Trial, booked: Booked, guests: list[dict[str, str]]) -> None:
    event = settled(lambda: trial.event(booked), lambda event: event is not None)
    expected = f"an event from {booked.slot[0]} to {booked.slot[1]}"
    trial.judge("BK-CREATE-011", times_of(event) == booked.slot, expected, event)
    if event is None:
        raise Unverified("the booking has no event in the calendar")
    hosts = {address_of(each) for each in booked.page.participants} - {booked.page.organizer.lower()}
    everybody, invited = hosts | {address_of(each) for each in guests}, invited_to(event)
    trial.judge("BK-CREATE-012", everybody <= invited, f"{sorted(everybody)} invited", event)
    trial.judge("BK-CREATE-013", hosts <= invited, f"{sorted(hosts)} invited", event)
