"""`conformance diff`: what has changed from one report to the next."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from conformance.report.difference import Change, Difference, difference
from conformance.report.document import Document, ReportError, read_report
from conformance.report.texts import printable

WORSE = 1
HEADINGS = {
    "worse": "Worse",
    "better": "Better",
    "unknown": "Broken before, not known now",
    "new": "Only in the new report",
    "gone": "Only in the old report",
}
FILE = click.Path(path_type=Path)


@click.command(
    epilog="""What is worse: a clause that is broken now and was not, or that was kept and is not known to be
    any more, because it was not verified or left out. A MAY is listed and doesn't count.

    \b
    Exit codes:
      0  nothing got worse
      1  something got worse
      2  a file is no report""",
)
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def diff(ctx: click.Context, /, old: Path, new: Path, as_json: bool) -> None:
    """Compare two reports that `conformance run --json` wrote."""
    before, after = _read(old), _read(new)
    found = difference(before, after)
    if as_json:
        click.echo(json.dumps(found.told(), indent=2))
    else:
        _show(before, after, found)
    ctx.exit(WORSE if found.alarming else 0)


def _read(path: Path) -> Document:
    try:
        return read_report(path)
    except ReportError as error:
        raise click.UsageError(str(error)) from None


def _show(before: Document, after: Document, found: Difference) -> None:
    for line in _lines(before, after, found):
        click.echo(printable(line))  # the files may be anybody's


def _lines(before: Document, after: Document, found: Difference) -> Iterator[str]:
    for name, document in (("old", before), ("new", after)):
        yield f"{name}  {document['target']}  {document['begun']}  {document['verdict']['headline']}"
    for name, heading in HEADINGS.items():
        changes: list[Change] = getattr(found, name)
        if changes:
            yield f"\n{heading}: {len(changes)}"
        for each in changes:
            ended = f"{each.old or 'none'} → {each.new or 'none'}"
            yield f"  {each.id}  {each.level}  {ended}  {each.promise}"
            if each.why:
                yield f"      {each.why}"
    if not any(vars(found).values()):
        yield "\nNothing has changed."
