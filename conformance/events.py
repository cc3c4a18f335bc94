"""What an event in somebody's calendar tells. Whatever the target answers, nothing is raised."""

from typing import Any

from conformance.pages import mapping, mappings

Event = dict[str, Any] | None


def times_of(event: Event) -> tuple[object, object]:
    """Start and end as the event has them, in Unix seconds."""
    when = mapping(event or {}, "when")
    return when.get("start_time"), when.get("end_time")


def invited_to(event: Event) -> set[str]:
    """The e-mail addresses of those who are invited, in lower case."""
    return {address_of(each) for each in mappings(event or {}, "participants")}


def is_placeholder(event: Event) -> bool:
    """Whether an event is marked as pending, by its title or its status."""
    found = event or {}
    return "pending" in str(found.get("title")).lower() or found.get("status") == "tentative"


def address_of(person: object) -> str:
    """Somebody's e-mail address in lower case, or nothing."""
    return str(person.get("email") or "").lower() if isinstance(person, dict) else ""
