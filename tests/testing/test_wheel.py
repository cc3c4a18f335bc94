"""The wheel beside the SDK and pytest, and nothing else: no extras, no httpx, outside the checkout."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TESTS = """
import pytest
from importlib.util import find_spec
from mockserver.testing import MissingPackage, NylasMock
from nylas import Client

def test_it_books(nylas_mock: NylasMock) -> None:
    slot = nylas_mock.free_slots("intro")[0]
    answer = Client(nylas_mock.api_key).scheduler.bookings.create(
        request_body={
            "start_time": slot.start_time,
            "end_time": slot.end_time,
            "guest": {"name": "Ada", "email": "ada@example.com"},
        },
        query_params={"configuration_id": nylas_mock.configuration("intro").id},
    )
    assert nylas_mock.bookings.one().id == answer.data.booking_id
    assert "Ada" in nylas_mock.mail[0].text

def test_what_is_missing_is_named(nylas_mock: NylasMock) -> None:
    assert find_spec("httpx") is None
    with pytest.raises(MissingPackage, match="httpx is not installed.*pip install httpx"):
        nylas_mock.httpx_transport()

def test_a_server(nylas_server, webhook_receiver) -> None:
    assert webhook_receiver.subscribe(nylas_server.url, nylas_server.api_key)["status"] == "active"
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of such an environment."""
    home = tmp_path_factory.mktemp("environment")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq")
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", home, ROOT], check=True)
    (wheel,) = home.glob("*.whl")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    subprocess.run([*pip, "--python", python, "install", wheel, "nylas", "pytest"], check=True)
    return python


def run(python: Path, folder: Path, *command: str) -> str:
    said = subprocess.run(
        [python, "-W", "error", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


def test_the_plugin_works(python: Path, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS, encoding="utf-8")
    assert "3 passed" in run(python, tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_it_needs_no_pytest(python: Path, tmp_path: Path) -> None:
    program = """
import sys
sys.modules["pytest"] = None
from mockserver.testing import NylasMock
with NylasMock() as nylas_mock:
    print(nylas_mock.free_slots("intro") != [])
"""
    assert run(python, tmp_path, "-c", program) == "True\n"
