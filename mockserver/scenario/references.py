"""`${…}` in the texts of steps: which values of the world and of earlier steps are meant."""

import re
from dataclasses import dataclass

FIELDS = {
    "grants": ("id", "email"),
    "configurations": ("id", "slug"),
    "sessions": ("id",),
    "bookings": ("id", "salt", "booking_ref", "event_id"),
    "webhooks": ("id", "secret"),
}
"""What can be said of the entries of a scenario's maps."""

APPLICATION = ("client_id", "api_key")
PARTS = ("salt", "booking_id", "configuration_id")
"""What is in an output that is a booking reference."""

ESCAPED = "$${"
OPENING = "${"

_TOKEN = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")


class ReferenceProblem(ValueError):
    """A reference is none, or what it refers to isn't there; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One value: of the section's entry `name` its `field`. Of steps, `field` is the output's name.

    `part` is set where the output is a booking reference and something in it is meant.
    """

    section: str
    name: str
    field: str
    part: str | None = None

    def __str__(self) -> str:
        steps = (self.section, self.name, self.field, self.part)
        return f"${{{'.'.join(step for step in steps if step)}}}"


def split(text: str) -> list[str | Reference]:
    """The text in pieces: plain ones, and references. Raises ReferenceProblem."""
    if OPENING not in text:
        return [text] if text else []
    pieces: list[str | Reference] = []
    plain, done = "", 0
    for token in _TOKEN.finditer(text):
        plain += text[done : token.start()]
        done = token.end()
        if token[0] == ESCAPED:
            plain += OPENING
            continue
        if token[1] is None:
            raise ReferenceProblem("expected } after ${, or $${ for a plain ${")
        if plain:
            pieces.append(plain)
        plain = ""
        pieces.append(read_reference(token[1]))
    plain += text[done:]
    return [*pieces, plain] if plain else pieces


def escaped(text: str) -> str:
    """The text as it is written in a step, so that nothing in it is a reference."""
    return text.replace(OPENING, ESCAPED)


def read_reference(inner: str) -> Reference:
    """What stands between the braces. Raises ReferenceProblem."""
    section, *rest = inner.strip().split(".")
    if section == "application":
        if len(rest) == 1 and rest[0] in APPLICATION:
            return Reference(section, "", rest[0])
        raise ReferenceProblem(f"expected application.{' or application.'.join(APPLICATION)}, not {inner}")
    if section == "steps":
        return _of_step(inner, rest)
    fields = FIELDS.get(section)
    if fields is None:
        raise ReferenceProblem(
            f"expected a reference that begins with application, {', '.join(FIELDS)} or steps, not {inner}"
        )
    if len(rest) < 2 or rest[-1] not in fields:
        wanted = " or ".join(f"{section}.NAME.{field}" for field in fields)
        raise ReferenceProblem(f"expected {wanted}, not {inner}")
    return Reference(section, ".".join(rest[:-1]), rest[-1])


def _of_step(inner: str, rest: list[str]) -> Reference:
    if len(rest) not in (2, 3) or not all(rest):
        raise ReferenceProblem(f"expected steps.STEPID.OUTPUT, not {inner}")
    if len(rest) == 3 and rest[2] not in PARTS:
        raise ReferenceProblem(f"expected {', '.join(PARTS)} after the output of a step, not {rest[2]}")
    return Reference("steps", rest[0], rest[1], rest[2] if len(rest) == 3 else None)
