"""What is wrong with a scenario, and where."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""The way from the top of a document to a value: keys of mappings and indices of lists."""

MOST = 100
"""More problems than this help nobody."""

_PLAIN = re.compile(r"[A-Za-z0-9_$-]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the file, the line and column (from 1), the path, and what was expected."""

    file: str
    line: int
    path: str
    message: str
    column: int = 1

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class ScenarioError(ValueError):
    """A scenario cannot be used. `problems` holds everything that is wrong with it; nothing was loaded."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)[:MOST]
        left_out = len(problems) - len(self.problems)
        lines = [str(problem) for problem in self.problems]
        super().__init__("\n".join([*lines, f"… and {left_out} more"] if left_out else lines))


def path_text(path: Path) -> str:
    """A path as people write it: `grants.alice.calendars.main.events[2].start`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif not _PLAIN.fullmatch(step):
            text += f'["{step}"]'
        else:
            text += f".{step}" if text else step
    return text
