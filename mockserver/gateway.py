"""What every request passes on its way in and out: sandbox, Host, limits, request id, journal, envelope.

The order matters and is all here: the WSGI middleware reads the body and takes the sandbox's path prefix
off, then Flask's hooks choose the sandbox and draw the request id, then the answer is checked and noted.
"""

import ipaddress
import json
import logging
import re
from collections.abc import Iterable, Mapping
from io import BytesIO
from time import perf_counter
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, g, request
from flask_cors import CORS
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from mockserver.contract import load_contract
from mockserver.domain.errors import Refusal, refuse
from mockserver.sandbox import Fault, Sandbox, Sandboxes
from mockserver.sandbox.journal import KEPT_BODY, Exchange, masked
from mockserver.sandbox.registry import DEFAULT, NAME
from mockserver.sandbox.turns import forget_turn, latest_turn
from mockserver.settings import Settings

log = logging.getLogger("mockserver")

PREFIX = "/_sandbox/"
CONTROL = "/_mock"
SANDBOX_HEADER = "X-Mock-Sandbox"
DRIFT_HEADER = "X-Mock-Drift"
EXPLAIN_HEADER = "X-Mock-Explain"
MISDIRECTED = 421
_PORT = re.compile(r":[0-9]*$")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]


class Front:
    """WSGI middleware: takes `/_sandbox/{name}` off the path and reads the body up to the limit."""

    def __init__(self, app: WSGIApplication, max_body: int) -> None:
        self._app = app
        self._max_body = max_body

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(PREFIX):
            name, slash, rest = path[len(PREFIX) :].partition("/")
            environ["mock.sandbox"] = name
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{PREFIX}{name}"
            environ["PATH_INFO"] = slash + rest
        self._read_body(environ)
        return self._app(environ, start_response)

    def _read_body(self, environ: WSGIEnvironment) -> None:
        """Read one byte more than allowed: a chunked body that is too long would arrive cut otherwise."""
        announced = str(environ.get("CONTENT_LENGTH") or "")
        length = int(announced[:15]) if announced.isascii() and announced.isdigit() else None
        if length is not None and length > self._max_body:
            environ["mock.too_large"] = True
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(), "0"  # nobody is to read it
            return
        if not announced and "HTTP_TRANSFER_ENCODING" not in environ:
            return
        body: bytes = environ["wsgi.input"].read(self._max_body + 1 if length is None else length)
        environ["mock.too_large"] = len(body) > self._max_body
        environ["wsgi.input"], environ["wsgi.input_terminated"] = BytesIO(body), True
        environ["CONTENT_LENGTH"] = str(len(body))


