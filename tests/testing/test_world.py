"""What a double shows and lets a test do: records, names, slots, reports."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from nylas.models.errors import NylasApiError

from mockserver.scenario import ScenarioError
from mockserver.testing import NylasMock, Slot
from tests.support.worlds import DOCUMENT, NOW
from tests.testing.calls import ADA, book, book_at, client


@pytest.fixture
def nylas() -> Iterator[NylasMock]:
    with NylasMock(DOCUMENT) as running:
        yield running


def test_names_of_the_scenario_lead_to_ids(nylas: NylasMock) -> None:
    written = DOCUMENT["configurations"]["intro"]["id"]
    intro = nylas.configuration("intro")
    assert (intro.id, intro.name, intro.slug, intro.duration_minutes) == (written, "intro", "intro", 30)
    assert intro == nylas.configuration(written)
    assert nylas.grant("alice") == nylas.grant("alice@example.com") == nylas.grant(nylas.grant("alice").id)
    assert (nylas.api_key, nylas.client_id) == ("nyk_test_key", DOCUMENT["application"]["client_id"])
    assert nylas.scenario == "test"
    with pytest.raises(LookupError, match=r"'nobody'.*expected one of intro, ask, private"):
        nylas.configuration("nobody")
    with pytest.raises(LookupError, match=r"^configuration: expected one of intro, ask, private"):
        nylas.configuration()
    with pytest.raises(LookupError, match=r"expected one of alice@example.com, bob@example.com"):
        nylas.grant("carol")


def test_a_booking_is_shown_with_all_that_belongs_to_it(nylas: NylasMock) -> None:
    made = book(nylas, additional_guests=[{"email": "bo@example.com"}])
    booking = nylas.bookings.one()
    assert booking.id == made.booking_id
    assert booking.reference == requests_answer(nylas)["booking_ref"]
    assert (str(booking.guest), booking.organizer.email) == ("Ada <ada@example.com>", "alice@example.com")
    assert [str(each) for each in booking.additional_guests] == ["bo@example.com"]
    assert booking.end - booking.start == timedelta(minutes=30)
    event = nylas.events.of("alice").one()
    assert (event.id, event.start, event.status) == (booking.event_id, booking.start, "confirmed")
    assert [each.email for each in event.participants][:1] == ["alice@example.com"]
    assert not nylas.events.of("bob")


def requests_answer(nylas: NylasMock) -> dict[str, str]:
    data: dict[str, str] = nylas.requests[-1].answer["data"]
    return data


def test_mails_are_written_out(nylas: NylasMock) -> None:
    book(nylas, "ask")
    (mail,) = nylas.mail.of("confirmation_request")
    assert (mail.to, mail.links["confirm"] is not None) == ("alice@example.com", True)
    assert "Ada" in mail.text
    book(nylas, "intro", 1)
    invitation = nylas.mail.of("ada@example.com").one().attachments[0]
    assert invitation.body.startswith("BEGIN:VCALENDAR")


def test_links_of_mails_lead_into_the_double() -> None:
    with NylasMock() as nylas:
        book(nylas, "consultation", 20)
        (mail,) = nylas.mail.of("confirmation_request")
        page = requests.get(str(mail.links["confirm"]), timeout=5)
    assert page.status_code == 200
    assert "Ada" in page.text


def test_records_are_chosen_by_kind(nylas: NylasMock) -> None:
    book(nylas, "intro")
    pending = book(nylas, "ask", 3)
    assert nylas.bookings.of("pending").one().id == nylas.bookings.of("ask").one().id == pending.booking_id
    assert len(nylas.bookings.of("pending", "booked")) == 2
    assert [each.type for each in nylas.notifications.of(pending.booking_id)] == ["booking.pending"]
    assert len(nylas.requests.of("POST")) == 2
    assert len(nylas.requests.of("/v3/scheduling/{what}")) == 2
    assert not nylas.requests.of("GET /v3/scheduling/bookings")
    assert nylas.bookings[:1] == nylas.bookings.of("booked")


@pytest.mark.parametrize(
    ("records", "kind", "told"),
    [
        ("bookings", "canceled", "'canceled': expected a status (booked, pending, cancelled) or a configur"),
        ("events", "carol", "a person (alice, "),
        ("mail", "booking.created", "expected an e-mail address, or one of confirmation_request, "),
        ("notifications", "booking.creatd", "or one of booking.created, "),
        ("requests", "createBooking", "expected POST /v3/…, a method, or a path"),
        ("requests", "POTS /v3/webhooks", "expected POST /v3/…"),
    ],
)
def test_what_no_record_can_ever_be_is_told(nylas: NylasMock, records: str, kind: str, told: str) -> None:
    """Else `assert not nylas.bookings.of("canceled")` holds for ever."""
    with pytest.raises(ValueError, match=re.escape(told)):
        getattr(nylas, records).of(kind)


def test_what_no_record_happens_to_be_is_none(nylas: NylasMock) -> None:
    assert not nylas.bookings.of("cancelled", "intro", nylas.configuration("intro").id)
    assert not nylas.events.of("tentative", "alice", nylas.grant("alice").id)
    assert not nylas.mail.of("nobody@example.com", "reminder")
    assert not nylas.notifications.of("booking.reminder", nylas.grant("alice").id)
    assert not nylas.requests.of("get", "POST /v3/webhooks", "/v3/{one}")


def test_one_says_what_there_is_instead(nylas: NylasMock) -> None:
    with pytest.raises(AssertionError, match="exactly one of the bookings, there are none"):
        nylas.bookings.one()
    book(nylas), book(nylas)
    with pytest.raises(
        AssertionError, match=r"exactly one of the notifications of booking\.created, there are\n"
    ):
        nylas.notifications.of("booking.created").one()


def test_representations_are_short_and_telling(nylas: NylasMock) -> None:
    made = book_at(nylas, NOW + 3600, NOW + 5400)
    short = made.booking_id[:8]
    shown = "Mon 2026-03-02 10:00-10:30 UTC"
    assert repr(nylas.bookings) == f"[<Booking {short} booked: intro, {shown}, Ada <ada@example.com>>]"
    assert repr(nylas.events) == f"[<Event 'Intro call' confirmed: alice, {shown}>]"
    assert repr(nylas.notifications) == f"[<Notification booking.created {short}: no webhook>]"
    assert repr(nylas.requests) == "[<Request POST /v3/scheduling/bookings: 200>]"
    assert re.fullmatch(r"<Mail booking_confirmed to ada@example.com: '.*'>", repr(nylas.mail[0]))
    assert repr(Slot(NOW + 50_000, NOW + 60_000)) == "<Slot Mon 2026-03-02 22:53-Tue 2026-03-03 01:40 UTC>"
    assert repr(nylas) == "<NylasMock 'test' at https://api.us.nylas.com>"


@pytest.mark.parametrize("way", ["slot", "mapping", "datetime", "seconds", "text", "end"])
def test_somebody_else_takes_a_slot(nylas: NylasMock, way: str) -> None:
    slot = nylas.free_slots("intro")[4]
    times = {"start_time": slot.start_time, "end_time": slot.end_time}
    if way == "end":
        event = nylas.take_slot(slot.start, slot.end, calendar="alice")
    else:
        given = {"slot": slot, "mapping": times, "datetime": slot.start, "seconds": slot.start_time}
        event = nylas.take_slot(given.get(way, slot.start.isoformat()), configuration="intro")  # type: ignore[arg-type]
    assert (event.start, event.end, event.owner.name) == (slot.start, slot.end, "alice")
    assert slot not in nylas.free_slots("intro")
    with pytest.raises(NylasApiError, match="The selected timeslot is unavailable"):
        book_at(nylas, slot.start_time, slot.end_time)


def test_what_can_not_be_taken_is_refused(nylas: NylasMock) -> None:
    for given, told in (
        (datetime(2026, 3, 2, 10), "with a time zone"),  # noqa: DTZ001 - that is the mistake
        (b"soon", "got bytes"),
        ("soon", "RFC 3339"),
        (10**12, "1970 to 2199"),
        ({"start_time": NOW}, "end_time: expected a datetime"),
    ):
        with pytest.raises(ValueError, match=told):
            nylas.take_slot(given, configuration="intro")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="days: expected more than 0, got -3"):
        nylas.free_slots("intro", days=-3)
    with pytest.raises(ValueError, match="after the start"):
        nylas.take_slot(NOW, NOW, calendar="alice")
    with pytest.raises(LookupError, match=r"'carol'.*expected one of"):
        nylas.take_slot(NOW, NOW + 60, calendar="carol")
    with pytest.raises(LookupError, match="expected one of intro"):
        nylas.take_slot(NOW)
    assert not nylas.events


def test_free_slots_are_what_availability_offers(nylas: NylasMock) -> None:
    start = datetime(2026, 3, 3, tzinfo=UTC)
    query = {
        "configuration_id": nylas.configuration("intro").id,
        "start_time": int(start.timestamp()),
        "end_time": int(start.timestamp()) + 86_400,
    }
    offered = requests.get(f"{nylas.api_url}/v3/scheduling/availability", params=query, timeout=5).json()[
        "data"
    ]["time_slots"]
    shown = nylas.free_slots("intro", start=start, days=1)
    assert [(each.start_time, each.end_time) for each in shown] == [
        (each["start_time"], each["end_time"]) for each in offered
    ]


def test_every_way_to_name_a_scenario(tmp_path: Path) -> None:
    path = tmp_path / "world.yaml"
    path.write_text("version: 1\nname: mine\n", encoding="utf-8")
    for given, name in (
        (None, "default"),
        ("private", "private"),
        (path, "mine"),
        (str(path), "mine"),
        (DOCUMENT, "test"),
    ):
        with NylasMock(given) as nylas:
            assert nylas.scenario == name


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("privat", "did you mean private"),
        ({"version": 1, "grants": 3}, "grants"),
        ({"version": 1, "clock": datetime.now(UTC)}, "expected plain data"),  # noqa: TID251 - any will do
        (7, "expected a name, a path, a mapping or a Scenario, got int"),
    ],
)
def test_what_is_no_scenario_is_refused_and_nothing_stays_behind(given: object, told: str) -> None:
    before = requests.Session.get_adapter
    with pytest.raises((ScenarioError, TypeError), match=told):
        NylasMock(given).start()  # type: ignore[arg-type]
    assert requests.Session.get_adapter is before


def test_every_double_begins_anew() -> None:
    seen = []
    for _ in range(2):
        with NylasMock(DOCUMENT) as nylas:
            book(nylas)
            seen.append((nylas.bookings.one().id, nylas.requests.one().id))
    assert seen[0] == seen[1], "equal scenarios, equal ids"


def test_what_happened_can_be_looked_at_afterwards() -> None:
    with NylasMock(DOCUMENT) as nylas:
        book(nylas)
    assert len(nylas.bookings) == len(nylas.requests) == len(nylas.notifications) == 1
    assert repr(nylas).endswith(", stopped>")


def test_it_has_to_be_begun_once() -> None:
    nylas = NylasMock()
    with pytest.raises(RuntimeError, match="hasn't begun"):
        _ = nylas.bookings
    assert repr(nylas) == "<NylasMock, not started>"
    with nylas:
        with pytest.raises(RuntimeError, match="runs already"):
            nylas.start()
        book(nylas)
    with nylas:
        assert not nylas.bookings


def test_a_decorator_gives_every_call_a_double_of_its_own() -> None:
    @NylasMock(DOCUMENT)
    def count(more: int, nylas_mock: NylasMock) -> int:
        book(nylas_mock)
        return len(nylas_mock.bookings) + more

    @NylasMock(DOCUMENT)
    def ask() -> int:
        return requests.get("https://api.us.nylas.com/v3/webhooks", timeout=5).status_code

    @NylasMock(DOCUMENT)
    async def wait(nylas_mock: NylasMock) -> str:
        await asyncio.sleep(0)
        return nylas_mock.scenario

    assert (count(0), count(10), ask(), asyncio.run(wait())) == (1, 11, 401, "test")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="decorate the methods"):
        NylasMock()(type("Tests", (), {}))


def test_a_report_tells_what_happened_and_no_secret(nylas: NylasMock) -> None:
    webhook = nylas.subscribe("https://shop.test/hook")
    slot = nylas.free_slots("intro")[0]
    query = {"configuration_id": nylas.configuration("private").id}
    session = client(nylas).scheduler.sessions.create(
        request_body={"configuration_id": query["configuration_id"], "time_to_live": 10}
    )
    nylas.take_slot(slot, configuration="intro")
    with pytest.raises(NylasApiError):
        book_at(nylas, slot.start_time, slot.end_time)
    book(nylas, "intro")
    leak = {"a": nylas.api_key, "c": session.data.session_id}
    requests.post(f"{nylas.api_url}/v3/nothing", params=leak, json=leak, timeout=5)
    rotate = f"{nylas.api_url}/v3/webhooks/rotate-secret/{webhook.id}"
    bearer = {"Authorization": f"Bearer {nylas.api_key}"}
    rotated = [requests.post(rotate, headers=bearer, timeout=5).json()["data"] for _ in range(2)]
    nylas.fail_next("POST /v3/scheduling/bookingz")
    told = nylas.report()
    assert "faults that struck nothing:\n  fault-1: POST /v3/scheduling/bookingz" in told
    assert "scenario test, 2026-03-02T09:00:00Z by a frozen clock" in told
    assert "> POST /v3/scheduling/bookings?configuration_id=" in told
    assert ADA["email"] in told
    assert "< 400 " in told
    assert "because " in told
    assert "<Notification booking.created" in told
    for secret in (nylas.api_key, session.data.session_id, *(each["webhook_secret"] for each in rotated)):
        assert secret not in told
    assert '"session_id":"***"' in told
