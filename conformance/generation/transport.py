"""Sends what Schemathesis makes up in the way everything else is sent: one set of limits and masks."""

from collections.abc import Callable
from typing import Any

import requests
from schemathesis import Case
from schemathesis.core.transport import Response
from schemathesis.generation.overrides import Override
from schemathesis.transport.requests import REQUESTS_TRANSPORT, RequestsTransport

from conformance.strangers.exchange import Exchange

PRIVATE_HEADERS = ("X-Schemathesis-TestCaseId",)
"""What Schemathesis adds for its own reports."""

Send = Callable[[Case[Any], requests.PreparedRequest], Exchange]


class PoliteTransport(RequestsTransport):
    """Prepares requests as Schemathesis does and leaves the sending to `send`."""

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._serializers = REQUESTS_TRANSPORT._serializers
        self._send = send

    def send(self, case: Case[Any], *, session: requests.Session | None = None, **kwargs: Any) -> Response:
        """Send a case. Of `kwargs` only what makes up the request counts."""
        made = self.serialize_case(case, **kwargs)
        request = requests.Request(**made).prepare()
        for name in PRIVATE_HEADERS:
            request.headers.pop(name, None)
        exchange = self._send(case, request)
        return Response(
            status_code=exchange.status,
            headers={name: [value] for name, value in exchange.answer_headers.items()},
            content=exchange.answer,
            request=request,
            elapsed=exchange.seconds,
            verify=True,
            _override=Override.from_send_kwargs(kwargs),
        )
