"""What faults do to requests: made-up answers, delays, a world that changed, answers that get lost or cut.

The hooks stand behind the gateway's, so a request has its sandbox and its id; what is to happen to the answer
on its way out is left in the WSGI environment, where `Cut`, around everything else, finds it.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from threading import Event
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, g, request

from mockserver.domain.errors import with_status
from mockserver.domain.outsiders import NotFound, fill, find_grant, find_place
from mockserver.domain.transaction import Transaction
from mockserver.gateway import current_sandbox, enveloped, operation_id
from mockserver.sandbox import Effect, Fault, Filling
from mockserver.sandbox.waiting import WaitingRoom

log = logging.getLogger("mockserver")

FAULT_HEADER = "X-Mock-Fault"
BODILESS = (204, 304)

MAKING = ("createBooking", "rescheduleBooking")
"""The operations whose answer may have the id of a booking that the request didn't name."""

LAST_SECOND = 253_402_300_799
"""The end of the year 9999; the API refuses later times."""

_CUT = "mock.cut"
_DROP, _TRUNCATE = "drop", "truncate"

_FLUSH_SECONDS = 0.05
"""How long half an answer has, in real time, to reach the wire before the connection is closed."""


class Faulting:
    """Installs the hooks on a Flask application; to be made after the gateway."""

    def __init__(self, app: Flask, room: WaitingRoom) -> None:
        """Delayed requests wait in `room`."""
        self._room = room
        app.before_request(self._arrive)
        app.after_request(self._leave)

    def _arrive(self) -> Response | None:
        if request.method == "OPTIONS" or not request.path.startswith("/v3/"):
            return None
        sandbox = current_sandbox()
        if sandbox.faults.empty:
            return None
        fault = sandbox.faults.for_request(operation_id(), request.method, request.path, _booking_id())
        if fault is None:
            return None
        g.fault, g.fault_note = fault, fault.id
        effect = fault.effect
        if effect.delay_ms and not self._room.sleep(effect.delay_ms / 1000):
            _pass_over(fault, "delay", "too many requests wait already")
        if effect.event is not None or effect.expire_grant is not None:
            with sandbox.transaction() as tx:
                _intervene(tx, fault)
        if effect.drop is not None:
            request.environ[_CUT] = _DROP
        elif effect.truncate:
            request.environ[_CUT] = _TRUNCATE
        if effect.drop == "before":
            return Response()  # nobody will see it
        return _made_up(effect) if effect.answers else None

    def _leave(self, response: Response) -> Response:
        if "fault" in g:
            response.headers[FAULT_HEADER] = g.fault_note
        meant = request.method != "OPTIONS" and request.path.startswith("/v3/")
        if meant and not current_sandbox().faults.empty:
            _remember(response)
        return response


class Cut:
    """WSGI middleware: sends half of an answer or none of it, and has the connection closed."""

    def __init__(self, app: WSGIApplication, stopping: Event) -> None:
        """`stopping` keeps no answer waiting once it is set."""
        self._app = app
        self._stopping = stopping

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc: Any = None) -> Callable[[bytes], Any]:
            if is_dropped(environ):
                status, headers = "200 OK", [("Content-Length", "1")]
            return start_response(status, headers, exc)

        body = self._app(environ, start)
        if _CUT not in environ:
            return body
        try:
            whole = b"".join(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
        return self._part(b"" if is_dropped(environ) else whole[: len(whole) // 2])

    def _part(self, part: bytes) -> Iterator[bytes]:
        """Less than was announced; from a generator, as no server counts what comes out of one."""
        yield part
        self._stopping.wait(_FLUSH_SECONDS)


def is_cut(environ: WSGIEnvironment) -> bool:
    """Whether less than the whole answer to this request may reach the client."""
    return _CUT in environ


def is_dropped(environ: WSGIEnvironment) -> bool:
    """Whether nothing of this request's answer may reach the client."""
    return environ.get(_CUT) == _DROP


def _intervene(tx: Transaction, fault: Fault) -> None:
    """Change the world as somebody else would, before the request is handled."""
    effect = fault.effect
    try:
        if effect.event is not None:
            _fill(tx, fault, effect.event)
        if effect.expire_grant is not None:
            find_grant(tx.world, effect.expire_grant).status = "expired"
    except NotFound as error:
        _pass_over(fault, "event" if effect.event else "expire_grant", str(error))


def _fill(tx: Transaction, fault: Fault, event: Filling) -> None:
    place = find_place(tx.world, event.calendar)
    time = event.time or _asked()
    if time is None:
        _pass_over(fault, "event", "the request asks for no time")
    else:
        fill(tx, place, event.title, *time)


def _asked() -> tuple[int, int] | None:
    """The time that the request asks for, if it does."""
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        return None
    start, end = (_seconds(body.get(key)) for key in ("start_time", "end_time"))
    return None if start is None or end is None or end <= start else (start, end)


def _seconds(value: Any) -> int | None:
    """Unix seconds as clients send them; None for what the API wouldn't take."""
    try:
        seconds = None if isinstance(value, bool) else int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if seconds is not None and 0 < seconds <= LAST_SECOND else None


def _pass_over(fault: Fault, what: str, why: str) -> None:
    """Say, to whoever looks at the answer or at the log, that a part of a fault was left out."""
    g.fault_note = f"{fault.id}; {what} skipped"
    log.warning("fault %s: %s, the %s is skipped", fault.id, why, what)


def _made_up(effect: Effect) -> Response:
    status = effect.status or 200
    if effect.body is None:
        response = _plain(status)
    elif isinstance(effect.body, str):
        response = Response(effect.body, status, content_type="text/plain; charset=utf-8")
    else:
        body = json.dumps(effect.body, ensure_ascii=False, separators=(",", ":"))
        response = Response(body, status, content_type="application/json")
    response.headers.update(effect.headers or {})
    return response


def _plain(status: int) -> Response:
    """What the API says with that status: its error, or nothing but the request's id."""
    if status in BODILESS:
        response = Response(status=status)
        del response.headers["Content-Type"]
        return response
    if status < 400:
        return enveloped({}, status)
    return enveloped({"error": with_status(status).error(current_sandbox().dialect)}, status)


def _remember(response: Response) -> None:
    """Note what was done about a booking, for faults that strike what follows it."""
    made_up = "fault" in g and (g.fault.effect.answers or g.fault.effect.drop == "before")
    done = operation_id() if response.status_code < 400 and not made_up else None
    bookings = {_booking_id()}
    if done in MAKING:
        bookings.add((json.loads(response.get_data()).get("data") or {}).get("booking_id"))
    for booking_id in bookings - {None}:
        current_sandbox().faults.handled(done, str(booking_id))


def _booking_id() -> str | None:
    """The booking that the request is about, if it says so in its path or query."""
    return (request.view_args or {}).get("booking_id") or request.args.get("booking_id")
