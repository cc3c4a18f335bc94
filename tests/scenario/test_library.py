"""The scenarios that travel with the program: listed, shown, and what new ones are written from."""

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import cli
from mockserver.replaying import replay_file
from mockserver.resources import data_path
from mockserver.scenario import (
    ScenarioError,
    find_scenario,
    list_scenarios,
    load_scenario,
    scenario_files,
    scenario_names,
    validate_file,
)
from mockserver.scenario.yaml_places import load_text

NAMES = scenario_names()
SCENARIOS = data_path("scenarios")


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args, prog_name="mockserver", terminal_width=100)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_index_has_every_file_of_the_folder() -> None:
    files = {path.relative_to(SCENARIOS).with_suffix("").as_posix() for path in SCENARIOS.rglob("*.yaml")}
    assert set(NAMES) == files == {info.name for info in list_scenarios()}
    assert NAMES[0] == "default"
    assert [name for name in NAMES if "/" in name] == NAMES[-len([n for n in NAMES if "/" in n]) :]


@pytest.mark.parametrize("name", NAMES)
def test_each_is_valid_named_after_its_file_and_described(name: str) -> None:
    info = find_scenario(name)
    assert info.path == SCENARIOS / f"{name}.yaml"
    assert validate_file(info.path) == []
    scenario = load_scenario([name])
    assert scenario.name == name.rpartition("/")[2]
    assert len(info.description) > 40
    assert info.steps == len(scenario.steps)


def test_the_list_as_json() -> None:
    rows = json.loads(run("scenarios", "--json").output)
    assert [each["name"] for each in rows] == NAMES
    assert all(each["description"] and Path(each["path"]).is_file() for each in rows)
    steps = {each["name"]: each["steps"] for each in rows}
    assert steps["pain/outcome-unknown"] > 0 == steps["default"]


@pytest.mark.parametrize("name", ["private", "pain/outcome-unknown"])
def test_one_is_shown_with_its_description_first(name: str) -> None:
    shown = run("scenarios", "show", name)
    assert shown.exit_code == 0
    head, _, rest = shown.output.partition("\n\n")
    described = " ".join(line.removeprefix("# ") for line in head.splitlines())
    assert described.startswith(f"{name}: {find_scenario(name).description}")
    assert rest == find_scenario(name).path.read_text(encoding="utf-8")
    assert load_text(shown.output, "shown").value["name"] == name.rpartition("/")[2]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("privat", "did you mean private?"),
        ("outcome-unknown", "did you mean pain/outcome-unknown?"),
        ("pain/privat", "did you mean private?"),
        ("../scenarios/private", "did you mean private?"),
        ("elsewhere.yaml", "there is no such file"),
        ("outcome-unknown.yaml", "did you mean pain/outcome-unknown?"),
        ("", "there is default, "),
    ],
)
def test_what_is_none_is_told_with_what_may_be_meant(name: str, hint: str) -> None:
    for command in (("show", name), ("new", "x", "--from", name)):
        said = run("scenarios", *command)
        assert (said.exit_code, "Traceback" in said.output) == (2, False)
        assert hint in said.output.replace("\n", " ")


@pytest.mark.parametrize(
    ("args", "file"),
    [((), "my-scenario.yaml"), (("mine",), "mine.yaml"), (("sub/mine.yaml",), "sub/mine.yaml"),
     (("123",), "123.yaml"), (("null.yaml",), "null.yaml")],
)  # fmt: skip
def test_a_new_one_is_valid_and_replays_at_once(here: Path, args: tuple[str, ...], file: str) -> None:
    (here / "sub").mkdir()
    said = run("scenarios", "new", *args)
    assert said.exit_code == 0, said.output
    assert f"Wrote {file}." in said.output
    assert validate_file(here / file) == []
    assert load_scenario([file]).name == Path(file).stem
    assert replay_file(here / file).held
    for command in re.findall(r"^  mockserver (validate \S+)", said.output, re.MULTILINE):
        assert run(*command.split()).exit_code == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_new_one_can_be_written_from_every_other(here: Path, name: str) -> None:
    assert run("scenarios", "new", "mine", "--from", name).exit_code == 0
    assert validate_file(here / "mine.yaml") == []
    first = find_scenario(name).path.read_text(encoding="utf-8").splitlines()
    mine = (here / "mine.yaml").read_text(encoding="utf-8").splitlines()
    changed = [new for old, new in zip(first, mine, strict=True) if old != new]
    assert changed == ['name: "mine"']


