"""The commands that ask nobody, and how a command ends when things go wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance import __version__
from conformance.clauses import PROFILES, clauses
from conformance.cli import cli
from conformance.commands.catalogue import needs
from conformance.report.document import schema
from conformance.strangers.ledger import Entry, Ledger

URL = "http://127.0.0.1:1"


def call(*args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, args, prog_name="conformance", env=env, terminal_width=100)


def process(*args: str, cwd: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """The command as a user calls it."""
    return subprocess.run(
        [sys.executable, "-m", "conformance", *args],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), **env},
        check=False,
    )


@pytest.mark.parametrize("command", [[], *([each] for each in cli.commands)])
def test_help_needs_nothing(command: list[str]) -> None:
    result = call(*command, "--help")
    assert result.exit_code == 0
    assert all(len(line) <= 100 for line in result.output.splitlines())


@pytest.mark.parametrize("command", ["run", "diff", "cleanup"])
def test_help_tells_the_exit_codes(command: str) -> None:
    told = call(command, "--help").output.partition("Exit codes:")[2]
    codes = [line.split()[0] for line in told.splitlines() if line.strip()]
    assert codes == ["0", "1", "2", "3"][: len(codes)]
    assert len(codes) == (4 if command == "run" else 3)


class TestList:
    def test_lists_every_clause(self) -> None:
        lines = call("list").output.splitlines()
        assert [line.split()[0] for line in lines] == list(clauses())

    @pytest.mark.parametrize("profile", PROFILES)
    def test_filters_by_profile(self, profile: str) -> None:
        lines = call("list", "--profile", profile).output.splitlines()
        assert [line.split()[0] for line in lines] == [
            each.id for each in clauses().values() if each.profile == profile
        ]

    def test_filters_together(self) -> None:
        result = call(
            "list", "--level", "must", "--operation", "cancelBooking", "--profile", "core", "--json"
        )
        found = json.loads(result.output)
        assert found
        for each in found:
            assert (each["level"], each["profile"]) == ("MUST", "core")
            assert "cancelBooking" in each["operations"]
            assert each["source"]["about"]

    def test_all_is_no_filter(self) -> None:
        assert call("list", "--profile", "all").output == call("list").output

    def test_refuses_a_profile_that_is_none(self) -> None:
        result = call("list", "--profile", "kore")
        assert result.exit_code == 2
        assert "expected one of read, core" in " ".join(result.output.split())


class TestExplain:
    def test_says_everything_about_a_clause(self) -> None:
        told = call("explain", "bk-create-005").output
        for part in (
            *("BK-CREATE-005  MUST, profile core", "A slot is sold once.", "--allow-writes"),
            *("https://developer.nylas.com/", "createBooking: POST /v3/scheduling/bookings"),
            *("Book a slot, then try to book it again. (creating.", "the check sold_once"),
        ):
            assert part in told

    @pytest.mark.parametrize("id", clauses())
    def test_can_be_asked_about_each(self, id: str) -> None:
        result = call("explain", id)
        assert result.exit_code == 0
        assert clauses()[id].promise in result.output

    def test_points_to_the_one_that_was_meant(self) -> None:
        result = call("explain", "BK-CREAT-005")
        assert result.exit_code == 2
        assert "Did you mean BK-CREATE-005" in result.output

    def test_knows_every_need(self) -> None:
        asked = {need for each in clauses().values() for need in each.needs}
        assert asked - needs().keys() == set()


def test_schema_prints_the_published_one() -> None:
    assert json.loads(call("schema").output) == schema()


@pytest.mark.slow
class TestProcess:
    """How the real command ends."""

    def test_answers_with_its_version(self, tmp_path: Path) -> None:
        done = process("--version", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, f"conformance {__version__}\n")

    @pytest.mark.parametrize(
        "args",
        [
            ["run"],
            ["run", "--nonsense"],
            ["explain"],
            ["explain", "x"],
            ["diff", "a", "b"],
            ["x"],
            ["cleanup"],
        ],
    )
    def test_ends_with_2_when_called_wrongly(self, args: list[str], tmp_path: Path) -> None:
        done = process(*args, cwd=tmp_path)
        assert done.returncode == 2
        assert "Error: " in done.stderr
        assert "Traceback" not in done.stderr

    def test_ends_with_2_when_nobody_is_there(self, tmp_path: Path) -> None:
        done = process("run", "--base-url", URL, "--json", "r.json", "--junit", "r.xml", cwd=tmp_path)
        assert done.returncode == 2
        assert "could not test: GET /v3/scheduling/availability" in done.stdout
        assert "Traceback" not in done.stderr
        verdict = json.loads((tmp_path / "r.json").read_text())["verdict"]
        assert verdict["exit_code"] == 2
        assert "<error" in (tmp_path / "r.xml").read_text()

    def test_ends_with_2_when_the_ledger_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "ledger").write_text("gibberish\n")
        for command in ("run", "cleanup"):
            done = process(command, "--base-url", URL, "--ledger", "ledger", cwd=tmp_path)
            assert done.returncode == 2
            assert "ledger:1: expected a line that this program wrote" in done.stdout + done.stderr

    def test_says_what_to_install(self, tmp_path: Path) -> None:
        (tmp_path / "rich.py").write_text(
            "raise ModuleNotFoundError(\"No module named 'rich'\", name='rich')"
        )
        root = Path(__file__).resolve().parents[2]
        done = process("run", "--base-url", URL, cwd=tmp_path, PYTHONPATH=f"{tmp_path}:{root}")
        assert done.returncode == 2
        assert "rich is missing: pip install 'nylas-bookings-double[conformance]'" in done.stderr


class TestCleanup:
    def test_names_the_targets_that_it_knows(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "ledger")
        ledger.made(Entry(URL, "booking", "b", "/v3/scheduling/bookings/b", {"configuration_id": "c"}))
        result = call("cleanup", "--ledger", str(tmp_path / "ledger"))
        assert result.exit_code == 2
        assert f"expected a target of the ledger ({URL})" in result.output

    def test_says_what_is_still_there(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "ledger")
        ledger.made(Entry(URL, "booking", "b", "/v3/scheduling/bookings/b", {"configuration_id": "c"}))
        result = call("cleanup", "--base-url", URL, "--ledger", str(tmp_path / "ledger"))
        assert result.exit_code == 1
        assert "booking b: still there: DELETE /v3/scheduling/bookings/b" in result.output
        assert Ledger(tmp_path / "ledger").left()

    def test_has_nothing_to_do(self, tmp_path: Path) -> None:
        result = call("cleanup", "--base-url", URL, "--ledger", str(tmp_path / "ledger"))
        assert (result.exit_code, result.output) == (0, f"Nothing active is left at {URL}.\n")

    def test_takes_its_settings_from_the_file_too(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("conformance.toml").write_text(f'base-url = "{URL}"\nquick = true\n')
        assert call("cleanup").output == f"Nothing active is left at {URL}.\n"
