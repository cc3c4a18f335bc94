"""What has to hold for every answer and what no built-in check looks at."""

from typing import Any

import requests

import schemathesis
from schemathesis import Case, CheckContext, Response
from tests.schemathesis.bookable import operation_id

DRIFT_HEADER = "x-mock-drift"
TAKEN = "The selected timeslot is unavailable"
RESOLD_EVERY = 3
"""Of so many bookings one is tried a second time."""
LISTED: list[str] = []


def registered() -> None:
    """Make the checks known to Schemathesis, once in a process."""
    if not LISTED:
        for check in (envelope, no_drift, asked_for, SoldOnce, StaysCancelled):
            schemathesis.check(check)
            LISTED.append(check.__name__)


def _is_own(case: Case) -> bool:
    """Whether the request used the operation's method; coverage also tries others."""
    return case.method.upper() == case.operation.method.upper()


def envelope(ctx: CheckContext, response: Response, case: Case) -> None:
    """JSON with a request id, the same in the header; an error says what and why."""
    if case.method.upper() in ("HEAD", "OPTIONS"):
        return
    assert response.headers["content-type"] == ["application/json"], "the content type isn't bare JSON"
    content = response.json()
    assert isinstance(content, dict), "the body is no object"
    assert content.get("request_id"), "the body has no request_id"
    assert response.headers.get("x-request-id") == [content["request_id"]], (
        "X-Request-Id differs from the body"
    )
    if response.status_code >= 400:
        error = content.get("error")
        assert isinstance(error, dict), "an error without `error`"
        assert all(isinstance(error.get(key), str) for key in ("type", "message")), (
            "type and message are texts"
        )


def no_drift(ctx: CheckContext, response: Response, case: Case) -> None:
    """The server, which checks itself, found nothing."""
    assert DRIFT_HEADER not in response.headers, str(response.headers.get(DRIFT_HEADER))


def asked_for(ctx: CheckContext, response: Response, case: Case) -> None:
    """What is read, confirmed or changed by its id is what has this id."""
    if response.status_code != 200 or not _is_own(case):
        return
    data = response.json().get("data")
    for parameter, key in (("booking_id", "booking_id"), ("configuration_id", "id"), ("webhook_id", "id")):
        wanted = case.path_parameters.get(parameter)
        if wanted is not None and isinstance(data, dict) and key in data:
            assert data[key] == str(wanted).lower() or data[key] == wanted, (
                f"asked for {wanted}, got {data[key]}"
            )


class SoldOnce:
    """No time of an organizer is sold twice in the whole run, and a slot just sold can't be had again."""

    def __init__(self) -> None:
        self._sold: dict[str, tuple[str, int, int]] = {}
        self._bookings = 0

    def after_response(self, ctx: CheckContext, response: Response, case: Case) -> bool | None:
        if response.status_code != 200 or not _is_own(case):
            return None
        name = operation_id(case)
        data = response.json().get("data") or {}
        if not isinstance(data, dict) or "scheduling/bookings" not in case.path:
            return None
        if name == "cancelBooking":
            self._sold.pop(str(case.path_parameters["booking_id"]).lower(), None)
        elif data.get("status") == "cancelled":
            self._sold.pop(data["booking_id"], None)
        elif name in ("createBooking", "rescheduleBooking") and "booking_id" in data:
            self._sell(case, data)
            if name == "createBooking":
                self._sell_again(response)
        return None

    def _sell(self, case: Case, data: dict[str, Any]) -> None:
        assert isinstance(case.body, dict)
        organizer = data["organizer"]["email"]
        start, end = int(case.body["start_time"]), int(case.body["end_time"])
        for booking_id, (other, begun, ended) in self._sold.items():
            if booking_id != data["booking_id"] and other == organizer and begun < end and start < ended:
                raise AssertionError(f"{organizer} is sold from {start} to {end} twice: {booking_id} has it")
        self._sold[data["booking_id"]] = (organizer, start, end)

    def _sell_again(self, response: Response) -> None:
        self._bookings += 1
        if self._bookings % RESOLD_EVERY:
            return
        with requests.Session() as session:
            again = session.send(response.request, timeout=30)
        message = again.json().get("error", {}).get("message", "")
        assert again.status_code == 400, f"a slot just sold was sold again: {again.status_code}"
        assert message.startswith(TAKEN), f"a slot just sold is refused for another reason: {message}"


class StaysCancelled:
    """A booking once cancelled reads as cancelled, or not at all."""

    def __init__(self) -> None:
        self._cancelled: set[str] = set()

    def after_response(self, ctx: CheckContext, response: Response, case: Case) -> bool | None:
        if response.status_code != 200 or not _is_own(case):
            return None
        booking_id = str(case.path_parameters.get("booking_id", "")).lower()
        if operation_id(case) == "cancelBooking":
            self._cancelled.add(booking_id)
        elif operation_id(case) == "getBooking" and booking_id in self._cancelled:
            status = response.json()["data"]["status"]
            assert status == "cancelled", f"a cancelled booking reads as {status}"
        return None
