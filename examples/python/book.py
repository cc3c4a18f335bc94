"""Books the next free slot of the starter world through the official SDK. First: pip install nylas"""

import os
import time

import requests
from nylas import Client

URI = os.environ.get("NYLAS_API_URI", "http://127.0.0.1:8080")
KEY = os.environ.get("NYLAS_API_KEY", "nyk_v0_localmockserverkeywithnosecretinit")
INTRO = {"configuration_id": "a1c4e6d8-0b2f-4e35-9a7c-1d3f5b7e9c21"}

# The SDK can't ask for a configuration's free slots, so this is done without it.
window = {"start_time": int(time.time()), "end_time": int(time.time()) + 14 * 86400}
free = requests.get(f"{URI}/v3/scheduling/availability", params={**INTRO, **window}, timeout=10).json()
slot = free["data"]["time_slots"][0]

booking, request_id, headers = Client(KEY, URI).scheduler.bookings.create(
    request_body={
        "start_time": slot["start_time"],
        "end_time": slot["end_time"],
        "guest": {"name": "Ada", "email": "ada@example.com"},
    },
    query_params=INTRO,
)
print(f"{booking.status}: {booking.title}, {time.ctime(slot['start_time'])}, {booking.booking_id}")
