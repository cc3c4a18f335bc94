"""From a plan to a world. Nothing is checked here any more, so that a new sandbox costs little."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockserver.domain.booking import BookingRequest, seed_booking, seeded_booking
from mockserver.domain.calendars import Calendar, Event, Person
from mockserver.domain.configuration import Configuration, read_configuration
from mockserver.domain.configuring import with_defaults
from mockserver.domain.ids import Ids
from mockserver.domain.links import PLACEHOLDER
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Booking, Grant, Session, Webhook, World
from mockserver.scenario.plan import (
    BookingPlan,
    CalendarPlan,
    ConfigurationPlan,
    GrantPlan,
    Plan,
    SessionPlan,
    WebhookPlan,
)


def build_world(plan: Plan, now: int, ids: Ids, public_url: str) -> World:
    """A new world as the plan has it. `now` is Unix seconds; ids are drawn in the order of the plan."""
    tx = Transaction(World(plan.application, public_url), now, ids, plan.dialect)
    grants = {name: add_grant(tx, each) for name, each in plan.grants.items()}
    configurations = {
        name: add_configuration(tx, each, grants[each.grant]) for name, each in plan.configurations.items()
    }
    sessions = {
        name: _add_session(tx, each, configurations[each.configuration])
        for name, each in plan.sessions.items()
    }
    bookings = {
        name: _add_booking(tx, each, configurations[each.configuration])
        for name, each in plan.bookings.items()
    }
    webhooks = {name: _add_webhook(tx, each) for name, each in plan.webhooks.items()}
    made: Mapping[str, Mapping[str, Grant | Configuration | Session | Booking | Webhook]] = {
        "grants": grants,
        "configurations": configurations,
        "sessions": sessions,
        "bookings": bookings,
        "webhooks": webhooks,
    }
    tx.world.names = {
        section: {name: each.id for name, each in entries.items()} for section, entries in made.items()
    }
    return tx.world


def add_grant(tx: Transaction, plan: GrantPlan) -> Grant:
    """A grant with its calendars and their events."""
    grant = Grant(
        id=plan.id or tx.ids.uuid("grant"),
        email=plan.email,
        provider=plan.provider,
        name=plan.name,
        scopes=plan.scopes,
        status=plan.status,
    )
    for each in plan.calendars:
        grant.calendars[each.id] = _calendar(tx, each, plan.provider)
    tx.world.add_grant(grant)
    return grant


def add_configuration(tx: Transaction, plan: ConfigurationPlan, grant: Grant) -> Configuration:
    """A configuration, the mock's own pages filled in."""
    body = with_defaults(with_pages(plan.body, tx.world.public_url))
    configuration = read_configuration(plan.id or tx.ids.uuid("configuration"), grant.id, body)
    tx.world.put_configuration(configuration)
    return configuration


def with_pages(body: Mapping[str, Any], public_url: str) -> dict[str, Any]:
    """The body with the mock's own pages for deciding, moving and cancelling, where it names none."""
    pages = {"rescheduling_url": "reschedule", "cancellation_url": "cancel"}
    if body["event_booking"].get("booking_type") == "organizer-confirmation":
        pages["organizer_confirmation_url"] = "confirm"
    scheduler = dict(body.get("scheduler") or {})
    for key, page in pages.items():
        scheduler[key] = scheduler.get(key) or f"{public_url.rstrip('/')}/{page}/{PLACEHOLDER}"
    return {**body, "scheduler": scheduler}


def _calendar(tx: Transaction, plan: CalendarPlan, provider: str) -> Calendar:
    calendar = tx.world.new_calendar(plan.id, plan.name, plan.timezone, plan.primary)
    for each in plan.events:
        start, end = each.times(tx.now)
        event_id = each.id or tx.ids.event_id()
        calendar.put(
            Event(
                id=event_id,
                title=each.title,
                start=start,
                end=end,
                busy=each.busy,
                status=each.status,
                all_day=each.all_day,
                description=each.description,
                location=each.location,
                organizer=each.organizer,
                participants=each.participants,
                ical_uid=each.ical_uid or _ical_uid(event_id, provider),
                created_at=tx.now,
                updated_at=tx.now,
                recurrence=each.recurrence,
                timezone=each.start.zone,
                master_event_id=each.master,
            )
        )
    return calendar


def _ical_uid(event_id: str, provider: str) -> str:
    return f"{event_id}@google.com" if provider == "google" else event_id.upper()


def _add_session(tx: Transaction, plan: SessionPlan, configuration: Configuration) -> Session:
    session = Session(plan.id or tx.ids.uuid("session"), configuration.id, tx.now + plan.lifetime)
    tx.world.sessions.put(session.id, session)
    return session


def _add_booking(tx: Transaction, plan: BookingPlan, configuration: Configuration) -> Booking:
    start = plan.at.seconds(tx.now)
    request = BookingRequest(
        start=start,
        end=start + (plan.minutes or configuration.duration) * 60,
        guest=plan.guest,
        additional_guests=plan.additional_guests,
        additional_fields=plan.additional_fields,
        timezone=plan.timezone,
        email_language=plan.email_language,
    )
    drawn = seeded_booking(tx.world, tx.ids, tx.now, configuration, request)
    booking = replace(drawn, id=plan.id or drawn.id, salt=plan.salt or drawn.salt, status=plan.status)
    host = configuration.participant(plan.host)
    if host is not None:
        person = Person(host.email, host.name)
        booking = replace(booking, organizer=person, hosts=(person,))
    seed_booking(tx, configuration, booking)
    return booking


def _add_webhook(tx: Transaction, plan: WebhookPlan) -> Webhook:
    webhook = Webhook(
        id=plan.id or tx.ids.webhook_id(),
        url=plan.url,
        trigger_types=plan.triggers,
        secret=plan.secret or tx.ids.webhook_secret(),
        status=plan.status,
        compressed_delivery=plan.compressed,
        created_at=tx.now,
        updated_at=tx.now,
        status_updated_at=tx.now,
    )
    tx.world.webhooks.put(webhook.id, webhook)
    return webhook
