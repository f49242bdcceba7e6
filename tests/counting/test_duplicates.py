"""Rows that repeat and values that are missing together, against readable loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colprofile.counting import duplicates
from colprofile.counting.duplicates import DuplicateRows, duplicate_rows, share_by_chance
from colprofile.counting.missing import null_patterns, null_together
from tests.support import slow_twins


@st.composite
def tables(draw: st.DrawFn, most: int = 6) -> list[Any]:
    rows = draw(st.integers(0, 60))
    kinds = st.sampled_from([np.uint8, np.uint16, np.uint32])
    columns = draw(st.integers(1, most))
    return [
        np.array(draw(st.lists(st.integers(0, draw(st.integers(0, 6))), min_size=rows, max_size=rows)), draw(kinds))
        for _ in range(columns)
    ]


@given(tables())
def test_duplicates_are_those_of_a_loop(codes: list[Any]) -> None:
    rows = list(zip(*(column.tolist() for column in codes), strict=True))
    assert duplicate_rows(codes) == DuplicateRows(*slow_twins.duplicate_rows(rows))


@given(tables())
def test_equal_hashes_of_different_rows_are_told_apart(codes: list[Any]) -> None:
    """Where every row has one hash, the codes alone decide."""
    rows = list(zip(*(column.tolist() for column in codes), strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "add_hashes", lambda codes, salt, hashes: None)
        assert duplicate_rows(codes) == DuplicateRows(*slow_twins.duplicate_rows(rows))


@given(tables(most=16))
def test_patterns_are_those_of_a_loop(codes: list[Any]) -> None:
    rows = [[None if code == 0 else code for code in row] for row in zip(*(c.tolist() for c in codes), strict=True)]
    found = null_patterns(codes, list(range(len(codes))), codes[0].size)
    assert found == dict(slow_twins.null_patterns(rows))
    for group in null_together(found, list(range(len(codes)))):
        masks = {tuple((codes[number] == 0).tolist()) for number in group}
        assert len(masks) == 1


def test_patterns_of_many_columns_and_blocks() -> None:
    rng = np.random.default_rng(1)
    shared = np.resize(rng.integers(0, 3, 997).astype(np.uint8), 300_000)  # patterns that come in both blocks
    codes = [shared if j % 2 else np.roll(shared, j + 1) for j in range(70)]
    found = null_patterns(codes, list(range(70)), 300_000)
    assert sum(found.values()) == 300_000
    assert tuple(range(1, 70, 2)) in null_together(found, list(range(70)))
    assert sum(rows for pattern, rows in found.items() if 1 in pattern) == int((shared == 0).sum())


def test_copies_are_told_from_coincidences() -> None:
    rng = np.random.default_rng(2)

    def share(columns: list[Any]) -> float:
        counts = [np.bincount(column) for column in columns]
        return share_by_chance(columns, counts, duplicate_rows(columns))

    few = [rng.integers(1, 4, 3000).astype(np.uint8) for _ in range(6)]
    assert share(few) > 0.5
    many = [rng.integers(1, 3000, 3000).astype(np.uint16) for _ in range(3)]
    copied = [np.concatenate([column, column[:20]]) for column in many]
    assert duplicate_rows(copied).rows == 20
    assert share(copied) < 0.01
