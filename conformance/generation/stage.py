"""The stage of generated requests, from what is to be looked at to what is said about it."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from conformance.checking import SAFE
from conformance.findings import Findings
from conformance.generation.blame import Blame
from conformance.generation.selection import Selection, selection
from conformance.generation.stock import Stock
from conformance.hooks import Hooks
from conformance.settings import Settings
from conformance.smoke import CouldNotTest
from conformance.target import Target

if TYPE_CHECKING:
    from conformance.generation.engine import Effort, Generator

EXTRA = 'pip install "nylas-bookings-double[conformance]"'
ENOUGH = 0.25
"""Of the generated bookings so many have to be made, else too little was tried beyond the refusals."""
BUSY = frozenset({"createConfiguration", "updateConfiguration"})
"""Operations with so many fields that only some of the cases for each are sent."""
BUSY_STRIDE = 3
QUICK_OPERATIONS = 7
"""Up to so many operations a quick run sends all cases that cover them."""
QUICK_STRIDE = 4
"""Of more, it sends for each clause every so manieth case that covers one operation."""
MOST_REASONS = 5


def require_schemathesis() -> None:
    """Raise CouldNotTest where the extra isn't installed."""
    if find_spec("schemathesis") is None:
        raise CouldNotTest(f"generated requests need Schemathesis: {EXTRA}")


def generated_requests(
    target: Target,
    findings: Findings,
    hooks: Hooks | None,
    step: Callable[[str], None],
    deadline: float | None,
) -> None:
    """Send requests made up from the contract, for the operations of the clauses that are looked at."""
    chosen = selection(target.settings, target.missing())
    if not chosen.operations:
        return
    require_schemathesis()
    from conformance.generation.engine import Generator

    blame = Blame(findings)
    stock = Stock(target, findings, hooks)
    generator = Generator(stock, blame, effort(target.settings, chosen), deadline, step)
    try:
        generator.run(chosen.operations, chosen.permitted)
    finally:
        blame.settle()
        _tell(generator, chosen, findings)
        try:
            stock.clear()
        except SAFE as reason:
            findings.incomplete.append(f"generated requests could not clean up: {reason}")


def effort(settings: Settings, chosen: Selection) -> "Effort":
    """How much is generated for the operations that were chosen."""
    from conformance.generation.engine import Effort

    names = chosen.operations
    strides = {name: BUSY_STRIDE if name in BUSY else 1 for name in names}
    if not settings.quick:
        return Effort(examples=5, journeys=20, steps=8, odd_methods=True, strides=strides)
    if len(names) <= QUICK_OPERATIONS:
        return Effort(examples=2, journeys=2, steps=4, odd_methods=False, strides=strides)
    strides = dict.fromkeys((_one_of(each, settings.seed) for each in chosen.refusing), QUICK_STRIDE)
    return Effort(examples=1, journeys=1, steps=4, odd_methods=False, strides=strides)


def _one_of(names: frozenset[str], seed: int) -> str:
    """An operation of these that is quickly covered, another one for each seed."""
    found = sorted(names - BUSY) or sorted(names)
    return found[seed % len(found)]


def _tell(generator: "Generator", chosen: Selection, findings: Findings) -> None:
    """Write down what was generated, and what of it says less than it should."""
    traffic, counted = generator.traffic, generator.counted
    booked, asked = traffic.booked[True], traffic.booked.total()
    findings.generated.update(
        cases=counted.phases.total(),
        phases=dict(counted.phases),
        operations={name: dict(sorted(found.items())) for name, found in sorted(traffic.statuses.items())},
        links=dict(sorted(counted.links.items())),
        bookings={"asked": asked, "made": booked, "share": round(booked / asked, 3) if asked else None},
        excused=dict(generator.sorter.excused),
    )
    reasons = [f"generated requests: {each}" for each in dict.fromkeys([*counted.errors, *traffic.silent])]
    findings.incomplete += reasons[:MOST_REASONS]
    if generator.stopped:
        findings.incomplete.append(f"generated requests: {generator.stopped}")
        return
    for name in sorted(chosen.required):
        if not traffic.succeeded(name):
            findings.incomplete.append(f"generated requests: {name} never answered 200")
    if "createBooking" in chosen.operations and booked < ENOUGH * asked:
        findings.incomplete.append(
            f"generated requests: of {asked} bookings {booked} were made, expected at least {ENOUGH:.0%}"
        )
