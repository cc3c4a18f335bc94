"""`mockserver listen`, as a process beside a real server and a real receiver."""

import re
import signal

import pytest

from mockserver.asking.following import News
from mockserver.asking.listening import TRIGGERS, line
from mockserver.domain.notification import TRIGGERS as KNOWN
from tests.asking.conftest import Listener, book, control, hook, run
from tests.support.receiver import Receiver
from tests.support.server import ServerProcess
from tests.support.worlds import ASK, TEN

pytestmark = pytest.mark.slow  # each starts processes

HOUR = 3600


def test_it_prints_each_notification_on_a_tidy_line(server: ServerProcess) -> None:
    with Listener(server.url) as listener:
        booking = book(server.url)
        book(server.url, TEN + HOUR, ASK)
        lines = listener.wait_for(2)
        assert listener.stop() == 0
    assert lines[0] == (
        f"2026-03-02 09:00:00Z  booking.created      {booking[:8]}  Gina Guest  "
        "Tue 3 Mar 2026 10:00 (UTC)  no webhook\n"
    )
    assert re.split(r" {2,}", lines[1])[1] == "booking.pending"
    assert listener.said == [f"listening ({server.url})\n", "stopped\n"]


def test_what_was_before_is_not_repeated_and_webhooks_count_once(server: ServerProcess) -> None:
    book(server.url)
    with Receiver() as receiver, Listener(server.url, "--json") as listener:
        for _ in range(2):
            hook(server, receiver)
        booking = book(server.url, TEN + HOUR)
        (news,) = listener.json(1)
        assert news["payload"]["data"]["object"]["booking_id"] == booking
        assert [each["status"] for each in news["deliveries"]] == ["delivered", "delivered"]
        late = hook(server, receiver)
        again = control(
            server.url, "POST", f"notifications/{news['id']}/redeliver", {"webhook_id": late["id"]}
        )
        assert again["complete"]
        last = book(server.url, TEN + 2 * HOUR)
        assert listener.json(2)[1]["payload"]["data"]["object"]["booking_id"] == last
    assert len(listener.lines) == 2


def test_a_type_is_picked(server: ServerProcess) -> None:
    with Listener(server.url, "--type", "booking.pending", "--json") as listener:
        book(server.url)
        book(server.url, TEN + HOUR, ASK)
        (news,) = listener.json(1)
    assert news["type"] == "booking.pending"
    assert len(listener.lines) == 1


def test_it_forwards_as_a_webhook_would(server: ServerProcess) -> None:
    with Receiver("known") as receiver:
        with Listener(server.url, "--forward", receiver.url) as listener:
            shown = re.search(r"signed with the secret (\S+)", "".join(listener.said))
            assert shown
            receiver.trust(shown[1])
            book(server.url, guest={"name": "Zoë \ud83d\ude80", "email": "z@example.com"})
            (received,) = receiver.wait_for(1)
            assert listener.wait_for(1)[0].endswith("no webhook  forwarded: 200\n")
        assert received.verified
        assert received.json == control(server.url, "GET", "notifications")["data"][0]["payload"]
        assert receiver.challenges == []
        with Listener(server.url, "--forward", receiver.url, "--secret", "known", "--json") as listener:
            receiver.status = 500
            book(server.url, TEN + HOUR)
            assert listener.json(1)[0]["forwarded"] == {"status": 500, "error": None}
        assert receiver.wait_for(2)[1].verified


def test_forwarded_bytes_are_those_of_a_webhook(server: ServerProcess) -> None:
    with Receiver() as webhook, Receiver() as forward:
        webhook.trust(hook(server, webhook)["webhook_secret"])
        with Listener(server.url, "--forward", forward.url) as listener:
            book(server.url)
            (one,), (other,) = webhook.wait_for(1), forward.wait_for(1)
            assert "delivered to 127.0.0.1:" in listener.wait_for(1)[0]
    assert one.body == other.body
    differing = {"host", "x-nylas-signature"}
    assert {k: v for k, v in one.headers.items() if k not in differing} == {
        k: v for k, v in other.headers.items() if k not in differing
    }


def test_a_receiver_that_is_gone_does_not_end_it(server: ServerProcess) -> None:
    with Listener(server.url, "--forward", "http://127.0.0.1:9/hook") as listener:
        book(server.url)
        book(server.url, TEN + HOUR)
        assert all(each.endswith("forwarded: could not connect\n") for each in listener.wait_for(2))


def test_it_goes_on_after_a_reset(server: ServerProcess) -> None:
    with Listener(server.url, "--json") as listener:
        book(server.url)
        (before,) = listener.json(1)
        control(server.url, "POST", "reset")
        book(server.url)
        assert listener.json(2)[1] == before  # the same ids: the clock is frozen
        listener.wait_until_said("the world began anew")


def test_it_outlives_a_restart_of_the_server(scenario: str) -> None:
    with ServerProcess("--scenario", scenario) as server, Listener(server.url) as listener:
        book(server.url)
        listener.wait_for(1)
        server.stop()
        listener.wait_until_said("lost: ")
        with ServerProcess("--scenario", scenario, "--port", str(server.port)) as again:
            book(again.url)
            listener.wait_for(2)
            listener.wait_until_said("found again")
        assert listener.stop(signal.SIGTERM) == 0
    assert len(listener.lines) == 2


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["--secret", "x"], 2, "--forward"),
        (["--forward", "nowhere"], 2, "--forward"),
        (["--forward", "http://169.254.169.254/"], 2, "not allowed"),
        (["--type", "booking.create"], 2, "booking.created"),
        (["--sandbox", "nobody"], 1, "no sandbox"),
    ],
)
def test_what_makes_no_sense_is_refused(
    server: ServerProcess, args: list[str], code: int, words: str
) -> None:
    said = run(server, "listen", *args)
    assert (said.returncode, said.stdout) == (code, "")
    assert words in said.stderr


def test_it_knows_every_type() -> None:
    assert TRIGGERS == KNOWN


def test_foreign_text_does_not_reach_the_terminal_as_control_characters() -> None:
    info = {
        "start_time": 253_402_300_799,
        "organizer_timezone": "Pacific/Auckland\x1b[2J",
        "participants": [
            {"name": "Olga", "email": "o@example.com"},
            {"name": "a\x1b]0;pwned\x07\nb", "email": "a@example.com"},
            {"name": "", "email": "b@example.com"},
            {"name": "C", "email": "c@example.com"},
        ],
    }
    payload = {"data": {"object": {"booking_id": "\x1b[31mred", "booking_info": info}}}
    printed = line(News("n", "booking.created", 0, payload, ()))
    assert "\x1b" not in printed.replace("\x1b[32m", "").replace("\x1b[0m", "")
    assert "\n" not in printed
    assert "b, b@example.com and 1 more" in printed
    empty = {"data": {"object": {"booking_info": {**info, "participants": None}}}}
    assert "  -  " in line(News("n", "booking.reminder", 0, empty, ()))
