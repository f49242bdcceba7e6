"""Arrow's types as DuckDB reads them: which columns it can take, which are converted first, and which are skipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

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
    type
        The type to cast it to first; often its own.
    remark
        A sentence about what the cast changes; "" where it changes nothing.
    """

    position: int
    name: str
    sql_name: str
    type: pa.DataType
    remark: str = ""


def arrow_columns(
    schema: pa.Schema, connection: duckdb.DuckDBPyConnection
) -> tuple[list[ArrowColumn], list[SourceColumn]]:
    """Return the columns of a schema that DuckDB can read, and those that are skipped, with the reason."""
    readable: list[ArrowColumn] = []
    skipped: list[SourceColumn] = []
    for position, (field, sql_name) in enumerate(zip(schema, unique_names(schema.names), strict=True)):
        kind, remark = _target(field.name, field.type)
        reason = _refusal(field.type, kind, connection)
        if reason:
            skipped.append(SourceColumn(field.name, str(field.type), "nested", None, reason))
        else:
            readable.append(
                ArrowColumn(position=position, name=field.name, sql_name=sql_name, type=kind, remark=remark)
            )
    return readable, skipped


def unique_names(names: Sequence[str]) -> list[str]:
    """Return names that differ whatever their case, and are not empty.

    >>> unique_names(["a", "A", "", "a_1"])
    ['a', 'A_2', 'column', 'a_1']
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


def as_type(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return an array as one of another type; of the same type, which not all can be cast to, as it is."""
    return array if array.type == kind else array.cast(kind)


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


def _target(name: str, kind: pa.DataType) -> tuple[pa.DataType, str]:
    """Return the type that DuckDB has for values of an Arrow type, and what a person should know of the change."""
    import pyarrow as pa

    if pa.types.is_float16(kind):
        return pa.float32(), ""
    if pa.types.is_decimal256(kind):
        if kind.precision <= 38:
            return pa.decimal128(kind.precision, kind.scale), ""
        return pa.string(), f"{name!r} has decimals of {kind.precision} digits: they are read as text."
    if pa.types.is_decimal(kind) and kind.scale < 0:
        return pa.decimal128(min(38, kind.precision - kind.scale), 0), ""
    if pa.types.is_dictionary(kind):
        inner, remark = _target(name, kind.value_type)
        return (kind, "") if inner == kind.value_type else (inner, remark)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inner, remark = _target(name, kind.value_type)
        make: Any = pa.large_list if pa.types.is_large_list(kind) else pa.list_
        return (kind, "") if inner == kind.value_type else (make(inner), remark)
    if pa.types.is_struct(kind):
        members = [(field.name, *_target(name, field.type)) for field in kind]
        if all(inner == field.type for (_, inner, _), field in zip(members, kind, strict=True)):
            return kind, ""
        return pa.struct([member[:2] for member in members]), next((r for *_, r in members if r), "")
    return kind, ""


def _refusal(own: pa.DataType, kind: pa.DataType, connection: duckdb.DuckDBPyConnection) -> str:
    """Return why DuckDB cannot take a column of this type, "" where it can."""
    import pyarrow as pa

    if _is_plain(own):
        return ""
    try:
        empty = pa.table({"x": as_type(empty_array(own), kind)})
        connection.from_arrow(empty).fetchall()
    except (duckdb.Error, pa.ArrowException, NotImplementedError) as error:
        return f"DuckDB has no type for {own}: {first_line(error)}"
    return ""


def _is_plain(kind: pa.DataType) -> bool:
    import pyarrow as pa

    plain = (pa.types.is_integer, pa.types.is_float32, pa.types.is_float64, pa.types.is_boolean, pa.types.is_string)
    return any(test(kind) for test in plain)
