"""Keeps keys and tokens out of everything that is printed or written."""

import re
from collections.abc import Mapping

SHORTEST = 6
"""A secret shorter than this is not looked for: it would blank out half of every text."""


class Secrets:
    """Replaces each known secret by the name of a shell variable, so that a masked command still works."""

    def __init__(self, known: Mapping[str, str | None] | None = None) -> None:
        self._names: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        for name, value in (known or {}).items():
            self.add(name, value)

    def add(self, name: str, value: str | None) -> None:
        """Mask `value` as `$name` from now on. What is empty or too short is ignored."""
        if value and len(value) >= SHORTEST and value not in self._names:
            self._names[value] = f"${name}"
            longest_first = sorted(self._names, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def mask(self, text: str) -> str:
        """The text without any known secret."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._names[found[0]], text)

    def mask_command(self, command: str) -> str:
        """A command whose arguments stand in single quotes, with variables that the shell fills in."""
        if self._pattern is None:
            return command
        return self._pattern.sub(lambda found: f"'\"{self._names[found[0]]}\"'", command)
