"""What the values of a recording are called in steps: things of the world, and what earlier answers told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.domain.reference import decode_reference, is_uuid, salt_bytes

DRAWN = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Za-z0-9_-]{16,}(?:_\d{8}T\d{6}Z)?"
)
"""What ids that a server draws look like."""

ID_KEYS = frozenset({"id", "booking_ref", "booking_ref_salt", "salt", "webhook_secret", "next_cursor"})

ALWAYS_DRAWN = frozenset({"booking_id", "event_id", "session_id", "webhook_secret"})
"""Whatever form a provider's ids have."""

REFERENCE_KEYS = frozenset({"booking_ref"})


@dataclass(slots=True)
class Draft:
    """A step that is being written; it gets its name and its outputs once a later one needs them."""

    kind: str
    given: Any
    stem: str
    expect: dict[str, Any] | None = None
    step_id: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            **({"stepId": self.step_id} if self.step_id else {}),
            self.kind: self.given,
            **({} if self.expect is None else {"expect": self.expect}),
            **({"outputs": self.outputs} if self.outputs else {}),
        }


@dataclass(frozen=True, slots=True)
class _Told:
    """Where an answer told a value; `part` is what of it is meant, where it is a booking reference."""

    draft: Draft
    name: str
    path: str
    part: str = ""


class References:
    """Finds what a value is called. A value that is used becomes an output of the step that told it."""

    def __init__(self) -> None:
        self._fixed: dict[str, str] = {}
        self._slugs: dict[str, str] = {}
        self._told: dict[str, _Told] = {}
        self._step_ids: dict[str, int] = {}

    def name(self, value: str, reference: str) -> None:
        """A value of the world; the first name counts."""
        if value:
            self._fixed.setdefault(_key(value), f"${{{reference}}}")

    def slug(self, value: str, reference: str) -> None:
        """The slug of a configuration: a word that may stand elsewhere and mean something else."""
        self._slugs[value] = f"${{{reference}}}"

    def tell(self, value: str, draft: Draft, name: str, path: str) -> None:
        """An answer, or a list of notifications, tells a value."""
        if self.knows(value):
            return
        self._told[_key(value)] = _Told(draft, name, path)
        if name in REFERENCE_KEYS:
            try:
                decoded = decode_reference(value)
            except ValueError:
                return
            for part in ("salt", "booking_id"):
                self._told.setdefault(_key(getattr(decoded, part)), _Told(draft, name, path, part))

    def event(self, event_id: str, draft: Draft) -> None:
        """A step makes an event."""
        self._told[_key(event_id)] = _Told(draft, "id", "")

    def knows(self, value: str) -> bool:
        return _key(value) in self._fixed or _key(value) in self._told

    def find(self, value: str, key: str = "", telling: Draft | None = None) -> str | None:
        """The reference for a value, if there is one; the step that is `telling` can't refer to itself."""
        wanted = _salt(value) if key == "salt" else _key(value)
        fixed = self._slugs.get(value) if key == "slug" else self._fixed.get(wanted)
        if fixed is not None:
            return fixed
        told = self._told.get(wanted)
        if told is None or told.draft is telling:
            return None
        draft = told.draft
        if not draft.step_id:
            number = self._step_ids[draft.stem] = self._step_ids.get(draft.stem, 0) + 1
            draft.step_id = draft.stem if number == 1 else f"{draft.stem}-{number}"
        name = told.name
        if told.path:
            name = _output(draft.outputs, name, told.path)
            draft.outputs[name] = told.path
        return f"${{steps.{draft.step_id}.{name}{'.' if told.part else ''}{told.part}}}"


def drawn(value: str, key: str) -> bool:
    """Whether a value looks like one that the server has drawn."""
    if key in ALWAYS_DRAWN:
        return bool(value)
    if key in ID_KEYS or key.endswith("_id"):
        return DRAWN.fullmatch(value) is not None
    return is_uuid(value)


def _output(outputs: Mapping[str, str], name: str, path: str) -> str:
    number, wanted = 1, name
    while outputs.get(wanted, path) != path:
        number += 1
        wanted = f"{name}_{number}"
    return wanted


def _key(value: str) -> str:
    return value.lower() if is_uuid(value) else value


def _salt(value: str) -> str:
    """A salt in the form in which references have it."""
    try:
        salt_bytes(value)
    except ValueError:
        return value
    return value.replace("+", "-").replace("/", "_").rstrip("=")
