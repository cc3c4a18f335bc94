"""Availability: how it is asked for, and what is true of every slot."""

from contextlib import suppress

from conformance.checking import check
from conformance.offers import FURTHEST, Offer, all_offers, offers_of
from conformance.openhours import offset_at, wall_text
from conformance.pages import Page, clock_change
from conformance.strangers.exchange import Exchange
from conformance.target import AVAILABILITY, DAY, Slot, Unverified
from conformance.trial import Trial

SHAPE, WINDOW, LENGTH, REFUSED, WAYS, INVERTED = (f"BK-AVAIL-{number:03}" for number in range(1, 7))
GRID, NOTICE, HORIZON, EMAILS, ORDER = (f"BK-AVAIL-{number:03}" for number in range(15, 20))
MOST = 6
"""How many configurations are looked at."""
MINUTE = 60
NO_TIMES = ("soon", "2026-04-01T10:00:00Z", "1e", "[]")


@check(SHAPE, WINDOW, WAYS, INVERTED, ORDER)
def availability_is_asked_for(trial: Trial) -> None:
    """Ask for the slots of a day, of windows that cut slots in two, and of one that ends before it begins."""
    page = _any_page(trial)
    start, end = _day_with_slots(trial, page)
    answer = trial.availability(page, start, end)
    trial.judge(WAYS, answer.accepted, "200", answer, [answer])
    if not trial.judge(
        SHAPE, _is_documented(answer), "data.time_slots, of slots with both times", answer, [answer]
    ):
        raise Unverified(f"availability was not answered as documented: {answer.told()}")
    found = offers_of(answer)
    starts = [each.start for each in found]
    trial.judge(ORDER, starts == sorted(set(starts)), "slots in the order of time", answer, [answer])
    for window in _awkward_windows(found):
        answer = trial.availability(page, *window)
        if trial.judge(SHAPE, _is_documented(answer), "data.time_slots", answer, [answer]):
            _judge_window(trial, answer, window)
    answer = trial.availability(page, end, start)
    if answer.accepted:
        trial.judge(SHAPE, _is_documented(answer), "data.time_slots, empty or null", answer, [answer])
    trial.judge(INVERTED, answer.accepted and not offers_of(answer), "200 without slots", answer, [answer])


@check(REFUSED)
def a_window_without_both_ends_is_refused(trial: Trial) -> None:
    """Leave out an end of the window, and give what is no time."""
    page = _any_page(trial)
    start, end = _window(trial)
    whole = {"start_time": str(start), "end_time": str(end)}
    broken = [{key: value} for key, value in whole.items()]
    broken += [{**whole, key: text} for key in whole for text in NO_TIMES]
    for query in broken:
        answer = trial.ask(page, "GET", AVAILABILITY, query=query)
        trial.judge(REFUSED, answer.refused, "refused: the window is none", answer, [answer])


@check(WAYS)
def availability_is_asked_for_by_slug(trial: Trial) -> None:
    """Ask by slug a configuration that answers when it is asked by its id."""
    client = trial.target.settings.client_id
    if client is None:
        raise Unverified("no client id was given")
    start, end = _window(trial)
    page = next((each for each in trial.pages("slug") if trial.availability(each, start, end).accepted), None)
    if page is None:
        raise Unverified("no configuration with a slug answers")
    query = {"slug": page.slug, "client_id": client, "start_time": start, "end_time": end}
    answer = trial.call("GET", AVAILABILITY, query=query)
    trial.judge(WAYS, answer.accepted, "200", answer, [answer])


@check(LENGTH, EMAILS)
def slots_are_as_the_configuration_says(trial: Trial) -> None:
    """Compare a month of slots with their configurations: length, and who is named."""
    now = trial.target.now()
    pages = trial.pages("body")
    for page in sorted(pages, key=lambda each: clock_change(each, now) is None)[:MOST]:
        found = _found(trial, page, now)
        answer = trial.exchanges[-1]
        if not found or not page.duration:
            continue
        length = page.duration * MINUTE
        wrong = next((each for each in found if each.end - each.start != length), None)
        seen = _told(page, wrong) if wrong else "all do"
        trial.judge(LENGTH, wrong is None, f"slots that last {page.duration} minutes", seen, [answer])
        known = {str(each.get("email")).lower() for each in page.participants}
        strange = sorted({email for each in found for email in each.who} - known)
        trial.judge(EMAILS, not strange, "nobody but participants", f"{strange} in slots", [answer])
    if not {LENGTH, EMAILS} <= trial.judged:
        raise Unverified("nothing is on offer")


