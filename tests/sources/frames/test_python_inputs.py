"""Everything in Python that holds a table is the same table to every verb, and what does not gives one clear line."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import warnings
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import ibis
import nanoarrow
import narwhals
import narwhals.stable.v1 as narwhals_v1
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

import colprofile
from colprofile.errors import ArgumentError, ColprofileError, SourceError
from colprofile.sources.open import open_source

DATA: dict[str, list[Any]] = {"number": [1, 2, 2, None] * 3, "text": ["a", "b", "b", None] * 3}
TABLE = pa.table(DATA)
ROWS = list(zip(*DATA.values(), strict=True))
SHAPE = [("number", 2, 3), ("text", 2, 3)]

Named = namedtuple("Named", ["number", "text"])


@dataclasses.dataclass
class Row:
    number: int | None
    text: str | None


class Stream:
    """What only speaks Arrow's protocol, and only once."""

    def __init__(self) -> None:
        self._reader: pa.RecordBatchReader | None = TABLE.to_reader(2)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        assert self._reader is not None, "read twice"
        reader, self._reader = self._reader, None
        return reader.__arrow_c_stream__(requested_schema)


def connected() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.register("t", TABLE)
    return connection


INPUTS: dict[str, Callable[[], Any]] = {
    "pandas": TABLE.to_pandas,
    "pandas of objects": lambda: pd.DataFrame(DATA, dtype=object),
    "polars": lambda: pl.DataFrame(DATA),
    "polars, lazy": lambda: pl.LazyFrame(DATA),
    "Arrow table": lambda: TABLE,
    "Arrow batch": lambda: TABLE.combine_chunks().to_batches()[0],
    "Arrow reader": lambda: TABLE.to_reader(5),
    "Arrow data set": lambda: pyarrow.dataset.dataset(TABLE),
    "Arrow scanner": lambda: pyarrow.dataset.dataset(TABLE).scanner(),
    "Arrow stream": Stream,
    "nanoarrow": lambda: nanoarrow.ArrayStream(TABLE),
    "DuckDB relation": lambda: connected().sql("from t"),
    "narwhals": lambda: narwhals.from_native(pl.DataFrame(DATA)),
    "narwhals, lazy": lambda: narwhals.from_native(pl.LazyFrame(DATA)),
    "narwhals, stable": lambda: narwhals_v1.from_native(TABLE.to_pandas()),
    "dict of lists": lambda: DATA,
    "dict of arrays": lambda: {"number": np.array([1, 2, 2, np.nan] * 3), "text": pl.Series(DATA["text"])},
    "dict of series": lambda: {"number": pa.array(DATA["number"]), "text": pd.Series(DATA["text"])},
    "dicts": lambda: [dict(zip(DATA, row, strict=True)) for row in ROWS],
    "dicts that lack keys": lambda: [
        {key: value for key, value in zip(DATA, row, strict=True) if value is not None} for row in ROWS
    ],
    "dataclasses": lambda: [Row(*row) for row in ROWS],
    "named tuples": lambda: [Named(*row) for row in ROWS],
    "structured array": lambda: np.ma.array(
        [(n or 0, t or "") for n, t in ROWS],
        mask=[(n is None, t is None) for n, t in ROWS],
        dtype=[("number", "i4"), ("text", "U1")],
    ),
}


def shape(result: colprofile.Profile) -> list[tuple[str, int, int]]:
    return [(column.name, column.distinct, column.nulls) for column in result.columns]


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("name", INPUTS)
def test_every_kind_of_table(name: str) -> None:
    result = colprofile.profile(INPUTS[name](), pairs=False)
    assert (result.rows, shape(result)) == (12, SHAPE)
    assert result.provenance.is_exact and result.provenance.reading is not None


