"""Columns of Python objects of several types: 1, '1' and b'1' are three values, in every kind of input and verb."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import colprofile

VALUES: list[Any] = [1, "1", b"1", 1.0, "1", b"1", True, None] * 4
NUMBERS = list(range(len(VALUES)))

INPUTS: dict[str, Any] = {
    "pandas": pd.DataFrame({"x": pd.Series(VALUES, dtype=object), "n": NUMBERS}),
    "polars": pl.DataFrame({"x": pl.Series(VALUES, dtype=pl.Object), "n": NUMBERS}),
    "columns": {"x": VALUES, "n": NUMBERS},
    "records": [{"x": value, "n": number} for value, number in zip(VALUES, NUMBERS, strict=True)],
    "numpy": np.array(list(zip(VALUES, NUMBERS, strict=True)), dtype=object),
}


@pytest.mark.parametrize("name", INPUTS)
def test_values_of_several_types_are_told_apart(name: str) -> None:
    given = INPUTS[name]
    profile = colprofile.profile(given, progress=False)
    column, number = profile.columns
    assert not profile.skipped
    assert (column.rows, column.nulls, column.distinct) == (32, 4, 4)
    # 1 and 1.0 are equal, as they are in Python; True is no number in a database.
    assert {(top.value, top.count) for top in column.top_values} == {("1", 8), ("'1'", 8), ("b'1'", 8), ("True", 4)}
    determination = profile.pair(column.name, number.name).y_to_x
    assert determination is not None and determination.is_exact
    found = colprofile.evidence(given, column.name, number.name, progress=False)
    assert (found.rows, found.repeated_rows, found.violating_rows) == (28, 28, 24)
    audit = colprofile.audit(given, progress=False)
    assert {(d.columns, d.target) for d in audit.dependencies} == {((number.name,), column.name)}
    drift = colprofile.drift(given, given, progress=False)
    assert [(c.verdict, c.unseen_mass) for c in drift.columns] == [("same", 0.0), ("same", 0.0)]
    latent = colprofile.latent_classes(given, progress=False)
    assert latent.rows == 32


def test_one_type_more_is_seen_as_drift() -> None:
    stale = pd.DataFrame({"x": pd.Series([1, "1"] * 10, dtype=object)})
    fresh = pd.DataFrame({"x": pd.Series([1, b"1"] * 10, dtype=object)})
    assert colprofile.drift(stale, fresh, progress=False).columns[0].unseen_mass == 0.5
