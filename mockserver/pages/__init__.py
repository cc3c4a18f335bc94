"""Pages for people: HTML that changes nothing when it is only read.

The organizer's page works without JavaScript; the hosted pages embed the provider's web component.
"""

import logging

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import PathConverter

from mockserver.domain.errors import Refusal
from mockserver.gateway import current_sandbox
from mockserver.pages import confirmation, hosted
from mockserver.pages.rendering import PageRefusal, protect, refused
from mockserver.settings import Settings

__all__ = ["blueprint"]

log = logging.getLogger("mockserver")


class _Reference(PathConverter):
    """A booking reference in any encoding: standard base64 has slashes, at the beginning too."""

    part_isolating = False
    regex = r"(?s:.*?)"


def blueprint(settings: Settings) -> Blueprint:
    """The pages of one server. Whatever goes wrong below their paths is told in HTML too.

    Raises ValueError when the settings name a folder without the web component.
    """
    pages = Blueprint("pages", __name__)

    @pages.record
    def set_up(state: BlueprintSetupState) -> None:
        state.app.url_map.converters["reference"] = _Reference

    pages.after_request(protect)
    pages.register_error_handler(PageRefusal, refused)
    pages.register_error_handler(Refusal, _refused_by_rules)
    pages.register_error_handler(HTTPException, _http_error)
    pages.register_error_handler(Exception, _unforeseen)
    pages.register_blueprint(confirmation.blueprint)
    pages.register_blueprint(hosted.blueprint(settings))
    return pages


def _refused_by_rules(refusal: Refusal) -> Response:
    response = refused(
        PageRefusal(refusal.status(current_sandbox().dialect), "That can't be done", refusal.message)
    )
    response.headers.update(refusal.headers)
    return response


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    response = refused(PageRefusal(code, error.name, error.description or ""))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unforeseen(error: Exception) -> Response:
    log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return refused(PageRefusal(500, "Something went wrong", "The server's log says what."))
