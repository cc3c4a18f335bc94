"""What the double may not do: listen, leave threads behind, or import much before it is used."""

import gc
import socket
import subprocess
import sys
import threading
import weakref

import pytest
import requests

from mockserver.testing import NylasMock
from tests.support.worlds import DOCUMENT
from tests.testing.calls import book

HEAVY = {
    "flask",
    "werkzeug",
    "requests",
    "responses",
    "httpx",
    "jsonschema",
    "yaml",
    "jinja2",
    "schemathesis",
}


def test_no_socket_is_made_and_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a socket")

    before = threading.enumerate()
    started: list[str] = []
    genuine = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        started.append(thread.name)
        genuine(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    for what in ("connect", "connect_ex", "bind", "listen"):
        monkeypatch.setattr(socket.socket, what, forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    entry = DOCUMENT["configurations"]["intro"]
    reminders = [{"type": "webhook", "minutes_before_event": 60}]
    event = {**entry["body"]["event_booking"], "reminders": reminders}
    document = {
        **DOCUMENT,
        "clock": {"mode": "real"},
        "configurations": {"intro": {**entry, "body": {**entry["body"], "event_booking": event}}},
    }
    with NylasMock(document, on_notification=lambda told: 503) as nylas:
        book(nylas, slot=10)
        nylas.subscribe("https://shop.test/hook")
        book(nylas, slot=20)
        nylas.advance(days=20)
        assert nylas.notifications.of("booking.reminder")
    assert (started, threading.enumerate()) == ([], before)


def test_answers_are_not_kept_for_the_double_s_whole_life() -> None:
    with NylasMock(DOCUMENT) as nylas:
        answer = weakref.ref(requests.get(f"{nylas.api_url}/v3/scheduling/configurations", timeout=5))
        gc.collect()
        assert answer() is None
        assert nylas.requests.one().path == "/v3/scheduling/configurations"


def imported(program: str) -> set[str]:
    """The modules that a fresh interpreter has imported after a program."""
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{program}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(said.stdout.split())


@pytest.mark.parametrize(
    "program",
    [
        "import mockserver.testing",
        "from mockserver.testing import NylasMock, Booking, Records; NylasMock('private')",
        "import mockserver.testing.plugin",
    ],
)
def test_importing_it_imports_little(program: str) -> None:
    found = imported(program)
    assert not found & HEAVY
    ours = {each.split(".")[1] for each in found if each.startswith("mockserver.")}
    assert ours == {"testing"}


def test_the_plugin_imports_nothing_of_the_double() -> None:
    found = {each for each in imported("import mockserver.testing.plugin") if each.startswith("mockserver.")}
    assert found == {"mockserver.testing", "mockserver.testing.plugin"}


def test_using_it_imports_no_suite() -> None:
    found = imported("from mockserver.testing import NylasMock\nwith NylasMock() as nylas: nylas.bookings")
    assert not found & {"schemathesis", "hypothesis", "pytest", "conformance", "granian"}
