"""The server that a command asks: the options that name it, and calls of its control plane."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import quote

import click

DEFAULT_URL = "http://127.0.0.1:8080"

SECONDS = 30.0
"""How long an answer may take, in seconds, unless the call is one that waits."""


class NoAnswer(click.ClickException):
    """Nobody answers at the URL, or somebody who is no mock server."""


class Refused(click.ClickException):
    """The control plane refuses the call."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and the sandbox on it that is meant."""

    url: str = DEFAULT_URL
    sandbox: str | None = None
    control_token: str | None = None

    def get(self, path: str, query: Mapping[str, str] | None = None, seconds: float | None = SECONDS) -> Any:
        """What the control plane answers to a question. Raises NoAnswer or Refused."""
        return self._call("GET", path, seconds, query=query)

    def get_text(self, path: str, query: Mapping[str, str], seconds: float | None = SECONDS) -> str:
        """As `get`, of an answer that is text. Raises NoAnswer or Refused."""
        return str(self._call("GET", path, seconds, query=query, as_text=True))

    def tell(self, method: str, path: str, body: Mapping[str, Any], seconds: float | None = SECONDS) -> Any:
        """What it answers to a call that changes something; `seconds` None waits for as long as it takes."""
        return self._call(method, path, seconds, body=body)

    def _call(
        self,
        method: str,
        path: str,
        seconds: float | None,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        as_text: bool = False,
    ) -> Any:
        import requests

        prefix = f"/_sandbox/{quote(self.sandbox, safe='')}" if self.sandbox else ""
        address = f"{self.url.rstrip('/')}{prefix}/_mock/{path}"
        headers = {"Authorization": f"Bearer {self.control_token}"} if self.control_token else {}
        try:
            with requests.Session() as session:
                session.trust_env = False
                response = session.request(
                    method, address, params=query, json=body, headers=headers, timeout=(SECONDS, seconds)
                )
            if as_text and response.status_code == 200:
                return response.content.decode()
            answer = response.json()
        except requests.exceptions.JSONDecodeError as error:
            raise NoAnswer(f"{address} is no control plane: it answered {response.status_code}") from error
        except requests.RequestException as error:
            raise NoAnswer(
                f"no mock server answers at {self.url}: start one with `mockserver serve`, or give --url"
            ) from error
        if response.status_code != 200:
            message = _message(answer) or f"the server answered {response.status_code}"
            raise Refused(message, response.status_code)
        return answer


def server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which a command finds its server, and `--json`; variables as `serve` has them.

    The command gets `server` and `as_json`.
    """

    @wraps(command)
    def with_server(*, url: str, sandbox: str | None, control_token: str | None, **rest: Any) -> Any:
        address = url if "://" in url else f"http://{url}"
        return command(server=Server(address, sandbox, control_token), **rest)

    found: Callable[..., Any] = with_server
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option(
            "--sandbox", metavar="NAME", help="The sandbox to ask about; the default one otherwise."
        ),
        click.option(
            "--control-token",
            metavar="TOKEN",
            envvar="MOCKSERVER_CONTROL_TOKEN",
            help="The server's control token, if it asks for one.",
        ),
        click.option(
            "--url",
            metavar="URL",
            envvar="MOCKSERVER_URL",
            default=DEFAULT_URL,
            show_default=True,
            help="Where the server is.",
        ),
    ):
        found = option(found)
    return found


def print_json(answer: Any, indent: int | None = 2) -> None:
    """Print an answer of the control plane; without `indent` on one line."""
    click.echo(json.dumps(answer, indent=indent, ensure_ascii=False))


def _message(answer: Any) -> str:
    error = answer.get("error") if isinstance(answer, dict) else None
    return str(error.get("message", "")) if isinstance(error, dict) else ""
