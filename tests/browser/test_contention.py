"""Others book meanwhile: a slot is gone, a round-robin host is taken."""

import json

import pytest

from tests.browser import elsewhere
from tests.browser.widget import Widget
from tests.browser.world import INTRO, NOW, TEAM
from tests.support.remote import Remote

pytestmark = pytest.mark.slow

TEN = NOW + 3600


def test_a_slot_that_was_taken_meanwhile(widget: Widget, world: Remote) -> None:
    widget.mount(configurationId=INTRO)
    widget.pick("10:00 AM")
    taken = elsewhere.book(world, INTRO, TEN)
    widget.fill()
    widget.submit()
    widget.says("Timeslot no longer available")
    assert "10:00 AM" not in widget.times()
    assert [each["booking_id"] for each in world.state()["bookings"]] == [taken["booking_id"]]

    widget.book("10:30 AM")
    widget.says("Booking confirmed")
    assert len(world.state()["bookings"]) == 2


def test_the_next_host_is_asked_when_the_first_is_taken(widget: Widget, world: Remote) -> None:
    widget.mount(configurationId=TEAM)
    widget.pick("10:00 AM")
    first, second = elsewhere.host_order(world, TEAM, TEN)
    elsewhere.book(world, TEAM, TEN, participants=[{"email": first}])
    widget.fill()
    widget.submit()
    widget.says("Booking confirmed")

    asked = [each for each in world.journal() if each["method"] == "POST"][1:]
    hosts = [json.loads(each["request"]["body"])["participants"][0]["email"] for each in asked]
    assert (hosts, [each["status"] for each in asked]) == ([first, second], [400, 200])
    assert [len(world.events(email)) for email in (first, second)] == [1, 1]


def test_when_all_hosts_are_taken_the_slot_is_gone(widget: Widget, world: Remote) -> None:
    widget.mount(configurationId=TEAM)
    widget.pick("10:00 AM")
    for host in elsewhere.host_order(world, TEAM, TEN):
        elsewhere.book(world, TEAM, TEN, participants=[{"email": host}])
    widget.fill()
    widget.submit()
    widget.says("Timeslot no longer available")
    assert "10:00 AM" not in widget.times()
    assert len(world.state()["bookings"]) == 2
