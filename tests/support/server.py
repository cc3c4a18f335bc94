"""A mock server in a process of its own, as a user starts it."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

START_SECONDS = 20.0
STOP_SECONDS = 15.0
_READY = re.compile(r"is ready at (http://\S+)")


class ServerProcess:
    """`mockserver serve --port 0 ARGS` as a context manager, ready on entry and stopped on exit.

    `command` replaces `python -m mockserver serve --port 0`; what it prints has to hold "is ready at URL".
    """

    def __init__(
        self,
        *args: str,
        env: Mapping[str, str] | None = None,
        command: Sequence[str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> None:
        self.command = [*(command or (sys.executable, "-m", "mockserver", "serve", "--port", "0")), *args]
        self._env = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
        self._env.update(env or {})
        self._cwd = cwd
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._ended = False
        self.url = ""
        self.seconds_to_ready = 0.0

    def __enter__(self) -> Self:
        started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=self._env,
            cwd=self._cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        with self._news:
            self._news.wait_for(lambda: self._ended or self._find_url(), START_SECONDS)
        if not self.url:
            self.stop(signal.SIGKILL)
            raise RuntimeError(f"the server did not become ready:\n{self.output}")
        self.seconds_to_ready = time.monotonic() - started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    @property
    def output(self) -> str:
        """What it has printed so far, on both streams."""
        with self._news:
            return "".join(self._lines)

    def book_as_printed(self) -> dict[str, Any]:
        """Paste the commands that it printed into a shell; answers with the booking."""
        snippet = self.output.split("  Book the next free slot of ")[1].split("\n\n")[1]
        said = subprocess.run(["sh", "-e"], input=snippet, capture_output=True, text=True, check=True)
        assert not said.stderr
        booking: dict[str, Any] = json.loads(said.stdout)["data"]
        return booking

    def wait_for_output(self, text: str, seconds: float = 10.0) -> bool:
        """Wait until it has printed `text`; false if it hasn't by then."""
        with self._news:
            return self._news.wait_for(lambda: text in "".join(self._lines), seconds)

    def stop(self, signum: int = signal.SIGTERM) -> int:
        """Send the signal if it still runs, and wait for the end. Answers with the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self._reader.join(STOP_SECONDS)
            assert self.process.stdout is not None
            self.process.stdout.close()
        return status

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self._lines.append(line)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _find_url(self) -> bool:
        found = _READY.search("".join(self._lines))
        if found:
            self.url = found.group(1)
        return found is not None
