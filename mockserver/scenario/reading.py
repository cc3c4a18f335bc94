"""From united documents to a plan: names resolved, times read, every rule checked, all problems noted."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from mockserver.domain.calendars import Person
from mockserver.domain.configuration import Configuration
from mockserver.domain.dialect import Dialect
from mockserver.domain.ids import Ids
from mockserver.domain.reference import salt_bytes
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Application, World
from mockserver.sandbox import ClockSetting
from mockserver.scenario.build import add_grant
from mockserver.scenario.faults import read_faults
from mockserver.scenario.people import read_grants
from mockserver.scenario.plan import (
    BookingPlan,
    ConfigurationPlan,
    GrantPlan,
    Plan,
    SessionPlan,
    WebhookPlan,
)
from mockserver.scenario.problems import Path, ScenarioError
from mockserver.scenario.rules import documented, obeying
from mockserver.scenario.steps import read_steps
from mockserver.scenario.times import TimeError, check_zone, read_duration, read_instant, read_moment
from mockserver.scenario.whole import Whole

DEFAULT_APPLICATION = Application(
    client_id="5f1c6a8e-2b7d-4c39-9e04-8a1d3c7b2f60",
    api_key="nyk_v0_localmockserverkeywithnosecretinit",
)
DEFAULT_SEED = 1
DEFAULT_NAME = "unnamed"
DEFAULT_LIFETIME = "PT5M"
MOST_NAMED = 20
"""As many of the names that there are go into a problem."""
TRIGGERS = tuple(f"booking.{each}" for each in ("created", "pending", "rescheduled", "cancelled", "reminder"))


def read_plan(whole: Whole, seed: int | None = None) -> Plan:
    """The plan of a scenario; `seed` replaces its own. Raises ScenarioError with all that is wrong."""
    application = whole.single("application") or {}
    grants = read_grants(whole)
    configurations = _configurations(whole)
    obedient = obeying(whole, grants, configurations)
    people = _people(whole, grants)
    plan = Plan(
        name=whole.single("name") or DEFAULT_NAME,
        description=whole.single("description") or "",
        clock=_clock(whole),
        seed=_seed(whole) if seed is None else seed,
        dialect=_dialect(whole),
        application=Application(
            application.get("client_id", DEFAULT_APPLICATION.client_id),
            application.get("api_key", DEFAULT_APPLICATION.api_key),
        ),
        grants=grants,
        configurations=configurations,
        sessions=_sessions(whole),
        bookings=_bookings(whole, grants, obedient),
        webhooks=_webhooks(whole),
        faults=read_faults(whole, people, whole.section("bookings")),
        requires=tuple(dict.fromkeys(whole.single("requires") or ())),
        steps=read_steps(whole, grants, people),
    )
    _unique_ids(whole)
    if whole.problems:
        raise ScenarioError(sorted(whole.problems, key=lambda each: (each.file, each.line, each.column)))
    return plan


def _clock(whole: Whole) -> ClockSetting:
    clock = whole.single("clock")
    if clock is None:
        return ClockSetting()
    mode, now = clock["mode"], clock.get("now")
    if mode == "real":
        if now is not None:
            whole.problem(("clock", "now"), "expected none in mode real, which follows the machine's time")
        return ClockSetting()
    if now is None:
        whole.problem(("clock",), f"expected the key now, where a {mode} clock starts")
        return ClockSetting()
    try:
        return ClockSetting(mode, read_instant(now))
    except TimeError as error:
        whole.problem(("clock", "now"), str(error))
        return ClockSetting()


def _seed(whole: Whole) -> int:
    seed = whole.single("seed")
    return DEFAULT_SEED if seed is None else int(seed)


def _dialect(whole: Whole) -> Dialect:
    choices = whole.single("dialect") or {}
    written = {switch: "null" if value is None else str(value) for switch, value in choices.items()}
    return Dialect().changed(written)


def _configurations(whole: Whole) -> dict[str, ConfigurationPlan]:
    plans = {}
    for name, entry in whole.entries("configurations"):
        _refer(whole, ("configurations", name, "grant"), entry["grant"], "grants")
        body = documented(whole, name, entry["body"])
        if body is not None:
            plans[name] = ConfigurationPlan(entry.get("id"), entry["grant"], body)
    return plans


def _sessions(whole: Whole) -> dict[str, SessionPlan]:
    plans = {}
    for name, entry in whole.entries("sessions"):
        _refer(whole, ("sessions", name, "configuration"), entry["configuration"], "configurations")
        try:
            lifetime = read_duration(entry.get("expires_in", DEFAULT_LIFETIME))
        except TimeError as error:
            whole.problem(("sessions", name, "expires_in"), str(error))
            continue
        plans[name] = SessionPlan(entry.get("id"), entry["configuration"], lifetime)
    return plans


def _bookings(
    whole: Whole, grants: Mapping[str, GrantPlan], configurations: Mapping[str, Configuration]
) -> dict[str, BookingPlan]:
    plans = {}
    for name, entry in whole.entries("bookings"):
        path: Path = ("bookings", name)
        _refer(whole, (*path, "configuration"), entry["configuration"], "configurations")
        configuration = configurations.get(entry["configuration"])
        zone = "UTC"
        if configuration is not None:
            _fits(whole, path, entry, configuration)
            zone = _organizers_zone(grants, configuration)
        try:
            at = read_moment(entry["at"], zone)
        except TimeError as error:
            whole.problem((*path, "at", *([error.key] if error.key else [])), str(error))
            continue
        plans[name] = BookingPlan(
            id=entry.get("id"),
            salt=_salt(whole, path, entry),
            configuration=entry["configuration"],
            status=entry.get("status", "booked"),
            at=at,
            minutes=entry.get("duration"),
            guest=_person(entry["guest"]),
            additional_guests=tuple(map(_person, entry.get("additional_guests", ()))),
            additional_fields=entry.get("additional_fields", {}),
            timezone=_zone(whole, path, entry),
            email_language=entry.get("email_language", "en"),
            host=entry.get("host", ""),
        )
    return plans


def _zone(whole: Whole, path: Path, entry: Mapping[str, Any]) -> str | None:
    try:
        return check_zone(entry["timezone"]) if "timezone" in entry else None
    except TimeError as error:
        whole.problem((*path, "timezone"), str(error))
        return None


def _fits(whole: Whole, path: Path, entry: Mapping[str, Any], configuration: Configuration) -> None:
    if entry.get("status") == "pending" and configuration.booking_type != "organizer-confirmation":
        whole.problem(
            (*path, "status"),
            f"expected booked or cancelled; {entry['configuration']} asks no organizer for confirmation",
        )
    if "host" in entry:
        hosts = [each.email for each in configuration.participants if each.booking_calendar_id]
        if not configuration.round_robin or entry["host"] not in hosts:
            there = _listed(hosts if configuration.round_robin else ())
            whole.problem(
                (*path, "host"), f"expected a round-robin host of the configuration; there is {there}"
            )
    for key in entry.get("additional_fields", {}):
        if key not in configuration.additional_fields:
            whole.problem(
                (*path, "additional_fields", key),
                f"expected an additional field of {entry['configuration']};"
                f" there is {_listed(configuration.additional_fields)}",
                key=True,
            )


def _organizers_zone(grants: Mapping[str, GrantPlan], configuration: Configuration) -> str:
    """The zone of the calendar that a booking with this configuration is written to."""
    organizer = configuration.organizer
    for grant in grants.values():
        if grant.email.lower() == organizer.email.lower():
            calendar = grant.calendar(organizer.booking_calendar_id or "primary")
            return calendar.timezone if calendar else "UTC"
    return "UTC"


def _salt(whole: Whole, path: Path, entry: Mapping[str, Any]) -> str | None:
    salt: str | None = entry.get("salt")
    if salt is not None:
        try:
            salt_bytes(salt)
        except ValueError:
            whole.problem((*path, "salt"), "expected a salt in base64url, such as 4XhAo_vYPK1WKg")
    return salt


def _people(whole: Whole, grants: Mapping[str, GrantPlan]) -> World | None:
    """A world with the grants and their empty calendars, for what names them.

    None if one isn't as it should be: what is missing then would be blamed on whoever names it.
    """
    if not whole.sound("grants"):
        return None
    tx = Transaction(World(Application("", "")), 0, Ids(0))
    names = {}
    for name, plan in grants.items():
        empty = tuple(replace(calendar, events=()) for calendar in plan.calendars)
        names[name] = add_grant(tx, replace(plan, calendars=empty)).id
    tx.world.names = {"grants": names}
    return tx.world


def _person(entry: Mapping[str, str]) -> Person:
    return Person(entry["email"], entry.get("name", ""))


def _webhooks(whole: Whole) -> dict[str, WebhookPlan]:
    return {
        name: WebhookPlan(
            id=entry.get("id"),
            url=entry["url"],
            triggers=tuple(dict.fromkeys(entry.get("triggers", TRIGGERS))),
            secret=entry.get("secret"),
            status=entry.get("status", "active"),
            compressed=entry.get("compressed", False),
        )
        for name, entry in whole.entries("webhooks")
    }


def _refer(whole: Whole, path: Path, name: str, section: str) -> None:
    """Note a problem unless there is an entry of that local name, be it a good one or not."""
    there = whole.section(section)
    if name not in there:
        whole.problem(path, f"expected the name of one of the {section}; there is {_listed(there)}")


def _listed(names: Collection[str]) -> str:
    shown = ", ".join(islice(names, MOST_NAMED)) or "none"
    return f"{shown} and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else shown


def _unique_ids(whole: Whole) -> None:
    for section in ("grants", "configurations", "sessions", "bookings", "webhooks"):
        seen: dict[str, str] = {}
        for name, entry in whole.entries(section):
            id = entry.get("id")
            if id is not None and seen.setdefault(id, name) != name:
                whole.problem((section, name, "id"), f"expected an id of its own; {seen[id]} has it too")
