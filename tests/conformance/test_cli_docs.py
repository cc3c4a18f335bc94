"""docs/conformance.md says everything that the suite can be told, and only that."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.clauses import ALL, PROFILES, clauses
from conformance.cli import cli
from conformance.commands.file import key_of
from conformance.commands.running import run
from conformance.deviations import deviations_in
from conformance.settings import ROLES
from conformance.verdict import Exit, Status

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"
TEXT = PAGE.read_text(encoding="utf-8")


def block(language: str, holding: str) -> str:
    """The first block of code in a language that has a certain text."""
    found = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    return next(each for each in found if holding in each)


@pytest.mark.parametrize("option", sorted(f"--{key_of(each)}" for each in run.params))
def test_every_option_is_told(option: str) -> None:
    assert re.search(rf"`{option}[` ]", TEXT)


def test_no_option_is_told_that_there_is_none_of() -> None:
    known = {option for command in cli.commands.values() for each in command.params for option in each.opts}
    foreign = {"--scenario", "--port", "--host"}
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT))
    assert told - known - foreign == set()


@pytest.mark.parametrize("profile", [*PROFILES, ALL])
def test_every_profile_is_told(profile: str) -> None:
    assert f"| `{profile}` |" in TEXT


def test_every_need_is_told() -> None:
    asked = {need for each in clauses().values() for need in each.needs}
    table = TEXT.partition("| need | how it is met |")[2].partition("\n## ")[0]
    told = {
        need for line in table.splitlines() for need in re.findall(r"`([a-z-]+)`", line.partition(" | ")[0])
    }
    assert asked - told == set()
    assert told - asked - {"expired"} == set()


def test_every_role_is_told() -> None:
    assert [role for role in ROLES if f"`{role}`" not in TEXT and f"{role}=" not in TEXT] == []


def test_every_exit_code_and_status_is_told() -> None:
    codes = [value for name, value in vars(Exit).items() if not name.startswith("_")]
    assert [code for code in codes if f"\n| {code} |" not in TEXT] == []
    assert [status for status in Status if f"\n| {status} |" not in TEXT] == []


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_is_told(command: str) -> None:
    assert f"conformance {command}" in TEXT


def test_every_clause_that_is_told_exists() -> None:
    assert set(re.findall(r"BK-[A-Z]+-\d+", TEXT)) - clauses().keys() == set()


def test_the_file_of_settings_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = block("toml", "base-url")
    keys = {key_of(each) for each in run.params}
    assert set(tomllib.loads(text)) <= keys


def test_the_file_of_deviations_is_one(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(block("yaml", "deviations:"))
    assert len(deviations_in(path)) == 1


@pytest.mark.parametrize("holding", ["jobs:\n  conformance", "schedule:", ".conformance:"])
def test_the_recipes_call_what_there_is(holding: str) -> None:
    recipe: Any = yaml.safe_load(block("yaml", holding))
    lines = [line for line in _texts(recipe) if "conformance run" in line or "conformance cleanup" in line]
    assert lines
    for line in lines:
        for command in re.findall(
            r"conformance (run|cleanup)\b((?:(?!conformance ).)*)", line.replace("\\\n", ""), re.S
        ):
            name, rest = command
            known = {option for each in cli.commands[name].params for option in each.opts}
            assert set(re.findall(r"--[a-z-]+", rest)) <= known


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []
