"""The configurations that can be booked at a target, and what they are good for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

IN_TURN = ("max-fairness", "max-availability")
DEFAULT_DAYS = 30
DEFAULT_NOTICE = 60
DEFAULT_ROUND_TO = 15
LONGEST_GAP = 4 * 3600
"""Seconds: buffers before and after are at most 120 minutes each."""

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """A configuration. `body` is all of it where the target let us read it, else what its settings tell."""

    id: str
    role: str = ""
    """Given by the settings where the target can't tell it: `expired`, `unscoped`."""
    grant: str = ""
    """The grant that it was listed under."""
    body: Body = field(default_factory=dict, hash=False, compare=False)
    complete: bool = False
    """Whether `body` is the whole configuration."""
    by_slug: str = ""
    """The slug to ask with, in place of the id."""

    @property
    def slug(self) -> str:
        return str(self.body.get("slug") or "")

    @property
    def private(self) -> bool:
        return self.role == "private" or bool(self.body.get("requires_session_auth"))

    @property
    def asks(self) -> bool:
        """Whether the organizer has to confirm."""
        booking_type = self.event.get("booking_type") or self.body.get("booking_type")
        return self.role == "confirmation" or booking_type == "organizer-confirmation"

    @property
    def in_turn(self) -> bool:
        """Whether hosts take turns."""
        return self.role == "round-robin" or self.rules.get("availability_method") in IN_TURN

    @property
    def plain(self) -> bool:
        """Whether anybody can book it, at once, with everybody in it."""
        return not (self.private or self.asks or self.in_turn or self.role in ("expired", "unscoped"))

    @property
    def event(self) -> Body:
        return mapping(self.body, "event_booking")

    @property
    def availability(self) -> Body:
        return mapping(self.body, "availability")

    @property
    def rules(self) -> Body:
        return mapping(self.availability, "availability_rules")

    @property
    def scheduler(self) -> Body:
        return mapping(self.body, "scheduler")

    @property
    def participants(self) -> list[Body]:
        found = self.body.get("participants")
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    @property
    def hosts(self) -> list[Body]:
        """The participants whose calendars decide what is free."""
        return [each for each in self.participants if each.get("availability")]

    @property
    def organizer(self) -> str:
        """The organizer's e-mail address, or nothing where hosts take turns or it isn't known."""
        found = next((each for each in self.participants if each.get("is_organizer")), None)
        organizer = found or mapping(self.body, "organizer")
        return str(organizer.get("email") or "")

    def calendar_of(self, host: str) -> str:
        """The id of the calendar that a host's bookings are written to, as far as it is known."""
        found = next((each for each in self.participants if each.get("email") == host), {})
        return str(mapping(found, "booking").get("calendar_id") or "primary")

    @property
    def gap(self) -> int:
        """Seconds that two bookings have to be apart so that their buffers don't touch the other one."""
        if not self.complete:
            return LONGEST_GAP
        buffer = mapping(self.rules, "buffer")
        return 60 * sum(int(buffer.get(side) or 0) for side in ("before", "after"))

    @property
    def duration(self) -> int:
        """Minutes, or 0 where it isn't known."""
        return _number(self.availability, "duration_minutes", 0)

    @property
    def interval(self) -> int:
        """Minutes from one start to the next, or 0 where the duration counts."""
        return _number(self.availability, "interval_minutes", 0)

    @property
    def round_to(self) -> int:
        """Starts are multiples of so many minutes."""
        return _number(self.availability, "round_to", 0) or DEFAULT_ROUND_TO

    @property
    def notice(self) -> int:
        """Minutes before which it has to be booked."""
        return _number(self.scheduler, "min_booking_notice", DEFAULT_NOTICE)

    @property
    def days(self) -> int:
        """How many days ahead it can be booked."""
        return _number(self.scheduler, "available_days_in_future", 0) or DEFAULT_DAYS

    @property
    def zone(self) -> str:
        """The event's time zone, or nothing."""
        return str(self.event.get("timezone") or "")

    @property
    def fields(self) -> Mapping[str, Body]:
        """The questions to the guest."""
        return {
            key: each
            for key, each in mapping(self.scheduler, "additional_fields").items()
            if isinstance(each, dict)
        }

    @property
    def answers(self) -> dict[str, str]:
        """Answers that the required questions accept, as far as they can be made up."""
        return {key: _answer(each) for key, each in self.fields.items() if each.get("required")}


