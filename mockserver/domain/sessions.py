"""Sessions, with which a private configuration is booked."""

from itertools import islice

from mockserver.domain.errors import refuse
from mockserver.domain.reference import is_uuid
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Session

DEFAULT_MINUTES = 5

LOOKED_AT = 8
"""How many of the oldest sessions are looked at for each new one; those that have expired are dropped."""


def create_session(
    tx: Transaction, configuration_id: str | None, slug: str | None, minutes: float | None
) -> Session:
    """A session for a configuration, named by id or slug, that lives for some minutes. Raises Refusal."""
    if configuration_id is not None and not is_uuid(configuration_id):
        raise refuse("malformed_id", "configuration_id: expected a UUID")
    if configuration_id is None and slug is None:
        raise refuse("malformed_body", "configuration_id: expected it, or slug")
    found = (
        (configuration_id or "").lower() if configuration_id is not None else tx.world.slugs.get(slug or "")
    )
    configuration = tx.world.configurations.get(found or "")
    if configuration is None:
        raise refuse("not_found")
    if tx.dialect.session_for_public_configuration == "rejected" and not configuration.requires_session_auth:
        raise refuse("session_not_needed")
    _drop_expired(tx)
    lifetime = int((DEFAULT_MINUTES if minutes is None else minutes) * 60)
    session = Session(tx.ids.uuid("session"), configuration.id, tx.now + lifetime)
    tx.world.sessions.put(session.id, session)
    return session


def delete_session(tx: Transaction, session_id: str) -> None:
    """End a session. Raises Refusal `not_found`."""
    session = tx.world.sessions.get(session_id)
    if session is None or session.expires_at <= tx.now:
        raise refuse("not_found")
    tx.world.sessions.remove(session_id)


def _drop_expired(tx: Transaction) -> None:
    oldest = list(islice(tx.world.sessions.values(), LOOKED_AT))
    for session in oldest:
        if session.expires_at <= tx.now:
            tx.world.sessions.remove(session.id)
