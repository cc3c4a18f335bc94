"""Steps of a scenario: what is done in its world and what is expected to come of it, checked beforehand."""

from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import unquote

from mockserver.domain.outsiders import NotFound, find_place
from mockserver.domain.world import World
from mockserver.scenario.events import read_event
from mockserver.scenario.faults import read_fault
from mockserver.scenario.jsonpath import PathProblem, check_path
from mockserver.scenario.plan import GrantPlan, Step, StepKind
from mockserver.scenario.problems import Path
from mockserver.scenario.references import OPENING
from mockserver.scenario.times import TimeError, read_duration
from mockserver.scenario.values import IN_EXPECTATIONS, IN_REQUESTS, Enough, Values, directive
from mockserver.scenario.whole import Whole

KINDS: tuple[StepKind, ...] = get_args(StepKind)

READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "x-mock-sandbox"})
"""Headers that are not a step's to choose: they belong to the connection, or would leave the sandbox."""

EVENT_OUTPUT = "id"
"""What a step that makes an event saves."""

UNIVERSAL = "UTC"


def zone_of(grants: Mapping[str, GrantPlan]) -> str:
    """The zone of times in steps that name none: that of the first grant's primary calendar."""
    for grant in grants.values():
        calendar = grant.calendar("primary")
        return UNIVERSAL if calendar is None else calendar.timezone
    return UNIVERSAL


def read_steps(whole: Whole, grants: Mapping[str, GrantPlan], people: World | None) -> tuple[Step, ...]:
    """The steps of a scenario; what is wrong with them is noted.

    `people` has the grants with their calendars, or is None where those can't be read.
    """
    reader = _Reader(whole, zone_of(grants), people)
    steps: list[Step] = []
    for index, entry, sound in whole.steps():
        if not sound:
            reader.pass_over(entry)
            continue
        try:
            step = reader.read(index, entry)
        except Enough:
            break
        if step is not None:
            steps.append(step)
    return tuple(steps)


