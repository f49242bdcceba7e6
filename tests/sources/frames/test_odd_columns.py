"""One column never stops the others: each type of Arrow, pandas and polars is read with its values, or left out."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import colprofile
from tests.support.odd_columns import ROWS, Odd, arrow_columns, pandas_columns, polars_columns

ORDINARY = ["w", "x", "y", "z"]


def arrow_table(columns: dict[str, Odd], *, is_sliced: bool = False) -> pa.Table:
    arrays = {name: odd.values for name, odd in columns.items()} | {"ordinary": pa.array(ORDINARY)}
    if not is_sliced:
        return pa.table(arrays)
    # The same rows in chunks of different lengths, each a slice of something longer.
    pieces = [slice(0, 1), slice(1, 2), slice(2, ROWS)]
    return pa.table({name: pa.chunked_array([array[piece] for piece in pieces]) for name, array in arrays.items()})


def pandas_frame(columns: dict[str, Odd]) -> pd.DataFrame:
    return pd.DataFrame({name: odd.values for name, odd in columns.items()} | {"ordinary": ORDINARY})


def polars_frame(columns: dict[str, Odd]) -> pl.DataFrame:
    return pl.DataFrame([odd.values.alias(name) for name, odd in columns.items()] + [pl.Series("ordinary", ORDINARY)])


TABLES: dict[str, tuple[Callable[[], dict[str, Odd]], Callable[[dict[str, Odd]], Any]]] = {
    "Arrow": (arrow_columns, arrow_table),
    "Arrow reader in pieces": (arrow_columns, lambda columns: arrow_table(columns, is_sliced=True).to_reader()),
    "pandas": (pandas_columns, pandas_frame),
    "polars": (polars_columns, polars_frame),
    "polars, lazy": (polars_columns, lambda columns: polars_frame(columns).lazy()),
}


@pytest.fixture(scope="module", params=TABLES)
def odd(request: pytest.FixtureRequest) -> tuple[dict[str, Odd], Any]:
    make, table = TABLES[request.param]
    columns = make()
    return columns, lambda: table(columns)


@pytest.fixture(scope="module")
def profile(odd: tuple[dict[str, Odd], Any]) -> colprofile.Profile:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return colprofile.profile(odd[1](), pairs=False)


def test_every_column_has_its_values(odd: tuple[dict[str, Odd], Any], profile: colprofile.Profile) -> None:
    found = {column.name: (column.distinct, column.nulls) for column in profile.columns}
    expected = {name: (column.distinct, column.nulls) for name, column in odd[0].items() if column.distinct is not None}
    assert found == expected | {"ordinary": (ROWS, 0)}


def test_what_cannot_be_read_says_why(odd: tuple[dict[str, Odd], Any], profile: colprofile.Profile) -> None:
    skipped = {column.name: column for column in profile.skipped}
    assert list(skipped) == [name for name, column in odd[0].items() if column.distinct is None]
    assert all(column.type and len(column.reason) > 20 and "\n" not in column.reason for column in skipped.values())


def test_order_and_names_are_kept(odd: tuple[dict[str, Odd], Any], profile: colprofile.Profile) -> None:
    readable = [name for name, column in odd[0].items() if column.distinct is not None]
    assert [column.name for column in profile.columns] == [*readable, "ordinary"]


@pytest.mark.parametrize("name", ["Arrow", "pandas", "polars"])
def test_audit_and_drift_read_the_same(name: str) -> None:
    make, table = TABLES[name]
    columns = make()
    if name == "Arrow":
        columns = dict(list(columns.items())[::4])  # an audit of all takes seconds
    readable = {key for key, column in columns.items() if column.distinct is not None} | {"ordinary"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = colprofile.audit(table(columns), max_determinants=1)
        drift = colprofile.drift(table(columns), table(columns))
    assert {column.name for column in found.columns} == readable
    assert {column.name for column in drift.columns if column.verdict == "same"} == readable
    assert {column.name for column in drift.columns if column.verdict == "broken"} == set(columns) - readable
