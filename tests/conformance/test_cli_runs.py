"""The real command against real servers."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import requests
import yaml

from conformance.clauses import clauses
from conformance.report.document import schema
from conformance.strangers.ledger import Ledger
from conformance.verdict import Exit
from tests.conformance.harness import ROOT, WORLD, conformance_server
from tests.conformance.mutants import mutants
from tests.conformance.outcomes import deviation, written
from tests.support.server import ServerProcess

pytestmark = pytest.mark.slow
API_KEY = yaml.safe_load(WORLD.read_bytes())["application"]["api_key"]
CONTROLLED = ("--use-control", "--allow-writes")
UNKNOWN = "BK-READ-003"
SOLD_ONCE = "BK-CREATE-005"
BOOKING_AN_EVENT = "BK-CREATE-011"


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "conformance", *args]


def conformance(folder: Path, *args: str) -> "subprocess.CompletedProcess[str]":
    """The command in a folder of its own."""
    done = subprocess.run(
        command(*args), capture_output=True, text=True, cwd=folder, env={"PYTHONPATH": str(ROOT)}, check=False
    )
    assert "Traceback" not in done.stderr
    assert API_KEY not in done.stdout + done.stderr
    return done


def report(folder: Path) -> Any:
    """The JSON report, which has to be what the schema says."""
    document = json.loads((folder / "r.json").read_text())
    jsonschema.validate(document, schema(), jsonschema.Draft202012Validator)
    return document


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """One for runs that need nothing of the world's clock."""
    with conformance_server() as running:
        yield running


@pytest.mark.timeout(400)
def test_the_mock_keeps_every_clause(tmp_path: Path) -> None:
    """The command of docs/conformance.md, with all reports."""
    with conformance_server() as fresh:
        done = conformance(
            tmp_path,
            *("run", "--base-url", fresh.url, *CONTROLLED, "--profile", "all", "--listen", "127.0.0.1:0"),
            *("--json", "r.json", "--junit", "r.xml", "--html", "r.html"),
        )
    assert done.returncode == Exit.CONFORMS, done.stdout
    assert "Taken from the mock's /_mock/state: API key, client id, 14 grants" in done.stderr
    document = report(tmp_path)
    assert [each["id"] for each in document["clauses"] if each["status"] != "pass"] == []
    assert document["verdict"]["incomplete"] == []
    assert document["generated"]["bookings"]["share"] >= 0.25
    assert document["left"] == []
    assert Ledger(tmp_path / ".conformance-ledger.jsonl").left() == []
    suites = ElementTree.parse(tmp_path / "r.xml").getroot()  # noqa: S314 -- we wrote it
    assert (suites.get("tests"), suites.get("failures")) == (str(len(clauses())), "0")
    assert "conforms to core" in (tmp_path / "r.html").read_text()
    for name in ("r.json", "r.xml", "r.html", ".conformance-ledger.jsonl"):
        assert API_KEY not in (tmp_path / name).read_text()


def test_a_clock_that_stands_still_is_told(server: ServerProcess, tmp_path: Path) -> None:
    done = conformance(tmp_path, "run", "--base-url", server.url, "--configuration", _direct(server))
    assert done.returncode == Exit.COULD_NOT_RUN
    assert "the target is our mock and its clock is frozen at 2026-" in done.stdout
    assert "give --use-control" in done.stdout


def test_a_wrong_key_is_not_the_target_s_fault(server: ServerProcess, tmp_path: Path) -> None:
    done = conformance(
        tmp_path,
        *("run", "--base-url", server.url, "--use-control", "--api-key", "nyk_wrong_key", "--json", "r.json"),
    )
    assert done.returncode == Exit.COULD_NOT_RUN
    assert "could not test: the API key is refused: 401" in done.stdout
    assert "nyk_wrong_key" not in done.stdout
    assert report(tmp_path)["clauses"] == []


def test_a_profile_that_nothing_is_permitted_of(server: ServerProcess, tmp_path: Path) -> None:
    done = conformance(tmp_path, "run", "--base-url", server.url, "--use-control", "--profile", "core")
    assert done.returncode == Exit.COULD_NOT_RUN
    assert "the profile core writes: it needs --allow-writes" in done.stdout


