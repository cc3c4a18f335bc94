"""The organizer's page: what it shows, what it does, and what it does not do."""

import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from mockserver.domain.links import reference_of
from mockserver.domain.reference import BookingReference
from mockserver.domain.world import Booking
from mockserver.sandbox import Sandbox
from tests.support.worlds import API_KEY, ASK, DOCUMENT, INTRO, TEN, Mock, asking

REASON = "Away that week"
HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}\u202e\x1b[31m"


def pending(mock: Mock, start: int = TEN, configuration: str = ASK, **more: Any) -> Booking:
    """A new booking that awaits the organizer."""
    answer = mock.book(start, configuration, **more)
    assert answer.status_code == 200, answer.text
    return mock.sandbox.world.bookings[answer.json["data"]["booking_id"]]


def page_of(booking: Booking) -> str:
    return f"/confirm/{reference_of(booking)}"


def read(mock: Mock, path: str, status: int = 200) -> TestResponse:
    """A page, which has to be HTML, protected, and to change nothing."""
    before = mock.snapshot()
    response = mock.client.get(path)
    assert response.status_code == status, response.text
    assert mock.snapshot() == before
    protected(response)
    return response


def protected(response: TestResponse) -> None:
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} < set(
        policy
    )
    assert "unsafe" not in str(policy)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in response.headers
    text = response.get_data(as_text=True)
    assert text.startswith("<!doctype html>")
    assert "Traceback" not in text
    assert "<script" not in text


def token_in(response: TestResponse) -> str:
    found = set(re.findall(r'name="token" value="([0-9a-f]{64})"', response.text))
    assert len(found) == 1
    return str(found.pop())


def send(
    mock: Mock, path: str, decision: str, headers: Mapping[str, str] | None = None, **more: str
) -> TestResponse:
    """Press a button of the page."""
    token = more.pop("token", None) or token_in(mock.client.get(path))
    return mock.client.post(path, data={"token": token, "decision": decision, **more}, headers=headers)


def shown(response: TestResponse) -> list[str]:
    """The text of a page, below its style sheet."""

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.texts: list[str] = []

        def handle_data(self, data: str) -> None:
            if data.strip():
                self.texts.append(data.strip())

    reader = Reader()
    reader.feed(response.text.partition("<body>")[2])
    return reader.texts


def test_it_shows_who_wants_what_and_when(mock_of: Callable[..., Mock]) -> None:
    fields = {
        "topic": {"label": "Your topic", "type": "multi_line_text", "required": False},
        "campaign": {"label": "Campaign", "type": "metadata", "required": False},
    }
    body = asking()
    body["participants"][0]["timezone"] = "Europe/Berlin"
    body["scheduler"]["additional_fields"] = fields
    ask = {**DOCUMENT["configurations"]["ask"], "body": body}
    mock = mock_of({**DOCUMENT, "configurations": {"ask": ask}})
    booking = pending(
        mock,
        timezone="America/New_York",
        additional_guests=[
            {"name": "Carl", "email": "carl@example.com"},
            {"name": "", "email": "d@example.com"},
        ],
        additional_fields={"topic": "One\nTwo", "campaign": "spring"},
    )
    texts = shown(read(mock, page_of(booking)))
    rows = {text: texts[index + 1] for index, text in enumerate(texts[:-1])}
    assert rows["What"] == "Ask first"
    assert rows["When"] == "Tuesday, 3 March 2026, 11:00 to 11:30 (Europe/Berlin, UTC+01:00)"
    assert rows["For the guest"] == "Tuesday, 3 March 2026, 05:00 to 05:30 (America/New_York, UTC-05:00)"
    assert rows["How long"] == "30 minutes"
    assert rows["Who"] == "Gina Guest <gina@example.com>"
    assert texts[texts.index("Also invited") + 1 :][:2] == ["Carl <carl@example.com>", "d@example.com"]
    assert texts[texts.index("Your topic") + 1 :][:2] == ["One", "Two"]
    assert "spring" not in texts
    assert {"Confirm", "Decline"} <= set(texts)


def test_confirming_does_what_the_put_does(mock: Mock) -> None:
    by_page, by_api = mock, Mock()
    booking = pending(by_page)
    assert pending(by_api) == booking
    answer = send(by_page, page_of(booking), "confirm")
    assert (answer.status_code, answer.headers["Location"]) == (303, "?decided=confirm")
    body = {"salt": booking.salt, "status": "confirmed"}
    put = by_api.call(
        "PUT", f"/v3/scheduling/bookings/{booking.id}", body, API_KEY, {"configuration_id": ASK}
    )
    assert put.status_code == 200
    assert by_page.snapshot() == by_api.snapshot()
    assert told(by_page.sandbox) == told(by_api.sandbox)
    assert told(by_page.sandbox)[0][-1] == "booking.created"
    by_api.close()


