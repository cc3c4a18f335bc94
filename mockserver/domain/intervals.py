"""Sets of time as sorted lists of half-open intervals `(start, end)` that neither overlap nor touch."""

from bisect import bisect_right
from collections.abc import Iterable

Interval = tuple[int, int]
Intervals = list[Interval]


def union(pieces: Iterable[Interval]) -> Intervals:
    """The time covered by any of the pieces; empty and inverted ones count for nothing."""
    merged: Intervals = []
    for start, end in sorted(piece for piece in pieces if piece[0] < piece[1]):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def subtract(whole: Intervals, taken: Intervals) -> Intervals:
    """The time of `whole` that is not in `taken`."""
    rest: Intervals = []
    index = 0
    for start, end in whole:
        while index < len(taken) and taken[index][1] <= start:
            index += 1
        at = index
        while at < len(taken) and taken[at][0] < end:
            if start < taken[at][0]:
                rest.append((start, taken[at][0]))
            start = max(start, taken[at][1])
            at += 1
        if start < end:
            rest.append((start, end))
    return rest


def intersect(one: Intervals, other: Intervals) -> Intervals:
    """The time that is in both."""
    common: Intervals = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            common.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return common


def covers(whole: Intervals, start: int, end: int) -> bool:
    """Whether the time from start to end lies in one piece of `whole`."""
    index = bisect_right(whole, (start, float("inf"))) - 1
    return index >= 0 and whole[index][1] >= end
