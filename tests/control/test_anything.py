"""Whatever comes in: no answer of the control plane is an accident, and a refused call changes nothing."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.control.plane import Plane
from tests.support.worlds import ALICE, NOW, TEN

CALLS = [
    ("POST", "reset"),
    ("PUT", "scenario"),
    ("PATCH", "clock"),
    ("POST", "drain"),
    ("PATCH", "dialect"),
    ("DELETE", "requests"),
    ("POST", "events"),
    ("DELETE", "events/e1"),
    ("POST", "faults"),
    ("DELETE", "faults"),
    ("DELETE", "faults/fault-1"),
    ("PUT", "sandboxes/one"),
    ("PUT", "sandboxes/Not-A-Name"),
    ("DELETE", "sandboxes/one"),
    ("DELETE", "sandboxes/default"),
]
LOOKS = [("GET", "notifications"), ("GET", "mail"), ("GET", "state"), ("GET", "sandboxes")]

KEYS = st.sampled_from(
    [
        "scenario",
        "mode",
        "now",
        "advance",
        "calendar",
        "title",
        "start_time",
        "end_time",
        "busy",
        "error_types",
        "version",
        "name",
        "clock",
        "grants",
        "slot_grid",
        "seed",
        "dialect",
        "data",
        "match",
        "operation",
        "trigger",
        "path",
        "effect",
        "status",
        "headers",
        "times",
    ]
)
LIKELY = st.sampled_from(
    [
        "one-on-one",
        "test",
        "frozen",
        "shifted",
        "real",
        "PT1H",
        "P1D",
        "alice",
        "bob/main",
        ALICE,
        "gone",
        "bare",
        "2026-03-04T09:00:00Z",
        NOW,
        NOW + 60,
        TEN,
        TEN + 60,
        True,
        False,
        1,
        {"version": 1},
        "createBooking",
        "booking.created",
        "/v3/**",
        503,
        {"operation": "createBooking"},
        {"status": 503},
        {"drop": "after"},
        "midnight",
    ]
)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20) | LIKELY
)
VALUES = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), below, max_size=5)
    ),
    max_leaves=12,
)
BODIES = st.one_of(
    st.dictionaries(KEYS, LIKELY, max_size=5).map(json.dumps).map(str.encode),
    st.dictionaries(KEYS | st.text(max_size=5), VALUES, max_size=6).map(json.dumps).map(str.encode),
    VALUES.map(json.dumps).map(str.encode),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=60),
)
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["type", "count", "wait", "calendar"]) | st.text(max_size=5),
        st.sampled_from(["1", "0", "5", "0.1", "booking.created", "alice", "", "nan", "-1"])
        | st.text(max_size=10),
    ),
    max_size=3,
)
TYPES = st.sampled_from(["application/json", "application/yaml", "text/yaml"])


@pytest.mark.timeout(300)
@given(call=st.sampled_from(CALLS + LOOKS), body=BODIES, query=QUERIES, type=TYPES)
@settings(
    max_examples=600,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_input_is_an_accident(
    plane: Plane, call: tuple[str, str], body: bytes, query: list[tuple[str, str]], type: str
) -> None:
    plane.app.stopping.set()  # nobody waits
    before: Any = _standing(plane), plane.app.sandboxes.names()
    method, path = call
    asked = {name: value for name, value in query if value.isprintable() and name.isprintable()}
    response = plane.ask(method, path, raw=body, type=type, query=asked)
    assert response.status_code < 500
    if response.status_code >= 400 or method == "GET":
        assert (_standing(plane), plane.app.sandboxes.names()) == before


def _standing(plane: Plane) -> Any:
    """The state but for a clock that runs by itself, as it does once some call has gone back to the start."""
    state = plane.state()
    return state if state["clock"]["mode"] == "frozen" else {**state, "clock": state["clock"]["mode"]}
