"""What has to hold over several answers, and what no schema says of one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from conformance.generation.stock import Held, Stock
from conformance.strangers.exchange import Exchange
from conformance.target import Slot, Unverified, slots_of
from conformance.trial import decoded_reference

RESOLD_EVERY = 3
"""Of so many bookings one is tried a second time."""
IDS = (("booking_id", "booking_id"), ("configuration_id", "id"), ("webhook_id", "id"))
"""Parameters of paths, and where the answer tells the same."""


@dataclass(frozen=True)
class Sent:
    """A request for an operation and its answer. `held` is the booking that it was about or made."""

    operation: str
    path_parameters: dict[str, Any]
    exchange: Exchange
    held: Held | None = None
    slot: Slot | None = None

    @property
    def data(self) -> dict[str, Any]:
        """`data` of a success."""
        found = self.exchange.data if self.exchange.ok else None
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Seen:
    """What a rule says, with the exchanges that show it."""

    check: str
    holds: bool
    expected: str
    seen: str
    exchanges: tuple[Exchange, ...]
    operation: str = ""
    """Where it isn't the one that was sent."""


class Rules:
    """Looks at one success after the other and remembers what it has to."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._sold: dict[str, tuple[str, Slot, Exchange]] = {}
        """Page, slot and the answer that sold it, by booking id."""
        self._cancelled: dict[str, Exchange] = {}
        self._bookings = 0

    def look(self, sent: Sent) -> Iterator[Seen]:
        """What every rule that has something to look at says."""
        if not sent.exchange.accepted:
            return
        yield from self._asked_for(sent)
        if sent.operation == "getAvailability":
            yield from self._inside_window(sent)
        if "booking_id" in sent.data and sent.held is not None:
            yield from self._reference(sent, sent.held)
        if sent.operation in ("createBooking", "rescheduleBooking"):
            yield from self._sale(sent)
        elif sent.operation in ("cancelBooking", "confirmBooking", "getBooking"):
            yield from self._standing(sent)

    def _asked_for(self, sent: Sent) -> Iterator[Seen]:
        if sent.operation == "rescheduleBooking":
            return  # some give a moved booking a new id
        for parameter, key in IDS:
            wanted = sent.path_parameters.get(parameter)
            if wanted is not None and key in sent.data:
                same = str(sent.data[key]).lower() == str(wanted).lower()
                seen = f"{key} {sent.data[key]!r}"
                yield Seen("asked_for", same, f"{key} {wanted}", seen, (sent.exchange,))

    def _inside_window(self, sent: Sent) -> Iterator[Seen]:
        query = parse_qs(urlsplit(sent.exchange.url).query)
        bounds = [query.get(key, [""])[0] for key in ("start_time", "end_time")]
        try:
            slots = slots_of(sent.exchange)
        except Unverified:
            return
        if not slots or not all(each.isascii() and each.isdigit() for each in bounds):
            return
        start, end = map(int, bounds)
        outside = [slot for slot in slots if slot[0] < start or slot[1] > end]
        expected = f"slots from {start} to {end}"
        yield Seen("inside_window", not outside, expected, repr(outside[:3]), (sent.exchange,))

    def _reference(self, sent: Sent, held: Held) -> Iterator[Seen]:
        reference = sent.data.get("booking_ref")
        if not isinstance(reference, str) or not reference:
            return
        expected = f"the configuration {held.page.id} and the booking {sent.data['booking_id']}"
        try:
            configuration, booking, _ = decoded_reference(reference)
        except Unverified as reason:
            yield Seen("reference_decodes", False, expected, str(reason), (sent.exchange,))
            return
        right = [configuration, booking] == [held.page.id.lower(), str(sent.data["booking_id"]).lower()]
        yield Seen("reference_decodes", right, expected, f"{configuration}, {booking}", (sent.exchange,))

    def _sale(self, sent: Sent) -> Iterator[Seen]:
        if sent.held is None or sent.slot is None:
            return
        moved = str(sent.path_parameters.get("booking_id", "")).lower()
        self._sold.pop(moved, None)
        start, end = sent.slot
        for id, (page, (begun, ended), sale) in self._sold.items():
            if id != sent.held.id and page == sent.held.page.id and begun < end and start < ended:
                seen = f"{start} to {end} is sold twice: {id} has {begun} to {ended}"
                yield Seen("sold_once", False, "a slot is sold once", seen, (sale, sent.exchange))
        self._sold[sent.held.id] = sent.held.page.id, sent.slot, sent.exchange
        if sent.operation == "createBooking":
            yield from self._sell_again(sent)

    def _sell_again(self, sent: Sent) -> Iterator[Seen]:
        self._bookings += 1
        held, slot = sent.held, sent.slot
        if held is None or slot is None or self._bookings % RESOLD_EVERY:
            return
        try:
            self._stock.target.require_budget()
        except Unverified:
            return
        again = self._stock.again(sent.exchange)
        if again.ok and isinstance(again.data, dict) and "booking_id" in again.data:
            self._stock.hold(held.page, slot, again)
        if again.ok or again.refused:
            seen, shown = again.told(), (sent.exchange, again)
            yield Seen("sold_once", again.refused, "the same slot is refused", seen, shown)

    def _standing(self, sent: Sent) -> Iterator[Seen]:
        id = str(sent.path_parameters.get("booking_id", "")).lower()
        if sent.held is not None and not sent.held.stands:
            self._sold.pop(id, None)
        if sent.operation == "cancelBooking":
            self._cancelled[id] = sent.exchange
        elif sent.operation == "getBooking" and id in self._cancelled:
            status = sent.data.get("status")
            shown = (self._cancelled[id], sent.exchange)
            yield Seen("stays_cancelled", status == "cancelled", "status cancelled", repr(status), shown)
