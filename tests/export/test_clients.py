"""The life of a booking as each real client leads it, exported from a server process: it replays green.

Clients and their worlds are those of `tests.sdk`, `tests.node` and `tests.browser`.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import yaml
from nylas import Client
from playwright.sync_api import Browser, expect

from tests.browser.hosting import Host
from tests.browser.widget import Widget, set_clock
from tests.browser.world import document
from tests.export.again import export_again, replayed
from tests.node.sdk import Node, Nylas
from tests.support.receiver import Receiver
from tests.support.remote import Remote, scenario_file
from tests.support.server import ServerProcess
from tests.support.told import GUEST, unpacked
from tests.support.worlds import API_KEY, ASK, INTRO, PRIVATE, TEN

pytestmark = pytest.mark.slow

WorldOf = Callable[[str], Remote]
TRIGGERS = ["booking.created", "booking.pending", "booking.rescheduled", "booking.cancelled"]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver("a-secret-of-the-scenario") as receiver:
        yield receiver


@pytest.fixture(scope="module")
def server(receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    world = document("http://localhost", receiver.url, "a-secret-of-the-scenario")
    with ServerProcess("--scenario", scenario_file(tmp_path_factory.mktemp("clients"), world)) as running:
        yield running


@pytest.fixture
def world(server: ServerProcess, request: pytest.FixtureRequest) -> Iterator[Remote]:
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower())[-40:].strip("-")
    with Remote(server.url, name) as remote:
        remote.control("PUT", f"sandboxes/{name}")
        yield remote


def exported(world: Remote) -> dict[str, Any]:
    """The export of what a client did; it has to replay, and to export to itself."""
    world.control("POST", "drain")
    response = requests.get(f"{world.url}/_mock/export", timeout=30)
    assert response.status_code == 200, response.text
    replayed(response.text)
    again = export_again(response.text).document
    scenario: dict[str, Any] = yaml.safe_load(response.text)
    assert {**again, "steps": len(again["steps"])} == {**scenario, "steps": len(scenario["steps"])}
    assert again["steps"] == scenario["steps"]
    assert [each for each in (API_KEY, "Gina", "gina@", "Alice", "alice@") if each in response.text] == []
    return scenario


def done(scenario: dict[str, Any]) -> list[str]:
    return [each["request"]["method"] for each in scenario["steps"] if "request" in each]


def told(scenario: dict[str, Any]) -> list[str]:
    return [each["type"] for step in scenario["steps"] for each in step.get("notifications", ())]


def wanted(start: int = TEN) -> dict[str, Any]:
    return {"start_time": start, "end_time": start + 1800, "guest": GUEST}


def test_the_python_sdk(world: Remote, receiver: Receiver) -> None:
    client = Client(API_KEY, world.url, timeout=20)
    hook = {"webhook_url": receiver.url, "trigger_types": TRIGGERS}
    webhook = client.webhooks.create(hook).data
    bookings, public, asking = (
        client.scheduler.bookings,
        {"configuration_id": INTRO},
        {"configuration_id": ASK},
    )
    made = bookings.create({**wanted(), "timezone": "Asia/Tokyo"}, public).data.booking_id
    bookings.find(made, public)
    later = {"start_time": TEN + 3600, "end_time": TEN + 5400}
    bookings.reschedule(made, later, public)
    bookings.destroy(made, {"cancellation_reason": "Grippe"}, public)
    pending = bookings.create(wanted(), asking).data
    (asked,) = [each for each in world.mails() if each["type"] == "confirmation_request"]
    salt = unpacked(asked["links"]["confirm"].rpartition("/")[2])[2]
    bookings.confirm(pending.booking_id, {"salt": salt, "status": "confirmed"}, asking)
    session = client.scheduler.sessions.create({"configuration_id": PRIVATE}).data.session_id
    Client(session, world.url, timeout=20).scheduler.bookings.create(wanted(TEN + 7200))
    client.webhooks.rotate_secret(webhook.id)
    client.webhooks.destroy(webhook.id)
    scenario = exported(world)
    assert done(scenario) == [
        *("POST", "POST", "GET", "PATCH", "DELETE", "POST", "PUT", "POST", "POST", "PUT", "DELETE")
    ]
    assert told(scenario) == [
        *("booking.created", "booking.rescheduled", "booking.cancelled"),
        *("booking.pending", "booking.created", "booking.created"),
    ]


def test_the_node_sdk(world: Remote, node: Node) -> None:
    nylas = Nylas(node, world.url, API_KEY)
    public = {"configurationId": INTRO}
    body = {"startTime": TEN, "endTime": TEN + 1800, "guest": GUEST, "emailLanguage": "ja"}
    made = nylas.call("scheduler.bookings.create", requestBody=body, queryParams=public)["data"]["bookingId"]
    nylas.call("scheduler.bookings.find", bookingId=made, queryParams=public)
    later = {"startTime": TEN + 3600, "endTime": TEN + 5400}
    nylas.call("scheduler.bookings.reschedule", bookingId=made, requestBody=later, queryParams=public)
    reason = {"cancellationReason": "Grippe"}
    nylas.call("scheduler.bookings.destroy", bookingId=made, requestBody=reason, queryParams=public)
    body = {**body, "startTime": TEN + 7200, "endTime": TEN + 9000}
    session = nylas.call("scheduler.sessions.create", requestBody={"configurationId": PRIVATE})["data"]
    nylas.call("scheduler.bookings.create", key=session["sessionId"], requestBody=body)
    scenario = exported(world)
    assert done(scenario) == ["POST", "GET", "PATCH", "DELETE", "POST", "POST"]


def test_the_scheduling_component(world: Remote, browser: Browser, host: Host, server: ServerProcess) -> None:
    """Booked, moved and cancelled on one page."""
    context = browser.new_context(timezone_id="UTC", locale="en-US", viewport={"width": 1100, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    set_clock(page)
    widget = Widget(page, host.url, f"http://{world.url.rpartition('/')[2]}.localhost:{server.port}")
    widget.mount(configurationId=INTRO)
    widget.book("10:00 AM")
    widget.says("Booking confirmed")
    widget.press("Reschedule")
    widget.pick("01:30 PM")
    expect(widget.name).to_have_value("Gina Guest")
    widget.submit()
    widget.says("Booking rescheduled")
    widget.press("Cancel booking")
    widget.cancel("I am ill")
    widget.says("cancelled successfully")
    context.close()
    scenario = exported(world)
    assert [each for each in done(scenario) if each != "GET"] == ["POST", "PATCH", "DELETE"]
