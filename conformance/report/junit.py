"""The report as JUnit XML: one test case for each clause, one suite for each profile."""

from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from conformance.clauses import PROFILES, Level
from conformance.report.document import ClauseTold, Document, FailureTold
from conformance.verdict import Exit, Status


def junit(document: Document) -> str:
    """The XML. What doesn't decide is skipped and says why: a SHOULD, unless strict, and what is known."""
    root = Element("testsuites", name="conformance", time=f"{document['seconds']:.3f}")
    ordered = sorted(document["clauses"], key=lambda each: PROFILES.index(each["profile"]))
    strict = bool(document["options"].get("strict"))
    for profile, clauses in groupby(ordered, key=lambda each: each["profile"]):
        _suite(root, document, profile, list(clauses), strict)
    if document["verdict"]["exit_code"] == Exit.COULD_NOT_RUN:
        suite = SubElement(root, "testsuite", name="smoke", tests="1", errors="1", failures="0", skipped="0")
        case = SubElement(suite, "testcase", classname="smoke", name="the target can be tested")
        SubElement(case, "error", message=document["verdict"]["headline"])
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, document: Document, profile: str, clauses: list[ClauseTold], strict: bool) -> None:
    suite = SubElement(root, "testsuite", name=profile, timestamp=document["begun"])
    for clause in clauses:
        name = f"{clause['id']} {clause['level']}: {clause['promise']}"
        _outcome(SubElement(suite, "testcase", classname=profile, name=name), clause, strict)
    outcomes = [[child.tag for child in case] for case in suite]
    suite.set("tests", str(len(clauses)))
    for tag, key in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(key, str(sum(tag in tags for tags in outcomes)))


def _outcome(case: Element, clause: ClauseTold, strict: bool) -> None:
    status = Status(clause["status"])
    if status == Status.ERROR:
        SubElement(case, "error", message=clause["reason"])
    elif status == Status.FAIL:
        _broken(case, clause, strict)
    elif status != Status.PASS:
        SubElement(case, "skipped", message=f"{status}: {clause['reason']}")


def _broken(case: Element, clause: ClauseTold, strict: bool) -> None:
    first = clause["failures"][0] if clause["failures"] else None
    message = f"expected {first['expected']}, seen {first['seen']}" if first else ""
    text = "\n\n".join(_told(each) for each in clause["failures"])
    binding = clause["level"] == Level.MUST.name or (strict and clause["level"] == Level.SHOULD.name)
    if binding and not clause["known"]:
        SubElement(case, "failure", message=message, type=clause["level"]).text = text
        return
    why = "known to deviate" if clause["known"] else f"broken, but a {clause['level']}"
    SubElement(case, "skipped", message=f"{why}: {message}")
    SubElement(case, "system-out").text = text


def _told(failure: FailureTold) -> str:
    lines = [f"expected: {failure['expected']}", f"seen: {failure['seen']}"]
    for step in failure["steps"]:
        lines += [step["curl"], f"  -> {step['answer']}"]
        lines += [f"  request id {step['request_id']}"] if step["request_id"] else []
    return "\n".join(lines)
