"""The code of docs/testing.md, run as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.testing.mock import NylasMock
from mockserver.testing.plugin import OPTIONS

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.slow


def test_every_block_runs(tmp_path: Path) -> None:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) >= 9
    tests = 0
    for number, block in enumerate(blocks):
        tests += block.count("\ndef test_")
        (tmp_path / f"test_block_{number}.py").write_text(f"\n{block}", encoding="utf-8")
    command = (
        sys.executable,
        "-W",
        "error",
        "-m",
        "pytest",
        "-q",
        "--strict-markers",
        "-p",
        "no:cacheprovider",
    )
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"{tests} passed" in said.stdout


def test_everything_that_a_double_has_is_told_of() -> None:
    page = PAGE.read_text(encoding="utf-8")
    public = {name for name in dir(NylasMock) if not name.startswith("_")}
    internal = {"check", "report", "running", "started"}
    assert {name for name in public - internal if f"{name}" not in page} == set()
    assert {name for name in OPTIONS if f"`{name}`" not in page and name != "scenario"} == set()
