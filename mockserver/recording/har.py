"""HAR files (1.2) as Chromium, Firefox and mitmproxy write them: the calls of this API that are in them.

A file may come from anywhere, so it is measured before it is parsed.
"""

import binascii
import json
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from mockserver.recording.calls import NO_DATA, Call, is_served, parsed

MAX_BYTES = 100 * 1024 * 1024
MAX_DEPTH = 50
MAX_VALUES = 2_000_000
MAX_CALLS = 2_000

PREFLIGHT = "OPTIONS"
REDACTED = re.compile(r"\W*(redacted|masked|removed|filtered|\*+|x{4,}|…)\W*|", re.IGNORECASE)
"""What stands where somebody took a token out."""

_BRACKETS = re.compile(r"[^\[\]{}]+")


class HarError(ValueError):
    """A file can't be used; the text says what was expected."""


@dataclass(slots=True)
class Recording:
    """The calls of a file, in the order in which they began, and what can be said of the others."""

    calls: list[Call]
    creator: str
    hosts: list[str]
    others: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    """What is missing, and in how many calls."""


def read_har(path: Path) -> Recording:
    """The calls in a file. Raises HarError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _too_big()
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise HarError(f"expected a file that can be read: {error.strerror}") from error
    return parse_har(raw)


def parse_har(raw: bytes) -> Recording:
    """The calls in the bytes of a file. Raises HarError."""
    if len(raw) > MAX_BYTES:
        raise _too_big()
    if raw.startswith(b"PK"):
        raise HarError("expected a HAR file; this is an archive, unpack it first")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HarError("expected a HAR file in UTF-8") from error
    _measure(text)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", "too deep")
        line = getattr(error, "lineno", 1)
        raise HarError(f"line {line}: expected JSON: {reason}") from error
    return _read(document)


def _measure(text: str) -> None:
    """Raise HarError for what would take too long to parse; strings are left out of the count."""
    plain = text.replace("\\\\", "").replace('\\"', "")
    if plain.count('"') > 2 * MAX_VALUES:
        raise HarError(f"expected at most {MAX_VALUES:,} values")
    outside = "".join(plain.split('"')[::2])
    if outside.count(",") + outside.count("[") + outside.count("{") > MAX_VALUES:
        raise HarError(f"expected at most {MAX_VALUES:,} values")
    depth = 0
    for bracket in _BRACKETS.sub("", outside):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise HarError(f"expected at most {MAX_DEPTH} levels of nesting")


def _read(document: Any) -> Recording:
    log = document.get("log") if isinstance(document, Mapping) else None
    entries = log.get("entries") if isinstance(log, Mapping) else None
    if not isinstance(log, Mapping) or not isinstance(entries, list):
        raise HarError("expected a HAR file: a mapping with log.entries, a list")
    recording = Recording([], _creator(log), [])
    found: list[tuple[float, Call]] = []
    for index, entry in enumerate(entries):
        try:
            each = _entry(entry, recording)
        except _Unusable as error:
            raise HarError(f"log.entries[{index}].{error}") from None
        if each is None:
            recording.others += 1
        else:
            found.append(each)
    if len(found) > MAX_CALLS:
        raise HarError(f"expected at most {MAX_CALLS:,} calls of this API, there are {len(found):,}")
    found.sort(key=lambda each: each[0])
    recording.calls += [call for _, call in found]
    for turn, call in enumerate(recording.calls, 1):
        call.turn = turn
    return recording


class _Unusable(ValueError):
    """A part of an entry is not what HAR says."""


def _entry(entry: Any, recording: Recording) -> tuple[float, Call] | None:
    """The call that an entry is, with the moment at which it began; None if it is none of this API."""
    request = _mapping(entry, "request")
    url, method = request.get("url"), request.get("method")
    if not isinstance(url, str) or not isinstance(method, str):
        raise _Unusable("request: expected method and url")
    place = _place(url)
    if place is None:
        return None
    host, path, query = place
    if method.upper() == PREFLIGHT:
        return None
    response = _mapping(entry, "response")
    began = _began(entry)
    if host not in recording.hosts:
        recording.hosts.append(host)
    headers = _headers(request)
    call = Call(
        at=int(began),
        turn=0,
        method=method.upper(),
        path=path,
        query=parse_qsl(query, keep_blank_values=True, errors="replace"),
        authorization=_authorization(headers),
        content_type=headers.get("content-type", ""),
        body="",
        status=_status(response),
        answer=None,
    )
    _take_body(call, request, recording)
    _take_answer(call, response, recording)
    return began, call


def _place(url: str) -> tuple[str, str, str] | None:
    """Host, path below any prefix, and query of a URL of this API."""
    try:
        parts = urlsplit(url)
        host = parts.netloc
    except ValueError:
        return None
    path = unquote(parts.path)
    at = path.find("/v3/")
    while at >= 0:
        if is_served(path[at:]):
            return host, path[at:], parts.query
        at = path.find("/v3/", at + 1)
    return None


def _began(entry: Mapping[str, Any]) -> float:
    text = entry.get("startedDateTime")
    try:
        moment = datetime.fromisoformat(text if isinstance(text, str) else "")
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise _Unusable("startedDateTime: expected a time such as 2026-03-02T09:00:00.000Z") from None
    if not 86_400 <= seconds < 7_258_118_400:
        raise _Unusable("startedDateTime: expected a time between 1970 and 2200")
    return seconds


def _authorization(headers: Mapping[str, str]) -> str | None:
    value = headers.get("authorization")
    if value is None or REDACTED.fullmatch(value.partition(" ")[2]):
        return None
    return value


def _status(response: Mapping[str, Any]) -> int | None:
    """Browsers write 0, or -1, where no answer came."""
    status = response.get("status")
    return (
        status if isinstance(status, int) and not isinstance(status, bool) and 100 <= status < 600 else None
    )


def _take_body(call: Call, request: Mapping[str, Any], recording: Recording) -> None:
    data = request.get("postData")
    size = request.get("bodySize")
    if not isinstance(data, Mapping):
        if isinstance(size, int) and size > 0:
            call.cut = True
            recording.missing["the body of the request"] += 1
        return
    body = _text(data)
    if body is None:
        call.cut = True
        recording.missing["the body of the request"] += 1
        return
    call.body = body
    if not call.content_type and isinstance(data.get("mimeType"), str):
        call.content_type = data["mimeType"]


def _take_answer(call: Call, response: Mapping[str, Any], recording: Recording) -> None:
    if call.status is None:
        recording.missing["the answer"] += 1
        call.remarks.append("no answer was recorded")
        return
    content = response.get("content")
    answer = _text(content) if isinstance(content, Mapping) else None
    if not answer:
        if call.method != "HEAD" and call.status != 304:
            recording.missing["the body of the answer"] += 1
            call.remarks.append("the body of the answer was not recorded")
        return
    if parsed(answer) is NO_DATA:
        json_expected = answer.lstrip()[:1] in ("{", "[")
        recording.missing["the end of the answer" if json_expected else "an answer in JSON"] += 1
        call.remarks.append(
            "the body of the answer is cut off" if json_expected else "the answer is not JSON"
        )
        return
    call.answer = answer


def _text(content: Mapping[str, Any]) -> str | None:
    """The text of a body, which may be in base64; None where there is none, or nobody can read it."""
    text = content.get("text")
    if not isinstance(text, str):
        return None
    if str(content.get("encoding", "")).lower() != "base64":
        return text
    try:
        return b64decode(text, validate=False).decode()
    except (binascii.Error, ValueError):
        return None


def _headers(message: Mapping[str, Any]) -> dict[str, str]:
    """Headers by name in lower case."""
    headers = message.get("headers")
    return {
        str(each.get("name", "")).lower(): str(each.get("value", ""))
        for each in (headers if isinstance(headers, list) else ())
        if isinstance(each, Mapping)
    }


def _mapping(entry: Any, key: str) -> Mapping[str, Any]:
    found = entry.get(key) if isinstance(entry, Mapping) else None
    if not isinstance(found, Mapping):
        raise _Unusable(f"{key}: expected a mapping")
    return found


def _creator(log: Mapping[str, Any]) -> str:
    """The program that wrote the file, by its name."""
    creator = log.get("creator")
    name = creator.get("name") if isinstance(creator, Mapping) else None
    return re.sub(r"[^\w .()-]", "", name)[:40] if isinstance(name, str) else ""


def _too_big() -> HarError:
    return HarError(f"expected at most {MAX_BYTES // 1024 // 1024} MiB")
