"""A server process, a fresh sandbox of it for each test, and the SDK's client for that sandbox."""

import re
from collections.abc import Callable, Iterator

import pytest
from nylas import Client

from tests.support.answers import check_journal, every_session_checked
from tests.support.departures import departures
from tests.support.receiver import Receiver
from tests.support.remote import Remote, scenario_file
from tests.support.server import ServerProcess
from tests.support.worlds import API_KEY, DOCUMENT

ClientOf = Callable[[str], Client]

KNOWN_DEPARTURES = re.compile(
    r"\w+, query: (None|nothing) as (configuration_id|slug|client_id|timezone)"
    r"|(get|reschedule|cancel)Booking, query: timezone is unknown"
    r"|createBooking, body: \w+ expected .*, got null"
    "|rotateWebhookSecretByPut, body: there is none"
)
"""What this SDK sends beside the contract; docs/clients.md tells."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    scenario = scenario_file(tmp_path_factory.mktemp("sdk"), DOCUMENT)
    with ServerProcess("--self-check", "--scenario", scenario) as running:
        yield running
        assert "drifts from the contract" not in running.output
        assert "Traceback" not in running.output


@pytest.fixture
def world(
    server: ServerProcess, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Remote]:
    """A sandbox of its own. In the end everything that it answered has to have kept the contract."""
    monkeypatch.setenv("NO_PROXY", "*")
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower())[-40:]
    with every_session_checked() as answers, Remote(server.url, name) as remote:
        remote.control("PUT", f"sandboxes/{name}")
        yield remote
        journal = remote.journal()
        check_journal(journal)
        assert journal, "the SDK never came here"
        assert [each for each in departures(journal) if not KNOWN_DEPARTURES.fullmatch(each)] == []
        assert [each["id"] for each in journal] == [
            each.headers["X-Request-Id"] for each in answers if "/_mock/" not in each.url
        ]


@pytest.fixture
def client_of(world: Remote) -> ClientOf:
    """Makes the SDK's client for the sandbox, with a given key: the API key or a session."""
    return lambda key: Client(key, world.url, timeout=20)


@pytest.fixture
def client(client_of: ClientOf) -> Client:
    return client_of(API_KEY)


@pytest.fixture
def receiver(client: Client) -> Iterator[Receiver]:
    """A receiver of all booking notifications, registered through the SDK; its signatures are checked."""
    with Receiver() as receiver:
        made = client.webhooks.create(
            {
                "webhook_url": receiver.url,
                "trigger_types": [
                    "booking.created",
                    "booking.pending",
                    "booking.rescheduled",
                    "booking.cancelled",
                ],
            }
        )
        receiver.trust(made.data.webhook_secret)
        yield receiver
        assert all(delivery.verified for delivery in receiver.received)
