"""The values that steps refer to, and the times they name, as they are in one replay."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from mockserver.domain.reference import decode_reference
from mockserver.replaying.targets import NotChecked
from mockserver.scenario.references import Reference, split
from mockserver.scenario.times import read_moment
from mockserver.scenario.values import directive

LARGEST = 4 * 1024 * 1024
"""Characters that the texts of one step may have once their references are replaced."""


class Unresolved(Exception):
    """What a step refers to has no value here; the text says why."""


class Scope:
    """What `${…}` and `$time` stand for.

    `look_up` finds what isn't a step's output and may raise Unresolved. Relative times count from `now` (Unix
    seconds), in `zone` where they name none, and lie `weeks` later. `instead` replaces whole texts.
    """

    def __init__(
        self,
        look_up: Callable[[Reference], Any],
        now: int,
        zone: str,
        weeks: int = 0,
        instead: Mapping[str, str] | None = None,
    ) -> None:
        self._look_up = look_up
        self._now = now
        self._zone = zone
        self._weeks = weeks
        self._instead = instead or {}
        self._outputs: dict[tuple[str, str], Any] = {}
        self._not_checked: dict[str, str] = {}
        self._left = LARGEST

    def save(self, step_id: str, output: str, value: Any) -> None:
        """Keep an output of a step for those that follow."""
        self._outputs[step_id, output] = value

    def miss(self, step_id: str, reason: str) -> None:
        """Remember that a step was not done, or saw nothing, for no fault of anybody's."""
        self._not_checked[step_id] = reason

    def begin_step(self) -> None:
        """Every step has its own measure of text."""
        self._left = LARGEST

    def value(self, reference: Reference) -> Any:
        """What a reference stands for. Raises Unresolved; NotChecked for what a target didn't show."""
        if reference.section != "steps":
            return self._look_up(reference)
        try:
            found = self._outputs[reference.name, reference.field]
        except KeyError:
            if reference.name in self._not_checked:
                raise NotChecked(f"{reference}: {self._not_checked[reference.name]}") from None
            raise Unresolved(f"{reference} was not saved: that step did not get so far") from None
        return found if reference.part is None else part_of(found, reference)

    def text(self, text: str) -> Any:
        """The text with its references replaced; a single reference and nothing else keeps its type."""
        pieces = split(text)
        if len(pieces) == 1 and isinstance(pieces[0], Reference):
            value = self.value(pieces[0])
            return self._instead.get(value, value) if isinstance(value, str) else value
        joined = self.joined(pieces)
        return self._instead.get(joined, joined)

    def joined(self, pieces: list[str | Reference], change: Callable[[str], str] = lambda text: text) -> str:
        """One text of the pieces; `change` is done to the values."""
        texts = []
        for piece in pieces:
            text = piece if isinstance(piece, str) else change(as_text(self.value(piece), piece))
            self._left -= len(text)
            if self._left < 0:
                raise Unresolved(f"expected at most {LARGEST:,} characters once references are replaced")
            texts.append(text)
        return "".join(texts)

    def path(self, text: str) -> str:
        """A path; values in it are percent-encoded."""
        return self.joined(split(text), lambda value: quote(value, safe=""))

    def time(self, written: str | Mapping[str, Any]) -> int:
        """Unix seconds of a time that is written in a step."""
        moment = read_moment(written, self._zone)
        if moment.anchor != "instant":
            return moment.seconds(self._now, days=7 * self._weeks)
        if not self._weeks:
            return moment.count
        local = datetime.fromtimestamp(moment.count, ZoneInfo(self._zone)) + timedelta(weeks=self._weeks)
        return int(local.timestamp())

    def plain(self, value: Any) -> Any:
        """Data of a request with everything in it replaced. Raises Unresolved."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.plain(each) for each in value]
        if isinstance(value, Mapping):
            found = directive(value)
            if found is None:
                return {key: self.plain(below) for key, below in value.items()}
            name, argument = found
            return self.time(argument) if name == "$time" else argument
        return value


def as_text(value: Any, reference: Reference) -> str:
    """A value as it stands inside text. Raises Unresolved for what can't."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, list | Mapping):
        raise Unresolved(f"{reference}: expected text or a number inside text, it is {shown(value)}")
    return json.dumps(value)


def part_of(value: Any, reference: Reference) -> str:
    """What is in a booking reference, or in one at the end of a link. Raises Unresolved."""
    try:
        word = urlsplit(value).path.rpartition("/")[2] if isinstance(value, str) else ""
        return str(getattr(decode_reference(word), reference.part or ""))
    except ValueError:
        raise Unresolved(f"{reference}: expected a booking reference, got {shown(value)}") from None


def shown(value: Any, most: int = 200) -> str:
    """A value in one line of JSON."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= most else f"{text[:most]}…"
