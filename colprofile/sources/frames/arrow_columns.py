"""Columns of Arrow tables as DuckDB reads them: what it cannot read, or would change, is converted without loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from colprofile.inputs import InputReading
from colprofile.sources.files.relation import Relation
from colprofile.sources.frames.columns import Form, InputColumn, LateArray, columns_relation, unique_names, writable
from colprofile.sources.frames.spool import readable_errors, spooled

if TYPE_CHECKING:
    from colprofile.sources.workspace import Workspace

_MOST_DIGITS = 38
_KNOWN_EXTENSIONS = frozenset({"arrow.uuid", "arrow.json", "arrow.bool8"})

DURATION = Form(
    "INTERVAL",
    "temporal",
    "{'rank': case when @ is not null then dense_rank() over (order by @) end, 'text': "
    "case when @ % 1000 = 0 then to_microseconds(@ // 1000)::varchar else @::varchar || ' ns' end}",
    is_ranked=True,
)
"""Nanoseconds as integers: DuckDB's own intervals end at microseconds."""


def arrow_relation(
    data: pa.Table | pa.RecordBatch | pa.RecordBatchReader | Any, workspace: Workspace, reading: InputReading
) -> Relation:
    """Return the relation of Arrow data: a table, a batch, a reader, a data set or a scanner.

    A reader is read once, into a file of the workspace; so are data sets with columns that must be converted. Memory
    holds no more than a batch of them.

    Raises
    ------
    SourceError
        There are no columns, or the reader fails.
    """
    if isinstance(data, pa.RecordBatch):
        data = pa.Table.from_batches([data])
    if not isinstance(data, pa.RecordBatchReader | pa.Table):
        is_scanner = hasattr(data, "to_reader")  # a data set has a scanner
        schema = data.projected_schema if is_scanner else data.schema
        names = column_names(schema)
        if not is_scanner and names and len({*names}) == len(names) and all(is_plain(field.type) for field in schema):
            return Relation(sql=workspace.register(data), reading=reading, names=names)
        with readable_errors(reading.format):
            data = (data if is_scanner else data.scanner()).to_reader()
    if isinstance(data, pa.RecordBatchReader):
        data = spooled(_without_nested_dictionaries(data), workspace, reading.format)
    columns = [arrow_column(name, data.column(i)) for i, name in enumerate(column_names(data.schema))]
    return columns_relation(columns, data.num_rows, workspace, reading)


