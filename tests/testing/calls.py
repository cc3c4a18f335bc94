"""What the tests of the double ask it for, as its users would: through the official SDK."""

from collections.abc import Mapping
from typing import Any

from nylas import Client
from nylas.models.scheduler import Booking

from mockserver.testing import NylasMock

ADA = {"name": "Ada", "email": "ada@example.com"}


def client(nylas: NylasMock) -> Client:
    return Client(nylas.api_key, nylas.api_url)


def book(nylas: NylasMock, configuration: str = "intro", slot: int = 0, **more: Any) -> Booking:
    """Book one of the free slots for Ada."""
    free = nylas.free_slots(configuration)[slot]
    return book_at(nylas, free.start_time, free.end_time, configuration, **more)


def book_at(nylas: NylasMock, start: int, end: int, configuration: str = "intro", **more: Any) -> Booking:
    body: Mapping[str, Any] = {"start_time": start, "end_time": end, "guest": ADA, **more}
    query = {"configuration_id": nylas.configuration(configuration).id}
    return client(nylas).scheduler.bookings.create(request_body=body, query_params=query).data
