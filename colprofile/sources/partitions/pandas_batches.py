"""What a worker does with partitions of pandas: make them Arrow, with every value as the local reader would have it.

This module is sent to workers as it stands (see ``shipped``): it imports nothing of this package.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

_BATCH_ROWS = 1 << 18


def record_batches(frames: Iterator[Any], *, columns: list[tuple[str, bool, int, str, Any]]) -> Iterator[Any]:
    """Yield the rows of pandas frames as Arrow, columns named c0, c1 ….

    Of each column: its name; whether it is a level of the index; its place among the columns, or the levels; how it is
    sent ("arrow", "codes" of categories, or pickled "objects"); the Arrow type, or the categories.

    Raises
    ------
    TypeError
        A column has values of another kind than the whole frame says.
    """
    for frame in frames:
        for begin in range(0, len(frame), _BATCH_ROWS):
            part = frame.iloc[begin : begin + _BATCH_ROWS]
            arrays = []
            for name, is_index, place, how, kind in columns:
                values = part.index.get_level_values(place).to_series() if is_index else part.iloc[:, place]
                try:
                    arrays.append(_SENT[how](values, kind))
                except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
                    first = (str(error).splitlines() or [type(error).__name__])[0]
                    raise TypeError(f"column {name!r}: {first}") from None
            yield pa.RecordBatch.from_arrays(arrays, [f"c{i}" for i in range(len(arrays))])


def _arrow(series: Any, kind: pa.DataType) -> pa.Array:
    """Return values as Arrow: those that pandas calls missing are NULL, and none is changed."""
    dtype = series.dtype
    if isinstance(dtype, np.dtype) or type(dtype).__name__ == "SparseDtype":
        values = np.asarray(series.array)
        if values.dtype.kind in "biufmM" and not values.dtype.isnative:
            values = values.astype(values.dtype.newbyteorder("="))
        if values.dtype == np.float16:
            values = values.astype(np.float32)
        array = pa.array(values, from_pandas=True)
    elif type(dtype).__name__ == "DatetimeTZDtype":
        array = pa.array(series.to_numpy(dtype=f"datetime64[{dtype.unit}]"), from_pandas=True)
        array = array.cast(pa.timestamp(dtype.unit, "UTC"))
    else:
        array = pa.array(series.array, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    if array.type == kind:
        return array
    if not (pa.types.is_null(array.type) or _family(array.type) == _family(kind)):
        raise TypeError(f"a partition has {array.type} where the frame's own types say {kind}; give it one type")
    return array.cast(kind)


def _family(kind: pa.DataType) -> str:
    types = pa.types
    if types.is_integer(kind) or types.is_floating(kind):
        return "number"
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return "text"
    if types.is_timestamp(kind):
        return "moment" if kind.tz is None else "moment with a zone"
    return "duration" if types.is_duration(kind) else str(kind)


def _codes(series: Any, categories: Any) -> pa.Array:
    """Return the numbers of categories, which are those of the whole frame."""
    found = series.cat
    if not found.categories.equals(categories):
        if not found.categories.isin(categories).all():
            raise ValueError("a partition has categories that the whole frame does not know; use categorize()")
        found = series.cat.set_categories(categories).cat
    codes = found.codes.to_numpy().astype(np.int32)
    return pa.array(codes, mask=codes < 0)


def _objects(series: Any, _: Any) -> pa.Array:
    """Return objects pickled, each different one once; those that are missing are NULL."""
    numbers: dict[Any, int] = {}
    missing = series.isna().to_numpy()
    codes = np.zeros(len(series), np.int32)
    for i, (value, is_missing) in enumerate(zip(series.array, missing, strict=True)):
        if not is_missing:
            # By what they are pickled as: 1, True and 1.0 are equal, and lists have no hash.
            key = value if type(value) is str else pickle.dumps(value, 5)
            codes[i] = numbers.setdefault(key, len(numbers))
    values = [pickle.dumps(key, 5) if type(key) is str else key for key in numbers]
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing), pa.array(values, pa.large_binary()))


_SENT = {"arrow": _arrow, "codes": _codes, "objects": _objects}
