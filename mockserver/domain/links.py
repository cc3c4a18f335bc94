"""The pages a booking can be reached by: reschedule, cancel, and the organizer's decision."""

from dataclasses import dataclass
from functools import lru_cache

from mockserver.domain.configuration import Configuration
from mockserver.domain.reference import encode_reference
from mockserver.domain.world import Booking, World

PLACEHOLDER = ":booking_ref"


@dataclass(frozen=True, slots=True)
class Links:
    """URLs of one booking, the reference filled in. `confirm` is empty where no organizer decides."""

    reference: str
    reschedule: str
    cancel: str
    confirm: str

    @classmethod
    def of(cls, world: World, configuration: Configuration, booking: Booking) -> "Links":
        """The configuration's own pages, or the mock's where it names none."""
        base = world.public_url
        decided = configuration.booking_type == "organizer-confirmation"
        confirm = configuration.organizer_confirmation_url or f"{base}/confirm/{PLACEHOLDER}"
        return _filled(
            reference_of(booking),
            configuration.rescheduling_url or f"{base}/reschedule/{PLACEHOLDER}",
            configuration.cancellation_url or f"{base}/cancel/{PLACEHOLDER}",
            confirm if decided else "",
        )


def reference_of(booking: Booking) -> str:
    """The booking reference: configuration, booking and salt in one word."""
    return encode_reference(booking.configuration_id, booking.id, booking.salt)


@lru_cache(maxsize=1024)
def _filled(reference: str, *pages: str) -> Links:
    """The reference filled in. Kept, because event, notification and mails of one booking all have it."""
    return Links(reference, *(page.replace(PLACEHOLDER, reference) for page in pages))
