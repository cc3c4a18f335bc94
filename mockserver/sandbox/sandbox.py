"""One isolated world with its clock, ids, dialect, journal and outbox, and the transactions on it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from mockserver.domain.dialect import Dialect
from mockserver.domain.ids import Ids
from mockserver.domain.transaction import Announcement, Mail, Transaction
from mockserver.domain.world import World
from mockserver.sandbox.clock import Clock, ClockSetting
from mockserver.sandbox.journal import Journal
from mockserver.sandbox.outbox import Delivery, Notification, Outbox, SentMail

DRAIN_SECONDS = 15.0
"""How long a reset waits for what is in flight; a receiver has ten seconds."""

Deliver = Callable[[Outbox, Clock, Sequence[Delivery]], None]
"""Brings deliveries to their webhooks, on other threads; must not block."""


class Template(Protocol):
    """What a sandbox is made from: a scenario, parsed once."""

    @property
    def name(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def clock(self) -> ClockSetting: ...
    @property
    def dialect(self) -> Dialect: ...
    def build(self, now: int, ids: Ids, public_url: str) -> World:
        """A new world. Relative times count from `now` (Unix seconds); ids that are not given are drawn."""


class Sandbox:
    """One isolated world. Thread-safe; operations on the world go through `transaction`."""

    def __init__(self, name: str, template: Template, public_url: str, deliver: Deliver) -> None:
        self.name = name
        self.public_url = public_url
        self.template = template
        self.lock = threading.RLock()
        self._deliver = deliver
        self._resetting = threading.Lock()
        self.outbox = Outbox()
        self.journal = Journal()
        self._fill(template)

    def _fill(self, template: Template) -> None:
        clock = Clock(template.clock)
        ids = Ids(template.seed)
        world = template.build(clock.now(), ids, self.public_url)
        world.log.begin()
        self.template, self.clock, self.ids, self.world = template, clock, ids, world
        self.dialect = template.dialect

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Work on the world alone. An exception takes everything back; then nothing is announced either."""
        with self.lock:
            self.world.log.begin()
            tx = Transaction(self.world, self.clock.now(), self.ids, self.dialect)
            try:
                yield tx
            except BaseException:
                self.world.log.roll_back()
                raise
            outbox, clock = self.outbox, self.clock
            deliveries = [each for one in tx.announcements for each in self._addressed(one, tx.now)]
            if deliveries or tx.mails:
                outbox.add(deliveries, [self._posted(mail, tx.now) for mail in tx.mails])
            queued = [delivery for delivery in deliveries if delivery.status == "queued"]
            if queued:
                self._deliver(outbox, clock, queued)  # still locked, so that they queue in order

    def reset(self, template: Template | None = None) -> None:
        """Go back to the scenario, or to another one. Returns when nothing of the old world is in flight."""
        with self._resetting:
            with self.lock:
                old, self.outbox = self.outbox, Outbox()
                self.journal = Journal()
                self._fill(template or self.template)
                old.close()
            old.drain(DRAIN_SECONDS)

    def request_id(self, stream: str = "request") -> str:
        """The id of the next request. Requests outside `/v3` have a stream of their own."""
        with self.lock:
            return self.ids.uuid(stream)

    def _addressed(self, announcement: Announcement, now: int) -> list[Delivery]:
        notification = Notification(
            id=self.ids.notification_id(),
            type=announcement.trigger,
            created_at=now,
            application_id=self.world.application.client_id,
            grant_id=announcement.grant_id,
            object=announcement.object,
        )
        addressees = [
            webhook
            for webhook in self.world.webhooks.values()
            if webhook.status in ("active", "failing") and announcement.trigger in webhook.trigger_types
        ]
        if not addressees:
            return [Delivery(notification, None, status="dropped")]
        return [Delivery(notification, webhook) for webhook in addressees]

    def _posted(self, mail: Mail, now: int) -> SentMail:
        return SentMail(self.ids.mail_id(), now, mail)
