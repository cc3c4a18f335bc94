"""Replays against a real server as somebody else's target: what is sent there, what is left there."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from conformance.strangers.ledger import Ledger
from conformance.strangers.limits import Limits, Window
from mockserver.replaying import Replay
from mockserver.replaying.foreign import Host, Visit
from mockserver.replaying.targets import NotReached
from mockserver.replaying.visiting import replay_on
from tests.replay import processes
from tests.replay.worlds import BOOKINGS, about, at, body, booking, outcomes, scenario
from tests.support.server import ServerProcess
from tests.support.worlds import ALICE, API_KEY, DOCUMENT, INTRO, PRIVATE

pytestmark = pytest.mark.slow

DAY = 86_400
OTHER = "99999999-9999-4999-8999-999999999999"
"""What the configuration is called in the scenario; on the target it is INTRO."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    world = tmp_path_factory.mktemp("target") / "world.yaml"
    world.write_text(yaml.safe_dump({key: value for key, value in DOCUMENT.items() if key != "clock"}))
    with ServerProcess("--scenario", str(world)) as process:
        yield process.url


@pytest.fixture
def target(server: str) -> "TargetServer":
    found = TargetServer(server)
    found.control("POST", "reset", {})
    return found


class TargetServer:
    """The target, seen from behind."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, method: str, path: str, body: Any = None) -> Any:
        given = {} if body is None and method != "GET" else body
        answer = requests.request(method, f"{self.url}/_mock/{path}", json=given, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def bookings(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "state")["bookings"]
        return found

    def requests(self) -> list[str]:
        journal = self.control("GET", "requests")["data"]
        return [f"{each['method']} {each['path']}" for each in journal if each["path"].startswith("/v3/")]


@pytest.fixture
def host(target: TargetServer, tmp_path: Path) -> Host:
    return Host(
        target.url,
        names={"configuration.intro": INTRO, "configurations.private.id": PRIVATE, "grant.alice.id": ALICE},
        limits=Limits(allow_writes=True),
        ledger=tmp_path / "ledger.jsonl",
    )


def own(*steps: Any, **more: Any) -> dict[str, Any]:
    """A scenario whose world has ids that the target doesn't know."""
    found = scenario(*steps, **more)
    configurations = json.loads(json.dumps(found["configurations"]))
    configurations["intro"]["id"] = OTHER
    return {**found, "configurations": configurations}


def visited(
    host: Host, tmp_path: Path, document: dict[str, Any], pause: Callable[[float], None] = time.sleep
) -> Replay:
    file = tmp_path / "steps.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    visit = Visit(host, pause)
    try:
        return replay_on(visit, file)
    finally:
        visit.close()


def made_and_gone(host: Host) -> tuple[int, int]:
    events = [json.loads(line)["event"] for line in host.ledger.read_text().splitlines()]
    return events.count("made"), events.count("gone")


def test_without_permission_nothing_is_sent(host: Host, target: TargetServer, tmp_path: Path) -> None:
    shut = replace(host, names={}, limits=Limits())
    replay = visited(shut, tmp_path, own(booking(), about("DELETE")))
    assert replay.verdict == "skipped"
    assert replay.reason == (
        "it requires writes: --allow-writes was not given; "
        "${configurations.intro.id}: expected --map configuration.intro=…"
    )
    assert not target.requests()
    reading = {"request": {"method": "GET", "path": "/v3/scheduling/ui-settings"}, "expect": {"status": 401}}
    assert visited(shut, tmp_path, own(reading)).held


def test_what_is_made_lies_in_the_window_and_is_cancelled_at_the_end(
    host: Host, target: TargetServer, tmp_path: Path
) -> None:
    replay = visited(host, tmp_path, own(booking(), about("GET"), booking("second", workday=2, hour=11)))
    assert replay.held, replay.differences()
    assert replay.remarks[0].endswith("weeks later")
    bookings = target.bookings()
    assert [each["status"] for each in bookings] == ["cancelled", "cancelled"]
    for each, weekday, hour in zip(bookings, (1, 2), (10, 11), strict=True):
        start = datetime.fromtimestamp(each["start_time"], UTC)
        assert 7 * DAY <= each["start_time"] - time.time() <= 21 * DAY  # noqa: TID251 - as the target does
        assert (start.weekday(), start.hour, start.minute) == (weekday, hour, 0)
    assert made_and_gone(host) == (2, 2)
    assert target.requests()[-2:] == [f"DELETE {BOOKINGS}/{each['booking_id']}" for each in bookings[::-1]]


