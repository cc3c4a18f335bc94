"""The code of `docs/testing-with-sandboxes.md`, run as a reader runs it."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from tests.browser.conftest import NAMES
from tests.support.npm import ROOT, need_packages, skip_or_fail
from tests.support.server import ServerProcess

PAGE = ROOT / "docs" / "testing-with-sandboxes.md"
FILE = re.compile(r"^```\w+\n(?:#|//) (\S+\.\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONFIGURATION = """\
export default {
  fullyParallel: true, workers: 2, reporter: 'line',
  use: { launchOptions: { executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] } },
};
"""


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with ServerProcess() as server:
        yield server


def write_files(folder: Path, suffix: str) -> list[str]:
    """Write the page's files of one language; answers with their names."""
    found = {name: code for name, code in FILE.findall(PAGE.read_text("utf-8")) if name.endswith(suffix)}
    for name, code in found.items():
        (folder / name).write_text(code, encoding="utf-8")
    return list(found)


def run(folder: Path, server: ServerProcess, *command: str, **env: str) -> str:
    said = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "MOCK_URL": server.url, "NO_PROXY": "*", **env},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


def left(server: ServerProcess) -> list[str]:
    data = requests.get(f"{server.url}/_mock/sandboxes", timeout=10).json()["data"]
    return [each["name"] for each in data]


@pytest.mark.slow
def test_pytest_with_workers(server: ServerProcess, tmp_path: Path) -> None:
    assert write_files(tmp_path, ".py") == ["conftest.py", "test_booking.py"]
    pytest_ = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error")
    assert "9 passed" in run(tmp_path, server, *pytest_, "-n", "2")
    assert "9 passed" in run(tmp_path, server, *pytest_)
    assert left(server) == ["default"]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[str]:
    """The page under test: what it does, the tests of the documentation do in its place."""
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>A shop</title>")
    handler = partial(Silent, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://localhost:{running.server_port}"
        running.shutdown()


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.slow
def test_playwright_with_workers(server: ServerProcess, app: str, tmp_path: Path) -> None:
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        skip_or_fail("there is no Chromium; `make test` brings it, or name one in the variable CHROMIUM")
    packages = need_packages("tests/node") / "node_modules"
    assert write_files(tmp_path, ".js") == ["sandbox.js", "booking.spec.js"]
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "playwright.config.js").write_text(CONFIGURATION)
    (tmp_path / "node_modules").symlink_to(packages)
    cli = str(packages / "@playwright" / "test" / "cli.js")
    assert "5 passed" in run(tmp_path, server, "node", cli, "test", CHROMIUM=str(program), APP_URL=app)
    assert left(server) == ["default"]
