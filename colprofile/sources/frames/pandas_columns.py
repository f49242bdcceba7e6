"""Columns of pandas frames, index included, as Arrow: without a copy where their memory allows it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from colprofile.errors import shorten
from colprofile.inputs import InputReading
from colprofile.sources.base import BaseKind
from colprofile.sources.duckdb import first_line
from colprofile.sources.files.relation import Relation
from colprofile.sources.frames.arrow_columns import arrow_column
from colprofile.sources.frames.columns import Form, InputColumn, LateArray, columns_relation, enumeration, writable
from colprofile.sources.frames.object_texts import complex_text
from colprofile.sources.frames.objects import object_column

if TYPE_CHECKING:
    from colprofile.sources.workspace import Workspace


def pandas_relation(frame: Any, workspace: Workspace) -> Relation:
    """Return the relation of a pandas DataFrame: its columns, after what its index holds.

    Raises
    ------
    SourceError
        It has neither columns nor an index that holds something.
    """
    index, remarks = index_columns(frame)
    columns = [series_column(name, values, workspace) for name, values in index]
    columns += [series_column(flat_name(name), values, workspace) for name, values in frame.items()]
    reading = InputReading(format="pandas DataFrame", reader="pyarrow", remarks=tuple(remarks))
    return columns_relation(columns, len(frame), workspace, reading)


def flat_name(name: Any) -> str:
    """Return a column's name as text; the levels of several are joined by dots.

    >>> flat_name(("price", "mean")), flat_name(("zip", "")), flat_name(3)
    ('price.mean', 'zip', '3')
    """
    levels = [writable(level) for level in name] if isinstance(name, tuple) else [writable(name)]
    return ".".join(level for level in levels if level) if any(levels) else levels[0]


def index_columns(frame: Any) -> tuple[list[tuple[str, Any]], list[str]]:
    """Return names and values of an index's levels, and what should be said where they are left out.

    What numbers the rows holds nothing: a range without a name, and the whole numbers without a name that a filter, a
    sort or a concatenation leaves.
    """
    index = frame.index
    taken = {flat_name(name) for name in frame.columns}
    levels = [index.get_level_values(i) for i in range(index.nlevels)]
    if len(levels) == 1 and levels[0].name is None and levels[0].dtype.kind in "iu":
        is_range = type(index).__name__ == "RangeIndex"
        said = "its index of whole numbers has no name: it is not profiled; give it a name, or reset_index()"
        return [], [] if is_range else [said]
    found = []
    for number, level in enumerate(levels):
        wanted = (
            [f"level_{number}"] if level.name is None else [flat_name(level.name), f"{flat_name(level.name)}_index"]
        )
        if level.name is None and len(levels) == 1:
            wanted.insert(0, "index")
        wanted += [f"{wanted[0]}_{i}" for i in range(1, len(taken) + 2)]
        name = next(name for name in wanted if name not in taken)
        taken.add(name)
        found.append((name, _series(level)))
    return found, []


def _series(index: Any) -> Any:
    """Return the values of an index as a Series of the same type."""
    import pandas as pd

    return pd.Series(index.array, dtype=index.dtype, copy=False)


def series_column(name: str, series: Any, workspace: Workspace) -> InputColumn:
    """Return the column of a pandas Series; as skipped, with the reason, where it cannot be read."""
    dtype = series.dtype
    column = InputColumn(name=name, type=str(dtype))
    try:
        if isinstance(dtype, np.dtype):
            return numpy_column(name, series.to_numpy())
        convert = _CONVERTERS.get(type(dtype).__name__)
        if convert is not None:
            return convert(column, series, workspace)
        return replace(_extension_column(name, series), type=str(dtype))
    except (pa.ArrowException, NotImplementedError, TypeError, ValueError, OverflowError, AttributeError) as error:
        return column.skipped(f"pandas' {shorten(str(dtype))} cannot be converted: {first_line(error)}")


def _extension_column(name: str, series: Any) -> InputColumn:
    """Return the column of an extension type: by its own conversion to Arrow, or else from its objects."""
    if hasattr(series.array, "__arrow_array__"):
        with contextlib.suppress(pa.ArrowException, NotImplementedError, TypeError, ValueError):
            return arrow_column(name, _chunked(pa.array(series.array, from_pandas=True)))
    return object_column(name, np.asarray(series.array, dtype=object))


def _chunked(array: Any) -> pa.ChunkedArray:
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def numpy_column(name: str, values: np.ndarray[Any, Any]) -> InputColumn:
    """Return the column of a one-dimensional numpy array, NaN and NaT as missing values; what is masked too."""
    kind = values.dtype.kind
    column = InputColumn(name=name, type=str(values.dtype))
    if isinstance(values, np.ma.MaskedArray):
        return object_column(name, values.tolist())
    if values.ndim > 1:
        return object_column(name, list(values))
    if not values.dtype.isnative:
        values = values.astype(values.dtype.newbyteorder("="))
    if kind in "biu" or values.dtype in (np.float32, np.float64):
        return replace(column, data=_late(values, lambda piece: pa.array(piece, from_pandas=True)))
    if values.dtype == np.float16:
        return replace(column, data=_late(values, lambda piece: pa.array(piece.astype(np.float32), from_pandas=True)))
    if kind == "f":
        narrow = values.astype(np.float64)
        if not np.array_equal(narrow, values, equal_nan=True):
            return column.skipped(f"no other type holds all values of {values.dtype}: convert it to float64")
        return numpy_column(name, narrow)
    if kind == "c":
        missing = np.isnan(values)
        texts = [
            None if is_nan else complex_text(complex(value)) for value, is_nan in zip(values, missing, strict=True)
        ]
        return replace(column, data=_chunked(pa.array(texts, pa.string())), form=Form(str(values.dtype), "text"))
    if kind in "mM":
        return _time_column(name, values)
    if values.dtype.names:
        return object_column(name, [dict(zip(values.dtype.names, row, strict=True)) for row in values.tolist()])
    if kind == "V":
        return object_column(name, list(map(bytes, values)))
    return object_column(name, values if kind == "O" else values.tolist())


def _late(values: np.ndarray[Any, Any], convert: Callable[[np.ndarray[Any, Any]], pa.Array]) -> LateArray:
    """Return an array that becomes Arrow when it is read, without a copy where it lies in one piece."""
    return LateArray(convert(values[:0]).type, lambda begin, length: convert(values[begin : begin + length]))


def _time_column(name: str, values: np.ndarray[Any, Any]) -> InputColumn:
    unit, step = np.datetime_data(values.dtype)
    if unit in ("s", "ms", "us", "ns") and step == 1:
        return replace(arrow_column(name, _chunked(pa.array(values, from_pandas=True))), type=str(values.dtype))
    if values.dtype.kind == "M" and unit == "D":
        return arrow_column(name, _chunked(pa.array(values, from_pandas=True)))
    return object_column(name, list(values))


def _categorical(column: InputColumn, series: Any, workspace: Workspace) -> InputColumn:
    """Return categories of text or intervals as an enumeration in their order, others as their own values."""
    categories = series.cat.categories
    count = len(categories)
    if type(categories.dtype).__name__ == "IntervalDtype":
        found = object_column(column.name, list(map(str, categories)))
    else:
        found = series_column(column.name, _series(categories), workspace)
    if found.data is None:
        return column.skipped(found.reason or "")
    labels = found.data.slice(0, count)
    if isinstance(labels, pa.ChunkedArray):
        labels = labels.combine_chunks()
    codes = series.cat.codes.to_numpy()

    def numbers(begin: int, length: int) -> pa.Array:
        part = codes[begin : begin + length]
        return pa.array(part, mask=part < 0)

    is_text = pa.types.is_string(labels.type) or pa.types.is_large_string(labels.type)
    if count and is_text and found.form is None:
        labelled = enumeration(labels, workspace)
        if labelled is not None:
            return replace(column, data=LateArray(pa.array(codes[:0]).type, numbers), sql=labelled.of_code)
    return replace(found, data=LateArray(labels.type, lambda begin, length: labels.take(numbers(begin, length))))


def _ranked(kind: BaseKind) -> Callable[[InputColumn, Any, Workspace], InputColumn]:
    """Return what converts a column whose values pandas can order, and DuckDB does not know."""

    def convert(column: InputColumn, series: Any, workspace: Workspace) -> InputColumn:
        codes, values = series.factorize(sort=True)
        labels = pa.array(list(map(str, values)), pa.large_string())

        def piece(begin: int, length: int) -> pa.Array:
            part = codes[begin : begin + length]
            ranks = pa.array(part + 1, pa.int64(), mask=part < 0)
            text = labels.take(pa.array(part, pa.int64(), mask=part < 0))
            return pa.StructArray.from_arrays([ranks, text], ["rank", "text"])

        struct = pa.struct([("rank", pa.int64()), ("text", pa.large_string())])
        return replace(column, data=LateArray(struct, piece), form=Form(column.type, kind))

    return convert


def _sparse(column: InputColumn, series: Any, workspace: Workspace) -> InputColumn:
    """Return a sparse column, which is made dense piece by piece."""
    array = series.array
    if series.dtype.subtype.kind not in "biuf":
        return replace(numpy_column(column.name, np.asarray(array)), type=column.type)
    first = numpy_column(column.name, np.asarray(array[:0]))
    if not isinstance(first.data, LateArray):
        return replace(numpy_column(column.name, np.asarray(array)), type=column.type)
    kind = first.data.type

    def piece(begin: int, length: int) -> pa.Array:
        return pa.array(np.asarray(array[begin : begin + length]), kind, from_pandas=True)

    return replace(column, data=LateArray(kind, piece))


def _zoned(column: InputColumn, series: Any, workspace: Workspace) -> InputColumn:
    unit = series.dtype.unit
    moments = series.to_numpy(dtype=f"datetime64[{unit}]")
    return arrow_column(column.name, _chunked(pa.array(moments, pa.timestamp(unit, "UTC"), from_pandas=True)))


_CONVERTERS: dict[str, Callable[[InputColumn, Any, Workspace], InputColumn]] = {
    "CategoricalDtype": _categorical,
    "PeriodDtype": _ranked("temporal"),
    "IntervalDtype": _ranked("categorical"),
    "SparseDtype": _sparse,
    "DatetimeTZDtype": _zoned,
}
"""What converts the dtypes of pandas' own that have no plain conversion to Arrow."""
