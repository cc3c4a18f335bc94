"""`mockserver replay` in a process of its own, as people start it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def replay(*args: str | Path, cwd: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run it in a folder; the environment has no keys but those given."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("NYLAS_", "MOCKSERVER_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "mockserver", "replay", *map(str, args)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**inherited, "PYTHONPATH": str(ROOT), **env},
        timeout=60,
        check=False,
    )
