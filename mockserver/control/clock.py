"""`/_mock/clock` and `/_mock/drain`: time, and waiting until nothing is on its way."""

from collections.abc import Callable

from flask import Blueprint, Response

from mockserver.control.desk import current_sandbox, desk
from mockserver.control.incoming import LAST_TIME, body, duration_of, required, time_of
from mockserver.control.refusals import busy, invalid, still_in_flight, wrong_clock
from mockserver.gateway import json_response
from mockserver.sandbox import ClockError, Fired, Outbox, Sandbox, Unsettled

MODES = ("real", "shifted", "frozen")

LONGEST_DRAIN = 60.0
"""How long what is in flight is waited for, in seconds of real time; a receiver has ten for an answer."""

blueprint = Blueprint("time", __name__)


@blueprint.get("/clock")
def get_clock() -> Response:
    return json_response(current_sandbox().clock.as_dict())


@blueprint.patch("/clock")
def patch_clock() -> Response:
    sandbox = current_sandbox()
    given = body("mode", "now", "advance")
    if "advance" not in given:
        return _set(sandbox, given)
    if len(given) > 1:
        raise invalid("expected it alone, or mode with or without now", "advance")
    return _advance(sandbox, duration_of(given["advance"], "advance"))


@blueprint.post("/drain")
def drain() -> Response:
    sandbox = current_sandbox()
    body()
    return json_response({"drained": desk().room.watch(sandbox, _drained, _drained, LONGEST_DRAIN)})


def _set(sandbox: Sandbox, given: dict[str, object]) -> Response:
    mode = required(given, "mode")
    if mode not in MODES:
        raise invalid(f"expected one of {', '.join(MODES)}", "mode")
    now = given.get("now")
    at = None if now is None else time_of(now, "now")
    return _move(sandbox, lambda settle: sandbox.set_clock(mode, at, settle))


def _advance(sandbox: Sandbox, seconds: int) -> Response:
    if sandbox.clock.mode != "real" and sandbox.clock.now() + seconds > LAST_TIME:
        raise invalid("expected a duration that doesn't lead beyond the year 2199", "advance")
    return _move(sandbox, lambda settle: sandbox.advance(seconds, settle))


def _move(sandbox: Sandbox, move: Callable[[Callable[[], bool]], list[Fired]]) -> Response:
    """Move the clock, waiting for what is sent before and on the way; answers with what fell due."""
    room = desk().room
    with room.seat() as seated:
        if not seated:
            raise busy()
        try:
            fired = move(lambda: room.wait(sandbox, _drained, _drained, LONGEST_DRAIN))
        except ClockError as error:
            raise wrong_clock(error) from error
        except Unsettled as error:
            raise still_in_flight() from error
    shown = [{"at": each.at, "kind": each.kind, "id": each.id} for each in fired]
    return json_response({**sandbox.clock.as_dict(), "fired": shown})


def _drained(outbox: Outbox) -> bool:
    return outbox.drain(0)
