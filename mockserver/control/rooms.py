"""`/_mock/sandboxes` and `/_mock/health`: what there is on this server."""

from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response

from mockserver.control.desk import desk
from mockserver.control.incoming import body
from mockserver.control.refusals import invalid
from mockserver.gateway import json_response
from mockserver.sandbox import Sandbox
from mockserver.sandbox.registry import DEFAULT, NAME
from mockserver.sandbox.sandbox import DRAIN_SECONDS

DISTRIBUTION = "nylas-bookings-double"

blueprint = Blueprint("rooms", __name__)


@blueprint.get("/health")
def get_health() -> Response:
    return json_response({"status": "ok", "version": version(DISTRIBUTION), "name": DISTRIBUTION})


@blueprint.get("/sandboxes")
def list_sandboxes() -> Response:
    sandboxes = desk().sandboxes
    found = [sandboxes.peek(name) for name in sandboxes.names()]
    return json_response({"data": [_shown(each) for each in found if each is not None]})


@blueprint.get("/sandboxes/<name>")
def get_sandbox(name: str) -> Response:
    return json_response(_shown(desk().find(name)))


@blueprint.put("/sandboxes/<name>")
def put_sandbox(name: str) -> Response:
    if NAME.fullmatch(name) is None:
        raise invalid("expected 1 to 40 of a-z, 0-9 and hyphen", "name")
    given = body("scenario").get("scenario")
    template = None if given is None else desk().scenario(given)
    sandbox = desk().sandboxes.obtain(name, template, keep=True)
    if template is not None and sandbox.template is not template:  # it was there already
        sandbox.reset(template)
    return json_response(_shown(sandbox))


@blueprint.delete("/sandboxes/<name>")
def delete_sandbox(name: str) -> Response:
    body()
    sandbox = desk().find(name)
    if name == DEFAULT:
        raise invalid("the default sandbox stays; POST /_mock/reset begins it anew", "name")
    desk().sandboxes.remove(name)
    sandbox.outbox.drain(DRAIN_SECONDS)
    sandbox.outbox.end_mail(DRAIN_SECONDS)
    return json_response({})


def _shown(sandbox: Sandbox) -> dict[str, Any]:
    prefix = desk().sandboxes.base_url(sandbox.name)
    return {
        "name": sandbox.name,
        "scenario": sandbox.template.name,
        "base_urls": {"prefix": prefix, "host": _by_host(sandbox.name)},
    }


def _by_host(name: str) -> str | None:
    """The base URL with the sandbox as a label of the host; None where no such name leads here."""
    base = desk().sandboxes.base_url(DEFAULT)
    if name == DEFAULT:
        return base
    url = urlsplit(base)
    host = url.hostname or ""
    domain = desk().settings.sandbox_domain or ("localhost" if _local(host) else None)
    if domain is None:
        return None
    port = f":{url.port}" if url.port else ""
    return f"{url.scheme}://{name}.{domain}{port}"


def _local(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
