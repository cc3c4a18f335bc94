"""Creating, replacing and deleting configurations, and the rules that the contract's shapes can't say."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockserver.domain.configuration import Configuration, minutes_of, read_configuration
from mockserver.domain.errors import refuse
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Grant, World

Body = Mapping[str, Any]


def create_configuration(tx: Transaction, grant: Grant, body: Body) -> Configuration:
    """Keep a configuration whose body obeys the contract. Raises Refusal."""
    check_configuration(tx.world, grant, body, None)
    configuration = read_configuration(tx.ids.uuid("configuration"), grant.id, with_defaults(body))
    tx.world.put_configuration(configuration)
    return configuration


def replace_configuration(
    tx: Transaction, grant: Grant, configuration_id: str, changes: Body
) -> Configuration:
    """Replace the top-level keys that are given, each as a whole (documented). Raises Refusal."""
    before = find_configuration(tx.world, grant, configuration_id)
    body = {**before.body, **{key: value for key, value in changes.items() if key != "id"}}
    check_configuration(tx.world, grant, body, before)
    configuration = read_configuration(before.id, grant.id, with_defaults(body))
    tx.world.put_configuration(configuration)
    return configuration


def delete_configuration(tx: Transaction, grant: Grant, configuration_id: str) -> None:
    """Remove a configuration; one with live sessions stays (documented). Raises Refusal."""
    configuration = find_configuration(tx.world, grant, configuration_id)
    sessions = tx.world.sessions.values()
    if any(each.configuration_id == configuration.id and each.expires_at > tx.now for each in sessions):
        raise refuse("configuration_in_use", "configuration_id: expected one without active sessions")
    tx.world.remove_configuration(configuration.id)


def find_configuration(world: World, grant: Grant, configuration_id: str) -> Configuration:
    """A configuration of the grant. Raises Refusal `not_found`."""
    configuration = world.configurations.get(configuration_id)
    if configuration is None or configuration.grant_id != grant.id:
        raise refuse("not_found")
    return configuration


def with_defaults(body: Body) -> dict[str, Any]:
    """The body as it is kept: the name defaults to the organizer's (documented)."""
    organizer: Body = next((each for each in body["participants"] if each.get("is_organizer")), {})
    return {
        **{key: value for key, value in body.items() if key != "id"},
        "name": body.get("name") or organizer.get("name") or "",
        "slug": body.get("slug") or None,
        "requires_session_auth": bool(body.get("requires_session_auth")),
    }


def check_configuration(world: World, grant: Grant, body: Body, replacing: Configuration | None) -> None:
    """Raise a Refusal, naming the field, where a body that obeys the contract breaks a documented rule."""
    for rule in _RULES:
        rule(world, body)
    slug = body.get("slug")
    owner = world.slugs.get(slug) if slug else None
    if owner is not None and (replacing is None or owner != replacing.id):
        raise refuse("slug_exists", "slug: expected one that no other configuration has")


def _no_group(world: World, body: Body) -> None:
    if body.get("type") == "group" or "group_booking" in body:
        raise _broken("type: group bookings are not supported here; expected a configuration without type")


def _participants(world: World, body: Body) -> None:
    people: Sequence[Body] = body["participants"]
    doubled = [email for email, n in Counter(each["email"].lower() for each in people).items() if n > 1]
    if doubled:
        raise _broken(f"participants: expected each email once, {doubled[0]} is there more often")
    for key in ("availability", "booking"):
        if not any(each.get(key) for each in people):
            raise _broken(f"participants: expected at least one with {key}")
    organizers = [each for each in people if each.get("is_organizer")]
    if _is_round_robin(body):
        if organizers:
            raise _broken("participants: expected no is_organizer with a round-robin availability_method")
    elif len(organizers) != 1:
        raise _broken(f"participants: expected exactly one with is_organizer, there are {len(organizers)}")
    elif not organizers[0].get("booking"):
        raise _broken("participants: expected the organizer to have booking")


def _grants(world: World, body: Body) -> None:
    for index, person in enumerate(body["participants"]):
        calendars = list((person.get("availability") or {}).get("calendar_ids") or ())
        if person.get("booking"):
            calendars.append(person["booking"]["calendar_id"])
        elif not person.get("availability"):
            continue  # named to be notified only
        grant = world.grant_of(person["email"])
        if grant is None or grant.status != "valid":
            raise refuse(
                "no_valid_grant", f"participants[{index}].email: expected the e-mail of a valid grant"
            )
        for calendar_id in calendars:
            if grant.calendar(calendar_id) is None:
                raise _broken(
                    f"participants[{index}]: expected calendars of the grant, {calendar_id!r} is none of them"
                )


def _confirmation_page(world: World, body: Body) -> None:
    if body["event_booking"].get("booking_type") != "organizer-confirmation":
        return
    if not (body.get("scheduler") or {}).get("organizer_confirmation_url"):
        raise _broken(
            "scheduler.organizer_confirmation_url: expected a URL, as booking_type is organizer-confirmation"
        )


def _conferencing(world: World, body: Body) -> None:
    conferencing = body["event_booking"].get("conferencing") or {}
    if conferencing.get("autocreate") is not None and conferencing.get("details") is not None:
        raise _broken("event_booking.conferencing: expected autocreate or details, not both")


def _field_options(world: World, body: Body) -> None:
    fields: Mapping[str, Body] = (body.get("scheduler") or {}).get("additional_fields") or {}
    for key, field in fields.items():
        if field["type"] in ("dropdown", "radio_button") and not field.get("options"):
            raise _broken(f"scheduler.additional_fields.{key}.options: expected at least one option")


def _hours(world: World, body: Body) -> None:
    rules: Body = body["availability"].get("availability_rules") or {}
    _blocks("availability.availability_rules.default_open_hours", rules.get("default_open_hours"))
    specific = rules.get("default_specific_time_availability")
    _blocks("availability.availability_rules.default_specific_time_availability", specific, may_close=True)
    if any(entry.get("timezone") for entry in specific or ()) and not body["event_booking"].get("timezone"):
        raise _broken("event_booking.timezone: expected one, as a default specific time has a timezone")
    for index, person in enumerate(body["participants"]):
        open_hours = (person.get("availability") or {}).get("open_hours")
        _blocks(f"participants[{index}].availability.open_hours", open_hours)
        entries = person.get("specific_time_availability")
        _blocks(f"participants[{index}].specific_time_availability", entries, may_close=True)


def _blocks(path: str, blocks: Sequence[Body] | None, may_close: bool = False) -> None:
    for index, block in enumerate(blocks or ()):
        start, end = minutes_of(block.get("start") or "0:00"), minutes_of(block.get("end") or "24:00")
        if start > end or (start == end and not (may_close and start == 0)):
            raise _broken(f"{path}[{index}]: expected end after start; hours can't span midnight")


def _is_round_robin(body: Body) -> bool:
    rules = body["availability"].get("availability_rules") or {}
    return rules.get("availability_method", "collective") in ("max-fairness", "max-availability")


def _broken(detail: str) -> Exception:
    return refuse("configuration_rule", detail)


_RULES: tuple[Callable[[World, Body], None], ...] = (
    _no_group,
    _participants,
    _grants,
    _confirmation_page,
    _conferencing,
    _field_options,
    _hours,
)
