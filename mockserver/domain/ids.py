"""Seeded streams of ids, one for each kind, so that equal sequences of calls give equal ids."""

import random
import string
import uuid
from base64 import urlsafe_b64encode

ALPHANUMERIC = string.ascii_letters + string.digits
URL_SAFE = ALPHANUMERIC + "-_"
EVENT_ALPHABET = string.ascii_lowercase[:22] + string.digits  # what Google uses for event ids
SALT_BYTES = 10  # the documented samples have ten


class Ids:
    """Draws ids from one independent stream per kind. Not thread-safe: draw inside a transaction."""

    def __init__(self, seed: int | str) -> None:
        self.seed = seed
        self._streams: dict[str, random.Random] = {}

    def _stream(self, kind: str) -> random.Random:
        stream = self._streams.get(kind)
        if stream is None:
            stream = self._streams[kind] = random.Random(f"{self.seed}/{kind}")  # noqa: S311 - made to repeat
        return stream

    def uuid(self, kind: str) -> str:
        """A version 4 UUID: requests, bookings, sessions, configurations, grants."""
        return str(uuid.UUID(int=self._stream(kind).getrandbits(128), version=4))

    def salt(self) -> str:
        """Ten random bytes in unpadded base64url, the form that PUT takes."""
        return urlsafe_b64encode(self._stream("salt").randbytes(SALT_BYTES)).decode().rstrip("=")

    def event_id(self) -> str:
        return self._text("event", EVENT_ALPHABET, 26)

    def notification_id(self) -> str:
        return self._text("notification", ALPHANUMERIC, 26)

    def webhook_id(self) -> str:
        return self._text("webhook", ALPHANUMERIC, 26)

    def webhook_secret(self) -> str:
        return self._text("webhook_secret", URL_SAFE, 20)

    def mail_id(self) -> str:
        return self._text("mail", ALPHANUMERIC, 20)

    def _text(self, kind: str, alphabet: str, length: int) -> str:
        return "".join(self._stream(kind).choices(alphabet, k=length))
