"""Tables: what is taken back comes back in its old place."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.storage import Table, UndoLog

KEYS = "abcdef"
STEPS = st.lists(st.tuples(st.sampled_from(["put", "remove"]), st.sampled_from(KEYS)), max_size=20)


def do(table: Table[int], steps: list[tuple[str, str]]) -> None:
    for value, (what, key) in enumerate(steps):
        if what == "put":
            table.put(key, value)
        elif key in table:
            table.remove(key)


@settings(deadline=None)
@given(before=STEPS, taken_back=STEPS, after=STEPS)
def test_taking_back_restores_values_and_order(
    before: list[tuple[str, str]], taken_back: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    log, expected_log = UndoLog(), UndoLog()
    table: Table[int] = Table(log)
    expected: Table[int] = Table(expected_log)
    do(table, before)
    do(expected, before)
    log.begin()
    do(table, taken_back)
    log.roll_back()
    assert list(table.items()) == list(expected.items())
    do(table, after)
    do(expected, after)
    assert list(table.items()) == list(expected.items())


def test_several_removals_are_taken_back_together() -> None:
    log = UndoLog()
    table: Table[int] = Table(log)
    for value, key in enumerate(KEYS):
        table.put(key, value)
    log.begin()
    for key in "cab":
        table.remove(key)
    table.put("a", 9)
    assert list(table.items()) == [("d", 3), ("e", 4), ("f", 5), ("a", 9)]
    log.roll_back()
    assert list(table.items()) == list(zip(KEYS, range(6), strict=True))


def test_removing_does_not_copy_the_table() -> None:
    table: Table[int] = Table(UndoLog())
    table.put("a", 1)
    table.put("b", 2)
    rows = table._rows
    table.remove("a")
    assert table._rows is rows
