"""Which mails an operation sends, to whom, and which it doesn't."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mockserver.domain.configuration import ReminderRule
from mockserver.domain.mail import remind_by_mail
from tests.mail.letters import (
    ALICE,
    BY_TURNS,
    ED,
    TALK,
    asking,
    book,
    change,
    decide,
    event_booking,
    mails,
    move,
    news,
    world,
)
from tests.support.worlds import TEN, Mock, participant

MockOf = Callable[[Mapping[str, Any]], Mock]


def test_of_a_booking_everybody_is_told(mock_of: MockOf) -> None:
    mock = mock_of(world())
    booking_id = book(mock, additional_guests=[ED])
    everybody = ("gina", "ed", "alice", "bob")
    assert news(mock) == [("booking_confirmed", each) for each in everybody]
    move(mock, booking_id, TEN + 3600)
    assert news(mock, 4) == [("booking_rescheduled", each) for each in everybody]
    change(mock, "DELETE", booking_id)
    assert news(mock, 8) == [("booking_cancelled", each) for each in everybody]


def test_of_a_pending_one_only_the_organizer(mock_of: MockOf) -> None:
    mock = mock_of(world(**asking()))
    booking_id = book(mock)
    move(mock, booking_id, TEN + 3600)
    assert news(mock) == [("confirmation_request", "alice"), ("booking_rescheduled", "alice")]
    request, moved = mails(mock)
    for mail in (request, moved):
        assert mail["links"]["confirm"] == mail["links"]["decline"] is not None
        assert mail["links"]["reschedule"] is mail["links"]["cancel"] is None
        assert mail["links"]["confirm"] in mail["text"]
    assert "awaits your decision" in moved["text"]


def test_a_confirmed_one_is_news_to_all(mock_of: MockOf) -> None:
    mock = mock_of(world(**asking()))
    decide(mock, book(mock), "confirmed")
    assert news(mock, 1) == [("booking_confirmed", each) for each in ("gina", "alice", "bob")]


def test_of_a_declined_one_the_guests_learn_why(mock_of: MockOf) -> None:
    mock = mock_of(world(**asking()))
    decide(mock, book(mock, additional_guests=[ED]), "cancelled", "On holiday")
    assert news(mock, 1) == [("booking_declined", "gina"), ("booking_declined", "ed")]
    mail = mails(mock)[1]
    assert "Reason: On holiday" in mail["text"]
    assert set(mail["links"].values()) == {None}
    assert mail["attachments"] == []


def test_a_pending_one_that_is_cancelled(mock_of: MockOf) -> None:
    mock = mock_of(world(**asking()))
    change(mock, "DELETE", book(mock), {"cancellation_reason": "Flu"})
    assert news(mock, 1) == [("booking_cancelled", "gina"), ("booking_cancelled", "alice")]
    to_gina, to_alice = mails(mock)[1:]
    assert "Reason: Flu" in to_alice["text"]
    assert to_gina["attachments"] == []  # she never had an invitation
    assert len(to_alice["attachments"]) == 1


def test_who_comes_in_and_who_goes_out_by_a_change(mock_of: MockOf) -> None:
    mock = mock_of(world(ALICE))
    booking_id = book(mock, additional_guests=[ED])
    ann = {"name": "Ann", "email": "ann@example.com"}
    move(mock, booking_id, TEN + 3600, additional_guests=[ann])
    assert news(mock, 3) == [
        ("booking_rescheduled", "gina"),
        ("booking_confirmed", "ann"),
        ("booking_cancelled", "ed"),
        ("booking_rescheduled", "alice"),
    ]


def test_another_host_takes_over(mock_of: MockOf) -> None:
    people = (participant("alice@example.com", False), participant("bob@example.com", False))
    mock = mock_of(world(*people, availability=BY_TURNS))
    booking_id = book(mock, participants=[{"email": "alice@example.com"}])
    body = {"calendar": "alice@example.com", "start_time": TEN + 3600, "end_time": TEN + 7200}
    assert mock.call("POST", "/_mock/events", body).status_code == 200
    move(mock, booking_id, TEN + 3600)
    assert news(mock, 2) == [
        ("booking_rescheduled", "gina"),
        ("booking_confirmed", "bob"),
        ("booking_cancelled", "alice"),
    ]


def test_somebody_named_twice_gets_one_mail(mock_of: MockOf) -> None:
    mock = mock_of(world(ALICE))
    book(mock, additional_guests=[ED, {"name": "G", "email": "GINA@example.com"}])
    assert len(mails(mock)) == 3


@pytest.mark.parametrize("disabled", [True, False, None])
def test_disable_emails(mock_of: MockOf, disabled: bool | None) -> None:
    mock = mock_of(world(**asking(disable_emails=disabled)))
    booking_id = book(mock)
    decide(mock, booking_id, "confirmed")
    move(mock, booking_id, TEN + 3600)
    remind(mock, booking_id, "all")
    change(mock, "DELETE", booking_id)
    assert len(mails(mock)) == (0 if disabled else 13)


def test_a_refused_request_sends_nothing(mock_of: MockOf) -> None:
    mock = mock_of(world())
    booking_id = book(mock)
    sent = len(mails(mock))
    assert mock.book(TEN, TALK).status_code == 400
    path = f"/v3/scheduling/bookings/{booking_id}"
    query = {"configuration_id": TALK}
    decision = {"salt": "AAAAAAAAAAAAAA", "status": "confirmed"}
    assert mock.call("PUT", path, decision, query=query).status_code == 400
    times = {"start_time": TEN + 60, "end_time": TEN + 1860}
    assert mock.call("PATCH", path, times, query=query).status_code == 400
    assert len(mails(mock)) == sent


@pytest.mark.parametrize(
    ("recipient", "names"),
    [("all", ["gina", "ed", "alice", "bob"]), ("guest", ["gina", "ed"]), ("host", ["alice", "bob"])],
)
def test_reminders(mock_of: MockOf, recipient: Any, names: list[str]) -> None:
    mock = mock_of(world(event_booking=event_booking()))
    booking_id = book(mock, additional_guests=[ED])
    remind(mock, booking_id, recipient)
    remind(mock, booking_id, recipient, "Soon\r\nBcc: eve@example.com")
    assert news(mock, 4) == [("reminder", each) for each in names] * 2
    first, *_, last = mails(mock)[4:]
    assert first["subject"].startswith("Reminder: Talk with ")
    assert last["subject"] == "Soon Bcc: eve@example.com"
    assert last["attachments"] == []
    assert last["links"]["cancel"] in last["text"]


def remind(mock: Mock, booking_id: str, recipient: Any, subject: str = "") -> None:
    with mock.sandbox.transaction() as tx:
        rule = ReminderRule("email", 30, recipient, subject)
        remind_by_mail(tx, tx.world.configurations[TALK], tx.world.bookings[booking_id], rule)
