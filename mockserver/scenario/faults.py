"""Faults as they are written, in a scenario or sent to the control plane."""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from mockserver.contract import load_contract
from mockserver.domain.outsiders import NotFound, find_grant, find_place
from mockserver.domain.world import World
from mockserver.sandbox import Effect, Fault, Filling, Match
from mockserver.scenario.events import read_event
from mockserver.scenario.problems import Path, ScenarioError
from mockserver.scenario.whole import Whole
from mockserver.scenario.yaml_places import load_data

REQUEST_EFFECTS = ("status", "body", "headers", "delay_ms", "drop", "truncate", "event", "expire_grant")
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

ASKING = ("createBooking", "rescheduleBooking")
"""The operations that ask for a time, which somebody else may take."""

MOST_NAMED = 20
"""As many of the bookings that there are go into a problem."""

_TEMPLATE = re.compile(r"/v3(/(\{[^/{}]*\}|[^/{}*]*))*(/\*\*)?")


def parse_faults(entries: Sequence[Any], file: str, world: World, now: int) -> tuple[Fault, ...]:
    """Faults that came as data, for a world that is there; relative times count from `now`, Unix seconds.

    Raises ScenarioError; its paths begin with `faults[0]`.
    """
    whole = Whole([load_data({"version": 1, "faults": entries}, file)])
    bookings = world.names.get("bookings", {})
    faults = read_faults(whole, world, bookings)
    if whole.problems:
        raise ScenarioError(whole.problems)
    return tuple(each.settled(bookings, now) for each in faults)


def read_faults(whole: Whole, world: World | None, bookings: Collection[str]) -> tuple[Fault, ...]:
    """The faults of a scenario; problems are noted.

    `world` has the grants that faults may name, or is None where those can't be read; `bookings` are the
    local names that there are.
    """
    seen: dict[str, int] = {}
    faults = []
    for index, entry in enumerate(whole.single("faults") or ()):
        path: Path = ("faults", index)
        fault_id = entry.get("id", "")
        if fault_id and seen.setdefault(fault_id, index) != index:
            whole.problem((*path, "id"), "expected an id of its own; another fault has it too")
        faults.append(read_fault(whole, path, entry, world, bookings))
    return tuple(faults)


def read_fault(
    whole: Whole, path: Path, entry: Mapping[str, Any], world: World | None, bookings: Collection[str]
) -> Fault:
    """The fault that stands at the path; problems are noted. The rest as for `read_faults`."""
    _check_match(whole, (*path, "match"), entry["match"], bookings)
    _check_effect(whole, (*path, "effect"), entry["effect"], entry["match"])
    effect = {key: _whole_number(key, value) for key, value in entry["effect"].items()}
    if "event" in effect:
        at = (*path, "effect", "event")
        effect["event"] = _filling(whole, at, effect["event"], entry["match"], world)
    if "expire_grant" in effect and world is not None:
        _check_grant(whole, (*path, "effect", "expire_grant"), effect["expire_grant"], world)
    return Fault(
        id=entry.get("id", ""),
        match=Match(**entry["match"]),
        effect=Effect(**effect),
        times=_whole_number("times", entry.get("times")),
        probability=entry.get("probability"),
        after=_whole_number("after", entry.get("after", 0)),
    )


def _whole_number(key: str, value: Any) -> Any:
    """What counts, as a whole number: in JSON 500.0 is one."""
    return int(value) if key != "body" and isinstance(value, float) else value


def _filling(
    whole: Whole, path: Path, entry: Mapping[str, Any], match: Mapping[str, Any], world: World | None
) -> Filling | None:
    """The event of somebody else; None, and a problem noted, if it can't be one."""
    zone = "UTC"
    if world is not None:
        try:
            zone = find_place(world, entry["calendar"]).calendar.timezone
        except NotFound as error:
            whole.problem((*path, "calendar"), str(error))
            return None
    spell = None
    if entry.keys() & {"start", "end", "at", "duration"}:
        spell = read_event(whole, path, entry, zone)
    elif match.get("operation", ASKING[0]) not in ASKING:
        whole.problem(
            path, f"expected start and end, or at and duration: {match['operation']} asks for no time"
        )
    return Filling(entry["calendar"], entry.get("title", "Busy"), spell, entry)


def _check_grant(whole: Whole, path: Path, wanted: str, world: World) -> None:
    try:
        find_grant(world, wanted)
    except NotFound as error:
        whole.problem(path, str(error))


def _check_match(whole: Whole, path: Path, match: Mapping[str, Any], bookings: Collection[str]) -> None:
    ways = [key for key in ("operation", "path", "trigger") if key in match]
    if len(ways) != 1:
        whole.problem(path, "expected one of the keys operation, path (with or without method) and trigger")
        return
    if "method" in match and ways != ["path"]:
        whole.problem((*path, "method"), "expected it with path only", key=True)
    if "following" in match and ways == ["trigger"]:
        whole.problem((*path, "following"), "expected it with operation or path only", key=True)
    operations = load_contract().operation_ids
    for key in ("operation", "following"):
        if key in match and match[key] not in operations:
            whole.problem((*path, key), f"expected one of {', '.join(operations)}")
    if "booking_id" in match and match["booking_id"] not in bookings and not _is_uuid(match["booking_id"]):
        there = ", ".join(islice(bookings, MOST_NAMED)) or "none"
        whole.problem(
            (*path, "booking_id"), f"expected an id or the name of one of the bookings; there is {there}"
        )
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


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _check_headers(whole: Whole, path: Path, effect: Mapping[str, Any]) -> None:
    if "status" not in effect and effect.get("body") is None:
        whole.problem(path, "expected status or body beside them", key=True)
    for name in effect["headers"]:
        if name.lower() in FRAMING:
            whole.problem((*path, name), "expected none that is about the connection", key=True)
