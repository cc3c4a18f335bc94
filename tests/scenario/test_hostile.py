"""Documents that were written to do harm, or by somebody who knows another YAML."""

import json
import time
from typing import Any

import pytest

from mockserver.scenario import ScenarioError, parse_scenario
from mockserver.scenario.compose import MAX_DEPTH, MAX_NODES
from mockserver.scenario.yaml_places import MAX_BYTES, load_data, load_text


def value_of(text: str) -> Any:
    return load_text(text, "f").value


def problem_of(text: str) -> tuple[int, str]:
    with pytest.raises(ScenarioError) as raised:
        load_text(text, "f")
    (problem,) = raised.value.problems
    return problem.line, problem.message


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


LAUGHS = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        pytest.param("a: 1\nb:\n  c: 1\n  c: 2", 4, "'c' appears twice (first on line 3)", id="key twice"),
        pytest.param('{"a": 1,\n"a": 2}', 2, "'a' appears twice", id="key twice in JSON"),
        pytest.param("a: 1\n'a': 2", 2, "appears twice", id="key twice, quoted"),
        pytest.param("a: &x [1, *x]", 1, "*x stands inside itself", id="recursive list"),
        pytest.param("a: &x\n  b: *x", 2, "stands inside itself", id="recursive mapping"),
        pytest.param("a: &x\n  <<: *x", 2, "stands inside itself", id="recursive merge"),
        pytest.param("a: *x", 1, "there is no &x", id="alias of nothing"),
        pytest.param(
            "a: 1\nb: {1: 2}", 2, "a key that is text, in quotes if need be, not 1", id="number key"
        ),
        pytest.param("true: 1", 1, "a key that is text", id="boolean key"),
        pytest.param("~: 1", 1, "a key that is text", id="null key"),
        pytest.param("? [a]\n: 1", 1, "a key that is text", id="list key"),
        pytest.param("a: &x {b: 1}\n? *x\n: 1", 2, "a key that is text", id="mapping key by alias"),
        pytest.param("a:\n\tb: 1", 2, "expected YAML", id="tab"),
        pytest.param("a: [1, 2}", 1, "expected YAML", id="unclosed"),
        pytest.param('a: "\\ud800"', 1, "expected YAML", id="surrogate in YAML"),
        pytest.param("a: \ud800", 1, "expected YAML", id="surrogate in the text"),
        pytest.param('{"a": "\\ud800"}', 1, "half of a surrogate pair", id="surrogate in JSON"),
        pytest.param('{"\\udc00": 1}', 1, "half of a surrogate pair", id="surrogate for a JSON key"),
        pytest.param('{"a": NaN}', 1, "a finite number", id="NaN"),
        pytest.param('{"a": 1e999}', 1, "a finite number", id="infinity in JSON"),
        pytest.param("a: 1e999", 1, "a finite number", id="infinity"),
        pytest.param("a: 1234567890123456789", 1, "at most 18 digits", id="large"),
        pytest.param("a: " + "9" * 100_000, 1, "at most 18 digits", id="very large"),
        pytest.param('{"a": ' + "9" * 100_000 + "}", 1, "at most 18 digits", id="very large in JSON"),
        pytest.param("a: 1\nb: \x01", 2, "expected YAML", id="control character"),
        pytest.param("a: \0", 1, "expected YAML", id="NUL"),
        pytest.param("a: 1\n---\nb: 2", 2, "one document", id="two documents"),
        pytest.param("a: !!python/object/apply:os.system [id]", 1, "no tag", id="code"),
        pytest.param("a: !!int '3'", 1, "no tag", id="tag"),
        pytest.param("a: !secret x", 1, "no tag", id="own tag"),
        pytest.param("a: !!str [x]", 1, "no tag", id="text tag on a list"),
        pytest.param("a: {<<: 1}", 1, "a mapping, or a list of mappings, to merge", id="merged number"),
        pytest.param("a: {<<: [{}, 1]}", 1, "a mapping, or a list of mappings", id="merged list"),
        pytest.param("%YAML 9.9\n---\na: 1", 1, "expected YAML", id="YAML of the future"),
        pytest.param("[" * 5_000_000, 1, f"at most {MAX_DEPTH} levels", id="brackets"),
        pytest.param('{"a":' * 1_000_000, 1, f"at most {MAX_DEPTH} levels", id="braces"),
        pytest.param("- " * 1_000_000, 1, f"at most {MAX_DEPTH} levels", id="dashes"),
        pytest.param(json.dumps({"a": nested(60)}), 1, f"at most {MAX_DEPTH} levels", id="deep JSON"),
        pytest.param(LAUGHS, 6, f"at most {MAX_NODES:,} values", id="billion laughs"),
        pytest.param(LAUGHS.replace("1,1", "{a: 1}"), 6, f"at most {MAX_NODES:,}", id="laughs of mappings"),
        pytest.param("- 1\n" * 300_000, MAX_NODES, f"at most {MAX_NODES:,} values", id="many values"),
        pytest.param("a: " + "x" * MAX_BYTES, 1, "at most 5 MiB", id="large file"),
        pytest.param("a: " + "ü" * (MAX_BYTES // 2), 1, "at most 5 MiB", id="bytes are counted"),
    ],
)
def test_refused(text: str, line: int, words: str) -> None:
    began = time.monotonic()
    found, message = problem_of(text)

    assert found == line
    assert words in message
    assert time.monotonic() - began < 20  # minutes, were it expanded


