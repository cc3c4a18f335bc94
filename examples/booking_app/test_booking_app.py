"""The tests of the site. Its provider is `nylas_mock`, a fixture of nylas-bookings-double."""

import pytest
from app import create_app
from bookings import Bookings
from flask.testing import FlaskClient
from freezegun import freeze_time

from mockserver.testing import NylasMock

BOOK = "POST /v3/scheduling/bookings"


@pytest.fixture
def site(nylas_mock: NylasMock) -> FlaskClient:
    intro = nylas_mock.configuration("intro")
    bookings = Bookings(nylas_mock.api_key, nylas_mock.api_url, intro.id, pause=0)
    client = create_app(bookings, nylas_mock.webhook_secret).test_client()
    nylas_mock.on_notification = lambda told: client.post(
        "/webhooks/nylas", data=told.body, headers=told.headers
    )
    return client


def book(site: FlaskClient, slot: int = 0):
    return site.post(
        "/bookings", json={**site.get("/slots").json[slot], "name": "Ada", "email": "ada@example.com"}
    )


def test_a_guest_books(site, nylas_mock):
    answer = book(site)
    assert answer.status_code == 201
    booking = nylas_mock.bookings.one()
    assert (booking.id, booking.status, booking.guest.name) == (answer.json["id"], "booked", "Ada")
    assert nylas_mock.events.of("alice")[0].title == "Intro call with Alice"
    assert nylas_mock.mail.of("ada@example.com").one().type == "booking_confirmed"


def test_the_agenda_follows(site, nylas_mock):
    first, second = book(site).json, book(site, 3).json
    assert len(site.get("/agenda").json) == 2
    site.delete(f"/bookings/{first['id']}?reason=ill")
    (left,) = site.get("/agenda").json
    assert left["start"] == nylas_mock.bookings.of("booked").one().start_time
    assert nylas_mock.bookings.of("booked").one().id == second["id"]
    assert nylas_mock.notifications.of("booking.cancelled").one().delivered


def test_somebody_else_is_faster(site, nylas_mock):
    slot = site.get("/slots").json[0]
    nylas_mock.take_slot(slot["start"], configuration="intro")
    assert site.post("/bookings", json={**slot, "name": "Ada", "email": "ada@example.com"}).status_code == 409
    assert not nylas_mock.bookings
    assert site.get("/slots").json[0] != slot


def test_it_waits_when_it_is_asked_to(site, nylas_mock):
    nylas_mock.fail_next(BOOK, status=429)
    assert book(site).status_code == 201
    assert [each.status for each in nylas_mock.requests.of(BOOK)] == [429, 200]


def test_it_gives_up_after_that(site, nylas_mock):
    nylas_mock.fail_next(BOOK, status=429, times=2)
    assert book(site).status_code == 503
    assert not nylas_mock.bookings


@pytest.mark.parametrize("how", [{"drop": "after"}, {"delay_ms": 60_000}, {"truncate": True}])
def test_a_lost_answer_is_no_failure(site, nylas_mock, how):
    nylas_mock.fail_next(BOOK, **how)
    assert book(site).status_code == 502
    assert nylas_mock.bookings.one().status == "booked"
    assert len(site.get("/agenda").json) == 1, "the webhook told us"


def test_a_notification_that_comes_twice_counts_once(site, nylas_mock):
    nylas_mock.fail_next("booking.created", duplicate=True)
    book(site)
    assert len(nylas_mock.notifications.one().deliveries[0].attempts) == 2
    assert len(site.get("/agenda").json) == 1


def test_a_notification_that_got_lost_comes_again(site, nylas_mock):
    nylas_mock.fail_next("booking.created", status=503)
    book(site)
    assert site.get("/agenda").json == []
    nylas_mock.advance(minutes=5)
    assert len(site.get("/agenda").json) == 1


def test_a_forged_notification_is_refused(site):
    forged = site.post("/webhooks/nylas", json={"id": "1"}, headers={"X-Nylas-Signature": "0" * 64})
    assert forged.status_code == 401


@pytest.mark.nylas_scenario({"version": 1, "name": "nobody"})
def test_an_empty_world(nylas_mock):
    bookings = Bookings(nylas_mock.api_key, nylas_mock.api_url, "a1c4e6d8-0b2f-4e35-9a7c-1d3f5b7e9c21")
    with pytest.raises(Exception, match="404"):
        bookings.free(0, 1)


@freeze_time("2031-03-07T15:30:00Z")
def test_friday_is_over_then_comes_monday(site, nylas_mock):
    assert nylas_mock.free_slots("intro")[0].start.isoformat() == "2031-03-10T08:00:00+00:00"
    book(site)
    assert nylas_mock.bookings.one().start.weekday() == 0
