"""Faults: rules that make chosen requests or deliveries go wrong, and how often they did.

Which call a fault strikes is decided by counting and by a seeded stream of its own, so that the same calls
meet the same faults every time and no id is drawn for it.
"""

import random
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any, Literal, Protocol

MOST = 100
"""As many faults may a sandbox have at once."""

REMEMBERED = 1_000
"""Of so many bookings it is known which request about them was the latest."""


@dataclass(frozen=True, slots=True)
class Match:
    """Which calls a fault is about: an operation of the contract, or a path, or a notification's trigger.

    In a path, `{name}` stands for one segment and `**` at the end for any number of them. `following` is the
    operation that the request before about the same booking has to have been.
    """

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    trigger: str | None = None
    booking_id: str | None = None
    following: str | None = None

    def request(
        self, operation: str | None, method: str, path: str, booking_id: str | None, before: str | None
    ) -> bool:
        """Whether a request is meant. `before` is the operation that its booking met last."""
        if self.trigger is not None or self.booking_id not in (None, booking_id):
            return False
        if self.following not in (None, before):
            return False
        if self.operation is not None:
            return self.operation == operation
        return (
            self.path is not None
            and self.method in (None, method)
            and _pattern(self.path).fullmatch(path) is not None
        )

    def delivery(self, trigger: str, booking_id: str | None) -> bool:
        """Whether a delivery of a notification is meant."""
        return self.trigger == trigger and self.booking_id in (None, booking_id)


class Spell(Protocol):
    """A time that may depend on when it is asked for."""

    def times(self, now: int) -> tuple[int, int]:
        """Start and end in Unix seconds, `now` being the clock's."""
        ...


@dataclass(frozen=True, slots=True)
class Filling:
    """Somebody else's event, which takes a time away just before a request is handled.

    `calendar` is a name as people use it. `written` is the event as it stands in the scenario. `time` is
    `spell` in a world that is there, in Unix seconds; without them it is the time that the request asks for.
    """

    calendar: str
    title: str
    spell: Spell | None
    written: Mapping[str, Any] = field(compare=False)
    time: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What goes wrong. A `body` of None stands for the API's own answer with that status.

    `expire_grant` names a grant as people do.
    """

    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] | None = None
    delay_ms: int = 0
    drop: Literal["before", "after"] | None = None
    truncate: bool = False
    duplicate: bool = False
    reorder: bool = False
    event: Filling | None = None
    expire_grant: str | None = None

    @property
    def answers(self) -> bool:
        """Whether the answer is made up, instead of what the operation would have said."""
        return self.status is not None or self.body is not None


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule. The first `after` matching calls pass, then it strikes, at most `times` times."""

    match: Match
    effect: Effect
    id: str = ""
    times: int | None = None
    probability: float | None = None
    after: int = 0

    def settled(self, bookings: Mapping[str, str], now: int) -> "Fault":
        """The fault in a world that is there: its booking by id, not by local name, its times counted.

        `bookings` are ids by name, `now` is the clock's in Unix seconds.
        """
        match, effect = self.match, self.effect
        if match.booking_id is not None and match.booking_id in bookings:
            match = replace(match, booking_id=bookings[match.booking_id])
        if effect.event is not None and effect.event.spell is not None:
            effect = replace(effect, event=replace(effect.event, time=effect.event.spell.times(now)))
        return replace(self, match=match, effect=effect)

    def as_dict(self) -> dict[str, Any]:
        """The fault as it is written in a scenario, with its id."""
        more = {"times": self.times, "probability": self.probability, "after": self.after or None}
        return {
            "id": self.id,
            "match": _given(self.match),
            **{key: value for key, value in more.items() if value is not None},
            "effect": _given(self.effect),
        }


class FaultsRefused(ValueError):
    """Faults can't be added; the text says what was expected."""


@dataclass(slots=True)
class Standing:
    """A fault with what it has done so far. `left` is how often it may strike yet; None for no limit."""

    fault: Fault
    chance: random.Random = field(repr=False)
    seen: int = 0
    used: int = 0

    @property
    def left(self) -> int | None:
        return None if self.fault.times is None else self.fault.times - self.used

    def strikes(self) -> bool:
        """Whether the fault strikes a call that it is about; counts the call."""
        self.seen += 1
        if self.seen <= self.fault.after:
            return False
        probability = self.fault.probability
        if probability is not None and self.chance.random() >= probability:
            return False
        self.used += 1
        return True


