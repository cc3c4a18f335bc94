"""What happened in a sandbox, as text for somebody whose test has failed."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from mockserver.sandbox import Match, Sandbox
from mockserver.sandbox.journal import MASK, Exchange
from mockserver.testing import showing

MOST_REQUESTS = 50
LONGEST_BODY = 600

_SECRETS = re.compile(r'("(?:webhook_secret|session_id|api_key)"\s*:\s*")[^"]+')


def report(scenario: str, sandbox: Sandbox) -> str:
    """The requests with their answers, and what came of them. No secret of the sandbox is in it."""
    exchanges = sandbox.journal.exchanges()
    lines = [f"scenario {scenario}, {_clock(sandbox)}", ""]
    if len(exchanges) > MOST_REQUESTS:
        lines.append(f"… {len(exchanges) - MOST_REQUESTS} earlier requests")
    for each in exchanges[-MOST_REQUESTS:]:
        lines += _told(each, sandbox)
    if not exchanges:
        lines.append("no requests")
    for what, records in (
        ("bookings", showing.bookings(sandbox)),
        ("notifications", showing.notifications(sandbox)),
        ("mails", showing.mails(sandbox)),
    ):
        lines += ["", f"{what}:" if records else f"no {what}", *(f"  {each!r}" for each in records)]
    idle = [each.fault for each in sandbox.faults.standings() if not each.used]
    if idle:
        lines += ["", "faults that struck nothing:", *(f"  {each.id}: {_aim(each.match)}" for each in idle)]
    return _masked("\n".join(lines), sandbox)


def _aim(match: Match) -> str:
    """What a fault was to strike."""
    return match.operation or match.trigger or f"{match.method or 'any method'} {match.path}"


def _clock(sandbox: Sandbox) -> str:
    now = datetime.fromtimestamp(sandbox.clock.now(), UTC)
    return f"{now:%Y-%m-%dT%H:%M:%SZ} by a {sandbox.clock.mode} clock"


def _told(exchange: Exchange, sandbox: Sandbox) -> Iterator[str]:
    query = f"?{exchange.query}" if exchange.query else ""
    yield f"> {exchange.method} {exchange.path}{query}"
    if exchange.request_body:
        yield f"  {_short(exchange.request_body)}"
    by = f" (fault {exchange.fault})" if exchange.fault else ""
    yield f"< {exchange.status or 'no answer'}{by} {_short(exchange.response_body)}".rstrip()
    explanation = sandbox.journal.explanation(exchange.id)
    if explanation is not None:
        yield f"  because {explanation.get('summary')}"


def _short(body: str) -> str:
    line = " ".join(body.split())
    return line if len(line) <= LONGEST_BODY else f"{line[:LONGEST_BODY]}…"


def _masked(text: str, sandbox: Sandbox) -> str:
    """Without what lets somebody in: what the world holds of it now, and what stands under a telling key."""
    with sandbox.lock:
        world = sandbox.world
        secrets = {world.application.api_key, *(each.secret for each in world.webhooks.values())}
        secrets |= set(world.sessions)
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _SECRETS.sub(rf"\g<1>{MASK}", text)
