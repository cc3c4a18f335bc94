"""`/_mock/sandboxes`, `/_mock/health`, and which sandbox a call is about."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from mockserver import __version__
from mockserver.settings import Settings
from tests.control.plane import Plane
from tests.support.receiver import Receiver
from tests.support.worlds import DOCUMENT, INTRO, NOW, TEN


def test_health_says_what_answers(plane: Plane) -> None:
    health = {"status": "ok", "version": __version__, "name": "nylas-bookings-double"}
    assert plane.get("health") == health
    assert plane.get("health", sandbox="unknown") == health


def test_a_sandbox_is_made_listed_and_removed(plane: Plane) -> None:
    room = {
        "name": "my-test",
        "scenario": "test",
        "base_urls": {
            "prefix": "http://localhost:8080/_sandbox/my-test",
            "host": "http://my-test.localhost:8080",
        },
    }
    assert plane.done("PUT", "sandboxes/my-test") == room
    assert plane.get("sandboxes/my-test") == room
    own = {"prefix": "http://localhost:8080", "host": "http://localhost:8080"}
    default = {"name": "default", "scenario": "test", "base_urls": own}
    assert plane.get("sandboxes")["data"] == [default, room]
    assert plane.done("DELETE", "sandboxes/my-test") == {}
    assert plane.get("sandboxes")["data"] == [default]
    plane.refused("DELETE", "sandboxes/my-test", status=404)
    plane.refused("GET", "sandboxes/my-test", status=404)


def test_a_sandbox_takes_a_scenario(plane: Plane) -> None:
    assert plane.done("PUT", "sandboxes/a", {"scenario": "private"})["scenario"] == "private"
    assert plane.get("scenario", sandbox="a")["name"] == "private"
    small = {"version": 1, "name": "small"}
    assert plane.done("PUT", "sandboxes/a", {"scenario": small})["scenario"] == "small"
    assert plane.get("state", sandbox="a")["grants"] == []
    assert plane.done("PUT", "sandboxes/a", {})["scenario"] == "small"
    assert plane.get("scenario") == DOCUMENT
    wrong = plane.ask("PUT", "sandboxes/b", {"scenario": {"version": 3}})
    assert wrong.status_code == 400
    assert wrong.json["errors"][0]["path"] == "version"
    plane.refused("GET", "sandboxes/b", status=404)


def test_a_sandbox_that_is_there_is_left_alone(plane: Plane) -> None:
    plane.done("PUT", "sandboxes/a")
    plane.done("PATCH", "clock", {"advance": "PT1H"}, sandbox="a")
    plane.done("PUT", "sandboxes/a", {"scenario": None})
    assert plane.get("clock", sandbox="a")["now"] == NOW + 3600
    assert plane.get("clock")["now"] == NOW


@pytest.mark.parametrize("name", ["A", "a_b", "a" * 41, "a.b", "%C3%A9", "a%00"])
def test_a_sandbox_name_that_is_none_is_refused(plane: Plane, name: str) -> None:
    assert plane.refused("PUT", f"sandboxes/{name}")["path"] == "name"
    plane.refused("GET", f"sandboxes/{name}", status=404)
    plane.refused("DELETE", f"sandboxes/{name}", status=404)


def test_the_default_sandbox_stays(plane: Plane) -> None:
    assert plane.refused("DELETE", "sandboxes/default")["path"] == "name"
    assert plane.done("PUT", "sandboxes/default")["name"] == "default"


def test_no_call_but_put_makes_a_sandbox(plane: Plane) -> None:
    for method, path in [
        ("GET", "state"),
        ("POST", "reset"),
        ("PUT", "scenario"),
        ("GET", "clock"),
        ("PATCH", "clock"),
        ("POST", "drain"),
        ("PATCH", "dialect"),
        ("GET", "requests"),
        ("DELETE", "requests"),
        ("GET", "notifications"),
        ("GET", "mail"),
        ("POST", "events"),
        ("DELETE", "events/e1"),
    ]:
        error = plane.refused(method, path, status=404, sandbox="unknown")
        assert "unknown" in error["message"]
        plane.refused(method, path, status=404, sandbox="Not-A-Name")
    assert [each["name"] for each in plane.get("sandboxes")["data"]] == ["default"]


@pytest.mark.parametrize(
    "how",
    [
        {"sandbox": "a"},
        {"headers": {"X-Mock-Sandbox": "a"}},
        {"headers": {"Host": "a.localhost:8080"}},
        {"sandbox": "a", "headers": {"X-Mock-Sandbox": "b", "Host": "b.localhost"}},
    ],
)
def test_a_call_is_about_the_sandbox_that_it_names(plane: Plane, how: dict[str, Any]) -> None:
    plane.done("PUT", "sandboxes/a")
    plane.done("PUT", "sandboxes/b")
    plane.done("PATCH", "clock", {"advance": "PT1H"}, **how)
    assert plane.get("clock", **how)["now"] == NOW + 3600
    assert plane.get("clock")["now"] == plane.get("clock", sandbox="b")["now"] == NOW


def test_a_sandbox_that_a_client_made_can_be_seen(plane: Plane) -> None:
    plane.client.get("/_sandbox/mine/v3/webhooks")
    assert plane.get("sandboxes/mine")["name"] == "mine"
    assert len(plane.get("requests", sandbox="mine")["data"]) == 1


def test_nothing_of_a_removed_sandbox_arrives(plane_of: Callable[..., Plane], receiver: Receiver) -> None:
    plane = plane_of({**DOCUMENT, "webhooks": {"hook": {"url": receiver.url}}})
    plane.done("PUT", "sandboxes/a")
    receiver.on_delivery = lambda _: None
    query = {"configuration_id": DOCUMENT["configurations"]["intro"]["id"]}
    for half_hour in range(8):
        start = NOW + 86_400 + half_hour * 1800
        body = {
            "start_time": start,
            "end_time": start + 1800,
            "guest": {"name": "G", "email": "g@example.com"},
        }
        path = "/_sandbox/a/v3/scheduling/bookings"
        assert plane.client.post(path, json=body, query_string=query).status_code == 200
    plane.done("DELETE", "sandboxes/a")
    arrived = len(receiver.received)
    assert not receiver.hold(0.3)
    assert len(receiver.received) == arrived


@pytest.mark.parametrize(
    ("settings", "prefix", "host"),
    [
        ({"public_url": "http://127.0.0.1:9"}, "http://127.0.0.1:9/_sandbox/a", "http://a.localhost:9"),
        ({"public_url": "https://mock.example.test"}, "https://mock.example.test/_sandbox/a", None),
        (
            {"public_url": "https://mock.example.test", "sandbox_domain": "mock.example.test"},
            "https://mock.example.test/_sandbox/a",
            "https://a.mock.example.test",
        ),
    ],
)
def test_base_urls_follow_the_public_url(
    plane_of: Callable[..., Plane], settings: dict[str, Any], prefix: str, host: str | None
) -> None:
    plane = plane_of(settings=Settings(**settings))
    assert plane.done("PUT", "sandboxes/a")["base_urls"] == {"prefix": prefix, "host": host}


def test_there_may_be_too_many_sandboxes(plane: Plane) -> None:
    plane.app.sandboxes._limit = 2
    plane.done("PUT", "sandboxes/a")
    assert plane.refused("PUT", "sandboxes/b", status=429)["type"] == "rate_limit_error"
    plane.done("DELETE", "sandboxes/a")
    plane.done("PUT", "sandboxes/b")


def test_a_name_that_was_refused_is_not_remembered(plane: Plane) -> None:
    sandboxes = plane.app.sandboxes
    sandboxes._limit = 1
    plane.refused("PUT", "sandboxes/a", status=429)
    plane.client.get("/_sandbox/b/v3/webhooks")
    assert set(sandboxes._used) <= set(sandboxes.names())


def test_a_list_keeps_no_sandbox_alive(plane: Plane) -> None:
    plane.client.get("/_sandbox/mine/v3/webhooks")
    sandboxes = plane.app.sandboxes
    used = sandboxes._used["mine"]
    assert "mine" in [each["name"] for each in plane.get("sandboxes")["data"]]
    assert sandboxes._used["mine"] == used
    plane.get("sandboxes/mine")
    assert sandboxes._used["mine"] > used


def test_who_removes_a_sandbox_waits_for_the_mail_on_its_way(plane: Plane) -> None:
    plane.done("PUT", "sandboxes/a")
    sandbox = plane.app.sandboxes.find("a")
    assert sandbox is not None
    body = {"start_time": TEN, "end_time": TEN + 1800, "guest": {"name": "G", "email": "g@example.com"}}
    query = {"configuration_id": INTRO}
    path = "/_sandbox/a/v3/scheduling/bookings"
    assert plane.client.post(path, json=body, query_string=query).status_code == 200
    outbox, mail = sandbox.outbox, sandbox.outbox.mails[0]
    assert outbox.begin_smtp(mail)
    timer = threading.Timer(0.3, outbox.note_smtp, [mail, "sent"])
    timer.start()
    plane.done("DELETE", "sandboxes/a")
    assert mail.smtp == "sent"
    timer.join()
