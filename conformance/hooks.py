"""Webhooks that the suite registers at the target, and what arrives at them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from conformance.receiver import Delivery, Endpoint, Receiver
from conformance.strangers.exchange import Exchange
from conformance.target import WEBHOOKS, Target, Unverified

TRIGGERS = (
    "booking.created",
    "booking.pending",
    "booking.rescheduled",
    "booking.cancelled",
    "booking.reminder",
)
PATIENCE = 15.0
"""Seconds of real time in which a delivery is expected."""
PATIENCE_ON_MOCK = 1.0
GRACE = 1.0
"""Seconds more in which something arrives that should not; our mock says when nothing is on its way."""
GRACE_ON_MOCK = 0.05


@dataclass
class Hook:
    """A webhook at the target that delivers to us. The last of its `secrets` is in force."""

    id: str
    endpoint: Endpoint
    secrets: list[str]
    created: Exchange
    receiver: Receiver
    target: Target
    _settled: Callable[[], None] = field(repr=False)

    @property
    def secret(self) -> str:
        """What signs. Raises Unverified where the target never told it: another clause shows that."""
        if not self.secrets[-1]:
            raise Unverified("the target told no webhook_secret")
        return self.secrets[-1]

    def told(self, booking_id: str, trigger: str, number: int = 1) -> list[Delivery]:
        """The deliveries about a booking, once there are `number` of them or time is up."""
        self.expect(lambda: len(self.endpoint.of(booking_id, trigger)) >= number)
        return self.endpoint.of(booking_id, trigger)

    def expect(self, happened: Callable[[], bool]) -> bool:
        """Whether something that should happen does, in the time that it may take.

        Our mock says when nothing is on its way any more, so nothing more is waited for.
        """
        self._settled()
        return self.receiver.wait_for(happened, PATIENCE if self.target.control is None else PATIENCE_ON_MOCK)

    def first(self, booking_id: str, trigger: str) -> Delivery:
        """The delivery about a booking. Raises Unverified where none arrives: another clause shows that."""
        found = self.told(booking_id, trigger)
        if not found:
            raise Unverified(f"no {trigger} arrived within {PATIENCE:.0f} seconds")
        return found[0]

    def quiet(self, happened: Callable[[], bool]) -> bool:
        """Whether something that should not happen doesn't, in the time in which it would."""
        self._settled()
        grace = GRACE if self.target.control is None else GRACE_ON_MOCK
        return not self.receiver.wait_for(happened, grace)


class Hooks:
    """Registers webhooks. `standing` has every trigger and is there as long as this is."""

    def __init__(self, target: Target, receiver: Receiver) -> None:
        self._target = target
        self.receiver = receiver
        self._standing: Hook | None = None
        self._trouble = ""

    @property
    def standing(self) -> Hook:
        """The webhook for everything. Raises Unverified where the target didn't register it."""
        if self._standing is None:
            if self._trouble:
                raise Unverified(self._trouble)
            try:
                self._standing = self.register(TRIGGERS)
            except Unverified as reason:
                self._trouble = str(reason)
                raise
        return self._standing

    def ask(self, endpoint: Endpoint, triggers: Sequence[str], *, compressed: bool = False) -> Exchange:
        """Ask the target for a webhook, whatever it answers. Raises Unverified without an API key."""
        target = self._target
        if target.settings.api_key is None:
            raise Unverified("no API key was given")
        body = {
            "webhook_url": endpoint.url,
            "trigger_types": list(triggers),
            "compressed_delivery": compressed,
        }
        answer = target.caller.call("POST", WEBHOOKS, body=body, bearer=target.settings.api_key)
        data = answer.data if isinstance(answer.data, dict) else {}
        target.secrets.add("WEBHOOK_SECRET", data.get("webhook_secret"))
        if answer.accepted and isinstance(data.get("id"), str):
            target.made("webhook", data["id"], f"{WEBHOOKS}/{data['id']}")
        return answer

    def register(self, triggers: Sequence[str], *, compressed: bool = False) -> Hook:
        """A new webhook. Raises Unverified where the target refuses it."""
        endpoint = self.receiver.endpoint()
        answer = self.ask(endpoint, triggers, compressed=compressed)
        data = answer.data if isinstance(answer.data, dict) else {}
        if not answer.accepted or not isinstance(data.get("id"), str):
            raise Unverified(f"a webhook could not be registered: {answer.told()}")
        secret = str(data.get("webhook_secret") or "")
        return Hook(data["id"], endpoint, [secret], answer, self.receiver, self._target, self._settle)

    @contextmanager
    def temporary(self, triggers: Sequence[str] = TRIGGERS, *, compressed: bool = False) -> Iterator[Hook]:
        """A webhook for one check."""
        hook = self.register(triggers, compressed=compressed)
        try:
            yield hook
        finally:
            self.remove(hook.id)

    def remove(self, webhook_id: str) -> Exchange:
        """Delete a webhook at the target."""
        target = self._target
        answer = target.caller.call("DELETE", f"{WEBHOOKS}/{webhook_id}", bearer=str(target.settings.api_key))
        if answer.status in (200, 404):
            target.gone("webhook", webhook_id)
        return answer

    def reference(self, booking_id: str) -> str | None:
        """The reference of a booking as a notification tells it; None where none does in time."""
        if self._standing is None:
            return None
        self._settle()
        self.receiver.wait_for(lambda: self.receiver.reference(booking_id) is not None, PATIENCE)
        return self.receiver.reference(booking_id)

    def close(self) -> None:
        """Delete the standing webhook."""
        if self._standing is not None:
            self.remove(self._standing.id)
            self._standing = None

    def _settle(self) -> None:
        """Let deliveries arrive: our mock says when they have."""
        if self._target.control is not None:
            self._target.control.drain()
