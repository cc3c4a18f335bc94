"""In which order things happened in a sandbox: every transaction is a turn, every change from outside too.

A request is noted when it was answered, which need not be in the order of what was done; so whoever notes it
asks here which turn was the thread's latest.
"""

import threading

_here = threading.local()


def begin_turn(turn: int, now: int) -> None:
    """This thread works on a world; `now` is the sandbox's time in Unix seconds."""
    _here.latest = (turn, now)


def forget_turn() -> None:
    """What follows in this thread is another request."""
    _here.latest = None


def latest_turn() -> tuple[int, int] | None:
    """The latest turn of this thread and its time; None if it had none since `forget_turn`."""
    latest: tuple[int, int] | None = getattr(_here, "latest", None)
    return latest
