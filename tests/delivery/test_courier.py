"""Bringing notifications to webhooks: what is sent, in which order, and who waits for whom."""

import gzip
import json
import logging
import threading
from collections.abc import Callable

import pytest
import responses

from mockserver.delivery import Courier
from mockserver.sandbox import Clock, Delivery, Outbox
from tests.delivery.sending import NOW, delivery, send, webhook
from tests.support.receiver import Receiver

SOON = 10.0


def test_what_is_sent(courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver) -> None:
    sent = delivery(webhook(receiver.url))
    send(courier, outbox, clock, sent)
    [arrived] = receiver.wait_for(1)
    assert arrived.verified
    assert arrived.headers["content-type"] == "application/json"
    assert arrived.headers["user-agent"].startswith("nylas-bookings-double/")
    assert "content-encoding" not in arrived.headers
    expected = json.dumps(sent.notification.envelope(1), ensure_ascii=False, separators=(",", ":"))
    assert arrived.body == expected.encode()
    assert list(arrived.json) == [
        "specversion",
        "type",
        "source",
        "id",
        "time",
        "webhook_delivery_attempt",
        "data",
    ]


def test_compressed_delivery_is_signed_as_sent(
    courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver
) -> None:
    to = webhook(receiver.url, compressed=True)
    send(courier, outbox, clock, delivery(to), delivery(to))
    first, second = receiver.wait_for(2)
    assert first.verified
    assert first.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(first.body)) == delivery(to).notification.envelope(1)
    assert first.body == second.body
    assert first.body[4:8] == bytes(4), "no time of day in it, so that it is the same at every run"


def test_half_a_surrogate_pair_is_brought_too(
    courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver
) -> None:
    send(courier, outbox, clock, delivery(webhook(receiver.url), title="\ud83d"))
    assert receiver.wait_for(1)[0].json["data"]["object"]["booking_info"]["title"] == "\ud83d"


def test_attempt_is_recorded(courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver) -> None:
    sent = delivery(webhook(receiver.url))
    send(courier, outbox, clock, sent)
    assert outbox.drain(SOON)
    assert sent.status == "delivered"
    [attempt] = sent.attempts
    assert (attempt.n, attempt.at, attempt.status, attempt.error) == (1, NOW, 200, None)
    assert attempt.body == receiver.received[0].body
    assert attempt.headers["X-Nylas-Signature"] == receiver.received[0].headers["x-nylas-signature"]


