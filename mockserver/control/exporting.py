"""`/_mock/export`: the sandbox, and what happened in it, as a scenario that replays."""

from typing import Any

from flask import Blueprint, Response, request

from mockserver.control.desk import current_sandbox
from mockserver.control.incoming import echo, parameters
from mockserver.control.refusals import conflict, invalid
from mockserver.gateway import json_response
from mockserver.recording import TooLong, as_yaml, export_scenario, without_comments

YAML, JSON = "application/yaml", "application/json"

blueprint = Blueprint("exporting", __name__)


@blueprint.get("/export")
def get_export() -> Response:
    given = parameters("format", "mask")
    sandbox = current_sandbox()
    form = given.get("format") or _preferred()
    if form not in ("yaml", "json"):
        raise invalid(f"expected yaml or json, {echo(form)}", "format")
    masked = given.get("mask", "true")
    if masked not in ("true", "false"):
        raise invalid(f"expected true or false, {echo(masked)}", "mask")
    document, heading = export_scenario(sandbox, masked == "true")
    try:
        text = as_yaml(document, heading)
    except TooLong as error:
        raise conflict(f"{error}; DELETE {request.path.removesuffix('export')}requests forgets") from error
    if form == "json":
        plain: Any = without_comments(document)
        return json_response(plain)
    return Response(text, content_type=YAML)


def _preferred() -> str:
    wanted = request.accept_mimetypes.best_match([YAML, JSON], default=YAML)
    return "json" if wanted == JSON else "yaml"
