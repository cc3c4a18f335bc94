"""Booking references: a configuration, a booking and a salt packed into one URL-safe word.

The layout is documented ("retrieve booking ids"): sixteen bytes of configuration id, sixteen of booking
id, both in textual order, then the salt, all of it base64.
"""

import binascii
import re
import uuid
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TO_STANDARD = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class BookingReference:
    """What a reference holds. `salt` is in the form that PUT takes: base64url without padding."""

    configuration_id: str
    booking_id: str
    salt: str

    def encode(self) -> str:
        """The reference as one word, unpadded base64url."""
        return encode_reference(self.configuration_id, self.booking_id, self.salt)


def decode_reference(text: str) -> BookingReference:
    """Read a reference in any of the encodings in use: either alphabet, padded or not, percent-encoded.

    Raises ValueError when it is not base64 or too short to hold two ids.
    """
    packed = _decode(unquote(text))
    if len(packed) < 32:
        raise ValueError("a booking reference holds two ids of 16 bytes each; this is too short")
    return BookingReference(
        configuration_id=str(uuid.UUID(bytes=packed[:16])),
        booking_id=str(uuid.UUID(bytes=packed[16:32])),
        salt=urlsafe_b64encode(packed[32:]).decode().rstrip("="),
    )


def salt_bytes(salt: str) -> bytes:
    """The bytes of a salt, in either base64 alphabet, padded or not. Raises ValueError."""
    return _decode(salt)


def is_uuid(text: str) -> bool:
    """Whether the text is an id as the API writes them: 8-4-4-4-12 hexadecimal digits."""
    return _UUID.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def encode_reference(configuration_id: str, booking_id: str, salt: str) -> str:
    """As `BookingReference.encode`. Kept: answer, notification and mails of one booking all have it."""
    packed = uuid.UUID(configuration_id).bytes + uuid.UUID(booking_id).bytes
    return urlsafe_b64encode(packed + salt_bytes(salt)).decode().rstrip("=")


def _decode(text: str) -> bytes:
    body = text.translate(_TO_STANDARD).rstrip("=")
    try:
        return b64decode(body + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
