"""Every language that the component speaks, in a browser that is set to it."""

import json

import pytest

from tests.browser.widget import Widget
from tests.browser.world import INTRO
from tests.support.remote import Remote

pytestmark = pytest.mark.slow

CONFIRMED = {
    "de-DE": "Buchung bestätigt",
    "en-US": "Booking confirmed",
    "es-ES": "Reserva confirmada",
    "fr-FR": "Réservation confirmée",
    "ja-JP": "予約が確認されました",
    "ko-KR": "예약이 확인되었습니다",
    "nl-NL": "Boeking bevestigd",
    "sv-SE": "Bokning bekräftad",
    "zh-CN": "预订已确认",
}


@pytest.mark.parametrize("language", CONFIRMED)
def test_a_booking_in_every_language(widget: Widget, world: Remote, language: str) -> None:
    widget.mount(configurationId=INTRO)
    widget.slots.nth(1).click()
    widget.next()
    widget.fill()
    widget.submit()
    widget.says(CONFIRMED[language])
    (sent,) = [json.loads(each["request"]["body"]) for each in world.journal() if each["method"] == "POST"]
    assert sent["email_language"] == language[:2]
    (booking,) = world.state()["bookings"]
    assert booking["status"] == "booked"
