"""What has changed from one report to the next."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from conformance.clauses import Level, clause, clauses
from conformance.cli import cli
from conformance.report.difference import Difference, difference
from conformance.report.document import Document
from conformance.verdict import Status
from tests.conformance.outcomes import outcome, report

ONE, OTHER, SHOULD, MAY = "BK-CREATE-005", "BK-CREATE-004", "BK-CREATE-006", "BK-CREATE-015"


def compared(old: Document, new: Document) -> dict[str, list[str]]:
    """The clauses of each kind of change."""
    found = difference(old, new)
    return {name: [each.id for each in changes] for name, changes in vars(found).items() if changes}


def made(**how: Any) -> Document:
    return report(outcome(**how))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {}, {}),
        ({}, {"broken": [ONE]}, {"worse": [ONE]}),
        ({"broken": [ONE]}, {}, {"better": [ONE]}),
        ({"broken": [ONE]}, {"broken": [OTHER]}, {"worse": [OTHER], "better": [ONE]}),
        ({}, {"missed": [ONE]}, {"worse": [ONE]}),
        ({}, {"errors": [ONE]}, {"worse": [ONE]}),
        ({"missed": [ONE]}, {}, {"better": [ONE]}),
        ({"missed": [ONE]}, {"broken": [ONE]}, {"worse": [ONE]}),
        ({"missed": [ONE]}, {"errors": [ONE]}, {}),
        ({"broken": [ONE]}, {"missed": [ONE]}, {"unknown": [ONE]}),
        ({"broken": [ONE]}, {"broken": [ONE], "seen": "something worse"}, {}),
    ],
)
def test_changes(old: dict[str, Any], new: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert compared(made(**old), made(**new)) == expected


def test_what_is_no_longer_looked_at_is_worse() -> None:
    private = {each.id for each in clauses().values() if each.profile == "private"}
    found = compared(made(profiles=("private",)), made(profiles=("read",)))
    assert {*found} == {"worse"}
    assert {*found["worse"]} == private


def test_clauses_that_only_one_report_knows() -> None:
    whole, cut = made(), made()
    cut["clauses"] = [each for each in cut["clauses"] if each["id"] != ONE]
    assert compared(cut, whole) == {"new": [ONE]}
    assert compared(whole, cut) == {"gone": [ONE]}


@pytest.mark.parametrize(("id", "alarming"), [(ONE, True), (SHOULD, True), (MAY, False)])
def test_a_may_alarms_nobody(id: str, alarming: bool) -> None:
    assert difference(made(), made(broken=[id])).alarming == alarming


STATUSES = st.dictionaries(st.sampled_from([*clauses()][:12]), st.sampled_from([*Status]), max_size=12)


@given(old=STATUSES, new=STATUSES)
def test_every_clause_is_told_at_most_once_and_the_way_back_mirrors_it(
    old: dict[str, Status], new: dict[str, Status]
) -> None:
    there, back = difference(_with(old), _with(new)), difference(_with(new), _with(old))
    told = [each.id for changes in vars(there).values() for each in changes]
    assert len(told) == len(set(told))
    assert {each.id for each in there.new} == {each.id for each in back.gone}
    assert {each.id for each in there.better} <= {each.id for each in back.worse}
    if old == new:
        assert there == Difference()
    assert there.alarming == any(
        clause(id).level != Level.MAY and _is_worse(old[id], new[id]) for id in old.keys() & new.keys()
    )


def _is_worse(old: Status, new: Status) -> bool:
    return old != new and (new == Status.FAIL or old == Status.PASS)


def _with(statuses: dict[str, Status]) -> Document:
    found: Any = {"clauses": []}
    for id, status in statuses.items():
        level, promise = clause(id).level.name, clause(id).promise
        found["clauses"].append(
            {
                "id": id,
                "level": level,
                "promise": promise,
                "status": status.value,
                "reason": "",
                "failures": [],
            }
        )
    return found


class TestCommand:
    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[str, str]:
        """A report, and a worse one."""
        for name, document in (("old", made()), ("new", made(broken=[ONE], seen="two\x1b[31m bookings"))):
            (tmp_path / f"{name}.json").write_text(json.dumps(document))
        return str(tmp_path / "old.json"), str(tmp_path / "new.json")

    def call(self, *args: str) -> Result:
        return CliRunner().invoke(cli, ["diff", *args])

    def test_ends_with_1_when_something_got_worse(self, files: tuple[str, str]) -> None:
        result = self.call(*files)
        assert result.exit_code == 1
        assert "Worse: 1\n  BK-CREATE-005  MUST  pass → fail  A slot is sold once." in result.output
        assert "expected what is promised, seen two\\x1b[31m bookings" in result.output
        assert self.call(*files[::-1]).exit_code == 0
        assert "Nothing has changed." in self.call(files[0], files[0]).output

    def test_speaks_to_programs(self, files: tuple[str, str]) -> None:
        found = json.loads(self.call("--json", *files).output)
        assert found["got_worse"] is True
        assert [(each["id"], each["old"], each["new"]) for each in found["worse"]] == [(ONE, "pass", "fail")]
        assert found["better"] == found["unknown"] == found["new"] == found["gone"] == []

    def test_shows_nothing_that_a_terminal_obeys(self, files: tuple[str, str]) -> None:
        document = json.loads(Path(files[1]).read_text())
        document["clauses"] = document["clauses"][:1]
        document["clauses"][0].update(status="fail", reason="", promise="\x1b[2J\x07\u202e", failures=[])
        Path(files[1]).write_text(json.dumps(document))
        assert "\\x1b[2J\\x07\\u202e" in self.call(*files).output

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "is no JSON; expected what `conformance run --json` writes"),
            ("[]", "report_version: expected 1, got None"),
            ('{"report_version": 2}', "report_version: expected 1, got 2"),
            ('{"report_version": 1}', "$: "),
            ("[" * 100_000, "is no JSON"),
        ],
    )
    def test_refuses_what_is_no_report(self, text: str, told: str, files: tuple[str, str]) -> None:
        Path(files[0]).write_text(text)
        result = self.call(*files)
        assert result.exit_code == 2
        assert f"{files[0]}: {told}" in result.output

    def test_names_the_place_of_what_is_wrong(self, files: tuple[str, str]) -> None:
        document = json.loads(Path(files[0]).read_text())
        document["clauses"][2]["status"] = "splendid"
        Path(files[0]).write_text(json.dumps(document))
        assert "$.clauses[2].status: 'splendid' is not one of" in self.call(*files).output
