"""The one helper through which every `/v3` answer that a test sees is held to the contract."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mockserver.contract import load_contract
from mockserver.faulting import FAULT_HEADER
from mockserver.gateway import DRIFT_HEADER

MISDIRECTED = 421
"""What the gateway answers before a request reaches any operation."""

PREFIX = re.compile(r"^/_sandbox/[^/]+")


def check(method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Assert that an answer keeps the contract: envelope, ids, content type and the operation's schema."""
    path = PREFIX.sub("", path)
    if not path.startswith("/v3/") or method == "OPTIONS":
        return
    found = {name.lower(): value for name, value in headers.items()}
    if FAULT_HEADER.lower() in found:
        return  # whoever asked for a fault gets it
    assert DRIFT_HEADER.lower() not in found, f"{method} {path} {status}: {found[DRIFT_HEADER.lower()]}"
    assert status != 204, f"{method} {path}: 204 breaks three clients"
    assert found.get("content-type") == "application/json", f"{method} {path}: {found.get('content-type')}"
    if method == "HEAD":
        return
    content = json.loads(body)
    assert content["request_id"] == found["x-request-id"]
    if status >= 400:
        assert isinstance(content["error"]["type"], str)
        assert isinstance(content["error"]["message"], str)
    operation = None if status == MISDIRECTED else operation_at(method, path)
    if operation is not None:
        problems = load_contract().response_problems(operation, status, found["content-type"], found, content)
        assert not problems, f"{method} {path} {status}: {problems}"


@lru_cache(maxsize=4096)
def operation_at(method: str, path: str) -> str | None:
    """The contract's name of the operation that a request is for."""
    contract = load_contract()
    for operation_id in contract.operation_ids:
        operation = contract.operation(operation_id)
        template = re.sub(r"\\\{[^/]+\\\}", "[^/]+", re.escape(operation.path))
        if operation.method == method and re.fullmatch(template, path):
            return operation_id
    return None


class CheckedClient(FlaskClient):
    """Flask's test client, holding every answer to the contract."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        check(
            response.request.method,
            urlsplit(response.request.path).path,
            response.status_code,
            dict(response.headers),
            response.get_data(),
        )
        return response


class CheckedSession(requests.Session):
    """A requests session, holding every answer to the contract."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        response = super().send(request, **kwargs)
        check_response(response)
        return response


def check_response(response: requests.Response) -> None:
    """Assert that an answer which a requests session got keeps the contract."""
    path = urlsplit(response.request.url or "").path
    check(response.request.method or "", path, response.status_code, response.headers, response.content)


@contextmanager
def every_session_checked() -> Iterator[list[requests.Response]]:
    """Hold to the contract what any requests session is answered, those too that an SDK makes for itself.

    Yields the answers so far, oldest first.
    """
    genuine = requests.Session.send
    seen: list[requests.Response] = []

    def send(session: requests.Session, request: requests.PreparedRequest, **kwargs: Any) -> Any:
        response = genuine(session, request, **kwargs)
        seen.append(response)
        check_response(response)
        return response

    with mock.patch.object(requests.Session, "send", send):
        yield seen


def check_journal(exchanges: list[dict[str, Any]]) -> None:
    """Assert that the answers which a mock remembers, as `/_mock/requests` shows them, keep the contract."""
    for each in exchanges:
        answer = each["response"]
        check(each["method"], each["path"], each["status"], answer["headers"], answer["body"].encode())
