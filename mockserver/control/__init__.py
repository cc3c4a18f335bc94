"""The control plane, `/_mock`: our own surface, described by `contracts/control.yaml`."""

import threading

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from mockserver.control import clock, explaining, records, redelivering, rooms, worlds
from mockserver.control.desk import EXTENSION, Desk
from mockserver.control.guard import admit
from mockserver.control.refusals import ControlRefusal, render
from mockserver.sandbox.waiting import WaitingRoom
from mockserver.gateway import CONTROL
from mockserver.sandbox import Sandboxes
from mockserver.settings import Settings

__all__ = ["blueprint"]


def blueprint(sandboxes: Sandboxes, settings: Settings, stopping: threading.Event) -> Blueprint:
    """The control plane of one server. `stopping` lets go whoever waits."""
    desk = Desk(sandboxes, settings, WaitingRoom(stopping))
    plane = Blueprint("control", __name__, url_prefix=CONTROL)

    @plane.record
    def set_up(state: BlueprintSetupState) -> None:
        state.app.extensions[EXTENSION] = desk

    plane.before_app_request(admit)
    plane.app_errorhandler(ControlRefusal)(render)
    for module in (rooms, worlds, clock, records, redelivering, explaining):
        plane.register_blueprint(module.blueprint)
    return plane
