"""The official Python SDK against a server process: what it is told, and what has really happened.

The SDK comes from the package index and knows nothing of this project. Calendars, bookings and mails are
read from the control plane, notifications arrive at a real receiver that checks their signatures.
"""

from collections.abc import Callable
from typing import Any

import pytest
from nylas import Client
from nylas.models.errors import NylasApiError

from tests.support.receiver import Receiver
from tests.support.remote import Remote
from tests.support.told import GUEST, heard, kept, unpacked
from tests.support.worlds import ALICE, ASK, CLIENT_ID, INTRO, NOW, PRIVATE, TEN, configuration

ClientOf = Callable[[str], Client]

PUBLIC = {"configuration_id": INTRO}
ASKING = {"configuration_id": ASK}


def times(start: int = TEN) -> dict[str, int]:
    return {"start_time": start, "end_time": start + 1800}


def wanted(start: int = TEN, **more: Any) -> dict[str, Any]:
    return {**times(start), "guest": GUEST, **more}


def refusal(call: Callable[[], Any]) -> tuple[int, str, str]:
    with pytest.raises(NylasApiError) as refused:
        call()
    error = refused.value
    assert error.request_id
    assert error.request_id == error.headers["X-Request-Id"]
    return error.status_code, error.type, str(error)


def test_a_booking_is_made_read_moved_and_cancelled(
    world: Remote, client: Client, receiver: Receiver
) -> None:
    bookings = client.scheduler.bookings
    more = [{"name": "Ann", "email": "ann@example.com"}]
    made = bookings.create(wanted(timezone="Asia/Tokyo", additional_guests=more), PUBLIC)
    booking_id = made.data.booking_id
    assert (made.data.status, made.data.title) == ("booked", "Intro call")
    assert (made.data.organizer.email, made.data.organizer.name) == ("alice@example.com", "Alice")
    assert bookings.find(booking_id, PUBLIC).data == made.data
    assert kept(world, booking_id) == (("booked", TEN), ("Intro call", "confirmed"))
    booking = world.booking(booking_id)
    assert (booking["guest"], booking["additional_guests"]) == (
        {"email": GUEST["email"], "name": GUEST["name"]},
        [{"email": "ann@example.com", "name": "Ann"}],
    )
    (event,) = world.events("alice@example.com")
    assert event["id"] == made.data.event_id
    assert [each["email"] for each in event["participants"]] == [
        "alice@example.com",
        "gina@example.com",
        "ann@example.com",
    ]

    later = TEN + 3600
    moved = bookings.reschedule(booking_id, times(later), PUBLIC)
    assert (moved.data.booking_id, moved.data.event_id) == (booking_id, made.data.event_id)
    assert bookings.find(booking_id, PUBLIC).data.status == "booked"
    assert kept(world, booking_id) == (("booked", later), ("Intro call", "confirmed"))

    gone = bookings.destroy(booking_id, {"cancellation_reason": "Grippe"}, PUBLIC)
    assert gone.request_id == gone.headers["X-Request-Id"]
    assert bookings.find(booking_id, PUBLIC).data.status == "cancelled"
    assert kept(world, booking_id) == (("cancelled", later), ("Intro call", "cancelled"))

    assert heard(world, receiver) == ["booking.created", "booking.rescheduled", "booking.cancelled"]
    created, rescheduled, cancelled = [delivery.json["data"] for delivery in receiver.received]
    for data in (created, rescheduled, cancelled):
        assert (data["application_id"], data["grant_id"]) == (CLIENT_ID, ALICE)
        assert data["object"]["booking_id"] == booking_id
        assert data["object"]["booking_info"]["event_id"] == made.data.event_id
    assert created["object"]["booking_info"]["guest_timezone"] == "Asia/Tokyo"
    assert unpacked(created["object"]["booking_ref"])[:2] == (INTRO, booking_id)
    info = rescheduled["object"]["booking_info"]
    assert (info["old_start_time"], info["start_time"]) == (TEN, later)
    assert cancelled["object"]["booking_info"]["cancellation_reason"] == "Grippe"
    types = {each["type"] for each in world.mails()}
    assert types == {"booking_confirmed", "booking_rescheduled", "booking_cancelled"}
    journal = [(each["method"], each["status"]) for each in world.journal() if "/bookings" in each["path"]]
    reads = ("GET", 200)
    assert journal == [("POST", 200), reads, ("PATCH", 200), reads, ("DELETE", 200), reads]


