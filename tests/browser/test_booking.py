"""Seeing slots, picking one, filling the form in, booking; then moving and cancelling it on the same page."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.hosting import Host
from tests.browser.widget import Widget
from tests.browser.world import (
    ASK,
    CLIENT_ID,
    EXPIRED,
    INTRO,
    LEADING_ON,
    NOW,
    PRIVATE,
    QUESTIONS,
    SESSION,
)
from tests.support.remote import Remote

pytestmark = pytest.mark.slow

TEN = NOW + 3600
"""Today at ten: a slot that the component shows at once."""
HALF_PAST_ONE = TEN + 3.5 * 3600


def test_a_booking_is_made_moved_and_cancelled_on_one_page(widget: Widget, world: Remote) -> None:
    widget.mount(configurationId=INTRO)
    assert widget.times()[:2] == ["09:30 AM", "10:00 AM"]
    widget.book("10:00 AM")
    widget.says("Booking confirmed")
    (booking,) = world.state()["bookings"]
    assert (booking["status"], booking["start_time"]) == ("booked", TEN)
    assert booking["guest"] == {"name": "Gina Guest", "email": "gina@example.com"}

    widget.press("Reschedule")
    assert "10:00 AM" in widget.times()  # its own event does not stand in its way
    widget.pick("01:30 PM")
    expect(widget.name).to_have_value("Gina Guest")
    expect(widget.email).to_have_value("gina@example.com")
    widget.submit()
    widget.says("Booking rescheduled")
    assert world.booking(booking["booking_id"])["start_time"] == HALF_PAST_ONE

    widget.press("Cancel booking")
    widget.cancel("I am ill")
    widget.says("cancelled successfully")
    assert world.booking(booking["booking_id"])["status"] == "cancelled"
    told = ["booking.created", "booking.rescheduled", "booking.cancelled"]
    assert [each["type"] for each in world.notifications()] == told
    assert (
        world.notifications()[-1]["payload"]["data"]["object"]["booking_info"]["cancellation_reason"]
        == "I am ill"
    )
    assert {each["to"][0] for each in world.mails()} == {"gina@example.com", "alice@example.com"}
    assert all(each["status"] == "cancelled" for each in world.events("alice@example.com"))


def test_every_type_of_additional_field_and_more_guests(widget: Widget, world: Remote) -> None:
    widget.mount(configurationId=QUESTIONS)
    widget.pick("10:00 AM")
    form = widget.form
    widget.fill()
    for n, address in enumerate(["one@example.com", "two@example.com"]):
        form.locator(".add-guest").click()
        form.locator(f"#guest-email-{n}").fill(address)
    form.locator("#topic input").fill("Bees")
    form.locator("#story textarea").fill("First line\nsecond line")
    form.locator("#office input").fill("gina@work.example.com")
    form.locator("#phone input").fill("+4930123456")
    widget.choose("size", "Large")
    form.locator("#day input").fill("2026-03-20")
    form.locator("#pets label").click()
    form.locator("#parking label").filter(has_text="Street").click()
    widget.choose("wishes", "Tea")
    widget.form.locator("#wishes").get_by_text("Coffee", exact=True).first.click()
    widget.submit()
    widget.says("Booking confirmed")

    (booking,) = world.state()["bookings"]
    assert booking["additional_guests"] == [
        {"name": address, "email": address} for address in ("one@example.com", "two@example.com")
    ]
    assert booking["additional_fields"] == {
        "topic": "Bees",
        "story": "First line\nsecond line",
        "office": "gina@work.example.com",
        "phone": "+4930123456",
        "size": "Large",
        "day": "2026-03-20",
        "pets": "true",
        "parking": "Street",
        "wishes": "Tea,Coffee",
        "source": "website",
    }


def test_what_is_required_is_asked_for_before_anything_is_sent(widget: Widget, world: Remote) -> None:
    widget.mount(configurationId=QUESTIONS)
    widget.book("10:00 AM")
    widget.says("Topic is required")
    assert world.state()["bookings"] == []


def test_an_answer_that_only_the_server_finds_wrong_is_told(widget: Widget, world: Remote) -> None:
    """The component does not look at patterns."""
    widget.mount(configurationId=QUESTIONS)
    widget.pick("10:00 AM")
    widget.fill()
    widget.form.locator("#topic input").fill("Bees")
    widget.form.locator("#phone input").fill("+49")
    widget.choose("size", "Small")
    widget.submit()
    widget.says("additional_fields.phone")
    assert [each["status"] for each in world.journal() if each["method"] == "POST"] == [400]
    assert world.state()["bookings"] == []


@pytest.mark.parametrize(
    ("properties", "configuration"),
    [
        ({"configurationId": INTRO}, INTRO),
        ({"slug": "intro", "clientId": CLIENT_ID}, INTRO),
        ({"sessionId": SESSION}, PRIVATE),
        ({"sessionId": SESSION, "configurationId": PRIVATE}, PRIVATE),
    ],
    ids=["id", "slug", "session", "session and id"],
)
def test_every_way_to_name_a_configuration(
    widget: Widget, world: Remote, properties: dict[str, str], configuration: str
) -> None:
    widget.mount(**properties)
    widget.book()
    widget.says("Booking confirmed")
    (booking,) = world.state()["bookings"]
    assert booking["configuration_id"] == configuration


def test_an_expired_session_is_told(widget: Widget, world: Remote) -> None:
    widget.mount(until="ui-settings", sessionId=EXPIRED)
    widget.says("Get UI Settings Error")
    assert [each["status"] for each in world.journal() if each["method"] == "GET"] == [401]


def test_a_session_that_expires_while_the_form_is_filled_in(widget: Widget, world: Remote) -> None:
    widget.mount(sessionId=SESSION)
    widget.pick("10:00 AM")
    world.control("PATCH", "clock", {"advance": "P2D"})
    widget.fill()
    widget.submit()
    widget.says("Session is invalid or has expired")
    assert world.state()["bookings"] == []


def test_a_private_configuration_without_a_session_is_told(widget: Widget, world: Remote) -> None:
    widget.mount(until="ui-settings", configurationId=PRIVATE)
    widget.says("Something went wrong")


def test_a_booking_that_the_organizer_has_to_confirm(widget: Widget, world: Remote) -> None:
    widget.mount(configurationId=ASK)
    widget.book()
    widget.says("Booking sent")
    (booking,) = world.state()["bookings"]
    assert booking["status"] == "pending"
    assert [each["type"] for each in world.notifications()] == ["booking.pending"]
    (event,) = world.events("alice@example.com")
    assert event["title"].startswith("[PENDING] ")


def test_the_page_to_go_on_to_is_told_what_was_booked(widget: Widget, world: Remote, host: Host) -> None:
    widget.mount(configurationId=LEADING_ON)
    widget.book()
    widget.page.wait_for_url(f"{host.url}/thanks?**")
    (booking,) = world.state()["bookings"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(widget.page.url).query).items()}
    assert query.pop("additional_values", "{}") == "{}"
    query.pop("page_slug", None)
    assert query == {
        "booking_id": booking["booking_id"],
        "booking_ref": booking["booking_ref"],
        "config_id": LEADING_ON,
        "name": "Gina Guest",
        "email": "gina@example.com",
        "start_time": str(TEN),
        "end_time": str(TEN + 1800),
        "tz": "UTC",
        "language": "en",
        "location": "Room 1",
    }
