"""What a worker does: pack the rows of a partition into few bytes, each column as codes with its own dictionary.

This module is sent to workers as it stands (see ``shipped``): it imports nothing of this package.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_PLAIN_SHARE = 0.5
"""A column is sent as it is where more than this share of its rows are different values."""


def packed(batches: Iterator[pa.RecordBatch], *, blob_bytes: int) -> Iterator[pa.RecordBatch]:
    """Yield blobs of a partition's rows: as key how many rows, as data an Arrow stream of their columns.

    Columns are dictionary arrays with indices as narrow as can be, or plain where dictionaries do not pay. A partition
    without rows gives none.
    """
    for some in pieces(batches, blob_bytes):
        yield blob(sum(batch.num_rows for batch in some), stream_of(coded_batch(some)))


def pieces(batches: Iterator[pa.RecordBatch], size: int) -> Iterator[list[pa.RecordBatch]]:
    """Yield the batches that have rows, so many together that they take ``size`` bytes or a little more."""
    held: list[pa.RecordBatch] = []
    taken = 0
    for batch in batches:
        if batch.num_rows:
            held.append(batch)
            taken += batch.nbytes
        if taken >= size:
            yield held
            held, taken = [], 0
    if held:
        yield held


def blob(key: int, data: bytes) -> pa.RecordBatch:
    """Return one blob as a batch."""
    return pa.RecordBatch.from_arrays([pa.array([key], pa.int64()), pa.array([data], pa.binary())], ["key", "data"])


def stream_of(batch: pa.RecordBatch) -> bytes:
    """Return a batch as a compressed Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def coded_batch(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Return batches as one, its columns coded."""
    width = batches[0].num_columns
    arrays = [coded(pa.concat_arrays([batch.column(i) for batch in batches])) for i in range(width)]
    return pa.RecordBatch.from_arrays(arrays, [f"c{i}" for i in range(width)])


def coded(array: pa.Array) -> pa.Array:
    """Return an array as a dictionary array of its different values, or as it is where that is not smaller."""
    kind = array.type
    if pa.types.is_null(kind) or pa.types.is_boolean(kind) or pa.types.is_dictionary(kind):
        return array
    if pa.types.is_nested(kind):
        codes, first = groups_of(array)
        missing = array.is_null().to_numpy(zero_copy_only=False)
        return _narrow(codes, missing, array.take(pa.array(first)))
    try:
        found = array.dictionary_encode()
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return array
    if len(found.dictionary) > _PLAIN_SHARE * len(array):
        return array
    missing = found.indices.is_null().to_numpy(zero_copy_only=False)
    return _narrow(found.indices.fill_null(0).to_numpy(), missing, found.dictionary)


def _narrow(codes: Any, missing: Any, values: pa.Array) -> pa.Array:
    """Return a dictionary array whose indices take as few bytes as can be."""
    narrow = next(kind for kind in (np.int8, np.int16, np.int32) if len(values) - 1 <= np.iinfo(kind).max)
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(narrow), mask=missing), values)


def groups_of(array: pa.Array) -> tuple[Any, Any]:
    """Return the number of each value, int64[rows], and the first row of each different value, for arrays of any type.

    Values are the same where all that is in them is, in the same order; NULL is a value.
    """
    return _first_rows(_bytes_of(array))


def _bytes_of(array: pa.Array) -> pa.Array:
    """Return for each row bytes that are the same for the same values; or an array that Arrow can group by itself."""
    kind = array.type
    types = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return _bytes_of(array.storage)
    if types.is_run_end_encoded(kind):
        return _bytes_of(pc.run_end_decode(array))
    if types.is_union(kind):
        # The same value of two members is two values. The type codes are those of what this may be a slice of.
        members = np.frombuffer(array.buffers()[1], np.int8)[array.offset : array.offset + len(array)]
        return _joined(np.stack([members, _codes_of_texts(array)], axis=1))
    if types.is_struct(kind):
        if not kind.num_fields:
            return _validity(array)
        parts = [_validity(array), *array.flatten()]
        return _joined(np.stack([_codes(part) for part in parts], axis=1))
    if types.is_map(kind):
        offsets = array.offsets.to_numpy().astype(np.int64)
        entries = pa.StructArray.from_arrays([array.keys, array.items], ["key", "value"])
        return _listed(array, offsets - offsets[0], entries.slice(int(offsets[0]), int(offsets[-1] - offsets[0])))
    if types.is_nested(kind):  # lists of all kinds
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy().astype(np.int64)
        return _listed(array, np.concatenate([[0], np.cumsum(lengths)]), array.flatten())
    return array


def _listed(array: pa.Array, offsets: Any, members: pa.Array) -> pa.Array:
    """Return bytes for lists, whose members lie between offsets, int64[rows + 1] from 0."""
    inner = np.ascontiguousarray(_codes(members).astype(np.int32))
    texts = pa.Array.from_buffers(
        pa.large_binary(), len(array), [None, pa.py_buffer(4 * offsets.astype(np.int64)), pa.py_buffer(inner)]
    )
    return _joined(np.stack([_codes(_validity(array)), _codes(texts)], axis=1))


def _validity(array: pa.Array) -> pa.Array:
    return array.is_valid()


def _joined(codes: Any) -> pa.Array:
    """Return rows of numbers, int64[rows, parts], as bytes."""
    rows, parts = codes.shape
    kind = pa.binary(4 * parts)
    data = np.ascontiguousarray(codes.astype(np.int32))
    return pa.Array.from_buffers(kind, rows, [None, pa.py_buffer(data)])


def _codes(array: pa.Array) -> Any:
    return _first_rows(_bytes_of(array))[0]


def _first_rows(array: pa.Array) -> tuple[Any, Any]:
    """Return the number of each value of an array without parts, NULL the last, and the first row of each."""
    try:
        found = array.dictionary_encode()
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return _numbered(_codes_of_texts(array))
    codes = found.indices.fill_null(len(found.dictionary)).to_numpy().astype(np.int64)
    return _numbered(codes)


def _numbered(codes: Any) -> tuple[Any, Any]:
    """Return numbers without gaps in the place of others, and the first row of each: NULL's may not occur."""
    distinct, first = np.unique(codes, return_index=True)
    return np.searchsorted(distinct, codes), first


def _codes_of_texts(array: pa.Array) -> Any:
    """Return the number of each value, as Python writes it: for types that Arrow cannot group."""
    texts = pa.array([repr(value) for value in array.to_pylist()], pa.large_string())
    return texts.dictionary_encode().indices.to_numpy().astype(np.int64)
