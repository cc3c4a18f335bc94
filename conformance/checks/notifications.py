"""What is announced of a booking's life, to a webhook for every trigger."""

from collections.abc import Sequence
from typing import Any

from conformance.checking import check
from conformance.hooks import Hook
from conformance.notifications import envelope_problems, misplaced, object_problems
from conformance.pages import Page, webhook_reminders
from conformance.receiver import Delivery
from conformance.shapes import as_json
from conformance.target import Booked, Unverified
from conformance.trial import Trial, decoded_reference

REASON = "The conformance suite has seen enough"
PENDING = "[PENDING] "
LATE = 300
"""Seconds between what happened and the time of its notification, at most."""
ATTEMPTS = 3
LAST_RETRY = 25 * 60
"""Seconds after which no further attempt is made; documented are 10 to 20 minutes."""


@check(
    "BK-NOTE-001",
    "BK-NOTE-003",
    "BK-NOTE-004",
    "BK-NOTE-006",
    "BK-NOTE-007",
    "BK-NOTE-008",
    "BK-NOTE-009",
    "BK-NOTE-010",
    "BK-NOTE-011",
    "BK-NOTE-012",
    "BK-NOTE-014",
    "BK-NOTE-016",
    "BK-NOTE-022",
)
def the_life_of_a_booking_is_announced(trial: Trial) -> None:
    """Book, move and cancel, and look at the three notifications."""
    hook = trial.hooks.standing
    page = trial.page("booking")
    old, new = trial.free_slots(page, 2)
    guest = trial.target.guest()
    begun = trial.target.now()
    booked = trial.booked(page, old, guest=guest)
    created = _announced_once(trial, hook, booked.id, "booking.created", "BK-NOTE-001")
    _tells_of_booking(trial, created, booked, guest)
    _judge_moment(trial, created, begun)
    moved = trial.move(booked, new)
    if not moved.ok:
        raise Unverified(f"the booking could not be moved: {moved.told()}")
    now = _id_after(booked, moved.data)
    rescheduled = _rescheduled(trial, hook, (now, booked.id), old, new)
    cancelled = _cancelled(trial, hook, now, booked)
    deliveries = [created, rescheduled, cancelled]
    for delivery in deliveries:
        _judge_form(trial, hook, delivery)
        _judge_names(
            trial, delivery, {now, booked.id}, {booked.event_id, _event_after(booked, moved.data)}, page
        )
    ids = [delivery.id for delivery in deliveries]
    trial.judge("BK-NOTE-016", len(set(ids)) == len(ids), "three ids", ids)


def _rescheduled(trial: Trial, hook: Hook, ids: Sequence[str], old: Any, new: Any) -> Delivery:
    trigger = "booking.rescheduled"
    hook.expect(lambda: any(hook.endpoint.of(id, trigger) for id in ids))
    announced = next((id for id in ids if hook.endpoint.of(id, trigger)), ids[0])
    delivery = _announced_once(trial, hook, announced, trigger, "BK-NOTE-003")
    seen = {
        key: delivery.info.get(key) for key in ("old_start_time", "old_end_time", "start_time", "end_time")
    }
    expected = dict(zip(seen, (*old, *new), strict=True))
    trial.judge("BK-NOTE-003", seen == expected, as_json(expected), as_json(seen))
    return delivery


def _cancelled(trial: Trial, hook: Hook, booking_id: str, booked: Booked) -> Delivery:
    about = trial.target.about(booked.page)
    answer = trial.call(
        "DELETE", f"/v3/scheduling/bookings/{booking_id}", body={"cancellation_reason": REASON}, **about
    )
    if not answer.ok:
        raise Unverified(f"the booking could not be cancelled: {answer.told()}")
    delivery = _announced_once(trial, hook, booking_id, "booking.cancelled", "BK-NOTE-004")
    reason = delivery.info.get("cancellation_reason")
    trial.judge("BK-NOTE-004", reason in (None, "", REASON), f"{REASON!r}, or none", f"{reason!r}")
    return delivery


