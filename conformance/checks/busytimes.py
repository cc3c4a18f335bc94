"""Busy times: no slot overlaps what is in the calendars or was booked, nor the buffers around it."""

from collections.abc import Sequence
from functools import partial

from conformance.busy import Taken, calendars_of, read_calendars
from conformance.checking import check
from conformance.configurations import body_like, made
from conformance.offers import Offer, all_offers, days_looked_at, offers
from conformance.openhours import Hours, all_hours
from conformance.pages import Body, Page, mapping, readable
from conformance.target import DAY, Slot, Unverified
from conformance.trial import Trial, settled

BUSY, BUFFER = "BK-AVAIL-013", "BK-AVAIL-014"
GONE, BACK, OWN, EVERYBODY = (f"BK-AVAIL-{number:03}" for number in range(20, 24))
MOST = 8
"""How many configurations are looked at."""
MINUTE = 60
TRIES = 2
"""How often a slot may fail to come back: somebody else may have taken it."""
AROUND = 6 * 3600
"""Seconds before and after a slot that are looked at."""
KEPT = ("email", "name", "is_organizer", "timezone", "availability", "booking")
"""What is kept of a participant who is to be booked alone."""


@check(BUSY, BUFFER)
def no_slot_overlaps_an_event(trial: Trial) -> None:
    """Read the calendars of those who have to be there, and compare a month of slots with them."""
    now = trial.target.now()
    for page in _pages(trial)[:MOST]:
        try:
            _judge_page(trial, page, now)
        except Unverified as reason:
            trial.findings.unverified(BUSY, str(reason))
            trial.findings.unverified(BUFFER, str(reason))
    for clause in {BUSY, BUFFER} - trial.judged:
        trial.findings.unverified(clause, "no calendar that can be read has a busy event in open hours")


@check(GONE, BACK, OWN)
def a_booked_slot_is_taken_until_it_is_cancelled(trial: Trial) -> None:
    """Book a slot and look for it, with the booking's id too; cancel it and look again."""
    page = _overlapping_page(trial)
    for _ in range(TRIES):
        booked = trial.booked(page)
        found = _around(trial, page, booked.slot)
        taken = [each.told for each in found if each.overlaps(booked.slot)]
        seen = f"{taken} on offer" if taken else "it has"
        if not trial.judge(GONE, not taken, f"{booked.slot} has disappeared, and what overlaps it", seen):
            raise Unverified("a booked slot doesn't disappear, so nothing shows that it comes back")
        own = trial.is_offered(page, booked.slot, booking_id=booked.id)
        trial.judge(OWN, own, "with booking_id, the booking's own time is offered", "it is not")
        answer = trial.cancel(booked)
        if not answer.accepted:
            raise Unverified(f"a booking can't be cancelled: {answer.told()}")
        back = settled(partial(trial.is_offered, page, booked.slot), bool)
        if back:
            break  # else somebody else may have taken it
    trial.judge(BACK, back, "the slot is offered again", "it isn't")


@check(BUFFER)
def buffers_of_a_booking_are_kept_free(trial: Trial) -> None:
    """Book a slot of a configuration with buffers, and look at what is offered before and after it."""
    page = next((each for each in trial.pages("buffer") if each.plain and _looks_where_it_writes(each)), None)
    if page is None:
        raise Unverified(
            "no configuration with buffers can be booked at once, into a calendar that it looks at"
        )
    booked = trial.booked(page)
    before, after = buffer_of(page)
    kept = booked.slot[0] - before, booked.slot[1] + after
    near = [each.told for each in _around(trial, page, booked.slot) if each.overlaps(kept)]
    seen = f"{near} on offer" if near else "nothing"
    trial.judge(BUFFER, not near, f"nothing from {kept[0]} to {kept[1]}", seen)


@check(EVERYBODY)
def everybody_has_to_be_free(trial: Trial) -> None:
    """Make one host of several busy, by a booking with that host alone; look for the slot of them all."""
    for page in trial.pages("collective"):
        for host in page.hosts:
            if page.grant and not host.get("is_organizer"):
                _judge_host(trial, page, host)
                return
    raise Unverified("no configuration with several hosts is known as a whole")


