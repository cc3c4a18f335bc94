"""Writes what was seen into a scenario file's expectations; all else in the file stays as it is written."""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Any

import yaml

from mockserver.replaying.matching import same
from mockserver.replaying.results import Replay
from mockserver.scenario.library import read_document
from mockserver.scenario.problems import Path, ScenarioError, path_text
from mockserver.scenario.yaml_places import Document, load_text

WIDTH = 100
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"})
_BOM = "\ufeff"

Edit = tuple[Path, Any]
"""A value that is to stand at a path."""


class NotUpdated(Exception):
    """A file can't be updated by a program; the text says why."""


def update_file(replay: Replay) -> list[Path]:
    """Let the file of a replay expect what was seen; answers with the paths that were changed.

    Raises NotUpdated, and the file is as it was then; OSError.
    """
    document = read_document(File(replay.file))
    edits = [
        edit
        for step in replay.steps
        for key, new in step.update.items()
        for edit in _edits(("steps", step.index, key), document.value["steps"][step.index][key], new)
    ]
    if not edits:
        return []
    raw = File(replay.file).read_bytes().decode()
    bom = _BOM if raw.startswith(_BOM) else ""
    text = raw.removeprefix(_BOM)
    wanted = _applied(document.value, edits)
    for block in (True, False):
        changed = _written(document, text, edits, block)
        if _says(changed, wanted, replay.file):
            File(replay.file).write_bytes((bom + changed).encode())
            return [path for path, _ in edits]
    where = ", ".join(path_text(path) for path, _ in edits[:5])
    raise NotUpdated(f"{where}: written with an anchor or an alias, or in a way that only you can change")


def _edits(path: Path, old: Any, new: Any) -> Iterator[Edit]:
    """The smallest changes that turn one value into another."""
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old and list(old) == list(new):
        for key in old:
            yield from _edits((*path, key), old[key], new[key])
    elif isinstance(old, list) and isinstance(new, list) and old and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _edits((*path, index), one, other)
    elif not same(old, new):
        yield path, new


def _applied(value: Any, edits: list[Edit]) -> Any:
    changed = copy.deepcopy(value)
    for path, new in edits:
        holder = changed
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = new
    return changed


def _written(document: Document, text: str, edits: list[Edit], block: bool) -> str:
    """The text with every edit in it, from the last to the first so that places stay right."""
    is_json = text.lstrip().startswith("{")
    placed = []
    for path, new in edits:
        node = document.node(path)
        if node is None:
            raise NotUpdated(f"{path_text(path)}: there is no such place")
        start, end = node.span
        end = start + len(text[start:end].rstrip())
        in_lines = block and not node.flow and (node.is_list or node.keys is not None)
        placed.append((start, end, _rendered(new, is_json, node.at[1] - 1 if in_lines else None)))
    for start, end, new_text in sorted(placed, reverse=True):
        text = text[:start] + new_text + text[end:]
    return text


def _rendered(value: Any, is_json: bool, column: int | None) -> str:
    """A value as it is written: on one line, or in lines that begin at a column."""
    if is_json:
        return json.dumps(value)
    if column is not None and isinstance(value, dict | list) and value:
        dumped = _dump(value, None, max(40, WIDTH - column))
        return dumped.rstrip("\n").replace("\n", "\n" + " " * column)
    return _dump([value], True, float("inf")).strip()[1:-1]


def _dump(value: Any, flow: bool | None, width: float) -> str:
    dumped: str = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=flow, width=width, sort_keys=False, allow_unicode=True
    )
    return dumped


class _Dumper(yaml.SafeDumper):
    """Quotes all text that anybody could read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = all(_WORD.fullmatch(word) for word in text.split(" ")) and text.lower() not in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _represent_text)


def _says(text: str, wanted: Any, file: str) -> bool:
    """Whether a text, read as any scenario is, has these values."""
    try:
        return same(load_text(text, file).value, wanted)
    except ScenarioError:
        return False
