"""What tests of official SDKs ask for, and how they find out what came of it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from uuid import UUID

from tests.support.receiver import Receiver
from tests.support.remote import Remote

GUEST = {"name": "Gina Gästin", "email": "gina@example.com"}


def unpacked(reference: str) -> tuple[str, str, str]:
    """Configuration, booking and salt of a booking reference, as the documentation lays it out."""
    packed = urlsafe_b64decode(reference + "=" * (-len(reference) % 4))
    salt = urlsafe_b64encode(packed[32:]).decode().rstrip("=")
    return str(UUID(bytes=packed[:16])), str(UUID(bytes=packed[16:32])), salt


def kept(world: Remote, booking_id: str, email: str = "alice@example.com") -> tuple[Any, Any]:
    """A booking and its event, as the world holds them: status, start; title, status."""
    booking = world.booking(booking_id)
    (event,) = [each for each in world.events(email) if each["id"] == booking["event_id"]]
    when = event["when"]
    assert (when["start_time"], when["end_time"]) == (booking["start_time"], booking["end_time"])
    return (booking["status"], booking["start_time"]), (event["title"], event["status"])


def heard(world: Remote, receiver: Receiver) -> list[str]:
    """The types of what arrived, after making sure that it is what was sent, signed by the book."""
    sent = world.notifications()
    arrived = receiver.wait_for(len(sent))
    assert [delivery.json for delivery in arrived] == [each["payload"] for each in sent]
    assert all(delivery.verified for delivery in arrived)
    assert {each["status"] for each in sent} <= {"delivered"}
    return [delivery.json["type"] for delivery in arrived]
