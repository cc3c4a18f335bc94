"""The world, notifications and mails in the form in which the control plane shows them."""

from base64 import b64encode
from typing import Any

from mockserver.delivery.invitation import Attachment
from mockserver.delivery.letters import write
from mockserver.domain.calendars import Calendar, Event, Person
from mockserver.domain.links import reference_of
from mockserver.domain.world import Booking, Grant, Session, Webhook
from mockserver.sandbox import Attempt, Delivery, Sandbox, SentMail


def state(sandbox: Sandbox) -> dict[str, Any]:
    """Everything there is in a sandbox, at one moment."""
    with sandbox.lock:
        world = sandbox.world
        return {
            "application": {"client_id": world.application.client_id, "api_key": world.application.api_key},
            "clock": sandbox.clock.as_dict(),
            "dialect": sandbox.dialect.as_dict(),
            "grants": [grant(each) for each in world.grants.values()],
            "configurations": [each.shown() for each in world.configurations.values()],
            "sessions": [session(each) for each in world.sessions.values()],
            "bookings": [booking(each) for each in world.bookings.values()],
            "webhooks": [webhook(each) for each in world.webhooks.values()],
        }


def grant(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.id,
        "email": grant.email,
        "name": grant.name,
        "provider": grant.provider,
        "scopes": None if grant.scopes is None else list(grant.scopes),
        "status": grant.status,
        "calendars": [calendar(each) for each in grant.calendars.values()],
    }


def calendar(calendar: Calendar) -> dict[str, Any]:
    return {
        "id": calendar.id,
        "name": calendar.name,
        "primary": calendar.primary,
        "timezone": calendar.timezone,
        "events": [event(each, calendar) for each in calendar.events],
    }


def event(event: Event, calendar: Calendar) -> dict[str, Any]:
    return {
        "id": event.id,
        "title": event.title,
        "when": {
            "start_time": event.start,
            "end_time": event.end,
            "start_timezone": calendar.timezone,
            "end_timezone": calendar.timezone,
            "object": "timespan",
        },
        "status": event.status,
        "busy": event.busy,
        "all_day": event.all_day,
        "description": event.description,
        "location": event.location,
        "organizer": None if event.organizer is None else person(event.organizer),
        "participants": [person(each) for each in event.participants],
        "metadata": dict(event.metadata),
        "ical_uid": event.ical_uid,
        "html_link": event.html_link,
        "created_at": event.created_at,
        "updated_at": event.updated_at,
    }


def person(person: Person) -> dict[str, str]:
    return {"email": person.email, "name": person.name}


def session(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "configuration_id": session.configuration_id,
        "expires_at": session.expires_at,
    }


def booking(booking: Booking) -> dict[str, Any]:
    return {
        "booking_id": booking.id,
        "configuration_id": booking.configuration_id,
        "event_id": booking.event_id,
        "status": booking.status,
        "start_time": booking.start,
        "end_time": booking.end,
        "guest": person(booking.guest),
        "additional_guests": [person(each) for each in booking.additional_guests],
        "additional_fields": dict(booking.additional_fields),
        "booking_ref": reference_of(booking),
        "salt": booking.salt,
    }


def webhook(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "webhook_url": webhook.url,
        "webhook_secret": webhook.secret,
        "description": webhook.description,
        "trigger_types": list(webhook.trigger_types),
        "status": webhook.status,
        "compressed_delivery": webhook.compressed_delivery,
        "notification_email_addresses": list(webhook.notification_email_addresses),
        "created_at": webhook.created_at,
        "updated_at": webhook.updated_at,
        "status_updated_at": webhook.status_updated_at,
    }


def delivery(delivery: Delivery) -> dict[str, Any]:
    """A notification on its way to one webhook; `payload` is as the latest attempt sent it."""
    notification, webhook = delivery.notification, delivery.webhook
    return {
        "id": notification.id,
        "type": notification.type,
        "created_at": notification.created_at,
        "webhook_id": None if webhook is None else webhook.id,
        "url": None if webhook is None else webhook.url,
        "status": delivery.status,
        "next_attempt_at": delivery.next_attempt_at,
        "fault": None if delivery.fault is None else delivery.fault.id,
        "payload": notification.envelope(max(1, len(delivery.attempts))),
        "attempts": [attempt(each) for each in delivery.attempts],
    }


def attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "n": attempt.n,
        "at": attempt.at,
        "duration_ms": attempt.duration_ms,
        "status": attempt.status,
        "error": attempt.error,
        "fault": attempt.fault,
        "headers": dict(attempt.headers),
        "body_base64": b64encode(attempt.body).decode(),
    }


def mail(sent: SentMail) -> dict[str, Any]:
    """A mail, written out; takes a moment, so don't ask under a lock."""
    written = write(sent.letter)
    return {
        "id": sent.id,
        "at": sent.at,
        "type": sent.letter.type,
        "to": [written.to],
        "from": str(written.sender),
        "subject": written.subject,
        "text": written.text,
        "html": written.html,
        "language": written.language,
        "links": dict(written.links),
        "attachments": [attachment(each) for each in written.attachments],
        "smtp": None if sent.smtp is None else {"status": sent.smtp, "error": sent.error},
    }


def attachment(attachment: Attachment) -> dict[str, str]:
    return {
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "body": attachment.body,
    }
