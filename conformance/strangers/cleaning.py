"""Takes back what the ledger says was left on a target."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.strangers.caller import Caller, Unreachable
from conformance.strangers.exchange import Exchange
from conformance.strangers.ledger import Entry, Ledger

GONE = (404, 410)


@dataclass(frozen=True)
class Cleaned:
    """What became of one entry: `problem` is empty when nothing active is left of it."""

    entry: Entry
    problem: str = ""


def clean(caller: Caller, ledger: Ledger, api_key: str | None) -> Iterator[Cleaned]:
    """Delete everything that is left on the caller's target, newest first.

    What was cancelled stays on record at the target; nothing active is left.
    """
    for entry in ledger.left(caller.base_url):
        try:
            problem = _problem(_deleted(caller, entry, api_key))
        except Unreachable as error:
            problem = str(error)
        if not problem:
            ledger.gone(entry.target, entry.kind, entry.id)
        yield Cleaned(entry, problem)


def _deleted(caller: Caller, entry: Entry, api_key: str | None) -> Exchange:
    query = dict(entry.query)
    bearer = api_key if entry.kind != "booking" else None
    if entry.private:
        body = {key: value for key, value in query.items() if key in ("configuration_id", "slug")}
        opened = caller.call("POST", "/v3/scheduling/sessions", body=body, bearer=api_key)
        if not isinstance(opened.data, dict):
            return opened
        bearer, query = str(opened.data.get("session_id")), {}
        caller.secrets.add("SESSION", bearer)
    return caller.call("DELETE", entry.path, query=query, bearer=bearer)


def _problem(answer: Exchange) -> str:
    already = answer.status == 400 and "cancel" in answer.message.lower()
    if answer.status in (200, 204, *GONE) or already:
        return ""
    return f"{answer.status} {answer.message}".strip()
