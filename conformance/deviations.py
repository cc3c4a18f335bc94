"""Known deviations: what an implementation is known to break, why, and until when that is put up with."""

import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from conformance.clauses import Clause, UnknownClause, clause

VERSION = 1
LARGEST = 1024 * 1024
"""Bytes of a file of deviations that are read."""
KEYS = ("clause", "reason", "first_seen", "expires")


@dataclass(frozen=True)
class Deviation:
    """One clause that is known to be broken. It is put up with up to and including the day `expires`."""

    clause: Clause
    reason: str
    first_seen: date
    expires: date

    def applies(self, today: date) -> bool:
        """Whether it is still put up with."""
        return today <= self.expires


class DeviationsError(Exception):
    """What is wrong with a file of deviations, one problem a line."""


def deviations_in(path: Path) -> tuple[Deviation, ...]:
    """The deviations of a file. Raises DeviationsError that names every problem with its place."""
    try:
        if path.stat().st_size > LARGEST:
            raise DeviationsError(f"{path}: has more than {LARGEST} bytes")
        document = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise DeviationsError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise DeviationsError(f"{path}: is no YAML: {_in_one_line(error)}") from None
    problems: list[str] = []
    found = tuple(_deviations(document, problems))
    if problems:
        raise DeviationsError("\n".join(f"{path}: {problem}" for problem in problems))
    return found


def _deviations(document: Any, problems: list[str]) -> Iterable[Deviation]:
    if not isinstance(document, dict):
        problems.append(f"expected `version: {VERSION}` and a list `deviations`, got {_kind(document)}")
        return
    problems += [f"{key}: there is no such key; expected version, deviations" for key in _strange(document)]
    if document.get("version") != VERSION:
        problems.append(f"version: expected {VERSION}, got {_short(document.get('version'))}")
    entries = document.get("deviations", [])
    if not isinstance(entries, list):
        problems.append(f"deviations: expected a list, got {_kind(entries)}")
        return
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        made = _deviation(entry, f"deviations[{number}]", problems)
        if made is None:
            continue
        if made.clause.id in seen:
            problems.append(f"deviations[{number}].clause: {made.clause.id} is listed twice")
        seen.add(made.clause.id)
        yield made


def _deviation(entry: Any, where: str, problems: list[str]) -> Deviation | None:
    before = len(problems)
    if not isinstance(entry, dict):
        problems.append(f"{where}: expected {', '.join(KEYS)}, got {_kind(entry)}")
        return None
    problems += [
        f"{where}.{key}: there is no such key; expected {', '.join(KEYS)}" for key in entry if key not in KEYS
    ]
    problems += [f"{where}: `{key}` is missing" for key in KEYS if key not in entry]
    if len(problems) > before:
        return None
    reason, first_seen, expires = entry["reason"], entry["first_seen"], entry["expires"]
    found = _clause(entry["clause"], f"{where}.clause", problems)
    if not isinstance(reason, str) or not reason.strip():
        problems.append(f"{where}.reason: expected a sentence, got {_short(reason)}")
    for key, day in (("first_seen", first_seen), ("expires", expires)):
        if type(day) is not date:  # a time of day is a subclass of it
            problems.append(f"{where}.{key}: expected a date like 2026-03-31, got {_short(day)}")
    if len(problems) > before or found is None:
        return None
    if expires < first_seen:
        problems.append(f"{where}.expires: {expires} is before first_seen, {first_seen}")
        return None
    return Deviation(found, reason.strip(), first_seen, expires)


def _clause(id: Any, where: str, problems: list[str]) -> Clause | None:
    try:
        return clause(id if isinstance(id, str) else _short(id))
    except UnknownClause as error:
        problems.append(f"{where}: {error}")
        return None


def _strange(document: Mapping[Any, Any]) -> list[Any]:
    return [key for key in document if key not in ("version", "deviations")]


def _kind(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__


def _short(value: Any) -> str:
    return "nothing" if value is None else reprlib.repr(value)  # short, however deep aliases nest


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())
