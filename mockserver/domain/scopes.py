"""Which provider scopes an operation needs on the grant whose calendar it writes to.

The table is documented ("Bookings scopes"); PUT is not in it and is treated as POST. Providers without a
column there are not checked.
"""

from mockserver.domain.errors import refuse
from mockserver.domain.world import Grant

PREFIXES = ("https://www.googleapis.com/auth", "https://graph.microsoft.com", "https://graph.microsoft.com/")
WRITING = {
    "google": frozenset({"calendar.events", "calendar"}),
    "microsoft": frozenset({"calendars.readwrite"}),
}


def require_writing(grant: Grant) -> None:
    """Raise Refusal `insufficient_scopes` unless the grant may write events. Scopes: full or shortened."""
    enough = WRITING.get(grant.provider)
    if enough is None or grant.scopes is None:
        return
    if not any(_short(scope) in enough for scope in grant.scopes):
        raise refuse("insufficient_scopes")


def _short(scope: str) -> str:
    for prefix in PREFIXES:
        scope = scope.removeprefix(prefix)
    return scope.strip("/").lower()