def test_declining_does_what_the_put_does(mock: Mock) -> None:
    by_page, by_api = mock, Mock()
    booking = pending(by_page)
    assert pending(by_api) == booking
    answer = send(by_page, page_of(booking), "decline", reason=f" {REASON}\r\nSorry ")
    assert (answer.status_code, answer.headers["Location"]) == (303, "?decided=decline")
    body = {"salt": booking.salt, "status": "cancelled", "cancellation_reason": f"{REASON}\nSorry"}
    by_api.call("PUT", f"/v3/scheduling/bookings/{booking.id}", body, API_KEY, {"configuration_id": ASK})
    assert by_page.snapshot() == by_api.snapshot()
    assert told(by_page.sandbox) == told(by_api.sandbox)
    assert told(by_page.sandbox)[0][-1] == "booking.cancelled"
    by_api.close()


def told(sandbox: Sandbox) -> tuple[list[str], list[Any]]:
    """What was announced, with ids, and who got which mail."""
    deliveries, mails = sandbox.outbox.deliveries, sandbox.outbox.mails
    types = [each.notification.type for each in deliveries]
    return (
        types,
        [each.notification.envelope(1) for each in deliveries]
        + [(each.id, each.letter.type, each.letter.to) for each in mails],
    )


@pytest.mark.parametrize(
    ("decision", "heading"), [("confirm", "Confirmed"), ("decline", "Declined")], ids=["confirm", "decline"]
)
def test_afterwards_it_says_what_was_decided_and_then_that_it_is_used(
    mock: Mock, decision: str, heading: str
) -> None:
    booking = pending(mock)
    path = page_of(booking)
    assert shown(read(mock, f"{path}?decided={decision}"))[0] == "Confirm this booking?"  # not decided yet
    answer = send(mock, path, decision, reason=REASON)
    done = shown(read(mock, path + answer.headers["Location"]))
    assert done[0] == heading
    assert "Gina Guest is told by mail." in done[1]
    assert (REASON in done) is (decision == "decline")
    used = shown(read(mock, path, 410))
    assert used[0].startswith("This booking ")
    assert "Tuesday, 3 March 2026, 10:00 to 10:30 (UTC)" in used
    other = {"confirm": "decline", "decline": "confirm"}[decision]
    read(mock, f"{path}?decided={other}", 410)
    before = mock.snapshot()
    for again in ("confirm", "decline"):
        repeated = send(mock, path, again, token="0" * 64, reason=REASON)
        assert repeated.status_code == 410
        protected(repeated)
    assert mock.snapshot() == before


def test_a_booking_that_never_awaited_anybody_has_nothing_to_decide(mock: Mock) -> None:
    booking = pending(mock, configuration=INTRO)
    assert shown(read(mock, page_of(booking), 410))[0] == "This booking is confirmed already"


@pytest.mark.parametrize("gone", ["readable", "gone"])
def test_a_cancelled_booking_says_so_in_every_dialect(mock_of: Callable[..., Mock], gone: str) -> None:
    mock = mock_of({**DOCUMENT, "dialect": {"cancelled_booking": gone}})
    booking = pending(mock)
    path = f"/v3/scheduling/bookings/{booking.id}"
    mock.call("DELETE", path, {"cancellation_reason": REASON}, query={"configuration_id": ASK})
    texts = shown(read(mock, page_of(booking), 410))
    assert texts[0] == "This booking was declined or cancelled"
    assert REASON in texts


def test_every_encoding_of_the_reference_will_do(mock: Mock) -> None:
    booking = pending(mock)
    word = reference_of(booking)
    standard = word.replace("-", "+").replace("_", "/")
    padded = standard + "=" * (-len(standard) % 4)
    for each in {
        word,
        standard,
        padded,
        quote(word, safe=""),
        quote(standard, safe=""),
        quote(padded, safe=""),
    }:
        for raw in (each, quote(each, safe="/")):
            assert token_in(read(mock, f"/confirm/{raw}")) == token_in(read(mock, page_of(booking)))


def test_a_reference_may_begin_with_a_slash(mock_of: Callable[..., Mock]) -> None:
    configuration_id = "ffffffff-ffff-4fff-bfff-ffffffffffff"
    ask = {**DOCUMENT["configurations"]["ask"], "id": configuration_id}
    mock = mock_of({**DOCUMENT, "configurations": {"ask": ask}})
    booking = pending(mock, configuration=configuration_id)
    standard = reference_of(booking).replace("-", "+").replace("_", "/")
    assert standard.startswith("//")
    path = f"/confirm/{standard}"
    assert shown(read(mock, path))[0] == "Confirm this booking?"
    assert send(mock, path, "confirm").status_code == 303


