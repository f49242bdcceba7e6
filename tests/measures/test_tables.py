from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colprofile.errors import ArgumentError
from colprofile.measures import PairSums, exchanged, pair_sums
from tests.support import slow_twins

tables = st.integers(0, 5).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 9), min_size=width, max_size=width), min_size=1, max_size=6)
)


def slow_sums(table: list[list[int]]) -> PairSums:
    """Each field as its description says it, from the rows."""
    rows = slow_twins.rows_of(table)
    cells, xs, ys = Counter(rows), Counter(x for x, _ in rows), Counter(y for _, y in rows)

    def clogc(counts: Counter[Any]) -> float:
        return math.fsum(count * math.log2(count) for count in counts.values())

    return PairSums(
        rows=len(rows),
        distinct_x=len(xs),
        distinct_y=len(ys),
        cells=len(cells),
        joint_clogc=clogc(cells),
        x_clogc=clogc(xs),
        y_clogc=clogc(ys),
        square_over_x=math.fsum(count**2 / xs[x] for (x, _), count in cells.items()),
        square_over_y=math.fsum(count**2 / ys[y] for (_, y), count in cells.items()),
        x_square=math.fsum(count**2 for count in xs.values()),
        y_square=math.fsum(count**2 for count in ys.values()),
        best_y_by_x=len(rows) - slow_twins.violating_rows(rows),
        best_x_by_y=len(rows) - slow_twins.violating_rows(slow_twins.exchanged(rows)),
    )


def as_close(sums: PairSums) -> dict[str, object]:
    values = {name: getattr(sums, name) for name in sums.__slots__}
    return {
        name: pytest.approx(value, rel=1e-12) if isinstance(value, float) else value for name, value in values.items()
    }


@given(tables)
def test_sums_agree_with_the_rows(table: list[list[int]]) -> None:
    sums = pair_sums(table)
    assert {name: getattr(sums, name) for name in sums.__slots__} == as_close(slow_sums(table))


@given(tables)
def test_exchanging_is_transposing(table: list[list[int]]) -> None:
    sums, transposed = pair_sums(table), pair_sums(np.array(table).T)
    assert {name: getattr(transposed, name) for name in sums.__slots__} == as_close(exchanged(sums))
    assert exchanged(exchanged(sums)) == sums


def test_types_are_plain() -> None:
    sums = pair_sums(np.array([[1, 2], [3, 4]], np.uint8))
    for name in sums.__slots__:
        assert type(getattr(sums, name)) is {"int": int, "float": float}[PairSums.__annotations__[name]], name


def test_a_crosstab_is_a_table() -> None:
    frame = pd.DataFrame({"zip": [1, 1, 2, 2, 3], "city": ["a", "a", "b", "b", "b"]})
    assert pair_sums(pd.crosstab(frame["zip"], frame["city"])).best_y_by_x == 5


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        ([[1.5]], "holds 1.5: give counts of rows"),
        ([[-1]], "contains -1.0"),
        ([[2**53, 1]], r"2\^53 rows"),
        ([1], "rows and columns"),
        ([[[1]]], "rows and columns"),
    ],
)
def test_what_is_not_a_table_of_counts_is_refused(bad: Any, complaint: str) -> None:
    with pytest.raises(ArgumentError, match=complaint):
        pair_sums(bad)
