"""Calendar files that were written to do harm, and paths that lead elsewhere."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.resources import data_path
from mockserver.scenario import ScenarioError, load_scenario, parse_scenario, validate_file
from mockserver.scenario.ics import parse_ics
from tests.scenario.calendars import SEEDED, problems_of, vcalendar, vevent
from tests.support.worlds import DOCUMENT, Mock

START = "DTSTART:20260303T100000Z"
AT_ONCE = 2
"""Seconds of processor time, several times what any of them takes."""
ZONED = vevent("DTSTART;TZID=Evil:20260303T100000")


def evil_zone(rule: str) -> str:
    """An event in a zone with that rule; it has two parts, as no rule is followed in a zone of one."""
    lines = ["BEGIN:VTIMEZONE", "TZID:Evil"]
    for part, offsets in (
        ("STANDARD", ["TZOFFSETFROM:+0111", "TZOFFSETTO:+0123"]),
        ("DAYLIGHT", ["TZOFFSETFROM:+0123", "TZOFFSETTO:+0111"]),
    ):
        lines += [f"BEGIN:{part}", "DTSTART:16010101T000000", f"RRULE:{rule}", *offsets, f"END:{part}"]
    return vcalendar("\n".join([*lines, "END:VTIMEZONE"]), ZONED)


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        pytest.param(b"", 1, "the file is empty", id="empty"),
        pytest.param(b"\0" * 1000, 1, "begins with BEGIN:VCALENDAR", id="NUL"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0", 1, "UTF-8", id="picture"),
        pytest.param("BEGIN:VCALENDAR".encode("utf-16"), 1, "UTF-8", id="UTF-16"),
        pytest.param(b"BEGIN:VCALENDAR\nX:caf\xe9\nEND:VCALENDAR", 2, "UTF-8", id="Latin 1"),
        pytest.param(b"<!doctype html>\n<p>Log in", 1, "begins with BEGIN:VCALENDAR", id="HTML"),
        pytest.param(vevent(START), 1, "BEGIN:VCALENDAR first", id="no calendar"),
        pytest.param(vcalendar(vcalendar()), 3, "no second one inside it", id="calendar in calendar"),
        pytest.param(vcalendar(vevent(vevent(START))), 5, "directly inside", id="event in event"),
        pytest.param(vcalendar(vevent(START))[:-27], 5, "the file ends", id="cut off"),
        pytest.param(vcalendar("BEGIN:VEVENT"), 4, "END:VEVENT for line 3", id="not closed"),
        pytest.param(vcalendar("END:VEVENT"), 3, "END:VCALENDAR for line 1", id="closed twice"),
        pytest.param(vcalendar(vevent("hello")), 5, "a line such as", id="no colon"),
        pytest.param(vcalendar(*["BEGIN:X"] * 500_000), 1, "at most 200,000 lines", id="lines"),
        pytest.param(vcalendar(*["BEGIN:X"] * 100_000), 12, "at most 10 levels", id="deep"),
        pytest.param(vcalendar(*[vevent(START)] * 10_001), 1, "at most 10,000 events", id="events"),
        pytest.param(vcalendar("X:" + "x" * 6_000_000), 1, "at most 5 MiB", id="huge"),
        pytest.param(vcalendar(vevent("SUMMARY:" + "x" * 5_000_000)), 5, "100,000 characters", id="long"),
        pytest.param(vcalendar(vevent("ATTENDEE" + ";A=b" * 1_000_000 + ":x")), 5, "characters", id="words"),
        pytest.param(vcalendar(vevent("SUMMARY:" + "\n x" * 190_000)), 5, "100,000 characters", id="folds"),
        pytest.param(evil_zone("FREQ=SECONDLY"), 20, "not Evil", id="zone by the second"),
        pytest.param(evil_zone("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), 20, "not Evil", id="zone never"),
        pytest.param(evil_zone("\x1b[31m"), 20, "not Evil", id="zone of nonsense"),
    ],
)
def test_a_hostile_file_is_refused_at_once(raw: str | bytes, line: int, words: str) -> None:
    began = time.process_time()
    with pytest.raises(ScenarioError) as raised:
        parse_ics(raw.encode() if isinstance(raw, str) else raw, "f.ics", None, "UTC")
    (problem,) = raised.value.problems

    assert time.process_time() - began < AT_ONCE
    assert (problem.file, problem.line) == ("f.ics", line)
    assert words in problem.message


def test_too_many_that_recur_are_refused() -> None:
    events = [vevent(START, "RRULE:FREQ=DAILY", uid=str(number)) for number in range(2_001)]

    with pytest.raises(ScenarioError, match="at most 2,000 events that recur"):
        parse_ics(vcalendar(*events).encode(), "f.ics", None, "UTC")


def test_problems_do_not_talk_to_the_terminal() -> None:
    with pytest.raises(ScenarioError) as raised:
        parse_ics(vcalendar(vevent("DTSTART:\x1b[2J", uid="\x1b[31m")).encode(), "f.ics", None, "UTC")

    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../secret.ics", "a path below the scenario's folder"),
        ("sub/../../secret.ics", "a path below"),
        ("sub/../cal.ics", "a path below"),
        ("/etc/passwd", "a path below"),
        ("C:/secret.ics", "a path below"),
        ("..\\\\secret.ics", "a path below"),
        ("file:///etc/passwd", "a path below"),
        ("link.ics", "not a link out of it"),
        ("linked/secret.ics", "not a link out of it"),
        ("loop.ics", "can be read"),
        ("none.ics", "can be read: No such file"),
        ("cal.ics/x", "can be read"),
        ("sub", "expected a file"),
        ("pipe.ics", "expected a file"),
        (".", "expected a file"),
        ("nul\\0.ics", "a path below"),
        ("x" * 900, "can be read"),
        ("", "the path of an iCalendar file"),
        ("x" * 1001, "the path of an iCalendar file"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, name: str, words: str) -> None:
    folder = tmp_path / "worlds"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "secret.ics").write_text(vcalendar())
    (folder / "link.ics").symlink_to(tmp_path / "secret.ics")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "loop.ics").symlink_to(folder / "loop.ics")
    os.mkfifo(folder / "pipe.ics")
    (problem,) = problems_of(folder, vcalendar(), SEEDED.replace("cal.ics", f'"{name}"'))

    assert (Path(problem.file).name, problem.line) == ("world.yaml", 7)
    assert problem.path == "grants.alice.calendars.main.ics"
    assert words in problem.message


def test_folders_below_and_links_within_are_fine(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.ics").write_text(vcalendar(vevent(START)))
    (tmp_path / "b.ics").symlink_to(tmp_path / "sub" / "a.ics")
    for name in ("sub/a.ics", "b.ics", "./sub/a.ics"):
        (tmp_path / "world.yaml").write_text(SEEDED.replace("cal.ics", name))
        assert validate_file(tmp_path / "world.yaml") == []


def test_the_folder_is_that_of_the_file_that_has_the_grant(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "world.yaml").write_text("version: 1\n")
    (tmp_path / "two" / "world.yaml").write_text(SEEDED)
    (tmp_path / "one" / "cal.ics").write_text(vcalendar(vevent(START)))

    (problem,) = validate_file(tmp_path / "two" / "world.yaml")
    assert "No such file" in problem.message
    (tmp_path / "one" / "cal.ics").rename(tmp_path / "two" / "cal.ics")
    assert load_scenario([str(tmp_path / name) for name in ("one", "two")])


def test_a_scenario_that_is_sent_names_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cal.ics").write_text(vcalendar(vevent(START)))

    with pytest.raises(ScenarioError, match="expected none in a scenario that is sent"):
        parse_scenario(SEEDED)
    mock = Mock()
    try:
        sent = {
            **DOCUMENT,
            "grants": {"alice": {"email": "a@example.com", "calendars": {"m": {"ics": "cal.ics"}}}},
        }
        refused = mock.call("PUT", "/_mock/scenario", {**sent, "configurations": {}})
        assert refused.status_code == 400
        assert "expected none in a scenario that is sent" in str(refused.json)
        assert mock.call("POST", "/_mock/reset", {"scenario": "imported-calendar"}).status_code == 200
    finally:
        mock.close()


SEEDS = (data_path("scenarios") / "calendars" / "nora.ics").read_text(encoding="utf-8").splitlines()
PIECES = [
    "",
    ":",
    ";",
    ",",
    '"',
    "\\",
    "=",
    " ",
    "\t",
    "\0",
    "-1",
    "99999999999",
    "T",
    "Z",
    "TZID=",
    "VALUE=DATE",
]
PIECES += [
    "\n",
    "\r",
    "FREQ=",
    "COUNT=0",
    "UNTIL=",
    "BEGIN:VEVENT",
    "END:VEVENT",
    "\u2028",
    "\u0660",
    "mailto:",
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(SEEDS) - 1), st.integers(0, 60), st.sampled_from(PIECES)), max_size=4
    )
)
def test_a_file_with_a_few_mistakes_is_read_or_refused(mistakes: list[tuple[int, int, str]]) -> None:
    lines = list(SEEDS)
    for line, at, piece in mistakes:
        lines[line] = lines[line][:at] + piece + lines[line][at + len(piece) :]
    try:
        imported = parse_ics("\n".join(lines).encode(), "f.ics", None, "UTC")
    except ScenarioError:
        return
    assert all(end >= start for start, end in (event.times(0) for event in imported.events))
