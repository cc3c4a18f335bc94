"""Writes reports into files."""

import json
from pathlib import Path

from conformance.report.document import Document
from conformance.report.junit import junit
from conformance.report.page import page


def as_json(document: Document) -> str:
    """The report as JSON."""
    return json.dumps(document, indent=2) + "\n"


FORMATS = {"json": as_json, "junit": junit, "html": page}


def write(document: Document, kind: str, path: Path) -> None:
    """Write a report, in place of what the file held. Raises OSError."""
    text = FORMATS[kind](document)  # all of it before the old one goes
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
