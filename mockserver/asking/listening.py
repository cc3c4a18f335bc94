"""`mockserver listen`: notifications in the terminal as they happen, forwarded if wanted."""

import json
import secrets
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click

from mockserver.asking.connection import Server, print_json, server_options
from mockserver.asking.following import News, follow

TRIGGERS = (
    "booking.created",
    "booking.pending",
    "booking.rescheduled",
    "booking.cancelled",
    "booking.reminder",
)

COLOURS = {
    "booking.created": "green",
    "booking.pending": "yellow",
    "booking.rescheduled": "blue",
    "booking.cancelled": "red",
    "booking.reminder": "magenta",
}
MOST_PEOPLE = 2
"""How many people a line names."""


@click.command(
    epilog="""\b
    Exit codes:
      0  stopped by Ctrl-C or SIGTERM
      1  the server could not be asked
      2  an option is wrong"""
)
@click.option(
    "--forward", metavar="URL", help="POST each notification to this URL too, as a webhook would get it."
)
@click.option(
    "--secret", metavar="TEXT", help="What forwarded notifications are signed with; made up otherwise."
)
@click.option(
    "--type",
    "types",
    metavar="TYPE",
    type=click.Choice(TRIGGERS),
    multiple=True,
    help=f"Only this type: {', '.join(TRIGGERS)}. May be given several times.",
)
@server_options
def listen(
    *, server: Server, forward: str | None, secret: str | None, types: tuple[str, ...], as_json: bool
) -> None:
    """Print the notifications of a running server as they happen, a line each.

    No webhook needs to exist. With --json each line is a JSON object. What is about the listener itself goes
    to standard error. The listener outlives resets and restarts of the server.
    """
    if secret is not None and forward is None:
        raise click.UsageError("--secret is for --forward")
    if forward is not None:
        _require_receiver(forward)
        secret = secret or secrets.token_urlsafe(18)
        _say(f"forwarding to {forward}, signed with the secret {secret}")
    with _until_stopped() as stopped:
        for news in follow(server, lambda text: _say(f"{text} ({server.url})"), stopped):
            if types and news.type not in types:
                continue
            forwarded = _forwarded(news, forward, secret or "") if forward else None
            if as_json:
                print_json(_as_dict(news, forwarded), indent=None)
            else:
                click.echo(line(news, forwarded))


def line(news: News, forwarded: Mapping[str, Any] | None = None) -> str:
    """A notification on one line: when, what, which booking, who, the start, and how the webhooks took it."""
    from mockserver.delivery.wording import one_line

    found = news.payload["data"]["object"]
    info = found.get("booking_info") or {}
    parts = [
        f"{datetime.fromtimestamp(news.created_at, UTC):%Y-%m-%d %H:%M:%SZ}",
        click.style(f"{news.type:19}", fg=COLOURS.get(news.type)),
        str(found.get("booking_id", ""))[:8],
        _people(info.get("participants") or []),
        _start(info),
        ", ".join(_standing(each) for each in news.deliveries) or "no webhook",
    ]
    if forwarded is not None:
        parts.append(f"forwarded: {forwarded['error'] or forwarded['status']}")
    return "  ".join([*parts[:2], *(one_line(part) for part in parts[2:])])


def _people(participants: list[Mapping[str, str]]) -> str:
    """Everybody but the organizer, who comes first."""
    names = [str(each.get("name") or each.get("email") or "") for each in participants[1:]]
    more = len(names) - MOST_PEOPLE
    return ", ".join(names[:MOST_PEOPLE]) + (f" and {more} more" if more > 0 else "") or "-"


def _start(info: Mapping[str, Any]) -> str:
    """When it begins, on the organizer's clock."""
    zone = str(info.get("organizer_timezone") or "UTC")
    at = datetime.fromtimestamp(int(info["start_time"]), UTC)
    try:
        at = at.astimezone(ZoneInfo(zone))
    except (OSError, ValueError, LookupError, OverflowError):  # unknown here, or beyond the year 9999
        zone = "UTC"
    return f"{at:%a} {at.day} {at:%b %Y %H:%M} ({zone})"


def _standing(delivery: Mapping[str, Any]) -> str:
    words = {"queued": "on its way to", "delivered": "delivered to", "retrying": "to be retried at"}
    host = urlsplit(str(delivery["url"])).netloc  # the rest of the URL may hold a secret
    return f"{words.get(delivery['status'], delivery['status'] + ' at')} {host}"


def _as_dict(news: News, forwarded: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "id": news.id,
        "type": news.type,
        "created_at": news.created_at,
        "payload": news.payload,
        "deliveries": list(news.deliveries),
        **({} if forwarded is None else {"forwarded": forwarded}),
    }


def _forwarded(news: News, url: str, secret: str) -> dict[str, Any]:
    """POST a notification as a webhook's first attempt; what the receiver answered."""
    from mockserver.delivery.receivers import USER_AGENT, Unanswered, ask
    from mockserver.delivery.signature import SIGNATURE_HEADER, sign

    payload = {**news.payload, "webhook_delivery_attempt": 1}
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    body = text.encode(errors="backslashreplace")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        SIGNATURE_HEADER: sign(secret, body),
    }
    try:
        return {"status": ask("POST", url, headers=headers, body=body).status, "error": None}
    except Unanswered as failure:
        return {"status": failure.status, "error": str(failure)}


def _require_receiver(url: str) -> None:
    """Raise UsageError unless the URL is one that a webhook could have."""
    from mockserver.delivery.receivers import check_url
    from mockserver.domain.errors import Refusal

    try:
        check_url(url)
    except Refusal as refusal:
        raise click.UsageError(f"--forward: {refusal.message.partition(' : ')[2]}") from refusal


@contextmanager
def _until_stopped() -> Iterator[Event]:
    """Ctrl-C and SIGTERM end what is inside, also in the midst of waiting, and that is no failure."""
    stopped = Event()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield stopped
    except KeyboardInterrupt:
        stopped.set()
        _say("stopped")
    finally:
        signal.signal(signal.SIGTERM, before)


def _say(text: str) -> None:
    click.echo(text, err=True)