def _judge_host(trial: Trial, page: Page, host: Body) -> None:
    slot = trial.free_slot(page)
    calendars = calendars_of(host)
    if not calendars:
        raise Unverified(f"no calendar of {host.get('email')} is looked at")
    alone = {**host, "is_organizer": True, "booking": {"calendar_id": calendars[0]}}
    body = body_like(
        page,
        participants=[{key: value for key, value in alone.items() if key in KEPT}],
        availability={"duration_minutes": page.duration, "interval_minutes": 5, "round_to": 5},
        event_booking={key: each for key, each in page.event.items() if key in ("title", "timezone")},
        scheduler={"min_booking_notice": 0, "available_days_in_future": page.days},
    )
    with made(trial, str(host.get("email")), body) as own:
        booked = trial.booked(own, slot)
        found = [each.told for each in _around(trial, page, slot) if each.overlaps(booked.slot)]
        seen = f"{found} on offer" if found else "it isn't"
        expected = f"{slot} isn't offered: {host.get('email')} is busy"
        trial.judge(EVERYBODY, not found, expected, seen)


def _looks_where_it_writes(page: Page) -> bool:
    """Whether the organizer's bookings are in a calendar that makes him or her busy."""
    host = next((each for each in page.hosts if each.get("is_organizer")), {})
    return mapping(host, "booking").get("calendar_id") in calendars_of(host)


def _around(trial: Trial, page: Page, slot: Slot) -> list[Offer]:
    """What is offered from some time before a slot until some time after it."""
    return offers(trial, page, slot[0] - AROUND, slot[1] + AROUND)


def _overlapping_page(trial: Trial) -> Page:
    """A page whose slots overlap one another, if there is one: it shows more."""
    pages = trial.pages("booking")
    return next((each for each in pages if 0 < each.interval < each.duration), pages[0])


def _pages(trial: Trial) -> list[Page]:
    """Those whose calendars can be read, those with buffers first."""
    found = [each for each in trial.target.pages if each.grant and readable(each)]
    return sorted(found, key=lambda each: not any(buffer_of(each)))


def _judge_page(trial: Trial, page: Page, now: int) -> None:
    span = now, now + days_looked_at(page) * DAY
    taken = read_calendars(trial, page, *span).taken
    events = trial.exchanges[-1]
    hours = all_hours(page)
    relevant = [each for each in taken if _matters(page, hours, each, span)]
    if not relevant:
        return
    found = all_offers(trial, page, now)
    answer = trial.exchanges[-1]
    before, after = buffer_of(page)
    overlapping = _overlapping(found, relevant, (0, 0))
    unheeded = [event for _, event in overlapping]
    heeded = [each for each in relevant if each not in unheeded]
    near = _overlapping(found, heeded, (before, after))
    for clause, wrong, expected in (
        (BUSY, overlapping, "no slot that overlaps a busy event"),
        (BUFFER, near, "no slot in the buffer before or after a busy event"),
    ):
        wrong = _standing(trial, page, wrong, now)
        if found and (clause == BUSY or before or after):
            seen = _told(*wrong[0]) if wrong else "none"
            trial.judge(clause, not wrong, expected, seen, [events, answer])


def buffer_of(page: Page) -> Slot:
    """Seconds that are kept free before and after an event."""
    buffer = mapping(page.rules, "buffer")
    before, after = (
        each if isinstance(each, int) else 0 for each in (buffer.get("before"), buffer.get("after"))
    )
    return before * MINUTE, after * MINUTE


def _matters(page: Page, hours: Sequence[Hours], taken: Taken, span: Slot) -> bool:
    """Whether a slot might be offered at the event's time, were it not there."""
    start, end = taken.slot
    length = max(page.duration * MINUTE, MINUTE)
    if not (span[0] < start and end < span[1]):
        return False
    tried = [(moment, moment + length) for moment in range(start - start % 300, end, 300)]
    return any(all(one.open(each) for one in hours) for each in tried)


def _overlapping(found: Sequence[Offer], taken: Sequence[Taken], buffer: Slot) -> list[tuple[Offer, Taken]]:
    return [
        (offer, each)
        for offer in found
        for each in taken
        if offer.overlaps((each.slot[0] - buffer[0], each.slot[1] + buffer[1]))
    ]


def _standing(
    trial: Trial, page: Page, wrong: list[tuple[Offer, Taken]], now: int
) -> list[tuple[Offer, Taken]]:
    """Those slots that are offered even now, while the event is still in the calendar."""
    if not wrong:
        return []
    again = {each.slot for each in all_offers(trial, page, now)}
    offer, event = next((each for each in wrong if each[0].slot in again), wrong[0])
    still = read_calendars(trial, page, *event.slot).taken
    stands = any((each.host, each.slot) == (event.host, event.slot) for each in still)
    return [(offer, event)] if stands and offer.slot in again else []


def _told(offer: Offer, taken: Taken) -> str:
    return f"{offer.told}, while {taken.host} is busy from {taken.slot[0]} to {taken.slot[1]} ({taken.title})"
