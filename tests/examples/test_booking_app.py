"""The sample application's own tests pass, run as a reader runs them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.npm import ROOT


@pytest.mark.slow
def test_its_tests_pass(tmp_path: Path) -> None:
    folder = tmp_path / "booking_app"
    shutil.copytree(ROOT / "examples" / "booking_app", folder, ignore=shutil.ignore_patterns("__pycache__"))
    command = (sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider")
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert " 13 passed" in said.stdout
