"""The report for a terminal, and what is seen while a run goes on."""

from collections import defaultdict
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Column, Table
from rich.text import Text

from conformance.clauses import Level
from conformance.report.document import ClauseTold, Document, FailureTold
from conformance.verdict import Exit, Standing, Status

MARKS = {
    Status.PASS: ("✓", "green"),
    Status.FAIL: ("✗", "bold red"),
    Status.NOT_VERIFIED: ("?", "yellow"),
    Status.ERROR: ("!", "magenta"),
    Status.UNSUPPORTED: ("-", "yellow"),
    Status.DISABLED: ("·", "dim"),
}
COLOURS = {Exit.CONFORMS: "bold green", Exit.BROKEN: "bold red", Exit.INCOMPLETE: "bold yellow"}
MOST_FIGURES = 5
"""So many figures are named one by one; the other reports name all."""
MOST_LEFT = 10
LONGEST = 300
"""Characters of an answer that are printed."""
UNSURE = (Status.NOT_VERIFIED, Status.UNSUPPORTED, Status.ERROR)


def console(*, no_color: bool, err: bool = False) -> Console:
    """A console that colours on a terminal only, and wraps lines there only: a pipe gets them whole."""
    found = Console(no_color=no_color or None, highlight=False, markup=False, emoji=False, stderr=err)
    if not found.is_terminal:
        found.width = 1_000_000
    return found


class Progressing:
    """Shows how a run goes on: a bar on a terminal, else a line for each stage."""

    def __init__(self, to: Console) -> None:
        self._to = to
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn(
                "{task.fields[now]}",
                style="dim",
                markup=False,
                table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1),
            ),
            console=to,
            expand=True,
            transient=True,
        )
        self._task = self._bar.add_task("smoke", total=None, now="")

    def __enter__(self) -> Self:
        if self._to.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._to.is_terminal:
            self._bar.stop()

    def stage(self, name: str, steps: int) -> None:
        """A stage begins."""
        if self._to.is_terminal:
            self._bar.reset(self._task, total=steps or None, description=name, now="")
        else:
            self._to.print(f"{name}{f', {steps} of them' if steps else ''} …")

    def step(self, told: str) -> None:
        """A step is done."""
        if self._to.is_terminal:
            self._bar.update(self._task, advance=1, now=told)


def show(document: Document, to: Console, *, quiet: bool = False) -> None:
    """Print a report. `quiet` leaves it at the headline and what is broken."""
    for part in _parts(document, quiet):
        to.print(part, soft_wrap=True)
        to.print()


def _parts(document: Document, quiet: bool) -> Iterator[RenderableType]:
    clauses = document["clauses"]
    if not quiet:
        yield _head(document)
    yield _headline(document)
    if not quiet and clauses:
        yield _counts(document)
    yield from _broken(clauses)
    if quiet:
        return
    yield from _deviations(document)
    yield from _differing(clauses)
    yield from _unsure(clauses)
    yield from _dialect(document)
    yield from _generated(document)
    yield from _left(document)
    yield _end(document)


def _head(document: Document) -> Text:
    return Text(
        f"conformance {document['suite']['version']}  {document['target']}  {document['begun']}  "
        f"seed {document['options'].get('seed')}  {document['requests']} requests in "
        f"{document['seconds']:.1f} s",
        style="dim",
    )


def _headline(document: Document) -> Text:
    verdict = document["verdict"]
    style = COLOURS.get(verdict["exit_code"], "bold")
    text = Text("\n".join(verdict["headline"].split("; ")), style=style)
    for reason in verdict["incomplete"]:
        text.append(f"\nincomplete: {reason}", style="yellow")
    return text


def _counts(document: Document) -> Table:
    """How many of each level were kept, of those that could be looked at."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for heading in ("profile", *(level.name for level in Level), ""):
        table.add_column(heading, no_wrap=True)
    for each in document["verdict"]["profiles"]:
        if not each["selected"]:
            continue
        notes = []
        cells = []
        for level, counted in each["levels"].items():
            looked_at = sum(counted.values()) - counted[Status.DISABLED]
            cells.append(_share(counted, looked_at, level))
            if counted[Status.DISABLED]:
                notes.append(f"{counted[Status.DISABLED]} {level} left out")
        table.add_row(each["profile"], *cells, Text(", ".join(notes), style="dim"))
    return table


def _share(counted: dict[str, int], looked_at: int, level: str) -> Text:
    if not looked_at:
        return Text("-", style="dim")
    passed, failed = counted[Status.PASS], counted[Status.FAIL]
    style = "green" if passed == looked_at else "yellow"
    if failed and level == Level.MUST.name:
        style = "red"
    return Text(f"{passed} of {looked_at}", style=style)


def _broken(clauses: list[ClauseTold]) -> Iterator[RenderableType]:
    for level in (Level.MUST, Level.SHOULD):
        found = [
            each
            for each in clauses
            if (each["status"], each["level"], each["known"]) == (Status.FAIL, level.name, False)
        ]
        if found:
            yield Text("\n\n").join([Text(f"Broken: {level.name}", style="bold"), *map(_failed, found)])


def _failed(clause: ClauseTold) -> Text:
    source = clause["source"]
    url = f", {source['url']}" if source["url"] else ""
    text = _line(clause).append(f"\n    source    {source['about']}{url}", style="dim")
    for failure in clause["failures"][:1]:
        text.append(_failure(failure))
    more = clause["failed"] - 1
    return text.append(f"\n    and {more} more", style="dim") if more > 0 else text


def _failure(failure: FailureTold) -> Text:
    text = Text(f"\n    expected  {_brief(failure['expected'])}\n    seen      {_brief(failure['seen'])}")
    for number, step in enumerate(failure["steps"], 1):
        text.append(f"\n    {number:>2}. {step['curl']}", style="cyan")
        request_id = f"   request id {step['request_id']}" if step["request_id"] else ""
        text.append(f"\n        → {_brief(step['answer'])}{request_id}", style="dim")
    return text


def _brief(text: str) -> str:
    """In one line that can be read; the other reports have all of it."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _line(clause: ClauseTold) -> Text:
    mark, style = MARKS[Status(clause["status"])]
    text = Text(f"{mark} ", style=style)
    text.append(clause["id"], style="bold")
    return text.append(f"  {clause['promise']}")


