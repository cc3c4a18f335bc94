"""What the options of a run come to: settings, and what is wanted beside them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from conformance.clauses import DEFAULT_PROFILE
from conformance.settings import Settings
from conformance.strangers.limits import Limits, Window

HIDDEN = "[hidden]"
MANY = 100_000
"""Bookings that our mock may have to bear when nobody limits them: it forgets them all."""


@dataclass(frozen=True)
class Wishes:
    """What is wanted of a run that isn't for the target to know."""

    deviations: Path | None = None
    allow_incomplete: bool = False
    strict: bool = False
    json_file: Path | None = None
    junit_file: Path | None = None
    html_file: Path | None = None
    no_color: bool = False
    quiet: bool = False


def settings_from(given: Mapping[str, Any]) -> Settings:
    """The settings that options come to. Raises UsageError where they don't go together."""
    if given["public_url"] and not given["listen"]:
        raise click.UsageError("--public-url says how --listen is reached: expected --listen HOST:PORT too")
    configurations = _by_role(given["configurations"])
    return Settings(
        base_url=given["base_url"],
        api_key=given["api_key"],
        client_id=given["client_id"],
        sessions=_once(given["sessions"], "--session"),
        grants=tuple(dict.fromkeys(given["grants"])),
        configurations=configurations,
        bookings=_once(given["bookings"], "--booking"),
        profiles=given["profiles"] or (DEFAULT_PROFILE,),
        limits=_limits(given),
        seed=given["seed"],
        quick=given["quick"],
        checks_only=given["checks_only"],
        time_limit=given["time_limit"],
        slow=given["slow"],
        use_control=given["use_control"],
        listen=given["listen"],
        public_url=given["public_url"],
        salt_command=given["salt_command"],
        ledger=given["ledger"],
        operations=frozenset(given["operations"]),
        only=frozenset(given["only"]),
    )


def _limits(given: Mapping[str, Any]) -> Limits:
    most = given["max_bookings"]
    if most is None:
        most = MANY if given["use_control"] else Limits.max_bookings
    window = given["window"]
    return Limits(
        allow_writes=given["allow_writes"],
        guest_email=given["guest_email"],
        window=window if isinstance(window, Window) else Window.parse(window),
        max_bookings=most,
        rate=given["rate"],
    )


def _by_role(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for role, id in pairs:
        if any(id in ids for ids in found.values()):
            raise click.UsageError(f"--configuration: {id} is given twice; expected one role for it")
        found[role] += (id,)
    return dict(found)


def _once(pairs: Iterable[tuple[str, str]], option: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, id in pairs:
        if name in found:
            raise click.UsageError(f"{option}: {name} is given twice; expected it once")
        found[name] = id
    return found


def redacted(settings: Settings, wishes: Wishes) -> dict[str, Any]:
    """All options as they are in effect, by their names, without secrets. What isn't set is None."""
    limits = settings.limits
    return {
        "base-url": settings.base_url,
        "api-key": HIDDEN if settings.api_key else None,
        "client-id": settings.client_id,
        "grant": list(settings.grants),
        "configuration": [
            f"{role}={id}" if role else id for role, ids in settings.configurations.items() for id in ids
        ],
        "session": [f"{configuration}={HIDDEN}" for configuration in settings.sessions],
        "booking": [f"{role}={id}" for role, id in settings.bookings.items()],
        "use-control": settings.use_control,
        "profile": list(settings.profiles),
        "operation": sorted(settings.operations),
        "clause": sorted(settings.only),
        "quick": settings.quick,
        "checks-only": settings.checks_only,
        "seed": settings.seed,
        "slow": settings.slow,
        "listen": settings.listen,
        "public-url": settings.public_url,
        "salt-command": _program(settings.salt_command),
        "allow-writes": limits.allow_writes,
        "guest-email": limits.guest_email,
        "window": f"{limits.window.first}-{limits.window.last}",
        "max-bookings": limits.max_bookings,
        "rate": limits.rate,
        "time-limit": settings.time_limit,
        "ledger": str(settings.ledger),
        "deviations": str(wishes.deviations) if wishes.deviations else None,
        "allow-incomplete": wishes.allow_incomplete,
        "strict": wishes.strict,
    }


def _program(command: str | None) -> str | None:
    """A command without its arguments, which may be secrets."""
    words = (command or "").split()
    if not words:
        return None
    return words[0] if len(words) == 1 else f"{words[0]} {HIDDEN}"
