"""`/v3/grants/{grant_id}/scheduling/configurations`: what can be booked, with whom and when."""

from flask import Blueprint, Response

from mockserver.api.incoming import credentials, json_body, path_uuid
from mockserver.api.paging import page
from mockserver.domain import configuring as rules
from mockserver.domain.access import grant_at, require_api_key
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Grant
from mockserver.gateway import current_sandbox, enveloped

blueprint = Blueprint(
    "configurations", __name__, url_prefix="/v3/grants/<grant_id>/scheduling/configurations"
)


@blueprint.post("")
def createConfiguration(grant_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        grant = _grant(tx, grant_id)
        return enveloped({"data": rules.create_configuration(tx, grant, json_body()).shown()})


@blueprint.get("")
def listConfigurations(grant_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        grant = _grant(tx, grant_id)
        mine = [each for each in tx.world.configurations.values() if each.grant_id == grant.id]
        return enveloped(page([configuration.shown() for configuration in mine]))


@blueprint.get("/<configuration_id>")
def getConfiguration(grant_id: str, configuration_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        grant = _grant(tx, grant_id)
        found = rules.find_configuration(tx.world, grant, path_uuid("configuration_id", configuration_id))
        return enveloped({"data": found.shown()})


@blueprint.put("/<configuration_id>")
def updateConfiguration(grant_id: str, configuration_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        grant = _grant(tx, grant_id)
        configuration_id = path_uuid("configuration_id", configuration_id)
        changed = rules.replace_configuration(tx, grant, configuration_id, json_body())
        return enveloped({"data": changed.shown()})


@blueprint.delete("/<configuration_id>")
def deleteConfiguration(grant_id: str, configuration_id: str) -> Response:
    with current_sandbox().transaction() as tx:
        grant = _grant(tx, grant_id)
        rules.delete_configuration(tx, grant, path_uuid("configuration_id", configuration_id))
        return enveloped({})


def _grant(tx: Transaction, grant_id: str) -> Grant:
    require_api_key(tx, credentials())
    return grant_at(tx, grant_id)
