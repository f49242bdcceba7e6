"""What a worker does first: code the rows of a partition in chunks that are counted where they are.

A chunk is a blob whose key is its digest. It has a head (how many rows hold which value, which columns are NULL
together, the first rows), which goes to the client alone, and the codes of its rows, which stay.

This module is sent to workers as it stands (see ``shipped``): it imports nothing of this package but its neighbours.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from colprofile.sources.partitions import pack

FIRST_ROWS = 10


def chunks(batches: Iterator[pa.RecordBatch], *, blob_bytes: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a partition in chunks made of about so many bytes; the same rows give the same chunks."""
    for some in pack.pieces(batches, blob_bytes):
        yield _chunk(some)


def heads(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the heads of chunks."""
    for key, data in blobs_of(batches):
        yield pack.blob(key, split(data)[0])


def blobs_of(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, bytes]]:
    """Yield the keys and bytes in batches of blobs."""
    for batch in batches:
        for key, data in zip(batch.column(0).to_pylist(), batch.column(1), strict=True):
            yield key, data.as_py()


def joined(parts: Sequence[bytes]) -> bytes:
    """Return several strings of bytes as one: see ``split``."""
    lengths = struct.pack(f"<{len(parts) + 1}Q", len(parts), *map(len, parts))
    return b"".join([lengths, *parts])


def split(data: bytes) -> list[bytes]:
    """Return the strings of bytes that were ``joined``."""
    (amount,) = struct.unpack_from("<Q", data)
    lengths = struct.unpack_from(f"<{amount}Q", data, 8)
    parts, begin = [], 8 * (amount + 1)
    for length in lengths:
        parts.append(data[begin : begin + length])
        begin += length
    return parts


def numbers_to_bytes(numbers: Any) -> bytes:
    """Return unsigned numbers, each in as few bytes as the largest needs, compressed."""
    highest = int(numbers.max()) if numbers.size else 0
    narrow = next(kind for kind in (np.uint8, np.uint16, np.uint32, np.uint64) if highest <= np.iinfo(kind).max)
    raw = np.ascontiguousarray(numbers.astype(narrow, copy=False))
    packed: bytes = pa.compress(raw, codec="zstd", asbytes=True)
    return struct.pack("<BQ", raw.itemsize, raw.size) + packed


def bytes_to_numbers(data: bytes) -> Any:
    """Return the numbers that ``numbers_to_bytes`` has packed."""
    width, size = struct.unpack_from("<BQ", data)
    raw = pa.decompress(memoryview(data)[9:], width * size, codec="zstd")
    return np.frombuffer(raw, np.dtype(f"u{width}"))


def steps_to_bytes(numbers: Any) -> bytes:
    """Return unsigned numbers below 2^62 as bytes: few where each mostly follows the one before."""
    steps = np.diff(numbers.astype(np.int64), prepend=0)
    return numbers_to_bytes((steps << 1 ^ steps >> 63).view(np.uint64))


def bytes_to_steps(data: bytes) -> Any:
    """Return the numbers that ``steps_to_bytes`` has packed, int64."""
    steps = bytes_to_numbers(data).astype(np.uint64)
    return np.cumsum((steps >> np.uint64(1)).astype(np.int64) ^ -(steps & np.uint64(1)).astype(np.int64))


def codes_of(data: bytes) -> tuple[int, list[bytes]]:
    """Return how many rows a chunk has, and the packed codes of its columns."""
    head, *codes = split(data)
    return int(np.frombuffer(split(head)[0], np.int64)[0]), codes


def _chunk(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    rows = sum(batch.num_rows for batch in batches)
    digest = hashlib.blake2b(digest_size=8)
    values, packed, all_codes, nulls = [], [], [], [rows]
    for i in range(batches[0].num_columns):
        column, codes = indexed(pa.concat_arrays([batch.column(i) for batch in batches]))
        counts = np.bincount(codes, minlength=len(column) + 1)
        nulls.append(int(counts[0]))
        table = pa.RecordBatch.from_arrays([column, pa.array(counts[1:].astype(np.int64))], ["value", "rows"])
        digest.update(_text_of(column))
        digest.update(codes.tobytes())
        values.append(pack.stream_of(table))
        packed.append(numbers_to_bytes(codes))
        all_codes.append(codes)
    first = np.array([codes[:FIRST_ROWS] for codes in all_codes], np.int64)
    head = joined([np.array(nulls, np.int64).tobytes(), first.tobytes(), _patterns(all_codes, rows), *values])
    key = int.from_bytes(digest.digest(), "little", signed=True)
    return pack.blob(key, joined([head, *packed]))


def indexed(array: pa.Array) -> tuple[pa.Array, Any]:
    """Return the different values of an array, and the number of each row's value from 1, uint32[rows]; 0 is NULL."""
    kind = array.type
    if pa.types.is_null(kind):
        return array.slice(0, 0), np.zeros(len(array), np.uint32)
    if not pa.types.is_nested(kind):
        try:
            found = array.dictionary_encode()
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            pass
        else:
            codes = found.indices.fill_null(-1).to_numpy().astype(np.int64) + 1
            return found.dictionary, codes.astype(np.uint32)
    groups, first = pack.groups_of(array)
    values = array.take(pa.array(first))
    there = values.is_valid().to_numpy(zero_copy_only=False)
    numbers = np.where(there, np.cumsum(there), 0)
    return values.filter(pa.array(there)), numbers[groups].astype(np.uint32)


def _text_of(values: pa.Array) -> bytes:
    """Return bytes that are the same for the same values; what lies under a NULL within them does not count."""
    if pa.types.is_nested(values.type):
        return repr(values.to_pylist()).encode("utf-8", "surrogatepass")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.schema([("value", values.type)])) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays([values], ["value"]))
    return bytes(sink.getvalue())


def _patterns(codes: Sequence[Any], rows: int) -> bytes:
    """Return which columns are NULL together in how many rows: bits of the columns, uint8[patterns, ⌈columns / 8⌉]."""
    is_null = [column == 0 for column in codes]
    some = [number for number, column in enumerate(is_null) if column.any()]
    groups = np.zeros(rows, np.int64)
    first = np.zeros(1, np.int64)
    for begin in range(0, len(some), 32):
        word = groups << 32
        for bit, number in enumerate(some[begin : begin + 32]):
            word |= is_null[number].astype(np.int64) << bit
        first, groups = _numbered(word)
    amounts = np.bincount(groups)
    bits = np.packbits(np.array([column[first] for column in is_null]), axis=0)
    return joined([amounts.astype(np.int64).tobytes(), np.ascontiguousarray(bits.T).tobytes()])


def _numbered(words: Any) -> tuple[Any, Any]:
    """Return a row of each different number, and the number of each row's among them."""
    highest = int(words.max())
    if highest < 1 << 16:
        row = np.full(highest + 1, -1)
        row[words] = np.arange(words.size)
        there = row >= 0
        return row[there], (np.cumsum(there) - 1)[words]
    _, first, groups = np.unique(words, return_index=True, return_inverse=True)
    return first, groups
