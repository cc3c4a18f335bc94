"""Stub."""

from collections.abc import Callable

from conformance.findings import Findings
from conformance.hooks import Hooks
from conformance.target import Target


def generated_requests(
    target: Target,
    findings: Findings,
    hooks: Hooks | None,
    step: Callable[[str], None],
    deadline: float | None,
) -> None:
    """Stub."""
