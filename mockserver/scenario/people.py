"""Grants of a scenario, with their calendars."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mockserver.scenario.events import read_events
from mockserver.scenario.plan import CalendarPlan, GrantPlan
from mockserver.scenario.problems import Path, ScenarioError
from mockserver.scenario.recurring import MOST_RECURRING
from mockserver.scenario.times import TimeError, check_zone
from mockserver.scenario.whole import Whole

if TYPE_CHECKING:
    from mockserver.scenario.ics import IcsCalendar

DEFAULT_CALENDARS: Mapping[str, Mapping[str, Any]] = {"main": {}}
DEFAULT_ZONE = "UTC"


def read_grants(whole: Whole) -> dict[str, GrantPlan]:
    """The grants that can be read, by local name; what is wrong is noted."""
    plans: dict[str, GrantPlan] = {}
    owners: dict[str, str] = {}
    recurring = sum(map(_recurring, (entry for _, entry in whole.entries("grants"))))
    if recurring > MOST_RECURRING:  # before any is looked at: that costs time
        whole.problem(
            ("grants",), f"expected at most {MOST_RECURRING:,} events that recur, there are {recurring:,}"
        )
        return plans
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


def _recurring(entry: Mapping[str, Any]) -> int:
    """How many events of a grant's calendars recur."""
    calendars: Mapping[str, Mapping[str, Any]] = entry.get("calendars", {})
    return sum("recurrence" in event for each in calendars.values() for event in each.get("events", ()))


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
    given = _given_zone(whole, path, entry)
    imported = _imported(whole, (*path, "ics"), entry["ics"], given) if "ics" in entry else None
    zone = given or (imported.zone if imported else DEFAULT_ZONE)
    events = read_events(whole, (*path, "events"), entry.get("events", ()), zone)
    if imported is not None:
        ids = {event.id for event in events}
        taken = next((event.id for event in imported.events if event.id in ids), None)
        if taken is not None:
            whole.problem((*path, "events"), f"expected no id that an event of the file has, such as {taken}")
        events += imported.events
    return CalendarPlan(entry.get("id", default_id), local, zone, local == primary, tuple(events))


def _given_zone(whole: Whole, path: Path, entry: Mapping[str, Any]) -> str | None:
    try:
        return check_zone(entry["timezone"]) if "timezone" in entry else None
    except TimeError as error:
        whole.problem((*path, "timezone"), str(error))
        return DEFAULT_ZONE


def _imported(whole: Whole, path: Path, text: str, zone: str | None) -> "IcsCalendar | None":
    """What a calendar file holds; None, and problems noted, if it can't be used."""
    from mockserver.scenario.ics import IcsPathError, locate, read_ics  # slow to import, and seldom needed

    try:
        return read_ics(locate(whole.folder(path), text), zone, DEFAULT_ZONE)
    except IcsPathError as error:
        whole.problem(path, str(error))
    except ScenarioError as error:
        whole.foreign(path, error.problems)
    return None
