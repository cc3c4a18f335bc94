"""`/v3/grants/{grant_id}/calendars`: a grant's calendars, and when people are busy."""

from typing import Any

from flask import Blueprint, Response

from mockserver.api.incoming import credentials, json_body
from mockserver.api.paging import page
from mockserver.domain.access import grant_at, require_api_key
from mockserver.domain.calendars import Calendar
from mockserver.domain.errors import refuse
from mockserver.domain.freebusy import busy_times
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Grant
from mockserver.gateway import current_sandbox, enveloped

blueprint = Blueprint("calendars", __name__, url_prefix="/v3/grants/<grant_id>/calendars")


@blueprint.get("")
def listCalendars(grant_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        grant = readable_grant(tx, grant_id)
        return enveloped(page([shown(grant, calendar) for calendar in grant.calendars.values()]))


@blueprint.get("/<calendar_id>")
def getCalendar(grant_id: str, calendar_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        grant = readable_grant(tx, grant_id)
        return enveloped({"data": shown(grant, calendar_of(grant, calendar_id))})


@blueprint.post("/free-busy")
def getFreeBusy(grant_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        readable_grant(tx, grant_id)
        body = json_body()
        return enveloped({"data": [_free_busy(tx, email, body) for email in body["emails"]]})


def readable_grant(tx: Transaction, identifier: str) -> Grant:
    """The grant of a path, for a caller with the API key. Raises Refusal: unknown 404, expired 401."""
    require_api_key(tx, credentials())
    grant = grant_at(tx, identifier)
    if grant.status != "valid":
        raise refuse("unauthorized", "grant_id: expected a grant that has not expired")
    return grant


def calendar_of(grant: Grant, calendar_id: str) -> Calendar:
    """The grant's calendar of that id. Raises Refusal `not_found`."""
    calendar = grant.calendar(calendar_id)
    if calendar is None:
        raise refuse("not_found")
    return calendar


def shown(grant: Grant, calendar: Calendar) -> dict[str, Any]:
    """The calendar as the API shows it."""
    return {
        "id": calendar.id,
        "grant_id": grant.id,
        "name": calendar.name,
        "description": "",
        "timezone": calendar.timezone,
        "is_primary": calendar.primary,
        "read_only": False,
        "is_owned_by_user": True,
        "object": "calendar",
    }


def _free_busy(tx: Transaction, email: str, body: dict[str, Any]) -> dict[str, Any]:
    grant = tx.world.grant_of(email)
    if grant is None or grant.status != "valid":
        return {"email": email, "error": "No calendar of this address can be read", "object": "error"}
    tentative = body.get("tentative_as_busy", True)
    times = busy_times(grant, body["start_time"], body["end_time"], tentative, tx.now)
    slots = [
        {"start_time": start, "end_time": end, "status": "busy", "object": "time_slot"}
        for start, end in times
    ]
    return {"email": email, "time_slots": slots, "object": "free_busy"}
