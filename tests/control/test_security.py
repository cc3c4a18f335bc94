"""Who may drive the mock, and what a page of a stranger can't do."""

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.settings import Settings
from tests.control.plane import OPERATIONS, Plane
from tests.support.worlds import NOW

TOKEN = "let-me-in"
CALLS = [
    (method, path.removeprefix("/_mock/").replace("{", "").replace("}", "")) for method, path in OPERATIONS
]
MUTATIONS = [call for call in CALLS if call[0] != "GET"]


@pytest.fixture
def guarded(plane_of: Callable[..., Plane]) -> Plane:
    return plane_of(settings=Settings(control_token=TOKEN))


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_without_the_token_only_health_answers(guarded: Plane, call: tuple[str, str]) -> None:
    wrong = [
        "",
        TOKEN,
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        "Bearer \xff",
    ]
    for headers in ({}, *({"Authorization": value} for value in wrong)):
        if call == ("GET", "health"):
            assert guarded.get("health", headers=headers)["status"] == "ok"
        else:
            assert guarded.refused(*call, status=401, headers=headers)["type"] == "unauthorized"


def test_the_token_comes_before_everything_else(guarded: Plane) -> None:
    guarded.refused("GET", "nothing-here", status=401)
    guarded.refused("POST", "state", status=401)
    guarded.refused("POST", "reset", status=401, type="text/plain")
    guarded.refused("GET", "state", status=401, sandbox="unknown")
    assert guarded.client.get("/v3/webhooks").status_code == 401  # the provider's own, with its envelope


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_with_the_token_everything_works(guarded: Plane, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {TOKEN}"}
    assert guarded.get("clock", headers=headers)["now"] == NOW
    assert guarded.done("POST", "reset", headers=headers)["sandbox"] == "default"
    assert guarded.ask("GET", "nothing-here", headers=headers).status_code == 404


OTHER_TYPES = (
    None,
    "",
    "text/plain",
    "text/plain; application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/jsonp",
)


@pytest.mark.parametrize("call", MUTATIONS, ids=" ".join)
def test_a_mutation_needs_a_content_type_that_pages_cannot_send(plane: Plane, call: tuple[str, str]) -> None:
    for type in OTHER_TYPES:
        for raw in (None, "{}"):
            error = plane.refused(*call, status=415, type=type, raw=raw)
            assert error["type"] == "unsupported_media_type"


@pytest.mark.parametrize(
    "type", ["application/json", "application/json; charset=utf-8", "Application/JSON", "text/yaml"]
)
def test_json_and_yaml_are_good(plane: Plane, type: str) -> None:
    assert plane.done("POST", "reset", type=type)["scenario"] == "test"
    assert plane.done("POST", "reset", raw="{}", type=type)["scenario"] == "test"


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_pages_of_other_origins_are_not_let_in(plane: Plane, call: tuple[str, str]) -> None:
    method, path = call
    asking = {"Origin": "https://evil.example", "Access-Control-Request-Method": method}
    preflight = plane.client.options(f"/_mock/{path}", headers=asking)
    response = plane.ask(method, path, headers={"Origin": "https://evil.example"})
    for each in (preflight, response):
        assert not [name for name in each.headers.keys() if name.lower().startswith("access-control")]  # noqa: SIM118


def test_the_owners_page_is_let_in(plane_of: Callable[..., Plane]) -> None:
    origin = "http://localhost:3000"
    plane = plane_of(settings=Settings(control_origin=origin, control_token=TOKEN))
    asking = {
        "Origin": origin,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    preflight = plane.client.options("/_mock/clock", headers=asking)
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == origin
    refused = plane.ask("GET", "clock", headers={"Origin": "https://evil.example"})
    assert refused.headers.get("Access-Control-Allow-Origin") != "https://evil.example"
    assert refused.headers.get("Access-Control-Allow-Origin") != "*"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "a.evil.example:8080"])
def test_a_foreign_host_name_is_not_served(plane: Plane, host: str) -> None:
    assert plane.refused("POST", "reset", status=421, headers={"Host": host})["type"] == "misdirected_request"


def test_there_may_be_no_control_plane(plane_of: Callable[..., Plane]) -> None:
    plane = plane_of(settings=Settings(control=False))
    for method, path in CALLS:
        assert plane.ask(method, path).status_code == 404


HARMFUL = (
    b"\xff\xfe\x00",
    b"{",
    b"[]",
    b"7",
    b"null x",
    b'"text"',
    b'{"surprise": 1}',
    b'{"\\ud800": 1}',
    b'{"mode": "\\udfff"}',
    b'{"a": 1, "a": 2}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"{a: &a [*a]}",
    b"!!python/object/apply:os.system ['true']",
    b"&a [" * 60,
    b'{"advance": ' + b"9" * 10_000 + b"}",
    b'{"now": 1e999}',
    b"\x00",
    b"--- {}\n--- {}\n",
)


@pytest.mark.parametrize("call", MUTATIONS, ids=" ".join)
def test_a_body_that_means_harm_is_refused(plane: Plane, call: tuple[str, str]) -> None:
    for raw in HARMFUL:
        for type in ("application/json", "application/yaml"):
            assert plane.refused(*call, raw=raw, type=type)["message"]


def test_a_body_that_is_too_large_is_refused(plane: Plane) -> None:
    large: Any = b" " * (1024 * 1024 + 1)
    plane.refused("PUT", "scenario", raw=large, status=413)


def test_a_method_that_is_not_there_is_refused_with_those_that_are(plane: Plane) -> None:
    response = plane.ask("PUT", "state")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
