"""How a receiver knows that a notification comes from us."""

import hashlib
import hmac

SIGNATURE_HEADER = "X-Nylas-Signature"


def sign(secret: str, body: bytes) -> str:
    """HMAC-SHA256 of the bytes as they are sent, compressed or not; hexadecimal, in lower case."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
