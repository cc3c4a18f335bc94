"""The named switches for what public sources contradict each other on, or do not say.

`docs/dialect.md` says of each switch what the sources say and who needs which side.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal, Self, get_args, get_type_hints


@dataclass(frozen=True, slots=True)
class Dialect:
    """One choice for each switch. The defaults are those with which every real client works."""

    reschedule_response: Literal["booking", "request_id"] = "booking"
    reschedule_booking_id: Literal["same", "new"] = "same"
    decline_response: Literal["booking", "request_id"] = "booking"
    booking_extras: Literal["shown", "hidden"] = "shown"
    cancelled_booking: Literal["readable", "gone"] = "readable"
    api_key_on_bookings: Literal["accepted", "rejected"] = "accepted"
    session_for_public_configuration: Literal["accepted", "rejected"] = "accepted"
    decision_notification: Literal["announced", "none"] = "announced"
    missing_scope_status: Literal["403", "400"] = "403"
    additional_field_rules: Literal["enforced", "ignored"] = "enforced"
    cancellation_notice: Literal["enforced", "ignored"] = "enforced"
    error_types: Literal["bare", "prefixed"] = "bare"
    notification_fields: Literal["example", "schema"] = "example"
    empty_notification_fields: Literal["filled", "blank", "null"] = "filled"
    slot_grid: Literal["midnight", "window_start"] = "midnight"

    def changed(self, choices: Mapping[str, object]) -> Self:
        """This dialect with some switches set. Raises UnknownChoice, before anything is changed."""
        for name, value in choices.items():
            allowed = SWITCHES.get(name)
            if allowed is None:
                raise UnknownChoice(name, f"expected one of the switches {', '.join(SWITCHES)}")
            if value not in allowed:
                raise UnknownChoice(name, f"expected one of {', '.join(allowed)}")
        return replace(self, **choices)  # type: ignore[arg-type]  # checked against SWITCHES above

    def as_dict(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in SWITCHES}


class UnknownChoice(ValueError):
    """A switch, or a value of one, that does not exist; `switch` names it, `expected` what there is."""

    def __init__(self, switch: str, expected: str) -> None:
        super().__init__(f"{switch}: {expected}")
        self.switch = switch
        self.expected = expected


_HINTS = get_type_hints(Dialect)
SWITCHES: dict[str, tuple[str, ...]] = {field.name: get_args(_HINTS[field.name]) for field in fields(Dialect)}
"""Every switch with its values, the default first."""
