"""What availability offers: slots with those who are free, as far ahead as a page is looked at."""

from dataclasses import dataclass
from typing import Any

from conformance.pages import Page
from conformance.strangers.exchange import Exchange
from conformance.target import DAY, NO_GRANT, Slot, Unverified, slots_of
from conformance.trial import Trial

FURTHEST = 31
"""Days that are asked for at a time: the official component asks month by month, too."""


@dataclass(frozen=True)
class Offer:
    """A slot, and the e-mail addresses of those who are free then, where it names them."""

    start: int
    end: int
    emails: tuple[str, ...]
    silent: bool = False
    """Whether the slot says nothing of who is free: `null` is documented, too."""

    @property
    def slot(self) -> Slot:
        return self.start, self.end

    @property
    def who(self) -> set[str]:
        """The e-mail addresses in lower case, to be compared."""
        return {each.lower() for each in self.emails}

    def overlaps(self, slot: Slot) -> bool:
        """Whether the two have a time in common; touching is none."""
        return self.start < slot[1] and slot[0] < self.end

    @property
    def told(self) -> str:
        """The slot as it is shown in a finding."""
        return f"{self.start} to {self.end}"


def offers_of(answer: Exchange) -> list[Offer]:
    """The offers of an answer, in its order. Raises Unverified where it isn't what is documented."""
    slots = slots_of(answer)
    entries = answer.data.get("time_slots") or ()
    return [
        Offer(start, end, _emails(entry), silent=isinstance(entry, dict) and entry.get("emails", "") is None)
        for (start, end), entry in zip(slots, entries, strict=True)
    ]


def offers(trial: Trial, page: Page, start: int, end: int, **query: Any) -> list[Offer]:
    """What a page offers between two times (Unix seconds)."""
    return offers_of(trial.availability(page, start, end, **query))


def offer_at(trial: Trial, page: Page, slot: Slot, **query: Any) -> Offer | None:
    """The offer of exactly this slot, if there is one now."""
    return next((each for each in offers(trial, page, *slot, **query) if each.slot == slot), None)


def require_grant(answer: Exchange) -> Exchange:
    """The answer. Raises Unverified where a host's grant has run out, which the documents provide for."""
    if answer.message.startswith(NO_GRANT):
        raise Unverified(f"a host of the configuration has no valid grant: {answer.told()}")
    return answer


def order_of(answer: Exchange) -> list[str]:
    """The hosts in the order of their turn. Raises Unverified where the answer lists none."""
    order = answer.data.get("order") if isinstance(answer.data, dict) else None
    if not isinstance(order, list) or not all(isinstance(each, str) for each in order):
        raise Unverified(f"availability names no order of hosts: {answer.told()}")
    return order


def days_looked_at(page: Page) -> int:
    """How many days ahead a page is looked at."""
    return min(page.days, FURTHEST)


def all_offers(trial: Trial, page: Page, now: int) -> list[Offer]:
    """What a page offers from now on, a month at most."""
    return offers(trial, page, now, now + days_looked_at(page) * DAY)


def _emails(entry: object) -> tuple[str, ...]:
    emails = entry.get("emails") if isinstance(entry, dict) else None
    return tuple(str(each) for each in emails) if isinstance(emails, list) else ()
