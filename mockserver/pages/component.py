"""Where the hosted pages get the provider's web component from: a folder on this machine, or a CDN."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

VERSION = "2.6.0"
"""The version of `@nylas/web-elements` that the tests run with, and that comes from the CDN."""

FILE = "nylas-scheduling.es.js"
CDN = f"https://cdn.jsdelivr.net/npm/@nylas/web-elements@{VERSION}/"
INTEGRITY = "sha384-K73gInUBRvFs4G/HObixfAyBialbF94NcNE8fSdgKp2W49cfulEiN+TNKbek/czp"
"""Of the file in the package: a browser runs nothing else in its place."""

INSIDE = ("dist/cdn/nylas-scheduling", "cdn/nylas-scheduling", "nylas-scheduling", "")
"""Where the file lies in the unpacked package, in its `dist` folder, and so on down to its own folder."""


@dataclass(frozen=True, slots=True)
class Component:
    """The component's file. `content` is None where browsers get it from the CDN."""

    content: bytes | None = None

    @classmethod
    def from_folder(cls, folder: str | None) -> Self:
        """The component in that folder, or on the CDN without one. Raises ValueError if it isn't there."""
        return cls() if folder is None else cls(component_file(folder).read_bytes())

    @property
    def url(self) -> str:
        """Where a page finds it; one of this server's own is relative to `/book/NAME`."""
        return f"{CDN}{INSIDE[0]}/{FILE}" if self.content is None else f"../_assets/{FILE}"

    @property
    def integrity(self) -> str:
        return INTEGRITY if self.content is None else ""

    @property
    def script_sources(self) -> str:
        """For a Content-Security-Policy."""
        return f"'self' {CDN}" if self.content is None else "'self'"


def component_file(folder: str) -> Path:
    """The component's file in an unpacked npm package, or in a folder of it. Raises ValueError."""
    for place in INSIDE:
        file = Path(folder) / place / FILE
        if file.is_file():
            return file
    raise ValueError(
        f"{folder}: expected the unpacked npm package @nylas/web-elements or its dist folder, "
        f"but {INSIDE[0]}/{FILE} is not there"
    )
