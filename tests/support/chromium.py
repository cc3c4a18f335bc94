"""The system's Chromium, or Playwright's own, for pages that we wrote."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.support.npm import skip_or_fail

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. An event loop runs as long as it is open. Skips where there is none, and fails in CI."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        if program is None and not Path(playwright.chromium.executable_path).exists():
            skip_or_fail("there is no Chromium; `make test` brings it, or name one in the variable CHROMIUM")
        # the sandbox of Chromium needs what containers don't give; only our own pages are opened
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", *ARGUMENTS])
        yield running
        running.close()