def _without_nested_dictionaries(reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """Return a reader without dictionaries of dictionaries, which no file can hold."""
    deep = [
        pa.types.is_dictionary(field.type) and pa.types.is_dictionary(field.type.value_type) for field in reader.schema
    ]
    if not any(deep):
        return reader
    schema = pa.schema(
        [
            pa.field(field.name, _decoded_type(field.type)) if is_deep else field
            for field, is_deep in zip(reader.schema, deep, strict=True)
        ]
    )

    def decoded(batch: pa.RecordBatch) -> pa.RecordBatch:
        arrays = [readable(array) if is_deep else array for array, is_deep in zip(batch.columns, deep, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, map(decoded, reader))


def column_names(schema: pa.Schema) -> list[str]:
    """Return the names of a schema's columns; what is no UTF-8 in them is escaped."""

    def name(position: int) -> str:
        try:
            return str(schema.field(position).name)
        except UnicodeDecodeError as error:
            return bytes(error.object).decode("utf-8", "backslashreplace")

    return [writable(name(i)) for i in range(len(schema))]


def arrow_column(name: str, values: pa.ChunkedArray) -> InputColumn:
    """Return a column of Arrow values, converted as far as DuckDB cannot read them as they are."""
    kind = values.type
    column = InputColumn(name=name, type=str(kind), data=values)
    if is_plain(kind):
        return column
    if _is_pickled(kind):
        return column.skipped("it holds pickled Python objects, of which equal ones may differ: convert them to text")
    coarse = _in_microseconds(kind)
    if coarse is not None and kind.unit == "ns" and _are_whole_microseconds(values):
        return _converted(column, values, coarse, lambda array: array.cast(coarse, safe=False))
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return replace(column, form=Form("TIMESTAMPTZ_NS", "temporal"))
    if pa.types.is_duration(kind) and kind.unit == "ns":
        return replace(_converted(column, values, pa.int64(), lambda array: array.cast(pa.int64())), form=DURATION)
    try:
        target = pa.concat_arrays([readable(values.chunk(0).slice(0, 0) if values.num_chunks else pa.array([], kind))])
        column = _converted(column, values, target.type, readable)
        if _can_lose(kind):
            for chunk in values.chunks:
                readable(chunk)
    except (pa.ArrowException, NotImplementedError, TypeError) as error:
        return column.skipped(f"Arrow's {kind} cannot be converted: {str(error).splitlines()[0]}")
    inner = _decoded_type(kind)
    if pa.types.is_decimal(inner) and pa.types.is_string(target.type):
        column = replace(
            column, form=Form(f"DECIMAL({inner.precision},{inner.scale})", "numeric", is_decimal_text=True)
        )
    return replace(column, is_delicate=True)


def _is_pickled(kind: pa.DataType) -> bool:
    """Whether a type is that of Daft, or of Ray, for Python objects of any class."""
    if not isinstance(kind, pa.ExtensionType):
        return False
    is_daft = kind.extension_name == "daft.super_extension" and b'"Python"' in kind.__arrow_ext_serialize__()
    return bool(is_daft or kind.extension_name == "ray.data.arrow_pickled_object")


def _in_microseconds(kind: pa.DataType) -> pa.DataType | None:
    """Return the type in microseconds of a temporal type with units; None of all others."""
    if pa.types.is_duration(kind):
        return pa.duration("us")
    if pa.types.is_time64(kind):
        return pa.time64("us")
    return pa.timestamp("us", kind.tz) if pa.types.is_timestamp(kind) else None


def _converted(
    column: InputColumn, values: pa.ChunkedArray, target: pa.DataType, convert: Callable[[pa.Array], pa.Array]
) -> InputColumn:
    """Return the column with every piece of it converted when it is read."""
    if target == values.type and is_readable(values.type):
        return column

    def piece(begin: int, length: int) -> pa.ChunkedArray:
        return pa.chunked_array([convert(chunk) for chunk in values.slice(begin, length).chunks], target)

    return replace(column, data=LateArray(target, piece))


def is_plain(kind: pa.DataType) -> bool:
    """Whether DuckDB reads every value of an Arrow type rightly."""
    types = pa.types
    if types.is_decimal(kind):
        return bool(kind.bit_width <= 128 and 0 <= kind.scale <= kind.precision)
    if types.is_timestamp(kind):
        return bool(kind.tz is None or kind.unit == "us")
    if types.is_dictionary(kind):
        return not types.is_dictionary(kind.value_type) and is_plain(kind.value_type)
    return bool(
        types.is_boolean(kind)
        or types.is_integer(kind)
        or types.is_float32(kind)
        or types.is_float64(kind)
        or types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_binary_view(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_date32(kind)
        or types.is_null(kind)
    )


def is_readable(kind: pa.DataType) -> bool:
    """Whether DuckDB reads an Arrow type as it is, unless a value is beyond what its own type can hold."""
    types = pa.types
    if types.is_duration(kind):
        return bool(kind.unit == "us")
    if types.is_timestamp(kind):
        return kind.unit in ("us", "ns")  # inside of lists others may be beyond what DuckDB can write
    if is_plain(kind) or types.is_date(kind) or types.is_time(kind):
        return True
    if types.is_struct(kind):
        names = [kind.field(i).name for i in range(kind.num_fields)]
        has_names = bool(names) and len({name.lower() for name in names}) == len(names) and all(names)
        return has_names and all(is_readable(kind.field(i).type) for i in range(kind.num_fields))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return is_readable(kind.value_type)
    if types.is_map(kind):
        return is_readable(kind.key_type) and is_readable(kind.item_type)
    return isinstance(kind, pa.BaseExtensionType) and kind.extension_name in _KNOWN_EXTENSIONS


def _decoded_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of the values behind dictionaries, runs and extensions."""
    while True:
        if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
            kind = kind.value_type
        elif isinstance(kind, pa.BaseExtensionType) and kind.extension_name not in _KNOWN_EXTENSIONS:
            kind = kind.storage_type
        else:
            return kind


def _can_lose(kind: pa.DataType) -> bool:
    """Whether some values of a type cannot be converted."""
    if pa.types.is_duration(kind) or pa.types.is_interval(kind) or pa.types.is_timestamp(kind):
        return True
    return pa.types.is_nested(kind) and any(_can_lose(kind.field(i).type) for i in range(kind.num_fields))


def _are_whole_microseconds(values: pa.ChunkedArray) -> bool:
    return all(
        not (integers := chunk.cast(pa.int64()).drop_null()) or not (integers.to_numpy() % 1000).any()
        for chunk in values.chunks
    )


def readable(array: pa.Array) -> pa.Array:
    """Return an array of any Arrow type as one that DuckDB reads, with the same values.

    Raises
    ------
    ArrowException
        There is no such array.
    """
    kind = array.type
    types = pa.types
    if is_readable(kind):
        return array
    if isinstance(kind, pa.BaseExtensionType):
        return readable(array.storage)
    if types.is_float16(kind):
        return array.cast(pa.float32())
    if types.is_decimal(kind):
        digits = max(kind.precision, kind.scale, kind.precision - kind.scale)
        if digits <= _MOST_DIGITS:
            return array.cast(pa.decimal128(digits, max(0, kind.scale)))
        return array.cast(pa.string())
    if types.is_duration(kind) or types.is_timestamp(kind):
        return array.cast(_in_microseconds(kind))
    if types.is_interval(kind):
        return _whole_interval(array)
    if types.is_run_end_encoded(kind):
        return readable(pc.run_end_decode(array))
    if types.is_dictionary(kind):
        return readable(array.dictionary.take(array.indices))
    if types.is_struct(kind):
        return _struct(array)
    if types.is_union(kind):
        return _union(array)
    return _list(array)


def _whole_interval(array: pa.Array) -> pa.Array:
    if any(value is not None and value.nanoseconds % 1000 for value in array.to_pylist()):
        raise pa.ArrowInvalid("it holds parts of microseconds")
    return array


def _struct(array: pa.StructArray) -> pa.Array:
    kind = array.type
    if not kind.num_fields:
        return pc.if_else(array.is_null(), pa.scalar(None, pa.string()), pa.scalar("{}"))
    given = [kind.field(i).name or f"field{i + 1}" for i in range(kind.num_fields)]
    lowered = unique_names([name.lower() for name in given])
    names = [name if name.lower() == low else name + low[len(name) :] for name, low in zip(given, lowered, strict=True)]
    return pa.StructArray.from_arrays([readable(child) for child in array.flatten()], names, mask=array.is_null())


def _union(array: pa.UnionArray) -> pa.Array:
    """Return a union as a sparse one, in which every member has all rows."""
    kind, buffers = array.type, array.buffers()
    # Arrow's own type_codes and offsets are those of the array that this may be a slice of.
    here = slice(array.offset, array.offset + len(array))
    codes = pa.array(np.frombuffer(buffers[1], np.int8)[here])
    members = []
    for i in range(kind.num_fields):
        member = readable(array.field(i))
        if kind.mode == "dense":
            is_of_it = pc.equal(codes, pa.scalar(kind.type_codes[i], pa.int8()))
            offsets = pa.array(np.frombuffer(buffers[2], np.int32)[here])
            member = member.take(pc.if_else(is_of_it, offsets, pa.scalar(None, pa.int32())))
        members.append(member)
    names = unique_names([kind.field(i).name or f"member{i + 1}" for i in range(kind.num_fields)])
    return pa.UnionArray.from_sparse(codes, members, names, list(kind.type_codes))


def _list(array: Any) -> pa.Array:
    """Return lists of any kind, and maps, as plain lists of readable values; those of a map are structs."""
    if pa.types.is_map(array.type):
        entries = pa.StructArray.from_arrays([array.keys, array.items], ["key", "value"])
        return pa.LargeListArray.from_arrays(array.offsets.cast(pa.int64()), readable(entries), mask=array.is_null())
    lengths = pc.coalesce(pc.list_value_length(array).cast(pa.int64()), pa.scalar(0, pa.int64()))
    offsets = pa.concat_arrays([pa.array([0], pa.int64()), pc.cumulative_sum(lengths)])
    return pa.LargeListArray.from_arrays(offsets, readable(array.flatten()), mask=array.is_null())
