"""Turns generated requests into ones that the target can carry out, at the moment they are sent.

A contract can't say that a slot has to be free or that an id has to exist; random requests would be refused
for these reasons and nothing else would be tested. So what is well-typed is replaced by something real, in
good requests and in bad ones, and what a mutation broke is left alone: a bad request is then refused for its
own fault or not at all.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation

from conformance.checking import SAFE
from conformance.generation.configurations import repair_configuration
from conformance.generation.stock import Held, Stock
from conformance.pages import Page
from conformance.strangers.exchange import Exchange
from conformance.target import DAY, Slot, Unverified

UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
LATEST = 253_402_214_400
HOUR = 3600
SESSION_EVERY, SLUG_EVERY = 5, 7
"""Of so many good requests one names its configuration by a session, or by its slug."""

Body = dict[str, Any]


@dataclass
class Facts:
    """What a request was made of. `unmade` says why it could not be made one that has to succeed."""

    page: Page | None = None
    slot: Slot | None = None
    held: Held | None = None
    unmade: str = ""


def operation_id(case: Case[Any]) -> str:
    """The contract's name of the operation."""
    name: str = case.operation.definition.raw["operationId"]
    return name


def is_own(case: Case[Any]) -> bool:
    """Whether the request uses the operation's method; coverage also tries others."""
    return bool(case.method.upper() == case.operation.method.upper())


def is_negative_at(case: Case[Any], location: ParameterLocation) -> bool:
    """Whether a part of the request is broken on purpose."""
    return case.meta is not None and bool(case.meta.is_negative_at(location))


def is_positive(case: Case[Any]) -> bool:
    """Whether nothing in the request is broken on purpose."""
    return case.meta is None or bool(case.meta.generation.mode.is_positive)


def has_bad_data(case: Case[Any]) -> bool:
    """Whether more is broken on purpose than who asks."""
    data = (ParameterLocation.PATH, ParameterLocation.QUERY, ParameterLocation.BODY)
    return any(is_negative_at(case, each) for each in data)


def is_followed(case: Case[Any]) -> bool:
    """Whether links may go on from this request, which take the configuration's id from its query."""
    return case.meta is not None and case.meta.phase.name.value == "stateful"


