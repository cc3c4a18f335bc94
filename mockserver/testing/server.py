"""A real server in a process of its own, for browsers and programs in other languages."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

START_SECONDS = 30.0
STOP_SECONDS = 10.0
CALL_SECONDS = 70.0
"""How long a call of the control plane may take; the longest of them waits a minute."""

_READY = re.compile(r"is ready at (http://\S+)")
_opener = build_opener(ProxyHandler({}))  # neither a proxy nor a double of `requests` is to be asked


class NylasServer:
    """`mockserver serve` on a free port, as a context manager. `url` is the API's base URL."""

    def __init__(self, *options: str) -> None:
        """`options` are those of `mockserver serve`, such as `--scenario`, `one-on-one`."""
        self._options = options
        self._lines: list[str] = []
        self._ready = threading.Event()
        self.url = ""

    def __enter__(self) -> Self:
        command = (sys.executable, "-m", "mockserver", "serve", "--port", "0", *self._options)
        env = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
        )
        self._reader = threading.Thread(target=self._read, name="nylas_server output", daemon=True)
        self._reader.start()
        self._ready.wait(START_SECONDS)
        if not self.url:
            self._stop()
            raise RuntimeError(f"the mock server did not start:\n{self.output}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def output(self) -> str:
        """What the server has printed so far."""
        return "".join(self._lines)

    @property
    def api_key(self) -> str:
        """The API key of the scenario's application."""
        return str(self.state()["application"]["api_key"])

    @property
    def client_id(self) -> str:
        """The client id of the scenario's application."""
        return str(self.state()["application"]["client_id"])

    def state(self) -> dict[str, Any]:
        """Everything there is: grants with their events, configurations, bookings, webhooks."""
        state: dict[str, Any] = self.control("GET", "state")
        return state

    def reset(self, scenario: str | Mapping[str, Any] | None = None) -> None:
        """Begin anew, with another scenario if one is given: a packaged one's name, or a whole one."""
        self.control("POST", "reset", {} if scenario is None else {"scenario": scenario})

    def control(self, method: str, what: str, body: Any = None) -> Any:
        """A call of the control plane, such as `control("PATCH", "clock", {"advance": "PT2H"})`.

        Raises RuntimeError with what the server said when it refuses.
        """
        data = None if method == "GET" else json.dumps(body or {}).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self.url}/_mock/{what}", data, headers, method=method)  # noqa: S310 - our own
        try:
            with _opener.open(request, timeout=CALL_SECONDS) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise RuntimeError(f"{method} /_mock/{what}: {error.read().decode()}") from None

    def _read(self) -> None:
        output = self._process.stdout
        for line in output or ():
            self._lines.append(line)
            found = _READY.search(line)
            if found:
                self.url = found.group(1)
                self._ready.set()
        self._ready.set()

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(STOP_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()
