"""Servers that are wrong about what they announce, and how."""

from dataclasses import replace
from typing import Any

from mockserver.delivery import bringing
from mockserver.domain import booking, notification, reminders
from mockserver.domain.ids import Ids
from mockserver.sandbox import Notification
from tests.conformance.mutants import mutant, ran


def _spoil_info(spoil: Any) -> None:
    """Have `spoil` change `booking_info` after it was made; it is given the trigger, too."""
    made = notification._booking_info

    def spoiled(tx: Any, trigger: Any, *rest: Any) -> dict[str, Any]:
        info = made(tx, trigger, *rest)
        spoil(info, trigger)
        return info

    notification._booking_info = spoiled


def _spoil_object(spoil: Any) -> None:
    """Have `spoil` change `data.object` after it was made."""
    made = notification._object

    def spoiled(tx: Any, trigger: Any, *rest: Any) -> dict[str, Any]:
        told = made(tx, trigger, *rest)
        spoil(told, trigger)
        return told

    notification._object = spoiled


def _spoil_envelope(spoil: Any) -> None:
    """Have `spoil` change the envelope as it is sent; it is given the number of the attempt, too."""
    made = Notification.envelope

    def spoiled(self: Notification, attempt: int) -> dict[str, Any]:
        envelope = made(self, attempt)
        spoil(envelope, attempt)
        return envelope

    Notification.envelope = spoiled  # type: ignore[method-assign]


@mutant("BK-NOTE-001", also=["BK-HOOK-006"], kinds=["domain", "notification"])
def created_in_silence() -> None:
    """A booking is made and nobody is told."""
    announce = booking.announce

    def spoiled(tx: Any, trigger: Any, *rest: Any) -> None:
        ran()
        if trigger != "booking.created":
            announce(tx, trigger, *rest)

    booking.announce = spoiled


@mutant("BK-NOTE-001", kinds=["domain", "notification"])
def created_twice() -> None:
    """A booking is announced twice, each time under another id."""
    announce = booking.announce

    def spoiled(tx: Any, trigger: Any, *rest: Any) -> None:
        announce(tx, trigger, *rest)
        if trigger == "booking.created":
            ran()
            announce(tx, trigger, *rest)

    booking.announce = spoiled


@mutant("BK-NOTE-002", kinds=["domain", "notification"])
def pending_and_created() -> None:
    """A booking that awaits the organizer is announced as created as well."""
    announce = booking.announce

    def spoiled(tx: Any, trigger: Any, *rest: Any) -> None:
        announce(tx, trigger, *rest)
        if trigger == "booking.pending":
            ran()
            announce(tx, "booking.created", *rest)

    booking.announce = spoiled


@mutant("BK-NOTE-002", "BK-NOTE-015", kinds=["domain", "notification"])
def pending_under_another_name() -> None:
    """The title of what awaits the organizer doesn't say so, and its booking type is that of others."""

    def spoil(told: dict[str, Any], trigger: str) -> None:
        if trigger == "booking.pending":
            ran()
            told["booking_type"] = "booking"
            told["booking_info"]["title"] = told["booking_info"]["title"].removeprefix("[PENDING] ")

    _spoil_object(spoil)


@mutant("BK-NOTE-003", kinds=["domain", "notification", "time"])
def moved_from_nowhere() -> None:
    """The old times of a moved booking are the new ones."""

    def spoil(info: dict[str, Any], trigger: str) -> None:
        if trigger == "booking.rescheduled":
            ran()
            info["old_start_time"], info["old_end_time"] = info["start_time"], info["end_time"]

    _spoil_info(spoil)


@mutant("BK-NOTE-004", also=["BK-HOOK-008", "BK-NOTE-021"], kinds=["domain", "notification"])
def cancelled_in_silence() -> None:
    """A booking is cancelled and nobody is told."""
    announce = booking.announce

    def spoiled(tx: Any, trigger: Any, *rest: Any) -> None:
        if trigger == "booking.cancelled":
            return ran()
        return announce(tx, trigger, *rest)

    booking.announce = spoiled


