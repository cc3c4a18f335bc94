"""Servers that let the wrong callers in, or keep the right ones out."""

from dataclasses import replace
from typing import Any

from flask import request

from mockserver.api import availability as availability_view
from mockserver.api import bookings as bookings_view
from mockserver.domain import access
from mockserver.domain.errors import refuse
from tests.conformance.mutants import mutant, ran


@mutant(
    "BK-AUTH-001",
    also=["BK-AVAIL-005", "BK-AUTH-002", "BK-UI-004", "BK-CANCEL-004", "BK-READ-003", "BK-SCOPE-004"],
    kinds=["auth", "domain"],
)
def questions_need_a_key() -> None:
    """A public configuration that asks questions is answered only with an API key."""

    def change(tx: Any, credentials: Any, configuration: Any) -> Any:
        if configuration.additional_fields and credentials.bearer is None:
            ran()
            raise refuse("unauthorized")
        return configuration

    _spoil(change)


@mutant(
    "BK-AUTH-002",
    also=["BK-AVAIL-005", "BK-CANCEL-002", "BK-CREATE-003", "BK-MOVE-006", "BK-PEND-005", "BK-READ-007"],
    kinds=["auth", "domain"],
)
def slugs_lead_astray() -> None:
    """Every slug names the configuration that was made last."""

    def change(tx: Any, credentials: Any, configuration: Any) -> Any:
        if credentials.slug is None or credentials.configuration_id is not None:
            return configuration
        ran()
        public = [
            each for each in tx.world.configurations.values() if each.duration != configuration.duration
        ]
        return public[0]

    _spoil(change)


@mutant("BK-AUTH-004", kinds=["auth", "domain"])
def any_configuration_will_do() -> None:
    """Whoever names no configuration that exists gets the first one."""
    named = access._named

    def spoiled(tx: Any, credentials: Any) -> Any:
        known = credentials.slug or credentials.configuration_id in tx.world.configurations
        if known:
            return named(tx, credentials)
        ran()
        return next(iter(tx.world.configurations.values()))

    access._named = spoiled


@mutant("BK-AUTH-005", also=["BK-SESS-008", "BK-AUTH-008", "BK-AVAIL-005"], kinds=["auth", "domain"])
def a_session_is_not_enough() -> None:
    """A session needs the configuration's id beside it."""

    def change(tx: Any, credentials: Any, configuration: Any) -> Any:
        if configuration.requires_session_auth and credentials.configuration_id is None:
            ran()
            raise refuse("unauthorized")
        return configuration

    _spoil(change)


@mutant("BK-AUTH-006", also=["BK-AUTH-007"], kinds=["auth", "domain"])
def private_is_a_word() -> None:
    """A private configuration is used by its id like any other."""
    named = access._named

    def spoiled(tx: Any, credentials: Any) -> Any:
        configuration = named(tx, credentials)
        if configuration.requires_session_auth:
            ran()
        return replace(configuration, requires_session_auth=False)

    access._named = spoiled


@mutant("BK-AUTH-006", also=["BK-AUTH-007"], kinds=["auth", "domain"])
def private_by_slug() -> None:
    """A private configuration is used without a session by whoever knows its slug."""
    named = access._named

    def spoiled(tx: Any, credentials: Any) -> Any:
        configuration = named(tx, credentials)
        if credentials.slug is None or credentials.configuration_id is not None:
            return configuration
        ran()
        return replace(configuration, requires_session_auth=False)

    access._named = spoiled


@mutant("BK-AUTH-006", kinds=["auth"])
def private_bookings_read_by_anybody() -> None:
    """The bookings of a private configuration are read without a session."""
    named = access._named

    def spoiled(tx: Any, credentials: Any) -> Any:
        configuration = named(tx, credentials)
        reading = request.method == "GET" and "/bookings/" in request.path
        if not configuration.requires_session_auth or not reading:
            return configuration
        ran()
        return replace(configuration, requires_session_auth=False)

    access._named = spoiled


def _spoil(change: Any) -> None:
    """Spoil what a request's credentials lead to, wherever that is asked."""
    configuration_for = access.configuration_for

    def spoiled(tx: Any, credentials: Any) -> Any:
        return change(tx, credentials, configuration_for(tx, credentials))

    for view in (availability_view, bookings_view):
        view.configuration_for = spoiled
