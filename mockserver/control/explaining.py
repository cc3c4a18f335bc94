"""`/_mock/explain`: why a time is offered or not."""

from collections.abc import Mapping

from flask import Blueprint, Response

from mockserver.control.desk import current_sandbox
from mockserver.control.incoming import SHOWN, parameters, time_of
from mockserver.control.refusals import invalid, not_found
from mockserver.domain.configuration import Configuration
from mockserver.domain.explain import explain
from mockserver.domain.world import World
from mockserver.gateway import json_response
from mockserver.sandbox import Sandbox

blueprint = Blueprint("explaining", __name__)


@blueprint.get("/explain")
def get_explain() -> Response:
    given = parameters("request_id", "configuration_id", "start_time", "end_time", "booking_id")
    sandbox = current_sandbox()
    if "request_id" in given:
        if len(given) > 1:
            raise invalid("expected no other parameter beside it", "request_id")
        return json_response(_of_request(sandbox, given["request_id"]))
    for name in ("configuration_id", "start_time"):
        if name not in given:
            raise invalid("expected it, or request_id", name)
    start = _time(given, "start_time")
    end = _time(given, "end_time") if "end_time" in given else None
    with sandbox.transaction() as tx:
        configuration = _configuration(tx.world, given["configuration_id"])
        moving = None
        if "booking_id" in given:
            moving = tx.world.bookings.get(given["booking_id"])
            if moving is None or moving.configuration_id != configuration.id:
                raise not_found("booking_id: no booking of the configuration has that id")
        return json_response(explain(tx, configuration, start, end, moving))


def _time(given: Mapping[str, str], name: str) -> int:
    text = given[name]
    return time_of(int(text) if text.isascii() and text.isdigit() and len(text) < 16 else text, name)


def _of_request(sandbox: Sandbox, request_id: str) -> object:
    explanation = sandbox.journal.explanation(request_id)
    if explanation is None:
        raise not_found("request_id: no refused booking has it, or it is too long ago")
    return explanation


def _configuration(world: World, named: str) -> Configuration:
    found = world.configurations.get(named.lower()) or world.configurations.get(world.slugs.get(named, ""))
    if found is None:
        raise not_found(f"configuration_id: no configuration has the id or slug {named[:SHOWN]}")
    return found