def _announced_once(trial: Trial, hook: Hook, booking_id: str, trigger: str, clause: str) -> Delivery:
    """The notification of a booking; judges that it came, and once. Raises Unverified where none did."""
    found = hook.told(booking_id, trigger)
    trial.judge(clause, bool(found), f"{trigger} at the webhook", "nothing arrived")
    if not found:
        raise Unverified(f"no {trigger} arrived")
    once = hook.quiet(lambda: len({each.id for each in hook.endpoint.of(booking_id, trigger)}) > 1)
    several = [each.id for each in hook.endpoint.of(booking_id, trigger)]
    trial.judge(clause, once, f"one {trigger}; duplicates carry the same id", several)
    return found[0]


def _tells_of_booking(trial: Trial, delivery: Delivery, booked: Booked, guest: dict[str, str]) -> None:
    info = delivery.info
    start, end = booked.slot
    seen = (info.get("start_time"), info.get("end_time"))
    trial.judge("BK-NOTE-011", seen == booked.slot, f"{start} to {end}", seen)
    minutes = (end - start) // 60
    trial.judge("BK-NOTE-011", info.get("duration") in (None, minutes), f"{minutes}", info.get("duration"))
    people = info.get("participants")
    if isinstance(people, list):
        emails = {each.get("email") for each in people if isinstance(each, dict)}
        expected = {guest["email"], *(str(each.get("email")) for each in booked.page.hosts)}
        trial.judge("BK-NOTE-012", expected <= emails, as_json(sorted(expected)), as_json(people))
    else:
        trial.observe("empty_notification_fields", "null")
        trial.judge("BK-NOTE-012", people is None, "a list, or null", as_json(people))
    _judge_reference(trial, delivery, booked)


def _judge_reference(trial: Trial, delivery: Delivery, booked: Booked) -> None:
    reference = delivery.object.get("booking_ref")
    if not isinstance(reference, str) or not reference:
        return
    try:
        decoded = decoded_reference(reference)[:2]
    except Unverified as reason:
        decoded = (str(reason), "")
    ids = (booked.page.id.lower(), booked.id.lower())
    trial.judge("BK-NOTE-014", decoded == ids, f"a reference of {ids}", f"{reference}: {decoded}")
    for key in ("participant_rescheduling_url", "participant_cancellation_url", "host_confirmation_url"):
        url = delivery.info.get(key)
        if isinstance(url, str) and url:
            trial.judge("BK-NOTE-014", url.endswith(reference), f"{key} ending in {reference}", url)


def _judge_moment(trial: Trial, delivery: Delivery, begun: int) -> None:
    said = delivery.envelope.get("time")
    near = isinstance(said, int) and begun - LATE <= said <= trial.target.now() + LATE
    trial.judge("BK-NOTE-022", near, f"about {begun}", said)


def _judge_form(trial: Trial, hook: Hook, delivery: Delivery) -> None:
    signed = delivery.is_signed(hook.secret)
    trial.judge("BK-NOTE-006", signed, "HMAC-SHA256 of the body", delivery.headers.get("x-nylas-signature"))
    outside = envelope_problems(delivery)
    trial.judge("BK-NOTE-007", not outside, "the documented envelope", "; ".join(outside))
    inside = object_problems(delivery)
    trial.judge("BK-NOTE-009", not inside, f"a {delivery.type}", "; ".join(inside))
    wrong = misplaced(delivery)
    trial.judge("BK-NOTE-008", not wrong, "the documented order", f"out of order: {', '.join(wrong)}")


def _judge_names(trial: Trial, delivery: Delivery, ids: set[str], events: set[str], page: Page) -> None:
    told = delivery.object
    right = told.get("booking_id") in ids and told.get("configuration_id") == page.id
    right = right and delivery.info.get("event_id") in (events | {None})
    trial.judge("BK-NOTE-010", right, as_json([*ids, page.id, *events]), delivery.told())


