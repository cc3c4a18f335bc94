"""A HAR file as a scenario: the world that its calls have shown, then the calls."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.domain.intervals import subtract
from mockserver.domain.reference import BookingReference, is_uuid
from mockserver.recording.busy import BusyTimes, Turn
from mockserver.recording.calls import Call
from mockserver.recording.documented import documented
from mockserver.recording.export import learn_call
from mockserver.recording.guessing import UNSEEN, GuessedWorld, Placed, organizer_of
from mockserver.recording.har import HarError, Recording
from mockserver.recording.inference import World
from mockserver.recording.masking import Bare, Mask, Masker, strings
from mockserver.recording.references import Draft, References
from mockserver.recording.steps import Writing, steps_of
from mockserver.recording.world import instant
from mockserver.recording.writing import COMMENT

LEFT_OUT = frozenset({"listCalendars", "getCalendar", "getFreeBusy", "listEvents", "getEvent"})
"""Calls that tell of calendars what a scenario can't be guessed from."""


@dataclass(slots=True)
class Imported:
    """A scenario with its comments under `#`, and what is to be said of it."""

    document: dict[str, Any]
    heading: list[str]
    remarks: list[str]
    calls: int


def import_recording(recording: Recording, masked: bool = True) -> Imported:
    """The scenario of a recording, with steps for every call that one can show. Raises HarError."""
    if not recording.calls:
        raise HarError("expected calls of this API, below /v3/; there are none")
    return _Importer(recording, masked).run()


