"""The calendar attachments, read with icalendar."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

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
    invitation,
    mails,
    move,
    to,
    world,
)
from tests.support.worlds import NOW, TEN, Mock, participant

MockOf = Callable[[Mapping[str, Any]], Mock]


def told(mail: Mapping[str, Any]) -> tuple[str, str, int]:
    method, event = invitation(mail)
    return method, str(event["STATUS"]), int(event["SEQUENCE"])


def test_a_calendar_follows_a_booking_from_mail_to_mail(mock_of: MockOf) -> None:
    mock = mock_of(world())
    booking_id = book(mock)
    move(mock, booking_id, TEN + 3600)
    change(mock, "DELETE", booking_id)
    (calendar,) = mock.sandbox.world.grants[
        mock.sandbox.world.configurations[TALK].grant_id
    ].calendars.values()
    (kept,) = calendar.events
    for name in ("gina", "alice", "bob"):
        assert list(map(told, to(mock, name))) == [
            ("REQUEST", "CONFIRMED", 0),
            ("REQUEST", "CONFIRMED", 1),
            ("CANCEL", "CANCELLED", 2),
        ]
        events = [invitation(each)[1] for each in to(mock, name)]
        assert {str(each["UID"]) for each in events} == {kept.ical_uid}
        starts = [each.decoded("DTSTART").timestamp() for each in events]
        assert starts == [TEN, TEN + 3600, TEN + 3600]
        assert all(each.decoded("DTEND") - each.decoded("DTSTART") == event_length() for each in events)


def event_length() -> Any:
    return datetime.fromtimestamp(1800, UTC) - datetime.fromtimestamp(0, UTC)


def test_what_an_invitation_says(mock_of: MockOf) -> None:
    mock = mock_of(world(event_booking=event_booking(description="Bring\nthe papers; all, please")))
    book(mock, additional_guests=[ED])
    mail = to(mock, "gina")[0]
    (attachment,) = mail["attachments"]
    assert attachment["filename"] == "invite.ics"
    assert attachment["content_type"] == "text/calendar; method=REQUEST; charset=utf-8"
    assert all(len(line.encode()) <= 75 for line in attachment["body"].split("\r\n"))
    _, event = invitation(mail)
    assert event.decoded("DTSTAMP") == datetime.fromtimestamp(NOW, UTC)
    assert str(event["SUMMARY"]) == "Talk"
    assert str(event["LOCATION"]) == "Room 1"
    assert str(event["DESCRIPTION"]) == "Bring\nthe papers; all, please"
    assert (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]) == ("mailto:alice@example.com", "Alice")
    assert [(str(each), each.params["PARTSTAT"]) for each in event["ATTENDEE"]] == [
        ("mailto:alice@example.com", "ACCEPTED"),
        ("mailto:bob@example.com", "NEEDS-ACTION"),
        ("mailto:gina@example.com", "NEEDS-ACTION"),
        ("mailto:ed@example.com", "NEEDS-ACTION"),
    ]


def test_a_placeholder_is_tentative_until_it_is_decided(mock_of: MockOf) -> None:
    mock = mock_of(world(ALICE, **asking()))
    booking_id = book(mock)
    move(mock, booking_id, TEN + 3600)
    decide(mock, booking_id, "confirmed")
    mine = to(mock, "alice")
    assert list(map(told, mine)) == [
        ("REQUEST", "TENTATIVE", 0),
        ("REQUEST", "TENTATIVE", 1),
        ("REQUEST", "CONFIRMED", 2),
    ]
    assert len({str(invitation(each)[1]["UID"]) for each in mine}) == 1
    assert [str(invitation(each)[1]["SUMMARY"]) for each in mine] == ["[PENDING] Talk"] * 2 + ["Talk"]
    assert str(invitation(to(mock, "gina")[0])[1]["UID"]) == str(invitation(mine[0])[1]["UID"])


def test_another_hosts_event_replaces_the_first(mock_of: MockOf) -> None:
    people = (participant("alice@example.com", False), participant("bob@example.com", False))
    mock = mock_of(world(*people, availability=BY_TURNS))
    booking_id = book(mock, participants=[{"email": "alice@example.com"}])
    body = {"calendar": "alice@example.com", "start_time": TEN + 3600, "end_time": TEN + 7200}
    assert mock.call("POST", "/_mock/events", body).status_code == 200
    move(mock, booking_id, TEN + 3600)
    first, second = to(mock, "gina")
    uid = str(invitation(first)[1]["UID"])
    method, event = invitation(second)
    assert (method, str(event["ORGANIZER"])) == ("REQUEST", "mailto:bob@example.com")
    assert str(event["UID"]) != uid
    method, event = invitation(second, 1)
    assert (method, str(event["UID"]), int(event["SEQUENCE"])) == ("CANCEL", uid, 1)
    assert str(event["ORGANIZER"]) == "mailto:alice@example.com"
    assert event.decoded("DTSTART").timestamp() == TEN
    gone = to(mock, "alice")[-1]
    assert told(gone) == ("CANCEL", "CANCELLED", 1)
    assert str(invitation(gone)[1]["UID"]) == uid


def test_a_dropped_guest_is_disinvited(mock_of: MockOf) -> None:
    mock = mock_of(world(ALICE))
    booking_id = book(mock, additional_guests=[ED])
    move(mock, booking_id, TEN + 3600, additional_guests=[])
    invited, disinvited = to(mock, "ed")
    assert told(disinvited) == ("CANCEL", "CANCELLED", 1)
    assert str(invitation(invited)[1]["UID"]) == str(invitation(disinvited)[1]["UID"])


def test_hostile_text_doesnt_break_a_calendar(mock_of: MockOf) -> None:
    evil = 'Talk\r\nEND:VEVENT\r\nX-EVIL:1 "q" ; , \\ \x00'
    mock = mock_of(world({**ALICE, "name": evil}, event_booking=event_booking(title=evil, location=evil)))
    book(mock, guest={"name": evil, "email": 'gi"na;x:y@example.com'}, additional_guests=[ED])
    for mail in mails(mock):
        _, event = invitation(mail)
        assert str(event["SUMMARY"]) == 'Talk END:VEVENT X-EVIL:1 "q" ; , \\'
        assert "X-EVIL" not in event
        assert unquote(str(event["ATTENDEE"][1])) == 'mailto:gi"na;x:y@example.com'