@pytest.mark.parametrize("name", ["polars, lazy", "Arrow stream", "DuckDB relation", "dicts"])
def test_the_other_verbs_read_the_same(name: str) -> None:
    make = INPUTS[name]
    assert [column.name for column in colprofile.audit(make(), max_determinants=1).columns] == list(DATA)
    assert {column.verdict for column in colprofile.drift(make(), TABLE).columns} == {"same"}
    fitted = colprofile.latent_classes(make(), max_classes=2, restarts=1)
    assert [column.name for column in fitted.columns] == list(DATA)
    assert len(colprofile.assign_classes(fitted, make())) == 12


def test_ibis() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ibis' own
        table = ibis.memtable(TABLE)
        chosen = table.filter(table.number == 2)
    assert shape(colprofile.profile(table)) == SHAPE
    assert shape(colprofile.profile(chosen)) == [("number", 1, 0), ("text", 1, 0)]
    assert shape(colprofile.profile(ibis.memtable(TABLE).text)) == [("text", 2, 3)]
    assert shape(colprofile.profile(table)) == SHAPE  # its connection is free for more
    with pytest.raises(SourceError, match="cannot read the ibis table"):
        colprofile.profile(ibis.table({"a": "int"}, name="unbound"))


@pytest.mark.parametrize(
    ("given", "columns"),
    [
        (pd.Series([1, 2]), ["value"]),
        (pd.Series([1, 2], name="zip"), ["zip"]),
        (pl.Series([1, 2]), ["value"]),
        (pl.Series("zip", [1, 2]), ["zip"]),
        (pa.array([1, 2]), ["value"]),
        (pa.chunked_array([[1], [2]]), ["value"]),
        (nanoarrow.c_array([1, 2], nanoarrow.int32()), ["value"]),
        (np.array([1, 2]), ["value"]),
        (np.array([[1, 2], [3, 4]]), ["column0", "column1"]),
        ([(1, "a"), (2, "b")], ["column0", "column1"]),
        ([[1, "a"], [2, "b"]], ["column0", "column1"]),
    ],
)
def test_what_has_no_names_gets_some(given: Any, columns: list[str]) -> None:
    result = colprofile.profile(given, pairs=False)
    assert shape(result) == [(name, 2, 0) for name in columns]


def test_columns_of_one_name_keep_it_as_in_files() -> None:
    table = pa.Table.from_arrays([pa.array([1, 2]), pa.array([3, 3]), pa.array([4, 5])], ["a", "a", "A"])
    for source in (table, table.to_reader(), table.to_batches()[0], pd.DataFrame(table.to_pandas())):
        assert shape(colprofile.profile(source)) == [("a", 2, 0), ("a", 1, 0), ("A", 2, 0)]
    assert shape(colprofile.profile(table, where="a > 1", pairs=False)) == [("a", 1, 0), ("a", 1, 0), ("A", 1, 0)]
    with pytest.raises(SourceError, match="cannot read the Arrow data set: Multiple matches"):
        colprofile.profile(pyarrow.dataset.dataset(table))


def test_rows_without_any_readable_column_are_counted() -> None:
    result = colprofile.profile({"x": [object(), object()]})
    assert (result.rows, result.columns, len(result.skipped)) == (2, (), 1)
    relation = duckdb.connect().sql("select range as i from range(3)")
    assert colprofile.profile(relation).rows == 3


def test_a_duckdb_relation_keeps_values_that_arrow_has_not() -> None:
    connection = duckdb.connect()
    relation = connection.sql(
        "select unnest([0::uhugeint, 340282366920938463463374607431768211455::uhugeint]) as u, interval 1 month as i, "
        "'10:00:00+02'::timetz as t, '101'::bit as b, union_value(k := 1) as n"
    )
    result = colprofile.profile(relation, pairs=False)
    assert [column.type for column in result.columns][:4] == ["UHUGEINT", "INTERVAL", "TIME WITH TIME ZONE", "BIT"]
    assert result["u"].maximum == 2**128 - 1
    assert result["t"].top_values[0].value == "10:00:00+02"
    assert connection.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]


