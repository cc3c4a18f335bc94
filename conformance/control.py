"""Our mock's own surface, used only when the target is our mock and the caller permits it."""

from typing import Any

from conformance.strangers.caller import Caller
from conformance.strangers.exchange import Exchange

JSON = {"content-type": "application/json"}


class ControlError(Exception):
    """The mock's control plane refused a call of ours."""


class Control:
    """Moves the mock's clock and reads its mail."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def is_mock(self) -> bool:
        """Whether the target says that it is our mock."""
        answer = self._caller.call("GET", "/_mock/health")
        content = answer.content
        return answer.ok and isinstance(content, dict) and {"status", "version", "name"} <= set(content)

    def now(self) -> int:
        """The mock's time, in Unix seconds."""
        return int(self.clock()["now"])

    def clock(self) -> dict[str, Any]:
        """The mock's clock: `mode`, `now` in Unix seconds, `iso`."""
        found: dict[str, Any] = self._call("GET", "/_mock/clock")
        return found

    def state(self) -> dict[str, Any]:
        """Everything there is at the mock, credentials included."""
        found: dict[str, Any] = self._call("GET", "/_mock/state")
        return found

    def advance(self, seconds: int) -> None:
        """Move the mock's clock forward; what is due by then has happened when this returns."""
        self._call("PATCH", "/_mock/clock", {"advance": f"PT{seconds}S"})

    def drain(self) -> None:
        """Wait until no delivery is on its way."""
        self._call("POST", "/_mock/drain", {})

    def mail_cursor(self) -> str:
        """The place behind the latest mail."""
        return str(self._call("GET", "/_mock/mail?after=now")["cursor"])

    def mail(self, after: str) -> list[dict[str, Any]]:
        """The mails that the mock has sent after a place, oldest first."""
        found: list[dict[str, Any]] = self._call("GET", f"/_mock/mail?after={after}")["data"]
        return found

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        answer: Exchange = self._caller.call(method, path, body=body, headers=JSON)
        if not answer.ok:
            raise ControlError(f"{method} {path}: {answer.told()}")
        return answer.content
