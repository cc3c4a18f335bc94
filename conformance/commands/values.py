"""What the values of options look like: each refusal says what was expected."""

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import requests
from click.core import ParameterSource

from conformance.clauses import ALL, PROFILES, UnknownClause, clause
from conformance.resources import operations
from conformance.settings import ROLES
from conformance.strangers.limits import EMAIL, Window

BOOKING_ROLES = ("unscoped",)
"""What a booking that stands already can be used for."""


class Value(click.ParamType[Any]):
    """An option's value, read by a function that raises ValueError with what was expected.

    Several values in one environment variable are separated by commas.
    """

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            return value  # the default, or what was read already
        try:
            return self._read(str(value))
        except ValueError as error:
            self.fail(f"{error}{_place(param, ctx)}", param, ctx)

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        return [each.strip() for each in rv.split(",") if each.strip()]


def _place(param: click.Parameter | None, ctx: click.Context | None) -> str:
    """The variable that a value comes from; click names the option only."""
    if param is None or ctx is None or param.name is None or not isinstance(param.envvar, str):
        return ""
    from_variable = ctx.get_parameter_source(param.name) == ParameterSource.ENVIRONMENT
    return f" (in {param.envvar})" if from_variable else ""


def url(text: str) -> str:
    """A URL without credentials, query or fragment."""
    expected = "expected a URL such as https://api.example.com"
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
        requests.Request("GET", text).prepare()
        _ = parts.port
    except (ValueError, requests.RequestException):
        good = False
    if not good:
        raise ValueError(f"{expected}, got {_short(text)}")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"{expected} without user name and password")
    if parts.query or parts.fragment:
        raise ValueError(f"{expected} without query and fragment")
    return text.rstrip("/")


def address(text: str) -> str:
    """`HOST:PORT`; port 0 stands for any free one."""
    try:
        parts = urlsplit(f"//{text}")
        good = bool(parts.hostname) and parts.port is not None and parts.netloc == text and "@" not in text
    except ValueError:
        good = False
    if not good:
        raise ValueError(f"expected HOST:PORT such as 127.0.0.1:0, got {_short(text)}")
    return text


def window(text: str) -> Window:
    """Days ahead."""
    return Window.parse(text)


def email(text: str) -> str:
    """An e-mail address."""
    if not EMAIL.fullmatch(text):
        raise ValueError(f"expected an e-mail address, got {_short(text)}")
    return text


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"expected a whole number, got {_short(text)}") from None


def count(text: str) -> int:
    """How many."""
    number = whole(text)
    if number < 0:
        raise ValueError(f"expected 0 or more, got {number}")
    return number


def positive(text: str) -> float:
    """A number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise ValueError(f"expected a number above 0, got {_short(text)}")
    return number


def profile(text: str) -> str:
    """A profile."""
    return _one_of(text, (*PROFILES, ALL))


def operation(text: str) -> str:
    """An operation of the contract."""
    return _one_of(text, tuple(operations()))


def known_clause(text: str) -> str:
    """The id of a clause."""
    try:
        return clause(text).id
    except UnknownClause as error:
        raise ValueError(str(error)) from None


def configuration(text: str) -> tuple[str, str]:
    """`[ROLE=]ID`, the id being one, or `slug:` and a slug."""
    role, _, id = text.rpartition("=")
    if role:
        _one_of(role, ROLES)
    if not id or (not role and "=" in text):
        raise ValueError(f"expected ID or ROLE=ID, ROLE being one of {', '.join(ROLES)}; got {_short(text)}")
    return role, id


def session(text: str) -> tuple[str, str]:
    """`CONFIGURATION=ID`; the value isn't repeated, for it is a secret."""
    configuration_id, _, id = text.partition("=")
    if not configuration_id or not id:
        raise ValueError("expected CONFIGURATION=SESSION, the ids of both")
    return configuration_id, id


def booking(text: str) -> tuple[str, str]:
    """`ROLE=ID`."""
    role, _, id = text.partition("=")
    if role not in BOOKING_ROLES or not id:
        raise ValueError(f"expected ROLE=ID, ROLE being {', '.join(BOOKING_ROLES)}; got {_short(text)}")
    return role, id


def new_file(text: str) -> Path:
    """A file that can be written."""
    path = Path(text)
    if path.is_dir():
        raise ValueError(f"{text}: expected a file, this is a folder")
    if not path.parent.is_dir():
        raise ValueError(f"{text}: the folder {path.parent} doesn't exist")
    return path


def _one_of(text: str, words: Sequence[str]) -> str:
    if text not in words:
        raise ValueError(f"expected one of {', '.join(words)}; got {_short(text)}")
    return text


def _short(text: str) -> str:
    """Not all of it: it may be a key in the wrong place."""
    return repr(re.sub(r"\s+", " ", text[:40])) + ("…" if len(text) > 40 else "")
