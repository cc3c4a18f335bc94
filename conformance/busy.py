"""When a page's hosts are busy, by their calendars as the target itself lists them."""

from dataclasses import dataclass, field

from conformance.openhours import Unreadable, day_span
from conformance.pages import Body, Page, mapping, mappings
from conformance.target import DAY, Slot
from conformance.trial import Trial

MOST_PAGES = 10
"""How many pages of a list of events are read."""
MOST_AHEAD, MOST_BEHIND = 14 * 3600, 12 * 3600
"""Seconds by which zones are ahead of and behind UTC, at most."""
MARGIN = 2 * DAY
"""Around what is looked at: an event without a clock time has its place somewhere in here."""


@dataclass(frozen=True)
class Taken:
    """A time at which a host is busy without any doubt."""

    host: str
    slot: Slot
    title: str


@dataclass
class Calendars:
    """The events of a page's hosts in a stretch of time."""

    taken: list[Taken] = field(default_factory=list)
    vague: list[Slot] = field(default_factory=list)
    """Where something lies that may make somebody busy or not: all-day, tentative or free events."""
    unread: list[str] = field(default_factory=list)
    """Hosts whose calendars can't be read, or not as a whole."""

    def clear(self, start: int, end: int) -> bool:
        """Whether surely nobody has anything between two times."""
        spans = [*(each.slot for each in self.taken), *self.vague]
        return not self.unread and not any(first < end and start < last for first, last in spans)


def read_calendars(trial: Trial, page: Page, start: int, end: int) -> Calendars:
    """Read the calendars that decide when the page's hosts are free. Raises Unverified without an API key."""
    found = Calendars()
    for host in page.hosts:
        for calendar_id in calendars_of(host):
            _read(trial, found, str(host.get("email")), calendar_id, (start - MARGIN, end + MARGIN))
    return found


def calendars_of(host: Body) -> list[str]:
    """The ids of the calendars that make a host busy."""
    ids = mapping(host, "availability").get("calendar_ids")
    return [str(each) for each in ids] if isinstance(ids, list) else []


def _read(trial: Trial, found: Calendars, host: str, calendar_id: str, span: Slot) -> None:
    token: str | None = None
    for _ in range(MOST_PAGES):
        query = {"calendar_id": calendar_id, "start": span[0], "end": span[1], "limit": 200}
        more = {"expand_recurring": "true", **({"page_token": token} if token else {})}
        answer = trial.admin("GET", f"/v3/grants/{host}/events", query={**query, **more})
        if not answer.accepted or not isinstance(answer.data, list):
            break
        for event in answer.data:
            _sort(found, host.lower(), event, span)
        token = answer.content.get("next_cursor")
        if not token:
            return
    found.unread.append(host)


def _sort(found: Calendars, host: str, event: object, span: Slot) -> None:
    """Put an event where it belongs."""
    if not isinstance(event, dict) or event.get("status") == "cancelled":
        return
    slot = _timespan(event)
    if slot is None:
        found.vague.append(_around(event, span))
    elif _surely_busy(event, host):
        found.taken.append(Taken(host, slot, str(event.get("title") or "")))
    else:
        found.vague.append(slot)


def _surely_busy(event: Body, host: str) -> bool:
    """Confirmed, marked busy, and accepted by the host if a guest of it, for a provider may heed that."""
    said = [each.get("status") for each in mappings(event, "participants") if _is(each, host)]
    comes = all(each == "yes" for each in said)
    return event.get("busy") is True and event.get("status") == "confirmed" and comes


def _is(person: Body, email: str) -> bool:
    return str(person.get("email")).lower() == email


def _timespan(event: Body) -> Slot | None:
    """When it takes place by the clock; None for what does so by dates, or again and again."""
    when = mapping(event, "when")
    start, end = when.get("start_time"), when.get("end_time")
    if type(start) is int and type(end) is int and start < end and not event.get("recurrence"):
        return start, end
    return None


def _around(event: Body, span: Slot) -> Slot:
    """A stretch in which an event without a clock time lies for sure, whatever zone it is meant in."""
    when = mapping(event, "when")
    first = when.get("date") or when.get("start_date")
    last = when.get("date") or when.get("end_date")
    if event.get("recurrence"):
        return span
    try:
        return day_span(str(first), "UTC")[0] - MOST_AHEAD, day_span(str(last), "UTC")[1] + MOST_BEHIND
    except Unreadable:
        return span
