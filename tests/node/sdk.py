"""The official Node SDK, called from Python."""

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

UNDEFINED = "<undefined>"
"""Stands for JavaScript's `undefined` in arguments."""


class NodeError(Exception):
    """What the SDK threw. `name` is the class of the error; the rest is None where it has no such thing."""

    def __init__(self, thrown: dict[str, Any]) -> None:
        super().__init__(thrown["message"])
        self.name: str = thrown["name"]
        self.type: str | None = thrown.get("type")
        self.status: int | None = thrown.get("statusCode")
        self.request_id: str | None = thrown.get("requestId")
        self.provider_error: Any = thrown.get("providerError")


class Node:
    """A process that calls the SDK. It is told line by line; nothing in it is remembered between calls."""

    def __enter__(self) -> Self:
        driver = Path(__file__).with_name("driver.mjs")
        self._process = subprocess.Popen(
            ["node", str(driver)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=20)
        if error is None:
            assert self._process.returncode == 0

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the driver ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


class Nylas:
    """The SDK's client for one base URL. `request_ids` are those that it has been told so far."""

    def __init__(self, node: Node, uri: str, key: str) -> None:
        self._node = node
        self._uri = uri
        self._key = key
        self.request_ids: list[str] = []

    def call(self, method: str, key: str | None = None, **args: Any) -> Any:
        """What a method gives, such as `scheduler.bookings.find`. Raises NodeError for what it throws."""
        asked = {"uri": self._uri, "key": key or self._key, "call": method, "args": args}
        answer = self._node.ask(asked)
        if "error" in answer:
            error = NodeError(answer["error"])
            if error.request_id is not None:
                self.request_ids.append(error.request_id)
            raise error
        result = answer["result"]
        if "headers" in answer:  # lists come without
            assert result["requestId"] == answer["headers"]["x-request-id"]
        self.request_ids.append(result["requestId"])
        return result
