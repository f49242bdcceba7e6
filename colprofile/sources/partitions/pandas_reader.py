"""PandasReader: columns of pandas frames in an engine's partitions, read as the columns of one local frame would be."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from colprofile.inputs import InputReading
from colprofile.sources.files.relation import Relation
from colprofile.sources.frames.arrow_columns import arrow_column, is_plain
from colprofile.sources.frames.columns import InputColumn, columns_relation
from colprofile.sources.frames.objects import object_column
from colprofile.sources.frames.pandas_columns import flat_name, index_columns, series_column
from colprofile.sources.partitions.reader import depends_on_values

if TYPE_CHECKING:
    from colprofile.sources.workspace import Workspace

_ARROW_DTYPES = frozenset({"BooleanDtype", "Float32Dtype", "Float64Dtype"})
"""Dtypes of pandas' own that have one Arrow type each; all of integers too."""


@dataclass(frozen=True)
class PandasColumn:
    """A column, or a level of the index, of frames in partitions.

    Attributes
    ----------
    name
        As results have it.
    is_index, place
        Whether it is a level of the index; its number there, or among the columns.
    dtype
        Its type in pandas.
    sent
        As what workers send its values: Arrow, codes of its categories, or pickled objects.
    type
        The Arrow type of that.
    """

    name: str
    is_index: bool
    place: int
    dtype: Any
    sent: Literal["arrow", "codes", "objects"]
    type: pa.DataType

    def order(self, place: int) -> tuple[str, bool, int, str, Any]:
        """Return what workers are told of it, where it is at another place (see ``record_batches``)."""
        return (self.name, self.is_index, place, self.sent, self._told)

    @property
    def _told(self) -> Any:
        return self.dtype.categories if self.sent == "codes" else self.type

    @property
    def depends_on_values(self) -> bool:
        """Whether its type in DuckDB depends on its values."""
        if self.sent == "objects":
            # Objects of any class, and floats that may be beyond 64 bits; all other types say what they hold.
            return isinstance(self.dtype, np.dtype) and self.dtype.kind in "Of"
        return self.sent == "arrow" and depends_on_values(self.type)


def pandas_columns(frame: Any) -> list[PandasColumn]:
    """Return the columns of a frame, whose rows do not matter, after what its index holds."""
    index, _ = index_columns(frame)
    levels = [_column(name, True, number, values.dtype) for number, (name, values) in enumerate(index)]
    return levels + [
        _column(flat_name(name), False, place, values.dtype) for place, (name, values) in enumerate(frame.items())
    ]


def _column(name: str, is_index: bool, place: int, dtype: Any) -> PandasColumn:
    if type(dtype).__name__ == "CategoricalDtype":
        return PandasColumn(name, is_index, place, dtype, "codes", pa.int32())
    dtype = dtype.subtype if type(dtype).__name__ == "SparseDtype" else dtype
    arrow = _arrow_type(dtype)
    if arrow is None:
        return PandasColumn(name, is_index, place, dtype, "objects", pa.large_binary())
    return PandasColumn(name, is_index, place, dtype, "arrow", arrow)


def _arrow_type(dtype: Any) -> pa.DataType | None:
    """Return the Arrow type of all values of a dtype; None where there is none."""
    if isinstance(dtype, np.dtype):
        if dtype.kind in "biu" or dtype in (np.float32, np.float64):
            return pa.from_numpy_dtype(dtype.newbyteorder("="))
        if dtype == np.float16:
            return pa.float32()
        if dtype.kind in "mM" and np.datetime_data(dtype)[0] in ("s", "ms", "us", "ns"):
            return pa.from_numpy_dtype(dtype)
        return None
    kind = type(dtype).__name__
    if kind == "DatetimeTZDtype":
        return pa.timestamp(dtype.unit, "UTC")
    if kind == "StringDtype":
        return pa.large_string() if dtype.storage == "pyarrow" else None
    if kind == "ArrowDtype":
        return dtype.pyarrow_dtype
    if kind == "BooleanDtype":
        return pa.bool_()
    if kind in _ARROW_DTYPES or (kind.removeprefix("U").startswith("Int") and hasattr(dtype, "numpy_dtype")):
        return pa.from_numpy_dtype(dtype.numpy_dtype)
    return None


class PandasReader:
    """Reads columns of pandas, as one frame of all partitions would be read."""

    def __init__(self, columns: Sequence[PandasColumn], reading: InputReading) -> None:
        self._columns, self._reading = columns, reading

    def relation(self, table: pa.Table, numbers: Sequence[int], workspace: Workspace) -> Relation:
        """Return the relation of the columns."""
        columns = [_read(self._columns[number], table.column(i), workspace) for i, number in enumerate(numbers)]
        return columns_relation(columns, table.num_rows, workspace, self._reading)

    def is_plain(self, number: int, kind: pa.DataType) -> bool:
        """Whether a column is counted as it is."""
        return self._columns[number].sent == "arrow" and is_plain(kind)

    def depends_on_values(self, number: int, kind: pa.DataType) -> bool:
        """Whether a column's type depends on its values."""
        return self._columns[number].depends_on_values


def _read(column: PandasColumn, values: pa.ChunkedArray, workspace: Workspace) -> InputColumn:
    """Return a column as the local reader has it."""
    import pandas as pd

    if column.sent == "arrow":
        return arrow_column(column.name, values)
    if column.sent == "codes":
        codes = values.combine_chunks().fill_null(-1).to_numpy(zero_copy_only=False)
        return series_column(column.name, pd.Series(pd.Categorical.from_codes(codes, dtype=column.dtype)), workspace)
    objects = np.empty(len(values), object)
    for i, value in enumerate(values.to_pylist()):
        objects[i] = None if value is None else pickle.loads(value)
    if column.dtype == object:
        return object_column(column.name, objects)
    return series_column(column.name, pd.Series(_typed(objects, column.dtype)), workspace)


def _typed(objects: Any, dtype: Any) -> Any:
    """Return objects as an array of their own dtype."""
    import pandas as pd

    if isinstance(dtype, np.dtype):
        return np.array([np.nan if value is None else value for value in objects], dtype)
    return pd.array(objects, dtype=dtype)