def test_a_pending_booking_is_confirmed_by_what_the_mail_says(
    world: Remote, client: Client, receiver: Receiver
) -> None:
    bookings = client.scheduler.bookings
    made = bookings.create(wanted(), ASKING)
    booking_id = made.data.booking_id
    assert (made.data.status, made.data.title) == ("pending", "[PENDING] Ask first")
    assert bookings.find(booking_id, ASKING).data == made.data
    assert kept(world, booking_id) == (("pending", TEN), ("[PENDING] Ask first", "tentative"))

    (mail,) = world.mails()
    assert (mail["type"], mail["to"]) == ("confirmation_request", ["alice@example.com"])
    link = mail["links"]["confirm"]
    assert link.startswith("https://example.com/confirm/")
    assert link in mail["text"]
    assert link in mail["html"]
    configuration_id, mailed_id, salt = unpacked(link.rpartition("/")[2])
    assert (configuration_id, mailed_id) == (ASK, booking_id)

    decision = {"salt": salt, "status": "confirmed"}
    confirmed = bookings.confirm(booking_id, decision, ASKING)
    assert (confirmed.data.status, confirmed.data.title) == ("booked", "Ask first")
    assert confirmed.data.event_id == made.data.event_id
    assert bookings.find(booking_id, ASKING).data == confirmed.data
    assert kept(world, booking_id) == (("booked", TEN), ("Ask first", "confirmed"))
    assert refusal(lambda: bookings.confirm(booking_id, decision, ASKING))[0] == 400

    assert bookings.reschedule(booking_id, times(TEN + 1800), ASKING).data.status == "booked"
    bookings.destroy(booking_id, None, ASKING)
    assert bookings.find(booking_id, ASKING).data.status == "cancelled"
    assert kept(world, booking_id) == (("cancelled", TEN + 1800), ("Ask first", "cancelled"))
    assert heard(world, receiver) == [
        "booking.pending",
        "booking.created",
        "booking.rescheduled",
        "booking.cancelled",
    ]


def test_a_pending_booking_is_declined_by_what_the_notification_says(
    world: Remote, client: Client, receiver: Receiver
) -> None:
    bookings = client.scheduler.bookings
    made = bookings.create(wanted(), ASKING)
    booking_id = made.data.booking_id
    (pending,) = receiver.wait_for(1)
    told = pending.json["data"]["object"]
    assert (told["booking_type"], told["booking_info"]["title"]) == (
        "organizer-confirmation",
        "[PENDING] Ask first",
    )
    assert told["booking_info"]["host_confirmation_url"].endswith(told["booking_ref"])
    salt = unpacked(told["booking_ref"])[2]

    wrong = {"salt": "AAAAAAAAAAAAAA", "status": "cancelled"}
    assert refusal(lambda: bookings.confirm(booking_id, wrong, ASKING))[:2] == (400, "invalid_request_error")
    assert kept(world, booking_id)[0] == ("pending", TEN)

    decision = {"salt": salt, "status": "cancelled", "cancellation_reason": "on leave"}
    assert bookings.confirm(booking_id, decision, ASKING).data.status == "cancelled"
    assert bookings.find(booking_id, ASKING).data.status == "cancelled"
    assert kept(world, booking_id) == (("cancelled", TEN), ("[PENDING] Ask first", "cancelled"))
    assert heard(world, receiver) == ["booking.pending", "booking.cancelled"]
    reason = receiver.received[1].json["data"]["object"]["booking_info"]["cancellation_reason"]
    assert reason == "on leave"
    assert bookings.create(wanted(), ASKING).data.status == "pending"


