"""One isolated world with its clock, ids, dialect, faults, journal and outbox, and the transactions on it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from mockserver.domain.dialect import Dialect
from mockserver.domain.ids import Ids
from mockserver.domain.reminders import remind, schedule_reminders
from mockserver.domain.transaction import Announcement, Letter, Reminder, Transaction
from mockserver.domain.world import World
from mockserver.sandbox.agenda import Agenda, Fired, perform
from mockserver.sandbox.clock import Clock, ClockMode, ClockSetting
from mockserver.sandbox.dispatch import Dispatch
from mockserver.sandbox.faults import Fault, Faults
from mockserver.sandbox.journal import Change, ChangeKind, Exchange, Journal
from mockserver.sandbox.outbox import RECEIVING, Delivery, Notification, Outbox, SentMail
from mockserver.sandbox.snapshot import Snapshot, take_snapshot
from mockserver.sandbox.turns import begin_turn

DRAIN_SECONDS = 15.0
"""How long a reset waits for what is in flight; a receiver has ten seconds."""

BUSY_SECONDS = 1.0
"""When a sandbox is to be woken again whose clock is being moved."""

Deliver = Callable[[Outbox, Clock, Sequence[Delivery]], None]
"""Brings deliveries to their webhooks, on other threads; must not block."""

Post = Callable[[Outbox, Sequence[SentMail]], None]
"""Sends mails, on another thread; must not block."""


def keep_only(outbox: Outbox, mails: Sequence[SentMail]) -> None:
    """Send no mails; they are in the sandbox's mailbox, and that is all."""


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
    @property
    def faults(self) -> Sequence[Fault]: ...
    def build(self, now: int, ids: Ids, public_url: str) -> World:
        """A new world. Relative times count from `now` (Unix seconds); ids that are not given are drawn."""


class Unsettled(Exception):
    """What is in flight did not arrive in time; nothing was done."""


