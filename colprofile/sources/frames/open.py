"""Open what holds a table in Python: recognised by the library that its class is of, which is never imported here.

=============================================================  ====================================================
what is given                                                  how it is read
=============================================================  ====================================================
pandas DataFrame, Series                                       column by column, without a copy where numpy's memory
                                                               allows; an index that holds something is a column
polars DataFrame, Series                                       by Arrow, without a copy
polars LazyFrame                                               run once by polars' streaming engine into a file
pyarrow Table, RecordBatch, Array, ChunkedArray                without a copy
pyarrow Dataset                                                by DuckDB, the needed columns alone
pyarrow RecordBatchReader, Scanner                             once, batch by batch, into a file
DuckDB relation                                                its query, once, into a file
ibis table                                                     its query, once, into a file
narwhals DataFrame, LazyFrame, Series                          as the frame that it wraps
dict of columns (lists, arrays, series)                        by the types of all values, never coerced
list of dicts, dataclasses, named tuples, tuples               by the types of all values, never coerced
numpy array: of named fields, two dimensions or one            without a copy
Daft DataFrame                                                 run once, batch by batch, into a file
anything with ``__arrow_c_stream__`` (nanoarrow, arro3 …)      once, batch by batch, into a file
=============================================================  ====================================================

Daft runs a frame in a streaming engine of its own, on this machine as a rule, so that packing rows there gains nothing.
Its ``__arrow_c_stream__`` would hold all rows in memory, and leave them in the user's frame; its iterator does neither.
DataFrames of Dask, Datasets of Ray and what Spark has are no frames here: ``engines`` and ``spark`` read them where
they are, whether they have ``__arrow_c_stream__`` or not.

NaN in pandas, numpy and Python objects is a missing value, as pandas has it; in polars and Arrow it is a value.
"""

from __future__ import annotations

import sys
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from colprofile.errors import ArgumentError, SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.files.relation import Relation
from colprofile.sources.frames.libraries import is_instance, unwrapped
from colprofile.sources.frames.records import array_relation, dict_relation, rows_relation
from colprofile.stopping import left_alone

if TYPE_CHECKING:
    from colprofile.sources.workspace import Workspace

ALLOWED = (
    "a path or list of paths, a database URL, a SQLAlchemy Engine, Connection or Session, a DuckDB, sqlite3 or ADBC "
    "connection, a table of pandas, polars, Arrow, ibis, narwhals, Spark, Dask, Ray, Daft or anything with "
    "__arrow_c_stream__, a numpy array, a dict of columns or a list of dicts"
)

_SERIES = "value"
"""The name of the column of a series that has none."""


_READ: weakref.WeakSet[Any] = weakref.WeakSet()
"""The readers that were read: they have no rows any more, which would look like an empty table."""


def open_frame(frame: Any, table: str | None, workspace: Workspace) -> tuple[str, Relation]:
    """Return what a table in Python is called, and its relation, in which columns have names that cannot clash.

    Raises
    ------
    ArgumentError
        It is no table, or ``table`` is given.
    SourceError
        It has no columns, or reading it fails.
    """
    relation = _relation(frame, workspace)
    if relation is None:
        raise ArgumentError(f"cannot read an object of type {_type_name(frame)}: {_advice(frame)}")
    kind = relation.reading.format
    if table is not None:
        raise ArgumentError(f"a {kind} is not a database: it has no table {shorten(table)!r}")
    return kind, relation


def _type_name(value: object) -> str:
    cls = type(value)
    return shorten(cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}")


def _advice(given: Any) -> str:
    """Return what to give in place of something that is no table."""
    if type(given).__module__.startswith("pyspark.pandas."):
        return "give its to_spark()"
    if type(given).__module__.startswith("pyspark."):
        return "give a DataFrame, or a SparkSession and table="
    if hasattr(given, "cursor") and hasattr(given, "commit"):
        return "give the database's URL, or a SQLAlchemy Engine or Connection"
    if type(given).__module__.startswith("sqlalchemy.ext.asyncio"):
        return "give its sync_engine, or `await connection.run_sync(lambda c: profile(c, …))`"
    for name in ("to_arrow", "to_pandas", "to_dataframe", "to_dask_dataframe"):
        # Frames that speak no protocol of Arrow, such as those of Modin, or of cuDF on a graphics card; Dask's bags.
        if callable(getattr(type(given), name, None)):
            return f"give its {name}()"
    if hasattr(given, "__dataframe__"):
        return "give pandas.api.interchange.from_dataframe(…) of it"
    if isinstance(given, list) and given:
        return "a list holds paths, or rows that are dicts, dataclasses or tuples"
    return f"give {ALLOWED}"


