"""What the official web component relies on, beyond what is documented."""

from uuid import uuid4

from conformance.checking import check
from conformance.offers import require_grant
from conformance.strangers.exchange import Exchange
from conformance.target import AVAILABILITY, BOOKINGS, DAY, Unverified
from conformance.trial import Trial

SETTINGS, PREFILL, PREFLIGHT, ORIGIN, EXTRA, JSON_BODY = (f"BK-UI-{number:03}" for number in range(1, 7))
UI_SETTINGS = "/v3/scheduling/ui-settings"
ELSEWHERE = "https://booking.example.com"
"""The origin of a page that isn't the API's."""
KEYS = {"configuration_id": str, "organizer": dict, "scheduler": dict}
"""What the component reads of the settings whatever it shows."""
SENT_HEADERS = (
    "authorization",
    "content-type",
    "x-nylas-application-public-id",
    "x-nylas-web-elements-version",
    "x-source",
)
SAFE_METHODS = ("GET", "HEAD", "POST")
"""A browser sends these whatever the preflight lists."""


@check(SETTINGS)
def the_component_gets_its_settings(trial: Trial) -> None:
    """Ask for the settings of a booking page."""
    page = trial.page("booking")
    answer = trial.ask(page, "GET", UI_SETTINGS)
    if answer.status == 404:
        trial.unsupported(SETTINGS, f"there are no settings for booking pages: {answer.told()}")
        return
    data = answer.data if isinstance(answer.data, dict) else {}
    lacking = [key for key, type in KEYS.items() if not isinstance(data.get(key), type)]
    holds = answer.accepted and not lacking and data.get("configuration_id") == page.id
    trial.judge(SETTINGS, holds, f"{', '.join(KEYS)} of the configuration", answer, [answer])


@check(PREFILL)
def the_component_gets_what_the_guest_entered(trial: Trial) -> None:
    """Ask for the settings with the id of a booking."""
    page = trial.page("booking")
    if trial.ask(page, "GET", UI_SETTINGS).status == 404:
        trial.unsupported(PREFILL, "there are no settings for booking pages")
        return
    guest = trial.target.guest()
    booked = trial.booked(page, guest=guest)
    answer = trial.ask(page, "GET", UI_SETTINGS, query={"booking_id": booked.id})
    data = answer.data if isinstance(answer.data, dict) else {}
    prefill = data.get("booking")
    shown = prefill.get("guest") if isinstance(prefill, dict) else None
    holds = isinstance(shown, dict) and shown.get("email") == guest["email"]
    trial.judge(PREFILL, holds, f"booking.guest.email {guest['email']!r}", answer)


@check(PREFLIGHT)
def a_page_of_another_origin_may_call(trial: Trial) -> None:
    """Send the preflights that a browser sends before the component's calls."""
    paths = {
        AVAILABILITY: ("GET",),
        BOOKINGS: ("POST",),
        f"{BOOKINGS}/{uuid4()}": ("GET", "PATCH", "PUT", "DELETE"),
    }
    for path, methods in paths.items():
        for method in methods:
            answer = _preflight(trial, path, method)
            lacking = _forbidden(answer, method)
            expected = f"permission for {method} with {', '.join(SENT_HEADERS)}"
            seen = f"{answer.status}, {', '.join(lacking)} not permitted" if lacking else str(answer.status)
            trial.judge(PREFLIGHT, not lacking, expected, seen, [answer])


@check(ORIGIN, JSON_BODY)
def a_page_of_another_origin_may_read(trial: Trial) -> None:
    """Read an answer and refusals as a page of another origin."""
    page = trial.page("booking")
    start, _ = trial.target.settings.limits.window.at(trial.target.now())
    query = {"start_time": start, "end_time": start + DAY}
    headers = {"origin": ELSEWHERE}
    answers = [
        require_grant(trial.ask(page, "GET", AVAILABILITY, query=query, headers=headers)),
        trial.ask(page, "GET", AVAILABILITY, headers=headers),
        trial.ask(page, "GET", f"{BOOKINGS}/{uuid4()}", headers=headers),
    ]
    for answer in answers:
        seen = f"{answer.status}, Access-Control-Allow-Origin {_allowed(answer, 'origin') or 'missing'}"
        trial.judge(ORIGIN, _open_to_all(answer), "an answer that the page may read", seen, [answer])
        if not answer.accepted:
            holds = isinstance(answer.content, dict) and "error" in answer.content
            trial.judge(JSON_BODY, holds, "a JSON body with `error`", answer, [answer])


@check(EXTRA)
def keys_of_the_component_do_no_harm(trial: Trial) -> None:
    """Book with the keys that the component adds."""
    page = trial.page("booking")
    added = {"event_id": "", "master_id": "", "calendar_id": "", "email_language": "en", "timezone": "UTC"}
    slot = trial.free_slot(page)
    answer = trial.book(page, slot, **added, additional_guests=[])
    if not answer.accepted and not trial.is_offered(page, slot):
        raise Unverified("somebody has taken the slot meanwhile")
    trial.judge(EXTRA, answer.accepted, "200", answer, [answer])


@check("BK-CANCEL-009")
def an_action_in_a_cancellation_does_no_harm(trial: Trial) -> None:
    """Cancel as the component does."""
    booked = trial.booked(trial.page("booking"))
    body = {"action": "cancel", "cancellation_reason": "Conformance"}
    answer = trial.cancel(booked, body)
    trial.judge("BK-CANCEL-009", answer.accepted, "200", answer)


def _preflight(trial: Trial, path: str, method: str) -> Exchange:
    headers = {
        "origin": ELSEWHERE,
        "access-control-request-method": method,
        "access-control-request-headers": ",".join(SENT_HEADERS),
    }
    return trial.call("OPTIONS", path, headers=headers)


def _forbidden(answer: Exchange, method: str) -> list[str]:
    """What the answer to a preflight doesn't permit."""
    if not 200 <= answer.status < 300 or not _open_to_all(answer):
        return ["anything"]
    methods, headers = ({each.lower() for each in _listed(answer, name)} for name in ("methods", "headers"))
    lacking = [] if method in SAFE_METHODS or {method.lower(), "*"} & methods else [method]
    return lacking + [name for name in SENT_HEADERS if not {name, "*"} & headers]


def _open_to_all(answer: Exchange) -> bool:
    return _allowed(answer, "origin") in ("*", ELSEWHERE)


def _listed(answer: Exchange, what: str) -> list[str]:
    return [each.strip() for each in _allowed(answer, what).split(",")]


def _allowed(answer: Exchange, what: str) -> str:
    return answer.answer_headers.get(f"access-control-allow-{what}", "")
