"""What came of a replay: each step with what was seen, and where that was not what was expected."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from conformance.strangers.secrets import Secrets
from mockserver.scenario.problems import Path, path_text

Outcome = Literal["held", "differed", "failed", "not checked"]
"""Of a step. Failed: it could not be carried out. Not checked: the target can't do it or show it."""

Verdict = Literal["held", "differed", "skipped"]
"""Of a replay. Skipped: the target does not offer what the scenario needs, or nothing could be checked."""


class Missing:
    """What isn't there, as against `null`."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it was sent. `url` has no host; header names are as written."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header in any case."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def content(self) -> Any:
        """The answer's JSON, or MISSING where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return MISSING


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected. `path` leads to it in the scenario, where it is on `line`."""

    path: Path
    expected: str
    got: str
    line: int = 0

    @property
    def where(self) -> str:
        """The path as people write it."""
        return path_text(self.path)

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, got {self.got}"


@dataclass(slots=True)
class StepResult:
    """What came of one step.

    `wanted` and `got` are what was expected and what was seen, as far as the step looked at it; they are
    equal where it held. `update` is what the expectation has to say so that it holds. `note` says why it
    failed or was not checked.
    """

    index: int
    kind: str
    label: str
    line: int
    outcome: Outcome = "held"
    note: str = ""
    differences: Sequence[Difference] = ()
    wanted: Any = None
    got: Any = None
    update: Mapping[str, Any] = field(default_factory=dict)
    sent: Sent | None = None
    answer: Answer | None = None

    @property
    def good(self) -> bool:
        return self.outcome in ("held", "not checked")


@dataclass(slots=True)
class Replay:
    """What came of one scenario. `reason` says why it was skipped; `left` what could not be cleaned up.

    `notifications` and `mails` are all that were seen, in the form in which `/_mock` shows them; of
    notifications the envelope. A target shows none.
    """

    file: str
    name: str
    description: str = ""
    steps: list[StepResult] = field(default_factory=list)
    reason: str = ""
    left: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    notifications: list[Mapping[str, Any]] = field(default_factory=list)
    mails: list[Mapping[str, Any]] = field(default_factory=list)
    secrets: Secrets = field(default_factory=Secrets)
    """What reports must not show."""

    @property
    def verdict(self) -> Verdict:
        if not all(step.good for step in self.steps) or self.left:
            return "differed"
        return "held" if any(step.outcome == "held" for step in self.steps) else "skipped"

    @property
    def held(self) -> bool:
        """Whether everything that could be checked is as expected, and something was done at all."""
        return self.verdict == "held"

    @property
    def not_checked(self) -> int:
        """How many steps were not checked."""
        return sum(step.outcome == "not checked" for step in self.steps)

    def differences(self) -> list[str]:
        """All that was wrong, a line each."""
        lines = []
        for step in self.steps:
            if step.outcome == "failed":
                lines.append(f"{self.file}:{step.line}: {step.label}: {step.note}")
            lines += [f"{self.file}:{each.line}: {each}" for each in step.differences]
        return lines
