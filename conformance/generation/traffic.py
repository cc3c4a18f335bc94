"""What goes over the wire in this stage: sent politely, remembered, and held against our own rules."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import requests
from schemathesis import Case

from conformance.checking import SAFE
from conformance.generation.blame import Blame
from conformance.generation.bookable import Bookable, is_own, operation_id
from conformance.generation.rules import Rules, Seen, Sent
from conformance.generation.wire import documented, operation_of, remarks
from conformance.strangers.caller import Caller, Unreachable
from conformance.strangers.exchange import Exchange
from conformance.strangers.limits import NotAllowed

MOST_SILENCE = 5
"""After so many requests in a row without any answer the stage ends."""


class Traffic:
    """Sends prepared cases. `past` says whether time is up; `stop` ends the stage."""

    def __init__(
        self,
        caller: Caller,
        bookable: Bookable,
        blame: Blame,
        past: Callable[[], bool],
        stop: Callable[[str], None],
    ) -> None:
        self.exchanges: dict[str, Exchange] = {}
        """Answers by case, until the case was looked at."""
        self.statuses: dict[str, Counter[int]] = {}
        """How often an operation answered what."""
        self.booked: Counter[bool] = Counter()
        """Whether a booking was made, of those generated that could be carried out."""
        self.silent: list[str] = []
        """Requests that got no answer, and why."""
        self._caller = caller
        self._bookable = bookable
        self._blame = blame
        self._rules = Rules(bookable.stock)
        self._past = past
        self._stop = stop
        self._silence = 0

    def succeeded(self, operation: str) -> bool:
        """Whether the operation has answered 200."""
        return operation in self.statuses and self.statuses[operation][200] > 0

    def send(self, case: Case[Any], request: requests.PreparedRequest) -> Exchange:
        """Send a case. Raises requests.RequestException without an answer, as Schemathesis expects it."""
        if self._past():
            self._stop("the time limit was reached")
        try:
            exchange = self._caller.send(request)
        except (Unreachable, NotAllowed) as reason:
            self._silence += 1
            self.silent.append(str(reason))
            if self._silence >= MOST_SILENCE:
                self._stop("the target gave no answer any more")
            raise requests.RequestException(str(reason)) from None
        self._silence = 0
        self.exchanges[case.id] = exchange
        if is_own(case):
            with suppress(*SAFE):  # what a rule asks beside may be refused
                self._look(case, exchange)
        return exchange

    def _look(self, case: Case[Any], exchange: Exchange) -> None:
        name = operation_id(case)
        self._bookable.learn(case, exchange)
        facts = self._bookable.facts(case)
        self.statuses.setdefault(name, Counter())[exchange.status] += 1
        if name == "createBooking" and not facts.unmade:
            self.booked[exchange.ok] += 1
        if operation_of(self._caller.base_url, exchange) == name:
            for remark in remarks(exchange):
                self._say(name, Seen(remark.check, remark.holds, remark.expected, remark.seen, (exchange,)))
            if exchange.refused:
                listed = sorted(documented(name))
                self._say(name, _listed(exchange, listed))
        elif exchange.status >= 500:
            self._say(name, Seen("not_a_server_error", False, "no 5xx", exchange.told(), (exchange,)))
        path = dict(case.path_parameters or {})
        for seen in self._rules.look(Sent(name, path, exchange, facts.held, facts.slot)):
            self._say(name, seen)

    def _say(self, operation: str, seen: Seen) -> None:
        if seen.holds:
            self._blame.passed(seen.check, operation)
        else:
            kind = seen.exchanges[-1].status
            self._blame.failed(seen.check, operation, seen.expected, seen.seen, seen.exchanges, kind)


def _listed(exchange: Exchange, statuses: list[int]) -> Seen:
    expected = "one of " + ", ".join(map(str, statuses))
    return Seen(
        "status_code_conformance", exchange.status in statuses, expected, str(exchange.status), (exchange,)
    )
