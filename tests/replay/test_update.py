"""`--update` writes what was seen where it was expected, and touches nothing else of the file."""

import json
from pathlib import Path

import pytest

from mockserver.replaying import replay_file
from mockserver.replaying.updating import NotUpdated, update_file
from tests.replay.worlds import about, booking, scenario
from tests.support.worlds import DOCUMENT

WORLD = json.dumps({key: value for key, value in DOCUMENT.items() if key != "version"})[1:-1]

BUG = """\
# A bug report.   With odd   spacing.
version: 1
clock:   {mode: frozen, now: 2026-03-02T09:00:00Z}   # a Monday
grants: {alice: {email: alice@example.com}}
configurations:
  intro:
    grant: alice
    body:
      participants:
      - {email: alice@example.com, name: A, is_organizer: true, availability: {calendar_ids: [primary]},
         booking: {calendar_id: primary}}
      availability: {duration_minutes: 30}
      event_booking: {title: Intro}
steps:
- stepId: book       # the first
  request:
    method: POST
    path: /v3/scheduling/bookings
    query: { configuration_id: "${configurations.intro.id}" }
    body: {start_time: {$time: {workday: 1, at: "10:00"}}, end_time: {$time: {workday: 1, at: "10:30"}},
           guest: {name: Gina, email: gina@example.com}}
  expect:
    status: 400      # it was refused
    body:
      data:
        booking_id: {$id: true}   # whatever
        status: 'pending'
        title: "Out"
        participants:
          - email: nobody@example.com
            name: x
        location: here
      error: gone

# notifications
- notifications:
  - type: booking.created
    data: {object: {booking_info: {title: Outro}}}
  - type: booking.cancelled
- mails: [{subject: "Old"}]
"""


def updated(path: Path, text: str) -> str:
    path.write_text(text, newline="")
    assert not replay_file(path).held
    update_file(replay_file(path))
    again = replay_file(path)
    assert again.held, again.differences()
    assert not update_file(again)
    return path.read_bytes().decode()


def test_values_change_and_comments_stay(tmp_path: Path) -> None:
    text = updated(tmp_path / "bug.yaml", BUG)
    before, after = BUG.splitlines(), text.splitlines()
    first = before.index("  expect:")
    assert after[: first + 1] == before[: first + 1]
    assert "    status: 200      # it was refused" in after
    assert "# notifications" in after
    assert "- mails: [{subject:" in text
    assert "nobody@example.com" not in text
    assert "gone" not in text
    assert "- type: booking.created" in after[after.index("- notifications:") + 1]


def test_leaves_are_all_that_changes_where_that_is_enough(tmp_path: Path) -> None:
    text = "".join(BUG.partition("  expect:\n")[:2]) + (
        "    status:   400      # it was refused\n"
        "    body: {data: {booking_id: {$id: true},   # whatever\n"
        "                  status: 'pending', title: Intro}}\n"
        "- notifications:   # told\n"
        "    - type: booking.created # first\n"
    )
    assert updated(tmp_path / "bug.yaml", text) == text.replace("400", "200").replace("'pending'", "booked")


def test_a_file_from_windows(tmp_path: Path) -> None:
    text = "\ufeff" + BUG.replace("\n", "\r\n").replace("A bug", "Ein Käfer 🐞")
    found = updated(tmp_path / "bug.yaml", text)
    assert found.startswith("\ufeff# Ein Käfer 🐞")
    assert found.count("\r\n") >= BUG.index("  expect:") / 60


def test_json_stays_json(tmp_path: Path) -> None:
    wrong = scenario(booking(expect={"status": 400, "body": {"data": {"status": "pending"}}}), {"mails": []})
    text = updated(tmp_path / "bug.json", json.dumps(wrong, indent=4))
    assert json.loads(text)["steps"][0]["expect"] == {"status": 200, "body": {"data": {"status": "booked"}}}
    assert text.startswith('{\n    "version": 1')


def test_an_alias_is_left_to_people(tmp_path: Path) -> None:
    text = BUG.partition("  expect:\n")[0] + "  expect: &e {status: 400}\n- mails: [{}, {}]\n"
    text += '- request: {method: GET, path: /v3/x, headers: {Authorization: "Bearer x"}}\n  expect: *e\n'
    path = tmp_path / "bug.yaml"
    path.write_text(text)
    with pytest.raises(NotUpdated, match="anchor"):
        update_file(replay_file(path))
    assert path.read_text() == text


def test_every_kind_of_text_comes_back(tmp_path: Path) -> None:
    titles = [
        "yes",
        "010",
        "1e3",
        "2026-03-02",
        "a: b",
        "- x",
        "#x",
        "",
        " ",
        "${x}",
        "ü\u0085\u2028",
        "\x7f",
        "'",
        "~",
    ]
    for title in titles:
        world = scenario(booking(expect={"body": {"data": {"title": "Old"}}}))
        configurations = json.loads(json.dumps(world["configurations"]))
        configurations["intro"]["body"]["event_booking"]["title"] = title or "x"
        world["configurations"] = configurations
        steps = "".join(f"- {json.dumps(each)}\n" for each in world.pop("steps"))
        world_lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in world.items())
        updated(tmp_path / "bug.yaml", f"{world_lines}steps:\n{steps}")


def test_nothing_is_written_for_steps_that_failed(tmp_path: Path) -> None:
    path = tmp_path / "bug.yaml"
    step = {**booking(), "outputs": {"x": "$.none"}}
    path.write_text(
        json.dumps(scenario(step, about("GET") | {"expect": {}})).replace("steps.book.id", "steps.book.x")
    )
    before = path.read_text()
    assert not update_file(replay_file(path))
    assert path.read_text() == before


def test_text_of_several_lines(tmp_path: Path) -> None:
    head = BUG.partition("  expect:\n")[0]
    text = f"{head}  expect:\n    body:\n      data:\n        title: |\n          Out\n          there\n"
    text += "\n        status: booked\n- notifications:\n  - type: >-\n      booking.gone\n\n# the end\n"
    found = updated(tmp_path / "bug.yaml", text)
    assert "        title: Intro\n\n        status: booked\n" in found
    assert found.endswith("  - type: booking.created\n\n# the end\n")
