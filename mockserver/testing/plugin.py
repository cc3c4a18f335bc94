"""The pytest plugin: `nylas_mock`, `nylas_server` and `webhook_receiver`.

It is loaded wherever the package is installed, so it imports next to nothing before a fixture is used.
"""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.testing.mock import NylasMock
    from mockserver.testing.receiver import WebhookReceiver
    from mockserver.testing.server import NylasServer

MARKER = "nylas_scenario"
OPTIONS = ("scenario", "base_url", "other_hosts", "on_notification", "deliver_at_once")
BESIDE = ("webhook_receiver", "nylas_server")
"""The fixtures that a test with `nylas_mock` may talk to, though other hosts are refused."""

GIVEN = pytest.StashKey["NylasMock"]()
"""The double of a test, for fixtures that fail before the test has it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(MARKER, "the scenario of nylas_mock and nylas_server: a packaged one's name, or a path")
    parser.addini("nylas_other_hosts", "requests of nylas_mock's tests to other hosts: refuse or pass")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARKER}(scenario=None, *, other_hosts, base_url, on_notification, deliver_at_once): "
        "what nylas_mock begins with; the scenario is a packaged one's name, a path, or data",
    )


@pytest.fixture
def nylas_mock(request: pytest.FixtureRequest) -> "Iterator[NylasMock]":
    """The provider inside this process, for `requests`, `httpx` and the Python SDK; fresh for each test."""
    from mockserver.testing.mock import NylasMock

    with NylasMock(**_options(request)).running() as mock:
        for name in BESIDE:
            if name in request.fixturenames:
                mock.let_pass(_address(request.getfixturevalue(name).url))
        request.node.stash[GIVEN] = mock
        yield mock


@pytest.fixture(scope="session")
def nylas_server(request: pytest.FixtureRequest) -> "Iterator[NylasServer]":
    """A real server on a free port, for browsers and other languages; one for all tests of a process."""
    from mockserver.testing.server import NylasServer

    scenario = request.config.getini(MARKER)
    options = () if not scenario else ("--scenario", str(_found(scenario, request.config.rootpath)))
    with NylasServer(*options) as server:
        yield server


@pytest.fixture
def webhook_receiver() -> "Iterator[WebhookReceiver]":
    """A real receiver of notifications on this machine, which verifies their signatures."""
    from mockserver.testing.receiver import WebhookReceiver

    with WebhookReceiver() as receiver:
        yield receiver


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """A test fails when its receiver of notifications did."""
    result = yield
    for mock in _mocks(pyfuncitem):
        mock.check()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed, or a fixture before it, shows what its double saw and did."""
    report = yield
    if report.failed and report.when != "teardown":
        for mock in _mocks(item):
            report.sections.append(("nylas_mock", mock.report()))
    return report


def _mocks(item: pytest.Item) -> "list[NylasMock]":
    """The doubles that a test was given, by this fixture or by one of its own."""
    given = list(getattr(item, "funcargs", {}).values())
    if GIVEN in item.stash and not any(each is item.stash[GIVEN] for each in given):
        given.append(item.stash[GIVEN])
    return [each for each in given if type(each).__module__ == "mockserver.testing.mock" and each.started]


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the nearest marker says, and where it doesn't, the settings. Raises UsageError."""
    config = request.config
    settings = {"scenario": config.getini(MARKER), "other_hosts": config.getini("nylas_other_hosts")}
    marker = request.node.get_closest_marker(MARKER)
    folder = config.rootpath
    given: dict[str, Any] = {}
    if marker is not None:
        given = dict(marker.kwargs)
        if marker.args:
            given["scenario"] = marker.args[0]
        unknown = [key for key in given if key not in OPTIONS]
        if unknown or len(marker.args) > 1:
            what = ", ".join(unknown) or f"{len(marker.args)} scenarios"
            raise pytest.UsageError(
                f"{MARKER}: expected one scenario and {', '.join(OPTIONS[1:])}, got {what}"
            )
        if "scenario" in given:
            folder = request.path.parent
    chosen = {**{key: value for key, value in settings.items() if value}, **given}
    if isinstance(chosen.get("scenario"), str | os.PathLike):
        chosen["scenario"] = _found(chosen["scenario"], folder)
    return chosen


def _found(scenario: str | os.PathLike[str], folder: Path) -> str | os.PathLike[str]:
    """A scenario's path if there is one of that name beside the test or the settings, else its name."""
    path = folder / scenario
    return path if path.exists() else scenario


def _address(url: str) -> str:
    """Scheme, host and port of a URL, and a slash."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/"
