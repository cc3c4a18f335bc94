"""Local names for what is in a world, and the references by which steps name it."""

from collections.abc import Iterable, Mapping

from mockserver.recording.masking import Bare, Mask
from mockserver.sandbox.snapshot import Snapshot

SECTIONS = ("grants", "configurations", "sessions", "bookings", "webhooks")
KINDS = {
    "grants": "person",
    "configurations": "configuration",
    "sessions": "session",
    "bookings": "booking",
    "webhooks": "webhook",
}
"""What entries without a name of their own are called, numbered."""


class Names:
    """The local names of a world by section and id."""

    def __init__(self, snapshot: Snapshot, mask: Mask) -> None:
        """Names of the scenario stay, unless they tell who somebody is."""
        self._by_id: dict[str, dict[str, str]] = {}
        present: Mapping[str, Iterable[str]] = {
            "grants": [each.id for each in snapshot.grants],
            "configurations": snapshot.configurations,
            "sessions": snapshot.sessions,
            "bookings": snapshot.bookings,
            "webhooks": snapshot.webhooks,
        }
        people = {each.id: (each.email, each.name) for each in snapshot.grants}
        for section in SECTIONS:
            known = {id: name for name, id in snapshot.names.get(section, {}).items()}
            if section == "grants" and not isinstance(mask, Bare):
                known = {
                    id: name for id, name in known.items() if not _tells(name, *people.get(id, ("", "")))
                }
            self._by_id[section] = _named(KINDS[section], present[section], known)

    def of(self, section: str, id: str) -> str:
        """The local name of an entry. Raises KeyError."""
        return self._by_id[section][id]


def _named(kind: str, ids: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    taken = set(known.values())
    found: dict[str, str] = {}
    number = 0
    for id in ids:
        if id in known:
            found[id] = known[id]
            continue
        number += 1
        while f"{kind}-{number}" in taken:
            number += 1
        found[id] = f"{kind}-{number}"
    return found


def _tells(local: str, email: str, name: str) -> bool:
    """Whether a local name is made of somebody's name or address."""
    local = local.lower()
    words = [*email.lower().partition("@")[0].replace(".", " ").split(), *name.lower().split()]
    return any(word in local or local in word for word in words if len(word) > 1)