class _Reader:
    """Reads one step after the other, and remembers what they save."""

    def __init__(self, whole: Whole, zone: str, people: World | None) -> None:
        self._whole = whole
        self._zone = zone
        self._people = people
        step_ids = {id for _, entry, _ in whole.steps() if (id := _step_id(entry)) is not None}
        self._values = Values(whole, zone, step_ids)

    def pass_over(self, entry: Any) -> None:
        """Remember of a step that isn't as it should be that nobody knows what it saves."""
        step_id = _step_id(entry)
        if step_id is not None:
            self._values.unknown.add(step_id)

    def read(self, index: int, entry: Mapping[str, Any]) -> Step | None:
        """The step; None, and a problem noted, if nobody can tell what it does."""
        path: Path = ("steps", index)
        self._values.count(path)
        kinds = [kind for kind in KINDS if kind in entry]
        if len(kinds) != 1:
            self._whole.problem(path, f"expected one of the keys {', '.join(KINDS)}")
            self.pass_over(entry)
            return None
        kind = kinds[0]
        self._check_rest(path, kind, entry)
        given = entry[kind]
        if kind == "request":
            self._request((*path, kind), given)
            self._expect((*path, "expect"), entry.get("expect", {}))
        elif kind in ("notifications", "mails"):
            for at, each in enumerate(given):
                self._message((*path, kind, at), each)
        elif kind == "clock":
            self._clock((*path, kind), given)
        elif kind == "event":
            self._event((*path, kind), given)
        elif kind == "fault":
            self._fault((*path, kind), given)
        self._outputs((*path, "outputs"), entry.get("outputs", {}))
        self._remember(path, kind, entry)
        return Step(
            index=index,
            kind=kind,
            given=given,
            id=entry.get("stepId"),
            description=" ".join(entry.get("description", "").split()),
            expect=entry.get("expect"),
            outputs=entry.get("outputs"),
        )

    def _check_rest(self, path: Path, kind: StepKind, entry: Mapping[str, Any]) -> None:
        if "expect" in entry and kind != "request":
            self._whole.problem((*path, "expect"), "expected it beside request only", key=True)
        if "outputs" in entry and kind not in ("request", "notifications", "mails"):
            self._whole.problem(
                (*path, "outputs"), "expected it beside request, notifications or mails only", key=True
            )

    def _remember(self, path: Path, kind: StepKind, entry: Mapping[str, Any]) -> None:
        outputs = set(entry.get("outputs", ()))
        if kind == "event" and "calendar" in entry[kind]:
            outputs.add(EVENT_OUTPUT)
        step_id = entry.get("stepId")
        if step_id is None:
            if "outputs" in entry:
                self._whole.problem(
                    (*path, "outputs"), "expected a stepId beside it, to refer to them", key=True
                )
            return
        if step_id in self._values.saved:
            self._whole.problem((*path, "stepId"), "expected a stepId of its own; an earlier step has it too")
        self._values.saved[step_id] = outputs

    def _request(self, path: Path, given: Mapping[str, Any]) -> None:
        self._path((*path, "path"), given["path"])
        for name, value in given.get("query", {}).items():
            values = value if isinstance(value, list) else [value]
            if any(each is None or _is_data(each) for each in values):
                self._whole.problem((*path, "query", name), "expected text, a number, or a list of them")
            else:
                self._values.check((*path, "query", name), value, IN_REQUESTS)
        for name, value in given.get("headers", {}).items():
            if name.lower() in OURS:
                self._whole.problem((*path, "headers", name), "expected none that is not a step's", key=True)
            self._values.text((*path, "headers", name), value)
        if "body" in given and "text" in given:
            self._whole.problem((*path, "text"), "expected none beside body", key=True)
        if "text" in given:
            self._values.text((*path, "text"), given["text"])
        self._values.check((*path, "body"), given.get("body"), IN_REQUESTS)

    def _path(self, path: Path, text: str) -> None:
        if not is_below_api(self._values.text(path, text)):
            self._whole.problem(
                path, "expected a relative path below /v3/, without query, // or a segment of dots"
            )

    def _expect(self, path: Path, expect: Mapping[str, Any]) -> None:
        for key in ("exact", "text", "lost"):
            against = [other for other in _EXCLUDED[key] if key in expect and other in expect]
            if against:
                self._whole.problem((*path, against[0]), f"expected none beside {key}", key=True)
        if "exact" in expect and "body" not in expect:
            self._whole.problem((*path, "exact"), "expected body beside it", key=True)
        for name, value in expect.get("headers", {}).items():
            if not isinstance(value, str) and directive(value) is None:
                self._whole.problem((*path, "headers", name), "expected text or a matcher")
            self._values.check((*path, "headers", name), value, IN_EXPECTATIONS)
        if "text" in expect and not isinstance(expect["text"], str) and directive(expect["text"]) is None:
            self._whole.problem((*path, "text"), "expected text or a matcher")
        self._values.check((*path, "text"), expect.get("text"), IN_EXPECTATIONS)
        self._values.check((*path, "body"), expect.get("body"), IN_EXPECTATIONS)

    def _message(self, path: Path, given: Any) -> None:
        if not isinstance(given, Mapping):
            self._whole.problem(path, "expected a mapping that says what is expected of it")
        self._values.check(path, given, IN_EXPECTATIONS)

    def _clock(self, path: Path, given: Mapping[str, Any]) -> None:
        if "advance" in given:
            try:
                read_duration(given["advance"])
            except TimeError as error:
                self._whole.problem((*path, "advance"), str(error))
        else:
            self._values.time((*path, "now"), given["now"])

    def _event(self, path: Path, given: Mapping[str, Any]) -> None:
        if "calendar" in given and self._people is not None:
            try:
                find_place(self._people, given["calendar"])
            except NotFound as error:
                self._whole.problem((*path, "calendar"), str(error))
        if "delete" in given:
            self._values.text((*path, "delete"), given["delete"])
            for key in given:
                if key not in ("delete", "calendar"):
                    self._whole.problem((*path, key), "expected none beside delete", key=True)
            return
        if "calendar" not in given:
            self._whole.problem(path, "expected the key calendar, or delete")
        read_event(self._whole, path, given, self._zone)

    def _fault(self, path: Path, given: Mapping[str, Any]) -> None:
        self._values.texts(path, given)
        about = given["match"].get("booking_id", "")
        made_here = [about] if OPENING in about else []  # then the world knows nothing of it yet
        read_fault(self._whole, path, given, self._people, [*self._whole.section("bookings"), *made_here])

    def _outputs(self, path: Path, outputs: Mapping[str, str]) -> None:
        for name, text in outputs.items():
            self._values.count_compiling((*path, name), text, "path")
            try:
                check_path(text)
            except PathProblem as error:
                self._whole.problem((*path, name), str(error))


_EXCLUDED: Mapping[str, tuple[str, ...]] = {
    "exact": (),
    "text": ("body",),
    "lost": ("status", "headers", "body", "text"),
}
"""What an expectation can't have beside the key."""


def is_below_api(path: str) -> bool:
    """Whether a path leads below /v3/ and nowhere else, whatever a server makes of dots and slashes."""
    plain = path
    while (decoded := unquote(plain)) != plain:  # somebody on the way may do it twice
        plain = decoded
    return (
        plain.startswith("/v3/")
        and not set("?#\\") & set(path)
        and "\\" not in plain
        and "//" not in path
        and not any(set(segment) <= {"."} and segment for segment in plain.split("/"))
    )


def _step_id(entry: Any) -> str | None:
    found = entry.get("stepId") if isinstance(entry, Mapping) else None
    return found if isinstance(found, str) else None


def _is_data(value: Any) -> bool:
    """Whether a value is a list, or a mapping that is nothing more."""
    return isinstance(value, list) or (isinstance(value, Mapping) and directive(value) is None)
