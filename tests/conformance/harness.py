"""Runs the suite on servers of ours: the right one, and wrong ones."""

import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from conformance.settings import Settings
from conformance.strangers.limits import Limits
from conformance.suite import Outcome, run
from conformance.verdict import Status
from tests.conformance.mutants import RAN, Mutant
from tests.support.server import ServerProcess

ROOT = Path(__file__).resolve().parents[2]
WORLD = ROOT / "scenarios" / "conformance.yaml"
MANY = 100_000


@contextmanager
def conformance_server(*, mutant: Mutant | None = None, ran: Path | None = None) -> Iterator[ServerProcess]:
    """The server with the suite's world in it, spoiled by a mutant where one is given."""
    command = None
    if mutant is not None:
        command = (sys.executable, "-m", "tests.conformance.mutants", mutant.name, "serve", "--port", "0")
    env = {RAN: str(ran)} if ran else {}
    with ServerProcess("--scenario", str(WORLD), command=command, cwd=ROOT, env=env) as server:
        yield server


def settings_for(url: str, ledger: Path, *profiles: str, **changes: Any) -> Settings:
    """Everything that the suite's world has to offer."""
    world: Mapping[str, Any] = yaml.safe_load(WORLD.read_bytes())
    roles = {role: (world["configurations"][role]["id"],) for role in ("expired", "unscoped")}
    settings = Settings(
        base_url=url,
        api_key=world["application"]["api_key"],
        client_id=world["application"]["client_id"],
        grants=tuple(grant["email"] for grant in world["grants"].values()),
        configurations=roles,
        bookings={"unscoped": world["bookings"]["unscoped"]["id"]},
        profiles=profiles or ("all",),
        limits=Limits(allow_writes=True, max_bookings=MANY),
        use_control=True,
        listen=f"127.0.0.1:{free_port()}",
        ledger=ledger,
    )
    return replace(settings, **changes)


def judged(url: str, ledger: Path, *profiles: str, **changes: Any) -> Outcome:
    """The outcome of a run on a server of ours."""
    return run(settings_for(url, ledger, *profiles, **changes))


def red(outcome: Outcome) -> set[str]:
    """The clauses that came out broken, of every level."""
    return {each.clause.id for each in outcome.verdict.rulings if each.status == Status.FAIL}


def unlooked(outcome: Outcome) -> dict[str, str]:
    """The clauses that should have been looked at and were not, with the reason."""
    missed = (Status.NOT_VERIFIED, Status.ERROR, Status.UNSUPPORTED)
    return {each.clause.id: each.reason for each in outcome.verdict.rulings if each.status in missed}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
