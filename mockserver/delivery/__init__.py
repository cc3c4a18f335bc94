"""What leaves the process: notifications to webhooks, the challenge before the first of them, and mails."""

from mockserver.delivery.challenge import verify
from mockserver.delivery.courier import Courier
from mockserver.delivery.messenger import Messenger
from mockserver.delivery.receivers import check_url
from mockserver.delivery.signature import sign
from mockserver.delivery.smtp import Postman

__all__ = ["Courier", "Messenger", "Postman", "check_url", "sign", "verify"]
