"""Events of a scenario: when they take place, and how often."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.domain.recurrence import RecurrenceError
from mockserver.scenario.plan import EventPlan
from mockserver.scenario.problems import Path
from mockserver.scenario.recurring import check_lines, plain_line
from mockserver.scenario.times import Moment, TimeError, read_moment
from mockserver.scenario.whole import Whole

EXAMPLE_NOW = 1_772_442_000
"""Relative times are counted from here to check how often an event takes place; any moment would do."""


def read_events(whole: Whole, path: Path, entries: Sequence[Mapping[str, Any]], zone: str) -> list[EventPlan]:
    """The events of a list that can be read; what is wrong is noted. `zone` is the calendar's."""
    events: list[EventPlan] = []
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        plan = read_event(whole, (*path, index), entry, zone)
        if plan is None:
            continue
        if plan.id is not None and plan.id in seen:
            whole.problem((*path, index, "id"), "expected an id that no other event here has")
        seen.add(plan.id or "")
        events.append(plan)
    return events


def read_event(whole: Whole, path: Path, entry: Mapping[str, Any], zone: str) -> EventPlan | None:
    """One event; None, and what is wrong noted, if it can't be read. `zone` is the calendar's."""
    all_day = entry.get("all_day", False)
    given = {key for key in ("start", "end", "at", "duration") if key in entry}
    if all_day and given not in ({"at"}, {"start", "end"}):
        whole.problem(path, "expected at, or start and end, for an event that is all day")
        return None
    if not all_day and given not in ({"at", "duration"}, {"start", "end"}):
        whole.problem(path, "expected either start and end, or at and duration")
        return None
    times: dict[str, Moment] = {}
    for key in sorted(given - {"duration"}):
        try:
            times[key] = read_moment(entry[key], zone, all_day)
        except TimeError as error:
            whole.problem((*path, key, *([error.key] if error.key else [])), str(error))
    if len(times) < len(given - {"duration"}):
        return None
    start = times.get("start") or times["at"]
    end = times.get("end") or (start if all_day else None)
    if end is not None and not _in_order(whole, (*path, "end"), start, end):
        return None
    plan = EventPlan(
        id=entry.get("id"),
        title=entry.get("title", ""),
        start=start,
        end=end,
        minutes=int(entry.get("duration", 0)),
        all_day=all_day,
        busy=entry.get("busy", True),
        status=entry.get("status", "confirmed"),
    )
    return (
        _recurring(whole, (*path, "recurrence"), entry["recurrence"], plan) if "recurrence" in entry else plan
    )


def event_times(entry: Mapping[str, Any], seconds: Callable[[Any], int]) -> tuple[int, int]:
    """Start and end in Unix seconds of one event that was read and isn't all day; `seconds` tells a time."""
    if "duration" in entry:
        start = seconds(entry["at"])
        return start, start + int(entry["duration"]) * 60
    start = seconds(entry["start"])
    return start, max(start, seconds(entry["end"]))


def _in_order(whole: Whole, path: Path, start: Moment, end: Moment) -> bool:
    if not start.comparable(end):
        whole.problem(path, "expected it to be counted in the same way and the same zone as start")
        return False
    if (end.count, end.at) < (start.count, start.at):
        whole.problem(path, "expected a time that is not before start")
        return False
    return True


def _recurring(whole: Whole, path: Path, value: str | list[str], plan: EventPlan) -> EventPlan | None:
    """The event with how often it takes place; None, and a problem noted, if that can't be followed."""
    texts = [value] if isinstance(value, str) else value
    lines: list[str] = []
    start, end = plan.times(EXAMPLE_NOW)
    for index, text in enumerate(texts):
        try:
            lines.append(plain_line(text))
            check_lines(lines[-1:], start, end, plan.start.zone, plan.all_day)
        except RecurrenceError as error:
            whole.problem(path if isinstance(value, str) else (*path, index), str(error))
            return None
    return replace(plan, recurrence=tuple(lines))