def test_what_a_step_cancels_is_not_cancelled_again(host: Host, target: TargetServer, tmp_path: Path) -> None:
    moved = about("PATCH", body={"start_time": at(2, "11:00"), "end_time": at(2, "11:30")})
    replay = visited(host, tmp_path, own(booking(), moved, about("DELETE"), about("DELETE", status=400)))
    assert replay.held, replay.differences()
    assert len(target.requests()) == 4
    assert made_and_gone(host) == (1, 1)


def test_a_booking_that_gets_another_id_is_followed(host: Host, target: TargetServer, tmp_path: Path) -> None:
    target.control("PATCH", "dialect", {"reschedule_booking_id": "new"})
    moved = about("PATCH", body={"start_time": at(2, "11:00"), "end_time": at(2, "11:30")})
    replay = visited(host, tmp_path, own(booking(), moved))
    assert replay.held, replay.differences()
    assert {each["status"] for each in target.bookings()} == {"cancelled"}


def test_what_can_not_be_seen_is_not_checked(host: Host, target: TargetServer, tmp_path: Path) -> None:
    replay = visited(
        host,
        tmp_path,
        own(
            booking(),
            {"notifications": [{"type": "never.sent"}]},
            {"mails": []},
            about("GET"),
            {"faults": "clear"},
            {"clock": {"advance": "PT1H"}},
            about("GET", status=404),
        ),
    )
    assert outcomes(replay) == ["held", "not checked", "not checked", "held", "held", *["not checked"] * 2]
    assert replay.steps[-1].note == "step 6 could not be done here"
    assert replay.not_checked == 4
    assert replay.held
    assert target.requests()[-1].startswith("DELETE")


def test_a_short_while_is_waited_for(host: Host, target: TargetServer, tmp_path: Path) -> None:
    """As recordings have it between any two calls; what they show would else never be checked."""
    waited: list[float] = []
    minutes = {"clock": {"advance": "PT2M"}}
    steps = (booking(), minutes, about("GET"), minutes, about("DELETE"), minutes, about("GET", status=418))
    replay = visited(host, tmp_path, own(*steps), pause=waited.append)
    assert outcomes(replay) == [*["held"] * 5, *["not checked"] * 2]
    assert replay.steps[5].note == "a target's clock can't be moved, and that is too long to wait for"
    assert waited == [120, 120]
    assert [each["status"] for each in target.bookings()] == ["cancelled"]


@pytest.mark.parametrize(
    "need", ["clock", "mails", "notifications", "faults", "calendars", "api-key", "client-id"]
)
def test_what_is_required_and_not_there_skips(
    host: Host, target: TargetServer, tmp_path: Path, need: str
) -> None:
    replay = visited(host, tmp_path, own(booking(), requires=[need]))
    assert replay.reason.startswith(f"it requires {need}: ")
    assert not target.requests()


def test_what_hangs_on_what_can_not_be_seen_is_not_checked(
    host: Host, target: TargetServer, tmp_path: Path
) -> None:
    mail = {"stepId": "mail", "mails": [{}, {}], "outputs": {"link": "$[0].links.cancel"}}
    path = f"{BOOKINGS}/${{steps.mail.link.booking_id}}"
    read = {"request": {"method": "GET", "path": path}, "expect": {"status": 418}}
    cancel = {"request": {"method": "DELETE", "path": path}, "expect": {"status": 418}}
    replay = visited(
        host, tmp_path, own(booking(), mail, read, about("GET"), cancel, about("GET", status=418))
    )
    assert outcomes(replay) == ["held", "not checked", "not checked", "held", "not checked", "not checked"]
    assert replay.steps[2].note == "${steps.mail.link.booking_id}: a target doesn't show its mails"
    assert replay.steps[5].note == "step 5 could not be done here"
    assert replay.held


def test_faults_of_the_world_are_required_too(host: Host, target: TargetServer, tmp_path: Path) -> None:
    faults = [{"match": {"operation": "createBooking"}, "effect": {"status": 429}}]
    assert visited(host, tmp_path, own(booking(expect={"status": 429}), faults=faults)).verdict == "skipped"
    assert not target.requests()


def test_a_session_is_opened_with_the_key(host: Host, target: TargetServer, tmp_path: Path) -> None:
    private = {
        "stepId": "book",
        "request": {
            "method": "POST",
            "path": BOOKINGS,
            "headers": {"Authorization": "Bearer ${sessions.s.id}"},
            "body": body(),
        },
        "expect": {"status": 200},
    }
    document = own(private, sessions={"s": {"configuration": "private"}})
    replay = visited(host, tmp_path, document)
    assert "${sessions.s.id}: expected --map session.s=…, or --api-key" in replay.reason
    replay = visited(replace(host, api_key=API_KEY), tmp_path, document)
    assert replay.held, replay.differences()
    (entry,) = target.bookings()
    assert entry["status"] == "cancelled"
    written = json.loads(host.ledger.read_text().splitlines()[0])
    assert written["private"]
    assert written["query"] == {"configuration_id": PRIVATE}
    assert API_KEY not in host.ledger.read_text()


