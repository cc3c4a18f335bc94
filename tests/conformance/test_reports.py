"""Reports: what they say, and that nothing in them can do harm."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from conformance.clauses import clauses
from conformance.commands.wishes import Wishes
from conformance.report.document import Document, could_not_run, read_report, schema
from conformance.report.files import FORMATS, write
from conformance.report.junit import junit
from conformance.report.page import coded, page
from conformance.report.terminal import console, show
from conformance.report.texts import printable
from tests.conformance.outcomes import KEY, TODAY, deviation, exchange, known, outcome, report

MUST, OTHER_MUST, SHOULD, MAY = "BK-CREATE-005", "BK-CREATE-004", "BK-CREATE-006", "BK-CREATE-015"
HOSTILE = f"</script><script>alert(1)</script>&<!--]]>\x1b[2J\x00\u202e\ud800\ufffe{KEY}"


def valid(document: Document) -> bool:
    checker = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())
    return not list(checker.iter_errors(json.loads(json.dumps(document))))


def parsed(xml: str) -> ElementTree.Element:
    return ElementTree.fromstring(xml)  # noqa: S314 -- we wrote it


def hostile() -> Document:
    """A report about a target that puts everything into its answers."""
    answer = json.dumps({"request_id": HOSTILE, "data": HOSTILE}).encode()
    made = outcome(
        broken=[MUST],
        seen=HOSTILE,
        exchanges=[exchange(answer=answer), exchange(answer=HOSTILE.encode("utf-8", "replace"))],
        left=[HOSTILE],
        incomplete=[HOSTILE],
    )
    made.findings.observe("slot_grid", HOSTILE)
    made.findings.unverified("BK-CREATE-004", HOSTILE)
    made.findings.generated["excused"] = {HOSTILE: 1}
    return report(made)


def printed(document: Document, **how: Any) -> str:
    found = io.StringIO()
    show(document, Console(file=found, width=200, highlight=False, markup=False), **how)
    return found.getvalue()


@pytest.fixture
def everything(tmp_path: Path) -> Document:
    """A report in which everything happens."""
    made = outcome(
        broken=[MUST, SHOULD, MAY, "BK-MOVE-003", "BK-MOVE-005"],
        missed=["BK-AVAIL-010"],
        errors=["BK-NOTE-017"],
        unsupported=["BK-SESS-001"],
        left=["b-17"],
        incomplete=["the time limit was reached"],
    )
    deviations = known(
        tmp_path / "known.yaml",
        deviation("BK-MOVE-003"),
        deviation("BK-MOVE-005", expires="2026-01-31"),
        deviation("BK-READ-003"),
        deviation("BK-AVAIL-010"),
    )
    return report(replace(made, verdict=made.verdict.knowing(deviations, TODAY)))


class TestDocument:
    def test_is_what_the_schema_says(self, everything: Document) -> None:
        for document in (everything, report(outcome()), hostile(), could_not_run("http://x", "no", {})):
            assert valid(document)

    def test_the_schema_itself_is_one(self) -> None:
        jsonschema.Draft202012Validator.check_schema(schema())

    def test_the_schema_knows_every_key(self, everything: Document) -> None:
        """New keys are allowed to readers, but have to be described."""
        assert undescribed(everything, schema()) == []

    @pytest.mark.parametrize("key", ["verdict", "clauses", "contract", "options"])
    def test_the_schema_misses_what_is_missing(self, key: str) -> None:
        document: dict[str, Any] = {**report(outcome())}
        del document[key]
        assert not valid(document)  # type: ignore[arg-type]

    def test_says_how_every_clause_ended(self, everything: Document) -> None:
        ended = {each["id"]: each for each in everything["clauses"]}
        assert list(ended) == list(clauses())
        assert ended[MUST]["status"] == "fail"
        assert (ended[MUST]["passes"], ended[MUST]["failed"]) == (0, 1)
        assert ended[MUST]["failures"][0]["expected"] == "what is promised"
        assert ended["BK-MOVE-003"]["known"]
        assert not ended["BK-MOVE-005"]["known"]
        assert (ended["BK-AVAIL-010"]["status"], ended["BK-AVAIL-010"]["reason"]) == (
            "not verified",
            "no slot was offered",
        )
        assert ended["BK-NOTE-017"]["status"] == "error"
        assert ended["BK-SESS-001"]["status"] == "unsupported"

    def test_says_what_has_become_of_each_deviation(self, everything: Document) -> None:
        standings = {each["clause"]: each["standing"] for each in everything["deviations"]}
        assert standings == {
            "BK-MOVE-003": "known",
            "BK-MOVE-005": "expired",
            "BK-READ-003": "gone",
            "BK-AVAIL-010": "not looked at",
        }

    def test_has_its_circumstances(self, everything: Document) -> None:
        assert everything["begun"] == "2026-03-20T09:00:00+00:00"
        assert (everything["seconds"], everything["requests"]) == (12.5, 345)
        assert everything["options"]["api-key"] == "[hidden]"
        assert len(everything["contract"]["sha256"]) == 64

    def test_a_curl_line_works_once_the_key_is_in_the_environment(self) -> None:
        (step,) = report(outcome(broken=[MUST]))["clauses"][list(clauses()).index(MUST)]["failures"][0][
            "steps"
        ]
        assert "-H 'authorization: Bearer '\"$NYLAS_API_KEY\"''" in step["curl"]
        assert step["request_id"] == "r-1"

    def test_says_what_allowing_means(self) -> None:
        made = outcome(missed=[MUST])
        assert report(made)["verdict"]["exit_code"] == 3
        allowed = report(made, Wishes(allow_incomplete=True))["verdict"]
        assert allowed["exit_code"] == 0
        assert allowed["meaning"] == "nothing is broken; that not all was verified is allowed"

    def test_can_be_read_back(self, everything: Document, tmp_path: Path) -> None:
        write(everything, "json", tmp_path / "r.json")
        assert read_report(tmp_path / "r.json") == everything


def undescribed(value: Any, described: Any, place: str = "$") -> list[str]:
    """Keys of a report that the schema has no word about."""
    if "$ref" in described:
        described = schema()["$defs"][described["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        return [
            each for item in value for each in undescribed(item, described.get("items", {}), f"{place}[]")
        ]
    if not isinstance(value, dict) or "properties" not in described:
        return []
    found = []
    for key, each in value.items():
        if key not in described["properties"]:
            found.append(f"{place}.{key}")
        else:
            found += undescribed(each, described["properties"][key], f"{place}.{key}")
    return found


class TestSecretsAndHostileAnswers:
    @pytest.mark.parametrize("kind", FORMATS)
    def test_no_report_holds_a_secret(self, kind: str, tmp_path: Path) -> None:
        path = tmp_path / "report"
        write(hostile(), kind, path)
        text = path.read_text()
        assert KEY not in text
        assert "$NYLAS_API_KEY" in text

    def test_the_terminal_gets_no_secret_and_nothing_that_it_obeys(self) -> None:
        text = printed(hostile())
        assert KEY not in text
        assert not set("\x1b\x00\u202e\ud800") & set(text)
        assert "\\x1b[2J\\x00\\u202e\\ud800" in text

    def test_the_xml_can_be_read(self) -> None:
        root = parsed(junit(hostile()))
        (failure,) = root.iter("failure")
        assert "</script><script>alert(1)</script>&<!--]]>\\x1b[2J\\x00\\u202e" in str(failure.text)

    def test_the_page_escapes(self) -> None:
        text = page(hostile())
        assert text.count("<script>") == 1
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text

    def test_wholly_made_of_unusual_characters(self, tmp_path: Path) -> None:
        every = "".join(map(chr, [*range(0x300), *range(0xD7F0, 0xE010), *range(0xFFF0, 0x10010), 0x10FFFF]))
        document = report(outcome(broken=[MUST], seen=every))
        for kind in FORMATS:
            write(document, kind, tmp_path / kind)
        parsed((tmp_path / "junit").read_text())
        assert valid(document)

    @given(st.text(st.characters(codec=None, categories=None)))
    def test_what_is_printable_is_seen_and_can_be_written(self, text: str) -> None:
        found = printable(text)
        found.encode()
        assert all(each.isprintable() or each in "\n\t" or each.isspace() for each in found)
        assert printable(found) == found


class TestJUnit:
    def test_has_a_case_for_every_clause(self, everything: Document) -> None:
        root = parsed(junit(everything))
        assert len(root.findall("testsuite/testcase")) == len(clauses()) == int(root.get("tests", ""))
        assert {suite.get("name") for suite in root} == {each.profile for each in clauses().values()}

    def test_tells_failures_errors_and_what_was_skipped_apart(self, everything: Document) -> None:
        root = parsed(junit(everything))
        tags = {
            str(case.get("name")).split()[0]: [child.tag for child in case] for case in root.iter("testcase")
        }
        assert tags[MUST] == tags["BK-MOVE-005"] == ["failure"]
        assert tags[SHOULD] == tags[MAY] == tags["BK-MOVE-003"] == ["skipped", "system-out"]
        assert tags["BK-NOTE-017"] == ["error"]
        assert tags["BK-AVAIL-010"] == tags["BK-SESS-001"] == ["skipped"]
        assert tags["BK-READ-003"] == []
        for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(root.get(key, "")) == sum(tag in found for found in tags.values())

    def test_says_why_something_was_skipped(self, everything: Document) -> None:
        root = parsed(junit(everything))
        messages = [each.get("message") for each in root.iter("skipped")]
        assert "not verified: no slot was offered" in messages
        assert "known to deviate: expected what is promised, seen something else" in messages
        assert "broken, but a SHOULD: expected what is promised, seen something else" in messages

    def test_a_should_fails_when_strict(self) -> None:
        made = report(outcome(broken=[SHOULD]), Wishes(strict=True))
        assert parsed(junit(made)).get("failures") == "1"

    def test_a_run_that_could_not_be_made_is_an_error(self) -> None:
        root = parsed(junit(could_not_run("http://x", "nobody is there", {})))
        (error,) = root.iter("error")
        assert error.get("message") == "could not test: nobody is there"
        assert root.get("errors") == "1"


class TestTerminal:
    def test_says_what_is_broken_first_and_how_to_see_it(self, everything: Document) -> None:
        text = printed(everything)
        order = [
            "conformance 0.1.0  https://api.example.com",
            "does not conform to core",
            "incomplete: the time limit was reached",
            "profile          MUST",
            "Broken: MUST",
            f"✗ {MUST}  A slot is sold once.",
            "source    booking, https://developer.nylas.com/",
            "expected  what is promised",
            "seen      something else",
            "1. curl -X POST 'https://api.example.com/v3/scheduling/bookings?configuration_id=1'",
            '→ 200 {"request_id": "r-1"}   request id r-1',
            "Broken: SHOULD",
            "Broken as is known",
            "Known, but its day is over: it counts again",
            "No longer a deviation: take it out of the file",
            "Known, and not looked at in this run",
            "Otherwise than inferred",
            "Not verified",
            "Unsupported",
            "Error of the suite, not of the target",
            "The target's dialect",
            "booking_extras: shown (1)",
            "Generated requests",
            "bookings: asked 80, made 40, share 0.5",
            "Still at the target; `conformance cleanup` tries again",
            "booking b-17: 503 later",
            "Exit 1: a MUST is broken.",
        ]
        places = [text.index(each) for each in order]
        assert places == sorted(places)

    def test_says_that_cancelled_records_stay(self) -> None:
        assert "What was cancelled stays on record at the target." in printed(report(outcome()))

    def test_is_brief_when_quiet(self, everything: Document) -> None:
        text = printed(everything, quiet=True)
        assert MUST in text
        assert "dialect" not in text
        assert printed(report(outcome()), quiet=True).strip() == (
            report(outcome())["verdict"]["headline"].replace("; ", "\n")
        )

    def test_no_line_is_cut_where_it_is_no_terminal(self, capsys: pytest.CaptureFixture[str]) -> None:
        made = outcome(broken=[MUST], exchanges=[exchange(body={"note": "x" * 1500})])
        show(report(made), console(no_color=False))
        (line,) = [line for line in capsys.readouterr().out.splitlines() if "curl" in line]
        assert line.endswith("\"}'")

    def test_has_colours_only_where_they_can_be_seen(self, everything: Document) -> None:
        for terminal, no_color, coloured in ((True, None, True), (True, True, False), (False, None, False)):
            found = io.StringIO()
            environment = {"TERM": "xterm"}
            show(
                everything,
                Console(file=found, force_terminal=terminal, no_color=no_color, _environ=environment),
            )
            assert ("\x1b[1;31m" in found.getvalue()) == coloured


def test_what_stands_between_backticks_is_code() -> None:
    assert coded("a `<b>` & c") == "a <code>&lt;b&gt;</code> &amp; c"
    assert coded("one ` alone") == "one ` alone"