def _event_after(booked: Booked, data: Any) -> str:
    found = data.get("event_id") if isinstance(data, dict) else None
    return found if isinstance(found, str) else booked.event_id


def _id_after(booked: Booked, data: Any) -> str:
    found = data.get("booking_id") if isinstance(data, dict) else None
    return found if isinstance(found, str) else booked.id


@check("BK-NOTE-002", "BK-NOTE-015")
def a_pending_booking_is_announced_as_pending(trial: Trial) -> None:
    """Book where the organizer has to confirm."""
    hook = trial.hooks.standing
    booked = trial.booked(trial.page("confirmation"))
    pending = _announced_once(trial, hook, booked.id, "booking.pending", "BK-NOTE-002")
    quiet = hook.quiet(lambda: bool(hook.endpoint.of(booked.id, "booking.created")))
    trial.judge("BK-NOTE-002", quiet, "no booking.created", "both were announced")
    problems = object_problems(pending)
    trial.judge("BK-NOTE-002", not problems, "a booking.pending", "; ".join(problems))
    title = pending.info.get("title")
    trial.judge("BK-NOTE-015", str(title).startswith(PENDING), f"{PENDING}…", title)


@check("BK-NOTE-021")
def a_decision_is_announced(trial: Trial) -> None:
    """Confirm one pending booking, decline another."""
    hook = trial.hooks.standing
    for decision, trigger in (("confirmed", "booking.created"), ("cancelled", "booking.cancelled")):
        booked = trial.booked(trial.page("confirmation"))
        hook.first(booked.id, "booking.pending")
        answer = trial.decide(booked, decision)  # type: ignore[arg-type]
        if not answer.ok:
            raise Unverified(f"the decision was refused: {answer.told()}")
        silent = not hook.told(booked.id, trigger)
        trial.observe("decision_notification", "none" if silent else "announced")
        if silent:
            trial.unsupported("BK-NOTE-021", f"no {trigger} follows a decision")
        else:
            trial.judge("BK-NOTE-021", True, trigger, trigger)


@check("BK-NOTE-013")
def answers_are_announced(trial: Trial) -> None:
    """Answer a configuration's questions."""
    hook = trial.hooks.standing
    page = trial.page("fields")
    answers = page.answers or {next(iter(page.fields)): "an answer"}
    booked = trial.booked(page, additional_fields=answers)
    told = hook.first(booked.id, "booking.created").info.get("additional_fields")
    filled = isinstance(told, dict) and all(told.get(key) == value for key, value in answers.items())
    trial.judge("BK-NOTE-013", told is None or filled, as_json(answers), as_json(told))


@check("BK-NOTE-020")
def a_refused_booking_is_not_announced(trial: Trial) -> None:
    """Ask for a slot that is gone, without a guest, for nobody."""
    hook = trial.hooks.standing
    page = trial.page("booking")
    booked = trial.booked(page)
    hook.first(booked.id, "booking.created")
    before = len(hook.endpoint.deliveries)
    refused = [
        trial.book(page, booked.slot),
        trial.book(page, trial.free_slot(page), guest={"name": "Nobody"}),
    ]
    if not all(answer.refused for answer in refused):
        raise Unverified("what should be refused was not")
    quiet = hook.quiet(lambda: any(_is_new(each) for each in hook.endpoint.deliveries[before:]))
    trial.judge("BK-NOTE-020", quiet, "nothing", [each.told() for each in hook.endpoint.deliveries[before:]])


def _is_new(delivery: Delivery) -> bool:
    return delivery.type in ("booking.created", "booking.pending")


