"""`/v3/scheduling/sessions`: what lets a client book with a private configuration."""

from flask import Blueprint, Response

from mockserver.api.incoming import credentials, json_body, path_uuid
from mockserver.domain import sessions as rules
from mockserver.domain.access import require_api_key
from mockserver.gateway import current_sandbox, enveloped

blueprint = Blueprint("sessions", __name__, url_prefix="/v3/scheduling/sessions")


@blueprint.post("")
def createSession() -> Response:
    with current_sandbox().transaction() as tx:
        require_api_key(tx, credentials())
        body = json_body()
        session = rules.create_session(
            tx, body.get("configuration_id"), body.get("slug"), body.get("time_to_live")
        )
        return enveloped({"data": {"session_id": session.id}})


@blueprint.delete("/<session_id>")
def deleteSession(session_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        require_api_key(tx, credentials())
        rules.delete_session(tx, path_uuid("session_id", session_id))
        return enveloped({})
