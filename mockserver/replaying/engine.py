"""Does the steps of a scenario, one after the other, and holds what comes of them to what was expected."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from mockserver.replaying.matching import Comparison, compare
from mockserver.replaying.results import MISSING, Answer, Difference, Replay, Sent, StepResult
from mockserver.replaying.scope import Scope, Unresolved, as_text
from mockserver.replaying.targets import CannotDo, NoAnswer, NotChecked, Target
from mockserver.sandbox.journal import MASKED_HEADERS
from mockserver.scenario.events import event_times
from mockserver.scenario.jsonpath import NotThere, first_value
from mockserver.scenario.plan import Step
from mockserver.scenario.problems import Path
from mockserver.scenario.references import Reference
from mockserver.scenario.steps import EVENT_OUTPUT, READING, is_below_api
from mockserver.scenario.times import read_duration

SHORT = {"notifications": ("type",), "mails": ("type", "to", "subject")}
"""What an update says of a message that nobody expected."""

JSON = "application/json"

SECRET = ("session_id", "webhook_secret")
"""What an answer may tell that reports don't."""


class Player:
    """Does the steps of one scenario on a target. Results are added to `replay`."""

    def __init__(self, target: Target, scope: Scope, replay: Replay, line: Callable[[Path], int]) -> None:
        """`line` tells where a path of the scenario stands in its file."""
        self._target = target
        self._scope = scope
        self._replay = replay
        self._line = line
        self._blocked = ""

    def play(self, step: Step) -> StepResult:
        """Do a step."""
        self._scope.begin_step()
        result = StepResult(step.index, step.kind, label(step), self._line(step.path))
        self._replay.steps.append(result)
        try:
            if self._blocked:
                raise NotChecked(self._blocked)
            self._do(step, result)
        except NotChecked as reason:
            result.outcome, result.note = "not checked", str(reason)
            if step.id is not None:
                self._scope.miss(step.id, str(reason))
            if changes(step):
                self._blocked = self._blocked or f"step {step.index + 1} could not be done here"
        except (CannotDo, Unresolved) as reason:
            if not result.differences:  # else they are the cause
                result.outcome, result.note = "failed", str(reason)
        return result

    def _do(self, step: Step, result: StepResult) -> None:
        if step.kind == "request":
            self._request(step, result)
        elif step.kind == "notifications":
            found = self._target.notifications()
            self._replay.notifications += found
            self._messages(step, result, list(found))
        elif step.kind == "mails":
            found = self._target.mails()
            self._replay.mails += found
            self._messages(step, result, list(found))
        elif step.kind == "clock":
            self._clock(step.given)
        elif step.kind == "event":
            self._event(step)
        elif step.kind == "fault":
            self._target.add_fault(_replaced(step.given, self._scope))
        else:
            self._target.clear_faults()

    def _request(self, step: Step, result: StepResult) -> None:
        result.sent = request_of(step.given, self._scope)
        self._keep_secret(result.sent, None)
        answer, trouble = None, ""
        try:
            result.answer = answer = self._target.send(result.sent)
        except NoAnswer as reason:
            trouble = str(reason)
        self._keep_secret(result.sent, answer)
        expect = step.expect or {}
        held = compare_answer(expect, answer, self._scope, (*step.path, "expect"))
        self._judge(result, held, "expect")
        if answer is None and "lost" not in expect:
            result.note = trouble
            if not expect:
                raise CannotDo(trouble)
        self._save(step, None if answer is None else answer.content)

    def _keep_secret(self, sent: Sent, answer: Answer | None) -> None:
        """Have reports not show what lets somebody in."""
        for name, value in sent.headers.items():
            if name.lower() in MASKED_HEADERS:
                self._replay.secrets.add("TOKEN", value.rpartition(" ")[2])
        content = None if answer is None else answer.content
        told = content.get("data") if isinstance(content, dict) else None
        data = told if isinstance(told, dict) else {}
        for key in SECRET:
            if isinstance(data.get(key), str):
                self._replay.secrets.add(key.upper(), data[key])

    def _messages(self, step: Step, result: StepResult, found: list[Mapping[str, Any]]) -> None:
        held = compare(step.given, found, self._scope, (*step.path, step.kind))
        expected = len(step.given)
        update = [
            *held.update[:expected],
            *({key: each[key] for key in SHORT[step.kind]} for each in found[expected:]),
        ]
        wanted, got = list(held.wanted), list(held.got)
        got[expected:] = [{key: each[key] for key in SHORT[step.kind]} for each in found[expected:]]
        self._judge(result, Comparison(wanted, got, update, held.differences), step.kind)
        self._save(step, found)

    def _judge(self, result: StepResult, held: Comparison, key: str) -> None:
        result.wanted, result.got = held.wanted, held.got
        result.differences = [replace(each, line=self._line(each.path)) for each in held.differences]
        if not held.held:
            result.outcome = "differed"
            result.update = {key: held.update}

    def _save(self, step: Step, document: Any) -> None:
        for name, path in (step.outputs or {}).items():
            try:
                self._scope.save(step.id or "", name, first_value(path, document))
            except (NotThere, TypeError):
                raise CannotDo(f"outputs.{name}: there is nothing at {path}") from None

    def _clock(self, given: Mapping[str, Any]) -> None:
        if "advance" in given:
            self._target.advance(read_duration(given["advance"]))
        else:
            self._target.move_to(self._scope.time(given["now"]))

    def _event(self, step: Step) -> None:
        given = step.given
        if "delete" in given:
            event_id = self._scope.text(given["delete"])
            if not isinstance(event_id, str):
                raise CannotDo(f"delete: expected the id of an event, got {event_id!r}")
            self._target.free(event_id, given.get("calendar"))
            return
        start, end = event_times(given, self._scope.time)
        event_id = self._target.fill(
            given["calendar"], given.get("title", "Busy"), start, end, given.get("busy", True)
        )
        if step.id is not None:
            self._scope.save(step.id, EVENT_OUTPUT, event_id)


