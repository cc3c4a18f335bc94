"""HAR files that mean harm, or nothing: refused in words, and quickly."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.cli import cli
from mockserver.recording import HarError, import_recording, parse_har
from mockserver.recording.har import MAX_BYTES, MAX_CALLS, MAX_VALUES
from tests.har.test_import import BOOKINGS, entry, har
from tests.support.worlds import INTRO

SECONDS = 1.0
"""What a refusal may take; the machine that runs the tests may be a busy one."""

HOSTILE = {
    "lists": (b"[" + b"[]," * (MAX_VALUES + 1) + b"[]]", f"at most {MAX_VALUES:,} values"),
    "texts": (b"[" + b'"",' * (MAX_VALUES + 1) + b'""]', f"at most {MAX_VALUES:,} values"),
    "depth of lists": (b"[" * 100_000, "at most 50 levels"),
    "depth of mappings": (b'{"a":' * 100_000, "at most 50 levels"),
    "depth behind quotes": (b'{"a\\"":' + b"[" * 60 + b"]" * 60 + b"}", "at most 50 levels"),
    "no JSON": (b"log: {}", "line 1: expected JSON"),
    "cut off": (b'{"log": {"entries": [', "expected JSON"),
    "no text": (b"\xff\xfe\x00", "in UTF-8"),
    "an archive": (b"PK\x03\x04", "unpack it first"),
    "nothing": (b"", "expected JSON"),
    "a list": (b"[]", "log.entries"),
    "no entries": (b'{"log": {}}', "log.entries"),
    "another format": (b'{"log": {"entries": {}}}', "log.entries"),
    "no calls": (b'{"log": {"entries": []}}', "there are none"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_words_within_a_second(name: str) -> None:
    raw, words = HOSTILE[name]
    began = time.perf_counter()
    with pytest.raises(HarError) as refused:
        import_recording(parse_har(raw))
    assert words in str(refused.value)
    assert time.perf_counter() - began < SECONDS


def test_a_file_that_is_too_big_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "big.har"
    with file.open("wb") as out:
        out.truncate(MAX_BYTES + 1)
    done = CliRunner().invoke(cli, ["import-har", str(file)])
    assert (done.exit_code, "at most 100 MiB" in done.stderr) == (1, True)


def broken(**change: Any) -> dict[str, Any]:
    return har({**entry("GET", f"{BOOKINGS}/x?configuration_id={INTRO}"), **change})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"startedDateTime": "soon"}, "log.entries[0].startedDateTime: expected a time"),
        ({"startedDateTime": "0001-01-01T00:00:00Z"}, "log.entries[0].startedDateTime"),
        ({"startedDateTime": 7}, "log.entries[0].startedDateTime"),
        ({"request": []}, "log.entries[0].request: expected a mapping"),
        ({"request": {"method": "GET"}}, "expected method and url"),
        ({"response": None}, "log.entries[0].response: expected a mapping"),
    ],
)
def test_entries_that_are_none_are_told_with_their_place(change: dict[str, Any], words: str) -> None:
    with pytest.raises(HarError) as refused:
        parse_har(json.dumps(broken(**change)).encode())
    assert words in str(refused.value)


def test_too_many_calls_are_refused() -> None:
    one = entry("GET", f"/v3/scheduling/ui-settings?configuration_id={INTRO}")
    with pytest.raises(HarError, match=f"at most {MAX_CALLS:,} calls"):
        parse_har(json.dumps(har(*[one] * (MAX_CALLS + 1))).encode())


ODD: list[Any] = [None, 7, "x", [], {}, [[]], {"time_slots": 7}, {"time_slots": [7, {"start_time": "x"}]}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("path", ["availability", "ui-settings", "bookings", "sessions"])
def test_answers_of_any_shape_are_imported(odd: Any, path: str) -> None:
    """Whatever a server has said: no traceback."""
    query = f"?configuration_id={INTRO}&start_time=1&end_time=99999999999999999999&booking_id=%00"
    method = "POST" if path in ("bookings", "sessions") else "GET"
    settings = {"min_booking_notice": odd, "available_days_in_future": odd, "additional_fields": odd}
    page = {"booking": odd, "organizer": odd, "scheduler": settings, "name": odd, "slug": odd}
    for answer in (odd, {"data": odd}, {"error": odd}, {"data": page}):
        file = har(entry(method, f"/v3/scheduling/{path}{query}", answer=json.dumps(answer), body=odd))
        import_recording(parse_har(json.dumps(file).encode()))


@pytest.mark.parametrize(
    "url", ["http://[", "", "//", "/v3/scheduling/bookings", "https://x/v3/scheduling/%2e%2e"]
)
def test_urls_that_are_none_are_passed_over(url: str) -> None:
    each = entry("GET", "")
    each["request"]["url"] = url
    parse_har(json.dumps(har(each)).encode())
