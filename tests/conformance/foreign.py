"""Somebody else's implementation: another framework, written from the contract alone, happy path only.

`python tests/conformance/foreign.py CONFIGURATION_ID` serves one public configuration on a free port.
"""

import json
import sys
import threading
import time
import uuid
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from bottle import Bottle, request, response

HALF_HOUR = 1800
HORIZON = 60 * 86400
BOOKINGS = "/v3/scheduling/bookings"
ORGANIZER = {"name": "Olga", "email": "olga@example.com"}

app = Bottle()
bookings: dict[str, dict[str, Any]] = {}
times: dict[str, int] = {}
lock = threading.Lock()


def answer(data: Any = None) -> str:
    response.content_type = "application/json"
    body = {"request_id": str(uuid.uuid4())}
    return json.dumps(body if data is None else {**body, "data": data})


def refuse(status: int, type: str, message: str) -> str:
    response.status = status
    response.content_type = "application/json"
    return json.dumps({"request_id": str(uuid.uuid4()), "error": {"type": type, "message": message}})


def known_configuration() -> bool:
    return bool(request.query.get("configuration_id") == sys.argv[1])


@app.get("/v3/scheduling/availability")
def availability() -> str:
    if not known_configuration():
        return refuse(404, "not_found_error", "There is no such configuration")
    start, end = int(request.query["start_time"]), int(request.query["end_time"])
    earliest = max(start, int(time.time()))  # noqa: TID251 -- it has no other clock
    end = min(end, earliest + HORIZON)
    taken = set(times.values())
    slots = [
        {"start_time": at, "end_time": at + HALF_HOUR, "emails": [ORGANIZER["email"]]}
        for at in range(-(-earliest // HALF_HOUR) * HALF_HOUR, end - HALF_HOUR + 1, HALF_HOUR)
        if at not in taken
    ]
    return answer({"order": [], "time_slots": slots})


@app.post(BOOKINGS)
def create() -> str:
    if not known_configuration():
        return refuse(404, "not_found_error", "There is no such configuration")
    start, guest = int(request.json["start_time"]), request.json["guest"]
    with lock:
        if start in times.values():
            return refuse(400, "invalid_request_error", "The selected timeslot is unavailable")
        id = str(uuid.uuid4())
        times[id] = start
        bookings[id] = {
            "booking_id": id,
            "event_id": uuid.uuid4().hex,
            "title": f"Meeting with {guest['name']}",
            "organizer": ORGANIZER,
            "status": "booked",
        }
    return answer(bookings[id])


@app.get(f"{BOOKINGS}/<id>")
def read(id: str) -> str:
    if id not in bookings:
        return refuse(404, "not_found_error", "There is no such booking")
    return answer(bookings[id])


@app.route(f"{BOOKINGS}/<id>", "PATCH")
def move(id: str) -> str:
    if id not in bookings:
        return refuse(404, "not_found_error", "There is no such booking")
    times[id] = int(request.json["start_time"])
    return answer(bookings[id])


@app.delete(f"{BOOKINGS}/<id>")
def cancel(id: str) -> str:
    if id not in bookings:
        return refuse(404, "not_found_error", "There is no such booking")
    bookings[id]["status"] = "cancelled"
    times.pop(id, None)
    return answer()


class Silent(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, app, handler_class=Silent)
    print(f"It is ready at http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
