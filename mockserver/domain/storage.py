"""Records by id, and how to take back what was changed: a refused request leaves no trace."""

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

V = TypeVar("V")


class UndoLog:
    """How to take back what was changed since `begin`."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], None]] = []

    def add(self, step: Callable[[], None]) -> None:
        self._steps.append(step)

    def begin(self) -> None:
        self._steps.clear()

    def roll_back(self) -> None:
        while self._steps:
            self._steps.pop()()


class Table(Generic[V], Mapping[str, V]):
    """Records by id, in the order in which they were first put."""

    def __init__(self, log: UndoLog) -> None:
        self._rows: dict[str, V] = {}
        self._log = log

    def put(self, key: str, value: V) -> None:
        before = self._rows.get(key)
        self._rows[key] = value
        if before is None:
            self._log.add(lambda: self._rows.__delitem__(key))
        else:
            self._log.add(lambda: self._rows.__setitem__(key, before))

    def remove(self, key: str) -> None:
        before = self._rows  # kept whole, so that the order comes back too; removing is rare
        self._rows = {kept: value for kept, value in before.items() if kept != key}
        self._log.add(lambda: setattr(self, "_rows", before))

    def __getitem__(self, key: str) -> V:
        return self._rows[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