def features(now: int) -> dict[str, Callable[[Page], bool]]:
    """What makes a page fit to look at a clause with, by the clause's need."""
    return {
        "booking": lambda page: page.plain,
        "confirmation": lambda page: page.asks and not page.private,
        "private": lambda page: page.private,
        "round-robin": lambda page: page.in_turn and not page.private,
        "fairness": lambda page: page.rules.get("availability_method") == "max-fairness",
        "body": lambda page: page.complete and page.plain,
        "slug": lambda page: bool(page.slug) and not page.private,
        "hours": lambda page: readable(page) and bool(open_hours(page)),
        "own-hours": lambda page: readable(page) and _own_hours(page),
        "clock-change": lambda page: readable(page) and clock_change(page, now) is not None,
        "exdates": lambda page: readable(page) and any(each.get("exdates") for each in open_hours(page)),
        "specific": lambda page: readable(page) and bool(specific_times(page)),
        "buffer": lambda page: readable(page) and any(mapping(page.rules, "buffer").values()),
        "interval": lambda page: readable(page) and bool(page.availability.get("interval_minutes")),
        "notice": lambda page: readable(page) and page.notice > 0,
        "collective": lambda page: readable(page) and len(page.hosts) > 1,
        "fields": lambda page: page.plain and bool(page.fields),
        "reminders": lambda page: page.plain and bool(webhook_reminders(page)),
        "cancellation-notice": lambda page: (
            page.plain and bool(page.scheduler.get("min_cancellation_notice"))
        ),
        "expired": lambda page: page.role == "expired",
        "unscoped": lambda page: page.role == "unscoped",
    }


def readable(page: Page) -> bool:
    """Whether all of it is known, anybody may ask when it is free, and everybody has to be there."""
    usable = page.role not in ("expired", "unscoped")
    return page.complete and usable and not (page.private or page.in_turn)


def open_hours(page: Page) -> list[Body]:
    """All blocks of open hours, the default ones and the participants' own."""
    blocks = list(mappings(page.rules, "default_open_hours"))
    for host in page.hosts:
        blocks += mappings(mapping(host, "availability"), "open_hours")
    return blocks


def specific_times(page: Page) -> list[Body]:
    """All entries for certain dates, the default ones and the participants' own."""
    entries = list(mappings(page.rules, "default_specific_time_availability"))
    for host in page.participants:
        entries += mappings(host, "specific_time_availability")
    return entries


def clock_change(page: Page, now: int) -> int | None:
    """The day (Unix time, within the page's horizon) on which the clocks of the event's zone change."""
    if not page.zone or not open_hours(page):
        return None
    try:
        zone = ZoneInfo(page.zone)
    except (KeyError, ValueError, OSError):
        return None
    begun = datetime.fromtimestamp(now, zone)
    for day in range(1, page.days):
        before, after = (begun + timedelta(days=day + each) for each in (0, 1))
        if before.utcoffset() != after.utcoffset():
            return int(before.timestamp())
    return None


def _own_hours(page: Page) -> bool:
    return bool(mappings(page.rules, "default_open_hours")) and any(
        mappings(mapping(host, "availability"), "open_hours") for host in page.hosts
    )


def webhook_reminders(page: Page) -> list[int]:
    """Minutes before the start at which the page's webhook reminders are due."""
    reminders = mappings(page.event, "reminders")
    return [int(each["minutes_before_event"]) for each in reminders if each.get("type") == "webhook"]


def _answer(field: Body) -> str:
    options = field.get("options")
    if isinstance(options, list) and options:
        return str(options[0])
    by_type = {
        "email": "answer@example.com",
        "phone_number": "+14155550137",
        "date": "2026-03-02",
        "checkbox": "true",
    }
    return str(field.get("default") or by_type.get(str(field.get("type")), "an answer"))


def _number(of: Body, key: str, default: int) -> int:
    """The whole number under a key; what is none counts as not given."""
    found = of.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else default


def mapping(of: Body, key: str) -> Body:
    """The object under a key, or an empty one."""
    found = of.get(key)
    return found if isinstance(found, dict) else {}


def mappings(of: Body, key: str) -> list[Body]:
    """The objects in the list under a key."""
    found = of.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
