"""YAML and JSON as plain data that remembers its lines, read as if whoever wrote it meant harm.

Only what JSON knows comes out: `yes`, `12:30`, `010` and timestamps stay text.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path as Folder
from typing import Any

from mockserver.scenario.compose import MAX_DEPTH, MAX_DIGITS, MAX_NODES, Node, NotYaml, Place, compose, fail
from mockserver.scenario.problems import Path, Problem, path_text

MAX_BYTES = 5 * 1024 * 1024


class Document:
    """One parsed file: its `value` in plain data, and the places that its values came from.

    `folder` is where files lie that it names; None if it was sent and may name none.
    """

    def __init__(self, file: str, value: Any, root: Node | None = None) -> None:
        self.file = file
        self.folder: Folder | None = None
        self.value = value
        self._root = root

    def place(self, path: Path, key: bool = False) -> Place:
        """Where the value at the path stands, or its key; the nearest above it if there is no such value."""
        node = self._root
        at = node.at if node is not None else (1, 1)
        for index, step in enumerate(path):
            if node is None:
                break
            if isinstance(step, str) and node.keys is not None and step in node.keys:
                key_at, node = node.keys[step]
                at = key_at if key and index == len(path) - 1 else node.at
            elif isinstance(step, int) and node.is_list and step < len(node.items):
                node = node.items[step]
                at = node.at
            else:
                break
        return at

    def node(self, path: Path) -> Node | None:
        """The value at the path as it is written; None where that isn't known."""
        node = self._root
        for step in path:
            if node is None:
                return None
            if isinstance(step, str):
                node = (node.keys or {}).get(step, ((0, 0), None))[1]
            else:
                node = node.items[step] if step < len(node.items) else None
        return node

    def problem(self, path: Path, message: str, key: bool = False) -> Problem:
        """A problem with the value at the path, or with its key."""
        line, column = self.place(path, key)
        return Problem(self.file, line, path_text(path), message, column)


def load_text(text: str, file: str) -> Document:
    """Read YAML or JSON. Raises ScenarioError, with one problem, for whatever cannot be read."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        fail(file, (1, 1), f"expected at most {MAX_BYTES // 1024 // 1024} MiB")
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        document = _load_json(text, file)
        if document is not None:
            return document
    root = compose(text.removeprefix("\ufeff"), file)
    return Document(file, root.plain(), root)


def load_data(data: Mapping[str, Any], file: str) -> Document:
    """Take a copy of data that was parsed elsewhere, under the same limits.

    It has no places: everything is on line 1.
    """
    return Document(file, _copy(data, file, (), [MAX_NODES]))


def _load_json(text: str, file: str) -> Document | None:
    """JSON that YAML would refuse or misread, for its escapes and exponents. None if it is not JSON."""
    duplicates: list[str] = []
    text = text.removeprefix("\ufeff")

    def mapping(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            duplicates.extend(key for key, count in counts.items() if count > 1)
        return found

    try:
        value = json.loads(text, object_pairs_hook=mapping, parse_int=_json_integer)
    except (ValueError, RecursionError):
        return None
    try:
        root = compose(text, file)
    except NotYaml:
        root = None  # JSON all the same; only the places are lost
    if duplicates:
        fail(file, (1, 1), f"the key {duplicates[0]!r} appears twice")
    return Document(file, load_data(value, file).value, root)


def _json_integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS + 1:
        raise ValueError("too large")
    return int(digits)


def _copy(value: object, file: str, path: Path, budget: list[int]) -> Any:
    budget[0] -= 1
    if budget[0] < 0:
        fail(file, (1, 1), f"expected at most {MAX_NODES:,} values")
    if len(path) > MAX_DEPTH:
        fail(file, (1, 1), f"expected at most {MAX_DEPTH} levels of nesting", path[:5])
    if isinstance(value, Mapping):
        return {
            _copy_key(key, file, path): _copy(below, file, (*path, str(key)), budget)
            for key, below in value.items()
        }
    if isinstance(value, list | tuple):
        return [_copy(below, file, (*path, index), budget) for index, below in enumerate(value)]
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            fail(file, (1, 1), "expected text, not half of a surrogate pair", path)
    elif isinstance(value, float) and not math.isfinite(value):
        fail(file, (1, 1), "expected a finite number", path)
    elif value is not None and not isinstance(value, bool | int | float):
        fail(file, (1, 1), f"expected plain data, not {type(value).__name__}", path)
    return value


def _copy_key(key: object, file: str, path: Path) -> str:
    if not isinstance(key, str):
        fail(file, (1, 1), f"expected keys that are text, not {key!r}", path)
    _copy(key, file, path, [1])
    return key
