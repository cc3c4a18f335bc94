"""The wheel, installed into an empty environment and used outside the checkout."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
import requests

from tests.support.server import ServerProcess

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def pip(python: Path | str, *args: str) -> None:
    quiet = ("--disable-pip-version-check", "-qq")
    subprocess.run([python, "-m", "pip", *args[:1], *quiet, *args[1:]], check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel and what it asks for, nothing else."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=True)
    pip(home / "bin" / "python", "install", str(wheel))
    return home / "bin"


def test_it_carries_the_data_and_nothing_of_the_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for folder in ("contracts", "scenarios"):
        there = {each.relative_to(ROOT).as_posix() for each in (ROOT / folder).rglob("*") if each.is_file()}
        assert {f"mockserver/_data/{each}" for each in there} <= set(names)
    assert "mockserver/delivery/templates/mail.html" in names
    assert {each.split("/")[0] for each in names if ".dist-info/" not in each} == {
        "mockserver",
        "conformance",
    }
    assert any(each.endswith("/licenses/LICENSE") for each in names)


def test_it_needs_no_development_tool(environment: Path) -> None:
    said = subprocess.run(
        [environment / "python", "-m", "pip", "list", "--format", "json"], capture_output=True, check=True
    )
    installed = {each["name"].lower() for each in json.loads(said.stdout)}
    assert not installed & {"pytest", "hypothesis", "schemathesis", "nylas", "mypy", "httpx"}


def test_it_books_outside_the_checkout(environment: Path, tmp_path: Path) -> None:
    command = [str(environment / "mockserver"), "serve", "--port", "0"]
    with ServerProcess(command=command, cwd=tmp_path) as server:
        state = requests.get(f"{server.url}/_mock/state", timeout=10).json()
        assert {each["requires_session_auth"] for each in state["configurations"]} == {False}
        assert server.book_as_printed()["status"] == "booked"
        assert server.stop() == 0


def test_its_scenarios_are_valid(environment: Path, tmp_path: Path) -> None:
    program = environment / "mockserver"
    listed = json.loads(
        subprocess.run([program, "scenarios", "--json"], capture_output=True, check=True, cwd=tmp_path).stdout
    )
    paths = [each["path"] for each in listed]
    assert all("_data" in each for each in paths)
    subprocess.run([program, "validate", *paths], check=True, cwd=tmp_path, stdout=subprocess.DEVNULL)
    subprocess.run([program, "validate", "pain/outcome-unknown"], check=True, cwd=tmp_path)
    subprocess.run([program, "scenarios", "new", "mine"], check=True, cwd=tmp_path)
    subprocess.run([program, "validate", "mine.yaml"], check=True, cwd=tmp_path)
