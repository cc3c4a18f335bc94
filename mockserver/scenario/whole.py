"""Several documents as one scenario: maps unite, and everything remembers its file."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as Folder
from typing import Any

from mockserver.scenario.problems import Path, Problem
from mockserver.scenario.shape import SECTIONS, shape_problems
from mockserver.scenario.yaml_places import Document

LABELS = ("version", "name", "description")
"""What every file may say about itself; of several files the first that says it names the scenario."""


class Whole:
    """The united documents and what was wrong with them so far. `value` is plain data."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.value: dict[str, Any] = {}
        self.problems: list[Problem] = []
        self._owners: dict[Path, Document] = {}
        self._spoiled: set[Path] = set()
        self._faulty: set[str | int] = set()
        self._fallback = documents[0]
        for document in documents:
            problems, spoiled = shape_problems(document)
            self.problems += problems
            self._spoiled |= spoiled
            self._faulty |= {path[0] for path in spoiled if path}
            if isinstance(document.value, dict):
                self._take(document, document.value)

    def section(self, name: str) -> Mapping[str, Any]:
        """The entries of a map by local name, those of the wrong shape included."""
        section = self.value.get(name)
        return section if isinstance(section, dict) else {}

    def entries(self, section: str) -> Iterator[tuple[str, Any]]:
        """The entries that have the right shape."""
        for name, entry in self.section(section).items():
            if (section, name) not in self._spoiled:
                yield name, entry

    def steps(self) -> Iterator[tuple[int, Any, bool]]:
        """The steps by index, and whether each has the right shape."""
        for index, step in enumerate(self.single("steps") or ()):
            yield index, step, ("steps", index) not in self._spoiled

    def sound(self, section: str) -> bool:
        """Whether nothing was found wrong with any entry of the map so far."""
        return section not in self._faulty

    def single(self, key: str) -> Any:
        """What there is only once; None if it is left out or has the wrong shape."""
        return None if (key,) in self._spoiled else self.value.get(key)

    def problem(self, path: Path, message: str, key: bool = False) -> None:
        """Note a problem with the value at the path, or with its key."""
        self._faulty.add(path[0])
        self.problems.append(self._owner(path).problem(path, message, key))

    def foreign(self, path: Path, problems: Sequence[Problem]) -> None:
        """Note problems of another file, which the value at the path names."""
        self._faulty.add(path[0])
        self.problems += problems

    def folder(self, path: Path) -> Folder | None:
        """The folder of the file that the value at the path stands in; None if it was sent."""
        return self._owner(path).folder

    def _owner(self, path: Path) -> Document:
        return self._owners.get(path[:2]) or self._owners.get(path[:1]) or self._fallback

    def _take(self, document: Document, value: Mapping[str, Any]) -> None:
        for key, below in value.items():
            if key in SECTIONS and isinstance(below, dict):
                section = self.value.setdefault(key, {})
                for name, entry in below.items():
                    self._claim((key, name), document)
                    section.setdefault(name, entry)
            elif key in LABELS or below == []:
                self.value.setdefault(key, below)
            else:
                self._claim((key,), document)
                self.value[key] = self.value.get(key) or below

    def _claim(self, path: Path, document: Document) -> None:
        owner = self._owners.setdefault(path, document)
        if owner is not document:
            first = f"{owner.file}:{owner.place(path, key=True)[0]}"
            self.problems.append(document.problem(path, f"expected once; it is in {first} too", key=True))
