"""Chromium, the mock, a page on another port that embeds the component, and for each test a fresh sandbox."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from mockserver.pages.component import component_file
from tests.browser.hosting import Host
from tests.browser.widget import Widget, set_clock
from tests.browser.world import document
from tests.support.answers import check_journal
from tests.support.departures import departures
from tests.support.npm import need_packages, skip_or_fail
from tests.support.receiver import Receiver
from tests.support.remote import Remote, scenario_file
from tests.support.server import ServerProcess

SECRET = "component-webhook-secret"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]

KNOWN_DEPARTURES = {
    "createBooking, body: email_language expected one of "
    '"en", "fr", "de", "es", "nl", "sv", "ja", "zh", got "ko"'
}
"""What the component sends beside the contract; docs/clients.md tells."""


@pytest.fixture(scope="package")
def elements() -> Path:
    """The unpacked npm package of the component."""
    return need_packages("tests/browser") / "node_modules/@nylas/web-elements"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed when the tests of this folder are over: an event loop runs as long as it is open."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        if program is None and not Path(playwright.chromium.executable_path).exists():
            skip_or_fail("there is no Chromium; `make test` brings it, or name one in the variable CHROMIUM")
        # the sandbox of Chromium needs what containers don't give; only our own pages are opened
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", *ARGUMENTS])
        yield running
        running.close()


@pytest.fixture(scope="package")
def host(elements: Path) -> Iterator[Host]:
    with Host(component_file(str(elements))) as host:
        yield host


@pytest.fixture(scope="package")
def receiver() -> Iterator[Receiver]:
    with Receiver(SECRET) as receiver:
        yield receiver
        assert all(delivery.verified for delivery in receiver.received)


@pytest.fixture(scope="package")
def server(
    host: Host, elements: Path, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    scenario = scenario_file(tmp_path_factory.mktemp("browser"), document(host.url, receiver.url, SECRET))
    with ServerProcess("--self-check", "--scenario", scenario, "--web-elements", str(elements)) as running:
        yield running
        assert "drifts from the contract" not in running.output
        assert "Traceback" not in running.output


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> str:
    return re.sub("[^a-z0-9]+", "-", request.node.name.lower())[-40:].strip("-")


@pytest.fixture
def world(server: ServerProcess, sandbox: str) -> Iterator[Remote]:
    """The test's sandbox. In the end, all that the component did there has to have kept the contract."""
    with Remote(server.url, sandbox) as remote:
        remote.control("PUT", f"sandboxes/{sandbox}")
        yield remote
        journal = remote.journal()
        check_journal(journal)
        calls = [each for each in journal if each["path"].startswith("/v3/")]
        assert calls, "the component never came here"
        assert departures(calls) <= KNOWN_DEPARTURES


@pytest.fixture
def api_url(server: ServerProcess, sandbox: str) -> str:
    """What the component takes for its API's URL: a host name, as it drops every path."""
    return f"http://{sandbox}.localhost:{server.port}"


@pytest.fixture
def language() -> str:
    """The browser's language; a test may have it otherwise."""
    return "en-US"


@pytest.fixture
def unset_page(browser: Browser, world: Remote, language: str) -> Iterator[Page]:
    """A page in a fresh context, on the clock of this machine."""
    context = browser.new_context(timezone_id="UTC", locale=language, viewport={"width": 1100, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    violations: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "CORS policy" in message.text:
            violations.append(message.text)

    page.on("console", listen)
    yield page
    context.close()
    assert not violations


@pytest.fixture
def page(unset_page: Page) -> Page:
    """A page on the sandbox's clock."""
    set_clock(unset_page)
    return unset_page


@pytest.fixture
def widget(page: Page, host: Host, api_url: str) -> Widget:
    return Widget(page, host.url, api_url)
