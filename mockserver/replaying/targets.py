"""What a replay needs of whatever it runs against."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from mockserver.replaying.results import Answer, Sent
from mockserver.scenario.references import Reference


class NotChecked(Exception):
    """This target can't do that, or can't show it; the text says why."""


class CannotDo(Exception):
    """A step could not be carried out; the text says why."""


class NoAnswer(Exception):
    """A request was sent, and no whole answer arrived; the text says what happened instead."""


class NotReached(Exception):
    """The target has not answered a single request; the text says why."""


class Target(Protocol):
    """Something that answers requests. What else it offers differs; it raises NotChecked for the rest."""

    def look_up(self, reference: Reference) -> Any:
        """The value of something in the world. Raises Unresolved."""
        ...

    def send(self, request: Sent) -> Answer:
        """The answer to a request. Raises NoAnswer, CannotDo."""
        ...

    def notifications(self) -> Sequence[Mapping[str, Any]]:
        """The envelopes of all notifications since it was asked last, in order."""
        ...

    def mails(self) -> Sequence[Mapping[str, Any]]:
        """All mails since it was asked last, in order."""
        ...

    def advance(self, seconds: int) -> None:
        """Move the clock forward and do what falls due. Raises CannotDo."""
        ...

    def move_to(self, now: int) -> None:
        """Move the clock forward to a time in Unix seconds. Raises CannotDo."""
        ...

    def fill(self, calendar: str, title: str, start: int, end: int, busy: bool) -> str:
        """Have somebody else write an event into a calendar; answers with its id. Raises CannotDo."""
        ...

    def free(self, event_id: str, calendar: str | None) -> None:
        """Have somebody else delete an event. Raises CannotDo."""
        ...

    def add_fault(self, fault: Mapping[str, Any]) -> None:
        """Let something go wrong from now on. Raises CannotDo."""
        ...

    def clear_faults(self) -> None:
        """Let nothing go wrong any more."""
        ...
