"""Servers that are wrong about configurations."""

from dataclasses import replace
from typing import Any

from flask import request

from mockserver.domain import configuring
from mockserver.domain.world import World
from tests.conformance.mutants import mutant, ran


@mutant("BK-CONF-004", also=["BK-CONF-001"], kinds=["domain"])
def configurations_stay_as_they_are() -> None:
    """Changing a configuration answers as if, and changes nothing."""

    def spoiled(tx: Any, grant: Any, configuration_id: str, changes: Any) -> Any:
        ran()
        return configuring.find_configuration(tx.world, grant, configuration_id)

    configuring.replace_configuration = spoiled


@mutant("BK-CONF-004", also=["BK-CONF-001"], kinds=["domain"])
def deleted_configurations_are_found() -> None:
    """A configuration that was deleted can still be read."""
    deleted: dict[str, Any] = {}
    delete, find = configuring.delete_configuration, configuring.find_configuration

    def deleting(tx: Any, grant: Any, configuration_id: str) -> None:
        deleted[configuration_id] = find(tx.world, grant, configuration_id)
        delete(tx, grant, configuration_id)

    def finding(world: Any, grant: Any, configuration_id: str) -> Any:
        if configuration_id in deleted and request.method == "GET":
            ran()
            return deleted[configuration_id]
        return find(world, grant, configuration_id)

    configuring.delete_configuration, configuring.find_configuration = deleting, finding


@mutant("BK-CONF-005", kinds=["domain"])
def hosts_without_grants() -> None:
    """Whether a host has a grant isn't looked at."""
    _without_rule(configuring._grants)


@mutant("BK-CONF-005", also=["BK-CONF-002"], kinds=["domain"])
def nobody_to_book() -> None:
    """A configuration may be without anybody who could be booked."""
    _without_rule(configuring._participants)


@mutant("BK-CONF-006", kinds=["domain"])
def a_slug_for_two() -> None:
    """Two configurations may have the same slug."""
    check, put = configuring.check_configuration, World.put_configuration

    def spoiled(world: Any, grant: Any, body: Any, replacing: Any) -> None:
        ran()
        check(world, grant, {key: each for key, each in body.items() if key != "slug"}, replacing)

    def putting(world: World, configuration: Any) -> None:
        taken = configuration.slug in world.slugs
        put(world, replace(configuration, slug=None) if taken else configuration)

    configuring.check_configuration = spoiled
    World.put_configuration = putting  # type: ignore[method-assign]


@mutant("BK-PEND-013", kinds=["domain"])
def confirmation_without_a_page() -> None:
    """Organizers may have to confirm without there being a page for it."""
    _without_rule(configuring._confirmation_page)


def _without_rule(rule: Any) -> None:
    def spoiled(world: Any, body: Any) -> None:
        ran()

    configuring._RULES = tuple(spoiled if each is rule else each for each in configuring._RULES)
