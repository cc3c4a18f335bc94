"""The organizer's page as an organizer sees it: in Chromium, with and without JavaScript."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page

from tests.support.remote import Remote, scenario_file
from tests.support.server import ServerProcess
from tests.support.worlds import ASK, DOCUMENT, TEN, asking

pytestmark = pytest.mark.slow

REASON = "Away that week.\nSorry!"
HOSTILE = "<img src=x onerror=alert(1)>"
WIDTHS = (320, 360, 1280)

BODY = {**asking(), "scheduler": {"min_booking_notice": 0}}  # without a URL: the mock's own page
WORLD: dict[str, Any] = {
    **DOCUMENT,
    "configurations": {"ask": {**DOCUMENT["configurations"]["ask"], "body": BODY}},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    path = scenario_file(tmp_path_factory.mktemp("scenario"), WORLD)
    with ServerProcess("--scenario", path) as running:
        yield running


@pytest.fixture(params=[None, "by-prefix"])
def remote(server: ServerProcess, request: pytest.FixtureRequest) -> Iterator[Remote]:
    """The default sandbox, and another one, as they began."""
    with Remote(server.url) as default:
        if request.param:
            default.control("PUT", f"sandboxes/{request.param}")
        with Remote(server.url, request.param) as remote:
            remote.control("POST", "reset")
            yield remote


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that has nothing to complain of, but for statuses that are meant."""
    context = browser.new_context(java_script_enabled=request.param)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append("a dialog"))
    yield page
    context.close()
    assert [each for each in complaints if "server responded with a status of" not in each] == []


def ask(remote: Remote, start: int = TEN, name: str = "Gina Guest") -> str:
    """Book, and find the link of the mail to the organizer; the address the server is really at."""
    body = {
        "start_time": start,
        "end_time": start + 1800,
        "guest": {"name": name, "email": "gina@example.com"},
    }
    answer = requests.post(
        f"{remote.url}/v3/scheduling/bookings", params={"configuration_id": ASK}, json=body, timeout=20
    )
    assert answer.status_code == 200, answer.text
    mails = remote.control("GET", "mail", type="confirmation_request")["data"]
    link: str = mails[-1]["links"]["confirm"]
    assert "/confirm/" in link
    return link


def status_of(remote: Remote) -> str:
    (booking,) = remote.state()["bookings"]
    return str(booking["status"])


def test_the_link_of_the_mail_leads_to_the_page_that_confirms(remote: Remote, page: Page) -> None:
    link = ask(remote)
    opened = page.goto(link)
    assert opened is not None
    assert opened.status == 200
    assert page.title() == "Confirm this booking?"
    assert page.get_by_text("Tuesday, 3 March 2026, 10:00 to 10:30 (UTC)").is_visible()
    assert status_of(remote) == "pending"
    page.get_by_role("button", name="Confirm").click()
    assert page.get_by_role("heading").inner_text() == "Confirmed"
    assert status_of(remote) == "booked"
    page.reload()
    assert page.get_by_role("heading").inner_text() == "Confirmed"
    used = page.goto(link)
    assert used is not None
    assert used.status == 410
    assert page.get_by_role("heading").inner_text() == "This booking is confirmed already"


def test_declining_asks_for_a_reason(remote: Remote, page: Page) -> None:
    page.goto(ask(remote))
    decline = page.get_by_role("button", name="Decline")
    assert not decline.is_visible()
    page.get_by_text("Decline …").click()
    decline.click()
    assert page.title() == "Confirm this booking?"  # the browser asks for a reason first
    assert status_of(remote) == "pending"
    page.get_by_label("Reason").fill(REASON)
    decline.click()
    assert page.get_by_role("heading").inner_text() == "Declined"
    assert page.get_by_text("Sorry!").is_visible()
    assert status_of(remote) == "cancelled"
    (told,) = [each for each in remote.notifications() if each["type"] == "booking.cancelled"]
    assert told["payload"]["data"]["object"]["booking_info"]["cancellation_reason"] == REASON


def test_foreign_text_runs_nothing(remote: Remote, page: Page) -> None:
    page.goto(ask(remote, name=HOSTILE))
    assert page.get_by_text(f"{HOSTILE} asks for this time").is_visible()
    assert page.locator("img").count() == 0


def test_the_style_is_let_in_and_fits(server: ServerProcess, browser: Browser) -> None:
    with Remote(server.url) as remote:
        remote.control("POST", "reset")
        link = ask(remote, name="A" * 150)
    grounds = set()
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 700})
            page = context.new_page()
            page.goto(link)
            page.get_by_text("Decline …").click()
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{width}: {wide}"
            grounds.add(page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor"))
            heights = [button.bounding_box() for button in page.get_by_role("button").all()]
            assert all(box is not None and box["height"] >= 44 for box in heights)
            context.close()
    assert len(grounds) == 2  # one light, one dark


def test_a_page_of_a_stranger_neither_frames_nor_sends_it(
    server: ServerProcess, browser: Browser, tmp_path: Path
) -> None:
    with Remote(server.url) as remote:
        remote.control("POST", "reset")
        link = ask(remote)
        evil = tmp_path / "evil.html"
        evil.write_text(
            f'<iframe src="{link}"></iframe><form method="post" action="{link}">'
            '<button name="decision" value="confirm">Win a prize</button></form>'
        )
        context = browser.new_context()
        page = context.new_page()
        page.goto(evil.as_uri())
        assert "Confirm" not in page.frames[1].content()
        page.get_by_role("button", name="Win a prize").click()
        assert page.get_by_role("heading").inner_text() == "Not from here"
        assert status_of(remote) == "pending"
        context.close()


def test_the_keyboard_is_enough(server: ServerProcess, browser: Browser) -> None:
    with Remote(server.url) as remote:
        remote.control("POST", "reset")
        context = browser.new_context()
        page = context.new_page()
        page.goto(ask(remote))
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("No")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.get_by_role("heading").inner_text() == "Declined"
        assert status_of(remote) == "cancelled"
        context.close()
