"""The scripts in `examples/` do what they say, run as a reader runs them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.npm import ROOT, need_packages
from tests.support.remote import Remote
from tests.support.server import ServerProcess

EXAMPLES = ROOT / "examples"


def run(server: ServerProcess, *command: str | Path) -> str:
    """What a script prints; it has to succeed and to have nothing to complain about."""
    env = {**os.environ, "NYLAS_API_URI": server.url, "NO_PROXY": "*", "TZ": "UTC"}
    said = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (said.returncode, said.stderr) == (0, "")
    return said.stdout


def check_booking(world: Remote, printed: str) -> None:
    state = world.state()
    (booking,) = state["bookings"]
    assert (booking["status"], booking["guest"]["email"]) == ("booked", "ada@example.com")
    assert printed.startswith("booked: Intro call with Alice, ")
    assert printed.rstrip().endswith(booking["booking_id"])
    assert state["clock"]["now"] < booking["start_time"] < state["clock"]["now"] + 7 * 86_400
    assert [each["id"] for each in world.events("alice.weber@example.com")][-1] == booking["event_id"]
    assert {each["type"] for each in world.mails()} == {"booking_confirmed"}
    assert [each["method"] for each in world.journal()] == ["GET", "POST"]


def test_the_python_script_books(server: ServerProcess, world: Remote) -> None:
    check_booking(world, run(server, sys.executable, EXAMPLES / "python" / "book.py"))


@pytest.mark.slow
def test_the_node_script_books(server: ServerProcess, world: Remote) -> None:
    folder = need_packages("examples/node")
    check_booking(world, run(server, "node", folder / "book.mjs"))
