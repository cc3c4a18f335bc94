"""`/_mock/faults`: what is to go wrong."""

from typing import Any

from flask import Blueprint, Response

from mockserver.control.desk import current_sandbox
from mockserver.control.incoming import body
from mockserver.control.refusals import BODY, invalid, not_found
from mockserver.domain.world import World
from mockserver.gateway import json_response
from mockserver.sandbox import Fault, FaultsRefused
from mockserver.sandbox.faults import Standing
from mockserver.scenario import ScenarioError, parse_faults

KEYS = ("id", "match", "times", "probability", "after", "effect")

blueprint = Blueprint("faults", __name__)


@blueprint.get("/faults")
def get_faults() -> Response:
    return _shown(current_sandbox().faults.standings())


@blueprint.post("/faults")
def post_faults() -> Response:
    """One fault, or several under `data`; all of them are added, or none."""
    sandbox = current_sandbox()
    given = body("data", *KEYS)
    with sandbox.lock:
        faults = _read(given, sandbox.world, sandbox.clock.now())
        try:
            added = sandbox.faults.add(faults)
        except FaultsRefused as error:
            raise invalid(str(error), "id" if "id" in given else "data") from error
        sandbox.changed("faults", faults=[each.fault for each in added])
    return _shown(added)


@blueprint.delete("/faults")
def delete_faults() -> Response:
    sandbox = current_sandbox()
    body()
    with sandbox.lock:
        sandbox.faults.remove()
        sandbox.changed("faults_removed", id=None)
    return json_response({})


@blueprint.delete("/faults/<fault_id>")
def delete_fault(fault_id: str) -> Response:
    sandbox = current_sandbox()
    body()
    with sandbox.lock:
        if not sandbox.faults.remove(fault_id):
            raise not_found("no fault has that id")
        sandbox.changed("faults_removed", id=fault_id)
    return json_response({})


def _read(given: dict[str, Any], world: World, now: int) -> tuple[Fault, ...]:
    several = "data" in given
    if several and len(given) > 1:
        raise invalid("expected it alone, or one fault without it", "data")
    if several and not isinstance(given["data"], list):
        raise invalid("expected a list of faults", "data")
    try:
        return parse_faults(given["data"] if several else [given], BODY, world, now)
    except ScenarioError as error:
        problem = error.problems[0]
        path = problem.path.removeprefix("faults")
        path = f"data{path}" if several else path.removeprefix("[0]").removeprefix(".")
        raise invalid(problem.message, path) from error


def _shown(standings: list[Standing]) -> Response:
    rows = [{**each.fault.as_dict(), "used": each.used, "left": each.left} for each in standings]
    return json_response({"data": rows})
