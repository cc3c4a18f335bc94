"""The pages in `examples/` in a browser: slots are shown, and one of them is booked."""

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mockserver.pages.component import CDN, FILE, INSIDE, component_file
from tests.support.npm import ROOT, need_packages
from tests.support.remote import Remote
from tests.support.server import ServerProcess

pytestmark = pytest.mark.slow

MONDAY = "2031-03-03T08:00:00Z"
"""Where the clocks of server and browser stand, so that a month with free slots is in view."""

PRINTED = "http://127.0.0.1:8080"
"""The address in the example that a reader changes, or doesn't."""


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serves a folder on a port of its own; gives the address of its index."""
    with ExitStack() as stack:

        def start(folder: Path) -> str:
            server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder)))
            stack.callback(server.server_close)
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}/"

        yield start


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def monday(world: Remote, page: Page) -> Remote:
    """The world, its clock and the browser's stopped at the same time."""
    world.control("PATCH", "clock", {"mode": "frozen", "now": MONDAY})
    page.clock.set_fixed_time(MONDAY)
    return world


def book(world: Remote, page: Page) -> None:
    """Take the first slot that is shown, and find it booked."""
    slots = page.locator("nylas-timeslot-picker button.time")
    expect(slots.first).to_be_visible()
    assert slots.count() > 5
    slots.first.click()
    page.locator("nylas-timeslot-picker button-component").click()
    page.locator("nylas-booking-form input-component#name input").fill("Ada")
    page.locator("nylas-booking-form input-component#email input").fill("ada@example.com")
    page.locator("nylas-booking-form .cta button-component:not(.back)").click()
    expect(page.get_by_text("Booking confirmed!")).to_be_visible()
    (booking,) = world.state()["bookings"]
    assert (booking["status"], booking["guest"]) == ("booked", {"name": "Ada", "email": "ada@example.com"})
    assert {each["type"] for each in world.mails()} == {"booking_confirmed"}


@pytest.mark.parametrize("source", ["CDN", "copy"])
def test_the_html_page_books(
    server: ServerProcess,
    monday: Remote,
    page: Page,
    serve: Callable[[Path], str],
    tmp_path: Path,
    source: str,
) -> None:
    component = component_file(str(need_packages("tests/browser") / "node_modules/@nylas/web-elements"))
    on_cdn = f"{CDN}{INSIDE[0]}/{FILE}"
    text = (ROOT / "examples" / "html" / "index.html").read_text(encoding="utf-8")
    assert text.count(on_cdn) == 1, "not the version that the mock's own pages have"
    text = text.replace(PRINTED, server.url)
    headers = {"Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*"}
    if source == "CDN":
        page.route(on_cdn, lambda route: route.fulfill(path=component, headers=headers))
    else:
        text = text.replace(on_cdn, f"./{FILE}")
        shutil.copy(component, tmp_path)
    (tmp_path / "index.html").write_text(text, encoding="utf-8")
    page.goto(serve(tmp_path))
    book(monday, page)


def test_the_react_app_books(
    server: ServerProcess, monday: Remote, page: Page, serve: Callable[[Path], str], tmp_path: Path
) -> None:
    folder = need_packages("examples/react")
    built = tmp_path / "built"
    command = ["npm", "run", "--silent", "build", "--", "--outDir", str(built), "--logLevel", "error"]
    env = {**os.environ, "VITE_NYLAS_API_URI": server.url}
    said = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=90, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
    page.goto(serve(built))
    book(monday, page)
