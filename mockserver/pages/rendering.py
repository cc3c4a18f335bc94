"""How pages are made: templates, their one style sheet, and the headers that keep strangers out of them."""

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


class PageRefusal(Exception):
    """A page can't be shown, or not do what was asked; told in plain words with an HTTP status."""

    def __init__(
        self, status: int, heading: str, text: str, facts: Sequence[tuple[str, Sequence[str]]] = ()
    ) -> None:
        """`facts` are labels with the lines below them."""
        super().__init__(heading)
        self.status = status
        self.heading = heading
        self.text = text
        self.facts = facts


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page from a template; everything that goes into it is escaped."""
    html = _environment().get_template(template).render(style=_style(), **values)
    return Response(html, status, content_type="text/html; charset=utf-8")


def refused(refusal: PageRefusal) -> Response:
    """The page that says why there is no other."""
    return page(
        "message.html",
        refusal.status,
        heading=refusal.heading,
        text=refusal.text,
        facts=refusal.facts,
        good=False,
    )


def protect(response: Response) -> Response:
    """No script, no frame, no cache, and no address of a page (a secret link) told to anybody.

    What a page has said itself about scripts and caches stands.
    """
    response.headers.setdefault("Content-Security-Policy", policy())
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def policy(more: str = "") -> str:
    """The Content-Security-Policy of a page: nothing but its own style sheet, and what `more` allows."""
    return (
        f"default-src 'none'; style-src {_style_hash()}; {more}form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("mockserver.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> Markup:
    """The style sheet, ours and so safe. It stands in the page: there it is found below any prefix."""
    return Markup(files("mockserver.pages").joinpath("style.css").read_text(encoding="utf-8"))  # noqa: S704


@cache
def _style_hash() -> str:
    return f"'sha256-{b64encode(sha256(_style().encode()).digest()).decode()}'"
