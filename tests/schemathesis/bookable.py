"""Turns generated requests into ones that the target can carry out, at the moment they are sent.

A contract can't say that a slot has to be free or that an id has to exist; random requests would be refused
for these reasons and nothing else would be tested. So what is well-typed is replaced by something real, in
good requests and in bad ones, and what a mutation broke is left alone: a bad request is then refused for its
own fault or not at all.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from schemathesis.core.parameters import ParameterLocation

from schemathesis import Case, Response
from tests.schemathesis.configurations import repair_configuration
from tests.schemathesis.target import DAY, Booked, Page, Target

UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
LATEST = 253_402_214_400
HOUR = 3600

Body = dict[str, Any]


def operation_id(case: Case) -> str:
    """The contract's name of the operation."""
    name: str = case.operation.definition.raw["operationId"]
    return name


def is_negative_at(case: Case, location: ParameterLocation) -> bool:
    """Whether a part of the request is broken on purpose."""
    return case.meta is not None and case.meta.is_negative_at(location)


def is_positive(case: Case) -> bool:
    """Whether nothing in the request is broken on purpose."""
    return case.meta is None or case.meta.generation.mode.is_positive


def is_followed(case: Case) -> bool:
    """Whether links may go on from this request, which take the configuration's id from its query."""
    return case.meta is not None and case.meta.phase.name.value == "stateful"


