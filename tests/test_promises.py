"""Every promise of the page that this project started from is shown by tests that exist."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DOCUMENT = yaml.safe_load((ROOT / "tests" / "promises.yaml").read_text(encoding="utf-8"))
PROMISES: list[dict[str, Any]] = [each for section in DOCUMENT["sections"].values() for each in section]
SECTIONS = {
    "Booking types": 6,
    "Finalizing pending bookings": 2,
    "Booking flow": 14,
    "Bookings scopes": 5,
    "Endpoints": 5,
}
"""The page's sections, with how many promises each of them makes."""


@pytest.fixture(scope="module")
def collected() -> set[str]:
    """The tests that pytest finds in the files named, without parameters."""
    files = sorted({test.partition("::")[0] for test in _named()})
    missing = [file for file in files if not (ROOT / file).is_file()]
    assert missing == []
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    return {line.partition("[")[0] for line in said.stdout.splitlines() if "::" in line}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: str(promise["id"]))
def test_a_promise_is_shown_by_tests_that_exist(promise: dict[str, Any], collected: set[str]) -> None:
    assert set(promise) - {"open"} == {"id", "promise", "clauses", "shown_by"}
    assert promise["shown_by"], "a promise without a test"
    assert len(set(promise["shown_by"])) == len(promise["shown_by"])
    assert [test for test in promise["shown_by"] if test not in collected] == []


def test_no_promise_of_the_page_is_left_out() -> None:
    assert {name: len(section) for name, section in DOCUMENT["sections"].items()} == SECTIONS
    assert [each["id"] for each in PROMISES] == list(range(1, len(PROMISES) + 1))
    said = " ".join(each["promise"] for each in PROMISES)
    for method in ("POST /v3", "GET /v3", "PUT /v3", "PATCH /v3", "DELETE /v3"):
        assert f"{method}/scheduling/bookings" in said
    assert all(f"Step {step}," in said for step in range(1, 8))


def _named() -> Iterator[str]:
    for promise in PROMISES:
        yield from promise["shown_by"]
