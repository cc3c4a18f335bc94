"""A sandbox's time. Everything that asks what time it is asks this."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

ClockMode = Literal["real", "shifted", "frozen"]


class ClockError(ValueError):
    """A clock was asked for something that it doesn't do; the text says what it does."""


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """How a scenario sets the clock. `now` is Unix seconds; the real clock takes none."""

    mode: ClockMode = "real"
    now: float | None = None


class Clock:
    """Real (the machine's time), shifted (runs from another start) or frozen (moves only when told)."""

    def __init__(self, setting: ClockSetting | None = None) -> None:
        setting = setting or ClockSetting()
        self.mode: ClockMode = setting.mode
        self._shift = 0.0
        self._frozen_at = 0.0
        if setting.mode == "frozen":
            self._frozen_at = _wall() if setting.now is None else setting.now
        elif setting.mode == "shifted" and setting.now is not None:
            self._shift = setting.now - _wall()

    def exact(self) -> float:
        """Unix time in seconds, with fractions."""
        return self._frozen_at if self.mode == "frozen" else _wall() + self._shift

    def now(self) -> int:
        """Unix time in whole seconds."""
        return int(self.exact())

    def set(self, mode: ClockMode, now: float | None = None) -> None:
        """Change the mode, and the time where `now` is given. Raises ClockError for a step back."""
        target = self.time_when_set(mode, now)
        self._frozen_at = target
        self._shift = 0.0 if mode == "real" else target - _wall()
        self.mode = mode  # last: others read the time meanwhile

    def time_when_set(self, mode: ClockMode, now: float | None) -> float:
        """The time that the clock will show after `set`. Raises ClockError as it does."""
        at = self.exact()
        if mode == "real":
            if now is not None:
                raise ClockError("now: expected none in mode real, which follows the machine's time")
            if at > _wall() + 1:
                raise ClockError("mode: expected shifted or frozen; the real time is behind, reset goes back")
            return _wall()
        target = at if now is None else now
        if int(target) < int(at) and not (mode == "shifted" and at - target < 1):
            raise ClockError("now: expected a time that is not before the clock's; reset goes back")
        return target

    def time_after(self, seconds: float) -> float:
        """The time that the clock shows when it is moved forward. Raises ClockError where it can't be."""
        if self.mode == "real":
            raise ClockError("advance: expected a frozen or shifted clock; the real one moves by itself")
        if seconds < 0:
            raise ClockError("advance: expected a duration that is not negative; reset goes back")
        return self.exact() + seconds

    def move_to(self, time: float) -> None:
        """Move a frozen or shifted clock forward to a time; one that has passed it already stays."""
        ahead = time - self.exact()
        if ahead > 0 and self.mode != "real":
            self._frozen_at += ahead
            self._shift += ahead

    def advance(self, seconds: float) -> None:
        """Move a frozen or shifted clock forward and do nothing else. Raises ClockError on the real one."""
        self.move_to(self.time_after(seconds))

    def as_dict(self) -> dict[str, Any]:
        now = self.now()
        iso = datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z")
        return {"mode": self.mode, "now": now, "iso": iso}


def _wall() -> float:
    return time.time()  # noqa: TID251 - the one place that asks the machine