def test_nothing_is_overwritten_without_being_told_to(here: Path) -> None:
    (here / "mine.yaml").write_text("precious")
    refused = run("scenarios", "new", "mine")
    assert (refused.exit_code, (here / "mine.yaml").read_text()) == (1, "precious")
    assert "mine.yaml exists already; --force overwrites it" in refused.output
    assert run("scenarios", "new", "mine", "--force").exit_code == 0
    assert validate_file(here / "mine.yaml") == []


def test_nor_is_a_file_that_comes_along(here: Path) -> None:
    (here / "calendars").mkdir()
    (here / "calendars" / "nora.ics").write_text("precious")
    refused = run("scenarios", "new", "mine", "--from", "imported-calendar")
    assert (refused.exit_code, (here / "mine.yaml").exists()) == (1, False)
    assert "calendars/nora.ics exists already" in refused.output
    assert (here / "calendars" / "nora.ics").read_text() == "precious"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("mine.json", "ends in .yaml"),
        ("no/such/mine.yaml", "a folder that is there"),
        ("a b", "a name of at most 80 letters"),
        (".yaml", "a name of at most"),
        ("mine.yml", "ends in .yaml"),
        ("-.yaml", "a name of at most"),
        ("ü", "a name of at most"),
    ],
)
def test_a_target_that_is_none(here: Path, target: str, words: str) -> None:
    said = run("scenarios", "new", "--", target)
    assert (said.exit_code, list(here.iterdir())) == (2, [])
    assert words in said.output


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_to(here: Path) -> None:
    (here / "shut").mkdir(mode=0o500)
    said = run("scenarios", "new", "shut/mine.yaml")
    assert said.exit_code == 1
    assert "can't be written" in said.output


def test_a_folder_in_the_way(here: Path) -> None:
    (here / "mine.yaml").mkdir()
    said = run("scenarios", "new", "mine", "--force")
    assert said.exit_code == 1
    assert "mine.yaml can't be written" in said.output


def test_json_goes_with_the_list_only() -> None:
    assert run("scenarios", "--json", "show", "private").exit_code == 2


def test_validate_takes_names_files_and_folders(here: Path) -> None:
    (here / "pain").mkdir()
    (here / "one.yaml").write_text("version: 1\n")
    (here / "pain" / "two.yaml").write_text("version: 2\n")
    said = run("validate", "private", ".", "one.yaml")
    assert said.exit_code == 1
    assert said.output.splitlines() == [
        f"{SCENARIOS / 'private.yaml'}: valid",
        "one.yaml: valid",
        "pain/two.yaml:1: version: expected 1, the version of this format",
    ]
    assert [path.name for path in scenario_files(".")] == ["one.yaml", "two.yaml"]
    (here / "empty").mkdir()
    assert run("validate", "empty").exit_code == 2
    with pytest.raises(ScenarioError, match="there are none"):
        scenario_files("empty")


def test_all_that_come_along_are_valid() -> None:
    said = run("validate", str(SCENARIOS))
    assert said.exit_code == 0
    assert said.output.count(": valid\n") == len(NAMES)


def test_one_of_a_subfolder_is_loaded_by_its_name(here: Path) -> None:
    """A name beats a file of the same name, as it does for the others."""
    (here / "pain").mkdir()
    assert load_scenario(["pain/outcome-unknown"]).name == "outcome-unknown"