class _Importer:
    """Writes one recording down."""

    def __init__(self, recording: Recording, masked: bool) -> None:
        self._recording = recording
        self._left_out: Counter[str] = Counter()
        self._calls = [each for each in recording.calls if not self._is_left_out(each)]
        self._world = World(self._calls, recording.calls[0].at)
        busy = BusyTimes(self._calls, self._world)
        self._turns = busy.turns
        self._guessed = GuessedWorld(self._calls, self._world, busy, masked)
        self._masked = masked

    def run(self) -> Imported:
        world = self._guessed.document
        remarks = self._remarks()
        mask = self._mask_of(world)
        written = self._written(world, mask)
        writing = Writing(self._references(mask), mask, self._world.now, set(strings(written)))
        for call in self._calls:
            self._write(writing, call)
        document = {
            "version": 1,
            "name": "imported",
            "description": "What a recording of a client shows.",
            **written,
            "steps": steps_of(writing.drafts),
        }
        remarks += dict.fromkeys(writing.remarks)
        heading = ["Imported from a HAR file. What the recording did not show is marked as guessed."]
        return Imported(document, heading + [f"note: {each}" for each in remarks], remarks, len(self._calls))

    def _is_left_out(self, call: Call) -> bool:
        reason = ""
        if call.operation in LEFT_OUT:
            reason = "what calendars hold can't be guessed"
        elif call.status is None and call.method in ("GET", "HEAD"):
            reason = "nothing was answered"
        elif call.status == 304:
            reason = "it was answered from a cache"
        if reason:
            self._left_out[f"{call.operation or call.method}: {reason}"] += 1
        return bool(reason)

    def _remarks(self) -> list[str]:
        recording = self._recording
        found = [
            f"{each} is not in the file, of {_calls(count)}" for each, count in recording.missing.items()
        ]
        found += [f"left out, {_calls(count)}: {each}" for each, count in self._left_out.items()]
        without = sum(map(self._world.needs_session, self._calls)) + sum(
            map(self._world.needs_key, self._calls)
        )
        if without:
            found.append(f"no credentials are in the file, of {_calls(without)}: browsers leave them out")
        if len(recording.hosts) > 1:
            found.append(f"the calls went to {len(recording.hosts)} hosts; here they are one")
        return found

    def _mask_of(self, world: Mapping[str, Any]) -> Mask:
        if not self._masked:
            return Bare()
        mask = Masker()
        mask.learn_rules(list(world.get("configurations", {}).values()))
        mask.learn(world)
        for call in self._calls:
            learn_call(mask, call)
        return mask

    def _written(self, world: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
        """The sections as they are written; comments and what is ours stay as they are."""
        found = {}
        for section, entries in world.items():
            if section in ("grants", "configurations", "bookings"):
                found[section] = {name: _masked(each, mask) for name, each in entries.items()}
            else:
                found[section] = entries
        return found

    def _references(self, mask: Mask) -> References:
        found, world = References(), self._world
        found.name(world.client_id, "application.client_id")
        found.name(world.api_key, "application.api_key")
        for email, name in self._guessed.people.items():
            found.name(email, f"grants.{name}.email")
            found.name(mask.text(email), f"grants.{name}.email")
        for configured in world.configurations:
            if configured.id in world.made and configured.id:
                continue
            found.name(configured.id, f"configurations.{configured.name}.id")
            if configured.slug:
                found.slug(configured.slug, f"configurations.{configured.name}.slug")
            if is_uuid(configured.grant):
                body = self._guessed.body(configured)[0]
                found.name(configured.grant, f"grants.{self._guessed.people[organizer_of(body)]}.id")
        for token, opened in world.sessions.items():
            found.name(token, f"sessions.{opened.name}.id")
        for id, booking in self._guessed.before().items():
            found.name(id, f"bookings.{booking.name}.id")
            if booking.salt:
                found.name(booking.salt, f"bookings.{booking.name}.salt")
                if is_uuid(booking.configuration.id):
                    reference = BookingReference(booking.configuration.id, id, booking.salt).encode()
                    found.name(reference, f"bookings.{booking.name}.booking_ref")
        return found

    def _write(self, writing: Writing, call: Call) -> None:
        writing.advance(call.at)
        turn = self._turns.get(call.turn, Turn())
        for email, start, end in turn.freed:
            self._free(writing, email, start, end)
        for email, start, end in turn.filled:
            self._fill(writing, email, start, end, "guessed: somebody else took this time")
        self._guess_credentials(writing, call)
        if call.status is not None and (call.status >= 500 or call.status == 429) and call.operation:
            effect = {"status": call.status}
            given = {"match": {"operation": call.operation}, "times": 1, "effect": effect}
            fault = writing.add(Draft("fault", given, "fault"))
            fault.remarks.append("guessed: the server failed, and did nothing")
            call.answer, call.fault = None, "guessed"
        elif call.status is not None and call.status >= 400:
            call.remarks.append("refused: if that is the bug, write here what should have been answered")
        call.answer = documented(call)
        writing.call(call)

    def _guess_credentials(self, writing: Writing, call: Call) -> None:
        """Put back what browsers leave out."""
        guess = "guessed: the recording has no Authorization header"
        if self._world.needs_session(call):
            call.authorization = f"Bearer ${{sessions.{UNSEEN}.id}}"
            writing.references.name(f"${{sessions.{UNSEEN}.id}}", f"sessions.{UNSEEN}.id")
            call.remarks.append(guess)
        elif self._world.needs_key(call):
            call.authorization = "Bearer ${application.api_key}"
            writing.references.name("${application.api_key}", "application.api_key")
            call.remarks.append(guess)

    def _fill(self, writing: Writing, email: str, start: int, end: int, remark: str) -> None:
        given = {
            "calendar": self._guessed.people[email],
            "title": "Busy",
            "start": instant(start),
            "end": instant(end),
        }
        draft = writing.add(Draft("event", given, "taken", remarks=[remark]))
        self._guessed.placed.append(Placed(email, start, end, draft=draft))

    def _free(self, writing: Writing, email: str, start: int, end: int) -> None:
        """Take away what is in the way, and put back what is left of it."""
        for each in list(self._guessed.placed):
            if each.email != email or each.end <= start or each.start >= end:
                continue
            self._guessed.placed.remove(each)
            name = each.id
            if each.draft is not None:
                key = f"event {id(each)}"
                writing.references.event(key, each.draft)
                name = writing.references.find(key) or ""
            given = {"calendar": self._guessed.people[email], "delete": name}
            remark = "guessed: somebody else gave this time back"
            writing.add(Draft("event", given, "freed", remarks=[remark]))
            for left in subtract([(each.start, each.end)], [(start, end)]):
                self._fill(writing, email, *left, "guessed: the rest of it is still taken")


def _masked(entry: Any, mask: Mask) -> Any:
    """An entry of the world; its comments stay."""
    rest = {key: value for key, value in entry.items() if key != COMMENT}
    kept = {COMMENT: entry[COMMENT]} if COMMENT in entry else {}
    if "email" in rest and "calendars" in rest:  # a grant: the titles of its events are ours
        person = mask.data({"email": rest["email"], "name": rest.get("name", "")})
        calendars = {
            name: {key: mask.text(value) if key == "id" else value for key, value in calendar.items()}
            for name, calendar in rest["calendars"].items()
        }
        name = {"name": person["name"]} if rest.get("name") else {}
        return {**kept, "id": rest["id"], "email": person["email"], **name, "calendars": calendars}
    return {**kept, **mask.data(rest)}


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"
