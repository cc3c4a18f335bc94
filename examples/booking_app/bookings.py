"""Bookings at the provider: what the rest of the application knows of it."""

import time
from dataclasses import dataclass

import requests
from nylas import Client
from nylas.models.errors import NylasApiError

PATIENCE_SECONDS = 10


class Taken(Exception):
    """Somebody else has the time by now."""


class Unavailable(Exception):
    """The provider doesn't answer, or asks to wait; nothing was booked."""


class Unknown(Exception):
    """The answer was lost: perhaps it was booked, perhaps not."""


@dataclass(frozen=True)
class Slot:
    """Unix times."""

    start: int
    end: int


class Bookings:
    """Books with one configuration."""

    def __init__(self, api_key: str, api_uri: str, configuration_id: str, pause: float = 1.0) -> None:
        """`pause` is how many seconds to wait before a call is repeated."""
        self._nylas = Client(api_key, api_uri, timeout=PATIENCE_SECONDS)
        self._uri = api_uri
        self._query = {"configuration_id": configuration_id}
        self._pause = pause

    def free(self, start: int, end: int) -> list[Slot]:
        """The free times between two others. The SDK has no call for them."""
        answer = requests.get(
            f"{self._uri}/v3/scheduling/availability",
            params={**self._query, "start_time": start, "end_time": end},
            timeout=PATIENCE_SECONDS,
        )
        answer.raise_for_status()
        return [Slot(each["start_time"], each["end_time"]) for each in answer.json()["data"]["time_slots"]]

    def book(self, slot: Slot, name: str, email: str) -> str:
        """The id of the new booking. Raises Taken, Unavailable, Unknown."""
        body = {
            "start_time": slot.start,
            "end_time": slot.end,
            "guest": {"name": name, "email": email},
        }
        for last in (False, True):
            try:
                answer = self._nylas.scheduler.bookings.create(request_body=body, query_params=self._query)
            except NylasApiError as error:
                if str(error).startswith("The selected timeslot is unavailable"):
                    raise Taken from error
                if error.status_code != 429 or last:
                    raise Unavailable from error
                time.sleep(self._pause)
            except Exception as error:  # the SDK lets what `requests` raises through, and wraps its time-outs
                raise Unknown from error
            else:
                return str(answer.data.booking_id)
        raise AssertionError

    def cancel(self, booking_id: str, reason: str) -> None:
        """Cancel a booking. Raises Unavailable."""
        try:
            self._nylas.scheduler.bookings.destroy(
                booking_id, request_body={"cancellation_reason": reason}, query_params=self._query
            )
        except NylasApiError as error:
            raise Unavailable from error
