"""The pages that the mock serves itself, with the component in them, on the sandbox's clock and not ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mockserver.pages.component import CDN, component_file
from tests.browser import elsewhere
from tests.browser.widget import Widget
from tests.browser.world import ASK, INTRO, NOW, PRIVATE
from tests.support.remote import Remote, scenario_file
from tests.support.server import ServerProcess
from tests.support.worlds import DOCUMENT, TEN

pytestmark = pytest.mark.slow


@pytest.fixture
def widget(unset_page: Page, api_url: str) -> Widget:
    return Widget(unset_page, api_url, api_url)


def test_from_the_index_to_a_booking(widget: Widget, world: Remote, api_url: str) -> None:
    widget.page.goto(f"{api_url}/")
    widget.page.get_by_role("link", name="Intro", exact=True).click()
    expect(widget.page).to_have_url(f"{api_url}/book/intro")
    assert widget.times()[0] == "09:30 AM"
    widget.book("10:00 AM")
    widget.says("Booking confirmed")
    (booking,) = world.state()["bookings"]
    assert (booking["configuration_id"], booking["start_time"]) == (INTRO, NOW + 3600)
    assert [each["type"] for each in world.notifications()] == ["booking.created"]


def test_below_a_path_prefix_the_index_leads_to_the_host_of_the_sandbox(
    widget: Widget, world: Remote, server: ServerProcess, sandbox: str, api_url: str
) -> None:
    widget.page.goto(f"{server.url}/_sandbox/{sandbox}/")
    widget.page.get_by_role("link", name="Ask", exact=True).click()
    expect(widget.page).to_have_url(f"{api_url}/book/ask")
    widget.book("10:00 AM")
    widget.says("Booking sent")
    assert [each["configuration_id"] for each in world.state()["bookings"]] == [ASK]


def test_a_private_configuration_gets_a_session(widget: Widget, world: Remote, api_url: str) -> None:
    before = {each["id"] for each in world.state()["sessions"]}
    widget.visit(f"{api_url}/book/private")
    widget.book("10:00 AM")
    widget.says("Booking confirmed")
    state = world.state()
    assert [each["configuration_id"] for each in state["bookings"]] == [PRIVATE]
    assert len({each["id"] for each in state["sessions"]} - before) == 1


def test_the_links_of_the_mails_move_and_cancel_a_booking(widget: Widget, world: Remote) -> None:
    booking = elsewhere.book(world, INTRO, TEN)
    (links,) = [each["links"] for each in world.mails() if each["to"] == ["otto@example.com"]]
    widget.visit(links["reschedule"])
    widget.pick("11:00 AM")
    expect(widget.name).to_have_value("Otto Other")
    widget.submit()
    widget.says("Booking rescheduled")
    assert world.booking(booking["booking_id"])["start_time"] == NOW + 2 * 3600

    widget.visit(links["cancel"])
    widget.cancel()
    widget.says("cancelled successfully")
    assert world.booking(booking["booking_id"])["status"] == "cancelled"
    told = ["booking.created", "booking.rescheduled", "booking.cancelled"]
    assert [each["type"] for each in world.notifications()] == told

    widget.page.goto(links["reschedule"])
    widget.says("This booking is cancelled")


def test_a_page_without_its_component_says_so(widget: Widget, world: Remote, api_url: str) -> None:
    elsewhere.book(world, INTRO, TEN)
    widget.page.route("**/nylas-scheduling.es.js", lambda route: route.abort())
    widget.page.goto(f"{api_url}/book/intro")
    widget.says("The component could not be loaded")


@pytest.fixture(scope="module")
def bare_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that was told no folder, so that its pages look to the CDN."""
    with ServerProcess("--scenario", scenario_file(tmp_path_factory.mktemp("bare"), DOCUMENT)) as running:
        yield running


@pytest.mark.parametrize("genuine", [True, False])
def test_from_the_cdn_only_the_genuine_component_is_run(
    widget: Widget, world: Remote, bare_server: ServerProcess, elements: Path, genuine: bool
) -> None:
    """The CDN is made up here, as the tests are to work without a network."""
    elsewhere.book(world, INTRO, TEN)
    script = component_file(str(elements)).read_bytes() + (b"" if genuine else b"\nwindow.changed = true;")
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "text/javascript"}
    widget.page.route(f"{CDN}**", lambda route: route.fulfill(body=script, headers=headers))
    widget.page.goto(f"{bare_server.url}/book/{INTRO}")
    if genuine:
        assert widget.times()[0] == "09:30 AM"
    else:
        widget.says("The component could not be loaded")
        assert widget.page.evaluate("() => window.changed") is None
