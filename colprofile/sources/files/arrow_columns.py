"""Columns of Arrow batches as a table of DuckDB holds them: names that SQL tells apart, types that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from colprofile.errors import ColprofileError, shorten
from colprofile.sources.base import SourceColumn
from colprofile.sources.duckdb import first_line

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class ArrowColumn:
    """A column of Arrow that DuckDB can read.

    Attributes
    ----------
    position
        Its place in the schema.
    name
        Its own name.
    sql_name
        A name that no other column has, whatever the case, and that is not empty.
    own, type
        Its own type, and that of what DuckDB is given.
    remark
        A sentence about what that changes; "" where it changes nothing.
    """

    position: int
    name: str
    sql_name: str
    own: pa.DataType
    type: pa.DataType
    remark: str = ""

    @property
    def is_as_it_is(self) -> bool:
        """Whether DuckDB reads the column under its own name and type."""
        return self.name == self.sql_name and self.own == self.type

    def skipped(self, reason: str) -> SourceColumn:
        """Return the column as one that cannot be read."""
        return SourceColumn(self.name, str(self.own), "nested", None, reason)


class UnreadableColumn(ColprofileError):
    """A column of Arrow has values that DuckDB cannot read."""

    def __init__(self, column: ArrowColumn, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def arrow_columns(schema: pa.Schema, connection: duckdb.DuckDBPyConnection) -> list[ArrowColumn | SourceColumn]:
    """Return the columns of a schema in order, as SourceColumns with the reason where DuckDB has no type for them."""
    import pyarrow as pa

    from colprofile.sources.frames.arrow_columns import column_names, is_plain

    names = column_names(schema)
    found: list[ArrowColumn | SourceColumn] = []
    for position, (name, sql_name) in enumerate(zip(names, unique_names(names), strict=True)):
        own = schema.field(position).type
        column = ArrowColumn(position=position, name=name, sql_name=sql_name, own=own, type=own)
        if is_plain(own):
            found.append(column)
            continue
        try:
            empty = readable_array(empty_array(own))
            connection.from_arrow(pa.table({"x": empty})).fetchall()
        except (duckdb.Error, pa.ArrowException, NotImplementedError, TypeError) as error:
            found.append(column.skipped(f"DuckDB has no type for {own}: {first_line(error)}"))
            continue
        remark = ""
        if pa.types.is_decimal(own) and pa.types.is_string(empty.type):
            remark = f"{shorten(name)!r} has decimals of {own.precision} digits: they are read as text."
        found.append(
            ArrowColumn(position=position, name=name, sql_name=sql_name, own=own, type=empty.type, remark=remark)
        )
    return found


def unique_names(names: Sequence[str]) -> list[str]:
    """Return names that differ whatever their case, and are not empty.

    >>> unique_names(["a", "A", "", "a_2"])
    ['a', 'A_3', 'column', 'a_2']
    """
    taken = {name.lower() for name in names}
    seen: set[str] = set()
    unique: list[str] = []
    for name in names:
        chosen, number = name or "column", 1
        while chosen.lower() in seen or (chosen != name and chosen.lower() in taken):
            number += 1
            chosen = f"{name or 'column'}_{number}"
        seen.add(chosen.lower())
        unique.append(chosen)
    return unique


def readable_texts(array: pa.Array) -> pa.Array | None:
    r"""Return a column of texts with bytes that are not UTF-8 spelled \xff; None where there are none such."""
    import pyarrow as pa

    if not is_text(array.type):
        return None
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        raw = array.cast(pa.large_binary())
        texts = [None if value is None else value.decode("utf-8", "backslashreplace") for value in raw.to_pylist()]
        return pa.array(texts, array.type)
    return None


def readable_array(array: pa.Array) -> pa.Array:
    """Return an array as one that DuckDB reads, with the same values."""
    from colprofile.sources.frames.arrow_columns import is_plain, readable

    return array if is_plain(array.type) else readable(array)


def empty_array(kind: pa.DataType) -> pa.Array:
    """Return no values of a type; Arrow itself makes none of a union."""
    import pyarrow as pa

    if not pa.types.is_union(kind):
        return pa.array([], kind)
    codes, children = pa.array([], pa.int8()), [empty_array(field.type) for field in kind]
    names = [field.name for field in kind]
    if kind.mode == "sparse":
        return pa.UnionArray.from_sparse(codes, children, names, kind.type_codes)
    return pa.UnionArray.from_dense(codes, pa.array([], pa.int32()), children, names, kind.type_codes)


def is_text(kind: pa.DataType) -> bool:
    """Whether a column holds texts one after the other."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
