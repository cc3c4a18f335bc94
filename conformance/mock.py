"""What our mock tells of itself, so that nobody has to type it: used with --use-control only."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.control import Control, ControlError
from conformance.settings import Settings
from conformance.strangers.caller import Caller, Unreachable
from conformance.strangers.limits import Limits
from conformance.strangers.secrets import Secrets

WRITING = ("calendar", "calendar.events", "calendars.readwrite")
"""How scopes end that may write events; providers put a prefix before it."""


def introduced(settings: Settings) -> tuple[Settings, list[str]]:
    """The settings with what the mock tells, where it isn't given; and what was taken from it, in words.

    Nothing changes where the target isn't our mock: the smoke stage says so.
    """
    caller = Caller(settings.base_url, Limits(), Secrets())
    control = Control(caller)
    try:
        if not control.is_mock():
            return settings, []
        return _with_state(settings, control.state())
    except (Unreachable, ControlError, KeyError, TypeError, AttributeError):
        return settings, []  # the smoke stage asks again and says what is wrong
    finally:
        caller.close()


def clock_problem(settings: Settings) -> str | None:
    """Why nothing can be tested when the target is our mock, its time is not ours, and we may not move it."""
    caller = Caller(settings.base_url, Limits(), Secrets())
    control = Control(caller)
    try:
        if settings.use_control or not control.is_mock():
            return None
        clock = control.clock()
        if clock["mode"] == "real":
            return None
        return (
            f"the target is our mock and its clock is {clock['mode']} at {clock['iso']}: give --use-control, "
            "so that the suite reads and moves that clock"
        )
    except (Unreachable, ControlError, KeyError, TypeError):
        return None
    finally:
        caller.close()


def _with_state(settings: Settings, state: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    taken: list[str] = []
    changes: dict[str, Any] = {}
    for key, told in (("api_key", "API key"), ("client_id", "client id")):
        if getattr(settings, key) is None:
            changes[key] = state["application"][key]
            taken.append(told)
    if not settings.grants:
        changes["grants"] = tuple(grant["email"] for grant in state["grants"])
        taken.append(f"{len(changes['grants'])} grants")
    roles = {role: ids for role, ids in _roles(state).items() if ids and role not in settings.configurations}
    if roles:
        changes["configurations"] = {**settings.configurations, **roles}
        taken += [f"the configuration that is {role}" for role in roles]
    unscoped = changes.get("configurations", settings.configurations).get("unscoped", ())
    standing = _standing(state, unscoped)
    if standing and "unscoped" not in settings.bookings:
        changes["bookings"] = {**settings.bookings, "unscoped": standing}
        taken.append("a booking whose grant may not write events")
    return replace(settings, **changes), taken


def _roles(state: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The configurations that can't be booked, by the role that their hosts' grants give them."""
    found: dict[str, tuple[str, ...]] = {"expired": (), "unscoped": ()}
    grants = {grant["email"]: grant for grant in state["grants"]}
    for configuration in state["configurations"]:
        hosts = [grants.get(each.get("email")) for each in configuration["participants"]]
        if any(host is not None and host["status"] != "valid" for host in hosts):
            found["expired"] += (configuration["id"],)
        elif any(host is not None and not _writes(host["scopes"]) for host in hosts):
            found["unscoped"] += (configuration["id"],)
    return found


def _writes(scopes: Any) -> bool:
    if scopes is None:
        return True
    return any(str(scope).rstrip("/").rpartition("/")[2].lower() in WRITING for scope in scopes)


def _standing(state: Mapping[str, Any], configurations: tuple[str, ...]) -> str | None:
    return next(
        (
            booking["booking_id"]
            for booking in state["bookings"]
            if booking["configuration_id"] in configurations and booking["status"] == "booked"
        ),
        None,
    )
