"""A file that says what was made on a target and not yet taken back, so that a crash leaves nothing behind.

One JSON object a line, only ever appended to: `made` for a thing that now exists, `gone` for one that was
taken back. Written out before the run goes on.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["booking", "configuration", "webhook"]
DEFAULT = Path(".conformance-ledger.jsonl")


@dataclass(frozen=True)
class Entry:
    """Something that exists on a target. `path` is where it is deleted, `query` what goes with it."""

    target: str
    kind: Kind
    id: str
    path: str
    query: Mapping[str, str]
    private: bool = False
    """Whether deleting it takes a session for the configuration in `query`."""


class LedgerError(Exception):
    """The file can't be read or written."""


class Ledger:
    """The ledger in one file. May be used from several threads; two processes need two files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._open: dict[tuple[str, str, str], Entry] = {}
        try:
            text = path.read_text() if path.exists() else ""
        except OSError as error:
            raise LedgerError(f"{path}: {error.strerror}") from None
        for number, line in enumerate(text.splitlines(), 1):
            self._take(line, f"{path}:{number}")

    def made(self, entry: Entry) -> None:
        """Note that something exists now."""
        with self._lock:
            self._open[entry.target, entry.kind, entry.id] = entry
            self._append({"event": "made", **asdict(entry)})

    def gone(self, target: str, kind: Kind, id: str) -> None:
        """Note that something exists no longer."""
        with self._lock:
            if self._open.pop((target, kind, id), None) is not None:
                self._append({"event": "gone", "target": target, "kind": kind, "id": id})

    def left(self, target: str | None = None) -> list[Entry]:
        """What still exists, on one target or on all, newest first."""
        with self._lock:
            found = [entry for entry in self._open.values() if target in (None, entry.target)]
        return found[::-1]

    def _take(self, line: str, where: str) -> None:
        try:
            record: dict[str, Any] = json.loads(line)
            event = record.pop("event")
            if event == "made":
                entry = Entry(**record)
                if not entry.path.startswith("/v3/"):
                    raise ValueError("not a path of the API")
                self._open[entry.target, entry.kind, entry.id] = entry
            else:
                self._open.pop((record["target"], record["kind"], record["id"]), None)
        except (ValueError, TypeError, KeyError):
            raise LedgerError(f"{where}: expected a line that this program wrote") from None

    def _append(self, record: Mapping[str, Any]) -> None:
        try:
            with self.path.open("a") as file:
                file.write(json.dumps(record) + "\n")
                file.flush()
        except OSError as error:
            raise LedgerError(f"{self.path}: {error.strerror}") from None
