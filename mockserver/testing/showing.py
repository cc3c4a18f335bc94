"""From what a sandbox keeps to the records that a double shows."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from mockserver.delivery.letters import write
from mockserver.domain import calendars, configuration, world
from mockserver.domain.links import reference_of
from mockserver.sandbox import Delivery, Sandbox, SentMail
from mockserver.sandbox import Fired as Due
from mockserver.sandbox.journal import Exchange
from mockserver.testing import records
from mockserver.testing.records import moment


def bookings(sandbox: Sandbox) -> list[records.Booking]:
    with sandbox.lock:
        shown = {each.id: configured(sandbox, each) for each in sandbox.world.configurations.values()}
        return [
            records.Booking(
                id=each.id,
                status=each.status,
                start_time=each.start,
                end_time=each.end,
                guest=_person(each.guest),
                organizer=_person(each.organizer),
                configuration=shown.get(each.configuration_id) or _forgotten(each),
                event_id=each.event_id,
                reference=reference_of(each),
                salt=each.salt,
                timezone=each.timezone,
                additional_guests=tuple(map(_person, each.additional_guests)),
                additional_fields=dict(each.additional_fields),
                cancellation_reason=each.cancellation_reason,
            )
            for each in sandbox.world.bookings.values()
        ]


def events(sandbox: Sandbox) -> list[records.Event]:
    """The events of all calendars, by start."""
    with sandbox.lock:
        found = [
            event(each, granted(sandbox, grant), calendar)
            for grant in sandbox.world.grants.values()
            for calendar in grant.calendars.values()
            for each in calendar.events
        ]
    return sorted(found, key=lambda each: (each.start_time, each.end_time))


def event(each: calendars.Event, owner: records.Grant, calendar: calendars.Calendar) -> records.Event:
    return records.Event(
        id=each.id,
        title=each.title,
        start_time=each.start,
        end_time=each.end,
        status=each.status,
        busy=each.busy,
        owner=owner,
        calendar_id=calendar.id,
        description=each.description,
        location=each.location,
        participants=tuple(map(_person, each.participants)),
        metadata=dict(each.metadata),
        ical_uid=each.ical_uid,
    )


def configured(sandbox: Sandbox, found: configuration.Configuration) -> records.Configuration:
    return records.Configuration(
        id=found.id,
        name=_local_name(sandbox, "configurations", found.id),
        slug=found.slug or "",
        duration_minutes=found.duration,
        organizer=records.Person(found.organizer.email, found.organizer.name),
        body=found.shown(),
    )


def granted(sandbox: Sandbox, found: world.Grant) -> records.Grant:
    name = _local_name(sandbox, "grants", found.id)
    return records.Grant(found.id, name, found.email, found.provider, found.status)


def webhook(found: world.Webhook) -> records.Webhook:
    return records.Webhook(found.id, found.url, found.secret, found.trigger_types, found.status)


def mails(sandbox: Sandbox) -> list[records.Mail]:
    with sandbox.outbox.changed:
        sent = list(sandbox.outbox.mails)
    return [_mail(each) for each in sent]


def notifications(sandbox: Sandbox) -> list[records.Notification]:
    with sandbox.outbox.changed:
        by_id: dict[str, list[Delivery]] = {}
        for each in sandbox.outbox.deliveries:
            by_id.setdefault(each.notification.id, []).append(each)
        return [_notification(deliveries) for deliveries in by_id.values()]


def requests(sandbox: Sandbox) -> list[records.Request]:
    return [_request(each) for each in sandbox.journal.exchanges()]


def fired(due: Due) -> records.Fired:
    return records.Fired(moment(due.at), due.kind, due.id)


def _mail(sent: SentMail) -> records.Mail:
    written = write(sent.letter)
    return records.Mail(
        id=sent.id,
        type=sent.letter.type,
        at=moment(sent.at),
        to=written.to,
        sender=str(written.sender),
        subject=written.subject,
        text=written.text,
        html=written.html,
        links=dict(written.links),
        attachments=tuple(
            records.Attachment(each.filename, each.content_type, each.body) for each in written.attachments
        ),
    )


def _notification(deliveries: Sequence[Delivery]) -> records.Notification:
    notification = deliveries[0].notification
    tried = max(len(each.attempts) for each in deliveries)
    return records.Notification(
        id=notification.id,
        type=notification.type,
        at=moment(notification.created_at),
        payload=notification.envelope(max(1, tried)),
        deliveries=tuple(_delivery(each) for each in deliveries if each.webhook is not None),
    )


def _delivery(delivery: Delivery) -> records.Delivery:
    due = delivery.next_attempt_at
    return records.Delivery(
        url="" if delivery.webhook is None else delivery.webhook.url,
        status=delivery.status,
        attempts=tuple(
            records.Attempt(each.n, moment(each.at), each.status, each.error, dict(each.headers), each.body)
            for each in delivery.attempts
        ),
        next_attempt=None if due is None else moment(due),
    )


def _request(exchange: Exchange) -> records.Request:
    return records.Request(
        id=exchange.id,
        at=moment(exchange.at),
        method=exchange.method,
        path=exchange.path,
        query=dict(parse_qsl(exchange.query, keep_blank_values=True)),
        status=exchange.status,
        headers=dict(exchange.request_headers),
        body=exchange.request_body,
        answer_headers=dict(exchange.response_headers),
        answer_body=exchange.response_body,
        fault=exchange.fault,
    )


def _forgotten(booking: world.Booking) -> records.Configuration:
    """Stands for the configuration of a booking, when that was deleted."""
    return records.Configuration(booking.configuration_id, "", "", 0, _person(booking.organizer), {})


def _local_name(sandbox: Sandbox, section: str, id: str) -> str:
    names = sandbox.world.names.get(section, {})
    return next((name for name, known in names.items() if known == id), "")


def _person(person: calendars.Person) -> records.Person:
    return records.Person(person.email, person.name)
