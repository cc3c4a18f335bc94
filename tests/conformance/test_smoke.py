"""What a run begins with: is there something that can be tested, and how is it asked?"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.settings import Settings
from conformance.smoke import CouldNotTest, smoke
from conformance.strangers.limits import Limits, Window
from conformance.suite import run
from conformance.target import Target
from tests.conformance.harness import conformance_server, red, settings_for
from tests.support.server import ServerProcess


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with conformance_server() as running:
        yield running


@pytest.fixture
def by_slug(server: ServerProcess, tmp_path: Path) -> Settings:
    """What somebody knows who has a page's slug and nothing else."""
    known = settings_for(server.url, tmp_path / "ledger.jsonl", "core", checks_only=True)
    return replace(
        known, api_key=None, grants=(), configurations={"": ("slug:direct",)}, bookings={}, listen=None
    )


@pytest.mark.slow
def test_a_configuration_is_tested_by_its_slug(by_slug: Settings) -> None:
    outcome = run(by_slug)
    assert red(outcome) == set()
    booked = [each for each in outcome.verdict.rulings if each.clause.id == "BK-CREATE-002"]
    assert [str(each.status) for each in booked] == ["pass"]


def test_a_page_by_slug_is_asked_by_slug(by_slug: Settings) -> None:
    target = Target(by_slug)
    smoke(target)
    (page,) = target.pages
    assert target.about(page) == {"query": {"slug": "direct", "client_id": by_slug.client_id}}
    assert page.id != "slug:direct"
    target.close()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"client_id": None}, "--client-id"),
        ({"configurations": {"": ("slug:nowhere",)}}, "slug nowhere"),
        ({"configurations": {}}, "nothing to test with"),
        ({"base_url": "http://127.0.0.1:1", "use_control": False}, "127.0.0.1"),
        ({"limits": Limits(window=Window(3000, 3001), allow_writes=True)}, "--window"),
        ({"limits": Limits()}, "--allow-writes"),
    ],
)
def test_what_keeps_a_run_from_beginning_is_told(
    by_slug: Settings, changes: dict[str, object], told: str
) -> None:
    target = Target(replace(by_slug, **changes))  # type: ignore[arg-type]
    with pytest.raises(CouldNotTest, match=told):
        smoke(target)
    target.close()


def test_a_wrong_key_is_no_verdict(server: ServerProcess, tmp_path: Path) -> None:
    settings = settings_for(server.url, tmp_path / "ledger.jsonl", api_key="nyk_v0_wrong")
    with pytest.raises(CouldNotTest, match="API key is refused"):
        run(settings)
