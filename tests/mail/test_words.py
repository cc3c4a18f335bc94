"""What stands in a mail: times, people, links, the configuration's words, and nothing smuggled in."""

from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest

from mockserver.delivery.letters import write
from mockserver.delivery.smtp import compose
from tests.mail.letters import ALICE, ED, asking, book, change, decide, event_booking, mails, move, to, world
from tests.support.worlds import NOW, TEN, Mock, participant

MockOf = Callable[[Mapping[str, Any]], Mock]

EVIL = '"><script>alert(1)</script>\r\nBcc: eve@example.com\x00\x1b[31m {{ 7 * 7 }} ; , \\'


class Reading(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str, attribute: str) -> list[str | None]:
        return [attributes[attribute] for name, attributes in self.found if name == tag]


def test_everybody_reads_the_time_in_the_own_zone(mock_of: MockOf) -> None:
    carol = participant("carol@example.com", organizer=False, availability=None, booking=None)
    bob = participant("bob@example.com", organizer=False, timezone="America/Toronto")
    mock = mock_of(world(ALICE, bob, {key: value for key, value in carol.items() if value}))
    move(mock, book(mock, timezone="Asia/Kolkata"), TEN + 1800)
    now = {each["to"][0]: each["text"] for each in mails(mock)[4:]}
    day = "Tuesday, 3 March 2026"
    assert f"When: {day}, 16:00 to 16:30 (Asia/Kolkata, UTC+05:30)" in now["gina@example.com"]
    assert f"Before: {day}, 15:30 to 16:00 (Asia/Kolkata, UTC+05:30)" in now["gina@example.com"]
    assert f"When: {day}, 11:30 to 12:00 (Europe/Berlin, UTC+01:00)" in now["alice@example.com"]
    assert f"When: {day}, 05:30 to 06:00 (America/Toronto, UTC-05:00)" in now["bob@example.com"]
    assert "(Europe/Paris, UTC+01:00)" in now["carol@example.com"]  # told no zone: the event's


def test_links_lead_to_the_configurations_pages_unless_hidden(mock_of: MockOf) -> None:
    scheduler = {
        "min_booking_notice": 0,
        "rescheduling_url": "https://a.example/move?ref=:booking_ref&x=1",
        "hide_cancellation_options": True,
    }
    mock = mock_of(world(ALICE, scheduler=scheduler))
    reference = mock.book(TEN, "77777777-7777-4777-8777-777777777777").json["data"]["booking_ref"]
    link = f"https://a.example/move?ref={reference}&x=1"
    for mail in mails(mock):
        none = {"confirm": None, "decline": None, "cancel": None}
        assert mail["links"] == {**none, "reschedule": link}
        assert Reading(mail["html"]).all("a", "href") == [link]
        assert f"Reschedule: {link}" in mail["text"]
        assert "Cancel" not in mail["text"]


def test_a_link_that_is_none_is_shown_as_text(mock_of: MockOf) -> None:
    scheduler = {
        "min_booking_notice": 0,
        "rescheduling_url": "javascript:alert(':booking_ref')",
        "email_template": {"logo": "javascript:alert(1)"},
    }
    mail = mails(mock_with(mock_of, scheduler))[0]
    assert all((url or "").startswith("http://localhost") for url in Reading(mail["html"]).all("a", "href"))
    assert not Reading(mail["html"]).all("img", "src")
    assert "javascript:alert(&#39;" in mail["html"]


def mock_with(mock_of: MockOf, scheduler: dict[str, Any]) -> Mock:
    """A world with one booking."""
    mock = mock_of(world(ALICE, scheduler=scheduler))
    book(mock)
    return mock


def test_the_configurations_words_are_for_guests_only(mock_of: MockOf) -> None:
    template = {
        "logo": "https://a.example/logo.png",
        "show_nylas_branding": False,
        "booking_confirmed": {"title": "You are <in>", "body": "See you\nsoon & well"},
    }
    scheduler = {"min_booking_notice": 0, "email_template": template}
    mock = mock_of(world(ALICE, scheduler=scheduler))
    move(mock, book(mock), TEN + 3600)
    confirmed, to_host, moved, _ = mails(mock)
    assert confirmed["subject"] == "Booking confirmed: Talk with Alice"
    assert confirmed["text"].startswith("You are <in>\n")
    assert "See you\nsoon & well" in confirmed["text"]
    assert "You are &lt;in&gt;</h1>" in confirmed["html"]
    assert "See you<br>soon &amp; well" in confirmed["html"]
    assert Reading(confirmed["html"]).all("img", "src") == ["https://a.example/logo.png"]
    for other in (to_host, moved):
        assert "You are" not in other["text"] + other["html"]
        assert "See you" not in other["text"] + other["html"]
    assert not any("Powered by" in each["text"] + each["html"] for each in mails(mock))


