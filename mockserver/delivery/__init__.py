"""What leaves the process: notifications to webhooks, and the challenge that a webhook must answer first."""

from mockserver.delivery.challenge import verify
from mockserver.delivery.courier import Courier
from mockserver.delivery.receivers import check_url
from mockserver.delivery.signature import sign

__all__ = ["Courier", "check_url", "sign", "verify"]
