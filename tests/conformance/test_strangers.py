"""How strangers are treated: nothing without permission, politely, and nothing is left behind."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.strangers.caller import LARGEST, Caller, Unreachable
from conformance.strangers.cleaning import clean
from conformance.strangers.ledger import Entry, Ledger, LedgerError
from conformance.strangers.limits import DAY, Limits, NotAllowed, Window
from conformance.strangers.secrets import Secrets

BOOKINGS = "/v3/scheduling/bookings"
WRITING = Limits(allow_writes=True)


class Stranger(ThreadingHTTPServer):
    """Answers with what it was told, in this order, and with an empty object afterwards."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Stranger

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, headers, body))
        default = (200, {}, b"{}")
        status, extra, answer = self.server.answers.pop(0) if self.server.answers else default
        self.send_response(status)
        for name, value in extra.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    server = Stranger()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def calling(server: Stranger, limits: Limits = WRITING, **known: str) -> Iterator[tuple[Caller, list[float]]]:
    """A caller, and the pauses that it made."""
    pauses: list[float] = []
    caller = Caller(server.url, limits, Secrets(known), pause=pauses.append)
    try:
        yield caller, pauses
    finally:
        caller.close()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_is_written_without_permission(stranger: Stranger, method: str) -> None:
    with calling(stranger, Limits()) as (caller, _), pytest.raises(NotAllowed, match="--allow-writes"):
        caller.call(method, BOOKINGS)
    assert stranger.asked == []


def test_reading_and_sessions_need_no_permission(stranger: Stranger) -> None:
    with calling(stranger, Limits()) as (caller, _):
        caller.call("GET", BOOKINGS)
        caller.call("POST", "/v3/scheduling/sessions", body={})
    assert [method for method, *_ in stranger.asked] == ["GET", "POST"]


def test_a_limit_is_obeyed_for_as_long_as_it_says(stranger: Stranger) -> None:
    stranger.answers += [(429, {"Retry-After": "7"}, b"{}"), (429, {}, b"{}"), (200, {}, b'{"data": 1}')]
    with calling(stranger) as (caller, pauses):
        answer = caller.call("POST", BOOKINGS, body={"a": 1})
    assert (answer.status, answer.data) == (200, 1)
    assert pauses == [7.0, 1.0]
    assert [body for *_, body in stranger.asked] == [b'{"a":1}'] * 3


def test_a_pause_that_is_too_long_ends_it(stranger: Stranger) -> None:
    stranger.answers.append((429, {"Retry-After": "3600"}, b"{}"))
    with calling(stranger) as (caller, pauses), pytest.raises(Unreachable, match="3600 seconds"):
        caller.call("GET", BOOKINGS)
    assert pauses == []


def test_the_rate_is_kept(stranger: Stranger) -> None:
    with calling(stranger, Limits(rate=0.5)) as (caller, pauses):
        for _ in range(3):
            caller.call("GET", BOOKINGS)
    assert [round(pause) for pause in pauses] == [2, 4]


def test_redirects_are_not_followed(stranger: Stranger) -> None:
    stranger.answers.append((302, {"Location": "http://127.0.0.1:1/"}, b""))
    with calling(stranger) as (caller, _):
        assert caller.call("GET", BOOKINGS, bearer="key").status == 302
    assert len(stranger.asked) == 1


def test_an_endless_answer_is_cut(stranger: Stranger) -> None:
    stranger.answers.append((200, {}, b" " * (LARGEST + 1)))
    with calling(stranger) as (caller, _), pytest.raises(Unreachable, match="bytes"):
        caller.call("GET", BOOKINGS)


def test_nobody_there_is_no_traceback() -> None:
    caller = Caller("http://127.0.0.1:1", WRITING, Secrets({"KEY": "secret-key"}))
    with pytest.raises(Unreachable) as told:
        caller.call("GET", "/v3/x", query={"a": "secret-key"})
    assert "secret-key" not in str(told.value)


