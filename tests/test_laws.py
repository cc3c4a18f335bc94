"""What must always hold, whatever guests, organizers, the clock and broken clients do.

A machine does random things to one mock and keeps, beside it, a small model of what it has been told. After
each step the laws are looked up in the world itself, not in answers. Availability is the model of itself: a
slot can be booked if, and only if, it was offered just before.
"""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from werkzeug.test import TestResponse

from mockserver.domain.calendars import CONFIGURATION_STAMP, Calendar, Event
from mockserver.domain.transaction import Letter
from tests.support.worlds import API_KEY, ASK, DOCUMENT, INTRO, PRIVATE, TEN, Mock, configuration, participant

BOOKINGS = "/v3/scheduling/bookings"
AVAILABILITY = "/v3/scheduling/availability"
DAY = 86_400
HOUR = 3_600

LONG = "77777777-7777-4777-8777-777777777777"
PAIR = "88888888-8888-4888-8888-888888888888"
ROBIN = "99999999-9999-4999-8999-999999999999"
REFUSED_SLOT = "The selected timeslot is unavailable"

ALICE, BOB = participant("alice@example.com"), participant("bob@example.com", organizer=False)


def duration(minutes: int, **rules: Any) -> dict[str, Any]:
    return {"duration_minutes": minutes, "interval_minutes": 15, "availability_rules": rules}


WORLD: dict[str, Any] = deepcopy(DOCUMENT)
WORLD["configurations"] |= {
    "long": {
        "id": LONG,
        "grant": "alice",
        "body": configuration(availability=duration(45, buffer={"before": 5, "after": 10})),
    },
    "pair": {
        "id": PAIR,
        "grant": "alice",
        "body": configuration(ALICE, BOB, availability=duration(60)),
    },
    "robin": {
        "id": ROBIN,
        "grant": "alice",
        "body": configuration(
            participant("alice@example.com", organizer=False),
            BOB,
            availability=duration(30, availability_method="max-fairness"),
        ),
    },
}
MINUTES = {INTRO: 30, ASK: 30, PRIVATE: 30, LONG: 45, PAIR: 60, ROBIN: 30}
"""How long what is booked with each configuration lasts; all but `robin` write to Alice's calendar."""

configurations = st.sampled_from(list(MINUTES))
days = st.integers(0, 1)
quarters = st.integers(-6, 29)
"""Quarters of an hour from ten o'clock, some of them outside the open hours."""

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
times = st.sampled_from(["start_time", "end_time"])
not_a_time = st.sampled_from(["soon", True, False, [], {}, -1, 0.5, "1e9", "", None, 10**15])


@dataclass(frozen=True)
class Made:
    """A booking as the machine knows it."""

    id: str
    configuration: str