def test_guests_are_nobody_unless_somebody_is_named(host: Host, target: TargetServer, tmp_path: Path) -> None:
    guest = {"name": "Real", "email": "real@customer.test"}
    more = [{"email": "gina@example.com"}]
    step = booking(guest=guest, additional_guests=more)
    step["expect"] = {"status": 200, "body": {"data": {"organizer": {"email": "alice@example.com"}}}}
    replay = visited(host, tmp_path, own(step))
    assert replay.held, replay.differences()
    assert "guest real@customer.test is conformance-guest-1@example.com" in replay.remarks
    named = replace(host, limits=replace(host.limits, guest_email="me@my.test"))
    assert visited(named, tmp_path, own(step)).held
    first, second = target.bookings()
    assert first["guest"]["email"] == "conformance-guest-1@example.com"
    assert [each["email"] for each in first["additional_guests"]] == ["gina@example.com"]
    assert second["guest"]["email"] == "me+1@my.test"
    assert [each["email"] for each in second["additional_guests"]] == ["me+2@my.test"]


def test_a_guest_that_only_turns_up_when_sent_is_refused(
    host: Host, target: TargetServer, tmp_path: Path
) -> None:
    hidden = booking(guest={"name": "x", "email": {"$literal": "real@customer.test"}})
    replay = visited(host, tmp_path, own(hidden))
    assert outcomes(replay) == ["failed"]
    assert "expected one at example.com, or --guest-email" in replay.steps[0].note
    assert not target.requests()


def test_there_is_room_for_so_many_bookings(host: Host, target: TargetServer, tmp_path: Path) -> None:
    few = replace(host, limits=replace(host.limits, max_bookings=1))
    replay = visited(few, tmp_path, own(booking(), booking("b", hour=11)))
    assert replay.reason == "it makes 2 bookings, --max-bookings leaves 1"
    assert not target.requests()


def test_bookings_fit_into_the_window_or_nothing_is_done(
    host: Host, target: TargetServer, tmp_path: Path
) -> None:
    far = own(booking(), booking("b", workday=40))
    assert "don't fit into the window of 7-21 days ahead" in visited(host, tmp_path, far).reason
    wide = replace(host, limits=replace(host.limits, window=Window(7, 90)))
    assert outcomes(visited(wide, tmp_path, far))[0] == "held"
    target.control("POST", "reset", {})
    plain = booking()
    plain["request"]["body"]["start_time"] = 1_772_442_000
    assert "steps[0].request.body.start_time: a plain number" in visited(host, tmp_path, own(plain)).reason
    hidden = booking()
    hidden["request"]["body"]["start_time"] = {"$literal": 1_772_442_000}
    assert "expected a time in the window" in visited(host, tmp_path, own(hidden)).steps[0].note
    assert not target.requests()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", f"/v3/grants/x/scheduling/configurations/{INTRO}"),
        ("PUT", f"/v3/grants/x/scheduling/configurations/{INTRO}"),
        ("DELETE", "/v3/webhooks/abc"),
        ("POST", "/v3/grants/x/events"),
    ],
)
def test_what_the_replay_did_not_make_it_does_not_change(
    host: Host, target: TargetServer, tmp_path: Path, method: str, path: str
) -> None:
    replay = visited(host, tmp_path, own({"request": {"method": method, "path": path, "body": {}}}))
    assert outcomes(replay) == ["failed"]
    assert "would change what this replay did not make" in replay.steps[0].note
    assert not target.requests()


def test_a_429_is_obeyed(host: Host, target: TargetServer, tmp_path: Path) -> None:
    throttled = {"status": 429, "headers": {"Retry-After": "1"}}
    target.control(
        "POST", "faults", {"match": {"operation": "createBooking"}, "times": 1, "effect": throttled}
    )
    replay = visited(host, tmp_path, own(booking()))
    assert replay.held, replay.differences()
    assert len(target.requests()) == 3