def wrong(mock: Mock) -> dict[str, tuple[str, int]]:
    booking = pending(mock)
    word = reference_of(booking)
    other = pending(mock, TEN + 3600)
    return {
        "none": ("", 400),
        "no base64": ("hello world!", 400),
        "not ASCII": ("%C3%A9" * 60, 400),
        "not UTF-8": ("%FF" * 60, 400),
        "a line break": ("%0A" + word, 400),
        "truncated in an id": (word[:40], 400),
        "without the salt": (BookingReference(ASK, booking.id, "").encode(), 404),
        "truncated in the salt": (word[:-4], 404),
        "another salt": (BookingReference(ASK, booking.id, other.salt).encode(), 404),
        "another configuration": (BookingReference(INTRO, booking.id, booking.salt).encode(), 404),
        "another booking": (BookingReference(ASK, other.id, booking.salt).encode(), 404),
        "unknown": (BookingReference(ASK, PRIVATE_LIKE, booking.salt).encode(), 404),
        "very long": ("A" * 20_000, 404),
    }


PRIVATE_LIKE = "99999999-9999-4999-8999-999999999999"


def test_a_wrong_link_says_so(mock: Mock) -> None:
    for name, (text, status) in wrong(mock).items():
        texts = shown(read(mock, f"/confirm/{text}", status))
        assert texts[0] in ("This link is damaged", "No booking belongs to this link"), name
        before = mock.snapshot()
        answer = mock.client.post(f"/confirm/{text}", data={"decision": "confirm", "token": "0" * 64})
        assert answer.status_code == status
        assert mock.snapshot() == before
        protected(answer)
    read(mock, "/confirm", 400)


def test_a_private_configuration_needs_nothing_but_the_reference(mock_of: Callable[..., Mock]) -> None:
    private = {**DOCUMENT["configurations"]["ask"], "body": asking(requires_session_auth=True)}
    mock = mock_of(
        {
            **DOCUMENT,
            "configurations": {"private": private},
            "sessions": {"s1": {"id": PRIVATE_LIKE, "configuration": "private", "expires_in": "PT5M"}},
        }
    )
    booking = pending(mock, key=PRIVATE_LIKE)
    assert send(mock, page_of(booking), "confirm").status_code == 303
    assert mock.sandbox.world.bookings[booking.id].status == "booked"


def test_what_guests_say_is_only_text(mock: Mock, mock_of: Callable[..., Mock]) -> None:
    body = asking()
    body["scheduler"]["additional_fields"] = {"x": {"label": HOSTILE, "type": "text", "required": False}}
    body["event_booking"]["title"] = HOSTILE
    ask = {**DOCUMENT["configurations"]["ask"], "body": body}
    mock = mock_of({**DOCUMENT, "configurations": {"ask": ask}})
    guests = [{"name": HOSTILE, "email": "carl@example.com"}]
    booking = pending(
        mock,
        guest={"name": HOSTILE, "email": "gina@example.com"},
        additional_guests=guests,
        additional_fields={"x": HOSTILE},
    )
    answer = read(mock, page_of(booking))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "{{7*7}}" in answer.text
    assert "\x1b" not in answer.text
    too_long = send(mock, page_of(booking), "decline", reason="</textarea>" + HOSTILE * 100)
    assert too_long.status_code == 400
    protected(too_long)
    assert too_long.text.count("</textarea>") == 1
    done = send(mock, page_of(booking), "decline", reason=HOSTILE)
    read(mock, page_of(booking) + done.headers["Location"])


def test_the_style_sheet_is_the_one_that_the_policy_allows(mock: Mock) -> None:
    from base64 import b64encode
    from hashlib import sha256

    answer = read(mock, page_of(pending(mock)))
    style = answer.text.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"decision": "decline"}, 400, "give a reason"),
        ({"decision": "decline", "reason": " \r\n "}, 400, "give a reason"),
        ({"decision": "decline", "reason": "x" * 1001}, 400, "shorter reason"),
        ({"decision": "delete", "reason": REASON}, 400, "Choose"),
        ({}, 400, "Choose"),
        ({"decision": "confirm", "token": ""}, 409, "has changed"),
        ({"decision": "confirm", "token": "\u00e9"}, 409, "has changed"),
    ],
)
def test_a_form_that_is_not_complete_changes_nothing(
    mock: Mock, form: dict[str, str], status: int, words: str
) -> None:
    path = page_of(pending(mock))
    token = token_in(mock.client.get(path))
    before = mock.snapshot()
    answer = mock.client.post(path, data={"token": token, **form})
    assert answer.status_code == status
    assert mock.snapshot() == before
    protected(answer)
    assert words in answer.text.partition('role="alert">')[2]
    assert ("<details open>" in answer.text) is (form.get("decision") == "decline")


