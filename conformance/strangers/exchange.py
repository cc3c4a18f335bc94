"""One request and its answer, as they are shown to a person."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

SHOWN = 2000
"""Characters of a body that a report shows."""
LONG = 64 * 1024
"""Characters that are looked through for secrets before they are cut to what is shown."""
HIDDEN_HEADERS = frozenset({"user-agent", "accept-encoding", "accept", "connection", "content-length"})
"""Headers that a curl line doesn't need."""


@dataclass(frozen=True)
class Exchange:
    """What went over the wire. Header names are lower case; times are wall-clock Unix seconds."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer_headers: Mapping[str, str]
    answer: bytes
    at: float
    seconds: float

    @cached_property
    def content(self) -> Any:
        """The answer's JSON, or None where it is none."""
        try:
            return json.loads(self.answer)
        except (ValueError, RecursionError):
            return None

    @property
    def data(self) -> Any:
        """`data` of the answer, or None."""
        return self.content.get("data") if isinstance(self.content, dict) else None

    @property
    def error(self) -> dict[str, Any]:
        """`error` of the answer, or nothing."""
        found = self.content.get("error") if isinstance(self.content, dict) else None
        return found if isinstance(found, dict) else {}

    @property
    def message(self) -> str:
        """The text of the error, or nothing."""
        found = self.error.get("message")
        return found if isinstance(found, str) else ""

    @property
    def request_id(self) -> str:
        """The id to ask the operator about."""
        found = self.content.get("request_id") if isinstance(self.content, dict) else None
        return str(found or self.answer_headers.get("x-request-id", ""))

    @property
    def ok(self) -> bool:
        return self.status == 200

    @property
    def accepted(self) -> bool:
        """Whether the request was carried out, even if by another status than the documented one."""
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether the request was refused for the caller's sake: not by a limit, not by an accident."""
        return 400 <= self.status < 500 and self.status != 429

    def curl(self) -> str:
        """A command that sends the same request. Secrets are still in it: see Secrets.mask_command."""
        parts = ["curl"]
        if self.method != "GET":
            parts += ["-X", self.method]
        parts.append(_quoted(self.url))
        for name, value in self.headers.items():
            if name not in HIDDEN_HEADERS:
                parts += ["-H", _quoted(f"{name}: {value}")]
        if self.body:
            parts += ["--data-binary", _quoted(self.body.decode("utf-8", "replace")[:LONG])]
        return " ".join(parts)

    def told(self, shown: int = SHOWN) -> str:
        """The answer in one line, cut after so many characters."""
        text = self.answer.decode("utf-8", "replace")
        return f"{self.status} {text[:shown]}{'…' if len(text) > shown else ''}"


def _quoted(text: str) -> str:
    """In single quotes always, so that a mask knows where it is."""
    return "'" + text.replace("'", "'\"'\"'") + "'"
