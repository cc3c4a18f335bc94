"""A tree of values with their places, composed from libyaml's events and counted while it grows.

Not by PyYAML's own composer: that one recurses in C, keeps the last of two equal keys, and expands aliases
before anybody can count them.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import yaml

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml: the same, only slower
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

from mockserver.scenario.problems import Path, Problem, ScenarioError, path_text

MAX_DEPTH = 50
MAX_NODES = 200_000
MAX_DIGITS = 18
"""Longer whole numbers are no time, no duration and no count of anything here."""

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_TEXT_TAG = "tag:yaml.org,2002:str"

Place = tuple[int, int]
"""Line and column, both from 1."""


@dataclass(slots=True, eq=False)
class Node:
    """A value with its place. `count` and `height` are of the whole tree below, aliases followed.

    `span` is where its text begins and ends, in characters; `flow`, whether it is written in brackets.
    """

    at: Place
    value: Any = None
    keys: dict[str, tuple[Place, "Node"]] | None = None
    """Of a mapping: where each key stands, and its value."""
    items: list["Node"] = field(default_factory=list)
    """Of a list."""
    is_list: bool = False
    merges: list["Node"] = field(default_factory=list)
    open: bool = False
    count: int = 1
    height: int = 1
    span: tuple[int, int] = (0, 0)
    flow: bool = False

    def plain(self) -> Any:
        if self.keys is not None:
            return {key: node.plain() for key, (_, node) in self.keys.items()}
        if self.is_list:
            return [node.plain() for node in self.items]
        return self.value


class NotYaml(ScenarioError):
    """The text is not YAML, or not text; as against YAML that is too deep, too big or ambiguous."""


def fail(file: str, at: Place, message: str, path: Path = ()) -> NoReturn:
    """Raise a ScenarioError with this one problem."""
    raise ScenarioError([Problem(file, at[0], path_text(path), message, at[1])])


def compose(text: str, file: str) -> Node:
    """The tree of the one document in the text. Raises ScenarioError with the first problem; NotYaml."""
    try:
        return _Composer(text, file).compose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        reason = error.problem or error.context
    except yaml.reader.ReaderError as error:
        line, column = text.encode()[: error.position].count(b"\n") + 1, 1
        reason = error.reason
    except UnicodeEncodeError:
        line, column, reason = 1, 1, "half of a surrogate pair is no text"
    raise NotYaml([Problem(file, line, "", f"expected YAML: {reason}", column)])


def _index(mark: Any) -> int:
    return 0 if mark is None else int(mark.index)


class _Key(NamedTuple):
    name: str
    at: Place
    merge: bool


class _Composer:
    """Builds the tree of one document from events, with an explicit stack."""

    def __init__(self, text: str, file: str) -> None:
        self._events = Loader(text)
        self._file = file
        self._anchors: dict[str, Node] = {}
        self._stack: list[Node] = []
        self._keys: list[_Key | None] = []
        self._root: Node | None = None
        self._seen = 0
        self._reached = 0

    def compose(self) -> Node:
        documents = 0
        try:
            while (event := self._events.get_event()) is not None:
                mark = event.start_mark
                at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        fail(self._file, at, "expected one document, this is a second")
                elif isinstance(event, yaml.AliasEvent):
                    self._reached = _index(event.end_mark)
                    self._add(self._alias(event.anchor, at), at)
                elif isinstance(event, yaml.NodeEvent):
                    self._start(event, at)
                elif isinstance(event, yaml.CollectionEndEvent):
                    self._end(event)
        finally:
            self._events.dispose()
        return self._root or Node((1, 1))

    def _start(self, event: Any, at: Place) -> None:
        scalar = isinstance(event, yaml.ScalarEvent)
        if event.tag not in (None, "!") and not (scalar and event.tag == _TEXT_TAG):
            fail(self._file, at, f"expected no tag, not {event.tag}")
        if scalar:
            plain = event.tag is None and event.implicit[0]
            node = Node(at, self._scalar(event.value, at) if plain else event.value)
            self._reached = _index(event.end_mark)
            node.span = (_index(event.start_mark), self._reached)
            self._remember(event.anchor, node)
            self._add(node, at, merge=plain and event.value == "<<")
            return
        if len(self._stack) >= MAX_DEPTH:
            fail(self._file, at, f"expected at most {MAX_DEPTH} levels of nesting")
        if self._stack and self._stack[-1].keys is not None and self._keys[-1] is None:
            fail(self._file, at, "expected a key that is text, not a list or a mapping")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        node = Node(at, keys={} if is_mapping else None, is_list=not is_mapping, open=True)
        node.span, node.flow = (_index(event.start_mark), 0), bool(event.flow_style)
        self._remember(event.anchor, node)
        self._stack.append(node)
        self._keys.append(None)

    def _end(self, event: Any) -> None:
        node = self._stack.pop()
        if node.flow:  # a block has no end of its own: it ends with the last that is in it
            self._reached = _index(event.end_mark)
        node.span = (node.span[0], self._reached)
        self._keys.pop()
        self._merge(node)
        node.open = False
        self._add(node, node.at)

    def _add(self, node: Node, at: Place, merge: bool = False) -> None:
        """Put a finished value where it belongs: at the top, into the open list, or as key or value."""
        self._seen += 1
        if self._seen > 2 * MAX_NODES:  # keys and values
            fail(self._file, at, f"expected at most {MAX_NODES:,} values, aliases followed")
        if not self._stack:
            self._root = node
            return
        parent = self._stack[-1]
        if parent.keys is None:
            parent.items.append(node)
            self._adopt(parent, node, at)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = self._key(parent.keys, node, at, merge)
        else:
            self._keys[-1] = None
            if key.merge:
                parent.merges.extend(self._merged(node, at))
            else:
                parent.keys[key.name] = (key.at, node)
                self._adopt(parent, node, at)

    def _key(self, keys: Mapping[str, tuple[Place, Node]], node: Node, at: Place, merge: bool) -> _Key:
        if not isinstance(node.value, str):
            shown = (
                "a list or a mapping" if node.value is None and node.height > 1 else json.dumps(node.value)
            )
            fail(self._file, at, f"expected a key that is text, in quotes if need be, not {shown}")
        if node.value in keys and not merge:
            first = keys[node.value][0][0]
            fail(self._file, at, f"the key {node.value!r} appears twice (first on line {first})")
        return _Key(node.value, at, merge)

    def _merged(self, node: Node, at: Place) -> list[Node]:
        sources = node.items if node.is_list else [node]
        if any(source.keys is None for source in sources):
            fail(self._file, at, "expected a mapping, or a list of mappings, to merge")
        return sources

    def _merge(self, node: Node) -> None:
        """Bring in the keys of merged mappings; the mapping's own keys win, then the first that has it."""
        for source in node.merges:
            for name, (key_at, value) in (source.keys or {}).items():
                if node.keys is not None and name not in node.keys:
                    node.keys[name] = (key_at, value)
                    self._adopt(node, value, key_at)

    def _adopt(self, parent: Node, child: Node, at: Place) -> None:
        parent.count += child.count
        parent.height = max(parent.height, child.height + 1)
        if parent.count > MAX_NODES:
            fail(self._file, at, f"expected at most {MAX_NODES:,} values, aliases followed")
        if len(self._stack) + child.height > MAX_DEPTH:
            fail(self._file, at, f"expected at most {MAX_DEPTH} levels of nesting")

    def _remember(self, anchor: str | None, node: Node) -> None:
        if anchor is not None:
            self._anchors[anchor] = node

    def _alias(self, anchor: str | None, at: Place) -> Node:
        node = self._anchors.get(anchor or "")
        if node is None:
            fail(self._file, at, f"expected an anchor before its alias; there is no &{anchor}")
        if node.open:
            fail(self._file, at, f"expected an alias of something else; *{anchor} stands inside itself")
        return node

    def _scalar(self, text: str, at: Place) -> Any:
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            if len(text) > MAX_DIGITS:
                fail(self._file, at, f"expected a number of at most {MAX_DIGITS} digits")
            return int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if not math.isfinite(number):
                fail(self._file, at, "expected a finite number")
            return number
        return text
