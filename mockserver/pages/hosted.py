"""The hosted pages: an index, and the provider's web component to book, reschedule and cancel with.

Reading them changes nothing. For a private configuration the page's script asks for a session with a POST, in
place of the application's own server; it gets one only where the control plane is open, which shows the API
key to the same callers anyway.
"""

import ipaddress
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from urllib.parse import quote, urlencode, urlsplit

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed

from mockserver.domain.configuration import Configuration
from mockserver.domain.links import reference_of
from mockserver.domain.sessions import create_session
from mockserver.domain.transaction import Transaction
from mockserver.gateway import PREFIX, SANDBOX_HEADER, current_sandbox, json_response
from mockserver.pages.component import FILE, Component
from mockserver.pages.confirmation import comes_from_elsewhere, find
from mockserver.pages.rendering import PageRefusal, page, policy
from mockserver.sandbox import Sandbox
from mockserver.sandbox.registry import DEFAULT
from mockserver.settings import Settings

SESSION_MINUTES = 30
HINT_SECONDS = 7 * 86_400
"""How far ahead the commands on the index look for slots."""

HEADINGS = {"book": "Book a time", "reschedule": "Choose another time", "cancel": "Cancel this booking"}
PROPERTIES = {"reschedule": "reschedule-booking-ref", "cancel": "cancel-booking-ref"}


def blueprint(settings: Settings) -> Blueprint:
    """The pages of one server. Raises ValueError when its component is not where the settings say."""
    pages = Blueprint("hosted", __name__)
    component = Component.from_folder(settings.web_elements)
    opens_sessions = settings.control and settings.control_token is None

    @pages.get("/")
    def index() -> Response:
        return _index(current_sandbox(), listed=opens_sessions)

    @pages.get("/<any(book, reschedule, cancel):what>", defaults={"name": ""})
    @pages.get("/<any(book, reschedule, cancel):what>/<reference:name>")
    def show(what: str, name: str) -> Response:
        with current_sandbox().transaction() as tx:
            configuration, name = _meant(tx, what, name)
        elsewhere = _own_host(settings)
        if elsewhere or name not in request.path:
            return _moved(f"{elsewhere or ''}/{what}/{quote(name, safe='')}")
        return _scheduling(what, name, configuration, component, opens_sessions)

    @pages.post("/<any(book, reschedule, cancel):what>/<reference:name>")
    def open_session(what: str, name: str) -> Response:
        if comes_from_elsewhere():
            raise PageRefusal(403, "Not from here", "Another page sent this.")
        if not opens_sessions:
            raise PageRefusal(403, "No session", "Open one with the API key: POST /v3/scheduling/sessions.")
        with current_sandbox().transaction() as tx:
            configuration, _ = _meant(tx, what, name)
            if not configuration.requires_session_auth:
                raise PageRefusal(400, "No session", "This configuration is public and needs none.")
            session = create_session(tx, configuration.id, None, SESSION_MINUTES)
        return json_response({"session_id": session.id})

    @pages.route("/<any(book, reschedule, cancel):what>", defaults={"name": ""}, methods=["POST"])
    @pages.route("/<any(book, reschedule, cancel):what>/<reference:name>", methods=["PUT", "PATCH", "DELETE"])
    def no_such_method(what: str, name: str) -> Response:
        raise MethodNotAllowed(["GET", "HEAD", "OPTIONS", "POST"])

    @pages.get("/_assets/<name>")
    def asset(name: str) -> Response:
        own = {"hosted.js": _script(), FILE: component.content}
        content = own.get(name)
        if content is None:
            raise PageRefusal(404, "No such file", "This server has no file of that name.")
        response = Response(content, content_type="text/javascript; charset=utf-8")
        response.add_etag()
        response.headers["Cache-Control"] = "no-cache"
        response.make_conditional(request)
        return response

    return pages