@mutant("BK-NOTE-004", kinds=["domain", "notification"])
def another_reason() -> None:
    """The reason of a cancellation is not the one that was given."""

    def spoil(info: dict[str, Any], trigger: str) -> None:
        if trigger == "booking.cancelled":
            ran()
            info["cancellation_reason"] = "No reason"

    _spoil_info(spoil)


@mutant("BK-NOTE-005", kinds=["domain", "notification", "time"])
def reminded_seconds_before() -> None:
    """The minutes of a reminder are taken for seconds."""
    schedule = reminders.schedule_reminders

    def spoiled(tx: Any, configuration: Any, booked: Any) -> None:
        before = len(tx.reminders)
        schedule(tx, configuration, booked)
        for index, each in enumerate(tx.reminders[before:], before):
            ran()
            tx.reminders[index] = replace(each, due=booked.start - each.rule.minutes)

    booking.schedule_reminders = spoiled


@mutant("BK-NOTE-005", kinds=["domain", "notification", "time"])
def minutes_until_the_event() -> None:
    """A reminder says in minutes how long it is until the start."""

    def spoil(info: dict[str, Any], trigger: str) -> None:
        if trigger == "booking.reminder":
            ran()
            info["time_until_event"] //= 60

    _spoil_info(spoil)


@mutant("BK-NOTE-006", also=["BK-NOTE-017", "BK-NOTE-019", "BK-HOOK-005"], kinds=["notification"])
def signed_without_the_end() -> None:
    """The last byte is not covered by the signature."""
    sign = bringing.sign

    def spoiled(secret: str, body: bytes) -> str:
        ran()
        return sign(secret, body[:-1])

    bringing.sign = spoiled


@mutant("BK-NOTE-007", also=["BK-NOTE-009", "BK-NOTE-002", "BK-NOTE-005"], kinds=["notification"])
def another_source() -> None:
    """Notifications of bookings come from another source."""

    def spoil(envelope: dict[str, Any], attempt: int) -> None:
        ran()
        envelope["source"] = "/nylas/system"

    _spoil_envelope(spoil)


@mutant("BK-NOTE-009", also=["BK-NOTE-002", "BK-NOTE-005"], kinds=["domain", "notification"])
def languages_in_lists() -> None:
    """What is documented as text is a list."""

    def spoil(info: dict[str, Any], trigger: str) -> None:
        ran()
        info["host_language"] = [info["host_language"]]

    _spoil_info(spoil)


@mutant("BK-NOTE-008", kinds=["domain", "notification"])
def in_alphabetical_order() -> None:
    """The keys of a notification are sorted."""

    def spoil(told: dict[str, Any], trigger: str) -> None:
        ran()
        for key in sorted(told):
            told[key] = told.pop(key)

    _spoil_object(spoil)


@mutant("BK-NOTE-010", kinds=["domain", "notification"])
def another_event() -> None:
    """A notification names an event that doesn't exist."""

    def spoil(info: dict[str, Any], trigger: str) -> None:
        ran()
        info["event_id"] = info["event_id"][::-1]

    _spoil_info(spoil)


@mutant("BK-NOTE-010", kinds=["domain", "notification"])
def another_configuration() -> None:
    """A notification names the booking where it should name the configuration."""

    def spoil(told: dict[str, Any], trigger: str) -> None:
        ran()
        told["configuration_id"] = told["booking_id"]

    _spoil_object(spoil)


@mutant("BK-NOTE-011", kinds=["domain", "notification", "time"])
def duration_in_seconds() -> None:
    """The duration is told in seconds."""

    def spoil(info: dict[str, Any], trigger: str) -> None:
        ran()
        info["duration"] *= 60

    _spoil_info(spoil)


@mutant("BK-NOTE-011", also=["BK-NOTE-003"], kinds=["domain", "notification", "time"])
def times_of_day_in_utc_plus_one() -> None:
    """Start and end are shifted by the hours of a zone."""

    def spoil(info: dict[str, Any], trigger: str) -> None:
        ran()
        info["start_time"] += 3600
        info["end_time"] += 3600

    _spoil_info(spoil)