def test_a_pending_booking_moves_and_is_cancelled_by_the_guest(
    world: Remote, client: Client, receiver: Receiver
) -> None:
    bookings = client.scheduler.bookings
    booking_id = bookings.create(wanted(), ASKING).data.booking_id
    assert bookings.reschedule(booking_id, times(TEN + 7200), ASKING).data.status == "pending"
    assert kept(world, booking_id) == (("pending", TEN + 7200), ("[PENDING] Ask first", "tentative"))
    bookings.destroy(booking_id, {"cancellation_reason": ""}, ASKING)
    assert kept(world, booking_id)[1][1] == "cancelled"
    assert heard(world, receiver) == ["booking.pending", "booking.rescheduled", "booking.cancelled"]


def test_what_the_reference_holds_is_enough_to_move_and_cancel(
    world: Remote, client: Client, receiver: Receiver
) -> None:
    """As a page does that is opened by the links of a mail: it knows the reference and nothing else."""
    client.scheduler.bookings.create(wanted(), PUBLIC)
    (created,) = receiver.wait_for(1)
    info = created.json["data"]["object"]["booking_info"]
    bookings = client.scheduler.bookings

    configuration_id, booking_id, _ = unpacked(info["participant_rescheduling_url"].rpartition("/")[2])
    query = {"configuration_id": configuration_id}
    assert bookings.reschedule(booking_id, times(TEN + 1800), query).data.status == "booked"
    assert kept(world, booking_id)[0] == ("booked", TEN + 1800)

    configuration_id, booking_id, _ = unpacked(info["participant_cancellation_url"].rpartition("/")[2])
    bookings.destroy(booking_id, None, {"configuration_id": configuration_id})
    assert kept(world, booking_id)[1] == ("Intro call", "cancelled")


@pytest.mark.parametrize("way", ["client", "override"])
def test_a_private_configuration_is_booked_with_a_session_in_place_of_the_key(
    world: Remote, client: Client, client_of: ClientOf, receiver: Receiver, way: str
) -> None:
    session = client.scheduler.sessions.create({"configuration_id": PRIVATE, "time_to_live": 30})
    session_id = session.data.session_id
    (known,) = world.state()["sessions"]
    assert known == {"id": session_id, "configuration_id": PRIVATE, "expires_at": NOW + 30 * 60}
    overrides: dict[str, Any] = {"overrides": {"api_key": session_id}} if way == "override" else {}
    bookings = (client if way == "override" else client_of(session_id)).scheduler.bookings

    made = bookings.create(wanted(), **overrides)
    booking_id = made.data.booking_id
    assert world.booking(booking_id)["configuration_id"] == PRIVATE
    assert bookings.find(booking_id, **overrides).data == made.data
    assert bookings.reschedule(booking_id, times(TEN + 1800), **overrides).data.status == "booked"
    assert kept(world, booking_id) == (("booked", TEN + 1800), ("Intro call", "confirmed"))
    bookings.destroy(booking_id, None, **overrides)
    assert bookings.find(booking_id, **overrides).data.status == "cancelled"
    assert heard(world, receiver) == ["booking.created", "booking.rescheduled", "booking.cancelled"]

    key_alone = {"configuration_id": PRIVATE}
    assert refusal(lambda: client.scheduler.bookings.create(wanted(), key_alone))[:2] == (401, "unauthorized")
    client.scheduler.sessions.destroy(session_id)
    assert refusal(lambda: bookings.find(booking_id, **overrides))[:2] == (401, "invalid_session")
    assert all(each["request"]["headers"]["Authorization"] == "***" for each in world.journal())
    assert world.state()["sessions"] == []


def test_sessions_by_slug_expire(world: Remote, client: Client, client_of: ClientOf) -> None:
    session_id = client.scheduler.sessions.create({"slug": "private"}).data.session_id
    bookings = client_of(session_id).scheduler.bookings
    booking_id = bookings.create(wanted()).data.booking_id
    world.control("PATCH", "clock", {"advance": "PT5M"})
    assert refusal(lambda: bookings.find(booking_id))[:2] == (401, "invalid_session")
    assert (
        refusal(lambda: client.scheduler.sessions.create({"slug": "private", "time_to_live": 31}))[0] == 400
    )
    assert refusal(lambda: client.scheduler.sessions.create({"slug": "nobody"}))[0] == 404


