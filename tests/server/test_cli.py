"""The command line: what it takes, what it refuses and what it prints."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import requests
from click.testing import CliRunner, Result

import mockserver.cli
from mockserver import __version__
from mockserver.cli import cli, main
from mockserver.resources import data_path
from mockserver.settings import Settings
from tests.support.server import ServerProcess

BROKEN = """\
version: 1
name: broken
grants:
  alice: {email: alice@example.com, provider: google}
surprise: 1
"""


def run(*args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, args, prog_name="mockserver", env=env, terminal_width=100)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """What `serve` would have started."""
    settings: list[Settings] = []
    monkeypatch.setattr(mockserver.cli, "_serve", settings.append)
    return settings


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN)
    return path


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with ServerProcess() as running:
        yield running


class TestHelp:
    @pytest.mark.parametrize("command", [[], ["serve"], ["scenarios"], ["validate"]])
    def test_fits_a_terminal_and_needs_nothing_started(self, command: list[str]) -> None:
        result = run(*command, "--help")
        assert result.exit_code == 0
        assert result.output.startswith("Usage: mockserver")
        assert max(map(len, result.output.splitlines())) <= 100

    @pytest.mark.parametrize("command", ["serve", "validate"])
    def test_tells_the_exit_codes(self, command: str) -> None:
        assert re.search(r"Exit codes:\n +0  .+\n +1  .+\n +2  ", run(command, "--help").output)

    def test_explains_every_option_of_serve_in_one_column(self) -> None:
        lines = run("serve", "--help").output.splitlines()
        records = [re.match(r"  ((?:-h, )?--\S+(?: \S+)?) +(?=\S)", line) for line in lines]
        assert len([each for each in records if each]) == 17
        assert len({each.end() for each in records if each}) == 1

    def test_version(self) -> None:
        assert run("--version").output == f"mockserver {__version__}\n"


class TestOptions:
    def test_defaults(self, served: list[Settings]) -> None:
        assert run("serve").exit_code == 0
        assert served == [Settings()]

    FLAGS = (
        ("--host", "::1", "host", "::1"),
        ("--port", "0", "port", 0),
        ("--public-url", "https://mock.test/at/", "public_url", "https://mock.test/at"),
        ("--sandbox-domain", "mock.test", "sandbox_domain", "mock.test"),
        ("--scenario", "private", "scenarios", ("private",)),
        ("--seed", "-3", "seed", -3),
        ("--allow-host", "mock.test", "allow_hosts", ("mock.test",)),
        ("--cors-origin", "http://a.test:1", "cors_origins", ("http://a.test:1",)),
        ("--smtp", "[::1]:1025", "smtp", "[::1]:1025"),
        ("--control-origin", "http://a.test", "control_origin", "http://a.test"),
        ("--control-token", "secret", "control_token", "secret"),
        ("--no-control", None, "control", False),
        ("--open-control", None, "open_control", True),
        ("--self-check", None, "self_check", True),
    )

    @pytest.mark.parametrize(("flag", "text", "field", "value"), FLAGS)
    def test_each_is_a_flag_and_a_variable(
        self, served: list[Settings], flag: str, text: str | None, field: str, value: Any
    ) -> None:
        assert run("serve", flag, *([text] if text is not None else [])).exit_code == 0
        variable = "MOCKSERVER_" + flag.removeprefix("--").replace("-", "_").upper()
        assert run("serve", env={variable: "1" if text is None else text}).exit_code == 0
        assert [getattr(each, field) for each in served] == [value, value]

    @pytest.mark.parametrize(
        ("flag", "value"), [("--cors-origin", "localhost:3000"), ("--allow-host", "http://mock.example.test")]
    )
    def test_values_that_could_never_match(self, served: list[Settings], flag: str, value: str) -> None:
        said = run("serve", flag, value)
        assert (said.exit_code, served) == (2, [])
        assert "expected" in said.stderr

    @pytest.mark.parametrize(
        ("flag", "one", "other"),
        [
            ("--scenario", "a b", "c:d"),
            ("--allow-host", "mock.example.test", "mock"),
            ("--cors-origin", "http://localhost:3000", "https://shop.example.test"),
        ],
    )
    def test_several_values(self, served: list[Settings], flag: str, one: str, other: str) -> None:
        run("serve", flag, one, flag, other)
        run("serve", env={"MOCKSERVER_" + flag[2:].replace("-", "_").upper(): f"{one}, {other},"})
        assert served[0] == served[1] != Settings()

    def test_an_empty_variable_is_none(self, served: list[Settings]) -> None:
        run("serve", env={"MOCKSERVER_SCENARIO": "", "MOCKSERVER_SEED": "", "MOCKSERVER_PORT": ""})
        assert served == [Settings()]

    def test_a_folder_of_scenarios_counts_when_it_has_some(
        self, served: list[Settings], tmp_path: Path
    ) -> None:
        run("serve", "--scenario-dir", str(tmp_path))
        (tmp_path / "one.yaml").touch()
        run("serve", env={"MOCKSERVER_SCENARIO_DIR": str(tmp_path)})
        run("serve", "--scenario-dir", str(tmp_path), "--scenario", "private")
        assert [each.scenarios for each in served] == [(), (str(tmp_path),), ("private",)]

    @pytest.mark.parametrize(
        "args",
        [
            ["--port", "70000"],
            ["--port", "http"],
            ["--seed", "x"],
            ["--public-url", "mock.test"],
            ["--public-url", "http://[half"],
            ["--public-url", "http://mock.test/?q"],
            ["--scenario-dir", "/no/such/folder"],
            ["--nonsense"],
            ["extra"],
        ],
    )
    def test_what_makes_no_sense_is_a_usage_error(self, served: list[Settings], args: list[str]) -> None:
        result = run("serve", *args)
        assert result.exit_code == 2
        assert "Error: " in result.output
        assert not served


class TestBeyondLoopback:
    HOSTS = ("0.0.0.0", "::", "192.0.2.7", "mock.test")

    @pytest.mark.parametrize("host", HOSTS)
    def test_is_refused_while_everybody_could_drive_the_control_plane(
        self, served: list[Settings], host: str
    ) -> None:
        result = run("serve", "--host", host)
        assert result.exit_code == 2
        assert "--control-token TOKEN, --no-control, or --open-control" in result.output
        assert not served

    @pytest.mark.parametrize("guard", [["--control-token", "t"], ["--no-control"], ["--open-control"]])
    @pytest.mark.parametrize("host", HOSTS)
    def test_is_served_once_that_is_settled(
        self, served: list[Settings], host: str, guard: list[str]
    ) -> None:
        assert run("serve", "--host", host, *guard).exit_code == 0
        assert served[0].host == host

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
    def test_loopback_needs_nothing(self, served: list[Settings], host: str) -> None:
        assert run("serve", "--host", host).exit_code == 0


class TestScenarios:
    def test_lists_name_and_description(self) -> None:
        result = run("scenarios")
        assert result.exit_code == 0
        names = re.findall(r"^(\S+)(?:  +\S|$)", result.output, re.MULTILINE)
        assert names == [each["name"] for each in json.loads(run("scenarios", "--json").output)]

    def test_json(self) -> None:
        rows = json.loads(run("scenarios", "--json").output)
        assert rows[0]["name"] == "default"
        assert all(each["description"] and Path(each["path"]).is_file() for each in rows)


class TestValidate:
    def test_packaged_scenarios_are_valid(self) -> None:
        files = [str(each) for each in data_path("scenarios").glob("*.yaml")]
        result = run("validate", *files)
        assert result.exit_code == 0
        assert result.output.count(": valid\n") == len(files)
        assert json.loads(run("validate", "--json", *files).output) == []

    def test_problems_have_file_line_and_path(self, broken: Path) -> None:
        result = run("validate", str(broken))
        assert result.exit_code == 1
        assert re.match(rf"{re.escape(str(broken))}:5: surprise: \S", result.output)

    def test_json(self, broken: Path) -> None:
        result = run("validate", "--json", str(broken))
        assert result.exit_code == 1
        (problem,) = json.loads(result.output)
        assert (problem["file"], problem["line"], problem["path"]) == (str(broken), 5, "surprise")
        assert problem["message"]

    def test_one_broken_file_does_not_hide_the_others(self, broken: Path) -> None:
        good = data_path("scenarios/default.yaml")
        result = run("validate", str(broken), str(good))
        assert result.exit_code == 1
        assert f"{good}: valid\n" in result.output

    @pytest.mark.parametrize("args", [[], ["/no/such/file.yaml"], ["/"], ["defalut"]])
    def test_what_cannot_be_read_is_a_usage_error(self, args: list[str]) -> None:
        assert run("validate", *args).exit_code == 2


class TestServing:
    def test_it_is_ready_soon_and_where_it_says(self, server: ServerProcess) -> None:
        assert server.seconds_to_ready < 5
        assert server.url != "http://127.0.0.1:0"
        assert requests.get(f"{server.url}/_mock/health", timeout=5).json()["status"]

    def test_the_banner_names_what_can_be_booked_and_the_key(self, server: ServerProcess) -> None:
        state = requests.get(f"{server.url}/_mock/state", timeout=5).json()
        assert state["application"]["api_key"] in server.output
        assert state["configurations"]
        for each in state["configurations"]:
            assert re.search(
                rf"^  {each['id']}  .+  (booking|organizer-confirmation) +public$", server.output, re.M
            )

    def test_the_printed_commands_book(self, server: ServerProcess) -> None:
        first, second = server.book_as_printed(), server.book_as_printed()
        assert first["status"] == second["status"] == "booked"
        assert first["booking_id"] != second["booking_id"]

    @pytest.mark.parametrize("scenario", ["private", "additional-fields"])
    def test_the_printed_commands_open_a_session_and_answer_questions(self, scenario: str) -> None:
        with ServerProcess("--scenario", scenario) as server:
            assert server.book_as_printed()["status"] == "booked"

    def test_no_colours_where_there_is_no_terminal(self, server: ServerProcess) -> None:
        assert "\x1b" not in server.output

    def test_a_public_url_is_where_the_commands_go(self) -> None:
        with ServerProcess("--public-url", "https://mock.test/") as server:
            assert "  public URL  https://mock.test\n" in server.output
            assert "curl -s 'https://mock.test/v3/scheduling/availability?" in server.output

    def test_a_taken_port_is_one_sentence(self, server: ServerProcess) -> None:
        said = subprocess.run(
            [*ServerProcess().command[:-1], str(server.port)], capture_output=True, text=True, check=False
        )
        assert said.returncode == 1
        assert said.stderr == f"Error: cannot listen on 127.0.0.1:{server.port}: address already in use\n"
        assert said.stdout == ""

    def test_a_scenario_that_is_wrong_is_named_line_by_line(self, broken: Path) -> None:
        command = [*ServerProcess().command, "--scenario", str(broken)]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        assert said.returncode == 2
        assert said.stderr.startswith(f"{broken}:5: surprise: ")
        assert "Traceback" not in said.stderr
        assert said.stdout == ""

    def test_an_unknown_scenario_is_answered_with_the_names(self) -> None:
        command = [*ServerProcess().command, "--scenario", "nonsense"]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        assert said.returncode == 2
        assert "default" in said.stderr


def test_what_nobody_foresaw_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: Any) -> None:
        raise LookupError("lost\nand more")

    monkeypatch.setattr("sys.argv", ["mockserver", "scenarios"])
    monkeypatch.setattr(click.Command, "invoke", lambda *_: fail())
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "Error: LookupError: lost (MOCKSERVER_DEBUG=1 shows where)\n"
    monkeypatch.setenv("MOCKSERVER_DEBUG", "1")
    with pytest.raises(LookupError):
        main()
