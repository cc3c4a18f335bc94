"""How a mutant puts something else in the place of what is right."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import has_request_context, request

Spoiled = Callable[..., Any]


def instead_of(owner: Any, name: str) -> Callable[[Spoiled], Spoiled]:
    """Put the decorated function in the place of `owner.name`; it gets the original as its first argument."""

    def put(spoiled: Spoiled) -> Spoiled:
        setattr(owner, name, partial(spoiled, getattr(owner, name)))
        return spoiled

    return put


def as_sent() -> dict[str, Any]:
    """The object that is the body of the request being answered; empty where it is none."""
    try:
        found = json.loads(request.get_data() or b"null")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def asked_by(method: str) -> bool:
    """Whether a request is being answered that has this method."""
    return has_request_context() and request.method == method