def _deviations(document: Document) -> Iterator[RenderableType]:
    told = {
        Standing.KNOWN: "Broken as is known",
        Standing.EXPIRED: "Known, but its day is over: it counts again",
        Standing.GONE: "No longer a deviation: take it out of the file",
        Standing.NOT_SEEN: "Known, and not looked at in this run",
    }
    for standing, heading in told.items():
        found = [each for each in document["deviations"] if each["standing"] == standing]
        if found:
            lines = Text(heading, style="bold")
            for each in found:
                lines.append(
                    f"\n  {each['clause']}  {each['reason']} (first seen {each['first_seen']}, "
                    f"expires {each['expires']})",
                    style="not bold",
                )
            yield lines


def _differing(clauses: list[ClauseTold]) -> Iterator[RenderableType]:
    """What nobody documents, where the target is another way than was inferred."""
    found = [each for each in clauses if (each["status"], each["level"]) == (Status.FAIL, Level.MAY.name)]
    if found:
        lines = Text("Otherwise than inferred (MAY: held against nobody)", style="bold")
        for each in found:
            lines.append(f"\n  {each['id']}  {each['promise']}", style="not bold")
            for failure in each["failures"][:1]:
                lines.append(f"\n      seen {_brief(failure['seen'])}", style="dim not bold")
        yield lines


def _unsure(clauses: list[ClauseTold]) -> Iterator[RenderableType]:
    for status in UNSURE:
        by_reason: dict[str, list[str]] = defaultdict(list)
        for each in clauses:
            if each["status"] == status:
                mays = " (MAY)" if each["level"] == Level.MAY.name else ""
                by_reason[each["reason"]].append(f"{each['id']}{mays}")
        if not by_reason:
            continue
        heading = "Error of the suite, not of the target" if status == Status.ERROR else status.capitalize()
        lines = Text(heading, style="bold")
        for reason, ids in by_reason.items():
            lines.append(f"\n  {reason}", style="not bold").append(
                f"\n      {', '.join(ids)}", style="dim not bold"
            )
        yield lines


def _dialect(document: Document) -> Iterator[RenderableType]:
    if document["dialect"]:
        lines = Text("The target's dialect, where public sources disagree", style="bold")
        for switch, counted in document["dialect"].items():
            variants = ", ".join(f"{variant} ({count})" for variant, count in counted.items())
            lines.append(f"\n  {switch}: {variants}", style="not bold")
        yield lines


def _generated(document: Document) -> Iterator[RenderableType]:
    if document["generated"]:
        lines = Text("Generated requests", style="bold")
        for name, value in document["generated"].items():
            if name != "operations":  # by status, too much for here
                lines.append(f"\n  {name}: {_figure(value)}", style="not bold")
        yield lines


def _figure(value: Any) -> str:
    if isinstance(value, dict) and len(value) > MOST_FIGURES:
        return f"{sum(value.values())}, of {len(value)} kinds"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_figure(each)}" for name, each in value.items()) or "none"
    return "none" if value is None else str(value)


def _left(document: Document) -> Iterator[RenderableType]:
    left = document["left"]
    if left:
        lines = Text("Still at the target; `conformance cleanup` tries again", style="bold red")
        for each in left[:MOST_LEFT]:
            lines.append(f"\n  {each['kind']} {each['id']}: {_brief(each['problem'])}", style="not bold")
        if len(left) > MOST_LEFT:
            lines.append(f"\n  and {len(left) - MOST_LEFT} more", style="not bold")
        yield lines
    elif document["options"].get("allow-writes"):
        yield Text(
            "Everything that was made is taken back. What was cancelled stays on record at the target.",
            style="dim",
        )


def _end(document: Document) -> Text:
    verdict = document["verdict"]
    return Text(f"Exit {verdict['exit_code']}: {verdict['meaning']}.", style="dim")