@pytest.mark.parametrize("status", [201, 204, 302, 400, 410, 500])
def test_success_is_200_and_nothing_else(
    courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    sent = delivery(webhook(receiver.url))
    send(courier, outbox, clock, sent)
    assert outbox.drain(SOON)
    assert (sent.status, sent.attempts[0].status, len(receiver.received)) == ("failed", status, 1)


def test_redirect_is_not_followed(courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver) -> None:
    receiver.manner = "redirect"
    sent = delivery(webhook(receiver.url))
    send(courier, outbox, clock, sent)
    assert outbox.drain(SOON)
    assert (sent.status, sent.attempts[0].status, receiver.strays) == ("failed", 302, [])


@pytest.mark.parametrize(
    ("manner", "status", "error"),
    [
        ("hang", None, "no complete answer in time"),
        ("drip", 200, "no complete answer in time"),
        ("close", None, "connection closed, or no proper answer"),
    ],
)
def test_receiver_that_gives_no_complete_answer(
    new_courier: Callable[..., Courier],
    outbox: Outbox,
    clock: Clock,
    receiver: Receiver,
    manner: str,
    status: int | None,
    error: str,
) -> None:
    receiver.manner = manner  # type: ignore[assignment]
    sent = delivery(webhook(receiver.url))
    send(new_courier(limit=0.3), outbox, clock, sent)
    assert outbox.drain(SOON)
    receiver.release()
    assert (sent.status, sent.attempts[0].status, sent.attempts[0].error) == ("retrying", status, error)


def test_address_that_is_not_allowed(courier: Courier, outbox: Outbox, clock: Clock) -> None:
    sent = delivery(webhook("http://169.254.169.254/"))
    send(courier, outbox, clock, sent)
    assert outbox.drain(SOON)
    assert (sent.status, sent.attempts[0].error) == ("failed", "url or address is not allowed")


def test_order_of_a_webhook(courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver) -> None:
    to = webhook(receiver.url)
    for number in range(0, 60, 3):
        send(courier, outbox, clock, *(delivery(to, number + more) for more in range(3)))
    arrived = [each.json["id"] for each in receiver.wait_for(60)]
    assert arrived == [f"n{number}" for number in range(60)]


def test_one_delivery_at_a_time_for_a_webhook(
    courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver
) -> None:
    receiver.manner = "hang"
    to = webhook(receiver.url)
    send(courier, outbox, clock, *(delivery(to, number) for number in range(5)))
    send(courier, outbox, clock, delivery(webhook(receiver.url + "/other", "w2"), 99))
    assert sorted(each.json["id"] for each in receiver.wait_for(2)) == ["n0", "n99"]
    receiver.release()
    assert outbox.drain(SOON)
    assert len(receiver.received) == 6


def test_submit_returns_and_others_are_served_while_receivers_hang(
    courier: Courier, outbox: Outbox, clock: Clock, new_receiver: Callable[[], Receiver]
) -> None:
    hanging, fine = new_receiver(), new_receiver()
    hanging.manner = "hang"
    send(
        courier,
        outbox,
        clock,
        *(delivery(webhook(hanging.url, f"h{number}"), number) for number in range(40)),
    )
    hanging.wait_for(40)
    send(courier, outbox, clock, delivery(webhook(fine.url, "fine")))
    fine.wait_for(1)
    assert not outbox.drain(0), "the others are still in flight"
    hanging.release()
    assert outbox.drain(SOON)


def test_more_hanging_receivers_than_workers(
    new_courier: Callable[..., Courier], outbox: Outbox, clock: Clock, new_receiver: Callable[[], Receiver]
) -> None:
    hanging, fine = new_receiver(), new_receiver()
    hanging.manner = "hang"
    courier = new_courier(workers=2, limit=0.2)
    stuck = [delivery(webhook(hanging.url, f"h{number % 2}"), number) for number in range(40)]
    send(courier, outbox, clock, *stuck)
    hanging.wait_for(2)
    served_before: list[int] = []
    fine.on_delivery = lambda _: served_before.append(len(hanging.received))
    send(courier, outbox, clock, delivery(webhook(fine.url, "fine")))
    in_line_before = len(hanging.received)
    fine.wait_for(1)
    assert outbox.wait_until(lambda: bool(served_before), SOON)
    assert served_before[0] <= in_line_before + 6, "its turn came before those who had had one"
    hanging.release()
    assert outbox.drain(SOON)


def test_sandboxes_with_the_same_webhook_id_do_not_share_a_lane(
    courier: Courier, outbox: Outbox, clock: Clock, new_receiver: Callable[[], Receiver]
) -> None:
    hanging, fine = new_receiver(), new_receiver()
    hanging.manner = "hang"
    other = Outbox()
    send(courier, outbox, clock, delivery(webhook(hanging.url)))
    hanging.wait_for(1)
    send(courier, other, clock, delivery(webhook(fine.url)))
    fine.wait_for(1)
    assert other.drain(SOON)
    hanging.release()


def test_nothing_is_sent_from_a_closed_outbox(
    courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver
) -> None:
    receiver.manner = "hang"
    to = webhook(receiver.url)
    sent = [delivery(to, number) for number in range(4)]
    send(courier, outbox, clock, *sent)
    receiver.wait_for(1)
    outbox.close()
    send(courier, outbox, clock, late := delivery(to, 4))
    receiver.release()
    assert outbox.drain(SOON)
    assert [each.status for each in (*sent, late)] == ["delivered"] + ["dropped"] * 4
    assert len(receiver.received) == 1


def test_drain_waits_for_what_is_in_flight(
    courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver
) -> None:
    receiver.manner = "hang"
    send(courier, outbox, clock, delivery(webhook(receiver.url)))
    receiver.wait_for(1)
    assert not outbox.drain(0)
    receiver.release()
    assert outbox.drain(SOON)


def test_receiver_may_set_off_the_next_delivery(
    courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver
) -> None:
    to = webhook(receiver.url)

    def book_again(arrived: object) -> None:
        if len(receiver.received) < 3:
            send(courier, outbox, clock, delivery(to, len(receiver.received) + 1))

    receiver.on_delivery = book_again
    send(courier, outbox, clock, delivery(to))
    assert [each.json["id"] for each in receiver.wait_for(3)] == ["n1", "n2", "n3"]
    assert outbox.drain(SOON)


def test_what_is_too_much_for_a_webhook_is_dropped_and_logged(
    new_courier: Callable[..., Courier],
    outbox: Outbox,
    clock: Clock,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver.manner = "hang"
    courier, to = new_courier(waiting=2), webhook(receiver.url)
    sent = [delivery(to, number) for number in range(5)]
    send(courier, outbox, clock, sent[0])
    receiver.wait_for(1)
    with caplog.at_level(logging.WARNING, "mockserver.delivery"):
        send(courier, outbox, clock, *sent[1:])
    receiver.release()
    assert outbox.drain(SOON)
    assert [each.status for each in sent] == ["delivered"] * 3 + ["dropped"] * 2
    assert len(caplog.records) == 2
    assert receiver.url not in caplog.text


def test_redelivery_is_the_next_attempt_of_the_same_notification(
    courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver
) -> None:
    sent = delivery(webhook(receiver.url))
    send(courier, outbox, clock, sent)
    assert outbox.drain(SOON)
    outbox.reopen(sent)
    courier.submit(outbox, clock, [sent])
    first, second = receiver.wait_for(2)
    assert outbox.drain(SOON)
    assert first.json["id"] == second.json["id"]
    assert [each.json["webhook_delivery_attempt"] for each in (first, second)] == [1, 2]
    assert second.verified
    assert [attempt.n for attempt in sent.attempts] == [1, 2]


def test_stop_finishes_what_waits(courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver) -> None:
    sent = [delivery(webhook(receiver.url), number) for number in range(10)]
    send(courier, outbox, clock, *sent)
    assert courier.stop(SOON)
    assert {each.status for each in sent} == {"delivered"}


def test_stop_drops_what_is_left_and_what_comes_later(
    courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver
) -> None:
    receiver.manner = "hang"
    to = webhook(receiver.url)
    sent: list[Delivery] = [delivery(to, number) for number in range(3)]
    send(courier, outbox, clock, *sent)
    receiver.wait_for(1)
    assert not courier.stop(0)
    send(courier, outbox, clock, later := delivery(to, 3))
    receiver.release()
    assert outbox.drain(SOON)
    assert [each.status for each in (*sent, later)] == ["delivered", "dropped", "dropped", "dropped"]


def test_workers_leave_when_there_is_nothing_to_do(
    courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver
) -> None:
    send(courier, outbox, clock, delivery(webhook(receiver.url)))
    assert outbox.drain(SOON)
    workers = [thread for thread in threading.enumerate() if thread.name == "courier"]
    courier.stop(SOON)
    for thread in workers:
        thread.join(SOON)
    assert not any(thread.is_alive() for thread in workers)


def test_machine_without_a_free_thread_loses_nothing(
    courier: Courier, outbox: Outbox, clock: Clock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = webhook(receiver.url)
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    send(courier, outbox, clock, delivery(to, 1))
    monkeypatch.setattr(threading.Thread, "start", start)
    send(courier, outbox, clock, delivery(to, 2))
    assert [each.json["id"] for each in receiver.wait_for(2)] == ["n1", "n2"]


def test_responses_can_stand_in_for_the_receiver(courier: Courier, outbox: Outbox, clock: Clock) -> None:
    sent = delivery(webhook("https://hooks.example.com/in"))
    with responses.RequestsMock() as web:
        web.post("https://hooks.example.com/in", status=200)
        send(courier, outbox, clock, sent)
        assert outbox.drain(SOON)
        assert (
            web.calls[0].request.headers["X-Nylas-Signature"] == sent.attempts[0].headers["X-Nylas-Signature"]
        )
    assert sent.status == "delivered"