def _relation(frame: Any, workspace: Workspace) -> Relation | None:
    """Return the relation of a table; None of anything else."""
    frame = unwrapped(frame)
    if is_instance(frame, "pandas", "Series"):
        return _of_series(_relation(frame.to_frame(_SERIES if frame.name is None else frame.name), workspace), "pandas")
    if is_instance(frame, "pandas", "DataFrame"):
        from colprofile.sources.frames.pandas_columns import pandas_relation

        return pandas_relation(frame, workspace)
    if is_instance(frame, "polars", "DataFrame", "LazyFrame", "Series"):
        return _polars_relation(frame, workspace)
    if isinstance(frame, duckdb.DuckDBPyRelation):
        from colprofile.sources.frames.relations import relation_of_relation

        return relation_of_relation(frame, workspace)
    if is_instance(frame, "ibis", "Table", "Column"):
        return _ibis_relation(frame, workspace)
    if isinstance(frame, np.ndarray):
        return array_relation(frame, workspace)
    if isinstance(frame, Mapping):
        return dict_relation(frame, workspace)
    if isinstance(frame, list):
        return rows_relation(frame, workspace)
    return _arrow_relation(frame, workspace)


def _polars_relation(frame: Any, workspace: Workspace) -> Relation | None:
    from colprofile.sources.frames.polars_columns import lazy_relation, polars_relation

    if is_instance(frame, "polars", "LazyFrame"):
        return lazy_relation(frame, workspace)
    if is_instance(frame, "polars", "Series"):
        return _of_series(polars_relation(frame.to_frame(frame.name or _SERIES), workspace), "polars")
    return polars_relation(frame, workspace)


def _of_series(relation: Relation | None, library: str) -> Relation | None:
    return relation and replace(relation, reading=replace(relation.reading, format=f"{library} Series"))


def _ibis_relation(table: Any, workspace: Workspace) -> Relation:
    from colprofile.sources.frames.arrow_columns import arrow_relation
    from colprofile.sources.frames.spool import readable_errors

    reading = InputReading(format="ibis table", reader="ibis")
    with readable_errors(reading.format), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about ibis' own use of other libraries
        # Batches from DuckDB would leave a result open on the user's connection.
        is_duckdb = sys.modules["ibis"].get_backend(table).name == "duckdb"
        rows = table.as_table()
        return arrow_relation(rows.to_pyarrow() if is_duckdb else rows.to_pyarrow_batches(), workspace, reading)


def _arrow_relation(frame: Any, workspace: Workspace) -> Relation | None:
    import pyarrow as pa

    from colprofile.sources.frames.arrow_columns import arrow_relation
    from colprofile.sources.frames.spool import readable_errors

    kind = "Arrow table"
    if is_instance(frame, "pyarrow", "RecordBatchReader"):
        if frame in _READ:
            raise SourceError(
                "this RecordBatchReader was read before, and gives its rows once: give a table or a new one"
            )
        _READ.add(frame)
    if is_instance(frame, "pyarrow", "Array", "ChunkedArray"):
        frame = pa.table({_SERIES: frame})
    elif is_instance(frame, "pyarrow.dataset", "Dataset", "Scanner"):
        kind = "Arrow data set"
    elif is_instance(frame, "daft", "DataFrame"):
        kind = "Daft DataFrame"
        with readable_errors(kind):
            frame = pa.RecordBatchReader.from_batches(frame.schema().to_pyarrow_schema(), _interruptible(frame))
    elif not is_instance(frame, "pyarrow", "Table", "RecordBatch", "RecordBatchReader"):
        kind = f"{type(frame).__module__.partition('.')[0]} {type(frame).__name__}"
        with readable_errors(kind):
            if hasattr(frame, "__arrow_c_stream__"):
                frame = _rows(pa.RecordBatchReader.from_stream, pa.chunked_array, frame)
            elif hasattr(frame, "__arrow_c_array__"):
                frame = _rows(pa.record_batch, pa.array, frame)
            else:
                return None
    return arrow_relation(frame, workspace, InputReading(format=kind, reader="pyarrow"))


def _interruptible(frame: Any) -> Iterator[Any]:
    """Yield the batches of a Daft DataFrame, which waits for its engine where Ctrl-C does not reach it."""
    batches = frame.to_arrow_iter()
    while (batch := left_alone(lambda: next(batches, None))) is not None:
        yield batch


def _rows(as_rows: Callable[[Any], Any], as_values: Callable[[Any], Any], frame: Any) -> Any:
    """Return what speaks Arrow's protocol as rows; values without fields are a column."""
    import pyarrow as pa

    try:
        return as_rows(frame)
    except pa.ArrowInvalid as error:
        if "non-struct" not in str(error):
            raise
        return pa.table({_SERIES: as_values(frame)})
