"""The pytest plugin, in processes of its own, as it is found by its entry point."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CONFTEST = """
import pytest, requests

@pytest.fixture
def book(nylas_mock):
    def make(configuration="intro", slot=0):
        free = nylas_mock.free_slots(configuration)[slot]
        body = {"start_time": free.start_time, "end_time": free.end_time,
                "guest": {"name": "Ada", "email": "ada@example.com"}}
        query = {"configuration_id": nylas_mock.configuration(configuration).id}
        headers = {"Authorization": f"Bearer {nylas_mock.api_key}"}
        url = nylas_mock.api_url + "/v3/scheduling/bookings"
        return requests.post(url, params=query, json=body, headers=headers, timeout=5)
    return make
"""

WORLD = """
version: 1
name: beside
"""


def run(folder: Path, tests: str, *options: str, ini: str = "") -> str:
    """What pytest says about a file of tests; without this project's own settings."""
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "pytest.ini").write_text(f"[pytest]\nfilterwarnings = error\n{ini}", encoding="utf-8")
    (folder / "test_it.py").write_text(tests, encoding="utf-8")
    command = (sys.executable, "-m", "pytest", "--strict-markers", "-p", "no:cacheprovider", *options)
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    return said.stdout + said.stderr


GREEN = """
import pathlib
import pytest, requests
from mockserver.testing import NylasMock

@pytest.mark.parametrize("time", [1, 2])
def test_every_test_begins_anew(nylas_mock, book, time):
    assert not nylas_mock.bookings
    book()
    assert len(nylas_mock.bookings) == 1

def test_the_starter_world(nylas_mock: NylasMock):
    assert nylas_mock.scenario == "default"

@pytest.mark.nylas_scenario("private")
class TestMarked:
    def test_by_the_class(self, nylas_mock):
        assert nylas_mock.scenario == "private"

    @pytest.mark.nylas_scenario("one-on-one", other_hosts="pass")
    def test_by_itself(self, nylas_mock):
        assert nylas_mock.scenario == "one-on-one"
        with pytest.raises(requests.ConnectionError) as caught:
            requests.get("http://127.0.0.1:9/", timeout=5)
        assert "was refused" not in str(caught.value)

@pytest.mark.nylas_scenario("worlds/beside.yaml")
def test_by_a_path_beside_the_test(nylas_mock, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert nylas_mock.scenario == "beside"

@pytest.mark.nylas_scenario({"version": 1, "name": "data"}, base_url="https://nylas.test")
def test_by_data(nylas_mock):
    assert (nylas_mock.scenario, nylas_mock.api_url) == ("data", "https://nylas.test")

def test_a_receiver_beside_it(nylas_mock, book, webhook_receiver):
    webhook_receiver.subscribe(nylas_mock.api_url, nylas_mock.api_key)
    book()
    assert webhook_receiver.wait_for()[0].type == "booking.created"

def test_a_real_server(nylas_server, webhook_receiver):
    nylas_server.reset()
    webhook_receiver.subscribe(nylas_server.url, nylas_server.api_key, "booking.created")
    state = nylas_server.state()
    intro = next(each for each in state["configurations"] if each["slug"] == "intro-call")
    query = {"configuration_id": intro["id"]}
    window = {"start_time": state["clock"]["now"], "end_time": state["clock"]["now"] + 1_000_000}
    url = nylas_server.url + "/v3/scheduling/"
    free = requests.get(url + "availability", params=query | window, timeout=5).json()["data"]
    slot = free["time_slots"][0]
    body = {"start_time": slot["start_time"], "end_time": slot["end_time"],
            "guest": {"name": "Ada", "email": "ada@example.com"}}
    assert requests.post(url + "bookings", params=query, json=body, timeout=5).status_code == 200
    (told,) = webhook_receiver.wait_for(1, "booking.created")
    assert told.json["data"]["object"]["booking_id"] == nylas_server.state()["bookings"][0]["booking_id"]
    assert nylas_server.client_id

def test_a_real_server_beside_it(nylas_mock, nylas_server):
    assert requests.get(nylas_server.url + "/_mock/health", timeout=5).status_code == 200
    with pytest.raises(RuntimeError, match="PATCH /_mock/clock: .*mode"):
        nylas_server.control("PATCH", "clock", {"mode": "odd"})
"""


