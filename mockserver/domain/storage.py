"""Records by id, and how to take back what was changed: a refused request leaves no trace."""

from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
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
        self._ranks: dict[str, int] = {}
        self._next_rank = 0
        self._log = log

    def put(self, key: str, value: V) -> None:
        before = self._rows.get(key)
        self._rows[key] = value
        if before is None:
            self._ranks[key] = self._next_rank
            self._next_rank += 1
            self._log.add(lambda: self._take_out(key))
        else:
            self._log.add(lambda: self._rows.__setitem__(key, before))

    def remove(self, key: str) -> None:
        value, rank = self._rows[key], self._ranks[key]
        self._take_out(key)
        self._log.add(lambda: self._bring_back(key, value, rank))

    def _take_out(self, key: str) -> None:
        del self._rows[key], self._ranks[key]

    def _bring_back(self, key: str, value: V, rank: int) -> None:
        """Undo a removal, in the old place; slow, as only taking back has to know the place."""
        ranks = {**self._ranks, key: rank}
        rows = {**self._rows, key: value}
        self._ranks = dict(sorted(ranks.items(), key=itemgetter(1)))
        self._rows = {each: rows[each] for each in self._ranks}

    def __getitem__(self, key: str) -> V:
        return self._rows[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
