"""The official Node SDK against a server process: what it is told, and what has really happened.

The SDK comes from npm and knows nothing of this project. Calendars, bookings and mails are read from the
control plane, notifications arrive at a real receiver that checks their signatures.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.node.sdk import UNDEFINED, NodeError, Nylas
from tests.support.receiver import Receiver
from tests.support.remote import Remote
from tests.support.told import GUEST, heard, kept, unpacked
from tests.support.worlds import (
    ALICE,
    ASK,
    BOB,
    CLIENT_ID,
    DOCUMENT,
    INTRO,
    NOW,
    PRIVATE,
    TEN,
    configuration,
    participant,
)

pytestmark = pytest.mark.slow

PUBLIC = {"configurationId": INTRO}
ASKING = {"configurationId": ASK}


def times(start: int = TEN) -> dict[str, int]:
    return {"startTime": start, "endTime": start + 1800}


def wanted(start: int = TEN, **more: Any) -> dict[str, Any]:
    return {**times(start), "guest": GUEST, **more}


def camel(value: Any) -> Any:
    """The same with keys as one writes them in JavaScript."""
    if isinstance(value, list):
        return [camel(each) for each in value]
    if isinstance(value, dict):
        return {
            re.sub("_(.)", lambda found: found[1].upper(), key): camel(each) for key, each in value.items()
        }
    return value


def refusal(call: Callable[[], Any]) -> tuple[int | None, str | None, str]:
    with pytest.raises(NodeError) as refused:
        call()
    error = refused.value
    assert error.name == "NylasApiError"
    assert error.request_id
    return error.status, error.type, str(error)


class Bookings:
    """`nylas.scheduler.bookings` with one set of query parameters; `more` goes along with every call."""

    def __init__(self, nylas: Nylas, query: dict[str, Any] | None = None, **more: Any) -> None:
        self._nylas = nylas
        self._more = {**more, **({} if query is None else {"queryParams": query})}

    def call(self, method: str, booking_id: str | None = None, body: Any = None, **more: Any) -> Any:
        args = {**self._more, **more}
        if booking_id is not None:
            args["bookingId"] = booking_id
        if body is not None:
            args["requestBody"] = body
        return self._nylas.call(f"scheduler.bookings.{method}", **args)

    def create(self, body: dict[str, Any] | None = None) -> Any:
        return self.call("create", body=body or wanted())["data"]

    def find(self, booking_id: str) -> Any:
        return self.call("find", booking_id)["data"]

    def confirm(self, booking_id: str, **body: Any) -> Any:
        return self.call("confirm", booking_id, body)

    def reschedule(self, booking_id: str, start: int) -> Any:
        return self.call("reschedule", booking_id, times(start))

    def destroy(self, booking_id: str, body: Any = None) -> Any:
        return self.call("destroy", booking_id, body)


def test_a_booking_is_made_read_moved_and_cancelled(world: Remote, nylas: Nylas, receiver: Receiver) -> None:
    bookings = Bookings(nylas, PUBLIC)
    more = [{"name": "Ann", "email": "ann@example.com"}]
    made = bookings.create(wanted(timezone="Asia/Tokyo", emailLanguage="ja", additionalGuests=more))
    booking_id = made["bookingId"]
    assert (made["status"], made["title"]) == ("booked", "Intro call")
    assert (made["organizer"]["email"], made["organizer"]["name"]) == ("alice@example.com", "Alice")
    assert bookings.find(booking_id) == made
    assert kept(world, booking_id) == (("booked", TEN), ("Intro call", "confirmed"))
    booking = world.booking(booking_id)
    assert booking["guest"] == {"email": GUEST["email"], "name": GUEST["name"]}
    assert [each["email"] for each in booking["additional_guests"]] == ["ann@example.com"]

    later = TEN + 3600
    moved = bookings.reschedule(booking_id, later)["data"]
    assert (moved["bookingId"], moved["eventId"]) == (booking_id, made["eventId"])
    assert kept(world, booking_id) == (("booked", later), ("Intro call", "confirmed"))

    gone = bookings.destroy(booking_id, {"cancellationReason": "Grippe"})
    assert "data" not in gone
    assert bookings.find(booking_id)["status"] == "cancelled"
    assert kept(world, booking_id) == (("cancelled", later), ("Intro call", "cancelled"))

    assert heard(world, receiver) == ["booking.created", "booking.rescheduled", "booking.cancelled"]
    created, rescheduled, cancelled = [
        each.json["data"]["object"]["booking_info"] for each in receiver.received
    ]
    assert created["guest_timezone"] == "Asia/Tokyo"
    assert (rescheduled["old_start_time"], rescheduled["start_time"]) == (TEN, later)
    assert cancelled["cancellation_reason"] == "Grippe"
    types = {each["type"] for each in world.mails()}
    assert types == {"booking_confirmed", "booking_rescheduled", "booking_cancelled"}


def test_a_pending_booking_is_confirmed_by_what_the_mail_says(
    world: Remote, nylas: Nylas, receiver: Receiver
) -> None:
    bookings = Bookings(nylas, ASKING)
    made = bookings.create()
    booking_id = made["bookingId"]
    assert (made["status"], made["title"]) == ("pending", "[PENDING] Ask first")
    assert kept(world, booking_id) == (("pending", TEN), ("[PENDING] Ask first", "tentative"))

    (mail,) = world.mails()
    assert (mail["type"], mail["to"]) == ("confirmation_request", ["alice@example.com"])
    configuration_id, mailed_id, salt = unpacked(mail["links"]["confirm"].rpartition("/")[2])
    assert (configuration_id, mailed_id) == (ASK, booking_id)

    confirmed = bookings.confirm(booking_id, salt=salt, status="confirmed")["data"]
    assert (confirmed["status"], confirmed["title"]) == ("booked", "Ask first")
    assert bookings.find(booking_id) == confirmed
    assert kept(world, booking_id) == (("booked", TEN), ("Ask first", "confirmed"))
    assert refusal(lambda: bookings.confirm(booking_id, salt=salt, status="confirmed"))[0] == 400

    assert bookings.reschedule(booking_id, TEN + 1800)["data"]["status"] == "booked"
    bookings.destroy(booking_id)
    assert kept(world, booking_id) == (("cancelled", TEN + 1800), ("Ask first", "cancelled"))
    assert heard(world, receiver) == [
        "booking.pending",
        "booking.created",
        "booking.rescheduled",
        "booking.cancelled",
    ]


@pytest.mark.parametrize("dialect", ["booking", "request_id"])
def test_a_pending_booking_is_declined_by_what_the_notification_says(
    world: Remote, nylas: Nylas, receiver: Receiver, dialect: str
) -> None:
    world.control("PATCH", "dialect", {"decline_response": dialect})
    bookings = Bookings(nylas, ASKING)
    booking_id = bookings.create()["bookingId"]
    (pending,) = receiver.wait_for(1)
    salt = unpacked(pending.json["data"]["object"]["booking_ref"])[2]
    wrong = refusal(lambda: bookings.confirm(booking_id, salt="AAAAAAAAAAAAAA", status="cancelled"))
    assert wrong[:2] == (400, "invalid_request_error")
    assert kept(world, booking_id)[0] == ("pending", TEN)

    answer = bookings.confirm(booking_id, salt=salt, status="cancelled", cancellationReason="on leave")
    assert answer.get("data", {}).get("status") == ("cancelled" if dialect == "booking" else None)
    assert bookings.find(booking_id)["status"] == "cancelled"
    assert kept(world, booking_id) == (("cancelled", TEN), ("[PENDING] Ask first", "cancelled"))
    assert heard(world, receiver) == ["booking.pending", "booking.cancelled"]
    reason = receiver.received[1].json["data"]["object"]["booking_info"]["cancellation_reason"]
    assert reason == "on leave"


@pytest.mark.parametrize("ids", ["same", "new"])
@pytest.mark.parametrize("answer", ["booking", "request_id"])
def test_both_answers_to_rescheduling_are_understood(
    world: Remote, nylas: Nylas, answer: str, ids: str
) -> None:
    world.control("PATCH", "dialect", {"reschedule_response": answer, "reschedule_booking_id": ids})
    bookings = Bookings(nylas, PUBLIC)
    booking_id = bookings.create()["bookingId"]
    moved = bookings.reschedule(booking_id, TEN + 1800)
    assert ("data" in moved) == (answer == "booking")
    (live,) = [each for each in world.state()["bookings"] if each["status"] == "booked"]
    assert live["start_time"] == TEN + 1800
    assert (live["booking_id"] == booking_id) == (ids == "same")
    if answer == "booking":
        assert moved["data"]["bookingId"] == live["booking_id"]


@pytest.mark.parametrize("way", ["client", "override"])
def test_a_private_configuration_is_booked_with_a_session_in_place_of_the_key(
    world: Remote, nylas: Nylas, receiver: Receiver, way: str
) -> None:
    body = {"configurationId": PRIVATE, "timeToLive": 30}
    session_id = nylas.call("scheduler.sessions.create", requestBody=body)["data"]["sessionId"]
    (known,) = world.state()["sessions"]
    assert known == {"id": session_id, "configuration_id": PRIVATE, "expires_at": NOW + 30 * 60}
    auth: dict[str, Any] = {"overrides": {"apiKey": session_id}} if way == "override" else {"key": session_id}
    bookings = Bookings(nylas, None, **auth)
    window = {"startTime": TEN, "endTime": TEN + 1800}
    free = nylas.call("scheduler.availability.get", queryParams=window, **auth)["data"]["timeSlots"]
    assert [each["startTime"] for each in free] == [TEN]

    made = bookings.create()
    booking_id = made["bookingId"]
    assert world.booking(booking_id)["configuration_id"] == PRIVATE
    assert bookings.find(booking_id) == made
    assert bookings.reschedule(booking_id, TEN + 1800)["data"]["status"] == "booked"
    assert kept(world, booking_id) == (("booked", TEN + 1800), ("Intro call", "confirmed"))
    bookings.destroy(booking_id, {})
    assert heard(world, receiver) == ["booking.created", "booking.rescheduled", "booking.cancelled"]

    key_alone = Bookings(nylas, {"configurationId": PRIVATE})
    assert refusal(key_alone.create)[:2] == (401, "unauthorized")
    nylas.call("scheduler.sessions.destroy", sessionId=session_id)
    assert refusal(lambda: bookings.find(booking_id))[:2] == (401, "invalid_session")
    assert world.state()["sessions"] == []


def test_sessions_by_slug_expire(world: Remote, nylas: Nylas) -> None:
    made = nylas.call("scheduler.sessions.create", requestBody={"slug": "private"})
    bookings = Bookings(nylas, None, key=made["data"]["sessionId"])
    booking_id = bookings.create()["bookingId"]
    world.control("PATCH", "clock", {"advance": "PT5M"})
    assert refusal(lambda: bookings.find(booking_id))[:2] == (401, "invalid_session")
    long = {"slug": "private", "timeToLive": 31}
    assert refusal(lambda: nylas.call("scheduler.sessions.create", requestBody=long))[0] == 400


@pytest.mark.parametrize(
    "query",
    [
        {"slug": "intro", "clientId": CLIENT_ID},
        {"configurationId": UNDEFINED, "slug": "intro", "clientId": CLIENT_ID},
        {"configurationId": INTRO, "slug": UNDEFINED, "clientId": UNDEFINED},
        {"configurationId": INTRO, "slug": None, "clientId": ""},
    ],
    ids=["slug", "slug and undefined", "id and undefined", "id, null and empty"],
)
@pytest.mark.parametrize("auth", ["key", "none"])
def test_a_configuration_is_named_by_slug_and_unset_values_come_as_text(
    world: Remote, nylas: Nylas, query: dict[str, Any], auth: str
) -> None:
    bookings = Bookings(nylas, query, **({} if auth == "key" else {"overrides": {"skipAuth": True}}))
    made = bookings.create()
    assert bookings.find(made["bookingId"]) == made
    bookings.reschedule(made["bookingId"], TEN + 1800)
    bookings.destroy(made["bookingId"], {})
    assert kept(world, made["bookingId"]) == (("cancelled", TEN + 1800), ("Intro call", "cancelled"))
    journal = world.journal()
    names = {"configurationId": "configuration_id", "slug": "slug", "clientId": "client_id"}
    unset = [names[key] for key, value in query.items() if value == UNDEFINED]
    assert all(f"{name}=undefined" in each["query"] for name in unset for each in journal)
    assert all(("Authorization" in each["request"]["headers"]) == (auth == "key") for each in journal)


def test_availability_follows_the_calendar(world: Remote, nylas: Nylas) -> None:
    def free(**more: Any) -> list[int]:
        query = {"startTime": TEN, "endTime": TEN + 5400, **PUBLIC, **more}
        answer = nylas.call("scheduler.availability.get", queryParams=query)
        return [each["startTime"] for each in answer["data"]["timeSlots"]]

    assert free(slug=UNDEFINED, bookingId=UNDEFINED) == [TEN, TEN + 1800, TEN + 3600]
    booking_id = Bookings(nylas, PUBLIC).create()["bookingId"]
    assert free() == [TEN + 1800, TEN + 3600]
    assert free(bookingId=booking_id) == [TEN, TEN + 1800, TEN + 3600]


def test_a_round_robin_tells_whose_turn_it_is(world: Remote, nylas: Nylas) -> None:
    hosts = [participant(f"{name}@example.com", organizer=False) for name in ("alice", "bob")]
    method = {"durationMinutes": 30, "availabilityRules": {"availabilityMethod": "max-fairness"}}
    body = {**camel(configuration(*hosts)), "availability": method}
    made = nylas.call("scheduler.configurations.create", identifier=ALICE, requestBody=body)["data"]
    query = {"configurationId": made["id"]}
    window = {"startTime": TEN, "endTime": TEN + 1800}
    shown = nylas.call("scheduler.availability.get", queryParams={**query, **window})["data"]
    assert (
        set(shown["order"])
        == set(shown["timeSlots"][0]["emails"])
        == {"alice@example.com", "bob@example.com"}
    )
    host = shown["order"][0]
    booked = Bookings(nylas, query).create(wanted(participants=[{"email": host}]))
    assert booked["organizer"]["email"] == host
    assert kept(world, booked["bookingId"], host)[1] == ("Intro call", "confirmed")


def test_keys_are_rewritten_inside_additional_fields_too(world: Remote, nylas: Nylas) -> None:
    """So fields that are not named in snake_case can be made and answered, but only under another name."""
    fields = {
        "companyName": {"label": "Company", "type": "text", "required": True},
        "phone2": {"label": "Second phone", "type": "phone_number", "required": False},
        "UPPER case": {"label": "Shout", "type": "text", "required": False},
    }
    scheduler = {"minBookingNotice": 0, "additionalFields": fields}
    body = {**camel(configuration()), "scheduler": scheduler}
    made = nylas.call("scheduler.configurations.create", identifier=ALICE, requestBody=body)["data"]
    (held,) = [each for each in world.state()["configurations"] if each["id"] == made["id"]]
    assert set(held["scheduler"]["additional_fields"]) == {"company_name", "phone_2", "upper_case"}
    assert set(made["scheduler"]["additionalFields"]) == {"companyName", "phone2", "upperCase"}

    bookings = Bookings(nylas, {"configurationId": made["id"]})
    answers = {"companyName": "Acme", "phone2": "+15550100", "UPPER case": "hey"}
    booking_id = bookings.create(wanted(additionalFields=answers))["bookingId"]
    assert world.booking(booking_id)["additional_fields"] == {
        "company_name": "Acme",
        "phone_2": "+15550100",
        "upper_case": "hey",
    }


@pytest.mark.parametrize(
    ("name", "written", "sent"),
    [
        ("company_name", "companyName", None),
        ("phone_2", "phone2", None),
        ("phone_2", "phone_2", "phone__2"),
        ("companyName", "companyName", "company_name"),
        ("phone2", "phone2", "phone_2"),
    ],
)
def test_some_names_of_fields_are_out_of_reach(
    world: Remote, nylas: Nylas, name: str, written: str, sent: str | None
) -> None:
    """A field of a configuration that was made otherwise, answered as a program in JavaScript writes it."""
    scenario = deepcopy(DOCUMENT)
    fields = {name: {"label": "Asked", "type": "text", "required": False}}
    scenario["configurations"]["intro"]["body"]["scheduler"]["additional_fields"] = fields
    world.control("PUT", "scenario", scenario)
    body = wanted(additionalFields={written: "answer"})
    if sent is None:
        booking_id = Bookings(nylas, PUBLIC).create(body)["bookingId"]
        assert world.booking(booking_id)["additional_fields"] == {name: "answer"}
    else:
        status, _, message = refusal(lambda: Bookings(nylas, PUBLIC).create(body))
        assert (status, message) == (400, f"Additional field '{sent}' not found in configuration")


def test_refusals_arrive_as_the_errors_of_the_sdk_and_change_nothing(world: Remote, nylas: Nylas) -> None:
    bookings = Bookings(nylas, PUBLIC)
    bookings.create()
    before = world.state()
    status, kind, message = refusal(bookings.create)
    assert (status, kind) == (400, "invalid_request_error")
    assert message.startswith("The selected timeslot is unavailable")
    unknown = "99999999-9999-4999-8999-999999999999"
    assert refusal(lambda: bookings.find(unknown))[:2] == (404, "not_found_error")
    assert refusal(lambda: bookings.find("a/b"))[:2] == (404, "not_found_error")
    assert refusal(lambda: bookings.find("../sessions"))[:2] == (404, "not_found_error")
    assert refusal(lambda: bookings.destroy(unknown))[:2] == (404, "not_found_error")
    assert refusal(lambda: bookings.create(wanted(startTime=TEN + 0.5)))[0] == 400
    assert refusal(Bookings(nylas).create)[:2] == (401, "unauthorized")
    assert refusal(lambda: nylas.call("webhooks.list", key="wrong"))[:2] == (401, "unauthorized")
    assert world.state() == before
    assert len(world.notifications()) == 1


def test_what_a_provider_says_and_what_is_no_json_arrive_as_errors_too(world: Remote, nylas: Nylas) -> None:
    said = {"error": {"code": 429, "status_text": "quota"}}
    error = {"type": "provider_error", "message": "Provider refused.", "provider_error": said}
    broken = {"match": {"operation": "createBooking"}, "times": 1}
    body = {"request_id": "made-up", "error": error}
    world.control("POST", "faults", {**broken, "effect": {"status": 504, "body": body}})
    with pytest.raises(NodeError) as refused:
        Bookings(nylas, PUBLIC).create()
    assert (refused.value.name, refused.value.status) == ("NylasApiError", 504)
    assert (refused.value.type, str(refused.value)) == ("provider_error", "Provider refused.")
    assert refused.value.provider_error == {"error": {"code": 429, "statusText": "quota"}}

    world.control("POST", "faults", {**broken, "effect": {"status": 502, "body": "<h1>Bad Gateway</h1>"}})
    with pytest.raises(NodeError, match="could not parse response from the server: <h1>Bad Gateway</h1>"):
        Bookings(nylas, PUBLIC).create()
    assert world.state()["bookings"] == []


def test_configurations_are_made_listed_changed_and_removed(world: Remote, nylas: Nylas) -> None:
    def call(method: str, **args: Any) -> Any:
        return nylas.call(f"scheduler.configurations.{method}", identifier=ALICE, **args).get("data")

    body = camel(configuration(slug="second", name="Second"))
    made = call("create", requestBody=body)
    assert call("find", configurationId=made["id"]) == made
    (held,) = [each for each in world.state()["configurations"] if each["id"] == made["id"]]
    assert held["participants"][0]["availability"]["open_hours"] == [
        {"days": [1, 2, 3, 4, 5], "start": "9:00", "end": "17:00", "timezone": "UTC"}
    ]
    assert [each["id"] for each in call("list")] == [INTRO, ASK, PRIVATE, made["id"]]

    changed = call("update", configurationId=made["id"], requestBody={**made, "name": "Changed"})
    assert (changed["name"], changed["slug"]) == ("Changed", "second")
    assert refusal(lambda: call("create", requestBody=body))[:2] == (400, "invalid_request_error")
    call("destroy", configurationId=made["id"])
    assert refusal(lambda: call("find", configurationId=made["id"]))[:2] == (404, "not_found_error")
    assert len(world.state()["configurations"]) == 3


def test_webhooks_are_made_changed_and_removed(world: Remote, nylas: Nylas) -> None:
    def call(method: str, **args: Any) -> Any:
        return nylas.call(f"webhooks.{method}", **args).get("data")

    with Receiver() as receiver:
        body = {
            "webhookUrl": receiver.url,
            "triggerTypes": ["booking.created"],
            "description": "Für die Kasse",
        }
        made = call("create", requestBody=body)
        assert len(receiver.challenges) == 1
        found = call("find", webhookId=made["id"])
        assert (found["description"], found["createdAt"], found["status"]) == ("Für die Kasse", NOW, "active")
        assert call("list") == [found]
        both = ["booking.created", "booking.cancelled"]
        changed = call("update", webhookId=made["id"], requestBody={"triggerTypes": both})
        assert changed["triggerTypes"] == both

        rotated = call("rotateSecret", webhookId=made["id"])
        assert rotated["webhookSecret"] != made["webhookSecret"]
        receiver.trust(rotated["webhookSecret"])
        booking_id = Bookings(nylas, PUBLIC).create()["bookingId"]
        Bookings(nylas, PUBLIC).destroy(booking_id)
        assert heard(world, receiver) == both
        assert call("ipAddresses")["ipAddresses"] == ["127.0.0.1"]

        call("destroy", webhookId=made["id"])
        assert call("list") == []
        assert refusal(lambda: call("find", webhookId=made["id"]))[:2] == (400, "70000")
        receiver.challenge = "wrong"
        assert refusal(lambda: call("create", requestBody=body))[:2] == (400, "70005")


def test_a_booking_is_found_on_the_calendar_of_the_provider(world: Remote, nylas: Nylas) -> None:
    made = Bookings(nylas, PUBLIC).create()
    on_primary = {"identifier": ALICE, "queryParams": {"calendarId": "primary"}}
    (listed,) = nylas.call("events.list", **on_primary)["data"]
    assert (listed["id"], listed["when"]["startTime"]) == (made["eventId"], TEN)
    assert nylas.call("events.find", eventId=made["eventId"], **on_primary)["data"] == listed
    calendars = nylas.call("calendars.list", identifier=ALICE)["data"]
    assert [each["isPrimary"] for each in calendars] == [True]
    body = {"startTime": TEN, "endTime": TEN + 7200, "emails": ["alice@example.com"]}
    (busy,) = nylas.call("calendars.getFreeBusy", identifier=ALICE, requestBody=body)["data"]
    assert [(each["startTime"], each["endTime"]) for each in busy["timeSlots"]] == [(TEN, TEN + 1800)]
    assert nylas.call("calendars.list", identifier=BOB)["data"][0]["grantId"] == BOB
