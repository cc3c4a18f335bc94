"""Reading calls of the control plane: bodies in JSON or YAML, times, parameters of the query."""

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import request

from mockserver.control.refusals import BODY, invalid
from mockserver.scenario import ScenarioError
from mockserver.scenario.times import EARLIEST, LATEST, TimeError, read_duration, read_instant
from mockserver.scenario.yaml_places import load_text

LONGEST_WAIT = 300.0
"""The longest time in seconds that a call may wait for."""
MOST_COUNT = 10_000
SHOWN = 60
"""How much of what was sent a message repeats."""

FIRST_TIME, LAST_TIME = int(EARLIEST.timestamp()), int(LATEST.timestamp()) - 1
"""The Unix times that are accepted: the years 1970 to 2199."""

_COUNT = re.compile(r"[0-9]{1,6}")
_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")


def text_body() -> str:
    """The body as text. Raises ControlRefusal."""
    try:
        return request.get_data().decode()
    except UnicodeDecodeError as error:
        raise invalid("expected a body in UTF-8") from error


def body(*keys: str) -> dict[str, Any]:
    """The body as an object with no keys but these; without a body, an empty one. Raises ControlRefusal."""
    text = text_body()
    if not text.strip():
        return {}
    try:
        value = load_text(text, BODY).value
    except ScenarioError as error:
        problem = error.problems[0]
        raise invalid(f"line {problem.line}: {problem.message}", problem.path) from error
    if not isinstance(value, dict):
        raise invalid("expected a body that is an object")
    refuse_unknown(value, keys)
    return value


def refuse_unknown(given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Raise ControlRefusal for the first key that isn't known."""
    for key in given:
        if key not in known:
            there = f"expected no key but {', '.join(known)}" if known else "expected an empty object"
            raise invalid(f"unknown key; {there}", key[:SHOWN])


def parameters(*names: str) -> dict[str, str]:
    """The parameters of the query, these and no others. Raises ControlRefusal."""
    for name in request.args:
        if name not in names:
            there = (
                f"none but {', '.join(names)}"
                if names
                else "none; a sandbox is named by path, header or host"
            )
            raise invalid(f"unknown parameter; expected {there}", name[:SHOWN])
    return request.args.to_dict()


def required(given: Mapping[str, Any], key: str) -> Any:
    """The value of a key that has to be there. Raises ControlRefusal."""
    if given.get(key) is None:
        raise invalid("missing", key)
    return given[key]


def text_of(value: Any, key: str, longest: int = 1_000) -> str:
    """A value that is text. Raises ControlRefusal."""
    if not isinstance(value, str) or len(value) > longest:
        raise invalid(f"expected text of at most {longest} characters, {echo(value)}", key)
    return value


def flag_of(value: Any, key: str) -> bool:
    """A value that is true or false. Raises ControlRefusal."""
    if not isinstance(value, bool):
        raise invalid(f"expected true or false, {echo(value)}", key)
    return value


def time_of(value: Any, key: str) -> int:
    """Unix seconds of a time, given as such or in RFC 3339. Raises ControlRefusal."""
    if isinstance(value, str):
        try:
            return int(read_instant(value))
        except TimeError as error:
            raise invalid(f"{error}, {echo(value)}", key) from error
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not FIRST_TIME <= value <= LAST_TIME:
        raise invalid(
            f"expected Unix time in seconds or RFC 3339, of the years 1970 to 2199, {echo(value)}", key
        )
    return int(value)


def duration_of(value: Any, key: str) -> int:
    """Seconds of an ISO 8601 duration. Raises ControlRefusal."""
    try:
        return read_duration(value if isinstance(value, str) else "")
    except TimeError as error:
        raise invalid(f"{error}, {echo(value)}", key) from error


def count_of(text: str, key: str) -> int:
    """A parameter that counts. Raises ControlRefusal."""
    if not _COUNT.fullmatch(text) or not 1 <= int(text) <= MOST_COUNT:
        raise invalid(f"expected a whole number from 1 to {MOST_COUNT}, {echo(text)}", key)
    return int(text)


def wait_of(text: str, key: str) -> float:
    """A parameter that says how many seconds to wait. Raises ControlRefusal."""
    if not _SECONDS.fullmatch(text) or float(text) > LONGEST_WAIT:
        raise invalid(f"expected seconds, at most {LONGEST_WAIT:.0f}, {echo(text)}", key)
    return float(text)


def echo(value: Any) -> str:
    """What was got instead, short enough for a message."""
    shown = json.dumps(value, ensure_ascii=False)
    return f"got {shown if len(shown) <= SHOWN else shown[:SHOWN] + '…'}"
