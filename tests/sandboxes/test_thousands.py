"""Thousands of sandboxes on one server, each with a booking of its own."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local

import pytest
import requests

from tests.support.remote import Remote, scenario_file
from tests.support.server import ServerProcess
from tests.support.worlds import DOCUMENT, INTRO, TEN

MANY = 2_000
MOST_KIB_EACH = 100
MOST_SECONDS = 60


def resident_kib(pid: int) -> int | None:
    """The memory of a process; None where the system doesn't tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return None
    (line,) = [each for each in status.read_text().splitlines() if each.startswith("VmRSS:")]
    return int(line.split()[1])


@pytest.mark.slow
def test_each_of_thousands_is_a_world_of_its_own(tmp_path: Path) -> None:
    mine = local()

    def book(number: int) -> tuple[int, str]:
        """A guest of its own takes the same slot in every sandbox; each is made by its first use."""
        if not hasattr(mine, "session"):
            mine.session = requests.Session()
        guest = {"name": "Gina Guest", "email": f"gina{number}@example.com"}
        answer = mine.session.post(
            f"{server.url}/_sandbox/many-{number}/v3/scheduling/bookings",
            params={"configuration_id": INTRO},
            json={"start_time": TEN, "end_time": TEN + 1800, "guest": guest},
            timeout=30,
        )
        return answer.status_code, answer.json()["data"]["booking_id"]

    with ServerProcess("--scenario", scenario_file(tmp_path, DOCUMENT)) as server:
        book(MANY)  # so that all is loaded that is ever needed
        before, began = resident_kib(server.process.pid), time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            booked = list(pool.map(book, range(MANY)))
        seconds, after = time.monotonic() - began, resident_kib(server.process.pid)
        assert {status for status, _ in booked} == {200}
        assert len({booking_id for _, booking_id in booked}) == 1  # equal worlds have equal ids
        assert seconds < MOST_SECONDS
        if before is not None and after is not None:
            assert (after - before) / MANY < MOST_KIB_EACH
        with Remote(server.url) as default:
            assert default.state()["bookings"] == []
            assert len(default.control("GET", "sandboxes")["data"]) == MANY + 2
            for number in (0, 999, MANY - 1):
                with Remote(server.url, f"many-{number}") as remote:
                    (booking,) = remote.state()["bookings"]
                    assert booking["guest"]["email"] == f"gina{number}@example.com"
                    assert len(remote.mails()) == 2
                default.control("DELETE", f"sandboxes/many-{number}")
            assert len(default.control("GET", "sandboxes")["data"]) == MANY - 1
        assert server.stop() == 0
