"""The report as one HTML page that needs nothing beside it."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from conformance.clauses import Level
from conformance.report.document import ClauseTold, Document
from conformance.resources import operations
from conformance.verdict import Exit, Status

FOLDER = Path(__file__).resolve().parent
LEVELS = tuple(level.name for level in Level)
EVERY_OPERATION = "every operation"
"""The row of the matrix for clauses that name no operation."""
MARKS = {
    "pass": "✓",
    "broken": "✗",
    "known": "✗",
    "differs": "≠",
    "error": "!",
    "not-verified": "?",
    "unsupported": "-",
    "disabled": "·",
}
"""Each way to end, as the page tells them apart, in the order of its list."""
WORDS = {
    "pass": "kept",
    "broken": "broken",
    "known": "broken, as is known",
    "differs": "otherwise than inferred",
    "error": "error of the suite",
    "not-verified": "not verified",
    "unsupported": "not supported, says the target",
    "disabled": "left out",
}
FIRST = ("broken", "error", "not-verified", "unsupported", "known", "differs", "pass", "disabled")
TONES = {Exit.CONFORMS: "good", Exit.BROKEN: "bad", Exit.COULD_NOT_RUN: "bad", Exit.INCOMPLETE: "unsure"}


def page(document: Document) -> str:
    """The page. Whatever it shows of the target is escaped; only our own style and script may run."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(kind=kind, coded=coded)
    style, script = (_own(name) for name in ("page.css", "page.js"))
    clauses = sorted(document["clauses"], key=_place)  # and else in the order of the list
    return environment.get_template("page.html").render(
        report=document,
        tone=TONES.get(document["verdict"]["exit_code"], "bad"),
        clauses=clauses,
        kinds=[each for each in FIRST if any(kind(clause) == each for clause in clauses)],
        marks=MARKS,
        words=WORDS,
        levels=LEVELS,
        profiles=[each for each in document["verdict"]["profiles"] if each["selected"]],
        bars={each["profile"]: _bar(each["profile"], clauses) for each in document["verdict"]["profiles"]},
        matrix=_matrix(document["clauses"]),
        style=style,
        script=script,
        policy=_policy(style, script),
    )


def kind(clause: ClauseTold) -> str:
    """How a clause ended, as the page tells them apart: a broken MAY isn't held against anybody."""
    if clause["status"] != Status.FAIL:
        return clause["status"].replace(" ", "-")
    if clause["known"]:
        return "known"
    return "differs" if clause["level"] == Level.MAY.name else "broken"


def coded(text: str) -> Markup:
    """The text with what stands between backticks as code."""
    parts = text.split("`")
    whole = parts if len(parts) % 2 else [text]
    return Markup("").join(
        Markup("<code>{}</code>").format(each) if number % 2 else escape(each)
        for number, each in enumerate(whole)
    )


def _place(clause: ClauseTold) -> tuple[int, int]:
    return FIRST.index(kind(clause)), LEVELS.index(clause["level"])


def _bar(profile: str, clauses: Iterable[ClauseTold]) -> list[tuple[str, int, int]]:
    """The MUSTs of a profile as stretches of a line: kind, where it begins, how many."""
    kinds = [
        kind(each)
        for each in clauses
        if each["profile"] == profile and each["level"] == Level.MUST.name and kind(each) != "disabled"
    ]
    stretches, begun = [], 0
    for each in FIRST:
        number = kinds.count(each)
        if number:
            stretches.append((each, begun, number))
            begun += number
    return stretches


def _matrix(clauses: Sequence[ClauseTold]) -> list[tuple[str, list[list[ClauseTold]]]]:
    """Clauses by operation, in the contract's order, and by level."""
    rows: dict[str, list[ClauseTold]] = {name: [] for name in (*operations(), EVERY_OPERATION)}
    for clause in clauses:
        for name in clause["operations"] or [EVERY_OPERATION]:
            rows.setdefault(name, []).append(clause)
    return [
        (name, [[each for each in found if each["level"] == level] for level in LEVELS])
        for name, found in rows.items()
        if found
    ]


def _own(name: str) -> Markup:
    return Markup((FOLDER / name).read_text(encoding="utf-8"))  # noqa: S704 -- a file of ours


def _policy(style: str, script: str) -> str:
    """Nothing but our own style and script, which are known by what they say."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
