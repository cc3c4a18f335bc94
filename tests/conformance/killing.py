"""`make mutants`: runs everything that the suite has on every broken server, and says what it caught.

Prints the table that stands in docs/conformance.md. Ends with 1 when a broken server came through, or when a
clause came out red that has nothing to do with what is broken.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import click

from conformance.clauses import clause
from tests.conformance.harness import conformance_server, judged, red
from tests.conformance.mutants import Mutant, mutants

KINDS = ("domain", "time", "concurrency", "notification", "envelope", "auth")


@dataclass(frozen=True)
class Trial:
    """What came of one broken server."""

    mutant: Mutant
    red: frozenset[str]
    ran: bool
    error: str = ""

    @property
    def killed(self) -> bool:
        return self.ran and self.mutant.breaks <= self.red

    @property
    def blamed(self) -> frozenset[str]:
        """Clauses that came out red and should not have."""
        return self.red - self.mutant.breaks - self.mutant.also


def tried(name: str, quick: bool) -> Trial:
    """Run the whole suite on a broken server."""
    mutant = mutants()[name]
    with tempfile.TemporaryDirectory() as folder:
        ran = Path(folder) / "ran"
        try:
            with conformance_server(mutant=mutant, ran=ran) as server:
                shown = any(clause(each).generated for each in mutant.breaks)
                outcome = judged(
                    server.url, Path(folder) / "ledger.jsonl", quick=quick, checks_only=quick and not shown
                )
        except Exception as error:
            return Trial(mutant, frozenset(), ran.exists(), f"{type(error).__name__}: {error}")
        return Trial(mutant, frozenset(red(outcome)), ran.exists())


def table(trials: Sequence[Trial]) -> Iterator[str]:
    """The kill rate and a line for every kind and every mutant, in Markdown."""
    killed = sum(each.killed for each in trials)
    yield f"{killed} of {len(trials)} broken servers are caught ({killed / len(trials):.0%})."
    yield ""
    yield "| kind | servers | caught |"
    yield "|---|--:|--:|"
    all_of, caught = Counter[str](), Counter[str]()
    for each in trials:
        for kind in each.mutant.kinds:
            all_of[kind] += 1
            caught[kind] += each.killed
    for kind in KINDS:
        yield f"| {kind} | {all_of[kind]} | {caught[kind]} |"
    yield ""
    yield "| broken server | what is wrong | caught by |"
    yield "|---|---|---|"
    for each in sorted(trials, key=lambda trial: sorted(trial.mutant.breaks)):
        by = ", ".join(sorted(each.mutant.breaks)) if each.killed else "**nothing**"
        yield f"| `{each.mutant.name}` | {each.mutant.told.rstrip('.')} | {by} |"


@click.command()
@click.option(
    "--quick", is_flag=True, help="Generated requests only where they can show what is broken, and fewer."
)
@click.option("--jobs", default=2, show_default=True, help="How many servers are tried at the same time.")
@click.argument("names", nargs=-1)
def main(quick: bool, jobs: int, names: tuple[str, ...]) -> None:
    """Try the suite on broken servers: on those named, or on all."""
    chosen = [each for each in mutants().values() if not names or each.name in names]
    trials = []
    with ProcessPoolExecutor(jobs) as pool:  # Schemathesis keeps its hooks for a whole process
        for trial in pool.map(tried, (each.name for each in chosen), repeat(quick)):
            trials.append(trial)
            told = "caught" if trial.killed else "NOT CAUGHT"
            blamed = f", wrongly blamed for {', '.join(sorted(trial.blamed))}" if trial.blamed else ""
            unreached = "" if trial.ran else ", the spoiled line was not reached"
            click.echo(f"{trial.mutant.name}: {told}{blamed}{unreached} {trial.error}".rstrip(), err=True)
    click.echo("\n".join(table(trials)))
    sys.exit(0 if all(each.killed and not each.blamed for each in trials) else 1)


if __name__ == "__main__":
    main()
