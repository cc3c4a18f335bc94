"""What a double is told when it is made, as types."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar, Union

from mockserver.testing.records import WebhookRequest

if TYPE_CHECKING:
    from mockserver.scenario import Scenario

ScenarioSource: TypeAlias = Union[str, os.PathLike[str], Mapping[str, Any], "Scenario", None]
"""A packaged scenario's name, the path of a file or folder, a scenario as data; None: the starter world."""

OtherHosts = Literal["refuse", "pass"]
"""What becomes of requests to hosts that are not the provider's."""

OnNotification: TypeAlias = Callable[[WebhookRequest], object]
"""Takes a signed notification; answers with a status, something with a `status_code`, or None for 200."""

T_co = TypeVar("T_co", covariant=True)


class Exchange(Protocol[T_co]):
    """Answers a request: method, whole URL, headers, body."""

    def __call__(self, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes, /) -> T_co: ...


class Door(Protocol):
    """Leads what one library asks to the double while it is open."""

    def open(self) -> None: ...
    def close(self) -> None: ...
    def let_pass(self, url: str) -> None: ...


PROVIDER_URLS = ("https://api.us.nylas.com", "https://api.eu.nylas.com")
"""Where the provider's API is; the first is where the SDKs go unless told otherwise."""


class MissingPackage(ImportError):
    """An optional package isn't installed; the text names it."""


class Refused(OSError):
    """A request went to a host that is neither the provider's nor allowed."""

    def __init__(self, method: str | None, url: str | None) -> None:
        super().__init__(
            f"{method} {url} was refused: beside the Nylas double no request leaves this test. Stub it, for "
            'example with `responses`; or let the URL pass with let_pass(), or all with other_hosts="pass"'
        )


@dataclass(frozen=True, slots=True)
class Hosts:
    """Which requests the double answers."""

    urls: tuple[str, ...]

    def have(self, url: str) -> bool:
        """Whether a request to that URL is the double's. Scheme and host are compared without case."""
        return any(
            url[: len(each)].lower() == each and url[len(each) : len(each) + 1] in ("", "/", "?", "#")
            for each in self.urls
        )
