"""Holds what was seen to what was expected."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mockserver.domain.fields import whole_matcher
from mockserver.replaying.results import MISSING, Difference, Missing
from mockserver.replaying.scope import Scope, shown
from mockserver.scenario.problems import Path
from mockserver.scenario.references import split
from mockserver.scenario.times import EARLIEST, LATEST
from mockserver.scenario.values import as_written, directive

_ID = re.compile(r"[^\s/]{1,255}")
FIRST_SECOND, LAST_SECOND = int(EARLIEST.timestamp()), int(LATEST.timestamp())


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was expected beside what was seen, each as far as the expectation looks at it.

    Where all is as expected, `wanted` and `got` are equal. `update` is the expectation, changed as little as
    possible so that it holds.
    """

    wanted: Any
    got: Any
    update: Any
    differences: tuple[Difference, ...] = ()

    @property
    def held(self) -> bool:
        return not self.differences


def compare(expected: Any, actual: Any, scope: Scope, path: Path = (), exact: bool = False) -> Comparison:
    """Hold a value to what is written in a scenario; MISSING stands for none.

    With `exact`, mappings have no keys that aren't named. `path` is where the expectation stands. Raises
    Unresolved where it refers to what has no value.
    """
    found = directive(expected)
    if found is not None:
        return _directed(*found, expected, actual, scope, path, exact)
    if isinstance(expected, Mapping):
        return _mapping(expected, actual, scope, path, exact)
    if isinstance(expected, list):
        return _list(expected, actual, scope, path, exact)
    wanted = scope.text(expected) if isinstance(expected, str) else expected
    return _equal(wanted, actual, expected, path)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal in JSON: numbers by value, and a truth value is no number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return type(one) is type(other) and bool(one == other)


def _equal(wanted: Any, actual: Any, expected: Any, path: Path) -> Comparison:
    if same(wanted, actual):
        return Comparison(actual, actual, expected)
    return _different(wanted, actual, shown(wanted), path)


def _different(wanted: Any, actual: Any, words: str, path: Path) -> Comparison:
    got = "nothing" if isinstance(actual, Missing) else shown(actual)
    update = actual if isinstance(actual, Missing) else as_written(actual)
    return Comparison(wanted, actual, update, (Difference(path, words, got),))


def _mapping(expected: Mapping[str, Any], actual: Any, scope: Scope, path: Path, exact: bool) -> Comparison:
    if not isinstance(actual, Mapping):
        return _different(_resolved(expected, scope), actual, f"a mapping, {shown(expected)}", path)
    below = {
        key: compare(value, actual.get(key, MISSING), scope, (*path, key), exact)
        for key, value in expected.items()
    }
    more = {key: value for key, value in actual.items() if key not in expected} if exact else {}
    unexpected = tuple(Difference((*path, key), "no such key", shown(value)) for key, value in more.items())
    update = _there({key: each.update for key, each in below.items()})
    update |= {key: as_written(value) for key, value in more.items()}
    if directive(update) is not None:  # the one key that is left would be read as a matcher
        update = as_written(actual)
    return Comparison(
        wanted=_there({key: each.wanted for key, each in below.items()}),
        got=_there({key: each.got for key, each in below.items()}) | more,
        update=update,
        differences=(*(each for one in below.values() for each in one.differences), *unexpected),
    )


def _there(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if not isinstance(value, Missing)}


def _list(expected: list[Any], actual: Any, scope: Scope, path: Path, exact: bool) -> Comparison:
    if not isinstance(actual, list):
        return _different(_resolved(expected, scope), actual, f"a list, {shown(expected)}", path)
    below = [
        compare(one, other, scope, (*path, index), exact)
        for index, (one, other) in enumerate(zip(expected, actual, strict=False))
    ]
    differences = tuple(each for one in below for each in one.differences)
    rest = actual[len(below) :]
    if len(expected) != len(actual):
        differences = (Difference(path, f"a list of {len(expected)}", str(len(actual))), *differences)
    return Comparison(
        wanted=[*(each.wanted for each in below), *_resolved(expected[len(below) :], scope)],
        got=[*(each.got for each in below), *rest],
        update=[*(each.update for each in below), *map(as_written, rest)],
        differences=differences,
    )


def _directed(
    name: str, argument: Any, expected: Any, actual: Any, scope: Scope, path: Path, exact: bool
) -> Comparison:
    if name == "$literal":
        return _equal(argument, actual, expected, path)
    if name == "$time" and argument != "any":
        return _at_time(scope.time(argument), expected, actual, path)
    if name == "$absent":
        if isinstance(actual, Missing):
            return Comparison(MISSING, MISSING, expected)
        return _different(MISSING, actual, "nothing", path)
    if not isinstance(actual, Missing) and _matches(name, argument, actual, scope, exact):
        return Comparison(actual, actual, expected)
    return _different(_resolved(expected, scope), actual, _words(name, argument, scope), path)


def _at_time(seconds: int, expected: Any, actual: Any, path: Path) -> Comparison:
    if same(seconds, actual):
        return Comparison(actual, actual, expected)
    different = _different(seconds, actual, f"{seconds} ({_iso(seconds)})", path)
    if not _is_time(actual):
        return different
    return Comparison(seconds, actual, {"$time": _iso(actual)}, different.differences)


def _matches(name: str, argument: Any, actual: Any, scope: Scope, exact: bool) -> bool:
    if name == "$any":
        return True
    if name == "$id":
        return isinstance(actual, str) and _ID.fullmatch(actual) is not None
    if name == "$time":
        return _is_time(actual)
    if name == "$pattern":
        matches = _pattern(argument, scope)
        return matches is not None and isinstance(actual, str) and bool(matches(actual))
    if name == "$contains":
        return isinstance(actual, list) and any(
            compare(argument, each, scope, exact=exact).held for each in actual
        )
    return not compare(argument, actual, scope, exact=exact).held


def _pattern(argument: str, scope: Scope) -> Callable[[str], Any] | None:
    """Values in a pattern stand for themselves."""
    import re2

    return whole_matcher(scope.joined(split(argument), re2.escape))


def _words(name: str, argument: Any, scope: Scope) -> str:
    """A matcher in words."""
    return {
        "$any": "anything",
        "$id": "an id",
        "$time": "Unix seconds",
        "$pattern": f"text that matches {shown(argument)}",
        "$contains": f"a list with {shown(_resolved(argument, scope))} in it",
        "$not": f"anything but {shown(_resolved(argument, scope))}",
    }[name]


def _resolved(expected: Any, scope: Scope) -> Any:
    """What is expected as it is shown, its references and times replaced and its matchers left."""
    if isinstance(expected, list):
        return [_resolved(each, scope) for each in expected]
    if isinstance(expected, str):
        return scope.text(expected)
    found = directive(expected)
    if found is not None:
        name, argument = found
        if name == "$literal":
            return argument
        if name == "$time" and argument != "any":
            return scope.time(argument)
        return {name: _resolved(argument, scope) if name in ("$contains", "$not") else argument}
    if isinstance(expected, Mapping):
        return {key: _resolved(value, scope) for key, value in expected.items()}
    return expected


def _is_time(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and FIRST_SECOND <= value < LAST_SECOND


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
