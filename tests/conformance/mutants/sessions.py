"""Servers that are wrong about sessions."""

from dataclasses import replace
from typing import Any

from flask import request

from mockserver.api import bookings as bookings_view
from mockserver.api import sessions as view
from mockserver.domain import access, configuring, sessions
from mockserver.domain.errors import Refusal, refuse
from tests.conformance.mutants import mutant, ran

MINUTE = 60


@mutant("BK-SESS-001", kinds=["domain"])
def no_session_by_slug() -> None:
    """Sessions are opened by id only."""
    create = sessions.create_session

    def spoiled(tx: Any, configuration_id: Any, slug: Any, minutes: Any) -> Any:
        if configuration_id is None:
            ran()
            raise refuse("malformed_body", "configuration_id: missing")
        return create(tx, configuration_id, slug, minutes)

    sessions.create_session = spoiled


@mutant("BK-SESS-002", kinds=["domain"])
def a_session_for_nothing() -> None:
    """A body that names nothing, or nothing sensible, opens a session for the first configuration."""
    json_body = view.json_body

    def spoiled() -> dict[str, Any]:
        try:
            return json_body()
        except Refusal:
            ran()
            world = view.current_sandbox().world
            return {"configuration_id": next(iter(world.configurations))}

    view.json_body = spoiled


@mutant("BK-SESS-003", kinds=["auth"])
def anybody_opens_sessions() -> None:
    """Sessions are opened without the API key."""
    _no_key("POST")


@mutant("BK-SESS-003", kinds=["auth"])
def anybody_closes_sessions() -> None:
    """Sessions are closed without the API key."""
    _no_key("DELETE")


@mutant("BK-SESS-004", kinds=["domain", "time"])
def minutes_are_seconds() -> None:
    """`time_to_live` is taken for seconds."""
    _spoil_lifetime(lambda minutes: None if minutes is None else minutes / MINUTE)


@mutant("BK-SESS-004", kinds=["domain", "time"])
def a_session_lives_twice_as_long() -> None:
    """A session lives for twice its `time_to_live`."""
    _spoil_lifetime(lambda minutes: None if minutes is None else minutes * 2)


@mutant("BK-SESS-004", "BK-SESS-005", kinds=["domain", "time"])
def use_prolongs_a_session() -> None:
    """Whenever a session is used its time begins anew."""
    live_session = access._live_session

    def spoiled(tx: Any, bearer: Any) -> Any:
        session = live_session(tx, bearer)
        if session is not None:
            ran()
            session = replace(session, expires_at=max(session.expires_at, tx.now + 2 * MINUTE))
            tx.world.sessions.put(session.id, session)
        return session

    access._live_session = spoiled


@mutant("BK-SESS-005", kinds=["domain", "time"])
def half_an_hour_by_default() -> None:
    """Without `time_to_live` a session lives for half an hour."""
    _spoil_lifetime(lambda minutes: 30 if minutes is None else minutes)


@mutant("BK-SESS-006", kinds=["domain"])
def closed_sessions_live_on() -> None:
    """Closing a session answers as if, and does nothing."""

    def spoiled(tx: Any, session_id: str) -> None:
        ran()

    sessions.delete_session = spoiled


@mutant("BK-SESS-007", also=["BK-SESS-002"], kinds=["domain", "time"])
def as_long_as_you_like() -> None:
    """A session lasts for as long as it is asked to."""
    json_body = view.json_body

    def spoiled() -> dict[str, Any]:
        body = request.get_json()
        minutes = body.get("time_to_live") if isinstance(body, dict) else None
        if isinstance(minutes, int) and minutes > 30:
            ran()
            return dict(body)
        return json_body()

    view.json_body = spoiled


@mutant("BK-SESS-008", also=["BK-MOVE-001"], kinds=["auth"])
def sessions_move_nothing() -> None:
    """A booking can't be moved with a session."""
    configuration_for = access.configuration_for

    def spoiled(tx: Any, credentials: Any) -> Any:
        configuration = configuration_for(tx, credentials)
        if request.method == "PATCH" and credentials.bearer is not None:
            ran()
            raise refuse("unauthorized")
        return configuration

    bookings_view.configuration_for = spoiled


@mutant("BK-SESS-010", kinds=["domain"])
def sessions_keep_nothing() -> None:
    """A configuration is deleted even though there are sessions for it."""

    def spoiled(tx: Any, grant: Any, configuration_id: str) -> None:
        ran()
        configuration = configuring.find_configuration(tx.world, grant, configuration_id)
        tx.world.remove_configuration(configuration.id)

    configuring.delete_configuration = spoiled


def _no_key(method: str) -> None:
    require = view.require_api_key

    def spoiled(tx: Any, credentials: Any) -> None:
        if request.method == method:
            ran()
            return
        require(tx, credentials)

    view.require_api_key = spoiled


def _spoil_lifetime(change: Any) -> None:
    create = sessions.create_session

    def spoiled(tx: Any, configuration_id: Any, slug: Any, minutes: Any) -> Any:
        ran()
        return create(tx, configuration_id, slug, change(minutes))

    sessions.create_session = spoiled
