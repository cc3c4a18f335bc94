"""Replays: the steps of a scenario done against the mock or a target, and held to what was expected."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.replaying.replays import replay_document, replay_file
    from mockserver.replaying.results import Answer, Difference, Replay, Sent, StepResult

__all__ = ["Answer", "Difference", "Replay", "Sent", "StepResult", "replay_document", "replay_file"]

_HOMES = {"replay_document": "replays", "replay_file": "replays"}


def __getattr__(name: str) -> Any:
    """Import at first use: whoever only asks for the command's help needs no application."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'results')}"), name)
