"""Outcomes of runs that never took place."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from conformance.clauses import clauses
from conformance.commands.wishes import Wishes, redacted
from conformance.deviations import Deviation, deviations_in
from conformance.findings import Findings
from conformance.report.document import Document, document_of
from conformance.settings import Settings
from conformance.strangers.cleaning import Cleaned
from conformance.strangers.exchange import Exchange
from conformance.strangers.ledger import Entry
from conformance.strangers.limits import Limits
from conformance.strangers.secrets import Secrets
from conformance.suite import Outcome
from conformance.verdict import verdict

URL = "https://api.example.com"
KEY = "nyk_secret_key"
TODAY = date(2026, 3, 20)


def exchange(
    *, method: str = "POST", body: Any = None, status: int = 200, answer: Any = None, headers: Any = None
) -> Exchange:
    """A request and its answer."""
    return Exchange(
        method=method,
        url=f"{URL}/v3/scheduling/bookings?configuration_id=1",
        headers={"authorization": f"Bearer {KEY}", "content-type": "application/json", **(headers or {})},
        body=json.dumps(body or {"start_time": 1}).encode(),
        status=status,
        answer_headers={},
        answer=answer if isinstance(answer, bytes) else json.dumps(answer or {"request_id": "r-1"}).encode(),
        at=0.0,
        seconds=0.1,
    )


def outcome(
    *,
    broken: Iterable[str] = (),
    missed: Iterable[str] = (),
    errors: Iterable[str] = (),
    unsupported: Iterable[str] = (),
    seen: str = "something else",
    exchanges: Iterable[Exchange] | None = None,
    missing: Mapping[str, str] | None = None,
    left: Iterable[str] = (),
    incomplete: Iterable[str] = (),
    profiles: tuple[str, ...] = ("all",),
    **changes: Any,
) -> Outcome:
    """A run in which every clause was kept but those that are named."""
    settings = Settings(
        base_url=URL,
        api_key=KEY,
        profiles=profiles,
        limits=Limits(allow_writes=True),
        ledger=Path("ledger.jsonl"),
        **changes,
    )
    findings = Findings(Secrets({"NYLAS_API_KEY": KEY}))
    shown = tuple(exchanges) if exchanges is not None else (exchange(),)
    other = {*broken, *missed, *errors, *unsupported}
    for id in clauses():
        if id not in other:
            findings.judge(id, True, "it", "it")
    for id in broken:
        findings.judge(id, False, "what is promised", seen, shown)
    for id in missed:
        findings.unverified(id, "no slot was offered")
    for id in errors:
        findings.error(id, "KeyError in a check")
    for id in unsupported:
        findings.unsupported(id, "the target has no such thing")
    findings.observe("booking_extras", "shown")
    findings.generated = {
        "cases": 100,
        "phases": {"coverage": 80, "stateful": 20},
        "operations": {"createBooking": {200: 40, 400: 60}},
        "links": {},
        "bookings": {"asked": 80, "made": 40, "share": 0.5},
        "excused": {},
    }
    findings.incomplete += incomplete
    entries = [Entry(URL, "booking", id, f"/v3/scheduling/bookings/{id}", {}) for id in left]
    return Outcome(
        settings,
        verdict(findings, settings, missing or {}),
        findings,
        datetime(2026, 3, 20, 9, 0, tzinfo=UTC),
        12.5,
        345,
        tuple(Cleaned(each, "503 later") for each in entries),
    )


def report(made: Outcome, wishes: Wishes = Wishes()) -> Document:  # noqa: B008 -- it can't be changed
    """The report of a run."""
    return document_of(made, redacted(made.settings, wishes), allow_incomplete=wishes.allow_incomplete)


def written(path: Path, *entries: Mapping[str, str], version: int = 1) -> Path:
    """A file of known deviations."""
    lines = [f"version: {version}", "deviations:" if entries else "deviations: []"]
    for entry in entries:
        lines += [
            f"  {'-' if number == 0 else ' '} {key}: {value}"
            for number, (key, value) in enumerate(entry.items())
        ]
    path.write_text("\n".join(lines) + "\n")
    return path


def deviation(
    clause: str, *, reason: str = "known", first_seen: str = "2026-01-01", expires: str = "2026-12-31"
) -> dict[str, str]:
    """An entry of such a file."""
    return {"clause": clause, "reason": reason, "first_seen": first_seen, "expires": expires}


def known(path: Path, *entries: Mapping[str, str]) -> tuple[Deviation, ...]:
    """Known deviations, read from a file."""
    return deviations_in(written(path, *entries))
