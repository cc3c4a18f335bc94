"""The pages a booking can be reached by: reschedule, cancel, and the organizer's decision."""

from dataclasses import dataclass
from typing import Self

from mockserver.domain.configuration import Configuration
from mockserver.domain.reference import BookingReference
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
    def of(cls, world: World, configuration: Configuration, booking: Booking) -> Self:
        """The configuration's own pages, or the mock's where it names none."""
        reference = reference_of(booking)

        def page(url: str, name: str) -> str:
            return (url or f"{world.public_url}/{name}/{PLACEHOLDER}").replace(PLACEHOLDER, reference)

        decided = configuration.booking_type == "organizer-confirmation"
        return cls(
            reference=reference,
            reschedule=page(configuration.rescheduling_url, "reschedule"),
            cancel=page(configuration.cancellation_url, "cancel"),
            confirm=page(configuration.organizer_confirmation_url, "confirm") if decided else "",
        )


def reference_of(booking: Booking) -> str:
    """The booking reference: configuration, booking and salt in one word."""
    return BookingReference(booking.configuration_id, booking.id, booking.salt).encode()