@pytest.mark.parametrize("url", ["ftp://x", "example.com", "http://", "http://a:b@host", "http://host/?q=1"])
def test_a_base_url_has_to_be_one(url: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        Caller(url, WRITING, Secrets())


def test_a_curl_line_holds_no_secret(stranger: Stranger) -> None:
    with calling(stranger, NYLAS_API_KEY="nyk_v0_very_secret") as (caller, _):
        exchange = caller.call(
            "POST", BOOKINGS, body={"it's": "nyk_v0_very_secret"}, bearer="nyk_v0_very_secret"
        )
        line = caller.secrets.mask(exchange.curl())
    assert "very_secret" not in line
    assert "Bearer $NYLAS_API_KEY" in line
    assert "it'\"'\"'s" in line


@given(st.lists(st.text(min_size=6, max_size=20), min_size=1, max_size=5), st.text(max_size=50))
def test_no_secret_survives_masking(known: list[str], around: str) -> None:
    secrets = Secrets({f"S{number}": value for number, value in enumerate(known)})
    masked = secrets.mask(around.join(known))
    names = {f"$S{number}" for number in range(len(known))}
    for value in known:
        assert value not in masked or any(value in name for name in names) or value in around * 3


@pytest.mark.parametrize(("text", "first", "last"), [("7-21", 7, 21), (" 0 - 3 ", 0, 3)])
def test_a_window_is_days_ahead(text: str, first: int, last: int) -> None:
    assert Window.parse(text) == Window(first, last)
    assert Window.parse(text).at(1000) == (1000 + first * DAY, 1000 + last * DAY)


@pytest.mark.parametrize("text", ["", "7", "21-7", "7-7", "a-b", "-1-3", "7-21-30"])
def test_what_is_no_window_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="7-21"):
        Window.parse(text)


def test_guests_are_nobody_or_the_owner() -> None:
    assert Limits().guest(3).endswith("@example.com")
    assert Limits(guest_email="me@firm.test").guest(3) == "me+3@firm.test"


def entry(target: str = "http://t", id: str = "b1", **changes: object) -> Entry:
    made: dict[str, object] = {
        "target": target,
        "kind": "booking",
        "id": id,
        "path": f"{BOOKINGS}/{id}",
        "query": {"configuration_id": "c1"},
        **changes,
    }
    return Entry(**made)  # type: ignore[arg-type]


def test_a_ledger_outlives_the_process(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.made(entry(id="b1"))
    ledger.made(entry(id="b2"))
    ledger.made(entry("http://other", id="b3"))
    ledger.gone("http://t", "booking", "b1")
    again = Ledger(tmp_path / "ledger.jsonl")
    assert [each.id for each in again.left("http://t")] == ["b2"]
    assert [each.id for each in again.left()] == ["b3", "b2"]


def test_a_ledger_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"event": "made"}\n')
    with pytest.raises(LedgerError, match=r"ledger\.jsonl:1"):
        Ledger(path)


def test_cleaning_takes_back_what_a_crash_left(stranger: Stranger, tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    Ledger(path).made(entry(stranger.url, "b1"))
    Ledger(path).made(entry(stranger.url, "b2"))
    Ledger(path).made(entry(stranger.url, "b3", private=True))
    session = json.dumps({"data": {"session_id": "s-123456"}}).encode()
    error = json.dumps({"error": {"type": "x", "message": "no"}}).encode()
    stranger.answers += [(200, {}, session), (200, {}, b"{}"), (403, {}, error), (404, {}, error)]
    with calling(stranger) as (caller, _):
        cleaned = {each.entry.id: each.problem for each in clean(caller, Ledger(path), "key-123")}
    assert cleaned == {"b3": "", "b2": "403 no", "b1": ""}
    assert [each.id for each in Ledger(path).left()] == ["b2"]
    methods = [(method, asked.partition("?")[0]) for method, asked, *_ in stranger.asked]
    assert methods == [
        ("POST", "/v3/scheduling/sessions"),
        ("DELETE", f"{BOOKINGS}/b3"),
        ("DELETE", f"{BOOKINGS}/b2"),
        ("DELETE", f"{BOOKINGS}/b1"),
    ]
    assert stranger.asked[1][2]["authorization"] == "Bearer s-123456"
    assert "authorization" not in stranger.asked[2][2]
