"""Folders with a `package.json`, and what to do where their packages are missing."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAMP = "node_modules/.installed"
"""`make test` leaves it behind when it has brought what a folder's lock file lists."""


def need_packages(folder: str) -> Path:
    """The folder, installed. Skips where Node or the packages can't be had; in CI that is a failure."""
    missing = None
    if shutil.which("node") is None:
        missing = "Node.js is not installed"
    elif not (ROOT / folder / STAMP).is_file():
        missing = f"the npm packages of {folder} are not installed; `make test` does it"
    if missing is not None:
        skip_or_fail(missing)
    return ROOT / folder


def skip_or_fail(reason: str) -> None:
    """Skip the test, or fail where everything has to be there: in CI."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(reason)
    pytest.skip(reason)
