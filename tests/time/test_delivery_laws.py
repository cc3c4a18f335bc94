"""Whatever happens to receivers and clocks, a webhook gets every notification or its failure is on record."""

from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from mockserver.delivery.bringing import RETRIED
from tests.support.receiver import Receiver
from tests.support.worlds import API_KEY, INTRO, TEN, Mock

TRIGGERS = ["booking.created", "booking.cancelled", "booking.rescheduled"]
RECEIVERS = 2
HOUR = 3600


class Deliveries(RuleBasedStateMachine):
    """Bookings, clock moves, failing receivers and resets in any order."""

    @initialize()
    def start(self) -> None:
        self.stack = ExitStack()
        self.mock = Mock()
        self.stack.callback(self.mock.close)
        self.receivers = [self.stack.enter_context(Receiver()) for _ in range(RECEIVERS)]
        self._new_world()

    def _new_world(self) -> None:
        self.committed = 0
        self.booked: list[str] = []
        self.before = [len(receiver.received) for receiver in self.receivers]
        for receiver in self.receivers:
            receiver.status, receiver.manner = 200, "answer"
            body = {"trigger_types": TRIGGERS, "webhook_url": receiver.url}
            created = self.mock.call("POST", "/v3/webhooks", body, API_KEY)
            receiver.secrets = [*receiver.secrets, created.json["data"]["webhook_secret"]]

    @rule(slots=st.lists(st.integers(0, 11), min_size=1, max_size=4, unique=True))
    def book(self, slots: list[int]) -> None:
        for slot in slots:
            response = self.mock.book(TEN + slot * 1800)
            if response.status_code == 200:
                self.committed += 1
                self.booked.append(response.json["data"]["booking_id"])

    @rule(extra=st.sampled_from([{"guest": None}, {"additional_fields": {"x": "y"}}, {"start_time": 7}]))
    def ask_for_what_is_refused(self, extra: dict[str, Any]) -> None:
        assert self.mock.book(**extra).status_code == 400

    @precondition(lambda self: self.booked)
    @rule(data=st.data(), slot=st.integers(0, 11))
    def change(self, data: st.DataObject, slot: int) -> None:
        path = f"/v3/scheduling/bookings/{data.draw(st.sampled_from(self.booked))}"
        query = {"configuration_id": INTRO}
        if data.draw(st.booleans()):
            response = self.mock.call("DELETE", path, query=query)
        else:
            start = TEN + slot * 1800
            response = self.mock.call(
                "PATCH", path, {"start_time": start, "end_time": start + 1800}, query=query
            )
        self.committed += response.status_code == 200

    @rule(which=st.integers(0, RECEIVERS - 1), status=st.sampled_from([200, 404, 429, 500, 503, 504]))
    def receiver_answers(self, which: int, status: int) -> None:
        self.receivers[which].manner = "answer"
        self.receivers[which].status = status

    @rule(which=st.integers(0, RECEIVERS - 1))
    def receiver_restarts(self, which: int) -> None:
        """Connections are cut from now on, until it answers again."""
        self.receivers[which].manner = "close"

    @rule(seconds=st.sampled_from([1, 149, 150, 600, HOUR]))
    def pass_time(self, seconds: int) -> None:
        response = self.mock.call("PATCH", "/_mock/clock", {"advance": f"PT{seconds}S"})
        assert response.status_code == 200

    @precondition(lambda self: self.committed > 3)
    @rule()
    def reset(self) -> None:
        self.mock.sandbox.reset()
        self._new_world()

    def teardown(self) -> None:
        if not hasattr(self, "committed"):
            return
        with self.stack:
            self._judge()

    def _judge(self) -> None:
        self.pass_time(2 * HOUR)
        outbox = self.mock.sandbox.outbox
        assert outbox.drain(10)
        rows = list(outbox.deliveries)
        assert len(rows) == RECEIVERS * self.committed
        assert len({row.notification.id for row in rows}) == self.committed
        for receiver, before in zip(self.receivers, self.before, strict=True):
            mine = [row for row in rows if row.webhook is not None and row.webhook.url == receiver.url]
            arrived = [delivery.json["id"] for delivery in receiver.received[before:]]
            assert len(arrived) == sum(len(row.attempts) for row in mine)
            for row in mine:
                assert arrived.count(row.notification.id) == len(row.attempts)
                self._judge_row(row)
            assert all(delivery.verified for delivery in receiver.received)

    def _judge_row(self, row: Any) -> None:
        last = row.attempts[-1]
        assert [attempt.n for attempt in row.attempts] == list(range(1, len(row.attempts) + 1))
        assert all(attempt.status != 200 for attempt in row.attempts[:-1])
        if row.status == "delivered":
            assert last.status == 200
        else:
            assert row.status == "failed"
            retried = last.error is not None or last.status in RETRIED
            assert len(row.attempts) == 3 if retried else last.status in (404, 500)


TestDeliveries = pytest.mark.slow(Deliveries.TestCase)
TestDeliveries.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # shrinking would take minutes
)
