"""The command: what it prints, what it writes, how it exits."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from mockserver.cli import cli
from tests.replay.processes import replay
from tests.replay.worlds import about, booking, scenario
from tests.support.receiver import Receiver

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "good.yaml", scenario(booking(), about("DELETE"), name="good"))
    write(tmp_path / "more" / "wrong.yaml", scenario(booking(expect={"status": 400}), name="wrong"))
    write(tmp_path / "world.yaml", scenario(name="world"))
    return tmp_path


def write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(document, sort_keys=False))


def test_all_of_a_folder(folder: Path) -> None:
    done = replay(".", cwd=folder, NO_COLOR="1")
    assert done.returncode == 1
    assert not done.stderr
    assert done.stdout.endswith("3 scenarios: 1 held, 1 differed, 1 skipped\n")
    assert "more/wrong.yaml:" in done.stdout
    assert "steps[0].expect.status: expected 400, got 200" in done.stdout


def test_what_holds_exits_0_and_junit_is_written(folder: Path) -> None:
    done = replay("good.yaml", "world.yaml", "--junit", "out.xml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert '<testsuite name="good" tests="2" failures="0"' in (folder / "out.xml").read_text()


def test_nothing_to_do_is_no_success(folder: Path) -> None:
    assert replay("world.yaml", cwd=folder).returncode == 2


def test_a_scenario_that_comes_along(folder: Path) -> None:
    assert replay("pain/outcome-unknown", cwd=folder).returncode == 0


def test_an_invalid_file_is_told_and_the_others_are_replayed(folder: Path) -> None:
    (folder / "bad.yaml").write_text("version: 1\nsteps:\n  - request: {method: GET, path: /v2/x}\n")
    done = replay("bad.yaml", "good.yaml", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith("bad.yaml:3:34: steps[0].request.path: expected a relative path below /v3/")
    assert "2 scenarios: 1 held, 1 invalid" in done.stdout


def test_json(folder: Path) -> None:
    done = replay("good.yaml", "more/wrong.yaml", "--json", cwd=folder)
    assert done.returncode == 1
    assert [each["verdict"] for each in json.loads(done.stdout)] == ["held", "differed"]


def test_update_makes_it_hold(folder: Path) -> None:
    done = replay("more", "--update", cwd=folder)
    assert done.returncode == 0, done.stdout
    assert "updated: 1 value" in done.stdout
    assert "status: 200" in (folder / "more" / "wrong.yaml").read_text()
    assert replay("more", cwd=folder).returncode == 0


def test_deliver_brings_notifications_and_challenges(folder: Path) -> None:
    with Receiver("a-secret-of-ours") as receiver:
        create = {
            "request": {
                "method": "POST",
                "path": "/v3/webhooks",
                "headers": {"Authorization": "Bearer ${application.api_key}"},
                "body": {"webhook_url": receiver.url, "trigger_types": ["booking.cancelled"]},
            },
            "expect": {"status": 200},
        }
        hooks = {"w": {"url": receiver.url, "secret": "a-secret-of-ours"}}
        write(folder / "hook.yaml", scenario(create, booking(), webhooks=hooks))
        assert replay("hook.yaml", cwd=folder).returncode == 0
        assert not receiver.received
        assert not receiver.challenges
        assert replay("hook.yaml", "--deliver", cwd=folder).returncode == 0
        (arrived,) = receiver.received
        assert arrived.verified
        assert arrived.json["type"] == "booking.created"
        assert len(receiver.challenges) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "expected a scenario: a file, a folder or a name"),
        (
            ["nothing.yaml"],
            "nothing.yaml: expected a file, a folder or the name of a scenario; there is no such file",
        ),
        (
            ["good.yaml", "--target", "http://127.0.0.1:9", "--update"],
            "--update: expected it without --target",
        ),
        (["good.yaml", "--allow-writes"], "expected --target beside them"),
        (["good.yaml", "--map", "configuration.intro=x"], "expected --target beside them"),
        (["good.yaml", "--target", "x", "--map", "intro=x"], "expected one such as configuration.intro=ID"),
        (["good.yaml", "--target", "ftp://x"], "expected a URL like https://"),
        (["good.yaml", "--target", "http://u:p@x"], "expected no user name"),
        (["good.yaml", "--target", "http://x", "--window", "21-7"], "expected days ahead like 7-21"),
        (["good.yaml", "--target", "http://x", "--guest-email", "x"], "expected an e-mail address"),
        (["good.yaml", "--smtp", "localhost:1025"], "expected --deliver beside it"),
        (["--cleanup"], "--cleanup: expected --target, and no files"),
        (["--cleanup", "--target", "http://x"], "expected --allow-writes beside it"),
        (
            ["good.yaml", "--target", "http://127.0.0.1:9", "--ledger", "good.yaml"],
            "a line that this program wrote",
        ),
    ],
)
def test_a_mistake_is_told_and_exits_2(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(cli, ["replay", *arguments])
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())
    assert not done.stdout


def test_a_file_that_can_not_be_written(folder: Path) -> None:
    done = replay("good.yaml", "--junit", "no/such/folder.xml", cwd=folder)
    assert done.returncode == 2
    assert "--junit: expected a file in a folder that is there, got no/such/folder.xml" in done.stderr
    assert not done.stdout  # nothing was done, on a target neither


def test_the_help_names_every_exit_code(folder: Path) -> None:
    done = replay("--help", cwd=folder)
    assert done.returncode == 0
    assert all(f"\n    {code}  " in done.stdout for code in (0, 1, 2))
