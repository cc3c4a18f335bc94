"""Grants of a scenario, with their calendars and events."""

from collections.abc import Mapping
from typing import Any

from mockserver.scenario.plan import CalendarPlan, EventPlan, GrantPlan
from mockserver.scenario.problems import Path
from mockserver.scenario.times import Moment, TimeError, check_zone, read_moment
from mockserver.scenario.whole import Whole

DEFAULT_CALENDARS: Mapping[str, Mapping[str, Any]] = {"main": {}}
DEFAULT_ZONE = "UTC"


def read_grants(whole: Whole) -> dict[str, GrantPlan]:
    """The grants that can be read, by local name; what is wrong is noted."""
    plans: dict[str, GrantPlan] = {}
    owners: dict[str, str] = {}
    for name, entry in whole.entries("grants"):
        plans[name] = _grant(whole, name, entry)
        owner = owners.setdefault(entry["email"].lower(), name)
        if owner != name:
            whole.problem(("grants", name, "email"), f"expected an e-mail of its own; {owner} has it too")
    return plans


def _grant(whole: Whole, name: str, entry: Mapping[str, Any]) -> GrantPlan:
    path: Path = ("grants", name, "calendars")
    calendars: Mapping[str, Mapping[str, Any]] = entry.get("calendars", DEFAULT_CALENDARS)
    provider = entry.get("provider", "google")
    primary = _primary(whole, path, calendars)
    plans: dict[str, CalendarPlan] = {}
    for local, calendar in calendars.items():
        email_is_id = provider == "google" and local == primary
        default_id = entry["email"] if email_is_id else local
        plan = _calendar(whole, (*path, local), local, calendar, default_id, primary)
        if plan.id in plans:
            at = (*path, local, "id") if "id" in calendar else (*path, local)
            whole.problem(at, f"expected an id that no other calendar of {name} has, not {plan.id}")
        plans[plan.id] = plan
    scopes = entry.get("scopes")
    return GrantPlan(
        id=entry.get("id"),
        email=entry["email"],
        name=entry.get("name", ""),
        provider=provider,
        scopes=None if scopes is None else tuple(scopes),
        status=entry.get("status", "valid"),
        calendars=tuple(plans.values()),
    )


def _primary(whole: Whole, path: Path, calendars: Mapping[str, Mapping[str, Any]]) -> str:
    """The local name of the primary calendar; an only one is primary unless it says otherwise."""
    marked = [local for local, calendar in calendars.items() if calendar.get("primary")]
    if not marked and len(calendars) == 1 and not any("primary" in each for each in calendars.values()):
        marked = list(calendars)
    if len(marked) != 1:
        whole.problem(path, f"expected exactly one calendar with primary: true, there are {len(marked)}")
    return marked[0] if marked else ""


def _calendar(
    whole: Whole, path: Path, local: str, entry: Mapping[str, Any], default_id: str, primary: str
) -> CalendarPlan:
    zone = entry.get("timezone", DEFAULT_ZONE)
    try:
        check_zone(zone)
    except TimeError as error:
        whole.problem((*path, "timezone"), str(error))
        zone = DEFAULT_ZONE
    events: list[EventPlan] = []
    seen: set[str] = set()
    for index, event in enumerate(entry.get("events", ())):
        plan = _event(whole, (*path, "events", index), event, zone)
        if plan is None:
            continue
        if plan.id is not None and plan.id in seen:
            whole.problem((*path, "events", index, "id"), "expected an id that no other event here has")
        seen.add(plan.id or "")
        events.append(plan)
    return CalendarPlan(entry.get("id", default_id), local, zone, local == primary, tuple(events))


def _event(whole: Whole, path: Path, entry: Mapping[str, Any], zone: str) -> EventPlan | None:
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
    return EventPlan(
        id=entry.get("id"),
        title=entry.get("title", ""),
        start=start,
        end=end,
        minutes=entry.get("duration", 0),
        all_day=all_day,
        busy=entry.get("busy", True),
        status=entry.get("status", "confirmed"),
    )


def _in_order(whole: Whole, path: Path, start: Moment, end: Moment) -> bool:
    if not start.comparable(end):
        whole.problem(path, "expected it to be counted in the same way and the same zone as start")
        return False
    if (end.count, end.at) < (start.count, start.at):
        whole.problem(path, "expected a time that is not before start")
        return False
    return True
