"""A sandbox as a scenario: its world as it was, then what happened in it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs
from uuid import NAMESPACE_OID, uuid5

from mockserver.domain.links import reference_of
from mockserver.domain.reference import decode_reference
from mockserver.domain.world import Booking
from mockserver.recording.calls import NO_DATA, Call, from_exchange, parsed
from mockserver.recording.masking import Bare, Mask, Masker, strings
from mockserver.recording.names import Names
from mockserver.recording.references import Draft, References
from mockserver.recording.steps import MOST_STEPS, Message, Writing, steps_of
from mockserver.recording.world import WorldWriter, fresh_seed, instant, remaining
from mockserver.sandbox import Delivery, Fault, Sandbox, SentMail
from mockserver.sandbox.journal import Change, Exchange, Record
from mockserver.sandbox.snapshot import Snapshot

NAME = "export"
CONFIRMATION = "/confirm/"
"""The page on which organizers decide; its requests become PUTs of the API."""

BOOKING_FACTS = (
    "start_time",
    "end_time",
    "old_start_time",
    "old_end_time",
    "cancellation_reason",
    "participants",
    "additional_fields",
    "title",
    "duration",
    "time_until_event",
)
"""What is expected of the `booking_info` of a notification."""


def export_scenario(sandbox: Sandbox, masked: bool = True) -> tuple[dict[str, Any], list[str]]:
    """The scenario, its comments under `#`, and what is to be said above it."""
    with sandbox.lock:
        record = sandbox.journal.record_since_start()
        start = record.start or sandbox.first_snapshot()
        outbox, description = sandbox.outbox, sandbox.template.name
        with outbox.changed:
            deliveries, mails = list(outbox.deliveries), list(outbox.mails)
    exporter = _Exporter(start, record, deliveries, mails, masked)
    document = exporter.document()
    return document, exporter.heading(description, masked)


class _Exporter:
    """Writes one record down."""

    def __init__(
        self,
        start: Snapshot,
        record: Record,
        deliveries: list[Delivery],
        mails: list[SentMail],
        masked: bool,
    ) -> None:
        self._record, start = _with_first_choices(record, start)
        record = self._record
        self._calls = {
            each.turn: from_exchange(each, each.turn) for each in record.entries if isinstance(each, Exchange)
        }
        self._notifications = _unique(deliveries)
        self._mails = mails
        self._start = self._when_it_begins(start)
        self._mask: Mask = self._masker() if masked else Bare()
        self._names = Names(self._start, self._mask)
        self._world = WorldWriter(self._start, self._names, self._mask)
        self._faults: dict[str, Fault] = {each.fault.id: each.fault for each in start.faults}
        self._standing = {each.id: each for each in remaining(start.faults)}
        self._struck: dict[str, int] = {}
        self._messages = [("notifications", list(self._told())), ("mails", list(self._mailed()))]
        self._sent = dict.fromkeys(("notifications", "mails"), 0)

    def document(self) -> dict[str, Any]:
        draws = 2 * len(self._record.entries) + 10
        seed = fresh_seed(self._start, self._world, draws)
        world = self._world.document(seed)
        writing = Writing(self._references(), self._mask, self._start.now, self._given(world))
        for booking in self._world.bookings:
            self._prepare(writing, booking)
        for entry in self._record.entries:
            if len(writing.drafts) >= MOST_STEPS:
                writing.remarks.append("the journal goes on, but a scenario can't have more steps")
                break
            self._entry(writing, entry)
        self._tell(writing, None)
        self._remarks = writing.remarks
        return {
            "version": 1,
            "name": NAME,
            "description": "What happened in a sandbox of the mock server.",
            **world,
            "steps": steps_of(writing.drafts),
        }

    def heading(self, scenario: str, masked: bool) -> list[str]:
        """What is to be known of the export."""
        lines = [f"Exported from a sandbox of the mock server; it began with the scenario {scenario}."]
        if self._record.start is not None:
            lines.append(f"What happened before {instant(self._start.now)} is in the world already.")
        if masked:
            lines.append("Names, addresses, phone numbers, what guests wrote and secrets are stand-ins.")
        return lines + [f"note: {each}" for each in dict.fromkeys(self._remarks)]

    def _masker(self) -> Masker:
        """Everybody who is named is noted in the order in which he or she will be written."""
        mask, start = Masker(), self._start
        for configuration in start.configurations.values():
            mask.learn_rules(configuration.body)
        for grant in start.grants:
            mask.learn({"email": grant.email, "name": grant.name})
        for configuration in start.configurations.values():
            mask.learn(configuration.body)
        for grant in start.grants:
            for calendar in grant.calendars:
                for event in calendar.events:
                    mask.learn_title(event.title)
        for booking in start.bookings.values():
            mask.learn(
                {
                    "guest": {"email": booking.guest.email, "name": booking.guest.name},
                    "additional_guests": [
                        {"email": each.email, "name": each.name} for each in booking.additional_guests
                    ],
                    "additional_fields": dict(booking.additional_fields),
                }
            )
        for entry in self._record.entries:
            if isinstance(entry, Exchange):
                learn_call(mask, self._calls[entry.turn])
            elif entry.kind == "event":
                mask.learn_title(entry.detail["event"].title)
        return mask

    def _references(self) -> References:
        found, start, of = References(), self._start, self._names.of
        found.name(start.application.api_key, "application.api_key")
        found.name(start.application.client_id, "application.client_id")
        for grant in start.grants:
            name = of("grants", grant.id)
            found.name(grant.id, f"grants.{name}.id")
            found.name(grant.email, f"grants.{name}.email")
            found.name(self._mask.text(grant.email), f"grants.{name}.email")
        for configuration in start.configurations.values():
            name = of("configurations", configuration.id)
            found.name(configuration.id, f"configurations.{name}.id")
            if configuration.slug:
                found.slug(configuration.slug, f"configurations.{name}.slug")
        for session in start.sessions.values():
            if session.configuration_id in start.configurations:
                found.name(session.id, f"sessions.{of('sessions', session.id)}.id")
        for booking in self._world.bookings:
            _name_booking(found, booking, of("bookings", booking.id))
        for webhook in start.webhooks.values():
            name = of("webhooks", webhook.id)
            found.name(webhook.id, f"webhooks.{name}.id")
            found.name(webhook.secret, f"webhooks.{name}.secret")
        return found

    def _given(self, world: Mapping[str, Any]) -> set[str]:
        start = self._start
        given = {*strings(world), *(event.id for event in _events(start))}
        given |= {calendar.id for grant in start.grants for calendar in grant.calendars}
        drawn = {booking.event_id for booking in self._world.bookings}
        return given - drawn

    def _prepare(self, writing: Writing, booking: Booking) -> None:
        """Take away the event of a booking that somebody had taken away when the record began."""
        placed = {event.id: event for event in _events(self._start)}
        event = placed.get(booking.event_id)
        if booking.status != "cancelled" and (event is None or event.status == "cancelled"):
            name = self._names.of("bookings", booking.id)
            writing.add(Draft("event", {"delete": f"${{bookings.{name}.event_id}}"}, "event"))

    def _entry(self, writing: Writing, entry: Exchange | Change) -> None:
        writing.advance(entry.at)
        self._tell(writing, entry.turn - 1)
        if isinstance(entry, Change):
            self._change(writing, entry)
        else:
            self._call(writing, self._calls[entry.turn])
        self._tell(writing, entry.turn)

    def _call(self, writing: Writing, call: Call) -> None:
        if call.path.startswith(CONFIRMATION):
            for each in self._decision(call):
                writing.call(each)
            return
        if not call.path.startswith("/v3/"):
            return  # a page, which changes nothing
        fault = self._faults.get(call.fault or "")
        if fault is not None:
            call.lost = call.lost or fault.effect.drop is not None or fault.effect.truncate
            if fault.probability is not None:
                struck = self._struck.get(fault.id, 0) + 1
                once = replace(fault, id=f"{fault.id[:50]}-{struck}", probability=None, after=0, times=1)
                writing.add(Draft("fault", self._written(once), "fault"))
            self._struck[fault.id] = self._struck.get(fault.id, 0) + 1
        writing.call(call)

    def _decision(self, call: Call) -> Iterator[Call]:
        """The call of the API that does what an organizer did on the page."""
        form = {name: values[-1] for name, values in parse_qs(call.body).items()}
        if call.method != "POST" or call.status != 303:
            return
        try:
            reference = decode_reference(call.path.removeprefix(CONFIRMATION))
        except ValueError:
            return
        confirmed = form.get("decision") == "confirm"
        body = {"salt": reference.salt, "status": "confirmed" if confirmed else "cancelled"}
        if not confirmed:
            body["cancellation_reason"] = form.get("reason", "")
        authorization = ""
        configuration = self._start.configurations.get(reference.configuration_id)
        if configuration is not None and configuration.requires_session_auth:
            session_id = str(uuid5(NAMESPACE_OID, str(call.turn)))
            authorization = f"Bearer {session_id}"
            yield self._session(call, configuration.id, session_id)
        yield replace(
            call,
            method="PUT",
            path=f"/v3/scheduling/bookings/{reference.booking_id}",
            query=[("configuration_id", reference.configuration_id)],
            authorization=authorization,
            body=_json(body),
            status=200,
            answer=None,
            remarks=["the organizer decided on the mock's page"],
        )

    def _session(self, call: Call, configuration_id: str, session_id: str) -> Call:
        """The call that opens a session; the page needs none, the API does."""
        return replace(
            call,
            method="POST",
            path="/v3/scheduling/sessions",
            query=[],
            authorization=f"Bearer {self._start.application.api_key}",
            body=_json({"configuration_id": configuration_id}),
            status=200,
            answer=_json({"data": {"session_id": session_id}}),
        )

    def _change(self, writing: Writing, change: Change) -> None:
        detail = change.detail
        if change.kind == "event":
            event = detail["event"]
            given = {
                "calendar": self._calendar(detail),
                "title": self._mask.title(event.title),
                "start": instant(event.start),
                "end": instant(event.end),
                **({} if event.busy else {"busy": False}),
            }
            writing.references.event(event.id, writing.add(Draft("event", given, "event")))
        elif change.kind == "removal":
            reference = writing.references.find(detail["event_id"])
            given = {"delete": reference or self._mask.text(detail["event_id"])}
            writing.add(Draft("event", {"calendar": self._calendar(detail), **given}, "event"))
        elif change.kind == "faults":
            for fault in detail["faults"]:
                self._faults[fault.id] = self._standing[fault.id] = fault
                self._add_fault(writing, fault)
        elif change.kind == "faults_removed":
            self._remove_faults(writing, detail["id"])
        elif change.kind == "dialect":
            choices = ", ".join(f"{switch}: {value}" for switch, value in detail["choices"].items())
            writing.remarks.append(f"the dialect was changed in between, which no step can do: {choices}")

    def _add_fault(self, writing: Writing, fault: Fault) -> None:
        if fault.probability is None:
            writing.add(Draft("fault", self._written(fault), "fault"))
        elif fault.match.trigger is not None:
            writing.remarks.append(f"the fault {fault.id} is left out: it strikes deliveries by chance")

    def _remove_faults(self, writing: Writing, fault_id: str | None) -> None:
        """Steps can only end all faults; those that stay are put back."""
        writing.add(Draft("faults", "clear", "faults"))
        if fault_id is None:
            self._standing.clear()
            return
        self._standing.pop(fault_id, None)
        for fault in self._standing.values():
            struck = self._struck.get(fault.id, 0)
            left = None if fault.times is None else fault.times - struck
            if left != 0:
                self._add_fault(writing, replace(fault, times=left, after=0 if struck else fault.after))

    def _written(self, fault: Fault) -> dict[str, Any]:
        """A fault as it stands in a step; who is meant goes by the names of the export."""
        return self._world.fault(fault.as_dict())

    def _calendar(self, detail: Mapping[str, Any]) -> str:
        grant = next(each for each in self._start.grants if each.id == detail["grant_id"])
        calendar = next(each for each in grant.calendars if each.id == detail["calendar_id"])
        name = self._names.of("grants", grant.id)
        return name if calendar.primary else f"{name}/{calendar.name}"

    def _tell(self, writing: Writing, turn: int | None) -> None:
        """What was announced up to a turn."""
        for kind, messages in self._messages:
            done = self._sent[kind]
            end = done
            while end < len(messages) and (turn is None or messages[end].turn <= turn):
                end += 1
            writing.messages(kind, messages[done:end])
            self._sent[kind] = end

    def _when_it_begins(self, start: Snapshot) -> Snapshot:
        """The snapshot at the time of the first request or change, unless something was announced before."""
        entries = self._record.entries
        moved = next((each for each in entries if not _is_clock(each)), entries[-1] if entries else None)
        turns = [turn for turn, _, _ in self._notifications] + [each.turn for each in self._mails]
        if moved is None or any(start.turn < turn < moved.turn for turn in turns):
            return start
        return replace(start, now=max(moved.at, start.now))

    def _told(self) -> Iterator[Message]:
        for turn, type, told in self._notifications:
            info = told.get("booking_info") or {}
            facts = {key: info[key] for key in BOOKING_FACTS if info.get(key) not in (None, "")}
            ids = {key: told[key] for key in ("booking_id", "configuration_id", "booking_ref") if key in told}
            if turn > self._start.turn:
                yield Message(turn, {"type": type, "data": {"object": {**ids, "booking_info": facts}}})

    def _mailed(self) -> Iterator[Message]:
        for each in self._mails:
            if each.turn > self._start.turn:
                yield Message(each.turn, {"type": each.letter.type, "to": [each.letter.to.email]})


def learn_call(mask: Masker, call: Call) -> None:
    """Have a mask note everybody whom a request or its answer names."""
    for name, value in call.query:
        mask.learn(value, name)
    mask.learn(call.path)
    data = parsed(call.body)
    if data is not NO_DATA:
        mask.learn_rules(data)
        mask.learn_request(data, call.operation)
    else:
        mask.learn(call.body)
    answer = parsed(call.answer or "")
    if answer is not NO_DATA:
        mask.learn_rules(answer)
        mask.learn(answer)


def _name_booking(found: References, booking: Booking, name: str) -> None:
    found.name(booking.id, f"bookings.{name}.id")
    found.name(booking.salt, f"bookings.{name}.salt")
    found.name(reference_of(booking), f"bookings.{name}.booking_ref")
    found.name(booking.event_id, f"bookings.{name}.event_id")


def _with_first_choices(record: Record, start: Snapshot) -> tuple[Record, Snapshot]:
    """A dialect that was changed before the first request is the one that the world begins with."""
    entries = list(record.entries)
    for index, entry in enumerate(entries):
        if isinstance(entry, Exchange):
            break
        if entry.kind == "dialect":
            start = replace(start, dialect=start.dialect.changed(entry.detail["choices"]))
            del entries[index]
            return _with_first_choices(replace(record, entries=entries), start)
    return record, start


def _is_clock(entry: Exchange | Change) -> bool:
    return isinstance(entry, Change) and entry.kind == "clock"


def _unique(deliveries: list[Delivery]) -> list[tuple[int, str, Mapping[str, Any]]]:
    found = {each.notification.id: each.notification for each in deliveries}
    return [(each.turn, each.type, each.object) for each in found.values()]


def _events(start: Snapshot) -> Iterator[Any]:
    for grant in start.grants:
        for calendar in grant.calendars:
            yield from calendar.events


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
