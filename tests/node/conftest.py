"""A server process, a process with the Node SDK, and for each test a fresh sandbox."""

import re
from collections.abc import Iterator

import pytest

from tests.node.sdk import Node, Nylas
from tests.support.answers import check_journal
from tests.support.departures import departures
from tests.support.npm import need_packages
from tests.support.receiver import Receiver
from tests.support.remote import Remote, scenario_file
from tests.support.server import ServerProcess
from tests.support.worlds import API_KEY, DOCUMENT

KNOWN_DEPARTURES = re.compile(
    r"\w+, query: (undefined|nothing) as (configuration_id|slug|client_id|booking_id)"
    "|rotateWebhookSecret, body: there is none"
)
"""What this SDK sends beside the contract; docs/clients.md tells."""


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    need_packages("tests/node")
    with Node() as running:
        yield running


@pytest.fixture(scope="session")
def server(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    scenario = scenario_file(tmp_path_factory.mktemp("node"), DOCUMENT)
    with ServerProcess("--self-check", "--scenario", scenario) as running:
        yield running
        assert "drifts from the contract" not in running.output
        assert "Traceback" not in running.output


@pytest.fixture
def world(server: ServerProcess, request: pytest.FixtureRequest) -> Iterator[Remote]:
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower())[-40:]
    with Remote(server.url, name) as remote:
        remote.control("PUT", f"sandboxes/{name}")
        yield remote


@pytest.fixture
def nylas(node: Node, world: Remote) -> Iterator[Nylas]:
    """The SDK's client for the sandbox. In the end all its traffic has to have kept the contract."""
    client = Nylas(node, world.url, API_KEY)
    yield client
    journal = world.journal()
    check_journal(journal)
    assert journal, "the SDK never came here"
    struck = [each["id"] for each in journal if "fault" in each]
    answered = [each["id"] for each in journal if "fault" not in each]
    assert [each for each in client.request_ids if each not in struck] == answered
    assert [each for each in departures(journal) if not KNOWN_DEPARTURES.fullmatch(each)] == []


@pytest.fixture
def receiver(nylas: Nylas) -> Iterator[Receiver]:
    """A receiver of all booking notifications, registered through the SDK; its signatures are checked."""
    triggers = ["booking.created", "booking.pending", "booking.rescheduled", "booking.cancelled"]
    with Receiver() as receiver:
        body = {"webhookUrl": receiver.url, "triggerTypes": triggers}
        made = nylas.call("webhooks.create", requestBody=body)["data"]
        receiver.trust(made["webhookSecret"])
        yield receiver
        assert all(delivery.verified for delivery in receiver.received)
