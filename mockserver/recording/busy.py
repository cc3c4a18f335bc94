"""What took the time that was not offered: found out call by call, from the slots that answers had."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.domain.configuration import DEFAULT_HORIZON_DAYS
from mockserver.domain.intervals import Intervals, intersect, subtract, union
from mockserver.recording.calls import Call, parsed
from mockserver.recording.inference import BOOKINGS, DAY, Configured, World, mapping, slots_of, spell_of, told
from mockserver.recording.slots import Hours, Timeline

_TAKEN = re.compile(r"time ?slot.*(unavailable|not available)|not available", re.IGNORECASE | re.DOTALL)


@dataclass(slots=True)
class Turn:
    """What others have done before a call, so that its answer comes about: e-mail, start and end."""

    filled: list[tuple[str, int, int]] = field(default_factory=list)
    freed: list[tuple[str, int, int]] = field(default_factory=list)


class BusyTimes:
    """Who was busy when. `first` is from the beginning, by e-mail; `turns` is what changed, by call."""

    def __init__(self, calls: list[Call], world: World) -> None:
        self._calls = calls
        self._world = world
        self.turns: dict[int, Turn] = {}
        self.first: dict[str, Intervals] = {}
        self._look()

    def _look(self) -> None:
        lines: dict[str, Timeline] = {}
        self._own: dict[str, tuple[int, int]] = {
            id: (booking.start, booking.end)
            for id, booking in self._world.bookings.items()
            if not booking.made
            and booking.status != "cancelled"
            and booking.start is not None
            and booking.end is not None
        }
        for call in self._calls:
            configured = self._world.configuration_of(call) if call.status != 404 else None
            if configured is None or call.status is None or configured.id in self._world.made:
                continue
            turn = self.turns.setdefault(call.turn, Turn())
            if call.operation == "getAvailability" and call.status < 300:
                self._see_slots(call, configured, lines, turn)
            elif call.operation in ("createBooking", "rescheduleBooking"):
                self._see_booking(call, configured, lines, turn)
            elif call.operation in ("cancelBooking", "confirmBooking") and call.status < 300:
                body = parsed(call.body)
                gone = call.operation == "cancelBooking" or (
                    isinstance(body, dict) and body.get("status") == "cancelled"
                )
                if gone:
                    self._own.pop(call.path.removeprefix(f"{BOOKINGS}/").lower(), None)

    def _see_slots(self, call: Call, configured: Configured, lines: dict[str, Timeline], turn: Turn) -> None:
        slots = slots_of(call)
        window = _window(call)
        if slots is None or window is None:
            return
        query = dict(call.query)
        hours, settings = self._hours(configured), settings_of(configured)
        start = max(window[0], call.at + 60 * _number(settings, "min_booking_notice", 0))
        end = min(window[1], _horizon(call.at, settings))
        seen = hours.within(*hours.narrowed(start, end, self._world.duration(configured)[0]))
        own = union(spell for id, spell in self._own.items() if id != query.get("booking_id", "").lower())
        emails = self._world.emails(configured)
        for email in emails if configured.rotating else emails[:1]:
            free = union(
                (start, end) for start, end, who in slots if email in who or not who or len(emails) == 1
            )
            first, filled, freed = lines.setdefault(email, Timeline()).observe(seen, free, own)
            self.first[email] = union([*self.first.get(email, []), *first])
            turn.filled += [(email, *spell) for spell in filled]
            turn.freed += [(email, *spell) for spell in freed]

    def _see_booking(
        self, call: Call, configured: Configured, lines: dict[str, Timeline], turn: Turn
    ) -> None:
        spell = spell_of(call)
        if spell is None or call.status is None:
            return
        emails = self._world.emails(configured)
        if call.status < 300:
            for email in emails:
                line = lines.setdefault(email, Timeline())
                taken = intersect([spell], line.taken)
                turn.freed += [(email, *each) for each in taken]
                line.taken = subtract(line.taken, taken)
            path_id = call.path.removeprefix(f"{BOOKINGS}/").lower()
            self._own.pop(path_id, None)
            booking_id = told(call).get("booking_id")
            self._own[str(booking_id or path_id or call.turn).lower()] = spell
        elif call.status == 400 and _TAKEN.search(call.answer or ""):
            for email in emails if configured.rotating else emails[:1]:
                line = lines.setdefault(email, Timeline())
                left = subtract(subtract([spell], line.taken), union(self._own.values()))
                if left == [spell]:
                    turn.filled.append((email, *spell))
                    line.taken, line.free = union([*line.taken, spell]), subtract(line.free, [spell])

    def _hours(self, configured: Configured) -> Hours:
        hours = self._world.hours(configured)
        return hours if configured.body is None else Hours(hours.interval, hours.round_to, None)


def settings_of(configured: Configured) -> Mapping[str, Any]:
    """The scheduler settings that are known of a configuration."""
    return mapping((configured.body or configured.settings).get("scheduler"))


def _window(call: Call) -> tuple[int, int] | None:
    query = dict(call.query)
    try:
        start, end = int(query["start_time"]), int(query["end_time"])
    except (KeyError, ValueError):
        return None
    return (start, min(end, start + 400 * DAY)) if 86_400 <= start < end < 7_258_118_400 else None


def _horizon(now: int, settings: Mapping[str, Any]) -> int:
    return (now // DAY + _number(settings, "available_days_in_future", DEFAULT_HORIZON_DAYS) + 1) * DAY


def _number(settings: Mapping[str, Any], key: str, default: int) -> int:
    value = settings.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default
