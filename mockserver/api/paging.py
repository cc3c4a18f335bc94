"""Lists in pages: `limit`, `page_token` and `next_cursor`."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mockserver.api.incoming import query_value
from mockserver.domain.errors import Refusal, refuse

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
_NUMBER = re.compile(r"[0-9]{1,3}")

T = TypeVar("T")
Mark = tuple[int, str]
"""What a list is sorted by: a number, and a text that tells equal numbers apart."""


def page(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The part of a list that the query asks for, with the cursor of the next part if there is one.

    A page token names the id of the last item seen, so that what is added or removed meanwhile neither
    repeats nor hides other items. Raises Refusal.
    """
    token = query_value("page_token")
    start = 0 if token is None else _after(items, _read(token))
    shown, more = _cut(items, start)
    return {"data": shown, **({"next_cursor": _token(shown[-1]["id"])} if more else {})}


def sorted_page(
    items: Sequence[T], mark: Callable[[T], Mark], show: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    """As `page`, of a list that is sorted by `mark`; only what is on the page is shown.

    A page token names the mark of the last item seen, so the next page begins in the right place even when
    that item has gone or moved. Raises Refusal.
    """
    token = query_value("page_token")
    start = 0 if token is None else bisect_right(items, _marked(_read(token)), key=mark)
    shown, more = _cut(items, start)
    cursor = {"next_cursor": _token("{}/{}".format(*mark(shown[-1])))} if more else {}
    return {"data": [show(item) for item in shown], **cursor}


def _cut(items: Sequence[T], start: int) -> tuple[list[T], bool]:
    """One page from `start` on, and whether there is more."""
    limit = _limit(query_value("limit"))
    return list(items[start : start + limit]), start + limit < len(items)


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if _NUMBER.fullmatch(text) and 1 <= int(text) <= LARGEST_LIMIT:
        return int(text)
    raise refuse("invalid_query", f"limit: expected a number from 1 to {LARGEST_LIMIT}")


def _after(items: Sequence[dict[str, Any]], last: str) -> int:
    try:
        return next(index for index, item in enumerate(items) if item["id"] == last) + 1
    except StopIteration as error:
        raise _unknown_token() from error


def _marked(text: str) -> Mark:
    try:
        number, rest = text.split("/", 1)
        return int(number), rest
    except ValueError as error:
        raise _unknown_token() from error


def _token(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(token: str) -> str:
    try:
        return urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError as error:
        raise _unknown_token() from error


def _unknown_token() -> Refusal:
    return refuse("invalid_query", "page_token: expected a next_cursor of this list")