def test_one_shot_inputs_are_read_in_batches(tmp_path: Path) -> None:
    """Memory holds a few batches of a reader, and the folder of the file is gone afterwards."""
    batch = pa.record_batch({"x": np.zeros(1 << 20)})
    before = pa.total_allocated_bytes()
    highest = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal highest
        for i in range(20):
            highest = max(highest, pa.total_allocated_bytes() - before)
            yield pa.record_batch({"x": np.full(1 << 20, float(i))})

    with open_source(pa.RecordBatchReader.from_batches(batch.schema, batches())) as source:
        assert source.count_rows() == 20 << 20
    assert highest < 3 * batch.nbytes


def test_a_reader_that_fails_gives_one_line() -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"x": [1]})
        raise OSError("the disk is on fire")

    reader = pa.RecordBatchReader.from_batches(pa.schema([("x", pa.int64())]), batches())
    with pytest.raises(SourceError, match="cannot read the Arrow table: the disk is on fire"):
        colprofile.profile(reader)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (5, "of type int: give a path or list of paths, a database URL"),
        ([], "of type list: give a path"),
        ([1, 2], "a list holds paths, or rows"),
        ({1}, "of type set"),
        ({"a": [1], "b": [1, 2]}, "'a' has 1 values, 'b' has 2"),
        ({"a": 1}, "'a' of the dict is of type int"),
        ({"a": "text"}, "'a' of the dict is of type str"),
        ({}, "has no columns"),
        ([{"a": 1}, (1,)], "row 2 of the list is of type tuple, the first of type dict"),
        ([(1,), (1, 2)], "row 2 of the list has 2 values, the first has 1"),
        (np.zeros((1, 1, 1)), "3 dimensions"),
        (np.array(1), "0 dimensions"),
        (pl.LazyFrame({"a": [1]}).select(pl.col("zz")), "cannot run the polars LazyFrame"),
        (pd.DataFrame({"a": [1]}).groupby("a"), "DataFrameGroupBy"),
        (sa.text("select 1"), "TextClause"),
        ((row for row in ROWS), "of type generator"),
    ],
)
def test_what_is_no_table_gives_one_line(given: Any, words: str) -> None:
    with pytest.raises(ColprofileError, match=words) as caught:
        colprofile.profile(given)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


def test_what_is_nearly_an_input_is_told_what_to_give() -> None:
    engine = create_async_engine("postgresql+psycopg://nobody@localhost/none")
    with pytest.raises(ArgumentError, match="give its sync_engine"):
        colprofile.profile(engine)
    engine.sync_engine.dispose()
    connection = sa.create_engine("sqlite://").raw_connection()
    with pytest.raises(ArgumentError, match="give the database's URL, or a SQLAlchemy Engine or Connection"):
        colprofile.profile(connection)
    connection.close()


@pytest.mark.parametrize("options", [{"delimiter": ";"}, {"types": {"a": "DATE"}}, {"sheet": 1}])
def test_options_of_files_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"{next(iter(options))}="):
        colprofile.profile(TABLE, **options)
    with pytest.raises(ArgumentError, match="has no table 'other'"):
        colprofile.profile(TABLE, "other")


def test_where_restricts_any_table() -> None:
    frame = pd.DataFrame({"n": [1, 2, 3], "kind": pd.Categorical(["x", "y", "x"]), "big": [2**70, 1, 2**70]})
    result = colprofile.profile(frame, where="kind = 'x' and n > 1", pairs=False)
    assert (result.rows, result["kind"].type, result["big"].top_values[0].value) == (1, "ENUM('x', 'y')", 2**70)


def test_query_reads_any_table() -> None:
    result = colprofile.profile(INPUTS["dicts"](), query="select text, count(*) as n from data group by text")
    assert shape(result) == [("text", 2, 1), ("n", 2, 0)]


def test_no_library_is_imported_for_the_question(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "t.parquet")
    script = (
        "import sys, colprofile, pyarrow.parquet as pq;"
        "colprofile.profile(pq.read_table(sys.argv[1]), pairs=False); colprofile.profile({'a': [1, 2]}, pairs=False);"
        "found = {'polars', 'ibis', 'narwhals', 'shapely', 'adbc_driver_manager'} & {*sys.modules};"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "t.parquet")], check=True, timeout=120)
