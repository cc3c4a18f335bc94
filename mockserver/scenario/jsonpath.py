"""JSONPath as steps may use it: RFC 9535 without filter expressions, which are programs of their own."""

from functools import lru_cache
from typing import Any

MOST_DESCENTS = 2
"""Every further `..` multiplies the work by the depth of the answer."""


class PathProblem(ValueError):
    """A JSONPath can't be used; the text says what was expected."""


class NotThere(LookupError):
    """There is no value at a path."""


def check_path(text: str) -> None:
    """Raise PathProblem unless it can be used."""
    _compiled(text)


def first_value(text: str, document: Any) -> Any:
    """The first value at a path that was checked. Raises NotThere."""
    match = _compiled(text).match(document)
    if match is None:
        raise NotThere(text)
    return match.obj


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Any:
    from jsonpath import JSONPathEnvironment, JSONPathError  # slow to import, and seldom needed
    from jsonpath.segments import JSONPathRecursiveDescentSegment
    from jsonpath.selectors import Filter

    try:
        path = JSONPathEnvironment(strict=True).compile(text)
    except (JSONPathError, RecursionError) as error:
        reason = str(error).partition("\n")[0]
        raise PathProblem(f"expected a JSONPath such as $.data.booking_id: {reason}") from None
    segments = getattr(path, "segments", ())
    if any(isinstance(each, Filter) for segment in segments for each in segment.selectors):
        raise PathProblem("expected a JSONPath without filter expressions")
    if sum(isinstance(each, JSONPathRecursiveDescentSegment) for each in segments) > MOST_DESCENTS:
        raise PathProblem(f"expected at most {MOST_DESCENTS} descents (..)")
    return path
