"""Lists in pages: `limit`, `page_token` and `next_cursor`."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from mockserver.api.incoming import query_value
from mockserver.domain.errors import refuse

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200


def page(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The part of a list that the query asks for, with the cursor of the next part if there is one.

    A page token names the id of the last item seen, so that what is added or removed meanwhile neither
    repeats nor hides other items. Raises Refusal.
    """
    start = _after(items, query_value("page_token"))
    limit = _limit(query_value("limit"))
    shown = list(items[start : start + limit])
    more = start + limit < len(items)
    return {"data": shown, **({"next_cursor": _token(shown[-1]["id"])} if more else {})}


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_LIMIT:
        return int(text)
    raise refuse("invalid_query", f"limit: expected a number from 1 to {LARGEST_LIMIT}")


def _after(items: Sequence[dict[str, Any]], token: str | None) -> int:
    if token is None:
        return 0
    try:
        last = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        return next(index for index, item in enumerate(items) if item["id"] == last) + 1
    except (ValueError, StopIteration) as error:
        raise refuse("invalid_query", "page_token: expected a next_cursor of this list") from error


def _token(last: str) -> str:
    return urlsafe_b64encode(last.encode()).decode().rstrip("=")