class Laws(RuleBasedStateMachine):
    made = Bundle("made")

    @initialize()
    def open(self) -> None:
        self.mock = Mock(WORLD)
        self.announced: Counter[str] = Counter()
        self.status: dict[str, str] = {}
        self.times: dict[str, tuple[int, int]] = {}
        self.key = ""
        self._renew_session()

    def teardown(self) -> None:
        if hasattr(self, "mock"):
            self.mock.close()

    # What callers do

    @rule(target=made, configuration=configurations, day=days, quarter=quarters)
    def book(self, configuration: str, day: int, quarter: int) -> Any:
        return self._book(configuration, *self._times(configuration, day, quarter))

    @rule(
        target=made,
        configuration=configurations | st.just(ASK),
        day=days,
        pick=st.integers(0, 99),
    )
    def book_what_is_offered(self, configuration: str, day: int, pick: int) -> Any:
        midnight = TEN - 10 * HOUR + day * DAY
        slots = self._slots(configuration, midnight, midnight + DAY)
        if not slots:
            return multiple()
        start = slots[pick % len(slots)]
        return self._book(configuration, start, start + MINUTES[configuration] * 60)

    @rule(booking=made, day=days, quarter=quarters)
    def reschedule(self, booking: Made, day: int, quarter: int) -> None:
        self._move(booking, *self._times(booking.configuration, day, quarter))

    @rule(booking=made, quarters=st.integers(-3, 3))
    def reschedule_a_little(self, booking: Made, quarters: int) -> None:
        """The old time is in the way of the new one, and does not count."""
        start, end = self.times[booking.id]
        self._move(booking, start + quarters * 900, end + quarters * 900)

    @precondition(lambda self: "pending" in self.status.values())
    @rule(pick=st.integers(0, 9), verdict=st.sampled_from(["confirmed", "cancelled"]))
    def decide(self, pick: int, verdict: str) -> None:
        pending = [each for each, status in self.status.items() if status == "pending"]
        booking_id = pending[pick % len(pending)]
        salt = self.mock.sandbox.world.bookings[booking_id].salt
        wrong = {"salt": "AAAAAAAAAAAAAA", "status": verdict}
        assert self._call("PUT", f"{BOOKINGS}/{booking_id}", ASK, wrong).status_code == 400
        body = {"salt": salt, "status": verdict}
        response = self._call("PUT", f"{BOOKINGS}/{booking_id}", ASK, body)
        assert response.status_code == 200, response.json
        assert self._call("PUT", f"{BOOKINGS}/{booking_id}", ASK, body).status_code == 400
        self.status[booking_id] = "booked" if verdict == "confirmed" else "cancelled"
        self.announced["booking.created" if verdict == "confirmed" else "booking.cancelled"] += 1

    @rule(booking=made)
    def cancel(self, booking: Made) -> None:
        response = self._call("DELETE", f"{BOOKINGS}/{booking.id}", booking.configuration)
        active = self.status[booking.id] != "cancelled"
        assert (response.status_code == 200) == active, response.json
        if active:
            self.status[booking.id] = "cancelled"
            self.announced["booking.cancelled"] += 1

    @rule(booking=made)
    def read(self, booking: Made) -> None:
        response = self._call("GET", f"{BOOKINGS}/{booking.id}", booking.configuration)
        assert response.json["data"]["status"] == self.status[booking.id]

    @rule(booking=made, configuration=configurations)
    def come_with_another_configuration(self, booking: Made, configuration: str) -> None:
        if configuration == booking.configuration:
            return
        decision = {"salt": self.mock.sandbox.world.bookings[booking.id].salt, "status": "confirmed"}
        calls = (("GET", None), ("DELETE", None), ("PATCH", self._body(configuration)), ("PUT", decision))
        for method, body in calls:
            response = self._call(method, f"{BOOKINGS}/{booking.id}", configuration, body)
            assert response.status_code == 404

    @rule(minutes=st.sampled_from([1, 14, 45, 180]))
    def wait(self, minutes: int) -> None:
        self.mock.sandbox.clock.advance(minutes * 60)
        self._renew_session()

    @rule(who=st.sampled_from(["alice", "bob"]), day=days, quarter=quarters, busy=st.booleans())
    def somebody_fills_a_calendar(self, who: str, day: int, quarter: int, busy: bool) -> None:
        start = TEN + day * DAY + quarter * 900
        event = {"calendar": who, "start_time": start, "end_time": start + 1200, "busy": busy}
        assert self.mock.call("POST", "/_mock/events", event).status_code == 200

    # What broken callers do

    @rule(configuration=configurations, key=times, value=not_a_time, body=junk, raw=st.binary(max_size=30))
    def send_what_makes_no_sense(
        self, configuration: str, key: str, value: Any, body: Any, raw: bytes
    ) -> None:
        odd = {**self._body(configuration), key: value}
        one = f"{BOOKINGS}/{next(reversed(self.status), INTRO)}"
        calls = [("POST", BOOKINGS, odd), ("PATCH", one, odd), ("POST", BOOKINGS, body), ("PUT", one, body)]
        for method, path, content in calls:
            assert 400 <= self._call(method, path, configuration, content).status_code < 500
        before = self.mock.snapshot()
        for path in ("sessions", "bookings", "availability", "nothing"):
            headers = {"Authorization": f"Bearer {API_KEY}"}
            response = self.mock.client.post(f"/v3/scheduling/{path}", data=raw, headers=headers)
            assert 400 <= response.status_code < 500
        assert self.mock.snapshot() == before

    # The laws

    @invariant()
    def no_two_active_bookings_share_a_host_s_time(self) -> None:
        for calendar in self._calendars():
            spans = sorted((event.start, event.end) for event in _sold(calendar))
            assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans)), spans

    @invariant()
    def every_booking_has_its_event(self) -> None:
        world = self.mock.sandbox.world
        active = [each for each in world.bookings.values() if each.status != "cancelled"]
        for booking in world.bookings.values():
            event = world.event_at(booking.places[0])
            assert event is not None
            assert (booking.start, booking.end) == self.times[booking.id] == (event.start, event.end)
            alive = [
                placed
                for place in booking.places
                if (placed := world.event_at(place)) is not None and placed.status != "cancelled"
            ]
            if booking.status == "cancelled":
                assert alive == []
            else:
                assert len(alive) == len(booking.places)
                assert all((each.start, each.end) == (booking.start, booking.end) for each in alive)
                assert event.title.startswith("[PENDING] ") == (booking.status == "pending")
                assert (event.status == "tentative") == (booking.status == "pending")
        sold = sorted(event.id for calendar in self._calendars() for event in _sold(calendar))
        assert sold == sorted(booking.event_id for booking in active)

    @invariant()
    def the_world_is_as_told(self) -> None:
        found = {each.id: each.status for each in self.mock.sandbox.world.bookings.values()}
        assert found == self.status

    @invariant()
    def what_was_committed_was_announced_and_nothing_else(self) -> None:
        outbox = self.mock.sandbox.outbox
        found = [delivery.notification for delivery in outbox.deliveries]
        assert Counter(each.type for each in found) == self.announced
        assert len({each.id for each in found}) == len(found)
        self._everybody_was_told([each.letter for each in outbox.mails])

    def _everybody_was_told(self, letters: list[Letter]) -> None:
        guests = Counter(each.type for each in letters if each.role == "guest")
        asked = sum(each.type == "confirmation_request" for each in letters)
        assert asked == self.announced["booking.pending"]
        assert guests["booking_confirmed"] == self.announced["booking.created"]
        ended = guests["booking_declined"] + guests["booking_cancelled"]
        assert ended == self.announced["booking.cancelled"]
        assert guests["booking_rescheduled"] <= self.announced["booking.rescheduled"]

    # Shorthands

    def _book(self, configuration: str, start: int, end: int) -> Any:
        offered = self._offered(configuration, start, end)
        guest = {"name": "Gina", "email": "gina@example.com"}
        body = {"start_time": start, "end_time": end, "guest": guest}
        response = self._call("POST", BOOKINGS, configuration, body)
        assert (response.status_code == 200) == offered, (start, end, response.json)
        if not offered:
            assert response.json["error"]["message"].startswith(REFUSED_SLOT)
            return multiple()
        data = response.json["data"]
        pending = configuration == ASK
        assert data["status"] == ("pending" if pending else "booked")
        self.status[data["booking_id"]] = data["status"]
        self.times[data["booking_id"]] = (start, end)
        self.announced["booking.pending" if pending else "booking.created"] += 1
        return Made(data["booking_id"], configuration)

    def _call(self, method: str, path: str, configuration: str, body: Any = None) -> TestResponse:
        """A call whose refusal may not have changed anything."""
        private = configuration == PRIVATE
        before = self.mock.snapshot()
        query = {} if private else {"configuration_id": configuration}
        response = self.mock.call(method, path, body, self.key if private else None, query)
        assert response.status_code < 500, response.json
        if response.status_code >= 400 or method == "GET":
            assert self.mock.snapshot() == before
        return response

    def _move(self, booking: Made, start: int, end: int) -> None:
        active = self.status[booking.id] != "cancelled"
        offered = active and self._offered(booking.configuration, start, end, booking.id)
        body = {"start_time": start, "end_time": end}
        response = self._call("PATCH", f"{BOOKINGS}/{booking.id}", booking.configuration, body)
        assert (response.status_code == 200) == offered, response.json
        if offered:
            assert response.json["data"]["status"] == self.status[booking.id]
            self.times[booking.id] = (start, end)
            self.announced["booking.rescheduled"] += 1

    def _slots(self, configuration: str, start: int, end: int, moving: str | None = None) -> list[int]:
        private = configuration == PRIVATE
        asked = {"start_time": start, "end_time": end, **({"booking_id": moving} if moving else {})}
        query = asked if private else {**asked, "configuration_id": configuration}
        response = self.mock.call("GET", AVAILABILITY, key=self.key if private else None, query=query)
        assert response.status_code == 200, response.json
        return [slot["start_time"] for slot in response.json["data"]["time_slots"]]

    def _offered(self, configuration: str, start: int, end: int, moving: str | None = None) -> bool:
        """Whether the slot is on offer; asked with a wide window, in which it must not look different."""
        offered = start in self._slots(configuration, start, end, moving)
        assert offered == (start in self._slots(configuration, start - HOUR, end + HOUR, moving))
        return offered

    def _times(self, configuration: str, day: int, quarter: int) -> tuple[int, int]:
        start = TEN + day * DAY + quarter * 900
        return start, start + MINUTES[configuration] * 60

    def _body(self, configuration: str) -> dict[str, Any]:
        start, end = self._times(configuration, 0, 0)
        return {"start_time": start, "end_time": end, "guest": {"name": "G", "email": "g@example.com"}}

    def _calendars(self) -> list[Calendar]:
        grants = self.mock.sandbox.world.grants.values()
        return [calendar for grant in grants for calendar in grant.calendars.values()]

    def _renew_session(self) -> None:
        body = {"configuration_id": PRIVATE, "time_to_live": 30}
        response = self.mock.call("POST", "/v3/scheduling/sessions", body, API_KEY)
        self.key = response.json["data"]["session_id"]


def _sold(calendar: Calendar) -> list[Event]:
    """The events that bookings put there for their organizers, as far as they are alive."""
    return [
        event
        for event in calendar.events
        if CONFIGURATION_STAMP in event.metadata and event.status != "cancelled"
    ]


TestLaws = pytest.mark.slow(Laws.TestCase)
TestLaws.settings = settings(
    max_examples=35,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # with Phase.shrink a failure gets smaller, in some minutes
    suppress_health_check=list(HealthCheck),
)
