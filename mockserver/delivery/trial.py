"""Test events: one notification to any URL, to see whether a receiver is up to it."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from mockserver.delivery.challenge import unanswered, wrong_status
from mockserver.delivery.receivers import RECEIVER_SECONDS, Ask, Unanswered, ask, check_url
from mockserver.delivery.signature import SIGNATURE_HEADER, sign

TEST_SECRET = "mock-webhook-secret"  # noqa: S105 - documented, the same for everybody
"""What test events are signed with, whatever secret the webhook at that URL has."""

logger = logging.getLogger(__name__)


def send_test_event(
    url: str, envelope: Mapping[str, Any], limit: float = RECEIVER_SECONDS, ask: Ask = ask
) -> None:
    """Bring a notification to the URL, once and uncompressed; returns when it was answered with 200.

    The receiver has `limit` seconds. Raises Refusal `webhook_unverified`, which tells a status or that there
    was no answer and never what the answer held.
    """
    check_url(url)
    body = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", SIGNATURE_HEADER: sign(TEST_SECRET, body)}
    try:
        answer = ask("POST", url, headers=headers, body=body, limit=limit)
    except Unanswered as failure:
        logger.info("test event failed: %s", failure)
        raise unanswered(failure) from None
    if answer.status != 200:
        raise wrong_status(answer.status)
