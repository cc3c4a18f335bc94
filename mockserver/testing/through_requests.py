"""`requests` led to the simulator, by way of `responses`.

`responses` takes the place of `HTTPAdapter.send`, and of several mocks the one that began last decides about
everything. So that a test may use `responses` for other hosts beside the double, before it or after it, the
double takes requests to the provider off one step earlier, when a session chooses its adapter.
"""

from collections.abc import Callable
from functools import partial
from http.client import RemoteDisconnected
from typing import Any
from unittest import mock

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from responses import BaseResponse, CallbackResponse, PassthroughResponse, RequestsMock
from responses.registries import FirstMatchRegistry
from urllib3.exceptions import ProtocolError
from urllib3.util import Timeout

from mockserver.testing.engine import Answer
from mockserver.testing.options import Exchange, Hosts, OtherHosts, Refused

ANY = "any"

_Found = tuple[BaseResponse | None, list[str]]
_Send = Callable[..., requests.Response]


class RequestsDoor:
    """Answers what `requests` asks the provider while it is open."""

    def __init__(self, hosts: Hosts, exchange: Exchange[Answer], other_hosts: OtherHosts) -> None:
        self._hosts = hosts
        self._exchange = exchange
        self._other_hosts = other_hosts
        self._passing: list[str] = []
        self._ours = CallbackResponse(ANY, ANY, self._answer, content_type=None)
        self._patch: Any = None

    def open(self) -> None:
        genuine_adapter, present_send = requests.Session.get_adapter, HTTPAdapter.send
        self._somebody_decides = present_send.__module__ == "responses"
        self._mock = RequestsMock(
            assert_all_requests_are_fired=False,
            registry=partial(_Registry, self._find),  # type: ignore[arg-type]  # it is only called
            real_adapter_send=present_send,
        )
        answered = self._mock.unbound_on_send()

        def send(*args: Any, **kwargs: Any) -> requests.Response:
            try:
                return answered(*args, **kwargs)
            finally:  # the journal has the calls; nobody asks `responses` for them
                self._mock.calls.reset()
                self._ours.calls.reset()

        def get_adapter(session: requests.Session, url: str) -> BaseAdapter:
            adapter = genuine_adapter(session, url)
            return _Door(adapter, send) if self._hosts.have(url) else adapter

        self._mock.start()
        self._patch = mock.patch.object(requests.Session, "get_adapter", get_adapter)
        self._patch.start()

    def close(self) -> None:
        self._patch.stop()
        self._mock.stop(allow_assert=False)

    def let_pass(self, url: str) -> None:
        """Let requests to URLs that begin so through, whatever becomes of other hosts."""
        self._passing.append(url)

    def _find(self, request: requests.PreparedRequest) -> _Found:
        """Whose a request is. Where another mock was there before, it decides about other hosts."""
        url = request.url or ""
        if self._hosts.have(url):
            return self._ours, []
        passing = (
            self._other_hosts == "pass" or self._somebody_decides or url.startswith(tuple(self._passing))
        )
        return (PassthroughResponse(ANY, ANY) if passing else _Refusal(ANY, ANY)), []

    def _answer(self, request: requests.PreparedRequest) -> Any:
        """What `responses` makes an answer of: status, headers and body, or an exception."""
        answer = self._exchange(
            request.method or "GET", request.url or "", request.headers.items(), _body(request)
        )
        limit = _read_timeout(request)
        if limit is not None and answer.delay > limit:
            return requests.ReadTimeout(f"Read timed out. (read timeout={limit})", request=request)
        if answer.dropped:
            lost = RemoteDisconnected("Remote end closed connection without response")
            return requests.ConnectionError(ProtocolError("Connection aborted.", lost), request=request)
        return answer.status, answer.headers, answer.body


class _Registry(FirstMatchRegistry):
    """Asks the door, instead of comparing a request with stubs."""

    def __init__(self, find: Callable[[requests.PreparedRequest], _Found]) -> None:
        super().__init__()
        self._find = find

    def find(self, request: requests.PreparedRequest) -> _Found:
        return self._find(request)


class _Door(BaseAdapter):
    """Stands before a session's own adapter, whose retries still count."""

    def __init__(self, adapter: BaseAdapter, send: _Send) -> None:
        super().__init__()
        self._adapter = adapter if isinstance(adapter, HTTPAdapter) else HTTPAdapter()
        self._send = send

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        return self._send(self._adapter, request, *args, **kwargs)

    def close(self) -> None:
        self._adapter.close()


class _Refusal(BaseResponse):
    """Stands for every host that nobody answers for."""

    def get_response(self, request: requests.PreparedRequest) -> Any:
        raise requests.ConnectionError(Refused(request.method, request.url), request=request)


def _body(request: requests.PreparedRequest) -> bytes:
    body: Any = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b"".join(body)


def _read_timeout(request: requests.PreparedRequest) -> float | None:
    """How many seconds the caller waits for an answer; None for as long as it takes."""
    given: Any = getattr(request, "req_kwargs", {}).get("timeout")
    if isinstance(given, tuple):
        given = given[1]
    elif isinstance(given, Timeout):
        given = given.read_timeout
    return given if isinstance(given, int | float) else None
