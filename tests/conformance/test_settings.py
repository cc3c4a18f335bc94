"""Settings: from options, variables and the file, in that order; what is wrong with them is said."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import conformance.commands.running
from conformance.cli import cli
from conformance.commands.file import key_of
from conformance.commands.running import run
from conformance.commands.wishes import HIDDEN, MANY, Wishes
from conformance.settings import ROLES, Settings
from conformance.strangers.limits import Window

URL = "http://api.example.com"
SECRET = "nyk_v0_very_secret"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Settings, Wishes]]:
    """What `run` would have gone on with."""
    found: list[tuple[Settings, Wishes]] = []

    def instead(settings: Settings, wishes: Wishes, deviations: object) -> int:
        found.append((settings, wishes))
        return 0

    monkeypatch.setattr(conformance.commands.running, "_run", instead)
    return found


def call(*args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, args, prog_name="conformance", env=env)


def refused(*args: str, env: dict[str, str] | None = None) -> str:
    """The error of a command that has to end with 2."""
    result = call(*args, env=env)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "Error: " in result.output
    return result.output.partition("Error: ")[2].strip()


def test_a_base_url_is_enough(started: list[tuple[Settings, Wishes]]) -> None:
    assert call("run", "--base-url", f"{URL}/").exit_code == 0
    assert started == [(Settings(base_url=URL), Wishes())]


def test_every_option_arrives(started: list[tuple[Settings, Wishes]], folder: Path) -> None:
    known = folder / "known.yaml"
    known.write_text("{version: 1, deviations: []}")
    text = f"""
        --base-url {URL} --api-key {SECRET} --client-id c --grant g1 --grant g2@example.com
        --configuration one --configuration private=two --configuration expired=three
        --session two=open-sesame
        --booking unscoped=b --use-control --profile core --profile ui --operation createBooking
        --clause BK-CREATE-005 --quick --checks-only --seed 7 --slow --listen 0.0.0.0:9000 --public-url https://tunnel.example
        --salt-command salt --allow-writes --guest-email me@example.com --window 3-9 --max-bookings 4
        --rate 2.5 --time-limit 60 --ledger l.jsonl --deviations known.yaml --allow-incomplete --strict
        --json r.json
        --junit r.xml --html r.html --no-color --quiet"""
    assert call("run", *text.split()).output == ""
    ((settings, wishes),) = started
    assert settings.sessions == {"two": "open-sesame"}
    assert settings.configurations == {"": ("one",), "private": ("two",), "expired": ("three",)}
    assert settings.bookings == {"unscoped": "b"}
    assert (settings.grants, settings.profiles) == (("g1", "g2@example.com"), ("core", "ui"))
    assert (settings.operations, settings.only) == ({"createBooking"}, {"BK-CREATE-005"})
    assert settings.limits.window == Window(3, 9)
    assert (settings.limits.max_bookings, settings.limits.rate) == (4, 2.5)
    assert wishes == Wishes(
        Path("known.yaml"), True, True, Path("r.json"), Path("r.xml"), Path("r.html"), True, True
    )
    plain = Settings(base_url=URL)
    same = [name for name in vars(settings) if getattr(settings, name) == getattr(plain, name)]
    assert same == ["base_url"]


def test_an_option_comes_before_a_variable_and_that_before_the_file(
    started: list[tuple[Settings, Wishes]], folder: Path
) -> None:
    (folder / "conformance.toml").write_text(f'base-url = "{URL}"\nseed = 1\nwindow = "1-2"\nquick = true\n')
    assert call("run", env={"CONFORMANCE_SEED": "2", "CONFORMANCE_WINDOW": "3-4"}).exit_code == 0
    assert call("run", "--seed", "3", env={"CONFORMANCE_SEED": "2"}).exit_code == 0
    (first, _), (second, _) = started
    assert (first.seed, first.limits.window, first.quick) == (2, Window(3, 4), True)
    assert (second.seed, second.limits.window, second.quick) == (3, Window(1, 2), True)


def test_a_variable_may_hold_several_values(started: list[tuple[Settings, Wishes]]) -> None:
    env = {
        "CONFORMANCE_BASE_URL": URL,
        "CONFORMANCE_PROFILE": "core, ui",
        "CONFORMANCE_CONFIGURATION": "a,private=b",
        "CONFORMANCE_ALLOW_WRITES": "1",
        "CONFORMANCE_API_KEY": "",  # a secret that the build doesn't have
    }
    assert call("run", env=env).exit_code == 0
    ((settings, _),) = started
    assert settings.profiles == ("core", "ui")
    assert settings.configurations == {"": ("a",), "private": ("b",)}
    assert settings.limits.allow_writes
    assert settings.api_key is None


def test_the_file_may_have_tables(started: list[tuple[Settings, Wishes]], folder: Path) -> None:
    (folder / "mine.toml").write_text(
        f'base-url = "{URL}"\nmax-bookings = 3\nrate = 1.5\nprofile = ["core"]\n'
        '[configuration]\nprivate = "a"\nbooking = ["b", "c"]\n[session]\na = "s"\n'
    )
    assert call("run", "--config", "mine.toml").exit_code == 0
    ((settings, _),) = started
    assert settings.configurations == {"private": ("a",), "booking": ("b", "c")}
    assert settings.sessions == {"a": "s"}
    assert (settings.limits.max_bookings, settings.limits.rate) == (3, 1.5)


def test_our_mock_bears_any_number_of_bookings(started: list[tuple[Settings, Wishes]]) -> None:
    call("run", "--base-url", URL, "--use-control")
    call("run", "--base-url", URL, "--use-control", "--max-bookings", "5")
    assert [settings.limits.max_bookings for settings, _ in started] == [MANY, 5]


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--base-url", "nowhere", "expected a URL such as https://api.example.com, got 'nowhere'"),
        ("--base-url", "http://host:99999", "expected a URL"),
        ("--base-url", "http://.example.com", "expected a URL"),
        ("--base-url", "http://[::1", "expected a URL"),
        ("--base-url", "http://me:pass@host", "without user name and password"),
        ("--base-url", "http://host/?key=1", "without query and fragment"),
        ("--configuration", "host=1", f"expected one of {', '.join(ROLES)}; got 'host'"),
        ("--configuration", "private=", "expected ID or ROLE=ID"),
        ("--configuration", "=1", "expected ID or ROLE=ID"),
        ("--session", "abc", "expected CONFIGURATION=SESSION"),
        ("--booking", "host=1", "expected ROLE=ID, ROLE being unscoped"),
        ("--profile", "kore", "expected one of read, core,"),
        ("--operation", "book", "expected one of "),
        ("--clause", "BK-1", "'BK-1': there is no such clause"),
        ("--seed", "many", "expected a whole number, got 'many'"),
        ("--listen", "9000", "expected HOST:PORT such as 127.0.0.1:0, got '9000'"),
        ("--listen", "http://host:1", "expected HOST:PORT"),
        ("--public-url", "tunnel", "expected a URL"),
        ("--guest-email", "me", "expected an e-mail address, got 'me'"),
        ("--window", "21-7", "expected days ahead like 7-21"),
        ("--max-bookings", "-1", "expected 0 or more, got -1"),
        ("--rate", "0", "expected a number above 0, got '0'"),
        ("--time-limit", "nan", "expected a number above 0, got 'nan'"),
        ("--json", "nowhere/r.json", "the folder nowhere doesn't exist"),
        ("--html", ".", "expected a file, this is a folder"),
        ("--api-key", " ", "expected something, got nothing"),
    ],
)
def test_a_wrong_value_is_named_from_wherever_it_comes(
    option: str, value: str, expected: str, folder: Path
) -> None:
    variable = f"CONFORMANCE_{option[2:].replace('-', '_').upper()}"
    (param,) = [each for each in run.params if option in each.opts]
    base = [] if option == "--base-url" else ["--base-url", URL]
    assert f"'{option}'" in (told := refused("run", *base, option, value))
    assert expected in " ".join(told.split())
    if value.strip():
        assert variable in (told := refused("run", *base, env={variable: value}))
        assert expected in " ".join(told.split())
    (folder / "conformance.toml").write_text(
        f"{option[2:]} = {json.dumps([value] if getattr(param, 'multiple', False) else value)}"
    )
    assert refused("run", *base).startswith(f"conformance.toml: {option[2:]}: ")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("base_url = 'x'", "base_url: there is no such key; expected one of allow-incomplete, allow-writes,"),
        ("config = 'x'", "config: there is no such key"),
        ("allow-writes = 'yes'", "allow-writes: expected true or false, got 'yes'"),
        ("quick = 1", "quick: expected true or false, got 1"),
        ("grant = 'a'", "grant: expected a list of texts"),
        ("grant = [1]", "grant: expected a list of texts"),
        ("profile = {core = true}", "profile: expected a list of texts"),
        ("session = 'a'", "session: expected a list of texts or a table"),
        ("api-key = ['a']", "api-key: expected one value, got list"),
        ("rate = true", "rate: expected one value, got bool"),
        ("seed = 2026-01-01", "seed: expected one value, got date"),
        ("seed =", "is no TOML: "),
        ("a = [" * 5000, "is no TOML: "),
    ],
)
def test_what_is_wrong_with_the_file_is_named(line: str, expected: str, folder: Path) -> None:
    (folder / "conformance.toml").write_text(line)
    assert refused("run", "--base-url", URL).startswith(f"conformance.toml: {expected}")


def test_a_near_miss_is_pointed_out(folder: Path) -> None:
    (folder / "conformance.toml").write_text("allow_write = true")
    assert refused("run", "--base-url", URL).endswith("Did you mean allow-writes?")


def test_a_file_that_is_named_has_to_be_there() -> None:
    assert refused("run", "--config", "none.toml") == "none.toml: No such file or directory"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([], "--base-url is missing: expected where the implementation is"),
        (["--base-url", URL, "--public-url", URL], "expected --listen HOST:PORT too"),
        (["--base-url", URL, "--configuration", "a", "--configuration", "private=a"], "a is given twice"),
        (["--base-url", URL, "--session", "a=secret-1", "--session", "a=secret-2"], "a is given twice"),
        (["--base-url", URL, "--deviations", "none.yaml"], "none.yaml: No such file or directory"),
    ],
)
def test_what_does_not_go_together_is_named(args: list[str], expected: str) -> None:
    told = refused("run", *args)
    assert expected in " ".join(told.split())
    assert "secret-" not in told


class TestPrintConfig:
    def test_shows_every_setting_and_where_it_comes_from(self, folder: Path) -> None:
        (folder / "conformance.toml").write_text(f'base-url = "{URL}"\ngrant = ["g"]\n')
        result = call("run", "--print-config", "--seed", "5", env={"CONFORMANCE_PROFILE": "core"})
        assert result.exit_code == 0
        assert f'base-url = "{URL}"  # file' in result.output
        assert "seed = 5  # command line" in result.output
        assert 'profile = ["core"]  # environment' in result.output
        assert 'window = "7-21"  # default' in result.output
        shown = {line.removeprefix("# ").split()[0] for line in result.output.splitlines()[1:]}
        unnamed = {"config", "print-config"}
        assert shown == {key_of(each) for each in run.params} - unnamed

    def test_is_a_file_that_means_the_same(
        self, started: list[tuple[Settings, Wishes]], folder: Path
    ) -> None:
        args = ["--base-url", URL, "--configuration", "private=a", "--window", "3-9", "--allow-writes"]
        (folder / "mine.toml").write_text(call("run", "--print-config", *args).output)
        call("run", *args)
        call("run", "--config", "mine.toml")
        assert started[0] == started[1]

    def test_shows_no_secret(self) -> None:
        result = call(
            *["run", "--print-config", "--base-url", URL, "--api-key", SECRET],
            *["--session", f"a={SECRET}", "--salt-command", f"salt --key {SECRET}"],
        )
        assert SECRET not in result.output
        shown: dict[str, Any] = tomllib.loads(result.output)
        assert shown["api-key"] == HIDDEN
        assert shown["session"] == [f"a={HIDDEN}"]
        assert shown["salt-command"] == f"salt {HIDDEN}"

    def test_works_without_a_target(self) -> None:
        result = call("run", "--print-config")
        assert result.exit_code == 0
        assert "# base-url is not set" in result.output
