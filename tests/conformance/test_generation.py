"""Requests made up from the contract, sent to servers that are right and to one that says yes to all."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from conformance.findings import Findings
from conformance.generation import stage
from conformance.generation.stage import generated_requests
from conformance.hooks import Hooks
from conformance.receiver import Receiver
from conformance.resources import operations
from conformance.settings import Settings
from conformance.smoke import CouldNotTest, smoke
from conformance.strangers.caller import Caller
from conformance.strangers.exchange import Exchange
from conformance.strangers.limits import Limits
from conformance.strangers.secrets import Secrets
from conformance.suite import run
from conformance.target import Target
from tests.conformance.harness import ROOT, WORLD, conformance_server, red, settings_for
from tests.support.server import ServerProcess

BOOKINGS = "/v3/scheduling/bookings"
LINKED = {
    *(f"{method} {BOOKINGS}/{{booking_id}}" for method in ("GET", "PUT", "PATCH", "DELETE")),
    "DELETE /v3/scheduling/sessions/{session_id}",
    "GET /v3/grants/{grant_id}/scheduling/configurations/{configuration_id}",
    "GET /v3/webhooks/{webhook_id}",
}
"""What has to be reached by a link from another operation's answer."""


class Stage:
    """One stage of generated requests, by itself; remembers what went over the wire."""

    def __init__(self, settings: Settings) -> None:
        self.exchanges: list[Exchange] = []
        self.pauses: list[float] = []
        caller = Caller(
            settings.base_url,
            settings.limits,
            Secrets({"NYLAS_API_KEY": settings.api_key}),
            pause=self.pauses.append,
        )
        caller.observe = self._observe
        self.target = Target(settings, caller=caller)
        self.findings = Findings(self.target.secrets)

    def _observe(self, exchange: Exchange) -> None:
        if "/_mock/" not in exchange.url:
            self.exchanges.append(exchange)

    def run(self, deadline: float | None = None) -> "Stage":
        settings = self.target.settings
        try:
            smoke(self.target)
            self.exchanges.clear()
            with Receiver(settings.listen or "127.0.0.1:0") as receiver:
                hooks = Hooks(self.target, receiver)
                generated_requests(self.target, self.findings, hooks, lambda told: None, deadline)
        finally:
            self.target.close()
        return self

    @property
    def failures(self) -> list[Any]:
        return [(id, each.failures) for id, each in self.findings.found.items() if each.failed]

    @property
    def sent(self) -> list[tuple[str, str, bytes]]:
        return [(each.method, each.url, each.body) for each in self.exchanges]


@pytest.fixture
def url() -> Iterator[str]:
    with conformance_server() as server:
        yield server.url


def reading(url: str, ledger: Path, **changes: Any) -> Settings:
    """What a careful stranger permits: reading, with no key."""
    changes = {"quick": True, "limits": Limits(), "api_key": None, **changes}
    changes = {"listen": None, "configurations": {"": page_ids(url)}, "grants": (), "bookings": {}, **changes}
    return settings_for(url, ledger, "read", **changes)


def page_ids(url: str) -> tuple[str, ...]:
    world = requests.get(f"{url}/_mock/state", timeout=30).json()
    found = {each["slug"]: each["id"] for each in _configurations(world)}
    return tuple(found[slug] for slug in ("direct", "team"))


def _configurations(of: Any) -> Iterator[dict[str, Any]]:
    """Every object in the exported state that is a configuration."""
    if isinstance(of, dict):
        if {"slug", "id", "participants"} <= set(of):
            yield of
        for each in of.values():
            yield from _configurations(each)
    elif isinstance(of, list):
        for each in of:
            yield from _configurations(each)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_operation_of_our_server_keeps_the_contract(tmp_path: Path) -> None:
    with ServerProcess("--self-check", "--scenario", str(WORLD), cwd=ROOT) as server:
        done = Stage(settings_for(server.url, tmp_path / "ledger.jsonl", "all")).run()
    figures = done.findings.generated
    assert not done.failures
    assert done.findings.incomplete == []
    assert {each.answer_headers.get("x-mock-drift") for each in done.exchanges} == {None}
    assert set(figures["phases"]) >= {"examples", "coverage", "fuzzing", "stateful"}
    assert {name for name, counted in figures["operations"].items() if counted.get(200)} == set(operations())
    assert {link.rpartition("-> ")[2] for link in figures["links"]} >= LINKED
    assert figures["cases"] >= 2000
    assert figures["bookings"]["share"] >= stage.ENOUGH
    assert done.target.ledger.left() == []


