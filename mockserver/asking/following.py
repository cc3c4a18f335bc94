"""Following the notifications of a running server: each once, across resets and restarts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any

from mockserver.asking.connection import NoAnswer, Refused, Server

WAIT = 25
"""Seconds that a question waits for an answer."""

TRIAL = 1
"""Seconds that a notification is held back until the webhooks have been tried."""

RETRY = 0.5
"""Seconds between two questions to a server that is gone, or that has no room for one more to wait."""

BEGAN_ANEW = "the world began anew"


@dataclass(frozen=True, slots=True)
class News:
    """A notification, and how it stands with each webhook: `webhook_id`, `url`, `status`."""

    id: str
    type: str
    created_at: int
    payload: Mapping[str, Any]
    deliveries: tuple[Mapping[str, Any], ...]


def follow(server: Server, tell: Callable[[str], None], stopped: Event) -> Iterator[News]:
    """Each notification from now on, as it happens, until `stopped`.

    `tell` hears that it began, and of losing the server, finding it again and resets. Raises NoAnswer or
    Refused when the server can't be asked at the beginning, later only for a wrong token.
    """
    cursor = str(server.get("notifications", {"after": "now"})["cursor"])
    tell("listening")
    seen: set[str] = set()
    lost = False
    while not stopped.is_set():
        began = monotonic()
        try:
            answer = _ask(server, cursor)
        except (NoAnswer, Refused) as error:
            if isinstance(error, Refused) and error.status not in (404, 503):
                raise
            if not lost:
                tell(f"lost: {error.message}; waiting for it")
            lost = True
            stopped.wait(RETRY)
            continue
        if lost:
            tell("found again")
            lost = False
        if _world(answer["cursor"]) != _world(cursor):
            tell(BEGAN_ANEW)
            seen.clear()
        cursor = answer["cursor"]
        for news in _grouped(answer["data"]):
            if news.id not in seen:  # a redelivery to another webhook is no news
                seen.add(news.id)
                yield news
        if not answer["data"] and monotonic() - began < RETRY:
            stopped.wait(RETRY)


def _ask(server: Server, cursor: str) -> Any:
    """What came after the cursor, waited for; a moment longer if the webhooks haven't been tried yet."""
    query = {"after": cursor, "wait": str(WAIT), "tried": "false"}
    answer = server.get("notifications", query, seconds=WAIT + 30)
    if any(each["status"] == "queued" for each in answer["data"]):
        return server.get("notifications", {"after": cursor, "wait": str(TRIAL)})
    return answer


def _world(cursor: str) -> str:
    return cursor.partition(".")[0]


def _grouped(rows: list[dict[str, Any]]) -> Iterator[News]:
    """The rows of each notification together, in the order of their first."""
    by_id: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_id.setdefault(row["id"], []).append(row)
    for id, same in by_id.items():
        deliveries = tuple(
            {key: each[key] for key in ("webhook_id", "url", "status")}
            for each in same
            if each["webhook_id"] is not None
        )
        first = same[0]
        yield News(id, first["type"], first["created_at"], first["payload"], deliveries)
