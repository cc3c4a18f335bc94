"""The double in the test's process: what a fresh one costs, and a booking beside the same call to a stub."""

from collections.abc import Iterator
from itertools import count
from statistics import median
from time import process_time

import responses
from nylas import Client

from benchmarks.calls import API_KEY, NOW, PLENTY, SLOT
from benchmarks.serving import WORLD
from mockserver.testing import NylasMock

URL = "https://api.us.nylas.com/v3/scheduling/bookings"
CALLS = 100
"""How many calls make one measurement; those of double and stub take turns."""

WORLDS = ("default", "one-on-one", str(WORLD))


def fresh_ms(world: str, times: int = 200) -> float:
    """Milliseconds of processor time for a double that begins, makes its world and ends."""
    _begin(world)
    began = process_time()
    for _ in range(times):
        _begin(world)
    return (process_time() - began) / times * 1e3


def booking_ms(rounds: int) -> tuple[float, float, float]:
    """A booking through the SDK, in milliseconds of processor time: double, stub, median of their ratios."""
    slots = count(NOW + SLOT, SLOT)
    doubles, stubs = [], []
    with NylasMock(str(WORLD)) as nylas:
        _booked(slots, CALLS)
        answer = nylas.requests[-1].answer_body
    for _ in range(4 * rounds):
        with NylasMock(str(WORLD)):
            _booked(slots, 10)  # warm
            doubles.append(_booked(slots, CALLS))
        with responses.RequestsMock() as stub:
            stub.post(URL, body=answer, content_type="application/json")
            _booked(slots, 10)
            stubs.append(_booked(slots, CALLS))
    ratios = [double / stub for double, stub in zip(doubles, stubs, strict=True)]
    return median(doubles), median(stubs), median(ratios)


def _begin(world: str) -> None:
    with NylasMock(world) as nylas:
        _ = nylas.now


def _booked(slots: Iterator[int], times: int) -> float:
    sdk = Client(API_KEY)
    began = process_time()
    for start in (next(slots) for _ in range(times)):
        sdk.scheduler.bookings.create(
            request_body={
                "start_time": start,
                "end_time": start + SLOT,
                "guest": {"name": "Gina Guest", "email": "gina@example.com"},
            },
            query_params={"configuration_id": PLENTY},
        )
    return (process_time() - began) / times * 1e3