@pytest.mark.slow
def test_without_permission_it_only_reads_and_says_what_it_saw(url: str, tmp_path: Path) -> None:
    before = requests.get(f"{url}/_mock/state", timeout=30).json()
    done = Stage(reading(url, tmp_path / "ledger.jsonl")).run()
    assert {each.method for each in done.exchanges} == {"GET"}
    assert not done.failures
    assert done.findings.incomplete == []
    assert requests.get(f"{url}/_mock/state", timeout=30).json() == before
    kept = {id for id, each in done.findings.found.items() if each.passes}
    assert kept >= {
        "BK-WIRE-001",
        "BK-AVAIL-001",
        "BK-AVAIL-002",
        "BK-AVAIL-004",
        "BK-AVAIL-005",
        "BK-READ-005",
    }
    assert "BK-CREATE-001" not in kept


@pytest.mark.slow
def test_a_seed_decides_what_is_sent(url: str, tmp_path: Path) -> None:
    def sent(seed: int) -> list[tuple[str, str, bytes]]:
        settings = reading(url, tmp_path / "ledger.jsonl", seed=seed)
        return Stage(settings).run().sent

    assert sent(3) == sent(3)
    assert sent(3) != sent(4)


@pytest.mark.slow
def test_no_more_is_booked_than_is_permitted(url: str, tmp_path: Path) -> None:
    limits = Limits(allow_writes=True, max_bookings=6)
    settings = settings_for(url, tmp_path / "ledger.jsonl", "core", quick=True, limits=limits)
    done = Stage(settings).run()
    made = [each for each in done.exchanges if each.ok and each.method == "POST" and BOOKINGS in each.url]
    assert 0 < len(made) <= 6
    assert not done.failures
    assert done.findings.generated["bookings"]["share"] >= stage.ENOUGH
    assert done.target.ledger.left() == []


@pytest.mark.slow
def test_a_pause_that_the_target_asks_for_is_made(url: str, tmp_path: Path) -> None:
    fault = {
        "match": {"operation": "getBooking"},
        "effect": {"status": 429, "headers": {"Retry-After": "7"}},
        "times": 2,
    }
    requests.post(f"{url}/_mock/faults", json=fault, timeout=30).raise_for_status()
    done = Stage(reading(url, tmp_path / "ledger.jsonl")).run()
    assert done.pauses == [7, 7]
    assert not done.failures


def test_it_ends_when_time_is_up(url: str, tmp_path: Path) -> None:
    done = Stage(reading(url, tmp_path / "ledger.jsonl")).run(deadline=time.monotonic())
    assert len(done.exchanges) < 10
    assert done.findings.incomplete == ["generated requests: the time limit was reached"]


def test_without_schemathesis_nothing_is_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(stage, "find_spec", lambda name: None)
    with pytest.raises(CouldNotTest, match="pip install"):
        run(Settings("http://127.0.0.1:9", ledger=tmp_path / "ledger.jsonl"))


def test_the_suite_starts_without_schemathesis() -> None:
    script = "import sys, conformance.suite; sys.exit('schemathesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


@contextmanager
def yes_to_all() -> Iterator[str]:
    """A server that answers everything alike: always 200, always with the same slots."""
    start = int(time.time()) // 86400 * 86400 + 8 * 86400  # noqa: TID251 -- a server of nobody's
    slots = [{"start_time": start + n * 3600, "end_time": start + n * 3600 + 1800} for n in range(20)]
    content = {
        "request_id": "always-the-same",
        "data": {
            "time_slots": slots,
            "booking_id": "3f2b8c1d-6a5e-4f70-9b8a-7c6d5e4f3a2b",
            "event_id": "one",
            "title": "Yes",
            "organizer": {"email": "yes@example.com", "name": "Yes"},
            "status": "booked",
        },
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Request-Id", "always-the-same")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.slow
def test_who_accepts_everything_is_caught(tmp_path: Path) -> None:
    with yes_to_all() as url:
        settings = Settings(
            url,
            api_key="secret-key-of-theirs",
            configurations={"booking": ("b48c7f5b-caa3-4bcc-aaf2-e705f90144cc",)},
            profiles=("core",),
            limits=Limits(allow_writes=True),
            quick=True,
            ledger=tmp_path / "ledger.jsonl",
        )
        outcome = run(settings)
    caught = {"BK-AVAIL-004", "BK-READ-005", "BK-CREATE-005", "BK-CREATE-009", "BK-MOVE-007", "BK-CANCEL-008"}
    assert red(outcome) >= caught | {"BK-AVAIL-002", "BK-READ-006"}
    told = [step for each in outcome.verdict.rulings for one in each.found.failures for step in one.steps]
    assert told
    assert not any("secret-key-of-theirs" in step.curl + step.answer for step in told)
    assert len(told) < 400