@check(GRID)
def slots_begin_on_a_grid(trial: Trial) -> None:
    """Look whether the slots of a day are whole intervals apart."""
    now = trial.target.now()
    for page in trial.pages("interval")[:MOST]:
        step = page.interval * MINUTE
        if step <= 0 or step % (page.round_to * MINUTE):
            continue  # rounding moves starts off the grid
        days: dict[int, list[Offer]] = {}
        for each in _found(trial, page, now):
            days.setdefault((each.start + _offset(page, each.start)) // DAY, []).append(each)
        for day in days.values():
            found = sorted(day, key=lambda each: each.start)
            if len(found) < 2 or _offset(page, found[0].start) != _offset(page, found[-1].start):
                continue
            apart = {(each.start - found[0].start) % step for each in found}
            seen = f"starts at {[each.start for each in found[:12]]}"
            trial.judge(GRID, apart == {0}, f"starts {page.interval} minutes apart", seen)
    if GRID not in trial.judged:
        raise Unverified(
            "no day offers two slots of a configuration whose interval is a multiple of round_to"
        )


@check(NOTICE)
def the_notice_is_kept(trial: Trial) -> None:
    """Look whether slots begin before the notice for booking has run out."""
    for page in trial.pages("notice")[:MOST]:
        now = trial.target.now()
        earliest = now + page.notice * MINUTE
        answer = trial.availability(page, now, earliest + DAY)
        try:
            early = [each for each in offers_of(answer) if each.start < earliest]
        except Unverified:
            continue
        seen = early[0].told if early else "none"
        trial.judge(NOTICE, not early, f"no slot before {earliest}", seen, [answer])
    if NOTICE not in trial.judged:
        raise Unverified("no configuration with a notice answers")


@check(HORIZON)
def the_horizon_is_kept(trial: Trial) -> None:
    """Ask for slots beyond the last day that can be booked."""
    for page in trial.pages("body")[:MOST]:
        beyond = trial.target.now() + (page.days + 2) * DAY
        answer = trial.availability(page, beyond, beyond + 3 * DAY)
        if answer.accepted:
            far = offers_of(answer)
            seen = far[0].told if far else "none"
            trial.judge(HORIZON, not far, f"no slot after {page.days} days", seen, [answer])
    if HORIZON not in trial.judged:
        raise Unverified("no configuration answers")


def _judge_window(trial: Trial, answer: Exchange, window: Slot) -> None:
    outside = [each for each in offers_of(answer) if each.start < window[0] or each.end > window[1]]
    seen = outside[0].told if outside else "all are"
    trial.judge(WINDOW, not outside, f"slots from {window[0]} to {window[1]}", seen, [answer])


def _awkward_windows(found: list[Offer]) -> list[Slot]:
    """Windows that begin or end in the middle of a slot, or with one."""
    found = sorted(found, key=lambda each: each.start)
    first, last = found[0], found[-1]
    half = (first.end - first.start) // 2
    return [
        (first.start, last.end),
        (first.start + MINUTE, last.end - MINUTE),
        (first.start + half, last.end),
        (first.start, last.start + half),
        (first.start, first.end),
        (first.start, first.end - 1),
        (first.start + 1, first.end),
    ]


def _any_page(trial: Trial) -> Page:
    """A configuration of whatever kind, one that can be booked at once where there is one."""
    for need in ("booking", "confirmation", "round-robin"):
        with suppress(Unverified):
            return trial.page(need)
    return trial.page("private")


def _day_with_slots(trial: Trial, page: Page) -> Slot:
    """A stretch of a day that has slots. Raises Unverified where there is none."""
    slot = trial.free_slot(page)
    return slot[0], slot[0] + DAY


def _window(trial: Trial) -> Slot:
    start, _ = trial.target.settings.limits.window.at(trial.target.now())
    return start, start + DAY


def _is_documented(answer: Exchange) -> bool:
    """Whether it has a list of slots with both times, or null for none."""
    data = answer.data
    if not answer.accepted or not isinstance(data, dict) or "time_slots" not in data:
        return False
    slots = data["time_slots"]
    return slots is None or (isinstance(slots, list) and all(_is_slot(each) for each in slots))


def _is_slot(slot: object) -> bool:
    if not isinstance(slot, dict):
        return False
    start, end = slot.get("start_time"), slot.get("end_time")
    return type(start) is int and type(end) is int and start < end


def _found(trial: Trial, page: Page, now: int) -> list[Offer]:
    """What a page offers in the coming month, and around the change of the clocks where that is later."""
    change = clock_change(page, now)
    if change is not None and change > now + FURTHEST * DAY:
        return offers_of(trial.availability(page, change - DAY, change + 2 * DAY))
    try:
        return all_offers(trial, page, now)
    except Unverified:
        return []


def _offset(page: Page, moment: int) -> int:
    return offset_at(moment, page.zone or "UTC")


def _told(page: Page, offer: Offer) -> str:
    zone = page.zone or "UTC"
    return f"{offer.told}: {wall_text(offer.start, zone)} to {wall_text(offer.end, zone)}"