@pytest.mark.parametrize(
    ("options", "passed"),
    [((), "10 passed"), (("-n", "2", "-k", "anew or marked or receiver_beside"), "5 passed")],
    ids=["alone", "xdist"],
)
def test_its_fixtures(tmp_path: Path, options: tuple[str, ...], passed: str) -> None:
    (tmp_path / "worlds").mkdir()
    (tmp_path / "worlds" / "beside.yaml").write_text(WORLD, encoding="utf-8")
    said = run(tmp_path, GREEN, *options)
    assert f" {passed}" in said, said


RED = """
import pytest

def test_red(nylas_mock, book):
    nylas_mock.subscribe("https://shop.test/hook")
    assert book().status_code == 200
    nylas_mock.take_slot(nylas_mock.free_slots("intro")[0], configuration="intro")
    assert nylas_mock.notifications.of("booking.created").one().delivered

def test_receiver_red(nylas_mock, book):
    def receive(told):
        assert told.type == "booking.cancelled"
    nylas_mock.on_notification = receive
    assert book().status_code == 200

def test_untouched(nylas_mock):
    assert False

@pytest.fixture
def booked(book):
    assert book().json()["data"]["status"] == "pending"

def test_red_before_it_began(booked):
    pass

@pytest.mark.nylas_scenario("privat")
def test_misspelt(nylas_mock):
    pass

@pytest.mark.nylas_scenario(host="x")
def test_unknown_option(nylas_mock):
    pass
"""


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_a_failing_test_shows_what_happened(tmp_path: Path, options: tuple[str, ...]) -> None:
    said = run(tmp_path, RED, *options)
    assert "3 failed, 3 errors" in said, said
    reports = said.split(" nylas_mock ---")[1:]
    assert len(reports) == 4
    for each in reports[:2]:  # pytest shows what went wrong before tests first
        assert "> POST /v3/scheduling/bookings?configuration_id=" in each
        assert "<Notification booking.created" in each
    assert "AssertionError: assert 'booking.created' == 'booking.cancelled'" in said
    assert "no requests" in reports[3]
    assert "did you mean private" in said
    assert "expected one scenario and base_url, other_hosts" in said
    assert "nyk_v0_localmockserverkeywithnosecretinit" not in said


def test_its_settings(tmp_path: Path) -> None:
    ini = "nylas_scenario = worlds/beside.yaml\nnylas_other_hosts = pass\n"
    (tmp_path / "worlds").mkdir()
    (tmp_path / "worlds" / "beside.yaml").write_text(WORLD, encoding="utf-8")
    tests = """
import pytest, requests

def test_it(nylas_mock, nylas_server):
    assert nylas_mock.scenario == "beside"
    assert nylas_server.state()["grants"] == []
    with pytest.raises(requests.ConnectionError) as caught:
        requests.get("http://127.0.0.1:9/", timeout=5)
    assert "was refused" not in str(caught.value)

@pytest.mark.nylas_scenario("private")
def test_the_marker_wins(nylas_mock):
    assert nylas_mock.scenario == "private"
"""
    said = run(tmp_path, tests, ini=ini)
    assert " 2 passed" in said, said


def test_it_can_be_used_under_a_decorator_that_stops_the_time(tmp_path: Path) -> None:
    tests = """
from datetime import datetime, timezone
from freezegun import freeze_time
import pytest, time_machine

MONDAY = datetime(2031, 3, 3, 8, tzinfo=timezone.utc)

@freeze_time(MONDAY)
def test_freezegun(nylas_mock, book):
    book()
    assert nylas_mock.bookings.one().start.date() == MONDAY.date()

@time_machine.travel(MONDAY, tick=False)
def test_time_machine(nylas_mock, book):
    book()
    assert nylas_mock.bookings.one().start.date() == MONDAY.date()

@pytest.mark.time_machine(MONDAY)
def test_marked(nylas_mock, book):
    book()
    assert nylas_mock.bookings.one().start.date() == MONDAY.date()
"""
    said = run(tmp_path, tests)
    assert " 3 passed" in said, said


def test_it_costs_nothing_where_it_is_not_used(tmp_path: Path) -> None:
    tests = """
import sys

def test_it():
    ours = {each for each in sys.modules if each.startswith("mockserver")}
    assert ours == {"mockserver", "mockserver.testing", "mockserver.testing.plugin"}
    assert "flask" not in sys.modules
"""
    (tmp_path / "plain").mkdir()
    said = run(tmp_path / "plain", tests)
    assert " 1 passed" in said, said