class Sandbox:
    """One isolated world. Thread-safe; operations on the world go through `transaction`."""

    def __init__(
        self,
        name: str,
        template: Template,
        public_url: str,
        deliver: Deliver,
        on_schedule: Callable[[str], None] = lambda name: None,
        post: Post = keep_only,
    ) -> None:
        """`on_schedule` is told the sandbox's name when its agenda or the way its clock runs has changed."""
        self.name = name
        self.public_url = public_url
        self.template = template
        self.lock = threading.RLock()
        self._deliver = deliver
        self._on_schedule = on_schedule
        self._post = post
        self._turn = threading.Lock()
        self._turns = 0
        self._resetting = threading.Lock()
        self._fill(template)

    def _fill(self, template: Template) -> None:
        clock = Clock(template.clock)
        ids = Ids(template.seed)
        self._began = clock.now()
        world = template.build(self._began, ids, self.public_url)
        world.log.begin()
        self.template, self.clock, self.ids, self.world = template, clock, ids, world
        self.dialect = template.dialect
        self.agenda = Agenda(self._scheduled)
        self.faults = _faults(template, world, self._began)
        self.outbox = Outbox(self.agenda, world.webhooks)
        self._dispatch = Dispatch(self.outbox, self.faults, partial(self._deliver, self.outbox, clock))
        with self.transaction() as tx:
            for booking in world.bookings.values():
                schedule_reminders(tx, world.configurations[booking.configuration_id], booking)
        self.journal = Journal(self._turns)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Work on the world alone. An exception takes everything back; then nothing is announced either."""
        with self.lock:
            self.world.log.begin()
            tx = Transaction(self.world, self.clock.now(), self.ids, self.dialect)
            self._turns += 1
            begin_turn(self._turns, tx.now)
            try:
                yield tx
            except BaseException:
                self.world.log.roll_back()
                raise
            self._send(tx)
            for reminder in tx.reminders:
                remind_of = partial(self._remind, self.agenda, reminder)
                self.agenda.add(reminder.due, "reminder", reminder.booking_id, remind_of)

    def own_turn(self) -> tuple[int, int]:
        """A turn, and what time it is, for a request that worked on no world."""
        with self.lock:
            self._turns += 1
            return self._turns, self.clock.now()

    def note(self, exchange: Exchange) -> None:
        """Note a request in the journal."""
        journal = self.journal
        if journal.add(exchange):
            self._keep_snapshot(journal)

    def changed(self, kind: ChangeKind, **detail: Any) -> None:
        """Note in the journal that somebody changed something from outside, no request of the API.

        To be called where it is done, with the sandbox locked.
        """
        with self.lock:
            self._turns += 1
            full = self.journal.record(Change(self._turns, self.clock.now(), kind, detail))
            if full:
                self._keep_snapshot(self.journal)

    def forget_requests(self) -> None:
        """Empty the journal; what happened before is in nobody's export any more."""
        with self.lock:
            self.journal.clear(self.snapshot())

    def snapshot(self) -> Snapshot:
        """The sandbox as it is."""
        with self.lock:
            standings = self.faults.standings()
            now, seed = self.clock.now(), self.template.seed
            return take_snapshot(self.world, self._turns, now, seed, self.dialect, standings)

    def first_snapshot(self) -> Snapshot:
        """The sandbox as it was when its scenario was loaded."""
        with self.lock:
            template, began = self.template, self._began
        world = template.build(began, Ids(template.seed), self.public_url)
        standings = _faults(template, world, began).standings()
        return take_snapshot(world, 0, began, template.seed, template.dialect, standings)

    def _keep_snapshot(self, journal: Journal) -> None:
        with self.lock:
            if journal is self.journal:
                journal.keep(self.snapshot())

    def _send(self, tx: Transaction) -> None:
        """Post what a transaction set off; still locked, so that it goes out in the order of the commits."""
        deliveries = [each for one in tx.announcements for each in self._addressed(one, tx.now)]
        for delivery in deliveries:
            self._dispatch.prepare(delivery, tx.now)
        mails = [self._posted(letter, tx.now) for letter in tx.mails]
        if mails:
            self._post(self.outbox, mails)
        if deliveries or mails:
            self.outbox.add(deliveries, mails)
        self._dispatch.send(deliveries)

    def deliver_again(self, outbox: Outbox, deliveries: Sequence[Delivery]) -> None:
        """Bring deliveries of an outbox that counts them as in flight already."""
        self._deliver(outbox, self.clock, deliveries)

    def _remind(self, agenda: Agenda, reminder: Reminder) -> bool:
        with self.lock:
            if agenda is not self.agenda:
                return False  # the world was reset meanwhile
            with self.transaction() as tx:
                return remind(tx, reminder)

    def advance(self, seconds: float, settle: Callable[[], bool]) -> list[Fired]:
        """Move a frozen or shifted clock forward, doing on the way what falls due, in order.

        `settle` waits until nothing is in flight and says whether that succeeded; it is called before
        anything is done and after everything that is done, with no lock held. Concurrent calls take turns.
        Raises ClockError, or Unsettled when the first waiting failed.
        """
        with self._turn:
            if not settle():
                raise Unsettled
            agenda, clock = self._timing()
            target = clock.time_after(seconds)
            fired = self._pass_time(agenda, clock, target, settle, lambda: clock.move_to(target))
            self.changed("clock")
        self._scheduled()
        return fired

    def set_clock(self, mode: ClockMode, now: float | None, settle: Callable[[], bool]) -> list[Fired]:
        """Change how the clock runs and, with `now`, move it forward as `advance` does. Raises ClockError."""
        with self._turn:
            if not settle():
                raise Unsettled
            agenda, clock = self._timing()
            target = clock.time_when_set(mode, now)
            fired = self._pass_time(agenda, clock, target, settle, lambda: clock.set(mode, now))
            self.changed("clock")
        self._scheduled()
        return fired

    def run_due(self) -> float | None:
        """Do what has fallen due by a clock that runs by itself.

        Says in how many seconds something falls due next; None for a frozen clock and an empty agenda.
        While the clock is being moved, that does what is due; it isn't waited for.
        """
        if not self._turn.acquire(blocking=False):
            return BUSY_SECONDS
        try:
            agenda, clock = self._timing()
            while (entry := agenda.take(clock.now())) is not None:
                perform(entry)
            next_at = agenda.next_at()
            if next_at is None or clock.mode == "frozen":
                return None
            return max(0.0, next_at - clock.exact())
        finally:
            self._turn.release()

    def _timing(self) -> tuple[Agenda, Clock]:
        """The agenda and the clock of the same world; a reset replaces both."""
        with self.lock:
            return self.agenda, self.clock

    def _pass_time(
        self,
        agenda: Agenda,
        clock: Clock,
        target: float,
        settle: Callable[[], bool],
        arrive: Callable[[], None],
    ) -> list[Fired]:
        fired: list[Fired] = []
        while (entry := agenda.take(int(target))) is not None:
            with self.lock:
                clock.move_to(entry.at)
            if perform(entry):
                fired.append(Fired(entry.at, entry.kind, entry.id))
            settle()
        with self.lock:
            arrive()
        return fired

    def reset(self, template: Template | None = None) -> None:
        """Go back to the scenario, or to another one. Returns when nothing of the old world is in flight."""
        with self._resetting:
            with self.lock:
                old, agenda = self.outbox, self.agenda
                self._fill(template or self.template)
                agenda.close()
                old.close()
            self._scheduled()
            old.drain(DRAIN_SECONDS)
            old.end_mail(DRAIN_SECONDS)

    def close(self) -> None:
        """Nothing more is sent or done."""
        self.agenda.close()
        self.outbox.close()

    def _scheduled(self) -> None:
        if self.clock.mode != "frozen":
            self._on_schedule(self.name)

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
            turn=self._turns,
        )
        addressees = [
            webhook
            for webhook in self.world.webhooks.values()
            if webhook.status in RECEIVING and announcement.trigger in webhook.trigger_types
        ]
        if not addressees:
            return [Delivery(notification, None, status="dropped")]
        return [Delivery(notification, webhook) for webhook in addressees]

    def _posted(self, letter: Letter, now: int) -> SentMail:
        return SentMail(self.ids.mail_id(), now, letter, turn=self._turns)


def _faults(template: Template, world: World, began: int) -> Faults:
    """The faults of a template in the world that was made from it at a time (Unix seconds)."""
    bookings = world.names.get("bookings", {})
    return Faults([each.settled(bookings, began) for each in template.faults], template.seed)
