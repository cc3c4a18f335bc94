"""The challenge: a webhook is taken only when its receiver shows that it wants to be one."""

import logging

from mockserver.delivery.receivers import RECEIVER_SECONDS, Ask, Unanswered, ask, check_url
from mockserver.domain.errors import Refusal, refuse

logger = logging.getLogger(__name__)


def verify(url: str, challenge: str, limit: float = RECEIVER_SECONDS, ask: Ask = ask) -> None:
    """Ask the receiver once to repeat the challenge; returns when it did, within `limit` seconds.

    Raises Refusal `webhook_unverified`, which tells a status or that there was no answer and never what
    the answer held: whoever names a URL here is not to read what lies behind it.
    """
    check_url(url)
    expected = challenge.encode()
    try:
        answer = ask("GET", url, query={"challenge": challenge}, limit=limit, read=len(expected) + 1)
    except Unanswered as failure:
        logger.info("challenge of a webhook failed: %s", failure)
        raise unanswered(failure) from None
    if answer.status != 200:
        raise wrong_status(answer.status)
    if "chunked" in answer.headers.get("Transfer-Encoding", "").lower():
        raise refuse(
            "webhook_unverified", "unable to verify webhook URL: expected an answer that is not chunked"
        )
    if answer.body != expected:
        raise refuse(
            "webhook_unverified", "unable to verify webhook URL: expected the challenge and nothing else"
        )


def unanswered(failure: Unanswered) -> Refusal:
    """What is said of a receiver that gave no complete answer."""
    if failure.status in (None, 200):
        return refuse("webhook_unverified", "could not connect")
    return wrong_status(failure.status)


def wrong_status(status: int | None) -> Refusal:
    """What is said of a receiver that answered, but not with 200; the documented wording."""
    return refuse("webhook_unverified", f"status is not ok, got {status}")
