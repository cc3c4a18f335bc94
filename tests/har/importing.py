"""Imports HAR files, and makes them of calls."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.recording import as_yaml, import_recording, parse_har, without_comments


class Import(NamedTuple):
    """What became of a file: the scenario as text and as data, and what was said about it."""

    text: str
    document: dict[str, Any]
    remarks: list[str]

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """Method, path and expected status of every request."""
        return [
            (each["request"]["method"], each["request"]["path"], each.get("expect", {}).get("status", 0))
            for each in self.document["steps"]
            if "request" in each
        ]


def imported(source: Path | dict[str, Any], masked: bool = True) -> Import:
    raw = source.read_bytes() if isinstance(source, Path) else json.dumps(source).encode()
    found = import_recording(parse_har(raw), masked)
    text = as_yaml(found.document, found.heading)
    return Import(text, without_comments(found.document), found.remarks)
