"""What a scenario needs of a target, and how it is made to fit there: times moved, guests made up."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from conformance.strangers.caller import HARMLESS
from mockserver.replaying.engine import Player
from mockserver.replaying.foreign import BOOKINGS, Foreign, Visit, guests_of, is_guest
from mockserver.replaying.mock import DEFAULT_NOW
from mockserver.replaying.replays import started
from mockserver.replaying.results import Replay
from mockserver.replaying.scope import Scope, Unresolved
from mockserver.scenario import Scenario
from mockserver.scenario.library import read_document
from mockserver.scenario.plan import Step
from mockserver.scenario.problems import path_text
from mockserver.scenario.references import OPENING, Reference, split
from mockserver.scenario.scenario import read_scenario
from mockserver.scenario.steps import READING
from mockserver.scenario.values import directive, texts_of

WEEK = 7 * 86_400
TIMES = ("start_time", "end_time")

NEVER = {
    "notifications": "it shows no notifications",
    "mails": "it shows no mails",
    "clock": "its clock can't be moved",
    "calendars": "its calendars are not ours",
    "faults": "it has no faults to be switched on",
}
"""What no target but the mock offers."""


def replay_on(visit: Visit, path: str | Path) -> Replay:
    """Do the steps of a scenario file on a target, and take back what they made. Raises ScenarioError."""
    document = read_document(Path(path))
    scenario = read_scenario(document)
    replay = started(document, scenario)
    replay.secrets = visit.secrets
    target = Foreign(visit, scenario)
    reasons = list(_obstacles(visit, scenario, target)) if scenario.steps else []
    weeks = 0
    if not reasons:
        weeks, reasons = _weeks(visit, scenario)
    if reasons:
        replay.reason = "; ".join(dict.fromkeys(reasons))
    if replay.reason:
        return replay
    guests = _guests(visit, scenario)
    _remark(replay, weeks, guests)
    scope = Scope(target.look_up, _start(scenario), scenario.zone, weeks, guests)
    player = Player(target, scope, replay, lambda where: document.place(where)[0])
    try:
        for step in scenario.steps:
            player.play(step)
    finally:
        replay.left += target.clean_up()
    return replay


def _start(scenario: Scenario) -> int:
    """From when relative times count, before they are moved."""
    return DEFAULT_NOW if scenario.clock.now is None else int(scenario.clock.now)


def _obstacles(visit: Visit, scenario: Scenario, target: Foreign) -> Iterator[str]:
    """Why the scenario can't be replayed there, all of it."""
    host = visit.host
    offered = {
        "writes": host.limits.allow_writes or "--allow-writes was not given",
        "api-key": host.api_key is not None or "no --api-key was given",
        "client-id": host.client_id is not None or "no --client-id was given",
        "session": True,
    }
    needed = [*scenario.requires]
    if any(_writes(step) for step in scenario.steps):
        needed.append("writes")
    if scenario.faults:
        needed.append("faults")
    for each in dict.fromkeys(needed):
        answer = offered.get(each, NEVER.get(each, ""))
        if answer is not True:
            yield f"it requires {each}: {answer}"
    yield from _unmapped(scenario, target)
    for step in scenario.steps:
        for key in _plain_times(step):
            where = path_text((*step.path, "request", *key))
            yield f"{where}: a plain number can't be moved into the window, write {{$time: …}}"
    planned = sum(_is_booking(step) for step in scenario.steps)
    if visit.booked + planned > host.limits.max_bookings:
        yield f"it makes {planned} bookings, --max-bookings leaves {host.limits.max_bookings - visit.booked}"


def _unmapped(scenario: Scenario, target: Foreign) -> Iterator[str]:
    for step in scenario.steps:
        for text in texts_of([step.given, step.expect]):
            for piece in split(text) if OPENING in text else ():
                if isinstance(piece, Reference) and piece.section != "steps":
                    yield from _missing(piece, target)


def _missing(reference: Reference, target: Foreign) -> Iterator[str]:
    try:
        if target.known(reference) is not None:
            return
    except Unresolved as problem:
        yield str(problem)
        return
    section, name, field = reference.section.removesuffix("s"), reference.name, reference.field
    if reference.section == "application":
        yield f"{reference}: expected --{field.replace('_', '-')}"
    elif reference.section != "sessions":
        yield f"{reference}: expected --map {section}.{name}{'' if field == 'id' else f'.{field}'}=…"
    elif target.session_configuration(reference) is None:
        yield f"{reference}: expected --map session.{name}=…, or --api-key and its configuration mapped"


def _writes(step: Step) -> bool:
    if step.kind != "request" or step.given["method"] in READING:
        return False
    return not unquote(step.given["path"]).startswith(HARMLESS)


def _is_booking(step: Step) -> bool:
    return step.kind == "request" and step.given["method"] == "POST" and step.given["path"] == BOOKINGS


def _plain_times(step: Step) -> Iterator[tuple[str, str]]:
    if step.kind == "request":
        for part in ("query", "body"):
            given = step.given.get(part)
            for key in TIMES if isinstance(given, Mapping) else ():
                value = given.get(key)
                is_number = isinstance(value, int | float) and not isinstance(value, bool)
                if is_number or (isinstance(value, str) and value.isdigit()):
                    yield part, key


def _weeks(visit: Visit, scenario: Scenario) -> tuple[int, list[str]]:
    """By how many weeks all times are to move, and why that isn't possible."""
    booked = [each for step in scenario.steps if _writes(step) for each in _times(step.given)]
    named = booked or [each for step in scenario.steps for each in _times(step.given)]
    if not named:
        return 0, []

    def moved(weeks: int) -> list[int]:
        scope = Scope(_nothing, _start(scenario), scenario.zone, weeks)
        return [scope.time(each) for each in named]

    window = visit.host.limits.window
    first, last = window.at(visit.now())
    weeks = -((min(moved(0)) - first) // WEEK)
    if min(moved(weeks)) < first:  # the clocks change in between
        weeks += 1
    if booked and max(moved(weeks)) > last:
        days = f"{window.first}-{window.last}"
        return 0, [f"its bookings don't fit into the window of {days} days ahead, give a wider --window"]
    return weeks, []


def _nothing(reference: Reference) -> Any:
    raise Unresolved(str(reference))


def _times(value: Any) -> Iterator[Any]:
    """All times that are written in a value."""
    found = directive(value)
    if found is not None:
        if found[0] == "$time" and found[1] != "any":
            yield found[1]
    elif isinstance(value, Mapping):
        for below in value.values():
            yield from _times(below)
    elif isinstance(value, list):
        for each in value:
            yield from _times(each)


def _guests(visit: Visit, scenario: Scenario) -> dict[str, str]:
    """Made-up addresses for the guests of the scenario who may not be invited on a target."""
    limits, found = visit.host.limits, dict[str, str]()
    for step in scenario.steps:
        for email in guests_of(step.given.get("body")) if step.kind == "request" else ():
            keep = OPENING in email or (limits.guest_email is None and is_guest(email, limits))
            if not keep and email not in found:
                found[email] = limits.guest(len(found) + 1)
    return found


def _remark(replay: Replay, weeks: int, guests: Mapping[str, str]) -> None:
    if weeks:
        count = f"{abs(weeks)} {'week' if abs(weeks) == 1 else 'weeks'}"
        replay.remarks.append(f"times are {count} {'later' if weeks > 0 else 'earlier'}")
    for before, now in guests.items():
        replay.remarks.append(f"guest {before} is {now}")
