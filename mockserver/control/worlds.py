"""`/_mock`: the world itself. State, reset, scenario, dialect, and somebody else at work in a calendar."""

import json
from typing import Any

from flask import Blueprint, Response

from mockserver.control import showing
from mockserver.control.calendars import find_event, find_place
from mockserver.control.desk import current_sandbox, desk
from mockserver.control.incoming import body, flag_of, parameters, required, text_body, text_of, time_of
from mockserver.control.refusals import BODY, ScenarioRefusal, invalid
from mockserver.domain.calendars import Event
from mockserver.domain.dialect import SWITCHES, UnknownChoice
from mockserver.domain.outsiders import Place, fill, free
from mockserver.domain.transaction import Transaction
from mockserver.gateway import json_response
from mockserver.sandbox import Sandbox, Template
from mockserver.scenario import Scenario, ScenarioError, parse_scenario

blueprint = Blueprint("world", __name__)


@blueprint.get("/state")
def get_state() -> Response:
    return json_response(showing.state(current_sandbox()))


@blueprint.post("/reset")
def reset() -> Response:
    sandbox = current_sandbox()
    given = body("scenario").get("scenario")
    return _started_anew(sandbox, None if given is None else desk().scenario(given))


@blueprint.get("/scenario")
def get_scenario() -> Response:
    return json_response(_document(current_sandbox()))


@blueprint.put("/scenario")
def put_scenario() -> Response:
    sandbox = current_sandbox()
    try:
        scenario = parse_scenario(text_body(), BODY)
    except ScenarioError as error:
        raise ScenarioRefusal(error) from error
    return _started_anew(sandbox, scenario)


@blueprint.get("/dialect")
def get_dialect() -> Response:
    return json_response(current_sandbox().dialect.as_dict())


@blueprint.patch("/dialect")
def patch_dialect() -> Response:
    sandbox = current_sandbox()
    choices = body(*SWITCHES)
    with sandbox.lock:
        try:
            sandbox.dialect = sandbox.dialect.changed(choices)
        except UnknownChoice as error:
            allowed = ", ".join(json.dumps(value) for value in SWITCHES[error.switch])
            raise invalid(f"expected one of {allowed}", error.switch) from error
        sandbox.changed("dialect", choices=choices)
        return json_response(sandbox.dialect.as_dict())


@blueprint.post("/events")
def post_event() -> Response:
    sandbox = current_sandbox()
    given = body("calendar", "title", "start_time", "end_time", "busy")
    start = time_of(required(given, "start_time"), "start_time")
    end = time_of(required(given, "end_time"), "end_time")
    if end <= start:
        raise invalid("expected a time after start_time", "end_time")
    title = text_of(given.get("title", "Busy"), "title")
    busy = flag_of(given.get("busy", True), "busy")
    with sandbox.transaction() as tx:
        place = _place(tx, required(given, "calendar"))
        event = fill(tx, place, title, start, end, busy)
        sandbox.changed("event", grant_id=place.grant.id, calendar_id=place.calendar.id, event=event)
        return json_response(_placed(place, event))


@blueprint.delete("/events/<event_id>")
def delete_event(event_id: str) -> Response:
    sandbox = current_sandbox()
    body()
    calendar = parameters("calendar").get("calendar")
    with sandbox.transaction() as tx:
        within = None if calendar is None else _place(tx, calendar)
        place, event = find_event(tx, event_id, within)
        sandbox.changed("removal", grant_id=place.grant.id, calendar_id=place.calendar.id, event_id=event.id)
        return json_response(_placed(place, free(tx, place, event)))


def _started_anew(sandbox: Sandbox, template: Template | None) -> Response:
    sandbox.reset(template)
    return json_response({"sandbox": sandbox.name, "scenario": sandbox.template.name})


def _document(sandbox: Sandbox) -> dict[str, Any]:
    template = sandbox.template
    return dict(template.document) if isinstance(template, Scenario) else {}


def _place(tx: Transaction, wanted: Any) -> Place:
    return find_place(tx, text_of(wanted, "calendar"), "calendar")


def _placed(place: Place, event: Event) -> dict[str, Any]:
    return {
        "grant_id": place.grant.id,
        "calendar_id": place.calendar.id,
        **showing.event(event, place.calendar),
    }