def test_merges_that_would_multiply_are_counted_too() -> None:
    text = "a0: &a0 {" + ", ".join(f"k{n}: [1,1,1,1,1,1,1,1,1]" for n in range(1000)) + "}\n"
    text += "".join(f"a{n}: {{<<: *a0}}\n" for n in range(1, 100))

    assert f"at most {MAX_NODES:,} values" in problem_of(text)[1]


def test_aliases_do_not_make_a_document_deeper_than_it_may_be() -> None:
    text = f"a0: &a0 {json.dumps(nested(30))}\na1: {'[' * 30}*a0{']' * 30}\n"

    assert f"at most {MAX_DEPTH} levels" in problem_of(text)[1]


def test_only_what_json_knows_comes_out() -> None:
    text = """
    words: [yes, No, on, ~, null, true, false, True]
    numbers: [0, -7, +3, 010, 0x10, 1_000, 12:30, 1.5, -2.5e3, 1e3, .5, .inf]
    times: [2026-03-02, 2026-03-02T09:00:00Z]
    text: ["1", 'true', !!str 12, "<<"]
    """
    assert value_of(text) == {
        "words": ["yes", "No", "on", None, None, True, False, "True"],
        "numbers": [0, -7, 3, "010", "0x10", "1_000", "12:30", 1.5, -2500.0, 1000.0, ".5", ".inf"],
        "times": ["2026-03-02", "2026-03-02T09:00:00Z"],
        "text": ["1", "true", "12", "<<"],
    }


def test_merge_keys_bring_in_what_is_not_there_already() -> None:
    text = """
    one: &one {a: 1, b: 1}
    two: &two {b: 2, c: 2}
    own: {b: 0, <<: *one}
    both: {<<: [*one, *two]}
    twice: {<<: *one, <<: *two}
    quoted: {"<<": 1}
    """
    value = value_of(text)
    assert value["own"] == {"b": 0, "a": 1}
    assert value["both"] == value["twice"] == {"a": 1, "b": 1, "c": 2}
    assert value["quoted"] == {"<<": 1}


def test_what_an_anchor_names_is_copied_for_every_alias() -> None:
    value = value_of("a: &x {b: []}\nc: *x")

    value["a"]["b"].append(1)
    assert value["c"] == {"b": []}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{\n\t"a":\t1e2\n}', {"a": 100.0}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ("\ufeffa: 1", {"a": 1}),
        ("{a: 1}", {"a": 1}),
        ('{"' + "k" * 2000 + '": 1}', {"k" * 2000: 1}),
    ],
)
def test_json_is_read_as_json_even_where_yaml_would_not(text: str, value: object) -> None:
    assert value_of(text) == value


def test_a_key_twice_is_found_in_json_that_yaml_cannot_read() -> None:
    assert problem_of('{"a": "\\ud83d\\ude00", "a": 1}') == (1, "the key 'a' appears twice")


@pytest.mark.parametrize(
    "data",
    [
        {"a": nested(60)},
        {"a": [0] * MAX_NODES},
        {1: 2},
        {"a": {None: 1}},
        {"a": float("nan")},
        {"a": b"bytes"},
        {"a": {1, 2}},
        {"\ud800": 1},
    ],
    ids=["deep", "many", "number key", "null key", "NaN", "bytes", "set", "surrogate"],
)
def test_data_is_held_to_the_same_limits(data: Any) -> None:
    with pytest.raises(ScenarioError):
        load_data(data, "f")


def test_data_is_copied() -> None:
    data: dict[str, Any] = {"version": 1, "grants": {}}
    document = load_data(data, "f")

    data["grants"]["alice"] = 1
    assert document.value == {"version": 1, "grants": {}}


def test_a_scenario_made_of_tens_of_thousands_of_wrong_entries_is_refused_in_time() -> None:
    entries = "".join(f"  s{n}: {{configuration: c{n}}}\n" for n in range(20_000))

    with pytest.raises(ScenarioError, match="more"):
        parse_scenario(f"version: 1\nsessions:\n{entries}")
