"""Round-robin: hosts who take turns."""

from functools import partial

from conformance.busy import read_calendars
from conformance.checking import check
from conformance.configurations import body_like, made
from conformance.crowd import at_once
from conformance.offers import Offer, all_offers, offer_at, offers, offers_of, order_of
from conformance.pages import Page
from conformance.strangers.exchange import Exchange
from conformance.target import DAY, Booked, Unverified
from conformance.trial import Trial

ORDER, EMAILS, NAMED, STAYS, ONCE, LAST, FAIR, MOVED, STRANGER = (
    f"BK-RR-{number:03}" for number in range(1, 10)
)
TWO = 2
AT_ONCE = 4
"""How many ask for one host at the same time."""
MOST_HOSTS = 5
"""A slot for which more than so many are free is not sold out."""


@check(ORDER, EMAILS)
def hosts_are_named(trial: Trial) -> None:
    """Ask whose turn it is and who is free, and look into the calendars of those who are."""
    page = trial.page("round-robin")
    slot = trial.free_slot(page)
    answer = trial.availability(page, slot[0], slot[0] + DAY)
    order = answer.data.get("order") if isinstance(answer.data, dict) else None
    known = _known(page)
    names = {each.lower() for each in order if isinstance(each, str)} if isinstance(order, list) else set()
    holds = bool(names) and (not known or names <= known)
    trial.judge(ORDER, holds, f"order, with e-mail addresses of {sorted(known)}", answer, [answer])
    for each in offers_of(answer):
        if each.silent:
            continue
        holds = bool(each.emails) and (not known or each.who <= known)
        expected = f"emails, one at least, of {sorted(known)}"
        trial.judge(EMAILS, holds, expected, f"{each.told}: {each.emails}", [answer])
    _judge_free(trial, page)


@check(NAMED, STAYS, ONCE, LAST, MOVED)
def a_slot_is_sold_host_by_host(trial: Trial) -> None:
    """Book all hosts of a slot, one after the other; then move the last of these bookings."""
    page = trial.page("round-robin")
    offer = _offer(trial, page)
    left = list(offer.emails)
    for email in offer.emails:
        booked = _judge_named(trial, page, offer, email)
        again = trial.book(page, offer.slot, participants=[{"email": email}])
        trial.judge(ONCE, again.refused, f"refused: {email} is sold for this slot", again)
        left.remove(email)
        now = offer_at(trial, page, offer.slot)
        if left:
            holds = now is not None and email not in now.emails
            seen = f"emails {now.emails}" if now else "it is not"
            trial.judge(STAYS, holds, f"the slot is offered, without {email}", seen)
    now = offer_at(trial, page, offer.slot)
    seen = f"offered with {now.emails}" if now else "it is gone"
    trial.judge(LAST, now is None, "the slot is gone: its last host is booked", seen)
    _judge_move(trial, page, booked)


@check(ONCE)
def a_host_is_sold_once_to_a_crowd(trial: Trial) -> None:
    """Several guests ask for the same host at the same moment."""
    page = trial.page("round-robin")
    offer = _offer(trial, page)
    host = offer.emails[0]
    trial.target.require_budget(AT_ONCE)
    book = partial(trial.book, page, offer.slot, participants=[{"email": host}])
    answers = at_once([book] * AT_ONCE)
    sold = [each for each in answers if each.accepted]
    if not sold:
        raise Unverified("nobody got the host")
    trial.judge(ONCE, len(sold) == 1, f"{host} is sold once", f"{len(sold)} times", answers)


@check(FAIR)
def nobody_is_next_twice_in_a_row(trial: Trial) -> None:
    """Book whoever is next, in a new configuration in which nobody was booked before."""
    page = trial.page("fairness")
    if not page.complete or not page.grant:
        raise Unverified("the configuration can't be read, and so not be copied")
    with made(trial, page.grant, body_like(page)) as fresh:
        booked: list[str] = []
        for _ in range(min(len(_known(fresh)), MOST_HOSTS)):
            offer = next((each for each in _offers(trial, fresh) if len(each.emails) > 1), None)
            if offer is None:
                raise Unverified("no slot is offered for which two hosts are free")
            order = order_of(trial.exchanges[-1])
            if not order:
                raise Unverified("availability names no order of hosts")
            expected = f"somebody next who was not booked yet; booked are {booked}"
            if booked:
                trial.judge(FAIR, order[0] not in booked, expected, f"order {order}")
            if order[0] in booked or order[0] not in offer.emails:
                break
            trial.booked(fresh, offer.slot, participants=[{"email": order[0]}])
            booked.append(order[0])
    if FAIR not in trial.judged:
        raise Unverified("whoever is next is not free when the others are")


