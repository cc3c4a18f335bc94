"""`/v3/grants/{grant_id}/events`: what the provider's calendars hold, read only."""

from typing import Any

from flask import Blueprint, Response

from mockserver.api.calendars import calendar_of, readable_grant
from mockserver.api.incoming import query_flag, query_optional_time, query_value
from mockserver.api.paging import sorted_page
from mockserver.domain.calendars import Calendar, Event, Person
from mockserver.domain.errors import refuse
from mockserver.domain.freebusy import events_within, place_in_list
from mockserver.domain.transaction import Transaction
from mockserver.domain.wallclock import date_of, local_day
from mockserver.domain.world import Grant
from mockserver.gateway import current_sandbox, enveloped

blueprint = Blueprint("events", __name__, url_prefix="/v3/grants/<grant_id>/events")


@blueprint.get("")
def listEvents(grant_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        grant, calendar = _calendar(tx, grant_id)
        start, end = query_optional_time("start"), query_optional_time("end")
        cancelled = query_flag("show_cancelled")
        found = events_within(calendar, start, end, tx.now)
        listed = [event for event in found if cancelled or event.status != "cancelled"]
        return enveloped(sorted_page(listed, place_in_list, lambda event: shown(grant, calendar, event)))


@blueprint.get("/<event_id>")
def getEvent(grant_id: str, event_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        grant, calendar = _calendar(tx, grant_id)
        event = calendar.get(event_id)
        if event is None:
            raise refuse("not_found")
        return enveloped({"data": shown(grant, calendar, event)})


def _calendar(tx: Transaction, grant_id: str) -> tuple[Grant, Calendar]:
    """The calendar that the query names."""
    grant = readable_grant(tx, grant_id)
    calendar_id = query_value("calendar_id")
    if calendar_id is None:
        raise refuse("invalid_query", "calendar_id: missing, expected the id of a calendar, or primary")
    return grant, calendar_of(grant, calendar_id)


def shown(grant: Grant, calendar: Calendar, event: Event) -> dict[str, Any]:
    """The event as the API shows it. One that nobody is told to have organized is its owner's."""
    organizer = event.organizer or Person(grant.email, grant.name)
    optional: dict[str, Any] = {
        "recurrence": list(event.recurrence),
        "master_event_id": event.master_event_id,
        "html_link": event.html_link,
    }
    return {
        "id": event.id,
        "grant_id": grant.id,
        "calendar_id": calendar.id,
        "title": event.title,
        "description": event.description,
        "location": event.location,
        "busy": event.busy,
        "status": event.status,
        "when": _when(event, calendar),
        "participants": [
            {**_person(each), "status": "yes" if _same(each, organizer) else "noreply"}
            for each in event.participants
        ],
        "organizer": _person(organizer),
        "creator": _person(organizer),
        "metadata": dict(event.metadata),
        "ical_uid": event.ical_uid,
        "read_only": not _same(organizer, Person(grant.email)),
        "created_at": event.created_at,
        "updated_at": event.updated_at,
        "object": "event",
        **{key: value for key, value in optional.items() if value},
    }


def _when(event: Event, calendar: Calendar) -> dict[str, Any]:
    """When the event takes place: by the clock, or by the calendar's dates, of which the last one counts."""
    recurs = bool(event.recurrence or event.master_event_id)
    zone = event.timezone if recurs else calendar.timezone  # a recurring one is counted in its own
    if not event.all_day:
        return {
            "start_time": event.start,
            "end_time": event.end,
            "start_timezone": zone,
            "end_timezone": zone,
            "object": "timespan",
        }
    first = date_of(local_day(zone, event.start))
    last = date_of(local_day(zone, max(event.end - 1, event.start)))
    if first == last:
        return {"date": first, "object": "date"}
    return {"start_date": first, "end_date": last, "object": "datespan"}


def _same(one: Person, other: Person) -> bool:
    return one.email.lower() == other.email.lower()


def _person(person: Person) -> dict[str, str]:
    return {"email": person.email, "name": person.name}
