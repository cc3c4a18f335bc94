"""A mock inside the test and its control plane, every answer of which is held to `contracts/control.yaml`."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from mockserver.control import showing
from mockserver.resources import data_path
from mockserver.settings import Settings
from tests.support.worlds import Mock

DOCUMENT: dict[str, Any] = yaml.safe_load(data_path("contracts/control.yaml").read_bytes())
METHODS = ("get", "put", "post", "patch", "delete")
OPERATIONS: dict[tuple[str, str], dict[str, Any]] = {
    (method.upper(), path): item[method]
    for path, item in DOCUMENT["paths"].items()
    for method in METHODS
    if method in item
}


def resolve(node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        reference, node = node["$ref"], DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    return node


def complaints(schema: Mapping[str, Any], value: object) -> list[str]:
    """What is wrong with a value; what the schema doesn't mention is wrong too."""
    validator = _validator(json.dumps(schema))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(
        {
            **_closed(json.loads(schema)),
            "components": {"schemas": _closed(DOCUMENT["components"]["schemas"])},
        },
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def _closed(node: Any) -> Any:
    """The schema with every object closed that doesn't say otherwise."""
    if isinstance(node, list):
        return [_closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    below = {key: _closed(each) for key, each in node.items() if key not in ("example", "examples")}
    if isinstance(below.get("properties"), dict) and below.get("type") == "object":
        below.setdefault("additionalProperties", False)
    return below


@cache
def _operation(method: str, path: str) -> dict[str, Any] | None:
    for (known, template), operation in OPERATIONS.items():
        if known == method and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path):
            return operation
    return None


def check(method: str, path: str, response: TestResponse) -> None:
    """Assert that an answer of the control plane is one that the contract describes."""
    assert response.status_code < 500 or response.status_code == 503, response.text
    operation = _operation(method, path)
    kind = response.headers["Content-Type"]
    assert kind == "application/json" or (operation and kind in operation["responses"]["200"]["content"])
    assert "X-Request-Id" not in response.headers
    content = json.loads(response.data) if kind == "application/json" else yaml.safe_load(response.data)
    if operation is None:
        assert response.status_code >= 400
        described = DOCUMENT["components"]["responses"]["Refused"]
    else:
        described = resolve(
            operation["responses"].get(str(response.status_code)) or operation["responses"]["default"]
        )
    found = complaints(described["content"][kind]["schema"], content)
    assert not found, f"{method} {path} {response.status_code}: {found}"
    for name, header in described.get("headers", {}).items():
        assert response.headers[name] == header["schema"]["const"]


class Plane(Mock):
    """A mock with shorthands for its control plane; paths go without `/_mock`."""

    def __init__(self, document: Mapping[str, Any] | None = None, settings: Settings | None = None) -> None:
        super().__init__(document, settings)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: str | bytes | None = None,
        type: str | None = "application/json",
        query: Any = None,
        headers: Mapping[str, str] | None = None,
        sandbox: str | None = None,
    ) -> TestResponse:
        """A call; `raw` is a body as it is, `sandbox` goes into the path."""
        path = f"/_mock/{path}"
        sent = {} if method == "GET" or type is None else {"Content-Type": type}
        response = self.client.open(
            f"/_sandbox/{sandbox}{path}" if sandbox else path,
            method=method,
            data=raw if raw is not None or body is None else json.dumps(body),
            query_string=query,
            headers={**sent, **(headers or {})},
        )
        check(method, path, response)
        return response

    def get(self, path: str, **more: Any) -> Any:
        """What a call that has to succeed answers with."""
        return self.done("GET", path, **more)

    def done(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        response = self.ask(method, path, body, **more)
        assert response.status_code == 200, response.text
        return response.json

    def refused(self, method: str, path: str, body: Any = None, status: int = 400, **more: Any) -> Any:
        """The error of a call that has to be refused, and to change nothing."""
        before = self.state()
        response = self.ask(method, path, body, **more)
        assert response.status_code == status, response.text
        assert self.state() == before
        return response.json["error"]

    def state(self) -> Any:
        """The state of the default sandbox, got without asking for it."""
        return showing.state(self.sandbox)
