"""`/confirm/{reference}`: the organizer's page, where a pending booking is confirmed or declined.

The reference is all the authority there is, for private configurations too. Reading the page changes nothing,
as mail scanners open links; its form does what the PUT of the API does, by the same functions.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed

from mockserver.domain import booking as rules
from mockserver.domain.configuration import Configuration
from mockserver.domain.errors import Refusal
from mockserver.domain.reference import decode_reference, salt_bytes
from mockserver.domain.transaction import Transaction
from mockserver.domain.world import Booking
from mockserver.gateway import current_sandbox
from mockserver.pages.rendering import PageRefusal, page
from mockserver.pages.wording import Facts, facts, guest_name

LONGEST_REASON = 1_000
"""How many characters of a reason are taken; who has more to say writes a mail."""

DECISIONS = {"confirm": "confirmed", "decline": "declined"}
"""What a button says, and what the booking is then."""

CHANGED = "The booking has changed since you opened this page. This is how it is now: please decide again."

blueprint = Blueprint("confirmation", __name__)


@dataclass(frozen=True, slots=True)
class Found:
    """The booking that a link leads to. `now` is the sandbox's Unix time."""

    configuration: Configuration
    booking: Booking
    now: int

    @property
    def facts(self) -> Facts:
        return facts(self.configuration, self.booking)

    @property
    def token(self) -> str:
        """Stands in the form: who sends it has seen the booking as it is, not as it was before it moved."""
        seen = f"{self.booking.id} {self.booking.sequence}"
        return hmac.new(salt_bytes(self.booking.salt), seen.encode(), sha256).hexdigest()


@blueprint.get("/confirm", defaults={"reference": ""})
@blueprint.get("/confirm/<reference:reference>")
def show(reference: str) -> Response:
    with current_sandbox().transaction() as tx:
        found = find(tx, reference)
    if found.booking.status == "pending":
        return _form(found)
    decision = request.args.get("decided")
    if decision == "confirm" and found.booking.status == "booked":
        return _done(found, "Confirmed", "The event is in your calendar.")
    if decision == "decline" and found.booking.status == "cancelled":
        return _done(found, "Declined", "The time is free again.")
    raise _used(found)


@blueprint.post("/confirm", defaults={"reference": ""})
@blueprint.post("/confirm/<reference:reference>")
def decide(reference: str) -> Response:
    """Decide, and lead back to the page, which then says what has been decided."""
    if comes_from_elsewhere():
        raise PageRefusal(403, "Not from here", "Another page sent this. Open the link from the mail.")
    request.get_data()  # read and kept before the form is, for the journal
    decision = request.form.get("decision", "")
    reason = request.form.get("reason", "").replace("\r\n", "\n").strip()
    sandbox = current_sandbox()
    try:
        with sandbox.transaction() as tx:
            found = find(tx, reference)
            problem = _problem(found, decision, reason)
            status = 409 if problem == CHANGED else 400
            if not problem:
                _carry_out(tx, found, decision, reason)
    except Refusal as refusal:
        problem, status = refusal.message, refusal.status(sandbox.dialect)
    if problem:
        return _form(found, problem, status, reason, declining=decision == "decline")
    return Response(status=303, headers={"Location": f"?decided={decision}"})


@blueprint.route("/confirm", defaults={"reference": ""}, methods=["PUT", "PATCH", "DELETE"])
@blueprint.route("/confirm/<reference:reference>", methods=["PUT", "PATCH", "DELETE"])
def no_such_method(reference: str) -> Response:
    raise MethodNotAllowed(["GET", "HEAD", "OPTIONS", "POST"])


def find(tx: Transaction, text: str) -> Found:
    """The booking that a reference stands for. Raises PageRefusal.

    Whether it is the booking, the configuration or the salt that is wrong is not told.
    """
    try:
        reference = decode_reference(text)
    except ValueError:
        raise PageRefusal(
            400,
            "This link is damaged",
            "Part of it is missing or was changed on its way. Copy the whole link from the mail.",
        ) from None
    booking = tx.world.bookings.get(reference.booking_id)
    configuration = tx.world.configurations.get(reference.configuration_id)
    if (
        booking is None
        or configuration is None
        or booking.configuration_id != configuration.id
        or not hmac.compare_digest(salt_bytes(reference.salt), salt_bytes(booking.salt))
    ):
        raise PageRefusal(
            404,
            "No booking belongs to this link",
            "The booking may have been moved since, or the end of the link is missing. "
            "Look for a newer mail, or copy the whole link.",
        )
    return Found(configuration, booking, tx.now)


def _problem(found: Found, decision: str, reason: str) -> str:
    """What stands against the decision, in words. Raises PageRefusal when there is none to make any more."""
    if found.booking.status != "pending":
        raise _used(found)
    if decision not in DECISIONS:
        return "Choose Confirm or Decline."
    if not hmac.compare_digest(request.form.get("token", "").encode(), found.token.encode()):
        return CHANGED
    if decision == "decline" and not reason:
        return "Please give a reason: it is what the guest will read."
    if len(reason) > LONGEST_REASON:
        return f"Please give a shorter reason, of at most {LONGEST_REASON} characters."
    return ""


def _carry_out(tx: Transaction, found: Found, decision: str, reason: str) -> None:
    booking = found.booking
    if decision == "confirm":
        rules.confirm(tx, found.configuration, booking.id, booking.salt)
    else:
        rules.decline(tx, found.configuration, booking.id, booking.salt, reason)


def _form(
    found: Found, problem: str = "", status: int = 200, reason: str = "", declining: bool = False
) -> Response:
    return page(
        "confirm.html",
        status,
        guest=guest_name(found.booking),
        facts=found.facts,
        token=found.token,
        problem=problem,
        reason=reason,
        longest=LONGEST_REASON,
        declining=declining,
        past=found.booking.start <= found.now,
    )


def _done(found: Found, heading: str, text: str) -> Response:
    told = "" if found.configuration.disable_emails else f" {guest_name(found.booking)} is told by mail."
    return page("message.html", heading=heading, text=text + told, facts=found.facts, good=True)


def _used(found: Found) -> PageRefusal:
    confirmed = found.booking.status == "booked"
    return PageRefusal(
        410,
        "This booking is confirmed already" if confirmed else "This booking was declined or cancelled",
        "There is nothing left to decide here, so this link has no further use.",
        found.facts,
    )


def comes_from_elsewhere() -> bool:
    """Whether the page of another site sent the form. `Referrer-Policy` makes our own `Origin: null`."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    try:
        return origin != "null" and urlsplit(origin).netloc.lower() != request.host.lower()
    except ValueError:
        return True
