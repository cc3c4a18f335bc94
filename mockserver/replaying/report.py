"""Replays told: to people, as JSON, and as JUnit's XML."""

import json
import re
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from mockserver.replaying.results import Replay, StepResult

MOST_LINES = 80
"""Of a diff."""

MOST_DIFFERENCES = 10
"""Of one step, by line. One item more in a list makes all behind it differ; the diff shows which it was."""

MOST_SHOWN = 600
"""Characters of an answer."""

MARKS = {"held": "ok", "differed": "DIFFERS", "failed": "FAILED", "not checked": "not checked"}
_NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What would drive a terminal, not be shown on it."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def told(replay: Replay) -> Iterator[tuple[str, str]]:
    """Lines about a replay, each with what it is about: name, held, differed, failed, not checked, detail."""
    for kind, line in _told(replay):
        yield kind, _NOT_SHOWN.sub("\ufffd", replay.secrets.mask(line))


def _told(replay: Replay) -> Iterator[tuple[str, str]]:
    yield "name", f"{replay.file}: {replay.name}"
    if replay.reason:
        yield "not checked", f"  skipped: {replay.reason}"
        return
    for remark in replay.remarks:
        yield "detail", f"  {remark}"
    for step in replay.steps:
        status = f" -> {step.answer.status}" if step.answer is not None else ""
        note = f": {step.note}" if step.note else ""
        yield step.outcome, f"  {MARKS[step.outcome]:7} {step.label}{status}{note}"
        if not step.good:
            yield from (("detail", f"          {line}") for line in details(replay, step))
    for each in replay.left:
        yield "failed", f"  LEFT BEHIND: {each}"


def details(replay: Replay, step: StepResult) -> Iterator[str]:
    """Where a step is not as expected: its place, the diff, and the answer."""
    if step.outcome == "failed":
        yield f"{replay.file}:{step.line}"
    for each in step.differences[:MOST_DIFFERENCES]:
        yield f"{replay.file}:{each.line}: {each}"
    if len(step.differences) > MOST_DIFFERENCES:
        yield f"… and {len(step.differences) - MOST_DIFFERENCES} more differences"
    yield from diff(step)
    if step.answer is not None and any("body" not in each.path for each in step.differences):
        text = step.answer.text
        yield f"the answer: {text[:MOST_SHOWN]}{'…' if len(text) > MOST_SHOWN else ''}"


def diff(step: StepResult) -> list[str]:
    """What was expected against what was seen, as a unified diff."""
    if not step.differences:
        return []
    lines = list(unified_diff(_lines(step.wanted), _lines(step.got), "expected", "seen", lineterm=""))
    if len(lines) > MOST_LINES:
        return [*lines[:MOST_LINES], f"… and {len(lines) - MOST_LINES} more lines"]
    return lines


def summary(replays: Sequence[Replay], invalid: int = 0) -> str:
    """All of it in one line."""
    counts = {
        verdict: sum(each.verdict == verdict for each in replays)
        for verdict in ("held", "differed", "skipped")
    }
    parts = [f"{counts['held']} held"]
    parts += [f"{count} {verdict}" for verdict, count in counts.items() if count and verdict != "held"]
    if invalid:
        parts.append(f"{invalid} invalid")
    unchecked = sum(each.not_checked for each in replays)
    if unchecked:
        parts.append(f"{unchecked} {'step' if unchecked == 1 else 'steps'} not checked")
    total = len(replays) + invalid
    return f"{total} {'scenario' if total == 1 else 'scenarios'}: {', '.join(parts)}"


def as_json(replays: Sequence[Replay]) -> list[dict[str, Any]]:
    """The replays as data, secrets masked."""
    return [json.loads(each.secrets.mask(json.dumps(_replay(each), ensure_ascii=False))) for each in replays]


def as_junit(replays: Sequence[Replay], problems: Sequence[str] = ()) -> bytes:
    """JUnit's XML: a suite for each scenario, a case for each step. `problems` are of invalid files."""
    root = Element("testsuites", name="mockserver replay")
    for replay in replays:
        cases = [_case(replay, step) for step in replay.steps] or [_skipped(replay)]
        cases += [_broken(replay.file, "cleanup", replay.secrets.mask(each)) for each in replay.left]
        _suite(root, replay.name, cases)
    if problems:
        _suite(root, "invalid", [_broken("scenario", _xml(each), _xml(each)) for each in problems])
    xml: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return xml + b"\n"


def _suite(root: Element, name: str, cases: list[Element]) -> None:
    counts = {
        "tests": len(cases),
        "failures": sum(each.find("failure") is not None for each in cases),
        "errors": sum(each.find("error") is not None for each in cases),
        "skipped": sum(each.find("skipped") is not None for each in cases),
    }
    attributes = {"name": _xml(name), **{key: str(count) for key, count in counts.items()}}
    suite = SubElement(root, "testsuite", attributes)
    suite.extend(cases)


def _case(replay: Replay, step: StepResult) -> Element:
    mask = replay.secrets.mask
    name = _xml(mask(f"{step.index + 1} {step.label}"))
    case = Element(
        "testcase", classname=_xml(replay.file), name=name, file=_xml(replay.file), line=str(step.line)
    )
    text = _xml(mask("\n".join(details(replay, step)))) if not step.good else ""
    if step.outcome == "differed":
        message = _xml(mask("; ".join(map(str, step.differences))[:1000]))
        SubElement(case, "failure", message=message).text = text
    elif step.outcome == "failed":
        SubElement(case, "error", message=_xml(mask(step.note))).text = text
    elif step.outcome == "not checked":
        SubElement(case, "skipped", message=_xml(mask(step.note)))
    return case


def _skipped(replay: Replay) -> Element:
    case = Element("testcase", classname=_xml(replay.file), name=_xml(replay.name))
    SubElement(case, "skipped", message=_xml(replay.secrets.mask(replay.reason)))
    return case


def _broken(file: str, name: str, message: str) -> Element:
    case = Element("testcase", classname=_xml(file), name=_xml(name))
    SubElement(case, "error", message=_xml(message))
    return case


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _replay(replay: Replay) -> dict[str, Any]:
    return {
        "file": replay.file,
        "name": replay.name,
        "description": replay.description,
        "verdict": replay.verdict,
        "reason": replay.reason,
        "remarks": replay.remarks,
        "steps": [_step(each) for each in replay.steps],
        "left": replay.left,
    }


def _step(step: StepResult) -> dict[str, Any]:
    return {
        "index": step.index,
        "kind": step.kind,
        "label": step.label,
        "line": step.line,
        "outcome": step.outcome,
        "note": step.note,
        "status": None if step.answer is None else step.answer.status,
        "differences": [
            {"path": each.where, "line": each.line, "expected": each.expected, "got": each.got}
            for each in step.differences
        ],
        "diff": diff(step),
    }


def _lines(value: Any) -> list[str]:
    return json.dumps(value, indent=2, ensure_ascii=False, default=repr).splitlines()
