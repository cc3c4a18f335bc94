"""`conformance list` and `conformance explain`: the clauses, without asking anybody."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any

import click

from conformance.clauses import ALL, Clause, Level, UnknownClause, clause, clauses, sources
from conformance.commands import values
from conformance.commands.values import Value
from conformance.resources import operations, packaged


@click.command("list")
@click.option(
    "--profile",
    "profiles",
    type=Value("name", values.profile),
    multiple=True,
    metavar="NAME",
    help="Only those of this profile. Repeatable.",
)
@click.option(
    "--level",
    "levels",
    type=click.Choice([level.name for level in Level], case_sensitive=False),
    multiple=True,
    help="Only those of this level. Repeatable.",
)
@click.option(
    "--operation",
    "chosen",
    type=Value("name", values.operation),
    multiple=True,
    metavar="NAME",
    help="Only those about this operation. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, with everything that is known of them.")
def list_clauses(
    profiles: tuple[str, ...], levels: tuple[str, ...], chosen: tuple[str, ...], as_json: bool
) -> None:
    """List the clauses that an implementation is held to."""
    found = [
        each
        for each in clauses().values()
        if (not profiles or ALL in profiles or each.profile in profiles)
        and (not levels or each.level.name in levels)
        and (not chosen or set(chosen) & set(each.operations))
    ]
    if as_json:
        click.echo(json.dumps([_told(each) for each in found], indent=2))
        return
    for each in found:
        click.echo(f"{each.id:<14}  {each.level.name:<6}  {each.profile:<14}  {each.promise}")


@click.command()
@click.argument("ids", metavar="CLAUSE...", nargs=-1, required=True)
def explain(ids: tuple[str, ...]) -> None:
    """Say what a clause promises, where that is documented, and what would show it."""
    found = [_clause(each) for each in ids]
    click.echo("\n\n".join("\n".join(_explained(each)) for each in found))


def _clause(id: str) -> Clause:
    try:
        return clause(id.upper())
    except UnknownClause as error:
        close = get_close_matches(id.upper(), clauses(), 3)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise click.UsageError(f"{error}.{hint}") from None


def _explained(clause: Clause) -> Iterable[str]:
    yield f"{clause.id}  {clause.level.name}, profile {clause.profile}"
    yield f"  {clause.promise}"
    yield ""
    found = sources()[clause.source]
    yield f"  Source      {found['about']} (facts {clause.source})"
    if found["url"]:
        yield f"              {found['url']}"
    yield from _block("Operations", (_operation(each) for each in clause.operations))
    yield from _block("Needs", (f"{each}: {needs()[each]}" for each in clause.needs))
    yield from _block("Shown by", _shown_by(clause))


def _block(heading: str, lines: Iterable[str]) -> Iterable[str]:
    for number, line in enumerate(lines):
        yield f"  {heading if number == 0 else '':<10}  {line}"


def _operation(name: str) -> str:
    method, path = operations()[name]
    return f"{name}: {method} {path}"


def _shown_by(clause: Clause) -> Iterable[str]:
    from conformance.checking import all_checks

    for check in all_checks():
        if clause in check.clauses:
            yield f"{check.told} ({check.name})"
    for name in clause.generated:
        yield f"Generated requests, the check {name}"


def _told(clause: Clause) -> dict[str, Any]:
    found = sources()[clause.source]
    return {
        "id": clause.id,
        "level": clause.level.name,
        "profile": clause.profile,
        "promise": clause.promise,
        "source": {"section": clause.source, **found},
        "operations": list(clause.operations),
        "needs": list(clause.needs),
        "generated": list(clause.generated),
    }


@cache
def needs() -> dict[str, str]:
    """What each need means, and how it is met."""
    found: dict[str, str] = packaged("needs.yaml")
    return found
