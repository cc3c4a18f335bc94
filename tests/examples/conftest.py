"""A server process with the starter world, as the examples expect it, and a browser for those with a page."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.support.answers import check_journal
from tests.support.departures import departures
from tests.support.npm import skip_or_fail
from tests.support.remote import Remote
from tests.support.server import ServerProcess


@pytest.fixture(scope="package")
def server() -> Iterator[ServerProcess]:
    with ServerProcess("--self-check") as running:
        yield running
        assert "drifts from the contract" not in running.output
        assert "Traceback" not in running.output


@pytest.fixture
def world(server: ServerProcess) -> Iterator[Remote]:
    """The starter world, begun anew. In the end everything that it answered has to have kept the contract."""
    with Remote(server.url) as remote:
        remote.control("POST", "reset")
        yield remote
        journal = remote.journal()
        check_journal(journal)
        assert departures(journal) == set()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium, else the browser that Playwright has installed for itself."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path)
        except Error as error:
            skip_or_fail(f"no browser: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(timezone_id="UTC", locale="en-US")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()