class Faults:
    """The faults of one sandbox, in order. Thread-safe."""

    def __init__(self, faults: Sequence[Fault] = (), seed: int | str = 0) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._standings: tuple[Standing, ...] = ()
        self._numbered = 0
        self._latest: dict[str, str | None] = {}
        self.add(faults)

    @property
    def empty(self) -> bool:
        """Whether nothing can go wrong."""
        return not self._standings

    def add(self, faults: Sequence[Fault]) -> list[Standing]:
        """Put faults behind those there are, all or none; those without an id get one.

        Raises FaultsRefused.
        """
        with self._lock:
            if len(self._standings) + len(faults) > MOST:
                raise FaultsRefused(f"expected at most {MOST} faults at a time")
            taken = {each.fault.id for each in self._standings}
            for given in faults:
                if given.id and given.id in taken:
                    raise FaultsRefused(f"expected an id of its own; there is a fault {given.id} already")
                taken.add(given.id)
            added = [self._standing(fault, taken) for fault in faults]
            self._standings += tuple(added)
            return [replace(each) for each in added]

    def remove(self, fault_id: str | None = None) -> bool:
        """Forget a fault, or all of them; false if there is none of that id."""
        with self._lock:
            kept = tuple(
                each for each in self._standings if fault_id is not None and each.fault.id != fault_id
            )
            found = fault_id is None or len(kept) < len(self._standings)
            self._standings = kept
            return found

    def standings(self) -> list[Standing]:
        """Every fault as it stands at this moment."""
        with self._lock:
            return [replace(each) for each in self._standings]

    def for_request(
        self, operation: str | None, method: str, path: str, booking_id: str | None
    ) -> Fault | None:
        """The fault that strikes a request; `operation` is the contract's operationId, if it is one."""
        before = None if booking_id is None else self._latest.get(booking_id)
        return self._first(lambda match: match.request(operation, method, path, booking_id, before))

    def handled(self, operation: str | None, booking_id: str) -> None:
        """Remember which request about a booking was the latest; None stands for one that was refused."""
        with self._lock:
            self._latest.pop(booking_id, None)
            self._latest[booking_id] = operation
            while len(self._latest) > REMEMBERED:
                del self._latest[next(iter(self._latest))]

    def for_delivery(self, trigger: str, booking_id: str | None) -> Fault | None:
        """The fault that strikes the delivery of a notification to one webhook."""
        return self._first(lambda match: match.delivery(trigger, booking_id))

    def _first(self, meant: Callable[[Match], bool]) -> Fault | None:
        if not self._standings:
            return None
        with self._lock:
            for each in self._standings:
                if each.left != 0 and meant(each.fault.match) and each.strikes():
                    return each.fault
            return None

    def _standing(self, fault: Fault, taken: set[str]) -> Standing:
        if not fault.id:
            fault = replace(fault, id=self._new_id(taken))
        return Standing(fault, random.Random(f"{self._seed}/fault/{fault.id}"))  # noqa: S311 - made to repeat

    def _new_id(self, taken: set[str]) -> str:
        while True:
            self._numbered += 1
            fault_id = f"fault-{self._numbered}"
            if fault_id not in taken:
                taken.add(fault_id)
                return fault_id


@lru_cache(maxsize=1024)
def _pattern(template: str) -> re.Pattern[str]:
    beginning = template.removesuffix("/**")
    steps = [
        "[^/]+" if step.startswith("{") and step.endswith("}") else re.escape(step)
        for step in beginning.split("/")
    ]
    return re.compile("/".join(steps) + ("" if beginning == template else "/.*"))


def _given(record: Match | Effect) -> dict[str, Any]:
    """What of a record is set."""
    values = ((each.name, getattr(record, each.name), each.default) for each in fields(record))
    return {
        name: dict(value.written) if isinstance(value, Filling) else value
        for name, value, default in values
        if value != default
    }
