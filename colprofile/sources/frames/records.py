"""Tables that are plain Python or numpy: a dict of columns, a list of rows, an array of two dimensions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from colprofile.errors import ArgumentError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.files.relation import Relation
from colprofile.sources.frames.arrow_columns import arrow_column
from colprofile.sources.frames.columns import InputColumn, columns_relation, writable
from colprofile.sources.frames.libraries import is_instance
from colprofile.sources.frames.objects import object_column
from colprofile.sources.frames.pandas_columns import numpy_column, series_column
from colprofile.sources.frames.polars_columns import polars_column

if TYPE_CHECKING:
    from colprofile.sources.workspace import Workspace


def dict_relation(columns: Mapping[Any, Any], workspace: Workspace) -> Relation:
    """Return the relation of a dict of columns, each a list or an array of any library.

    Raises
    ------
    ArgumentError
        A column is no sequence, or they differ in length.
    """
    found = [_column(writable(name), values, workspace) for name, values in columns.items()]
    lengths = {writable(name): len(values) for name, values in columns.items()}
    shortest, longest = (choose(lengths, key=lengths.__getitem__, default="") for choose in (min, max))
    if len(set(lengths.values())) > 1:
        raise ArgumentError(
            f"the columns of the dict differ in length: {shorten(shortest)!r} has {lengths[shortest]} values, "
            f"{shorten(longest)!r} has {lengths[longest]}"
        )
    reading = InputReading(format="dict of columns", reader="pyarrow")
    return columns_relation(found, lengths.get(longest, 0), workspace, reading)


def _column(name: str, values: Any, workspace: Workspace) -> InputColumn:
    if is_instance(values, "pandas", "Series"):
        return series_column(name, values, workspace)
    if is_instance(values, "polars", "Series"):
        return polars_column(values.rename(name), workspace)
    if isinstance(values, np.ndarray):
        return numpy_column(name, values)
    if isinstance(values, pa.ChunkedArray | pa.Array):
        return arrow_column(name, values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values]))
    if hasattr(values, "__arrow_c_stream__"):
        return arrow_column(name, pa.chunked_array(values))
    if hasattr(values, "__arrow_c_array__"):
        return arrow_column(name, pa.chunked_array([pa.array(values)]))
    if isinstance(values, Sequence) and not isinstance(values, str | bytes):
        return object_column(name, values)
    raise ArgumentError(
        f"the column {shorten(name)!r} of the dict is of type {type(values).__name__}: give a list or an array"
    )


def rows_relation(rows: Sequence[Any], workspace: Workspace) -> Relation | None:
    """Return the relation of a list of rows: dicts, dataclasses, named tuples, tuples or lists; None of anything else.

    The columns of dicts are all of their keys, in the order in which they appear; a key that a row lacks is missing.

    Raises
    ------
    ArgumentError
        Rows of different kinds, or tuples of different lengths.
    """
    fields = [_fields_of(row) for row in rows[:1]]
    if not fields or fields[0] is None:
        return None
    kind, as_mapping = fields[0]
    for number, row in enumerate(rows):
        other = _fields_of(row)
        if other is None or other[0] != kind:
            raise ArgumentError(
                f"row {number + 1} of the list is of type {type(row).__name__}, the first of type "
                f"{type(rows[0]).__name__}: give rows of one kind"
            )
    cells = [as_mapping(row) for row in rows]
    if kind == "tuples" and len({len(row) for row in cells}) > 1:
        number = next(i for i, row in enumerate(cells) if len(row) != len(cells[0]))
        raise ArgumentError(
            f"row {number + 1} of the list has {len(cells[number])} values, the first has {len(cells[0])}: "
            "give rows of one length"
        )
    names = list(dict.fromkeys(name for row in cells for name in row))
    columns = [object_column(writable(name), [row.get(name) for row in cells]) for name in names]
    return columns_relation(columns, len(rows), workspace, InputReading(format=f"list of {kind}", reader="pyarrow"))


def _fields_of(row: Any) -> tuple[str, Callable[[Any], Mapping[Any, Any]]] | None:
    """Return what a row is called, and what makes a mapping of rows of its kind; None of what is no row."""
    if isinstance(row, Mapping):
        return "dicts", lambda row: row
    if dataclasses.is_dataclass(row) and not isinstance(row, type):
        return "dataclasses", lambda row: {f.name: getattr(row, f.name) for f in dataclasses.fields(row)}
    if isinstance(row, tuple) and hasattr(row, "_fields"):
        return "named tuples", lambda row: dict(zip(row._fields, row, strict=True))
    if hasattr(row, "_mapping"):
        return "rows", lambda row: row._mapping
    if hasattr(row, "keys") and hasattr(row, "__getitem__"):
        return "rows", lambda row: {key: row[key] for key in iter(row.keys())}
    if isinstance(row, tuple | list):
        return "tuples", lambda row: {f"column{i}": value for i, value in enumerate(row)}
    return None


def array_relation(array: np.ndarray[Any, Any], workspace: Workspace) -> Relation:
    """Return the relation of a numpy array: of one dimension with named fields, or of two, or of plain values.

    Raises
    ------
    ArgumentError
        It has no dimension, or more than two.
    """
    reading = InputReading(format="numpy array", reader="pyarrow")
    if array.dtype.names and array.ndim == 1:
        columns = [numpy_column(writable(name), array[name]) for name in array.dtype.names]
    elif array.ndim == 2:
        columns = [numpy_column(f"column{i}", array[:, i]) for i in range(array.shape[1])]
    elif array.ndim == 1:
        columns = [numpy_column("value", array)]
    else:
        raise ArgumentError(
            f"a numpy array of {array.ndim} dimensions is no table: give one of 1 or 2 dimensions, or with named fields"
        )
    return columns_relation(columns, len(array), workspace, reading)
