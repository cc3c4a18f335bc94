"""The challenge: who passes it, and what is said of those who don't."""

from collections.abc import Callable

import pytest
import responses

from mockserver.delivery import verify
from mockserver.domain.dialect import Dialect
from mockserver.domain.errors import Refusal
from tests.support.receiver import Receiver

CHALLENGE = "bc609b38-c81f-47fb-a275-1d9bd61a968b"


def refused(url: str, limit: float = 10.0) -> str:
    """What follows the documented beginning of the message."""
    with pytest.raises(Refusal) as caught:
        verify(url, CHALLENGE, limit)
    assert caught.value.status(Dialect()) == 400
    error = caught.value.error(Dialect())
    assert error["type"] == "70005"
    beginning, _, detail = error["message"].partition(" : ")
    assert beginning == "unable.verify.webhook_url"
    return str(detail)


def test_receiver_that_repeats_the_challenge_is_taken(receiver: Receiver) -> None:
    verify(receiver.url, CHALLENGE)
    assert receiver.challenges == [CHALLENGE]


def test_query_of_the_url_is_kept(receiver: Receiver) -> None:
    with responses.RequestsMock() as web:
        web.get("https://hooks.example.com/in?token=a%20b&challenge=" + CHALLENGE, body=CHALLENGE)
        verify("https://hooks.example.com/in?token=a%20b#part", CHALLENGE)


@pytest.mark.parametrize("status", [201, 204, 404, 500])
def test_other_status_is_told_and_asked_for_once(receiver: Receiver, status: int) -> None:
    receiver.status = status
    assert refused(receiver.url) == f"status is not ok, got {status}"
    assert len(receiver.challenges) == 1


def test_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.manner = "redirect"
    assert refused(receiver.url) == "status is not ok, got 302"
    assert receiver.strays == []


@pytest.mark.parametrize("challenge", ["wrong", "quoted", "chunked"])
def test_other_answer_is_refused_and_not_shown(receiver: Receiver, challenge: str) -> None:
    receiver.challenge = challenge  # type: ignore[assignment]
    assert refused(receiver.url).startswith("unable to verify webhook URL: expected ")


def test_nobody_there(new_receiver: Callable[[], Receiver]) -> None:
    with Receiver() as gone:
        url = gone.url
    assert refused(url) == "could not connect"


@pytest.mark.parametrize("manner", ["hang", "close"])
def test_no_answer(receiver: Receiver, manner: str) -> None:
    receiver.manner = manner  # type: ignore[assignment]
    assert refused(receiver.url, limit=0.2) == "could not connect"
    receiver.release()


def test_url_is_empty() -> None:
    assert refused("") == "input webhook url is empty"