class Gateway:
    """Installs the hooks on a Flask application."""

    def __init__(self, app: Flask, sandboxes: Sandboxes, settings: Settings) -> None:
        self._sandboxes = sandboxes
        self._settings = settings
        self._hosts = {"host.docker.internal", *(host.lower() for host in settings.allow_hosts)}
        app.before_request(self._arrive)
        app.after_request(self._leave)
        app.register_error_handler(Refusal, self._refused)
        app.register_error_handler(HTTPException, self._http_error)
        app.register_error_handler(Exception, self._unforeseen)
        CORS(
            app,
            resources={
                r"/v3/scheduling/.*": {"origins": "*"},
                **({r"/v3/.*": {"origins": list(settings.cors_origins)}} if settings.cors_origins else {}),
                **({r"/_mock.*": {"origins": settings.control_origin}} if settings.control_origin else {}),
            },
            methods=METHODS,
            allow_headers="*",  # the extension echoes what the preflight asks for
            send_wildcard=True,
        )

    def _arrive(self) -> Response | None:
        g.started = perf_counter()
        forget_turn()
        g.sandbox, g.request_id = self._sandboxes.default, ""
        host = request.environ.get("HTTP_HOST", "")
        allowed = self._host_allowed(host)
        control = is_control(request.path)
        if allowed and not control:
            g.sandbox = self._chosen_sandbox(host)
        if request.method != "OPTIONS" and not control:
            provider = allowed and request.path.startswith("/v3/")
            g.request_id = g.sandbox.request_id("request" if provider else "other")
        if not allowed:
            raise refuse("host_not_allowed", "Host: expected a local name or one given by --allow-host")
        if request.environ.get("mock.too_large"):
            raise refuse("body_too_large", f"expected at most {self._settings.max_body} bytes")
        if control:
            g.sandbox_name = self._sandbox_name(host)
        elif request.method == "OPTIONS" and request.path.startswith("/v3/"):
            return Response(status=204)
        return None

    def _chosen_sandbox(self, host: str) -> Sandbox:
        name = self._sandbox_name(host)
        if name == DEFAULT:
            return self._sandboxes.default
        try:
            if NAME.fullmatch(name) is None:
                raise refuse("unknown_sandbox")
            return self._sandboxes.obtain(name)
        except Refusal:
            g.request_id = self._sandboxes.default.request_id("other")
            raise

    def _sandbox_name(self, host: str) -> str:
        """By path prefix, else by header, else by host name, else the default one."""
        if "mock.sandbox" in request.environ:
            return str(request.environ["mock.sandbox"])
        named = request.headers.get(SANDBOX_HEADER)
        if named:
            return named
        hostname = _without_port(host).lower().rstrip(".")
        for domain in ("localhost", self._settings.sandbox_domain):
            if domain and hostname.endswith(f".{domain}"):
                return hostname.removesuffix(f".{domain}")
        return DEFAULT

    def _host_allowed(self, host: str) -> bool:
        """Only names that no stranger's DNS can point here: protects from rebinding."""
        hostname = _without_port(host).lower().rstrip(".")
        domain = self._settings.sandbox_domain
        return (
            "." not in hostname.strip("[]")
            or hostname in self._hosts
            or hostname.endswith(".localhost")
            or (domain is not None and (hostname == domain or hostname.endswith(f".{domain}")))
            or _is_address(hostname)
        )

    def _leave(self, response: Response) -> Response:
        request_id = g.get("request_id")
        if request_id:
            response.headers["X-Request-Id"] = request_id
        if not is_control(request.path) and request.method != "OPTIONS":
            self._check(response)
            self._note(response)
        return response

    def _check(self, response: Response) -> None:
        if not self._settings.self_check:
            return
        operation = operation_id()
        misdirected = response.status_code == MISDIRECTED
        if operation is None or misdirected or request.method == "HEAD":
            return
        if "fault" in g and (g.fault.effect.answers or g.fault.effect.drop == "before"):
            return  # not the operation's answer
        problems = load_contract().response_problems(
            operation,
            response.status_code,
            response.headers.get("Content-Type", ""),
            dict(response.headers),
            json.loads(response.get_data()),
        )
        if problems:
            log.error("%s drifts from the contract: %s", operation, "; ".join(problems))
            response.headers[DRIFT_HEADER] = "; ".join(problems)[:500].replace("\n", " ")

    def _note(self, response: Response) -> None:
        sandbox: Sandbox = g.sandbox
        fault: Fault | None = g.get("fault")
        undone = fault is not None and fault.effect.drop == "before"
        turn, at = latest_turn() or sandbox.own_turn()
        sandbox.note(
            Exchange(
                id=g.request_id,
                at=at,
                method=request.method,
                path=request.path,
                query=request.query_string.decode("latin-1"),
                status=None if undone else response.status_code,
                duration_ms=round((perf_counter() - g.started) * 1000, 3),
                request_headers=masked(dict(request.headers.items())),
                request_body=_text(request.get_data()),
                response_headers={} if undone else masked(dict(response.headers.items())),
                response_body=_text(response.get_data()),
                fault=None if fault is None else fault.id,
                turn=turn,
                authorization=request.headers.get("Authorization", ""),
            )
        )

    def _refused(self, refusal: Refusal) -> Response:
        if not g.request_id and not is_control(request.path):  # OPTIONS, which draws none unless refused
            g.request_id = self._sandboxes.default.request_id("other")
        if is_control(request.path):
            response = control_error(refusal.kind.status, refusal.kind.type, refusal.message)
        else:
            sandbox: Sandbox = g.sandbox
            error = refusal.error(sandbox.dialect)
            response = enveloped({"error": error}, refusal.status(sandbox.dialect))
        response.headers.update(refusal.headers)
        if refusal.explanation is not None:
            sandbox.journal.explain(g.request_id, refusal.explanation)
            if self._settings.control:
                address = f"{sandbox.public_url}{CONTROL}/explain?request_id={g.request_id}"
                response.headers[EXPLAIN_HEADER] = address
        return response

    def _http_error(self, error: HTTPException) -> Response:
        """What Flask or Werkzeug refuse by themselves: unknown paths, methods, malformed requests."""
        if isinstance(error, MethodNotAllowed):
            allowed = ", ".join(sorted(error.valid_methods or ()))
            return self._refused(refuse("method_not_allowed", headers={"Allow": allowed}))
        if isinstance(error, RequestEntityTooLarge):
            return self._refused(refuse("body_too_large"))
        if error.code == 404:
            return self._refused(refuse("not_found"))
        return self._refused(refuse("malformed_body"))

    def _unforeseen(self, error: Exception) -> Response:
        log.exception("%s %s failed", request.method, request.path, exc_info=error)
        return self._refused(refuse("internal"))


def operation_id() -> str | None:
    """The contract's operation that the request is, by the endpoint's name; None outside `/v3`."""
    if request.endpoint is None or not request.path.startswith("/v3/"):
        return None
    return request.endpoint.rpartition(".")[2]


def is_control(path: str) -> bool:
    """Whether a path belongs to our own surface and not to the provider's."""
    return path == CONTROL or path.startswith(f"{CONTROL}/")


def current_sandbox() -> Sandbox:
    """The sandbox that the request works in."""
    sandbox: Sandbox = g.sandbox
    return sandbox


def enveloped(content: Mapping[str, Any], status: int = 200) -> Response:
    """The provider's envelope: the content beside the request's id."""
    return json_response({"request_id": g.request_id, **content}, status)


def control_error(status: int, type: str, message: str, **more: Any) -> Response:
    """An error of `/_mock`: no request id, as ours is not the provider's."""
    return json_response({"error": {"type": type, "message": message, **more}}, status)


def json_response(content: Any, status: int = 200) -> Response:
    """JSON, with a content type that has no charset: one client compares the whole header."""
    return Response(_encode(content), status, content_type="application/json")


def _without_port(host: str) -> str:
    return _PORT.sub("", host)


def _is_address(hostname: str) -> bool:
    try:
        ipaddress.ip_address(hostname.strip("[]"))
    except ValueError:
        return False
    return True


def _text(body: bytes) -> str:
    return body[:KEPT_BODY].decode("utf-8", "replace")