@pytest.mark.parametrize(
    "query",
    [
        {"slug": "intro", "client_id": CLIENT_ID},
        {"configuration_id": None, "slug": "intro", "client_id": CLIENT_ID},
        {"configuration_id": INTRO, "slug": None, "client_id": None},
        {"configuration_id": INTRO, "slug": None, "client_id": None, "timezone": None},
        {"configuration_id": INTRO, "slug": "", "client_id": ""},
    ],
    ids=["slug", "slug and None", "id and None", "None for a time zone", "id and empty"],
)
def test_a_configuration_is_named_by_slug_and_unset_values_come_as_text(
    world: Remote, client: Client, query: dict[str, Any]
) -> None:
    bookings = client.scheduler.bookings
    made = bookings.create(wanted(), query)
    assert bookings.find(made.data.booking_id, query).data == made.data
    assert bookings.reschedule(made.data.booking_id, times(TEN + 1800), query).data.status == "booked"
    bookings.destroy(made.data.booking_id, {}, query)
    assert kept(world, made.data.booking_id) == (("cancelled", TEN + 1800), ("Intro call", "cancelled"))
    unset = [key for key, value in query.items() if value is None]
    assert all(f"{key}=None" in each["query"] for key in unset for each in world.journal())


def test_unset_values_of_bodies_come_as_null(world: Remote, client: Client) -> None:
    body = wanted(
        participants=None,
        timezone=None,
        email_language=None,
        additional_guests=None,
        additional_fields=None,
    )
    booking_id = client.scheduler.bookings.create(body, PUBLIC).data.booking_id
    assert world.booking(booking_id)["additional_guests"] == []


def test_answers_without_the_booking_are_too_short_for_this_sdk(world: Remote, client: Client) -> None:
    """What it asks for is done all the same."""
    choices = {"reschedule_response": "request_id", "decline_response": "request_id"}
    world.control("PATCH", "dialect", choices)
    bookings = client.scheduler.bookings
    booking_id = bookings.create(wanted(), ASKING).data.booking_id
    with pytest.raises(KeyError, match="data"):
        bookings.reschedule(booking_id, times(TEN + 1800), ASKING)
    assert kept(world, booking_id)[0] == ("pending", TEN + 1800)
    decision = {"salt": world.booking(booking_id)["salt"], "status": "cancelled"}
    with pytest.raises(KeyError, match="data"):
        bookings.confirm(booking_id, decision, ASKING)
    assert kept(world, booking_id)[0] == ("cancelled", TEN + 1800)


def test_a_booking_is_found_on_the_calendar_of_the_provider(world: Remote, client: Client) -> None:
    made = client.scheduler.bookings.create(wanted(), PUBLIC).data
    primary: Any = {"calendar_id": "primary"}
    (listed,) = client.events.list(ALICE, primary).data
    assert (listed.id, listed.when.start_time) == (made.event_id, TEN)
    assert client.events.find(ALICE, made.event_id, primary).data == listed
    assert [each.is_primary for each in client.calendars.list(ALICE).data] == [True]
    asked: Any = {"start_time": TEN, "end_time": TEN + 7200, "emails": ["alice@example.com"]}
    (busy,) = client.calendars.get_free_busy(ALICE, asked).data
    assert [(each.start_time, each.end_time) for each in busy.time_slots] == [(TEN, TEN + 1800)]


def test_refusals_arrive_as_the_errors_of_the_sdk_and_change_nothing(
    world: Remote, client: Client, client_of: ClientOf
) -> None:
    bookings = client.scheduler.bookings
    bookings.create(wanted(), PUBLIC)
    before = world.state()
    unknown = "99999999-9999-4999-8999-999999999999"
    status, kind, message = refusal(lambda: bookings.create(wanted(), PUBLIC))
    assert (status, kind) == (400, "invalid_request_error")
    assert message.startswith("The selected timeslot is unavailable")
    status, kind, message = refusal(
        lambda: bookings.create(wanted(TEN + 1800, additional_fields={"notes": "x"}), PUBLIC)
    )
    assert (status, message) == (400, "Additional field 'notes' not found in configuration")
    assert refusal(lambda: bookings.find(unknown, PUBLIC))[:2] == (404, "not_found_error")
    assert refusal(lambda: bookings.find("a/b", PUBLIC))[:2] == (404, "not_found_error")
    assert refusal(lambda: bookings.find("../sessions", PUBLIC))[0] in (404, 405)
    assert refusal(lambda: bookings.create(wanted(float("nan")), PUBLIC))[0] == 400  # type: ignore[arg-type]
    assert refusal(lambda: bookings.create(wanted(TEN + 1800)))[:2] == (401, "unauthorized")
    assert refusal(lambda: client_of("wrong").webhooks.list())[:2] == (401, "unauthorized")
    assert refusal(lambda: client.scheduler.bookings.destroy(unknown, None, PUBLIC))[0] == 404
    assert world.state() == before
    assert len(world.notifications()) == 1


