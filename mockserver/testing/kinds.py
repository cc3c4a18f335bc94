"""What records can be of: asked for a misspelt kind, a test that expects nothing would hold for ever."""

import re
from typing import get_args

from mockserver.domain.calendars import EventStatus
from mockserver.domain.notification import TRIGGERS
from mockserver.domain.transaction import LetterType
from mockserver.domain.world import BookingStatus
from mockserver.sandbox import Sandbox
from mockserver.testing.records import Kinds

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_BOOKING_ID = re.compile(r"[0-9a-fA-F-]{36}")


def of_bookings(sandbox: Sandbox) -> Kinds:
    with sandbox.lock:
        found = sandbox.world.configurations.values()
        names = {*sandbox.world.names.get("configurations", {}), *(each.slug for each in found)}
        ids = {each.id for each in found}
    statuses = get_args(BookingStatus)
    return Kinds(
        f"a status ({', '.join(statuses)}) or a configuration",
        lambda kind: kind in statuses or kind in names or kind in ids,
    )


def of_events(sandbox: Sandbox) -> Kinds:
    with sandbox.lock:
        found = sandbox.world.grants.values()
        people = {*sandbox.world.names.get("grants", {}), *(each.email for each in found)}
        ids = {each.id for each in found}
    statuses = get_args(EventStatus)
    return Kinds(
        f"a status ({', '.join(statuses)}) or a person ({', '.join(sorted(people))})",
        lambda kind: kind in statuses or kind in people or kind in ids,
    )


MAILS = Kinds(
    f"an e-mail address, or one of {', '.join(get_args(LetterType))}",
    lambda kind: "@" in kind or kind in get_args(LetterType),
)

NOTIFICATIONS = Kinds(
    f"a booking's id, or one of {', '.join(TRIGGERS)}",
    lambda kind: kind in TRIGGERS or _BOOKING_ID.fullmatch(kind) is not None,
)


def _is_of_requests(kind: str) -> bool:
    method, _, path = kind.rpartition(" ")
    if path.startswith("/"):
        return not method or method.strip().upper() in METHODS
    return kind.upper() in METHODS


REQUESTS = Kinds("POST /v3/…, a method, or a path that begins with a slash", _is_of_requests)
