"""A server with room for thousands of bookings, and where its webhooks may point."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.schemathesis.target import Access
from tests.support.receiver import Receiver
from tests.support.server import ServerProcess

ROOT = Path(__file__).resolve().parents[2]
WORLD = Path(__file__).with_name("world.yaml")

ServerOf = Callable[..., AbstractContextManager[Access]]


@pytest.fixture(scope="session")
def contract() -> Any:
    """The contract as it stands in the file."""
    return yaml.safe_load((ROOT / "contracts" / "openapi.yaml").read_bytes())


@pytest.fixture(scope="session")
def server_of() -> ServerOf:
    """Starts a server, the real one unless a command is given, and says how it is reached."""

    @contextmanager
    def start(*command: str) -> Iterator[Access]:
        world = yaml.safe_load(WORLD.read_bytes())
        hosts = tuple(grant["email"] for grant in world["grants"].values())
        options = ("--self-check", "--scenario", str(WORLD))
        with Receiver() as receiver, ServerProcess(*options, command=command or None, cwd=ROOT) as server:
            yield Access(
                url=server.url,
                api_key=world["application"]["api_key"],
                client_id=world["application"]["client_id"],
                grant=hosts[0],
                hosts=hosts,
                webhook_url=receiver.url,
                now=int(world["clock"]["now"].timestamp()),
            )

    return start
