"""A configuration, read once from the body that the API took into what the rules work with.

Defaults are the documented ones ("Configuration" of the API reference). Durations are minutes, as there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

BookingType = Literal["booking", "organizer-confirmation"]
Method = Literal["collective", "max-fairness", "max-availability"]

DEFAULT_ROUND_TO = 15
DEFAULT_HORIZON_DAYS = 30
DEFAULT_NOTICE = 60


@dataclass(frozen=True, slots=True)
class OpenHours:
    """A block of open hours. Days count from 0 = Sunday; times are minutes since local midnight."""

    days: frozenset[int]
    start: int
    end: int
    timezone: str | None
    exdates: frozenset[str]


@dataclass(frozen=True, slots=True)
class SpecificTime:
    """Open hours of one date (YYYY-MM-DD), in minutes since local midnight."""

    date: str
    start: int
    end: int
    timezone: str | None


@dataclass(frozen=True, slots=True)
class ParticipantAvailability:
    calendar_ids: tuple[str, ...]
    open_hours: tuple[OpenHours, ...]


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody whom a configuration names. Without `availability` he or she is always free."""

    email: str
    name: str
    is_organizer: bool
    timezone: str | None
    availability: ParticipantAvailability | None
    booking_calendar_id: str | None
    specific_times: tuple[SpecificTime, ...]
    only_specific_times: bool


@dataclass(frozen=True, slots=True)
class AdditionalField:
    """A question to the guest. `pattern` is a foreign regular expression; `options` None means any."""

    label: str
    type: str
    required: bool
    pattern: str | None
    options: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """When and how to remind of a booking; `minutes` before it begins."""

    type: Literal["email", "webhook"]
    minutes: int
    recipient: Literal["all", "host", "guest"]
    email_subject: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """A scheduling configuration. `body` is what the API shows; the rest is read from it."""

    id: str
    grant_id: str
    body: Mapping[str, Any]
    name: str
    slug: str | None
    requires_session_auth: bool
    participants: tuple[Participant, ...]
    duration: int
    interval: int
    round_to: int
    method: Method
    buffer_before: int
    buffer_after: int
    default_open_hours: tuple[OpenHours, ...]
    default_specific_times: tuple[SpecificTime, ...]
    only_specific_times: bool
    booking_type: BookingType
    title: str
    description: str
    location: str
    event_timezone: str | None
    disable_emails: bool
    hide_participants: bool
    notice: int
    horizon_days: int
    cancellation_notice: int
    rescheduling_url: str
    cancellation_url: str
    organizer_confirmation_url: str
    hide_rescheduling_options: bool
    hide_cancellation_options: bool
    reminders: tuple[ReminderRule, ...] = ()
    additional_fields: Mapping[str, AdditionalField] = field(default_factory=dict)

    @property
    def round_robin(self) -> bool:
        """Whether any free participant will do; otherwise everybody must be free."""
        return self.method != "collective"

    @property
    def organizer(self) -> Participant:
        """Whose calendar the event is written to, unless a round-robin host is chosen."""
        bookable = [one for one in self.participants if one.booking_calendar_id]
        return next((one for one in bookable if one.is_organizer), bookable[0])

    @property
    def timezone(self) -> str:
        """The zone of the event, which the slot grid and the horizon are counted in."""
        return self.event_timezone or self.organizer.timezone or "UTC"

    def participant(self, email: str) -> Participant | None:
        """The participant with that e-mail address, whatever its case."""
        return next((each for each in self.participants if each.email.lower() == email.lower()), None)

    def timezone_of(self, email: str) -> str:
        """The zone of a host: his or her own in the configuration, else the event's."""
        host = self.participant(email)
        return (host.timezone if host else None) or self.timezone

    def shown(self) -> dict[str, Any]:
        """The configuration as the API shows it."""
        return {"id": self.id, **self.body}


