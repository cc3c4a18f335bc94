"""Makes generated bodies of configurations obey the rules that a contract can't say."""

import re
from typing import Any

TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
ROUND_ROBIN = ("max-fairness", "max-availability")
CONFIRMATION_URL = "https://example.com/confirm/:booking_ref"

Body = dict[str, Any]


def repair_configuration(body: Body, hosts: tuple[str, ...], slug: str, *, whole: bool = True) -> None:
    """Repair what is well-typed, in place. Of a change (not `whole`) the rest is a plain configuration."""
    if isinstance(body.get("slug"), str) and body["slug"]:
        body["slug"] = slug
    in_turn = _availability(body)
    people = body.get("participants")
    if not whole and "availability" in body and "participants" not in body:
        people = body["participants"] = [{"email": hosts[0]}]
    if isinstance(people, list) and people:
        _participants(people, hosts, in_turn)
    _event(body)
    _scheduler(body, whole)


def _availability(body: Body) -> bool:
    """Repair the opening hours; says whether hosts take turns."""
    availability = body.get("availability")
    rules = availability.get("availability_rules") if isinstance(availability, dict) else None
    if not isinstance(rules, dict):
        return False
    _hours(rules.get("default_open_hours"))
    entries = rules.get("default_specific_time_availability")
    _hours(entries)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("timezone"), str):
            del entry["timezone"]
    return rules.get("availability_method") in ROUND_ROBIN


def _participants(people: list[Any], hosts: tuple[str, ...], in_turn: bool) -> None:
    for index, person in enumerate(people):
        if not isinstance(person, dict):
            continue
        invited = index >= len(hosts)
        if isinstance(person.get("email"), str) and EMAIL.fullmatch(person["email"]):
            person["email"] = f"guest-{index}@example.com" if invited else hosts[index]
        _part(person, "availability", "calendar_ids", ["primary"], index == 0)
        _part(person, "booking", "calendar_id", "primary", index == 0)
        for key in ("availability", "booking"):
            if invited and isinstance(person.get(key), dict):
                del person[key]
        if isinstance(person.get("availability"), dict):
            _hours(person["availability"].get("open_hours"))
        _hours(person.get("specific_time_availability"))
        if isinstance(person.get("is_organizer", False), bool):
            person["is_organizer"] = index == 0 and not in_turn


def _part(person: Body, key: str, inner: str, value: Any, needed: bool) -> None:
    part = person.get(key)
    if part is None and needed and key not in person:
        person[key] = {inner: value}
    elif isinstance(part, dict) and isinstance(part.get(inner), type(value)):
        typed = not isinstance(value, list) or all(isinstance(each, str) for each in part[inner])
        part[inner] = value if typed else part[inner]


def _hours(blocks: object) -> None:
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, dict):
            start, end = _minutes(block.get("start")), _minutes(block.get("end"))
            if start is not None and end is not None and start >= end:
                block["start"], block["end"] = "09:00", "17:00"


def _minutes(text: object) -> int | None:
    found = TIME.fullmatch(text) if isinstance(text, str) else None
    return int(found[1]) * 60 + int(found[2]) if found else None


def _event(body: Body) -> None:
    event = body.get("event_booking")
    conferencing = event.get("conferencing") if isinstance(event, dict) else None
    if isinstance(conferencing, dict) and all(
        isinstance(conferencing.get(key), dict) for key in ("autocreate", "details")
    ):
        del conferencing["details"]


def _scheduler(body: Body, whole: bool) -> None:
    event = body.get("event_booking")
    asks = isinstance(event, dict) and event.get("booking_type") == "organizer-confirmation"
    if asks and whole and "scheduler" not in body:
        body["scheduler"] = {}
    scheduler = body.get("scheduler")
    if not isinstance(scheduler, dict):
        return
    if isinstance(scheduler.get("organizer_confirmation_url", ""), str):
        scheduler["organizer_confirmation_url"] = CONFIRMATION_URL
    fields = scheduler.get("additional_fields")
    for field in fields.values() if isinstance(fields, dict) else ():
        chosen = isinstance(field, dict) and field.get("type") in ("dropdown", "radio_button")
        if chosen and field.get("options", []) == []:
            field["options"] = ["one"]
