"""What one availability call costs as calendars and configurations grow, in process and in processor time."""

from collections.abc import Callable, Iterator
from time import process_time

from mockserver.domain.availability import time_slots
from mockserver.domain.calendars import Event
from mockserver.domain.configuration import read_configuration
from mockserver.domain.ids import Ids
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Application, Grant, World

NOW = 1_772_442_000
DAY = 86_400
WINDOW = 31 * DAY
EVENTS = (0, 100, 1_000, 10_000)
PARTICIPANTS = (1, 3, 10)


def rows() -> Iterator[tuple[str, int, dict[int, float]]]:
    """Where the events lie, how many participants there are, and milliseconds by number of events."""
    for participants in PARTICIPANTS:
        yield "outside the window", participants, {n: _cost(participants, n, inside=False) for n in EVENTS}
        yield "inside the window", participants, {n: _cost(participants, n, inside=True) for n in EVENTS}


def _cost(participants: int, events: int, inside: bool) -> float:
    call = _call(participants, events, inside)
    call()
    return min(_spent(call) for _ in range(5)) * 1000


def _spent(call: Callable[[], object]) -> float:
    begun, calls = process_time(), 0
    while process_time() - begun < 0.1:
        call()
        calls += 1
    return (process_time() - begun) / calls


def _call(participants: int, events: int, inside: bool) -> Callable[[], object]:
    """A month for everybody, each of whom has the events: before the window, or all over it."""
    world = World(Application("client", "key"))
    emails = [f"p{number}@example.com" for number in range(participants)]
    for email in emails:
        calendar = world.new_calendar(email, email, "UTC", True)
        world.add_grant(Grant(email, email, "google", calendars={email: calendar}))
        for number in range(events):
            start = NOW + number * WINDOW // events if inside else NOW - 10 * DAY - number * 3_600
            calendar.put(Event(f"e{number}", "Busy", start, start + 60))
    world.log.begin()
    open_hours = [{"days": [1, 2, 3, 4, 5], "start": "9:00", "end": "17:00"}]
    body = {
        "availability": {"duration_minutes": 30},
        "event_booking": {"title": "t", "timezone": "Europe/Berlin"},
        "participants": [
            {
                "email": email,
                "is_organizer": email == emails[0],
                "availability": {"calendar_ids": ["primary"], "open_hours": open_hours},
                "booking": {"calendar_id": "primary"},
            }
            for email in emails
        ],
    }
    configuration = read_configuration("c", emails[0], body)
    tx = Transaction(world, NOW, Ids(1))
    return lambda: time_slots(tx, configuration, NOW, NOW + WINDOW)