def read_configuration(id: str, grant_id: str, body: Mapping[str, Any]) -> Configuration:
    """Read a body that obeys the contract and the rules of `domain.configuring`."""
    availability = body["availability"]
    rules = _object(availability, "availability_rules")
    buffer = _object(rules, "buffer")
    event = body["event_booking"]
    scheduler = _object(body, "scheduler")
    participants = tuple(_participant(each) for each in body["participants"])
    duration = int(availability["duration_minutes"])
    notice = scheduler.get("min_booking_notice")
    return Configuration(
        id=id,
        grant_id=grant_id,
        body=body,
        name=body.get("name") or "",
        slug=body.get("slug") or None,
        requires_session_auth=bool(body.get("requires_session_auth")),
        participants=participants,
        duration=duration,
        interval=int(availability.get("interval_minutes") or duration),
        round_to=int(availability.get("round_to") or DEFAULT_ROUND_TO),
        method=rules.get("availability_method") or "collective",
        buffer_before=int(buffer.get("before") or 0),
        buffer_after=int(buffer.get("after") or 0),
        default_open_hours=_open_hours(rules.get("default_open_hours")),
        default_specific_times=_specific_times(rules.get("default_specific_time_availability")),
        only_specific_times=bool(rules.get("only_specific_time_availability")),
        booking_type=event.get("booking_type") or "booking",
        title=event["title"],
        description=event.get("description") or "",
        location=event.get("location") or _conference_link(event),
        event_timezone=event.get("timezone") or None,
        disable_emails=bool(event.get("disable_emails")),
        hide_participants=bool(event.get("hide_participants")),
        notice=DEFAULT_NOTICE if notice is None else int(notice),
        horizon_days=_number(scheduler, "available_days_in_future", DEFAULT_HORIZON_DAYS),
        cancellation_notice=_number(scheduler, "min_cancellation_notice", 0),
        rescheduling_url=scheduler.get("rescheduling_url") or "",
        cancellation_url=scheduler.get("cancellation_url") or "",
        organizer_confirmation_url=scheduler.get("organizer_confirmation_url") or "",
        hide_rescheduling_options=bool(scheduler.get("hide_rescheduling_options")),
        hide_cancellation_options=bool(scheduler.get("hide_cancellation_options")),
        reminders=_reminders(event.get("reminders")),
        additional_fields={
            key: _additional_field(each) for key, each in _object(scheduler, "additional_fields").items()
        },
    )


def minutes_of(clock: str) -> int:
    """Minutes since midnight of a time such as `9:30` or `17:00`."""
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _participant(body: Mapping[str, Any]) -> Participant:
    availability = body.get("availability")
    booking = body.get("booking")
    return Participant(
        email=body["email"],
        name=body.get("name") or "",
        is_organizer=bool(body.get("is_organizer")),
        timezone=body.get("timezone") or None,
        availability=None
        if not availability
        else ParticipantAvailability(
            calendar_ids=tuple(availability.get("calendar_ids") or ()),
            open_hours=_open_hours(availability.get("open_hours")),
        ),
        booking_calendar_id=booking.get("calendar_id") if booking else None,
        specific_times=_specific_times(body.get("specific_time_availability")),
        only_specific_times=bool(body.get("only_specific_time_availability")),
    )


def _open_hours(blocks: Sequence[Mapping[str, Any]] | None) -> tuple[OpenHours, ...]:
    return tuple(
        OpenHours(
            days=frozenset(block.get("days") or range(7)),
            start=minutes_of(block.get("start") or "0:00"),
            end=minutes_of(block["end"]) if block.get("end") else 24 * 60,
            timezone=block.get("timezone") or None,
            exdates=frozenset(block.get("exdates") or ()),
        )
        for block in blocks or ()
    )


def _specific_times(entries: Sequence[Mapping[str, Any]] | None) -> tuple[SpecificTime, ...]:
    return tuple(
        SpecificTime(
            date=entry["date"],
            start=minutes_of(entry["start"]),
            end=minutes_of(entry["end"]),
            timezone=entry.get("timezone") or None,
        )
        for entry in entries or ()
    )


def _reminders(rules: Sequence[Mapping[str, Any]] | None) -> tuple[ReminderRule, ...]:
    """The reminders that say what they are; type and minutes are not required by the reference."""
    return tuple(
        ReminderRule(
            type=rule["type"],
            minutes=int(rule["minutes_before_event"]),
            recipient=rule.get("recipient") or "all",
            email_subject=rule.get("email_subject") or "",
        )
        for rule in rules or ()
        if rule.get("type") and rule.get("minutes_before_event")
    )


def _additional_field(body: Mapping[str, Any]) -> AdditionalField:
    options = body.get("options")
    return AdditionalField(
        label=body["label"],
        type=body["type"],
        required=bool(body["required"]),
        pattern=body.get("pattern") or None,
        options=tuple(options) if options else None,
    )


def _conference_link(event: Mapping[str, Any]) -> str:
    return str(_object(_object(event, "conferencing"), "details").get("url") or "")


def _object(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value: Mapping[str, Any] = body.get(key) or {}
    return value


def _number(body: Mapping[str, Any], key: str, default: int) -> int:
    value = body.get(key)
    return default if value is None else int(value)