def _index(sandbox: Sandbox, listed: bool) -> Response:
    now = sandbox.clock.now()

    def curl(configuration: Configuration) -> str:
        return _slots_command(sandbox.public_url, configuration, now)

    with sandbox.transaction() as tx:
        configurations = list(tx.world.configurations.values())
    return page(
        "index.html",
        listed=configurations,
        guarded=not listed,
        sandbox=sandbox.name,
        application=sandbox.world.application,
        url=sandbox.public_url,
        curl=curl,
    )


def _slots_command(url: str, configuration: Configuration, now: int) -> str:
    """A line for a shell that asks for slots; a private configuration wants a session put in."""
    window = {"start_time": str(now), "end_time": str(now + HINT_SECONDS)}
    if configuration.requires_session_auth:
        query, bearer = window, ' -H "Authorization: Bearer $SESSION"'
    else:
        query, bearer = {"configuration_id": configuration.id, **window}, ""
    return f"curl '{url}/v3/scheduling/availability?{urlencode(query)}'{bearer}"


def _meant(tx: Transaction, what: str, name: str) -> tuple[Configuration, str]:
    """The configuration that an address is about, and what stands for it best. Raises PageRefusal."""
    if what == "book":
        slug_of = tx.world.slugs.get(name, name.lower())
        configuration = tx.world.configurations.get(slug_of)
        if configuration is None:
            raise PageRefusal(404, "Nothing to book here", "No configuration has this id or slug.")
        return configuration, name
    found = find(tx, name)
    if found.booking.status == "cancelled":
        raise PageRefusal(410, "This booking is cancelled", "It can't be changed any more.", found.facts)
    return found.configuration, reference_of(found.booking)


def _scheduling(
    what: str, name: str, configuration: Configuration, component: Component, opens_sessions: bool
) -> Response:
    clock = current_sandbox().clock
    data = {PROPERTIES[what]: name} if what in PROPERTIES else {"configuration-id": configuration.id}
    if configuration.requires_session_auth:
        data["session"] = "open" if opens_sessions else "given"
    shifted = clock.mode != "real"
    if shifted:
        data["now"] = str(clock.now())
    response = page(
        "scheduling.html",
        heading=HEADINGS[what],
        private=configuration.requires_session_auth,
        opens_sessions=opens_sessions,
        clock=f"{datetime.fromtimestamp(clock.now(), UTC):%A, %d %B %Y, %H:%M} UTC" if shifted else "",
        component=component,
        data=data,
    )
    # All that the component needs beside its script: it writes its styles by calls, which no policy minds.
    allowed = f"script-src {component.script_sources}; connect-src 'self'; "
    response.headers["Content-Security-Policy"] = policy(allowed)
    return response


def _own_host(settings: Settings) -> str | None:
    """Where the page has to be shown: the component drops the path from the address of its API, so a sandbox
    chosen by a path prefix or header has to be shown at a host name. None where it is. Raises PageRefusal.
    """
    prefixed = "mock.sandbox" in request.environ
    if not prefixed and not request.headers.get(SANDBOX_HEADER):
        return None
    sandbox = current_sandbox()
    base = sandbox.public_url.removesuffix(f"{PREFIX}{sandbox.name}")
    parts = urlsplit(base)
    domain = settings.sandbox_domain or ("localhost" if _is_here(parts.hostname or "") else None)
    if sandbox.name != DEFAULT:
        if domain is None or parts.path:
            raise PageRefusal(
                404,
                "This page needs a host name of its own",
                "The scheduling component calls its API at the root of a host, so a sandbox needs one: "
                f"{sandbox.name}.localhost for example; see --sandbox-domain and --public-url.",
            )
        port = f":{parts.port}" if parts.port else ""
        base = f"{parts.scheme}://{sandbox.name}.{domain}{port}"
    return base if prefixed or urlsplit(base).netloc != request.host else None


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _moved(location: str) -> Response:
    response = Response(status=302, headers={"Location": location})
    response.autocorrect_location_header = False
    return response


@cache
def _script() -> bytes:
    return files("mockserver.pages").joinpath("hosted.js").read_bytes()
