"""A mock server in a process of its own, and the command line beside it."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any, Self

import pytest
import requests

from tests.support.receiver import Receiver
from tests.support.remote import scenario_file
from tests.support.server import ServerProcess
from tests.support.worlds import API_KEY, DOCUMENT, INTRO, TEN

SECONDS = 20.0


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The small frozen world of `tests.support.worlds`, as a file."""
    return scenario_file(tmp_path_factory.mktemp("scenario"), DOCUMENT)


@pytest.fixture
def server(scenario: str) -> Iterator[ServerProcess]:
    with ServerProcess("--scenario", scenario) as running:
        yield running


def run(server: ServerProcess | str, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A command of the mock server that ends by itself."""
    url = server if isinstance(server, str) else server.url
    return subprocess.run(
        [sys.executable, "-m", "mockserver", *args, "--url", url],
        capture_output=True,
        text=True,
        timeout=60,
        env={**_environment(), **env},
    )


def book(url: str, start: int = TEN, configuration: str = INTRO, **more: Any) -> str:
    """Book half an hour for Gina; the id of the booking."""
    guest = {"name": "Gina Guest", "email": "gina@example.com"}
    answer = requests.post(
        f"{url}/v3/scheduling/bookings",
        params={"configuration_id": configuration},
        json={"start_time": start, "end_time": start + 1800, "guest": guest, **more},
        timeout=SECONDS,
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["booking_id"])


def control(url: str, method: str, path: str, body: Any = None) -> Any:
    answer = requests.request(method, f"{url}/_mock/{path}", json=body or {}, timeout=SECONDS)
    assert answer.status_code == 200, answer.text
    return answer.json()


def hook(server: ServerProcess, receiver: Receiver) -> dict[str, str]:
    """A webhook for new bookings, made as a user makes it."""
    answer = requests.post(
        f"{server.url}/v3/webhooks",
        headers={"Authorization": f"Bearer {API_KEY}"},
        json={"webhook_url": receiver.url, "trigger_types": ["booking.created"]},
        timeout=SECONDS,
    )
    assert answer.status_code == 200, answer.text
    made: dict[str, str] = answer.json()["data"]
    return made


class Listener:
    """`mockserver listen` in a process of its own, listening on entry and stopped by Ctrl-C on exit."""

    def __init__(self, url: str, *args: str) -> None:
        self._command = [sys.executable, "-m", "mockserver", "listen", "--url", url, *args]
        self._news = threading.Condition()
        self.lines: list[str] = []
        """What it printed to standard output, line by line."""
        self.said: list[str] = []
        """What it said about itself."""

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=_environment(),
            start_new_session=True,
        )
        self._readers = [
            threading.Thread(target=self._read, args=(stream, kept), daemon=True)
            for stream, kept in ((self.process.stdout, self.lines), (self.process.stderr, self.said))
        ]
        for reader in self._readers:
            reader.start()
        self.wait_until_said("listening")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, signum: int = signal.SIGINT) -> int:
        """Send the signal if it still runs; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
        code = self.process.wait(SECONDS)
        for reader in self._readers:
            reader.join(SECONDS)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code

    def wait_for(self, count: int) -> list[str]:
        """The lines, once there are that many. Raises AssertionError when time is up."""
        self._wait(lambda: len(self.lines) >= count)
        return list(self.lines)

    def wait_until_said(self, text: str, times: int = 1) -> None:
        self._wait(lambda: "".join(self.said).count(text) >= times)

    def json(self, count: int) -> list[dict[str, Any]]:
        return [json.loads(each) for each in self.wait_for(count)]

    def _wait(self, condition: Any) -> None:
        with self._news:
            assert self._news.wait_for(condition, SECONDS), (self.lines, self.said)

    def _read(self, stream: Any, kept: list[str]) -> None:
        for line in stream:
            with self._news:
                kept.append(line)
                self._news.notify_all()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
