"""Open hours: every slot that is offered has to lie inside them, judged by an oracle of our own."""

from collections.abc import Iterable, Sequence

from conformance.busy import read_calendars
from conformance.checking import check
from conformance.offers import Offer, all_offers, days_looked_at, offers
from conformance.openhours import (
    Hours,
    Reading,
    all_hours,
    day_span,
    known_zones,
    offset_at,
    wall_span,
    wall_text,
)
from conformance.pages import Page, features
from conformance.strangers.exchange import Exchange
from conformance.target import DAY, Unverified
from conformance.trial import Trial

INSIDE, OWN, ZONES, CHANGE, EXDATES, SPECIFIC = (f"BK-AVAIL-0{number:02}" for number in range(7, 13))
PROMISED = {
    INSIDE: "a slot inside the open hours",
    OWN: "a slot inside the participant's own hours, whatever the default ones are",
    ZONES: "a slot inside the open hours, in the zone that they are meant in",
    CHANGE: "a slot inside the open hours as the wall clock shows them, before and after a change of clocks",
    EXDATES: "no slot in hours that are closed by exdates",
    SPECIFIC: "a slot inside the hours that are given for its date",
}
MOST = 8
"""How many configurations are looked at."""
NEEDS = ("specific", "exdates", "own-hours", "clock-change", "hours")
READ = ("participants", "availability", "event_booking", "scheduler")


@check(INSIDE, OWN, ZONES, CHANGE, EXDATES, SPECIFIC)
def slots_lie_inside_open_hours(trial: Trial) -> None:
    """Look whether everybody who has to be there is open at each slot of a month."""
    now = trial.target.now()
    for page in _pages(trial)[:MOST]:
        try:
            _judge_page(trial, page, now)
        except Unverified as reason:
            for clause in PROMISED:
                trial.findings.unverified(clause, str(reason))
    for clause in PROMISED.keys() - trial.judged:
        trial.findings.unverified(clause, "nothing that is on offer could show it")


def _pages(trial: Trial) -> list[Page]:
    """Those with open hours or hours for certain dates; first one or two for everything that can be seen."""
    fits = features(trial.target.now())
    by_need = [[each for each in trial.target.pages if fits[need](each)] for need in NEEDS]
    first = [page for found in by_need for page in found[:2]]
    return list(dict.fromkeys([*first, *(page for found in by_need for page in found)]))


def _judge_page(trial: Trial, page: Page, now: int) -> None:
    hours = all_hours(page)
    found = all_offers(trial, page, now)
    answer = trial.exchanges[-1]
    if not all(one.open(each.slot) for each in found for one in hours):
        _require_unchanged(trial, page)
        again = {each.slot for each in all_offers(trial, page, now)}
        found = [each for each in found if each.slot in again]
    broken: dict[str, str] = {}
    for one in hours:
        wrong = next((each for each in found if not one.open(each.slot)), None)
        if wrong is not None:
            broken.setdefault(_clause_against(page, one, found, now), _told(wrong, one))
    for clause in PROMISED:
        if clause in broken:
            trial.judge(clause, False, PROMISED[clause], broken[clause], [answer])
        elif clause in _shown(hours, found, now, days_looked_at(page)):
            trial.judge(clause, True, PROMISED[clause], "", [answer])
    for one in hours:
        _judge_specific(trial, page, one, found, answer, now)


def _require_unchanged(trial: Trial, page: Page) -> None:
    """Raise Unverified where somebody has changed the configuration since it was read."""
    path = f"/v3/grants/{page.grant}/scheduling/configurations/{page.id}"
    body = trial.admin("GET", path).data
    if not isinstance(body, dict) or any(body.get(key) != page.body.get(key) for key in READ):
        raise Unverified("somebody has changed the configuration meanwhile")


def _clause_against(page: Page, hours: Hours, found: Sequence[Offer], now: int) -> str:
    """The clause that wrong slots speak against: by the mistake that explains all of them, if one does."""
    later = now + days_looked_at(page) * DAY
    mistakes = [
        (SPECIFIC, Reading(any_hours_on_dates=True)),
        (EXDATES, Reading(no_exdates=True)),
        (CHANGE, Reading(offset_of=now)),
        (CHANGE, Reading(offset_of=later)),
        *((ZONES, Reading(zone=zone)) for zone in known_zones(page)),
        (OWN, Reading(defaults_too=True)),
    ]
    explaining = (
        clause for clause, mistake in mistakes if all(hours.open(each.slot, mistake) for each in found)
    )
    return next(explaining, INSIDE)


def _shown(hours: Sequence[Hours], found: Sequence[Offer], now: int, days: int) -> set[str]:
    """The clauses about which these slots say something."""
    if not found or not hours:
        return set()
    last = max(each.start for each in found)
    zones = {zone for each in hours for zone in each.zones}
    span = (now + DAY, min(last, now + days * DAY))
    exdates = {day for one in hours for block in one.blocks for day in block.exdates}
    shown = {
        INSIDE: True,
        OWN: any(each.replaced and set(each.replaced) != set(each.blocks) for each in hours),
        ZONES: any(offset_at(now, zone) for zone in zones),
        CHANGE: any(offset_at(last, zone) != offset_at(now, zone) for zone in zones),
        EXDATES: _any_within(exdates, span),
        SPECIFIC: _any_within({each.date for one in hours for each in one.entries}, span),
    }
    return {clause for clause, is_shown in shown.items() if is_shown}


def _any_within(dates: Iterable[str], span: tuple[int, int]) -> bool:
    return any(span[0] <= day_span(each, "UTC")[0] and day_span(each, "UTC")[1] <= span[1] for each in dates)


def _judge_specific(
    trial: Trial, page: Page, hours: Hours, found: Sequence[Offer], answer: Exchange, now: int
) -> None:
    """Hours of a date open it: where nothing stands against it, there has to be a slot in them."""
    if len(page.hosts) != 1 or trial.target.missing().get("events"):
        return
    for entry in hours.entries:
        zone = entry.zones[0]
        start, end = wall_span(entry, zone)
        if len(entry.zones) > 1 or not _is_plain(page, start, end, now):
            continue
        if not read_calendars(trial, page, start, end).clear(start - 2 * page.gap, end + 2 * page.gap):
            continue
        there = any(start <= each.start and each.end <= end for each in found)
        if not there and any(start <= each.start < end for each in offers(trial, page, start, end)):
            continue
        seen = "one" if there else f"none from {wall_text(start, zone)} to {wall_text(end, zone)}"
        trial.judge(SPECIFIC, there, "a slot in the hours that are given for a date", seen, [answer])


def _is_plain(page: Page, start: int, end: int, now: int) -> bool:
    """Whether hours are long enough for a slot, wherever its grid begins, and not too near or too far."""
    step = page.interval or page.duration
    room = 60 * (page.duration + step + page.round_to)
    earliest, latest = now + (page.notice + 60) * 60, now + (days_looked_at(page) - 1) * DAY
    return bool(page.duration) and end - start >= room and earliest < start and end < latest


def _told(offer: Offer, hours: Hours) -> str:
    zone = hours.zones[0]
    shown = f"{wall_text(offer.start, zone)} to {wall_text(offer.end, zone)}"
    return f"{offer.told}: {shown}, when {hours.email} is closed"
