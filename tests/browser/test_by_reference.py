"""What the links of the mails lead to: reschedule, cancel, and the organizer's decision, by a reference."""

import pytest
from playwright.sync_api import expect

from tests.browser import elsewhere
from tests.browser.widget import CARD, Widget
from tests.browser.world import ASK, NOW, QUESTIONS, STRICT
from tests.support.remote import Remote
from tests.support.worlds import INTRO, TEN

pytestmark = pytest.mark.slow

ANSWERS = {
    "topic": "Bees",
    "story": "Long",
    "office": "otto@work.example.com",
    "phone": "+4930123456",
    "size": "Large",
    "day": "2026-03-20",
    "pets": "true",
    "parking": "Street",
    "wishes": "Coffee,Tea",
    "source": "newsletter",
}


def test_the_form_to_reschedule_is_filled_in(widget: Widget, world: Remote) -> None:
    guests = [{"name": "One", "email": "one@example.com"}]
    booking = elsewhere.book(world, QUESTIONS, TEN, additional_fields=ANSWERS, additional_guests=guests)
    widget.mount(rescheduleBookingRef=booking["booking_ref"])
    widget.pick("11:00 AM")
    form = widget.form
    expect(widget.name).to_have_value("Otto Other")
    expect(widget.email).to_have_value("otto@example.com")
    expect(form.locator("#guest-email-0")).to_have_value("one@example.com")
    for key in ("topic", "office", "phone", "day"):
        expect(form.locator(f"#{key} input")).to_have_value(ANSWERS[key])
    expect(form.locator("#story textarea")).to_have_value("Long")
    expect(form.locator("#size .selected-option")).to_have_text("Large")
    expect(form.locator("#pets input")).to_be_checked()
    expect(form.locator("#parking input").nth(1)).to_be_checked()
    for wish in ("Coffee", "Tea"):
        expect(form.locator("#wishes .selected-options")).to_contain_text(wish)
    widget.submit()
    widget.says("Booking rescheduled")

    moved = world.booking(booking["booking_id"])
    assert moved["start_time"] == NOW + 2 * 3600
    assert moved["guest"] == {"name": "Otto Other", "email": "otto@example.com"}
    assert [each["email"] for each in moved["additional_guests"]] == ["one@example.com"]
    assert moved["additional_fields"] == ANSWERS
    assert [each["type"] for each in world.notifications()] == ["booking.created", "booking.rescheduled"]


def test_cancel(widget: Widget, world: Remote) -> None:
    booking = elsewhere.book(world, INTRO, TEN)
    widget.mount(cancelBookingRef=booking["booking_ref"])
    widget.cancel("Changed my mind")
    widget.says("cancelled successfully")
    assert world.booking(booking["booking_id"])["status"] == "cancelled"
    assert world.notifications()[-1]["type"] == "booking.cancelled"


def test_a_cancellation_inside_the_notice_is_refused(widget: Widget, world: Remote) -> None:
    booking = elsewhere.book(world, STRICT, TEN)
    widget.mount(cancelBookingRef=booking["booking_ref"])
    widget.cancel()
    widget.says("Cancel Booking Error")
    assert world.booking(booking["booking_id"])["status"] == "booked"
    assert [each["type"] for each in world.notifications()] == ["booking.created"]


def test_the_organizer_confirms(widget: Widget, world: Remote) -> None:
    booking = elsewhere.book(world, ASK, TEN)
    widget.mount(organizerConfirmationBookingRef=booking["booking_ref"])
    widget.page.locator(CARD).nth(1).click()
    widget.says("confirmed successfully")
    assert world.booking(booking["booking_id"])["status"] == "booked"
    assert [each["type"] for each in world.notifications()] == ["booking.pending", "booking.created"]
    (event,) = world.events("alice@example.com")
    assert (event["title"], event["status"]) == ("Ask first", "confirmed")


def test_the_organizer_declines(widget: Widget, world: Remote) -> None:
    booking = elsewhere.book(world, ASK, TEN)
    widget.mount(organizerConfirmationBookingRef=booking["booking_ref"])
    widget.page.locator(CARD).nth(0).click()
    widget.cancel("Away that week")
    widget.says("cancelled successfully")
    assert world.booking(booking["booking_id"])["status"] == "cancelled"
    assert [each["type"] for each in world.notifications()] == ["booking.pending", "booking.cancelled"]


def test_a_wrong_salt_decides_nothing(widget: Widget, world: Remote) -> None:
    booking = elsewhere.book(world, ASK, TEN)
    reference = booking["booking_ref"]
    widget.mount(organizerConfirmationBookingRef=reference[:-1] + ("A" if reference[-1] != "A" else "B"))
    widget.page.locator(CARD).nth(1).click()
    widget.page.wait_for_function("() => window.errors.length")  # the card shows no errors
    assert "Confirm Booking Error" in str(widget.errors())
    assert world.booking(booking["booking_id"])["status"] == "pending"


def test_a_reference_that_is_none_is_told(widget: Widget, world: Remote) -> None:
    """The component makes broken ids of it, and sends them."""
    widget.mount(until="ui-settings", cancelBookingRef="AAAA")
    widget.says("Get UI Settings Error")
    assert {each["status"] for each in world.journal() if each["method"] == "GET"} == {400}