def test_who_has_not_seen_the_new_time_does_not_confirm_it(mock: Mock) -> None:
    booking = pending(mock)
    path = page_of(booking)
    token = token_in(mock.client.get(path))
    times = {"start_time": TEN + 3600, "end_time": TEN + 5400}
    moved = mock.call(
        "PATCH", f"/v3/scheduling/bookings/{booking.id}", times, query={"configuration_id": ASK}
    )
    assert moved.status_code == 200
    answer = send(mock, path, "confirm", token=token)
    assert answer.status_code == 409
    assert "11:00 to 11:30" in answer.text
    assert mock.sandbox.world.bookings[booking.id].status == "pending"
    assert send(mock, path, "confirm", token=token_in(answer)).status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:666"}, 403),
        ({"Origin": "http://[broken"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Origin": "null"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({}, 303),
    ],
)
def test_no_page_of_a_stranger_sends_the_form(mock: Mock, headers: dict[str, str], status: int) -> None:
    booking = pending(mock)
    answer = send(mock, page_of(booking), "confirm", headers)
    assert answer.status_code == status
    assert (mock.sandbox.world.bookings[booking.id].status == "pending") is (status == 403)


def test_what_the_rules_refuse_is_told_on_the_page(mock_of: Callable[..., Mock]) -> None:
    mock = mock_of(DOCUMENT)
    booking = pending(mock)
    mock.sandbox.world.grants[booking.places[0].grant_id].status = "expired"
    before = mock.snapshot()
    answer = send(mock, page_of(booking), "confirm")
    assert answer.status_code == 400
    assert "Failed to find a valid Grant" in answer.text
    assert mock.snapshot() == before
    protected(answer)


def test_other_methods_and_hosts_are_refused_in_html(mock: Mock) -> None:
    path = page_of(pending(mock))
    for method in ("PUT", "PATCH", "DELETE"):
        answer = mock.client.open(path, method=method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")
        protected(answer)
    foreign = mock.client.get(path, headers={"Host": "evil.example"})
    assert foreign.status_code == 421
    protected(foreign)
    huge = mock.client.post(path, data="x" * 2_000_000, content_type="text/plain")
    assert huge.status_code == 413
    protected(huge)
    head = mock.client.head(path)
    assert (head.status_code, head.data) == (200, b"")


@pytest.mark.parametrize("body", [b"\xff\xfe", b"=" * 1000, b"&" * 100_000, b"--x\r\nbroken"])
@pytest.mark.parametrize(
    "type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", ""]
)
def test_any_body_is_answered_by_a_page(mock: Mock, body: bytes, type: str) -> None:
    path = page_of(pending(mock))
    before = mock.snapshot()
    answer = mock.client.post(path, data=body, content_type=type)
    assert 400 <= answer.status_code < 500
    assert mock.snapshot() == before
    protected(answer)


def test_each_sandbox_has_its_own(mock: Mock) -> None:
    booked = mock.client.post(
        "/_sandbox/own/v3/scheduling/bookings",
        query_string={"configuration_id": ASK},
        json={"start_time": TEN, "end_time": TEN + 1800, "guest": {"name": "Gina", "email": "g@example.com"}},
    )
    sandbox = mock.app.sandboxes.find("own")
    assert sandbox is not None
    booking = sandbox.world.bookings[booked.json["data"]["booking_id"]]
    read(mock, page_of(booking), 404)
    by_prefix = f"/_sandbox/own{page_of(booking)}"
    assert shown(read(mock, by_prefix))[0] == "Confirm this booking?"
    by_host = mock.client.get(page_of(booking), headers={"Host": "own.localhost"})
    assert token_in(by_host) == token_in(mock.client.get(by_prefix))
    assert send(mock, by_prefix, "confirm").status_code == 303
    assert sandbox.world.bookings[booking.id].status == "booked"


def test_reading_it_takes_no_id_from_the_api(mock: Mock) -> None:
    other = Mock()
    path = page_of(pending(mock))
    pending(other)
    for _ in range(3):
        mock.client.get(path)
    assert mock.book(TEN + 3600).data == other.book(TEN + 3600).data
    other.close()


def test_it_is_in_the_journal(mock: Mock) -> None:
    booking = pending(mock)
    send(mock, page_of(booking), "decline", reason=REASON)
    *_, viewed, sent = mock.sandbox.journal.exchanges()
    assert (viewed.method, viewed.path, viewed.status) == ("GET", page_of(booking), 200)
    assert (sent.method, sent.status) == ("POST", 303)
    assert "decision=decline&reason=Away+that+week" in sent.request_body
