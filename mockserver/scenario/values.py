"""Values in steps: data with references, times and, in expectations, matchers in it."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from mockserver.domain.fields import whole_matcher
from mockserver.scenario.problems import MOST, Path
from mockserver.scenario.references import OPENING, Reference, ReferenceProblem, escaped, split
from mockserver.scenario.shape import value_problems
from mockserver.scenario.times import TimeError, read_moment
from mockserver.scenario.whole import Whole

IN_REQUESTS = ("$time", "$literal")
IN_EXPECTATIONS = ("$id", "$time", "$any", "$pattern", "$contains", "$not", "$absent", "$literal")
FLAGS = ("$id", "$any", "$absent")
"""Matchers that say nothing more."""

MOST_EFFORT = 200_000
EFFORT = {"reference": 2, "time": 25, "path": 60, "pattern": 400}
"""What takes longer to check than a matcher does, and how many times as long."""

MOST_NAMED = 20
"""As many of the names that there are go into a problem."""


def directive(value: Any) -> tuple[str, Any] | None:
    """The key and the argument of a mapping that is more than data; None for data."""
    if isinstance(value, Mapping) and len(value) == 1:
        key = next(iter(value))
        if key.startswith("$"):
            return key, value[key]
    return None


def as_written(value: Any) -> Any:
    """Data as it has to stand in a step to mean itself."""
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, list):
        return [as_written(each) for each in value]
    if isinstance(value, Mapping):
        if any(key.startswith("$") for key in value):
            return {"$literal": value}
        return {key: as_written(below) for key, below in value.items()}
    return value


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a value that may hold references."""
    return (text for path, text in _all_texts(value) if "$literal" not in path)


def _all_texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _all_texts(each, (*path, index))
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _all_texts(below, (*path, key))


class Enough(Exception):
    """There is no use in reading on."""


class Values:
    """Checks values step by step, and knows what the steps before have saved. Problems are noted."""

    def __init__(self, whole: Whole, zone: str, step_ids: set[str]) -> None:
        """`zone` is that of times which name none; `step_ids` are those of all steps."""
        self._whole = whole
        self._zone = zone
        self._step_ids = step_ids
        self._effort = 0
        self._compiled: set[str] = set()
        self.saved: dict[str, set[str]] = {}
        """The outputs of the steps so far, by stepId."""
        self.unknown: set[str] = set()
        """The stepIds of steps of which nobody can tell what they save."""

    def count(self, path: Path, effort: int = 1) -> None:
        """Count what takes time to check. Raises Enough when there is too much of it, or too much wrong."""
        self._effort += effort
        if self._effort > MOST_EFFORT:
            words = "expected less to look up, to match and to compile in all steps together"
            self._whole.problem(path, words)
            raise Enough
        if len(self._whole.problems) > MOST:
            raise Enough

    def count_compiling(self, path: Path, text: str, kind: str) -> None:
        """The same for what is compiled, once for each text. Raises Enough."""
        self.count(path, 1 if text in self._compiled else EFFORT[kind])
        self._compiled.add(text)

    def check(self, path: Path, value: Any, allowed: tuple[str, ...]) -> None:
        """Check data; `allowed` are the directives that may be in it."""
        if isinstance(value, str):
            self.text(path, value)
        elif isinstance(value, list):
            for index, each in enumerate(value):
                self.check((*path, index), each, allowed)
        elif isinstance(value, Mapping):
            found = directive(value)
            if found is not None:
                self._directive(path, *found, allowed)
                return
            for key, below in value.items():
                if key.startswith("$"):
                    self._whole.problem(
                        (*path, key), "expected it alone; in data, put the whole in {$literal: …}", key=True
                    )
                else:
                    self.check((*path, key), below, allowed)

    def _directive(self, path: Path, name: str, argument: Any, allowed: tuple[str, ...]) -> None:
        below = (*path, name)
        self.count(path)
        if name not in allowed:
            self._whole.problem(below, f"expected one of {', '.join(allowed)}", key=True)
        elif name in FLAGS:
            if argument is not True:
                self._whole.problem(below, "expected true")
        elif name == "$time":
            if not (argument == "any" and allowed is IN_EXPECTATIONS):
                self.time(below, argument)
        elif name == "$pattern":
            self._pattern(below, argument)
        elif name in ("$contains", "$not"):
            self.check(below, argument, allowed)

    def _pattern(self, path: Path, argument: Any) -> None:
        if not isinstance(argument, str):
            self._whole.problem(path, "expected text, in quotes if need be")
            return
        self.count_compiling(path, argument, "pattern")
        if whole_matcher(self.text(path, argument)) is None:
            self._whole.problem(path, "expected a pattern that RE2 can compile, without look-around")

    def time(self, path: Path, value: Any) -> None:
        """Check a time of the scenario format."""
        is_instant = isinstance(value, str)
        self.count(path, 1 if is_instant else EFFORT["time"])
        problems = [] if is_instant else list(value_problems("time", value))
        for below, message, at_key in problems:
            self._whole.problem((*path, *below), message, key=at_key)
        if problems:
            return
        try:
            read_moment(value, self._zone)
        except TimeError as error:
            self._whole.problem((*path, *([error.key] if error.key else [])), str(error))

    def texts(self, path: Path, value: Any) -> None:
        """Check the references in every text below."""
        for below, text in _all_texts(value):
            self.text((*path, *below), text)

    def text(self, path: Path, text: str) -> str:
        """Check the references in a text; answers with the text, an x in place of each."""
        self.count(path, EFFORT["reference"] * text.count(OPENING))
        try:
            pieces = split(text)
        except ReferenceProblem as error:
            self._whole.problem(path, str(error))
            return text
        for piece in pieces:
            if isinstance(piece, Reference):
                self._refer(path, piece)
        return "".join("x" if isinstance(piece, Reference) else piece for piece in pieces)

    def _refer(self, path: Path, reference: Reference) -> None:
        if reference.section == "application":
            return
        if reference.section == "steps":
            self._refer_to_step(path, reference)
            return
        there = self._whole.section(reference.section)
        if reference.name not in there:
            names = ", ".join(islice(there, MOST_NAMED)) or "none"
            self._whole.problem(path, f"{reference}: there is no such entry; there is {names}")
        elif reference.field == "slug" and not _has_slug(there[reference.name]):
            self._whole.problem(path, f"{reference}: this configuration has no slug")

    def _refer_to_step(self, path: Path, reference: Reference) -> None:
        saved = self.saved.get(reference.name)
        if reference.name in self.unknown:
            return  # that step's own problems come first
        if saved is not None:
            if reference.field not in saved:
                outputs = ", ".join(sorted(saved)) or "nothing"
                self._whole.problem(path, f"{reference}: that step saves {outputs}")
        elif reference.name in self._step_ids:
            self._whole.problem(
                path, f"{reference}: expected an earlier step; that one comes later, or is this"
            )
        else:
            steps = ", ".join(islice(self.saved, MOST_NAMED)) or "none"
            self._whole.problem(path, f"{reference}: no earlier step has this stepId; there is {steps}")


def _has_slug(configuration: Any) -> bool:
    body = configuration.get("body") if isinstance(configuration, Mapping) else None
    return isinstance(body, Mapping) and bool(body.get("slug"))
