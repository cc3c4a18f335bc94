"""The control plane, `/_mock`: our own surface, described by `contracts/control.yaml`."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from mockserver.control import clock, explaining, exporting, faults, records, redelivering, rooms, worlds
from mockserver.control.desk import EXTENSION, Desk
from mockserver.control.guard import admit
from mockserver.control.refusals import ControlRefusal, render
from mockserver.gateway import CONTROL
from mockserver.sandbox import Sandboxes
from mockserver.sandbox.waiting import WaitingRoom
from mockserver.settings import Settings

__all__ = ["blueprint"]


def blueprint(sandboxes: Sandboxes, settings: Settings, room: WaitingRoom) -> Blueprint:
    """The control plane of one server. Calls that wait do so in `room`."""
    desk = Desk(sandboxes, settings, room)
    plane = Blueprint("control", __name__, url_prefix=CONTROL)

    @plane.record
    def set_up(state: BlueprintSetupState) -> None:
        state.app.extensions[EXTENSION] = desk

    plane.before_app_request(admit)
    plane.app_errorhandler(ControlRefusal)(render)
    for module in (rooms, worlds, clock, records, redelivering, explaining, exporting, faults):
        plane.register_blueprint(module.blueprint)
    return plane