def test_configurations_are_made_listed_changed_and_removed(world: Remote, client: Client) -> None:
    configurations = client.scheduler.configurations
    body = configuration(slug="second", name="Second")
    made = configurations.create(ALICE, body).data
    assert made.slug == "second"
    assert configurations.find(ALICE, made.id).data == made
    assert configurations.find("alice@example.com", made.id).data == made
    (shown,) = [each for each in world.state()["configurations"] if each["id"] == made.id]
    assert shown["slug"] == "second"

    first = configurations.list(ALICE, {"limit": 3})
    rest = configurations.list(ALICE, {"limit": 3, "page_token": first.next_cursor})
    assert [each.id for each in first.data + rest.data] == [INTRO, ASK, PRIVATE, made.id]
    assert rest.next_cursor is None

    body["event_booking"] = {"title": "Renamed", "timezone": "UTC"}
    changed = configurations.update(ALICE, made.id, body).data
    assert changed.event_booking.title == "Renamed"
    assert client.scheduler.bookings.create(wanted(), {"configuration_id": made.id}).data.title == "Renamed"

    assert refusal(lambda: configurations.create(ALICE, body))[:2] == (400, "invalid_request_error")
    session = client.scheduler.sessions.create({"configuration_id": made.id}).data.session_id
    assert refusal(lambda: configurations.destroy(ALICE, made.id))[0] == 400
    client.scheduler.sessions.destroy(session)
    configurations.destroy(ALICE, made.id)
    assert refusal(lambda: configurations.find(ALICE, made.id))[:2] == (404, "not_found_error")
    assert len(world.state()["configurations"]) == 3


def test_webhooks_are_made_listed_and_removed_and_then_hear_nothing(world: Remote, client: Client) -> None:
    with Receiver() as receiver:
        body = {
            "webhook_url": receiver.url,
            "trigger_types": ["booking.created"],
            "description": "Für die Kasse",
            "notification_email_addresses": ["ops@example.com"],
        }
        made = client.webhooks.create(body).data
        receiver.trust(made.webhook_secret)
        assert len(receiver.challenges) == 1
        assert made.status == "active"
        found = client.webhooks.find(made.id).data
        assert (found.id, found.description, found.created_at) == (made.id, "Für die Kasse", NOW)
        assert [each.id for each in client.webhooks.list().data] == [made.id]
        assert world.state()["webhooks"][0]["webhook_secret"] == made.webhook_secret

        bookings = client.scheduler.bookings
        booking_id = bookings.create(wanted(), PUBLIC).data.booking_id
        bookings.destroy(booking_id, None, PUBLIC)  # not among the trigger types
        assert [each["status"] for each in world.notifications()] == ["delivered", "dropped"]
        assert [(each.json["type"], each.verified) for each in receiver.received] == [
            ("booking.created", True)
        ]

        assert client.webhooks.destroy(made.id).data.status == "success"
        assert client.webhooks.list().data == []
        assert refusal(lambda: client.webhooks.find(made.id))[:2] == (400, "70000")
        bookings.create(wanted(), PUBLIC)
        assert [each["status"] for each in world.notifications()] == ["delivered", "dropped", "dropped"]
        assert len(receiver.received) == 1

        receiver.challenge = "wrong"
        assert refusal(lambda: client.webhooks.create(body))[:2] == (400, "70005")
        assert world.state()["webhooks"] == []