def test_a_stranger_with_one_public_page(tmp_path: Path) -> None:
    """A real clock, no key: what can't be seen is not verified, and nothing is blamed for it."""
    world = yaml.safe_load(WORLD.read_bytes())
    world |= {"clock": {"mode": "real"}, "bookings": {}, "grants": {"ada": world["grants"]["ada"]}}
    world["configurations"] = {"direct": world["configurations"]["direct"]}
    (tmp_path / "world.yaml").write_text(yaml.safe_dump(world))
    with ServerProcess("--scenario", str(tmp_path / "world.yaml")) as stranger:
        args = ("run", "--base-url", stranger.url, "--configuration", _direct(stranger), "--quick")
        limits = ("--profile", "core", "--allow-writes", "--guest-email", "qa@example.org")
        done = conformance(tmp_path, *args, *limits, "--json", "r.json")
        state = requests.get(f"{stranger.url}/_mock/state", timeout=5).json()
        bookings = state["bookings"]
    assert done.returncode == Exit.INCOMPLETE, done.stdout
    document = report(tmp_path)
    assert [each["id"] for each in document["clauses"] if each["status"] in ("fail", "error")] == []
    ended = {each["id"]: each["status"] for each in document["clauses"]}
    assert ended[SOLD_ONCE] == "pass"
    assert ended[BOOKING_AN_EVENT] == "not verified"
    assert 0 < len(bookings) <= 50
    assert {each["status"] for each in bookings} == {"cancelled"}
    assert all(each["guest"]["email"].endswith("@example.org") for each in bookings)
    week, end = (days * 86400 for days in (7, 21))
    now = state["clock"]["now"]
    assert all(now + week - 3600 <= each["start_time"] <= now + end + 86400 for each in bookings)


def test_an_address_that_is_taken_is_named(server: ServerProcess, tmp_path: Path) -> None:
    args = ("run", "--base-url", server.url, *CONTROLLED, "--profile", "webhooks", "--listen")
    for taken in (server.url.removeprefix("http://"), "nobody.invalid:0"):
        done = conformance(tmp_path, *args, taken)
        assert done.returncode == Exit.COULD_NOT_RUN
        assert f"--listen: {taken} can't be listened on: " in done.stderr


def test_a_broken_server_until_it_is_known(tmp_path: Path) -> None:
    mutant = mutants()["unknown_is_malformed"]
    only = ("--clause", UNKNOWN)
    with conformance_server(mutant=mutant) as broken:
        args = ("run", "--base-url", broken.url, *CONTROLLED, *only, "--json", "r.json")
        done = conformance(tmp_path, *args)
        assert done.returncode == Exit.BROKEN
        assert f"✗ {UNKNOWN}  An unknown booking answers 404." in done.stdout
        assert "expected  404\n    seen      400" in done.stdout
        assert f"curl '{broken.url}/v3/scheduling/bookings/" in done.stdout
        written(tmp_path / "known.yaml", deviation(UNKNOWN, expires="2126-01-01"))
        done = conformance(tmp_path, *args, "--deviations", "known.yaml")
        assert done.returncode == Exit.CONFORMS
        assert f"Broken as is known\n  {UNKNOWN}  known (first seen 2026-01-01" in done.stdout
        written(tmp_path / "known.yaml", deviation(UNKNOWN, expires="2026-01-02"))
        done = conformance(tmp_path, *args, "--deviations", "known.yaml")
        assert done.returncode == Exit.BROKEN
        assert "Known, but its day is over: it counts again" in done.stdout


def test_what_a_killed_run_leaves_can_be_cleaned_up(tmp_path: Path) -> None:
    """Nobody cleans up after a kill; the ledger knows what is left, and `cleanup` takes it back."""
    slowly = ("--profile", "core", "--operation", "getBooking", "--rate", "20")
    ledger = tmp_path / ".conformance-ledger.jsonl"
    with conformance_server() as fresh:
        url = ("--base-url", fresh.url)
        with subprocess.Popen(
            command("run", *url, *CONTROLLED, *slowly),
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as running:
            _until(lambda: ledger.exists() and Ledger(ledger).left() != [])
            running.kill()
        left = {each.id for each in Ledger(ledger).left()}
        done = conformance(tmp_path, "cleanup", *url, "--api-key", API_KEY)
        state = requests.get(f"{fresh.url}/_mock/state", timeout=5).json()
    assert left
    assert done.returncode == 0, done.stdout
    assert f"Nothing active is left at {fresh.url}." in done.stdout
    assert Ledger(ledger).left() == []
    statuses = {each["booking_id"]: each["status"] for each in state["bookings"]}
    assert {statuses.get(id, "cancelled") for id in left} == {"cancelled"}


def test_an_interrupted_run_takes_back_what_it_made(tmp_path: Path) -> None:
    ledger = tmp_path / ".conformance-ledger.jsonl"
    with (
        conformance_server() as fresh,
        subprocess.Popen(
            command("run", "--base-url", fresh.url, *CONTROLLED, "--profile", "core"),
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running,
    ):
        _until(lambda: ledger.exists() and Ledger(ledger).left() != [])
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=60)
    assert running.returncode == Exit.COULD_NOT_RUN
    assert "Interrupted." in told
    assert "Traceback" not in told
    assert Ledger(ledger).left() == []


def _direct(server: ServerProcess) -> str:
    """The id of the world's ordinary page."""
    state = requests.get(f"{server.url}/_mock/state", timeout=5).json()
    return next(str(each["id"]) for each in state["configurations"] if each["slug"] == "direct")


def _until(condition: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return
        except Exception:  # noqa: S110 -- half a line was written
            pass
        time.sleep(0.01)
    raise AssertionError("it never came to that")
