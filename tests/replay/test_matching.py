"""What matches what: the laws of expectations, and their updates."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.replaying.matching import compare, same
from mockserver.replaying.results import MISSING
from mockserver.replaying.scope import Scope, Unresolved
from mockserver.scenario.references import Reference
from mockserver.scenario.values import as_written

NOW = 1_772_442_000
"""Monday, 2 March 2026, 09:00 UTC."""


def look_up(reference: Reference) -> Any:
    if reference.name == "intro":
        return {"id": "one.*", "slug": "two"}[reference.field]
    raise Unresolved(f"{reference} is not here")


def scope() -> Scope:
    return Scope(look_up, NOW, "Europe/Berlin")


def held(expected: Any, actual: Any, exact: bool = False) -> bool:
    found = compare(expected, actual, scope(), exact=exact)
    assert found.held == same(
        found.wanted, found.got
    )  # so the diff shows something if and only if it differs
    return found.held


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["${", "$${", "${steps.a.b}", "$id"]),
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from(["$id", "$literal", "$time", "a"]), below, max_size=4
        )
    ),
    max_leaves=12,
)


def pruned(value: Any, data: st.DataObject) -> Any:
    """The value with some keys of its mappings left out."""
    if isinstance(value, dict):
        kept = [key for key in value if data.draw(st.booleans())]
        return {key: pruned(value[key], data) for key in kept}
    return [pruned(each, data) for each in value] if isinstance(value, list) else value


@given(json_values)
def test_everything_matches_itself_as_it_is_written(value: Any) -> None:
    assert held(as_written(value), value, exact=True)


@given(json_values, st.data())
def test_keys_that_are_not_named_do_not_matter(value: Any, data: st.DataObject) -> None:
    assert held(as_written(pruned(value, data)), value) or "$" in json.dumps(value)


@given(json_values, json_values)
def test_exactly_means_equal(expected: Any, actual: Any) -> None:
    assert held(as_written(expected), actual, exact=True) == same(expected, actual)


@given(json_values, json_values, st.booleans())
@example({}, {"$id": None}, True)
@example({"gone": 1}, {"$id": {"$id": 2}}, True)
def test_an_updated_expectation_holds_and_needs_no_further_update(
    expected: Any, actual: Any, exact: bool
) -> None:
    updated = compare(as_written(expected), actual, scope(), exact=exact).update
    again = compare(updated, actual, scope(), exact=exact)
    assert again.held
    assert again.update == updated


@given(json_values, json_values)
def test_what_differs_is_told_where_it_is(expected: Any, actual: Any) -> None:
    found = compare(as_written(expected), actual, scope(), ("steps", 0), exact=True)
    assert all(each.path[:2] == ("steps", 0) for each in found.differences)
    assert bool(found.differences) != found.held


MATCHES = [
    ({"$id": True}, "a b", False),
    ({"$id": True}, "a/b", False),
    ({"$id": True}, "", False),
    ({"$id": True}, "x" * 255, True),
    ({"$id": True}, "x" * 256, False),
    ({"$id": True}, "l6dlimbe5s27", True),
    ({"$id": True}, 7, False),
    ({"$id": True}, "a\n", False),
    ({"$any": True}, None, True),
    ({"$any": True}, MISSING, False),
    ({"$time": "any"}, NOW, True),
    ({"$time": "any"}, float(NOW), False),
    ({"$time": "any"}, str(NOW), False),
    ({"$time": "any"}, True, False),
    ({"$time": "any"}, 1, False),
    ({"$time": "any"}, 7_258_118_400, False),
    ({"$time": "2026-03-02T09:00:00Z"}, NOW, True),
    ({"$time": "2026-03-02T09:00:00Z"}, NOW + 1, False),
    ({"$time": {"workday": 1, "at": "10:00"}}, NOW + 86_400, True),
    ({"$time": {"day": 0, "at": "10:00", "tz": "UTC"}}, NOW + 3600, True),
    ({"$pattern": "Bo+k"}, "Boook", True),
    ({"$pattern": "Bo+k"}, "Boook!", False),
    ({"$pattern": "Bo+k"}, 5, False),
    ({"$pattern": "x${configurations.intro.id}"}, "xone.*", True),
    ({"$pattern": "x${configurations.intro.id}"}, "xonely", False),
    ({"$contains": {"a": 1}}, [{"a": 2}, {"a": 1, "b": 1}], True),
    ({"$contains": {"a": 1}}, [{"a": 2}], False),
    ({"$contains": 1}, 1, False),
    ({"$not": {"$contains": 1}}, [2], True),
    ({"$not": "cancelled"}, "booked", True),
    ({"$not": "cancelled"}, "cancelled", False),
    ({"$not": "cancelled"}, MISSING, False),
    ({"a": {"$absent": True}}, {}, True),
    ({"a": {"$absent": True}}, {"a": None}, False),
    ({"a": None}, {}, False),
    ({"a": None}, {"a": None}, True),
    ({"$literal": {"$id": True}}, {"$id": True}, True),
    ({"$literal": {"a": 1}}, {"a": 1, "b": 2}, False),
    ([1, 2], [1, 2, 3], False),
    ([1, 2, 3], [1, 2], False),
    ([], [], True),
    ([{"a": 1}], [{"a": 1, "b": 1}], True),
    (1, 1.0, True),
    (1, True, False),
    (0, False, False),
    ("1", 1, False),
    ("a${configurations.intro.slug}b", "atwob", True),
    ("$${configurations.intro.slug}", "${configurations.intro.slug}", True),
    ({}, {"a": 1}, True),
    ({}, [], False),
]


@pytest.mark.parametrize(("expected", "actual", "expectation"), MATCHES)
def test_matchers(expected: Any, actual: Any, expectation: bool) -> None:
    assert compare(expected, actual, scope()).held is expectation


def test_a_reference_alone_keeps_the_type_of_its_value() -> None:
    found = scope()
    found.save("a", "n", 5)
    found.save("a", "none", None)
    assert found.text("${steps.a.n}") == 5
    assert found.text("${steps.a.n}!") == "5!"
    assert found.text("${steps.a.none}") is None
    with pytest.raises(Unresolved, match="text or a number"):
        found.text("x${steps.a.none}")


def test_an_update_keeps_what_held() -> None:
    expected = {"id": {"$id": True}, "status": "pending", "at": {"$time": "2026-03-02T09:00:00Z"}, "gone": 1}
    actual = {"id": "abc", "status": "${booked", "at": NOW + 3600, "more": 2}
    found = compare(expected, actual, scope())
    assert found.update == {
        "id": {"$id": True},
        "status": "$${booked",
        "at": {"$time": "2026-03-02T10:00:00Z"},
    }


def test_texts_cannot_grow_without_end() -> None:
    found = scope()
    found.save("a", "big", "x" * 1_000_000)
    with pytest.raises(Unresolved, match="at most"):
        found.plain(["-${steps.a.big}"] * 100)
    found.begin_step()
    assert len(found.plain("-${steps.a.big}")) == 1_000_001