class Bookable:
    """`prepare` a case before it is sent, `learn` from what came back."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._sent = 0
        self._prepare: dict[str, Callable[[Case], None]] = {
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
        self._configurations: set[str] = set()
        self._webhooks: set[str] = set()
        self._open_sessions: set[str] = set()

    def prepare(self, case: Case) -> None:
        """Put real ids and free slots where well-typed ones stand."""
        self._sent += 1
        case.body = deepcopy(case.body)  # examples are shared between cases
        prepare = self._prepare.get(operation_id(case))
        if prepare is not None:
            prepare(case)

    def learn(self, case: Case, response: Response) -> None:
        """Remember what the target made and what it took away."""
        if response.status_code != 200 or case.method.upper() != case.operation.method.upper():
            return
        data = response.json().get("data")
        name = operation_id(case)
        if isinstance(data, list | str):
            return
        if data and "booking_id" in data:
            known = self.target.bookings.get(data["booking_id"])
            page = known.page if known else self._page_booked(case)
            if page:
                self.target.remember(data, page)
        elif name == "cancelBooking":
            self.target.bookings[str(case.path_parameters["booking_id"]).lower()].status = "cancelled"
        elif name == "createConfiguration":
            self._configurations.add(data["id"])
        elif name == "deleteConfiguration":
            self._configurations.discard(str(case.path_parameters["configuration_id"]).lower())
        elif name == "createSession":
            self._open_sessions.add(data["session_id"])
        elif name == "deleteSession":
            self._open_sessions.discard(str(case.path_parameters["session_id"]))
        elif name == "createWebhook":
            self._webhooks.add(data["id"])
        elif name == "deleteWebhook":
            self._webhooks.discard(str(case.path_parameters["webhook_id"]))

    # bookings

    def _create_booking(self, case: Case) -> None:
        page = self._caller(case)
        if page is None or not isinstance(case.body, dict):
            return
        self._slot(case.body, page)
        self._people(case.body, page)
        answers = case.body.get("additional_fields")
        if isinstance(answers, dict) and all(isinstance(each, str) for each in answers.values()):
            case.body["additional_fields"] = {"topic": next(iter(answers.values()), "")}

    def _reschedule(self, case: Case) -> None:
        booked = self._one_booking(case)
        if booked is not None and isinstance(case.body, dict):
            self._slot(case.body, booked.page)

    def _confirm(self, case: Case) -> None:
        booked = self._one_booking(case, pending=True)
        if booked is not None and isinstance(case.body, dict):
            salt = case.body.get("salt")
            if isinstance(salt, str) and salt:
                case.body["salt"] = booked.salt

    def _one_booking(self, case: Case, pending: bool = False) -> Booked | None:
        wanted = case.path_parameters.get("booking_id")
        if not isinstance(wanted, str) or not UUID.fullmatch(wanted):
            self._caller(case)
            return None
        known = self.target.bookings.get(wanted.lower())
        if operation_id(case) == "getBooking" and known and not known.page.private:
            booked = known  # whatever has become of it
        else:
            booked = self.target.active(wanted, pending=pending)
        case.path_parameters["booking_id"] = booked.id
        self._caller(case, booked.page)
        return booked

    def _slot(self, body: Body, page: Page) -> None:
        times = [body.get("start_time"), body.get("end_time")]
        if all(map(_is_time, times)):
            slot = self.target.free_slot(page)
            for key, given, real in zip(("start_time", "end_time"), times, slot, strict=True):
                body[key] = type(given)(real)  # a float stays a float, text stays text

    def _people(self, body: Body, page: Page) -> None:
        people = body.get("participants")
        if isinstance(people, list):
            for person in people:
                if isinstance(person, dict) and _is_email(person.get("email")):
                    person["email"] = page.organizer

    def _page_booked(self, case: Case) -> Page | None:
        """The page that a request just sent was about."""
        bearer = str(case.headers.get("Authorization", "")).removeprefix("Bearer ")
        by_session = self.target.page_of_session(bearer)
        by_slug = next((p for p in self.target.pages if p.slug == case.query.get("slug")), None)
        return by_session or self.target.page_of(case.query.get("configuration_id")) or by_slug

    # who asks

    def _caller(self, case: Case, page: Page | None = None) -> Page | None:
        """Name a configuration where the request names one: by id, now and then by slug or with a session."""
        wanted = case.query.get("configuration_id")
        if not isinstance(wanted, str) or not UUID.fullmatch(wanted):
            return None
        page = page or self.target.page_of(wanted)
        if page is None or page.private:
            page = self.target.page()
        for name in ("slug", "client_id"):
            if isinstance(case.query.get(name), str):
                case.query.pop(name)
        case.query["configuration_id"] = page.id
        if is_positive(case) and not is_followed(case):
            if self._sent % 5 == 0:
                self._with_session(case, page)
            elif self._sent % 7 == 0:
                del case.query["configuration_id"]
                case.query.update(slug=page.slug, client_id=self.target.access.client_id)
        return page

    def _with_session(self, case: Case, page: Page) -> None:
        del case.query["configuration_id"]
        case.headers["Authorization"] = f"Bearer {self.target.session(page)}"

    # what goes with a booking

    def _availability(self, case: Case) -> None:
        self._caller(case)
        self._reads_booking(case)
        start, end = case.query.get("start_time"), case.query.get("end_time")
        if _is_time(start) and _is_time(end):
            nothing = int(end) < int(start) and not is_followed(case)  # a window that ends before it begins
            case.query["start_time"] = self.target.access.now + int(start) % (30 * DAY)
            case.query["end_time"] = case.query["start_time"] + (-DAY if nothing else HOUR + int(end) % DAY)

    def _ui_settings(self, case: Case) -> None:
        self._caller(case)
        self._reads_booking(case)

    def _reads_booking(self, case: Case) -> None:
        wanted = case.query.get("booking_id")
        page = self.target.page_of(case.query.get("configuration_id"))
        if isinstance(wanted, str) and UUID.fullmatch(wanted):
            known = self.target.bookings.get(wanted.lower())
            if page is None:
                del case.query["booking_id"]
            elif known is None or known.page != page:
                case.query["booking_id"] = self.target.booking(page).id

    def _create_session(self, case: Case) -> None:
        if isinstance(case.body, dict):
            if _is_uuid(case.body.get("configuration_id")):
                case.body["configuration_id"] = self.target.page().id
            slug = case.body.get("slug")
            if isinstance(slug, str) and slug:
                case.body["slug"] = self.target.page().slug

    def _delete_session(self, case: Case) -> None:
        wanted = case.path_parameters.get("session_id")
        if _is_uuid(wanted) and wanted not in self._open_sessions:
            case.path_parameters["session_id"] = self.target.new_session({"slug": self.target.page().slug})

    # configurations and webhooks

    def _grant(self, case: Case) -> None:
        if not is_negative_at(case, ParameterLocation.PATH):
            case.path_parameters["grant_id"] = self.target.access.grant
        if isinstance(case.query.get("page_token"), str):
            del case.query["page_token"]

    def _one_configuration(self, case: Case) -> None:
        self._grant(case)
        wanted = case.path_parameters.get("configuration_id")
        if _is_uuid(wanted) and str(wanted).lower() not in self._configurations:
            made = self.target.new_configuration()
            self._configurations.add(made)
            case.path_parameters["configuration_id"] = made

    def _create_configuration(self, case: Case) -> None:
        self._grant(case)
        if isinstance(case.body, dict):
            repair_configuration(case.body, self.target.access.hosts, f"page-{self._sent}")

    def _update_configuration(self, case: Case) -> None:
        self._one_configuration(case)
        if isinstance(case.body, dict):
            repair_configuration(case.body, self.target.access.hosts, f"page-{self._sent}", whole=False)

    def _calendar(self, case: Case) -> None:
        self._grant(case)
        if isinstance(case.query.get("calendar_id"), str) and case.query["calendar_id"]:
            case.query["calendar_id"] = "primary"
        if "calendar_id" in case.path_parameters and not is_negative_at(case, ParameterLocation.PATH):
            case.path_parameters["calendar_id"] = "primary"

    def _event(self, case: Case) -> None:
        self._calendar(case)
        if not is_negative_at(case, ParameterLocation.PATH):
            host = self.target.access.grant
            booked = [each for each in self.target.bookings.values() if each.page.organizer == host]
            page = next(page for page in self.target.pages if page.organizer == host and not page.private)
            case.path_parameters["event_id"] = (booked[-1] if booked else self.target.booking(page)).event_id

    def _free_busy(self, case: Case) -> None:
        self._grant(case)
        if isinstance(case.body, dict):
            emails = case.body.get("emails")
            if isinstance(emails, list) and all(map(_is_email, emails)):
                case.body["emails"] = [*self.target.access.hosts, *emails][: len(emails)]

    def _create_webhook(self, case: Case) -> None:
        if isinstance(case.body, dict):
            url = case.body.get("webhook_url")
            if isinstance(url, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url):
                case.body["webhook_url"] = self.target.access.webhook_url

    def _update_webhook(self, case: Case) -> None:
        self._one_webhook(case)
        self._create_webhook(case)

    def _one_webhook(self, case: Case) -> None:
        if not is_negative_at(case, ParameterLocation.PATH):
            wanted = case.path_parameters.get("webhook_id")
            if wanted not in self._webhooks:
                made = self.target.new_webhook()
                self._webhooks.add(made)
                case.path_parameters["webhook_id"] = made


def _is_time(value: object) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"[0-9]{1,11}", value) is not None
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return whole and not isinstance(value, bool) and 0 <= value <= LATEST


def _is_uuid(value: object) -> bool:
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def _is_email(value: object) -> bool:
    return isinstance(value, str) and EMAIL.fullmatch(value) is not None
