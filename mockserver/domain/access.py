"""Who may call: from a bearer token and the ids in a query to the configuration that is meant.

Documented per operation; what no source says about wrong credentials is settled in `docs/decisions.md`.
"""

import hmac
from dataclasses import dataclass

from mockserver.domain.configuration import Configuration
from mockserver.domain.errors import refuse
from mockserver.domain.reference import is_uuid
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Grant, Session


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request brought along. None where it brought nothing usable."""

    bearer: str | None = None
    configuration_id: str | None = None
    slug: str | None = None
    client_id: str | None = None


def require_api_key(tx: Transaction, credentials: Credentials) -> None:
    """Raise Refusal `unauthorized` unless the bearer token is the application's API key."""
    if not _is_api_key(tx, credentials.bearer):
        raise refuse("unauthorized")


def grant_at(tx: Transaction, identifier: str) -> Grant:
    """The grant that a path names by id or e-mail address. Raises Refusal `not_found`."""
    grant = tx.world.grant(identifier)
    if grant is None:
        raise refuse("not_found")
    return grant


def configuration_for(tx: Transaction, credentials: Credentials) -> Configuration:
    """The configuration that a scheduling call works with. Raises Refusal.

    A live session decides, whatever the query says; otherwise a public configuration is named by its id or
    by its slug.
    """
    session = _live_session(tx, credentials.bearer)
    if session is not None:
        configuration = tx.world.configurations.get(session.configuration_id)
        if configuration is None:
            raise refuse("not_found")
        return configuration
    if credentials.bearer is not None and tx.dialect.api_key_on_bookings == "rejected":
        raise refuse("unauthorized")
    configuration = _named(tx, credentials)
    if configuration.requires_session_auth:
        raise refuse("unauthorized")
    return configuration


def _named(tx: Transaction, credentials: Credentials) -> Configuration:
    if credentials.configuration_id is not None:
        if not is_uuid(credentials.configuration_id):
            raise refuse("malformed_id", "configuration_id: expected a UUID")
        configuration_id: str | None = credentials.configuration_id.lower()
    elif credentials.slug is not None:
        if credentials.client_id not in (None, tx.world.application.client_id):
            raise refuse("not_found")
        configuration_id = tx.world.slugs.get(credentials.slug)
    else:
        raise refuse("unauthorized")
    configuration = tx.world.configurations.get(configuration_id or "")
    if configuration is None:
        raise refuse("not_found")
    return configuration


def _live_session(tx: Transaction, bearer: str | None) -> Session | None:
    """The session that the bearer token is. One that only looks like a session is refused."""
    if bearer is None or not is_uuid(bearer) or _is_api_key(tx, bearer):
        return None
    session = tx.world.sessions.get(bearer)
    if session is None or session.expires_at <= tx.now:
        raise refuse("invalid_session")
    return session


def _is_api_key(tx: Transaction, bearer: str | None) -> bool:
    return bearer is not None and hmac.compare_digest(
        bearer.encode(errors="surrogateescape"), tx.world.application.api_key.encode()
    )