class Bookable:
    """`prepare` a case before it is sent, `learn` from what came back."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self._sent = 0
        self._facts: dict[str, Facts] = {}
        self._prepare: dict[str, Callable[[Case[Any], Facts], None]] = {
            "createBooking": self._create_booking,
            "getBooking": self._one_booking,
            "cancelBooking": self._one_booking,
            "rescheduleBooking": self._reschedule,
            "confirmBooking": self._confirm,
            "getAvailability": self._availability,
            "getUiSettings": self._ui_settings,
            "createSession": self._create_session,
            "deleteSession": self._delete_session,
            "createConfiguration": self._create_configuration,
            "listConfigurations": self._grant,
            "getConfiguration": self._one_configuration,
            "updateConfiguration": self._update_configuration,
            "deleteConfiguration": self._one_configuration,
            "listCalendars": self._calendar,
            "getCalendar": self._calendar,
            "getFreeBusy": self._free_busy,
            "listEvents": self._calendar,
            "getEvent": self._event,
            "createWebhook": self._create_webhook,
            "getWebhook": self._one_webhook,
            "updateWebhook": self._update_webhook,
            "deleteWebhook": self._one_webhook,
            "rotateWebhookSecret": self._one_webhook,
            "rotateWebhookSecretByPut": self._one_webhook,
            "sendTestEvent": self._create_webhook,
        }

    def facts(self, case: Case[Any]) -> Facts:
        """What is known of a request that was prepared."""
        return self._facts.get(case.id, Facts())

    def prepare(self, case: Case[Any]) -> None:
        """Put real ids and free slots where well-typed ones stand."""
        self._sent += 1
        case.body = _whole_numbers(deepcopy(case.body))  # examples are shared between cases
        facts = self._facts[case.id] = Facts()
        prepare = self._prepare.get(operation_id(case))
        if prepare is None or not is_own(case):
            return
        try:
            prepare(case, facts)
        except SAFE as reason:
            facts.unmade = str(reason)

    def learn(self, case: Case[Any], exchange: Exchange) -> None:
        """Remember what the target made and what it took away."""
        name, facts = operation_id(case), self.facts(case)
        takes = name in ("createBooking", "rescheduleBooking") and (exchange.ok or is_positive(case))
        if takes and facts.page is not None:
            self.stock.used(facts.page)
        if exchange.accepted:
            data = exchange.data if isinstance(exchange.data, dict) else {}
            self._learn_booking(name, case, facts, exchange, data)
            self._learn_others(name, case, data)

    def _learn_booking(
        self, name: str, case: Case[Any], facts: Facts, exchange: Exchange, data: dict[str, Any]
    ) -> None:
        held, id = facts.held, data.get("booking_id")
        if name == "createBooking" and facts.page is not None and isinstance(id, str):
            facts.held = self.stock.hold(facts.page, facts.slot or (0, 0), exchange)
        elif held is None:
            return
        elif name == "cancelBooking":
            self.stock.gone(held)
        elif name == "rescheduleBooking" and id is None:
            self.stock.look_for(held)
        elif name == "rescheduleBooking" and id != held.id:
            self.stock.gone(held)
            facts.held = self.stock.hold(held.page, facts.slot or held.booked.slot, exchange)
        elif name == "confirmBooking" and isinstance(case.body, dict):
            if case.body.get("status") == "cancelled":
                self.stock.gone(held)
            else:
                held.status = "booked"

    def _learn_others(self, name: str, case: Case[Any], data: dict[str, Any]) -> None:
        path, stock = case.path_parameters or {}, self.stock
        if name == "createConfiguration":
            stock.made("configuration", data)
        elif name == "deleteConfiguration":
            stock.unmade("configuration", str(path.get("configuration_id")).lower())
        elif name == "createSession":
            stock.target.secrets.add("SESSION", data.get("session_id"))
            page = stock.known_page(case.body.get("configuration_id") if isinstance(case.body, dict) else "")
            if isinstance(data.get("session_id"), str) and page is not None:
                stock.sessions[data["session_id"]] = page
        elif name == "deleteSession":
            stock.sessions.pop(str(path.get("session_id")), None)
        elif name == "createWebhook":
            stock.made("webhook", data)
        elif name == "deleteWebhook":
            stock.unmade("webhook", str(path.get("webhook_id")))
        elif "webhook_secret" in data:
            stock.target.secrets.add("WEBHOOK_SECRET", data["webhook_secret"])

    # bookings

    def _create_booking(self, case: Case[Any], facts: Facts) -> None:
        self.stock.target.require_budget()
        page = facts.page = self._caller(case)
        if page is None or not isinstance(case.body, dict):
            return
        self._slot(case.body, page, facts)
        self._people(case.body, page)
        self._guests(case.body)
        self._answers(case.body, page)

    def _answers(self, body: Body, page: Page) -> None:
        """What the page asks for, with a generated text where any text will do."""
        given = body.get("additional_fields", {})
        if "additional_fields" not in body and not page.answers:
            return
        if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
            return
        free = [
            key
            for key, field in page.fields.items()
            if field.get("type") == "text" and not field.get("pattern") and not field.get("required")
        ]
        texts = {free[0]: next(iter(given.values()))} if free and given else {}
        body["additional_fields"] = {**page.answers, **texts}

    def _reschedule(self, case: Case[Any], facts: Facts) -> None:
        self._one_booking(case, facts)
        if facts.held is not None and isinstance(case.body, dict):
            self._slot(case.body, facts.held.page, facts)

    def _confirm(self, case: Case[Any], facts: Facts) -> None:
        self._find_booking(case, facts, pending=True)
        if facts.held is not None and isinstance(case.body, dict):
            salt = case.body.get("salt")
            if isinstance(salt, str) and salt:
                case.body["salt"] = self.stock.salt(facts.held)

    def _one_booking(self, case: Case[Any], facts: Facts) -> None:
        self._find_booking(case, facts)

    def _find_booking(self, case: Case[Any], facts: Facts, *, pending: bool = False) -> None:
        wanted = case.path_parameters.get("booking_id")
        if not _is_uuid(wanted):
            self._caller(case)
            return
        known = self.stock.held.get(str(wanted).lower())
        if operation_id(case) == "getBooking" and known:
            held = known  # whatever has become of it
        else:
            held = self.stock.standing(wanted, pending=pending)
        case.path_parameters["booking_id"] = held.id
        facts.held, facts.page = held, held.page
        self._caller(case, held.page)

    def _slot(self, body: Body, page: Page, facts: Facts) -> None:
        times = [body.get("start_time"), body.get("end_time")]
        if all(map(_is_time, times)):
            slot = facts.slot = self.stock.slot(page)
            for key, given, real in zip(("start_time", "end_time"), times, slot, strict=True):
                body[key] = str(real) if isinstance(given, str) else real

    def _people(self, body: Body, page: Page) -> None:
        people = body.get("participants")
        if isinstance(people, list) and page.organizer:
            for person in people:
                if isinstance(person, dict) and _is_email(person.get("email")):
                    person["email"] = page.organizer
        elif isinstance(people, list) and all(isinstance(each, dict) for each in people):
            del body["participants"]

    def _guests(self, body: Body) -> None:
        """Whoever is invited is made up, or at the owner's own address: nobody else may get mail."""
        others = body.get("additional_guests")
        for person in [body.get("guest"), *(others if isinstance(others, list) else ())]:
            if isinstance(person, dict) and _is_email(person.get("email")):
                person["email"] = self.stock.target.guest()["email"]

    # who asks

    def _caller(self, case: Case[Any], page: Page | None = None) -> Page | None:
        """Name a configuration where the request names one: by id, now and then by slug or with a session."""
        wanted = case.query.get("configuration_id")
        if not _is_uuid(wanted) and not (wanted is None and is_positive(case)):
            return None
        varied = is_positive(case) and not is_followed(case)
        if page is None and varied and self._sent % SESSION_EVERY == 0 and self.stock.has("private"):
            page = self.stock.page("private")
        page = page or self._page_of(wanted) or self.stock.page(self.stock.open_kind)
        for name in ("slug", "client_id"):
            if isinstance(case.query.get(name), str):
                case.query.pop(name)
        case.headers.pop("Authorization", None)
        if page.private:
            case.query.pop("configuration_id", None)
            case.headers["Authorization"] = f"Bearer {self.stock.session(page)}"
            return page
        case.query["configuration_id"] = page.id
        client_id = self.stock.target.settings.client_id
        if varied and self._sent % SLUG_EVERY == 0 and page.slug and client_id:
            del case.query["configuration_id"]
            case.query.update(slug=page.slug, client_id=client_id)
        return page

    def _page_of(self, configuration_id: object) -> Page | None:
        found = self.stock.known_page(configuration_id)
        return found if found and not found.private else None

    # what goes with a booking

    def _availability(self, case: Case[Any], facts: Facts) -> None:
        page = facts.page = self._caller(case)
        self._reads_booking(case, page)
        start, end = case.query.get("start_time"), case.query.get("end_time")
        if _is_time(start) and _is_time(end):
            first, last = int(str(start).partition(".")[0]), int(str(end).partition(".")[0])
            nothing = last < first and not is_followed(case)  # a window that ends before it begins
            case.query["start_time"] = self.stock.now + first % (30 * DAY)
            case.query["end_time"] = case.query["start_time"] + (-DAY if nothing else HOUR + last % DAY)

    def _ui_settings(self, case: Case[Any], facts: Facts) -> None:
        page = facts.page = self._caller(case)
        self._reads_booking(case, page)

    def _reads_booking(self, case: Case[Any], page: Page | None) -> None:
        wanted = case.query.get("booking_id")
        if not _is_uuid(wanted):
            return
        known = self.stock.held.get(str(wanted).lower())
        if page is None or not self.stock.target.settings.limits.allow_writes:
            del case.query["booking_id"]
        elif known is None or known.page != page or not known.stands:
            case.query["booking_id"] = self.stock.booking(page).id

    def _create_session(self, case: Case[Any], facts: Facts) -> None:
        if isinstance(case.body, dict):
            page = facts.page = self.stock.page("private")
            if _is_uuid(case.body.get("configuration_id")):
                case.body["configuration_id"] = page.id
            slug = case.body.get("slug")
            if isinstance(slug, str) and slug:
                if page.slug:
                    case.body["slug"] = page.slug
                else:
                    del case.body["slug"]
                    case.body["configuration_id"] = page.id

    def _delete_session(self, case: Case[Any], facts: Facts) -> None:
        wanted = case.path_parameters.get("session_id")
        if _is_uuid(wanted) and wanted not in self.stock.sessions:
            page = self.stock.page("private")
            case.path_parameters["session_id"] = self.stock.new_session(page)

    # configurations and webhooks

    def _grant(self, case: Case[Any], facts: Facts) -> None:
        if not is_negative_at(case, ParameterLocation.PATH):
            case.path_parameters["grant_id"] = self.stock.grant
        if isinstance(case.query.get("page_token"), str):
            del case.query["page_token"]

    def _one_configuration(self, case: Case[Any], facts: Facts) -> None:
        self._grant(case, facts)
        wanted = case.path_parameters.get("configuration_id")
        if _is_uuid(wanted) and str(wanted).lower() not in self.stock.configurations:
            case.path_parameters["configuration_id"] = self.stock.new_configuration()

    def _create_configuration(self, case: Case[Any], facts: Facts) -> None:
        self._grant(case, facts)
        self._repair(case, whole=True)

    def _update_configuration(self, case: Case[Any], facts: Facts) -> None:
        self._one_configuration(case, facts)
        self._repair(case, whole=False)

    def _repair(self, case: Case[Any], *, whole: bool) -> None:
        if isinstance(case.body, dict):
            if not self.stock.hosts:
                raise Unverified("no configuration tells who could be a participant of another one")
            slug = f"conformance-{self.stock.now}-{self._sent}"
            repair_configuration(case.body, self.stock.hosts, slug, whole=whole)

    def _calendar(self, case: Case[Any], facts: Facts) -> None:
        self._grant(case, facts)
        if isinstance(case.query.get("calendar_id"), str) and case.query["calendar_id"]:
            case.query["calendar_id"] = "primary"
        if "calendar_id" in case.path_parameters and not is_negative_at(case, ParameterLocation.PATH):
            case.path_parameters["calendar_id"] = "primary"

    def _event(self, case: Case[Any], facts: Facts) -> None:
        self._calendar(case, facts)
        if not is_negative_at(case, ParameterLocation.PATH):
            held = self.stock.standing(None)
            case.path_parameters["grant_id"] = held.organizer
            case.path_parameters["event_id"] = held.event_id

    def _free_busy(self, case: Case[Any], facts: Facts) -> None:
        self._grant(case, facts)
        if isinstance(case.body, dict):
            emails = case.body.get("emails")
            if isinstance(emails, list) and all(map(_is_email, emails)):
                case.body["emails"] = [*self.stock.hosts, *emails][: len(emails)]
            if all(_is_time(case.body.get(key)) for key in ("start_time", "end_time")):
                window = self.stock.target.settings.limits.window
                case.body["start_time"], case.body["end_time"] = window.at(self.stock.now)

    def _create_webhook(self, case: Case[Any], facts: Facts) -> None:
        if isinstance(case.body, dict):
            url = case.body.get("webhook_url")
            if isinstance(url, str) and SCHEME.match(url):
                case.body["webhook_url"] = self.stock.webhook_url

    def _update_webhook(self, case: Case[Any], facts: Facts) -> None:
        self._one_webhook(case, facts)
        self._create_webhook(case, facts)

    def _one_webhook(self, case: Case[Any], facts: Facts) -> None:
        known = case.path_parameters.get("webhook_id") in self.stock.webhooks
        if not known and not is_negative_at(case, ParameterLocation.PATH):
            case.path_parameters["webhook_id"] = self.stock.new_webhook()


def _whole_numbers(value: Any) -> Any:
    """`2990.0` is an integer to JSON Schema and not to every parser: write it as one."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: _whole_numbers(each) for key, each in value.items()}
    return [_whole_numbers(each) for each in value] if isinstance(value, list) else value


def _is_time(value: object) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"[0-9]{1,11}", value) is not None
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return whole and not isinstance(value, bool) and 0 <= float(str(value)) <= LATEST


def _is_uuid(value: object) -> bool:
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def _is_email(value: object) -> bool:
    return isinstance(value, str) and EMAIL.fullmatch(value) is not None
