"""`mockserver clock` and `mockserver drain`, against a real server."""

import json
from collections.abc import Iterator

import pytest

from tests.asking.conftest import book, control, hook, run
from tests.support.receiver import Receiver
from tests.support.server import ServerProcess
from tests.support.worlds import NOW

pytestmark = pytest.mark.slow  # each starts processes

NINE = "2026-03-02T09:00:00Z"


def test_the_clock_is_shown_moved_and_let_go(server: ServerProcess) -> None:
    assert run(server, "clock").stdout == f"{NINE} (frozen)\n"
    assert (
        run(server, "clock", "show", "--json").stdout
        == json.dumps({"mode": "frozen", "now": NOW, "iso": NINE}, indent=2) + "\n"
    )
    assert run(server, "clock", "advance", "1h30m").stdout == "2026-03-02T10:30:00Z (frozen)\n"
    assert run(server, "clock", "advance", "PT30M").stdout == "2026-03-02T11:00:00Z (frozen)\n"
    assert run(server, "clock", "set", "2026-03-02T12:00:00Z").stdout == "2026-03-02T12:00:00Z (frozen)\n"
    resumed = json.loads(run(server, "clock", "resume", "--json").stdout)
    assert resumed["mode"] == "shifted"
    moved = json.loads(run(server, "clock", "set", str(NOW + 86_400), "--json").stdout)
    assert moved["mode"] == "shifted"
    assert 0 <= moved["now"] - (NOW + 86_400) < 30
    frozen = run(server, "clock", "freeze", "2026-03-04T09:00:00+01:00")
    assert frozen.stdout == "2026-03-04T08:00:00Z (frozen)\n"
    assert run(server, "clock", "freeze").stdout == "2026-03-04T08:00:00Z (frozen)\n"
    assert frozen.returncode == 0


def test_what_fell_due_is_told(server: ServerProcess) -> None:
    with Receiver() as receiver:
        made = hook(server, receiver)
        receiver.status = 503
        book(server.url)
        assert run(server, "drain").stdout == "nothing is on its way\n"
        receiver.status = 200
        receiver.trust(made["webhook_secret"])
        said = run(server, "clock", "advance", "1h").stdout.splitlines()
        first, second = receiver.wait_for(2)
    assert said[0] == "2026-03-02T10:00:00Z (frozen)"
    assert said[1].split() == ["2026-03-02T09:02:30Z", "delivery", first.json["id"]]
    assert second.json["webhook_delivery_attempt"] == 2
    assert second.verified


def test_drain_waits_for_what_is_on_its_way(server: ServerProcess) -> None:
    with Receiver() as receiver:
        hook(server, receiver)
        receiver.manner = "hang"
        book(server.url)
        receiver.wait_for(1)
        assert control(server.url, "GET", "notifications")["data"][0]["status"] == "queued"
        receiver.release()
        drained = run(server, "drain", "--json")
    assert (drained.returncode, json.loads(drained.stdout)) == (0, {"drained": True})
    assert control(server.url, "GET", "notifications")["data"][0]["status"] == "delivered"


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["set"], 2, "missing AT"),
        (["advance"], 2, "missing DURATION"),
        (["show", "1"], 2, "expected nothing after it"),
        (["resume", "1"], 2, "expected nothing after it"),
        (["stop"], 2, "'stop'"),
        (["advance", "soon"], 1, "ISO 8601"),
        (["advance", "-1h"], 2, "-1"),
        (["set", "yesterday"], 1, "now:"),
        (["set", "1"], 1, "now:"),
        (["freeze", "2020-01-01T00:00:00Z"], 1, "not before the clock's"),
        (["--sandbox", "nobody"], 1, "no sandbox is named nobody"),
    ],
)
def test_what_makes_no_sense_is_refused(
    shared: ServerProcess, args: list[str], code: int, words: str
) -> None:
    said = run(shared, "clock", *args)
    assert (said.returncode, said.stdout) == (code, "")
    assert words in said.stderr
    assert "Traceback" not in said.stderr
    assert control(shared.url, "GET", "clock")["now"] == NOW


@pytest.fixture(scope="module")
def shared(scenario: str) -> Iterator[ServerProcess]:
    with ServerProcess("--scenario", scenario) as running:
        yield running


@pytest.mark.parametrize("command", [["clock"], ["drain"], ["listen"]])
def test_nobody_answers(command: list[str]) -> None:
    said = run("http://127.0.0.1:9", *command)
    assert (said.returncode, said.stdout) == (1, "")
    assert "no mock server answers" in said.stderr


def test_the_real_clock_is_not_advanced() -> None:
    with ServerProcess() as server:
        said = run(server, "clock", "advance", "1h")
        assert said.returncode == 1
        assert "frozen or shifted" in said.stderr
        assert run(server, "clock", "resume").returncode == 0  # it runs already


def test_a_token_is_presented(scenario: str) -> None:
    with ServerProcess("--scenario", scenario, "--control-token", "secret") as server:
        assert run(server, "clock").returncode == 1
        assert run(server, "clock", "--control-token", "secret").returncode == 0
        assert run(server, "drain", MOCKSERVER_CONTROL_TOKEN="secret").returncode == 0