@mutant("BK-NOTE-012", kinds=["domain", "notification"])
def guests_are_left_out() -> None:
    """Only hosts are told as participants."""

    def spoil(info: dict[str, Any], trigger: str) -> None:
        ran()
        info["participants"] = info["participants"][:1]

    _spoil_info(spoil)


@mutant("BK-NOTE-013", kinds=["domain", "notification"])
def answers_are_lost() -> None:
    """The guest's answers don't reach the notification."""

    def spoil(info: dict[str, Any], trigger: str) -> None:
        ran()
        info["additional_fields"] = {}

    _spoil_info(spoil)


@mutant("BK-NOTE-014", kinds=["domain", "notification"])
def reference_of_nothing() -> None:
    """The reference in a notification is cut off after the configuration's id."""

    def spoil(told: dict[str, Any], trigger: str) -> None:
        if "booking_ref" in told:
            ran()
            told["booking_ref"] = told["booking_ref"][:20]

    _spoil_object(spoil)


@mutant("BK-NOTE-014", kinds=["domain", "notification"])
def pages_of_another_booking() -> None:
    """The pages for rescheduling and cancelling don't end in the reference."""

    def spoil(info: dict[str, Any], trigger: str) -> None:
        ran()
        info["participant_rescheduling_url"] += "/now"

    _spoil_info(spoil)


@mutant("BK-NOTE-016", kinds=["notification"])
def one_id_for_all() -> None:
    """All notifications carry the same id."""

    def spoiled(self: Ids) -> str:
        ran()
        return "Kkx2QQB7TWjWM3KXRQQn562394"

    Ids.notification_id = spoiled  # type: ignore[method-assign]


@mutant("BK-NOTE-017", kinds=["notification"])
def another_id_for_each_attempt() -> None:
    """A repeated delivery carries another id."""

    def spoil(envelope: dict[str, Any], attempt: int) -> None:
        if attempt > 1:
            ran()
            envelope["id"] += str(attempt)

    _spoil_envelope(spoil)


@mutant("BK-NOTE-017", kinds=["notification"])
def never_repeated() -> None:
    """A delivery that failed is given up at once."""

    def spoiled(attempt: Any, answered: Any) -> None:
        return ran()

    bringing.pause_before_next = spoiled  # type: ignore[assignment]


@mutant("BK-NOTE-017", kinds=["notification", "time"])
def repeated_for_ever() -> None:
    """A delivery is repeated until it succeeds."""

    def spoiled(attempt: Any, answered: Any) -> int | None:
        ran()
        return 60 if attempt.status == 503 else None

    bringing.pause_before_next = spoiled


@mutant("BK-NOTE-018", kinds=["notification"])
def repeated_after_any_failure() -> None:
    """A delivery that the receiver refuses for good is repeated."""
    pause = bringing.pause_before_next

    def spoiled(attempt: Any, answered: Any) -> int | None:
        if attempt.status == 400:
            ran()
            return 60 if attempt.n < 3 else None
        return pause(attempt, answered)

    bringing.pause_before_next = spoiled


@mutant("BK-NOTE-019", kinds=["notification"])
def signed_before_compression() -> None:
    """The signature of a compressed delivery is over what was compressed."""
    payload, sign = bringing.payload, bringing.sign
    plain: dict[bytes, bytes] = {}

    def packed(told: Notification, attempt: int, compressed: bool) -> bytes:
        body = payload(told, attempt, compressed)
        if compressed:
            ran()
            plain[body] = payload(told, attempt, False)
        return body

    bringing.payload = packed
    bringing.sign = lambda secret, body: sign(secret, plain.pop(body, body))


@mutant("BK-NOTE-022", kinds=["notification", "time"])
def local_time_as_unix_time() -> None:
    """The time of a notification is the wall clock of some zone, taken for Unix time."""

    def spoil(envelope: dict[str, Any], attempt: int) -> None:
        ran()
        envelope["time"] += 2 * 3600

    _spoil_envelope(spoil)
