"""Laws of exports: whatever happened, the export replays, and the replay exports to the same scenario."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.control.plane import Plane
from tests.export.again import export_again, export_of, replayed
from tests.export.courses import Course, steps

pytestmark = pytest.mark.slow


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(steps, min_size=1, max_size=14), st.booleans())
def test_every_journal_exports_to_a_scenario_that_replays_and_exports_to_itself(
    course: list[tuple[Any, ...]], masked: bool
) -> None:
    plane = Plane()
    try:
        taken = Course(plane)
        for each in course:
            taken.take(*each)
        export = export_of(plane.sandbox, masked)
        if not export.steps:
            return
        replayed(export.text)
        assert export_again(export.text, masked).document == export.document
        assert not masked or "private.example" not in export.text
    finally:
        plane.close()