@pytest.mark.parametrize("template", [None, "", {}, {"logo": "", "booking_confirmed": None}])
def test_without_words_of_its_own(mock_of: MockOf, template: Any) -> None:
    mail = mails(mock_with(mock_of, {"min_booking_notice": 0, "email_template": template}))[0]
    assert mail["text"].startswith("Booking confirmed\n")
    assert "Powered by Nylas" in mail["text"]
    assert "Powered by Nylas" in mail["html"]


@pytest.mark.parametrize("hidden", [False, True])
def test_guests_see_each_other_unless_that_is_hidden(mock_of: MockOf, hidden: bool) -> None:
    mock = mock_of(world(ALICE, event_booking=event_booking(hide_participants=hidden)))
    book(mock, additional_guests=[ED])
    to_gina, to_ed, to_alice = mails(mock)
    assert ("ed@example.com" in str(to_gina)) is ("gina@example.com" in str(to_ed)) is not hidden
    assert "gina@example.com" in to_gina["text"]
    assert "alice@example.com" in to_gina["text"]
    assert all(name in to_alice["text"] for name in ("gina@example.com", "ed@example.com"))


def test_hosts_read_the_answers_but_no_metadata(mock_of: MockOf) -> None:
    fields = {
        "topic": {"label": "What about?", "type": "text", "required": True},
        "campaign": {"label": "Campaign", "type": "metadata", "required": False},
    }
    mock = mock_of(world(ALICE, scheduler={"min_booking_notice": 0, "additional_fields": fields}))
    book(mock, additional_fields={"topic": "Tax", "campaign": "c-42"})
    to_gina, to_alice = mails(mock)
    assert "What about?: Tax" in to_alice["text"]
    assert "Tax" not in to_gina["text"]
    assert "c-42" not in str(mails(mock))


def test_the_sender_is_the_organizer_by_name(mock_of: MockOf) -> None:
    ines = {**ALICE, "name": 'Inês "I", C'}
    mock = mock_of(world(ines))
    book(mock, email_language="fr")
    mail = to(mock, "gina")[0]
    assert mail["from"] == r'"Inês \"I\", C" <no-reply@mock.example>'
    assert mail["subject"] == 'Booking confirmed: Talk with Inês "I", C'
    assert (mail["language"], mail["at"]) == ("fr", NOW)


def test_what_strangers_wrote_stays_text(mock_of: MockOf) -> None:
    fields = {EVIL: {"label": EVIL, "type": "text", "required": False}}
    body = asking(title=f"Title {EVIL}", description=EVIL, location=EVIL)
    body["scheduler"] |= {
        "additional_fields": fields,
        "email_template": {
            "logo": f"https://a.example/{EVIL}",
            "booking_confirmed": {"title": EVIL, "body": EVIL},
        },
    }
    mock = mock_of(world({**ALICE, "name": f"Alice {EVIL}"}, **body))
    guest = {"name": f"Gina {EVIL}", "email": '"><script>gina@example.com'}
    booking_id = book(mock, guest=guest, additional_fields={EVIL: EVIL})
    decide(mock, booking_id, "confirmed")
    change(mock, "DELETE", booking_id, {"cancellation_reason": EVIL})
    assert len(mails(mock)) == 5
    for sent, mail in zip(mock.sandbox.outbox.mails, mails(mock), strict=True):
        assert "script" not in {tag for tag, _ in Reading(mail["html"]).found}
        assert "\n" not in mail["subject"] + mail["from"]
        assert not set("\x00\x1b\r") & set(mail["text"] + mail["html"] + mail["subject"])
        assert "{{ 7 * 7 }}" in mail["html"]
        for each in mail["attachments"]:
            assert not [line for line in each["body"].split("\r\n") if line.upper().startswith(("BCC", "X-"))]
        if mail["to"] == ["alice@example.com"]:
            message = compose(write(sent.letter), sent.id, sent.at)
            assert message["Bcc"] is None
            assert b"\r\nBcc" not in message.as_bytes().partition(b"\r\n\r\n")[0]


def test_long_names_are_cut(mock_of: MockOf) -> None:
    mock = mock_of(world(ALICE))
    book(mock, guest={"name": "G" * 5000, "email": "gina@example.com"})
    mail = to(mock, "alice")[0]
    assert len(mail["subject"]) == 200
    assert mail["subject"].endswith("…")


def test_looking_twice_shows_the_same(mock_of: MockOf) -> None:
    mock = mock_of(world())
    change(mock, "DELETE", book(mock))
    before = mock.client.get("/_mock/mail").data
    mock.sandbox.clock.advance(86_400)
    assert mock.client.get("/_mock/mail").data == before