@check(STRANGER)
def a_stranger_is_no_host(trial: Trial) -> None:
    """Ask for a host whom the configuration doesn't know."""
    page = trial.page("round-robin")
    slot = trial.free_slot(page)
    answer = trial.book(page, slot, participants=[{"email": "conformance-nobody@example.com"}])
    trial.judge(STRANGER, answer.refused, "refused: who was asked for is no host", answer, [answer])


def _judge_named(trial: Trial, page: Page, offer: Offer, email: str) -> Booked:
    answer = trial.book(page, offer.slot, participants=[{"email": email}])
    booked = trial.standing(answer) if answer.accepted else None
    if booked is None:
        now = offer_at(trial, page, offer.slot)
        if now is None or email not in now.emails:
            raise Unverified(f"{email} is not free any more")
        trial.judge(ONCE, False, f"a booking with {email}, who is free", answer)
        raise Unverified(f"a booking that this needs was refused: {answer.told()}")
    organizer = _organizer(answer)
    trial.judge(
        NAMED, organizer == email.lower(), f"{email} as the organizer", f"organizer {organizer!r}", [answer]
    )
    if organizer != email.lower():
        raise Unverified("another host was booked than the one who was asked for")
    return booked


def _judge_move(trial: Trial, page: Page, booked: Booked) -> None:
    host = _organizer_of(booked)
    own = offer_at(trial, page, booked.slot, booking_id=booked.id)
    holds = own is not None and host in own.who
    seen = f"emails {own.emails}" if own else "it is not"
    trial.judge(MOVED, holds, f"with booking_id, its own time is offered, with {host}", seen)
    free = (each for each in _offers(trial, page) if host in each.who and not each.overlaps(booked.slot))
    other = next(free, None)
    if other is None:
        raise Unverified(f"there is no other slot for {host}")
    answer = trial.move(booked, other.slot, participants=[{"email": host}])
    trial.judge(MOVED, answer.accepted, "200 for moving", answer)


def _judge_free(trial: Trial, page: Page) -> None:
    """Whoever is named is free, as far as calendars can be read."""
    if not page.complete or trial.target.missing().get("events"):
        return
    now = trial.target.now()
    found = all_offers(trial, page, now)
    answer = trial.exchanges[-1]
    taken = read_calendars(trial, page, found[0].start, found[-1].end).taken if found else []
    for offer in found:
        busy = {each.host for each in taken if offer.overlaps(each.slot)} & offer.who
        again = offer_at(trial, page, offer.slot) if busy else None
        if again is not None and busy & again.who:
            trial.judge(
                EMAILS, False, "emails of those who are free", f"{offer.told}: {busy} are busy", [answer]
            )
            return


def _offer(trial: Trial, page: Page) -> Offer:
    """A slot for which at least two hosts are free, and not too many."""
    fits = [each for each in _offers(trial, page) if TWO <= len(each.emails) <= MOST_HOSTS]
    if not fits:
        raise Unverified("no slot is offered for which at least two hosts are free, and not too many")
    return fits[0]


def _offers(trial: Trial, page: Page) -> list[Offer]:
    """What is offered on the first days of the window that offer anything."""
    start, _ = trial.free_slot(page)
    return offers(trial, page, start, start + 2 * DAY)


def _known(page: Page) -> set[str]:
    """The participants' e-mail addresses, as far as they are known."""
    return {str(each.get("email")).lower() for each in page.participants}


def _organizer(answer: Exchange) -> str:
    data = answer.data if isinstance(answer.data, dict) else {}
    organizer = data.get("organizer")
    return str(organizer.get("email")).lower() if isinstance(organizer, dict) else ""


def _organizer_of(booked: Booked) -> str:
    organizer = booked.data.get("organizer")
    return str(organizer.get("email")).lower() if isinstance(organizer, dict) else ""
