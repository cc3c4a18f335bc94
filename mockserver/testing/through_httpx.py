"""`httpx` led to the simulator: its transports, synchronous and asynchronous, and one of our own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from unittest import mock

import httpx

from mockserver.testing.engine import Answer
from mockserver.testing.options import Exchange, Hosts, OtherHosts, Refused


class HttpxDoor:
    """Answers what `httpx` asks the provider while it is open."""

    def __init__(self, hosts: Hosts, exchange: Exchange[Answer], other_hosts: OtherHosts) -> None:
        self._hosts = hosts
        self._transport = Transport(exchange)
        self._other_hosts = other_hosts
        self._passing: list[str] = []
        self._patches = ExitStack()

    def open(self) -> None:
        genuine, genuine_async = (
            httpx.HTTPTransport.handle_request,
            httpx.AsyncHTTPTransport.handle_async_request,
        )

        def handle(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            if self._is_ours(request):
                return self._transport.handle_request(request)
            return genuine(transport, request)

        async def handle_async(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            if self._is_ours(request):
                return await self._transport.handle_async_request(request)
            return await genuine_async(transport, request)

        patch = mock.patch.object
        self._patches.enter_context(patch(httpx.HTTPTransport, "handle_request", handle))
        self._patches.enter_context(patch(httpx.AsyncHTTPTransport, "handle_async_request", handle_async))

    def close(self) -> None:
        self._patches.close()

    def let_pass(self, url: str) -> None:
        """Let requests to URLs that begin so through, whatever becomes of other hosts."""
        self._passing.append(url)

    def _is_ours(self, request: httpx.Request) -> bool:
        """Raises ConnectError where nobody is to be asked."""
        url = str(request.url)
        if self._hosts.have(url):
            return True
        if self._other_hosts == "pass" or url.startswith(tuple(self._passing)):
            return False
        raise httpx.ConnectError(str(Refused(request.method, url)), request=request)


class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Has every request answered by the simulator, whatever its host."""

    def __init__(self, exchange: Exchange[Answer]) -> None:
        self._exchange = exchange

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        answer = self._exchange(request.method, str(request.url), headers, body)
        limit: float | None = request.extensions.get("timeout", {}).get("read")
        if limit is not None and answer.delay > limit:
            raise httpx.ReadTimeout("The read operation timed out", request=request)
        if answer.dropped:
            lost = "Server disconnected without sending a response."
            raise httpx.RemoteProtocolError(lost, request=request)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, request))


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """An answer's body, which may break off."""

    def __init__(self, answer: Answer, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        yield self._answer.body
        self._check()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._answer.body
        self._check()

    def _check(self) -> None:
        """Raises RemoteProtocolError where less has come than was announced."""
        announced, got = self._answer.announced, len(self._answer.body)
        if announced is not None and got < announced and self._request.method != "HEAD":
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {got} bytes, expected {announced})",
                request=self._request,
            )
