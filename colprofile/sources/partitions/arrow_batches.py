"""What a worker does with blocks of Arrow: give the columns that are asked for, all blocks in the same types.

This module is sent to workers as it stands (see ``shipped``): it imports nothing of this package.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa


def record_batches(tables: Iterator[Any], *, columns: list[tuple[str, pa.DataType]]) -> Iterator[Any]:
    """Yield the rows of tables, their columns, by name and type, as c0, c1 ….

    Raises
    ------
    TypeError
        A table has a column of another type, whose values the type asked for does not have.
    """
    for table in tables:
        arrays = [_in_type(table.column(name), name, kind) for name, kind in columns]
        yield from pa.Table.from_arrays(arrays, [f"c{i}" for i in range(len(arrays))]).to_batches()


def _in_type(values: pa.ChunkedArray, name: str, kind: pa.DataType) -> pa.ChunkedArray:
    if values.type == kind:
        return values
    if pa.types.is_null(values.type) or _family(values.type) == _family(kind):
        try:
            return values.cast(kind)
        except pa.ArrowException:
            pass
    raise TypeError(f"column {name!r} is {values.type} in one block and {kind} in others; give it one type")


def _family(kind: pa.DataType) -> str:
    """Return the same for types of which one may hold all values of the other."""
    types = pa.types
    if types.is_integer(kind) or types.is_floating(kind):
        return "number"
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return "text"
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind):
        return "blob"
    if types.is_nested(kind) or types.is_decimal(kind):
        return "cast"  # which fails where it would lose something
    return f"{type(kind).__name__}"