def request_of(given: Mapping[str, Any], scope: Scope) -> Sent:
    """The request that a step describes. Raises Unresolved, CannotDo."""
    path = scope.path(given["path"])
    if not is_below_api(path):
        raise CannotDo(f"path: expected one below /v3/ once references are replaced, got {path}")
    query = urlencode(list(_parameters(given.get("query", {}), scope)), quote_via=quote, safe="")
    headers = {name: _header(name, scope.text(value)) for name, value in given.get("headers", {}).items()}
    if "body" in given:
        body = json.dumps(scope.plain(given["body"]), separators=(",", ":")).encode()
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = JSON
    else:
        body = str(scope.text(given.get("text", ""))).encode("utf-8", "surrogatepass")
    return Sent(given["method"], f"{path}?{query}" if query else path, headers, body)


def _parameters(query: Mapping[str, Any], scope: Scope) -> list[tuple[str, str]]:
    found = []
    for name, value in query.items():
        for each in value if isinstance(value, list) else [value]:
            plain = scope.plain(each)
            text = as_text(plain, Reference("query", name, "value")) if not isinstance(plain, str) else plain
            found.append((name, text))
    return found


def _header(name: str, value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    if not text.isascii() or not text.isprintable():
        raise CannotDo(f"headers.{name}: expected printable ASCII once references are replaced")
    return text


def compare_answer(expect: Mapping[str, Any], answer: Answer | None, scope: Scope, path: Path) -> Comparison:
    """Hold an answer, or that there is none, to what was expected."""
    if "lost" in expect or (answer is None and expect):
        return _compare_lost("lost" in expect, answer, expect, path)
    if answer is None:
        return Comparison({}, {}, {})
    below: dict[str, Comparison] = {}
    if "status" in expect:
        below["status"] = _compare_status(expect["status"], answer.status, (*path, "status"))
    if "headers" in expect:
        below["headers"] = _compare_headers(expect["headers"], answer, scope, (*path, "headers"))
    if "text" in expect:
        below["text"] = compare(expect["text"], answer.text, scope, (*path, "text"))
    if "body" in expect:
        exact = "exact" in expect
        below["body"] = compare(expect["body"], answer.content, scope, (*path, "body"), exact)
    update = {key: below[key].update if key in below else value for key, value in expect.items()}
    if update.get("body") is MISSING:
        update.pop("body")
        update.pop("exact", None)
        update["text"] = answer.text
    return Comparison(
        wanted={key: each.wanted for key, each in below.items()},
        got={key: answer.text if each.got is MISSING else each.got for key, each in below.items()},
        update=update,
        differences=tuple(each for one in below.values() for each in one.differences),
    )


def _compare_lost(expected: bool, answer: Answer | None, expect: Mapping[str, Any], path: Path) -> Comparison:
    if expected and answer is None:
        return Comparison({"lost": True}, {"lost": True}, expect)
    if answer is None:
        different = Difference(path, "an answer", "none, or not all of it")
        return Comparison({"lost": False}, {"lost": True}, {"lost": True}, (different,))
    different = Difference((*path, "lost"), "no whole answer", str(answer.status))
    return Comparison({"lost": True}, {"status": answer.status}, {"status": answer.status}, (different,))


def _compare_status(expected: int | list[int], actual: int, path: Path) -> Comparison:
    several = expected if isinstance(expected, list) else [expected]
    if actual in several:
        return Comparison(actual, actual, expected)
    words = " or ".join(map(str, several))
    return Comparison(expected, actual, actual, (Difference(path, words, str(actual)),))


def _compare_headers(expected: Mapping[str, Any], answer: Answer, scope: Scope, path: Path) -> Comparison:
    found = {name: answer.header(name) for name in expected}
    there = {name: value for name, value in found.items() if value is not None}
    return compare(expected, there, scope, path)


def changes(step: Step) -> bool:
    """Whether the world is another one after the step: without it the rest makes no sense."""
    if step.kind == "request":
        return step.given["method"] not in READING
    return step.kind not in ("notifications", "mails")


def label(step: Step) -> str:
    """What a step is called in messages."""
    if step.kind == "request":
        what = f"{step.given['method']} {step.given['path']}"
    elif step.kind == "clock":
        what = f"clock {' '.join(f'{key} {value}' for key, value in step.given.items())}"
    elif step.kind == "event":
        what = f"somebody else {'frees' if 'delete' in step.given else 'fills'} a calendar"
    elif step.kind in ("notifications", "mails"):
        what = f"{len(step.given)} {step.kind if len(step.given) != 1 else step.kind[:-1]}"
    else:
        what = "faults clear" if step.kind == "faults" else "a fault from here on"
    named = f"{step.id}: " if step.id else ""
    return f"{named}{step.description or what}"


def _replaced(value: Any, scope: Scope) -> Any:
    """Data with its references replaced and nothing else."""
    if isinstance(value, str):
        return scope.text(value)
    if isinstance(value, list):
        return [_replaced(each, scope) for each in value]
    if isinstance(value, Mapping):
        return {key: _replaced(below, scope) for key, below in value.items()}
    return value
