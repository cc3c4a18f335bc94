"""A small booking site in Flask: free times, booking, cancelling, and an agenda that a webhook keeps."""

import hashlib
import hmac
import time
from typing import Any

from bookings import Bookings, Slot, Taken, Unavailable, Unknown
from flask import Flask, request

WEEK = 7 * 86_400


def create_app(bookings: Bookings, webhook_secret: str) -> Flask:
    app = Flask(__name__)
    agenda: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()

    @app.get("/slots")
    def slots() -> list[dict[str, int]]:
        now = int(time.time())
        return [{"start": each.start, "end": each.end} for each in bookings.free(now, now + WEEK)]

    @app.post("/bookings")
    def book() -> tuple[dict[str, str], int]:
        wanted = request.get_json()
        try:
            booking_id = bookings.book(Slot(wanted["start"], wanted["end"]), wanted["name"], wanted["email"])
        except Taken:
            return {"error": "This time has just been taken. Please choose another one."}, 409
        except Unavailable:
            return {"error": "Booking doesn't work at the moment. Please try again later."}, 503
        except Unknown:
            return {"error": "We don't know yet whether this worked; look at your mail."}, 502
        return {"id": booking_id}, 201

    @app.delete("/bookings/<booking_id>")
    def cancel(booking_id: str) -> tuple[str, int]:
        bookings.cancel(booking_id, request.args.get("reason", ""))
        return "", 204

    @app.get("/agenda")
    def show_agenda() -> list[dict[str, Any]]:
        return sorted(agenda.values(), key=lambda each: each["start"])

    @app.get("/webhooks/nylas")
    def challenge() -> str:
        return request.args["challenge"]

    @app.post("/webhooks/nylas")
    def notification() -> tuple[str, int]:
        """Keeps the agenda. Notifications come late, twice, and from strangers."""
        genuine = hmac.new(webhook_secret.encode(), request.get_data(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(genuine, request.headers.get("X-Nylas-Signature", "")):
            return "wrong signature", 401
        told = request.get_json()
        if told["id"] in seen:
            return "", 200
        seen.add(told["id"])
        booking = told["data"]["object"]
        info = booking["booking_info"]
        if told["type"] == "booking.cancelled":
            agenda.pop(booking["booking_id"], None)
        elif told["type"] in ("booking.created", "booking.rescheduled"):
            guests = [each["email"] for each in info["participants"]]
            agenda[booking["booking_id"]] = {"start": info["start_time"], "participants": guests}
        return "", 200

    return app
