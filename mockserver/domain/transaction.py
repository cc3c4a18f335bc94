"""What one operation works with: the world, the time, the ids, the dialect, and what it sets off."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.domain.dialect import Dialect
from mockserver.domain.ids import Ids
from mockserver.domain.world import World


@dataclass(frozen=True, slots=True)
class Announcement:
    """A notification to be sent once the transaction is committed. `object` is `data.object`."""

    trigger: str
    grant_id: str
    object: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to be sent once the transaction is committed. `links` by purpose: confirm, decline, …"""

    type: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Transaction:
    """One operation on the world. `now` is the sandbox's time in Unix seconds, the same throughout."""

    world: World
    now: int
    ids: Ids
    dialect: Dialect = field(default_factory=Dialect)
    announcements: list[Announcement] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
