"""Letters written out as mails: subject, plain text, HTML and calendar attachments.

A pure function of the letter, so a mail has the same bytes whenever somebody looks at it or sends it. The
words are English whatever `email_language` says; it is recorded on the mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from mockserver.delivery.invitation import Attachment, attachments, people_shown
from mockserver.delivery.wording import is_web, lines, name_and_address, name_of, one_line, when
from mockserver.domain.mail import NOWHERE
from mockserver.domain.transaction import Letter, LetterType

SENDER = f"no-reply@{NOWHERE}"
"""The address that mails come from; the name before it is the organizer's."""

LONGEST_URL = 4000

LINKS = ("confirm", "decline", "reschedule", "cancel")
LABELS = {"reschedule": "Reschedule", "cancel": "Cancel"}

HEADINGS: Mapping[LetterType, str] = {
    "confirmation_request": "Please confirm",
    "booking_confirmed": "Booking confirmed",
    "booking_rescheduled": "Booking rescheduled",
    "booking_cancelled": "Booking cancelled",
    "booking_declined": "Booking declined",
    "reminder": "Reminder",
}

_OPENINGS: Mapping[LetterType, str] = {
    "confirmation_request": "{other} asks for this time. It is held until you decide.",
    "booking_confirmed": "The meeting with {other} is confirmed.",
    "booking_rescheduled": "The meeting with {other} has a new time.",
    "booking_cancelled": "The meeting with {other} is cancelled.",
    "booking_declined": "{other} has declined the meeting.",
    "reminder": "This is a reminder of the meeting with {other}.",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as its reader gets it. `links` has every purpose, with None for those it doesn't lead to."""

    to: str
    sender: Address
    subject: str
    text: str
    html: str
    links: Mapping[str, str | None]
    attachments: tuple[Attachment, ...]
    language: str


def write(letter: Letter) -> Mail:
    """Write a letter out."""
    links = _links(letter)
    rows = _rows(letter)
    heading, closing = _heading(letter), _closing(letter)
    actions = _actions(links)
    branded = _template(letter).get("show_nylas_branding") is not False
    opening = _opening(letter)
    text = [heading, "", opening, "", *(f"{label}: {value}" for label, value in rows)]
    for more in (closing, [f"{label}: {url}" for label, url in actions]):
        text += ["", *more] if more else []
    text += ["", "Powered by Nylas Scheduler (a mock of it)"] if branded else []
    logo = one_line(str(_template(letter).get("logo") or ""), LONGEST_URL)
    html = _page().render(
        heading=heading,
        opening=opening,
        rows=rows,
        closing=closing,
        actions=[(label, url, is_web(url)) for label, url in actions],
        logo=logo if is_web(logo) else "",
        branded=branded,
    )
    return Mail(
        to=letter.to.email,
        sender=Address(one_line(letter.booking.organizer.name), addr_spec=SENDER),
        subject=_subject(letter),
        text="\n".join(text) + "\n",
        html=html,
        links=links,
        attachments=attachments(letter),
        language=letter.booking.email_language,
    )


@cache
def _page() -> Template:
    loader = PackageLoader("mockserver.delivery")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("mail.html")


def _template(letter: Letter) -> Mapping[str, Any]:
    """What the configuration says about the look of mails."""
    return _object(_object(letter.configuration.body, "scheduler"), "email_template")


def _confirmed_template(letter: Letter) -> Mapping[str, Any]:
    """The configuration's own words: for guests, when a booking is confirmed (documented)."""
    told = letter.type == "booking_confirmed" and letter.role == "guest"
    return _object(_template(letter), "booking_confirmed") if told else {}


def _subject(letter: Letter) -> str:
    """The subject; `email_template` doesn't change it (documented)."""
    with_whom = f"{one_line(letter.configuration.title)} with {_other(letter)}"
    return one_line(letter.subject) or one_line(f"{HEADINGS[letter.type]}: {with_whom}")


def _heading(letter: Letter) -> str:
    return one_line(str(_confirmed_template(letter).get("title") or "")) or HEADINGS[letter.type]


def _opening(letter: Letter) -> str:
    opening = _OPENINGS[letter.type].format(other=_other(letter))
    undecided = letter.type == "booking_rescheduled" and letter.booking.status == "pending"
    return f"{opening} It still awaits your decision." if undecided else opening


def _closing(letter: Letter) -> list[str]:
    return lines(str(_confirmed_template(letter).get("body") or ""))


def _other(letter: Letter) -> str:
    """Whom the reader meets: the organizer, or the guest."""
    return name_of(letter.booking.organizer if letter.role == "guest" else letter.booking.guest)


def _rows(letter: Letter) -> list[tuple[str, str]]:
    """The facts, by label, each on one line."""
    booking, configuration, before = letter.booking, letter.configuration, letter.before
    rows = [
        ("What", one_line(configuration.title)),
        ("When", when(booking.start, booking.end, letter.timezone)),
    ]
    if letter.type == "booking_rescheduled" and before is not None:
        rows.append(("Before", when(before.start, before.end, letter.timezone)))
    rows += [
        ("Where", one_line(configuration.location, 1000)),
        ("Who", ", ".join(name_and_address(each) for each in people_shown(letter, booking))),
        ("About", " ".join(lines(configuration.description))),
    ]
    if letter.role == "host":
        rows += _answers(letter)
    rows.append(("Reason", " ".join(lines(booking.cancellation_reason))))
    return [(label, value) for label, value in rows if value]


def _answers(letter: Letter) -> list[tuple[str, str]]:
    """What the guest answered; metadata fields are kept out of mails (documented)."""
    fields = letter.configuration.additional_fields
    return [
        (one_line(fields[key].label if key in fields else key), " ".join(lines(answer)))
        for key, answer in letter.booking.additional_fields.items()
        if key not in fields or fields[key].type != "metadata"
    ]


def _links(letter: Letter) -> dict[str, str | None]:
    """The pages that the mail leads to, by purpose; the organizer decides both ways on one page."""
    links, configuration = letter.links, letter.configuration
    found: dict[str, str | None] = dict.fromkeys(LINKS)
    if letter.booking.status == "pending":
        found["confirm"] = found["decline"] = links.confirm
    elif letter.booking.status == "booked":
        if not configuration.hide_rescheduling_options:
            found["reschedule"] = links.reschedule
        if not configuration.hide_cancellation_options:
            found["cancel"] = links.cancel
    return found


def _actions(links: Mapping[str, str | None]) -> list[tuple[str, str]]:
    confirm = links["confirm"]
    decide = [("Confirm or decline", one_line(confirm, LONGEST_URL))] if confirm else []
    return decide + [
        (label, one_line(links[name] or "", LONGEST_URL)) for name, label in LABELS.items() if links[name]
    ]


def _object(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value: Mapping[str, Any] = body.get(key) or {}
    return value
