"""Faults as they are written, in a scenario or sent to the control plane."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.contract import load_contract
from mockserver.sandbox import Effect, Fault, Match
from mockserver.scenario.problems import Path, ScenarioError
from mockserver.scenario.whole import Whole
from mockserver.scenario.yaml_places import load_data

REQUEST_EFFECTS = ("status", "body", "headers", "delay_ms", "drop", "truncate")
DELIVERY_EFFECTS = ("status", "headers", "delay_ms", "drop", "duplicate", "reorder")

EXCLUDED: dict[str, dict[str, tuple[str, ...]]] = {
    "request": {"drop": ("status", "body", "headers", "truncate")},
    "delivery": {
        "drop": ("status", "headers", "duplicate", "reorder"),
        "status": ("duplicate",),
        "reorder": ("delay_ms",),
    },
}
"""What an effect can't have beside the key, for either kind of call."""

BODILESS = (204, 205, 304)
"""Statuses of answers that have no body."""

FRAMING = frozenset({"connection", "content-length", "keep-alive", "trailer", "transfer-encoding", "upgrade"})
"""Headers that belong to the connection, not to the answer."""

_TEMPLATE = re.compile(r"/v3(/(\{[^/{}]*\}|[^/{}*]*))*(/\*\*)?")


def parse_faults(entries: Sequence[Any], file: str) -> tuple[Fault, ...]:
    """Faults that came as data. Raises ScenarioError; its paths begin with `faults[0]`."""
    whole = Whole([load_data({"version": 1, "faults": entries}, file)])
    faults = read_faults(whole)
    if whole.problems:
        raise ScenarioError(whole.problems)
    return faults


def read_faults(whole: Whole) -> tuple[Fault, ...]:
    """The faults of a scenario; problems are noted."""
    seen: dict[str, int] = {}
    faults = []
    for index, entry in enumerate(whole.single("faults") or ()):
        path: Path = ("faults", index)
        fault_id = entry.get("id", "")
        if fault_id and seen.setdefault(fault_id, index) != index:
            whole.problem((*path, "id"), "expected an id of its own; another fault has it too")
        _check_match(whole, (*path, "match"), entry["match"])
        _check_effect(whole, (*path, "effect"), entry["effect"], entry["match"])
        faults.append(
            Fault(
                id=fault_id,
                match=Match(**entry["match"]),
                effect=Effect(**{key: _whole_number(key, value) for key, value in entry["effect"].items()}),
                times=_whole_number("times", entry.get("times")),
                probability=entry.get("probability"),
                after=_whole_number("after", entry.get("after", 0)),
            )
        )
    return tuple(faults)


def _whole_number(key: str, value: Any) -> Any:
    """What counts, as a whole number: in JSON 500.0 is one."""
    return int(value) if key != "body" and isinstance(value, float) else value


def _check_match(whole: Whole, path: Path, match: Mapping[str, Any]) -> None:
    ways = [key for key in ("operation", "path", "trigger") if key in match]
    if len(ways) != 1:
        whole.problem(path, "expected one of the keys operation, path (with or without method) and trigger")
        return
    if "method" in match and ways != ["path"]:
        whole.problem((*path, "method"), "expected it with path only", key=True)
    operations = load_contract().operation_ids
    if "operation" in match and match["operation"] not in operations:
        whole.problem((*path, "operation"), f"expected one of {', '.join(operations)}")
    if "path" in match and not _TEMPLATE.fullmatch(match["path"]):
        whole.problem(
            (*path, "path"),
            "expected a path of the API such as /v3/scheduling/bookings/{booking_id} or /v3/scheduling/**",
        )


def _check_effect(whole: Whole, path: Path, effect: Mapping[str, Any], match: Mapping[str, Any]) -> None:
    delivery = "trigger" in match
    possible = DELIVERY_EFFECTS if delivery else REQUEST_EFFECTS
    what = "delivery" if delivery else "request"
    for key in effect:
        if key not in possible:
            whole.problem(
                (*path, key), f"can't be done to a {what}; expected one of {', '.join(possible)}", key=True
            )
    for key, others in EXCLUDED[what].items():
        beside = [other for other in others if key in effect and other in effect]
        if beside:
            whole.problem((*path, beside[0]), f"expected none beside {key}", key=True)
    if delivery and effect.get("drop") == "before" and "delay_ms" in effect:
        whole.problem((*path, "delay_ms"), "expected none beside drop: before", key=True)
    if "headers" in effect:
        _check_headers(whole, (*path, "headers"), effect)
    if effect.get("status") in BODILESS and effect.get("body") is not None:
        whole.problem((*path, "body"), f"expected none with status {effect['status']}", key=True)


def _check_headers(whole: Whole, path: Path, effect: Mapping[str, Any]) -> None:
    if "status" not in effect and effect.get("body") is None:
        whole.problem(path, "expected status or body beside them", key=True)
    for name in effect["headers"]:
        if name.lower() in FRAMING:
            whole.problem((*path, name), "expected none that is about the connection", key=True)