@check("BK-NOTE-019")
def a_compressed_delivery_is_signed_as_sent(trial: Trial) -> None:
    """Register a webhook that asks for compression."""
    with trial.hooks.temporary(compressed=True) as hook:
        booked = trial.booked(trial.page("booking"))
        delivery = hook.first(booked.id, "booking.created")
    trial.judge("BK-NOTE-019", delivery.compressed, "Content-Encoding: gzip", as_json(dict(delivery.headers)))
    unpacked = delivery.object.get("booking_id") == booked.id
    trial.judge("BK-NOTE-019", unpacked, "gzip of the notification", repr(delivery.body[:60]))
    signed = delivery.is_signed(hook.secret)
    trial.judge("BK-NOTE-019", signed, "a signature over the compressed bytes", "another one")


@check("BK-NOTE-017", last=True)
def a_failed_delivery_is_repeated(trial: Trial) -> None:
    """Answer 503 again and again, and see what comes."""
    with trial.hooks.temporary(("booking.created",)) as hook:
        hook.endpoint.statuses += [503] * (2 * ATTEMPTS)
        booked = trial.booked(trial.page("booking"))
        first = hook.first(booked.id, "booking.created")
        trial.wait(LAST_RETRY)
        hook.expect(lambda: len(hook.endpoint.same(first)) >= ATTEMPTS)
        found = hook.endpoint.same(first)
    attempts = [each.attempt for each in found]
    repeated = len(found) > 1 and _are_attempts([each for each in attempts if each is not None])
    expected = f"it comes again under the same id, with rising attempts, {ATTEMPTS} at most"
    trial.judge("BK-NOTE-017", repeated, expected, attempts)
    signed = [each.is_signed(hook.secret) for each in found]
    trial.judge("BK-NOTE-017", all(signed), "each signed over its own bytes", signed)


def _are_attempts(numbers: list[object]) -> bool:
    """Whether these count attempts; not every server says them, and duplicates may come."""
    counted = [each for each in numbers if isinstance(each, int)]
    rising = counted == sorted(counted) and len(counted) == len(numbers)
    return not numbers or (rising and len(set(counted)) > 1 and counted[-1] <= ATTEMPTS)


@check("BK-NOTE-018", last=True)
def a_delivery_that_is_refused_is_not_repeated(trial: Trial) -> None:
    """Answer 400 and see that nothing more comes."""
    with trial.hooks.temporary(("booking.created",)) as hook:
        hook.endpoint.statuses += [400] * (2 * ATTEMPTS)
        booked = trial.booked(trial.page("booking"))
        first = hook.first(booked.id, "booking.created")
        trial.wait(LAST_RETRY)
        quiet = hook.quiet(lambda: len(hook.endpoint.same(first)) > 1)
    attempts = [each.attempt for each in hook.endpoint.same(first)]
    trial.judge("BK-NOTE-018", quiet, "one attempt", attempts)


@check("BK-NOTE-005", last=True)
def a_reminder_is_announced_in_time(trial: Trial) -> None:
    """Book, then let time pass until shortly before and shortly after the reminder is due."""
    hook = trial.hooks.standing
    page = trial.page("reminders")
    minutes = min(webhook_reminders(page))
    booked = trial.booked(page)
    due = booked.slot[0] - minutes * 60
    trial.wait(due - 600 - trial.target.now())
    early = hook.endpoint.of(booked.id, "booking.reminder")
    expected = len([each for each in webhook_reminders(page) if each != minutes])
    trial.judge("BK-NOTE-005", len(early) <= expected, "no reminder ten minutes before it is due", len(early))
    trial.wait(900)
    found = hook.told(booked.id, "booking.reminder", expected + 1)
    trial.judge(
        "BK-NOTE-005", len(found) == expected + 1, f"one, {minutes} minutes before the start", len(found)
    )
    if found:
        until = found[-1].info.get("time_until_event")
        near = isinstance(until, int) and abs(until - minutes * 60) <= 300
        trial.judge("BK-NOTE-005", near, f"time_until_event about {minutes * 60} seconds", until)
        problems = object_problems(found[-1])
        trial.judge("BK-NOTE-005", not problems, "a booking.reminder", "; ".join(problems))
