"""Scenarios from several sources: what unites, what may stand in one file only, and where files are found."""

from pathlib import Path

import pytest

from mockserver.domain.ids import Ids
from mockserver.scenario import Problem, ScenarioError, load_scenario
from tests.scenario.worlds import NOW, WORLD

ONE = """\
version: 1
name: one
description: the first
seed: 5
grants:
  alice: {email: alice@example.com}
"""
TWO = """\
version: 1
name: two
clock: {mode: frozen, now: 2026-03-02T09:00:00Z}
grants:
  bob: {email: bob@example.com}
configurations:
  intro:
    grant: alice
    body:
      participants:
        - email: alice@example.com
          is_organizer: true
          availability: {calendar_ids: [primary]}
          booking: {calendar_id: primary}
        - {email: bob@example.com, availability: {calendar_ids: [primary]}}
      availability: {duration_minutes: 30}
      event_booking: {title: Intro}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text(ONE)
    (tmp_path / "b.yaml").write_text(TWO)
    (tmp_path / "notes.txt").write_text("no scenario")
    return tmp_path


def problems_of(*sources: Path) -> list[Problem]:
    with pytest.raises(ScenarioError) as raised:
        load_scenario([str(source) for source in sources])
    return raised.value.problems


def test_maps_unite_and_may_refer_to_each_other(folder: Path) -> None:
    scenario = load_scenario([str(folder / "a.yaml"), str(folder / "b.yaml")])
    world = scenario.build(NOW, Ids(scenario.seed), "http://localhost")

    assert [grant.email for grant in world.grants.values()] == ["alice@example.com", "bob@example.com"]
    assert len(world.configurations) == 1
    assert (scenario.name, scenario.description) == ("one", "the first")
    assert (scenario.seed, scenario.clock.mode) == (5, "frozen")


def test_a_folder_is_all_its_yaml_files_by_name(folder: Path) -> None:
    scenario = load_scenario([str(folder)])

    assert scenario.name == "one"
    assert len(scenario.build(NOW, Ids(0), "http://localhost").grants) == 2


def test_a_packaged_scenario_can_be_added_to(folder: Path) -> None:
    scenario = load_scenario(["private", str(folder)])

    assert (scenario.name, scenario.seed) == ("private", 5)
    assert len(scenario.build(NOW, Ids(0), "http://localhost").grants) == 3


def test_the_same_key_twice_is_an_error_that_names_both_files(folder: Path) -> None:
    third = folder / "c.yaml"
    third.write_text("version: 1\ngrants:\n  alice: {email: alice@example.org}\n")
    (problem,) = problems_of(folder)

    assert (problem.file, problem.line, problem.path) == (str(third), 3, "grants.alice")
    assert f"{folder / 'a.yaml'}:6" in problem.message


def test_what_there_is_only_once_comes_from_one_file(folder: Path) -> None:
    third = folder / "c.yaml"
    third.write_text("version: 1\nseed: 5\nclock: {mode: real}\nfaults: []\nsteps: []\n")
    seed, clock = problems_of(folder)

    assert (seed.file, seed.line, seed.path) == (str(third), 2, "seed")
    assert f"{folder / 'a.yaml'}:4" in seed.message
    assert (clock.line, clock.path) == (3, "clock")


def test_empty_lists_of_what_is_not_supported_yet_may_stand_in_every_file(folder: Path) -> None:
    for name in ("a", "b"):
        path = folder / f"{name}.yaml"
        path.write_text(path.read_text() + "faults: []\nrequires: []\nsteps: []\n")

    assert load_scenario([str(folder)])


def test_a_problem_names_the_file_it_is_in(folder: Path) -> None:
    (folder / "b.yaml").write_text(TWO.replace("grant: alice", "grant: carol"))
    (problem,) = problems_of(folder)

    assert (problem.file, problem.line) == (str(folder / "b.yaml"), 8)
    assert "there is alice, bob" in problem.message


def test_the_problems_of_all_files_are_told_at_once(folder: Path) -> None:
    (folder / "a.yaml").write_text(ONE.replace("seed: 5", "seed: x"))
    (folder / "b.yaml").write_text(TWO + "colour: red\n")

    assert [(Path(each.file).name, each.path) for each in problems_of(folder)] == [
        ("a.yaml", "seed"),
        ("b.yaml", "colour"),
    ]


def test_a_seed_given_at_start_beats_the_files(folder: Path) -> None:
    assert load_scenario([str(folder)], seed=99).seed == 99
    assert load_scenario([], seed=0).seed == 0


def test_a_packaged_name_is_meant_even_where_a_folder_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "private").mkdir()
    monkeypatch.chdir(tmp_path)

    assert load_scenario(["private"]).name == "private"


def test_the_same_file_twice_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(WORLD)

    assert problems_of(path, path)[0].path == "clock"