def test_an_answer_that_gets_lost_is_not_forgotten(host: Host, target: TargetServer, tmp_path: Path) -> None:
    target.control("POST", "faults", {"match": {"operation": "createBooking"}, "effect": {"drop": "after"}})
    reading = {"request": {"method": "GET", "path": "/v3/x"}}
    replay = visited(host, tmp_path, own(reading, booking()))
    assert outcomes(replay) == ["held", "differed"]
    assert replay.left == [f"POST {BOOKINGS} got no answer, and may have made something all the same"]
    assert not replay.held


def test_a_cleanup_that_fails_is_told(host: Host, target: TargetServer, tmp_path: Path) -> None:
    target.control("POST", "faults", {"match": {"operation": "cancelBooking"}, "effect": {"status": 500}})
    replay = visited(host, tmp_path, own(booking()))
    (left,) = replay.left
    assert "500" in left
    assert replay.verdict == "differed"
    target.control("DELETE", "faults")
    visit = Visit(host)
    assert [each.problem for each in visit.clean()] == [""]
    visit.close()
    assert [each["status"] for each in target.bookings()] == ["cancelled"]


def test_where_nothing_can_be_checked_nothing_held(host: Host, tmp_path: Path) -> None:
    assert visited(host, tmp_path, own({"mails": []}, {"notifications": []})).verdict == "skipped"


def test_nobody_there(host: Host, tmp_path: Path) -> None:
    with pytest.raises(NotReached):
        visited(replace(host, url="http://127.0.0.1:9"), tmp_path, own(booking()))


def command(target: TargetServer, *more: str) -> list[str]:
    return [
        "steps.yaml",
        "--target",
        target.url,
        "--map",
        f"configuration.intro={INTRO}",
        "--rate",
        "0",
        *more,
    ]


def test_the_command_against_a_target(target: TargetServer, tmp_path: Path) -> None:
    listing = {
        "request": {
            "method": "GET",
            "path": "/v3/webhooks",
            "headers": {"Authorization": "Bearer ${application.api_key}"},
        },
        "expect": {"status": 200, "body": {"data": ["${application.api_key}"]}},
    }
    (tmp_path / "steps.yaml").write_text(yaml.safe_dump(own(booking(), listing)))
    arguments = command(target, "--allow-writes", "--map", "grant.zoe=x", "--junit", "out.xml")
    done = processes.replay(*arguments, cwd=tmp_path, NYLAS_API_KEY=API_KEY)
    assert done.returncode == 1, done.stderr
    assert "--map grant.zoe: no scenario that was replayed needed it" in done.stderr
    told = done.stdout + done.stderr + (tmp_path / "out.xml").read_text()
    assert API_KEY not in told
    assert "$NYLAS_API_KEY" in told
    assert [each["status"] for each in target.bookings()] == ["cancelled"]
    assert processes.replay(*command(target), cwd=tmp_path).returncode == 2
    assert (
        processes.replay(
            "steps.yaml",
            "--target",
            "http://127.0.0.1:9",
            *command(target)[3:],
            "--allow-writes",
            cwd=tmp_path,
            NYLAS_API_KEY=API_KEY,
        ).returncode
        == 2
    )


def test_cleanup_finishes_what_a_crash_left(target: TargetServer, tmp_path: Path) -> None:
    (tmp_path / "steps.yaml").write_text(yaml.safe_dump(own(booking(), about("GET"))))
    slow = {"match": {"operation": "getBooking"}, "effect": {"delay_ms": 20_000}}
    target.control("POST", "faults", slow)
    arguments = [sys.executable, "-m", "mockserver", "replay", *command(target, "--allow-writes")]
    running = subprocess.Popen(arguments, cwd=tmp_path, env={"PYTHONPATH": str(processes.ROOT)})
    ledger = tmp_path / ".conformance-ledger.jsonl"
    until = time.monotonic() + 20
    while not ledger.exists() or not ledger.read_text().endswith("\n"):
        assert time.monotonic() < until
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert [each["status"] for each in target.bookings()] == ["booked"]
    assert len(Ledger(ledger).left()) == 1
    target.control("DELETE", "faults")
    reading = own({"request": {"method": "GET", "path": "/v3/x"}})
    (tmp_path / "steps.yaml").write_text(yaml.safe_dump(reading))
    warned = processes.replay("steps.yaml", "--target", target.url, cwd=tmp_path)
    assert ".conformance-ledger.jsonl: 1 left on this target by earlier runs" in warned.stderr
    done = processes.replay("--cleanup", "--target", target.url, "--allow-writes", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "taken back" in done.stdout
    assert [each["status"] for each in target.bookings()] == ["cancelled"]
    assert not Ledger(ledger).left()
    again = processes.replay("--cleanup", "--target", target.url, "--allow-writes", cwd=tmp_path)
    assert again.stdout == "nothing is left\n"
