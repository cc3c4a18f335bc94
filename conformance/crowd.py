"""Several callers at the same time."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from conformance.strangers.exchange import Exchange

Call = Callable[[], Exchange]
PATIENCE = 30.0
"""Seconds in which all have to be ready to start."""


def at_once(
    calls: Sequence[Call], noted: Callable[[int, Exchange], None] = lambda number, answer: None
) -> list[Exchange]:
    """Make all calls at the same moment, each on a thread of its own. The answers come in the calls' order.

    `noted` is told of every answer, by the number of its call and on the caller's own thread, before anything
    is raised. Raises what one of them raised, Unreachable where it got no answer.
    """
    gate = threading.Barrier(len(calls))

    def made(call: Call) -> Exchange:
        gate.wait(PATIENCE)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        running = [threads.submit(made, call) for call in calls]
    for number, each in enumerate(running):
        if each.exception() is None:
            noted(number, each.result())
    return [each.result() for each in running]
