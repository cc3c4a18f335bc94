"""The calls that are measured."""

import http.client
import json
from collections.abc import Callable, Iterator
from itertools import count, repeat
from typing import Any

from benchmarks.load import request, shoot

NOW = 1_772_442_000
"""Where the world's clock stands."""
API_KEY = "nyk_bench"
OFFICE = "1a2b3c4d-1001-4a5b-8c6d-7e8f9a0b1c01"
PLENTY = "1a2b3c4d-1002-4a5b-8c6d-7e8f9a0b1c02"
MONTH = 30 * 86400
SLOT = 900


class Calls:
    """Requests to one running mock. Every booking takes the next free slot."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._slots = count(NOW + SLOT, SLOT)

    def bookings(self) -> Iterator[bytes]:
        for start in self._slots:
            guest = {"name": "Gina Guest", "email": "gina@example.com"}
            body = {"start_time": start, "end_time": start + SLOT, "guest": guest}
            yield request("POST", f"/v3/scheduling/bookings?configuration_id={PLENTY}", body)

    def subscribe(self, url: str) -> None:
        """Have notifications of bookings sent to a receiver."""
        body = {"trigger_types": ["booking.created"], "webhook_url": url}
        create = request("POST", "/v3/webhooks", body, key=API_KEY)
        shot = shoot(self.port, iter([create]), 1, 10.0, 1)
        if shot.statuses != {200}:
            raise RuntimeError(f"subscribing answered {shot.statuses}")

    def fill(self, bookings: int) -> None:
        """Make so many bookings."""
        shot = shoot(self.port, self.bookings(), 4, 600.0, bookings)
        if shot.statuses != {200}:
            raise RuntimeError(f"filling the world answered {shot.statuses}")

    def reads(self) -> Iterator[bytes]:
        booking_id = self._one_booking()
        return repeat(request("GET", f"/v3/scheduling/bookings/{booking_id}?configuration_id={PLENTY}"))

    def months(self) -> Iterator[bytes]:
        window = f"start_time={NOW}&end_time={NOW + MONTH}"
        return repeat(request("GET", f"/v3/scheduling/availability?configuration_id={OFFICE}&{window}"))

    def days(self) -> Iterator[bytes]:
        """One day of the calendar that the bookings are in."""
        start = NOW + MONTH
        window = f"start_time={start}&end_time={start + 86400}"
        return repeat(request("GET", f"/v3/scheduling/availability?configuration_id={PLENTY}&{window}"))

    def new_sandboxes(self, prefix: str) -> Iterator[bytes]:
        window = f"configuration_id={OFFICE}&start_time={NOW}&end_time={NOW}"
        for number in count():
            yield request("GET", f"/_sandbox/{prefix}-{number}/v3/scheduling/availability?{window}")

    def put_sandboxes(self, prefix: str, scenario: object = None) -> Iterator[bytes]:
        for number in count():
            body = {} if scenario is None else {"scenario": scenario}
            yield request("PUT", f"/_mock/sandboxes/{prefix}-{number}", body)

    def world(self) -> Any:
        """The scenario of the running mock, as data."""
        return self._answer("GET", "/_mock/scenario")

    def empty_windows(self) -> Iterator[bytes]:
        """The same call in the sandbox that is there."""
        window = f"configuration_id={OFFICE}&start_time={NOW}&end_time={NOW}"
        return repeat(request("GET", f"/v3/scheduling/availability?{window}"))

    def _one_booking(self) -> str:
        start = next(self._slots)
        guest = {"name": "Gina Guest", "email": "gina@example.com"}
        body = {"start_time": start, "end_time": start + SLOT, "guest": guest}
        made = self._answer("POST", f"/v3/scheduling/bookings?configuration_id={PLENTY}", body)
        return str(made["data"]["booking_id"])

    def _answer(self, method: str, path: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = json.load(connection.getresponse())
        connection.close()
        return answer


MEASURED: dict[str, Callable[[Calls], Iterator[bytes]]] = {
    "GET booking": Calls.reads,
    "GET availability, a month": Calls.months,
    "POST booking": Calls.bookings,
}
