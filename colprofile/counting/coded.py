"""CodedTable: the codes of all columns of a table, from one pass over its batches, in memory or spilled to a file."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, wait
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.counting.dictionary import Dictionary, NumberTextDictionary
from colprofile.counting.encoder import Codes, Encoder, encoder_for
from colprofile.counting.kernels import count_codes
from colprofile.counting.marginal import Marginal

CodeArray = npt.NDArray[np.unsignedinteger[Any]]


def narrowest(highest: int) -> np.dtype[np.unsignedinteger[Any]]:
    """Return the narrowest unsigned type that holds 0 … highest.

    >>> narrowest(255), narrowest(256), narrowest(65_536)
    (dtype('uint8'), dtype('uint16'), dtype('uint32'))
    """
    return np.dtype(np.uint8 if highest < 1 << 8 else np.uint16 if highest < 1 << 16 else np.uint32)


@dataclass
class CodedTable:
    """Codes and marginals of a table's columns; close it to remove what was spilled.

    Attributes
    ----------
    rows
        Rows of the table.
    codes
        One array a column, uint8, uint16 or uint32[rows]: 0 is NULL, position p of the marginal is code p + 1.
    marginals
        One a column.
    """

    rows: int
    codes: list[CodeArray]
    marginals: list[Marginal]
    _spill: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __enter__(self) -> CodedTable:
        return self

    def __exit__(self, *exception: object) -> None:
        self.codes.clear()
        self._spill.close()


class _Column:
    """One column while its batches come in: the encoder and the codes so far, each part as narrow as can be."""

    def __init__(self, arrow_type: pa.DataType) -> None:
        self.encoder: Encoder = encoder_for(arrow_type)
        self.parts: list[CodeArray | _Extent] = []
        self.highest = 0

    def add(self, array: pa.Array) -> CodeArray:
        codes: Codes = self.encoder.encode(array)
        if codes.size:
            self.highest = max(self.highest, int(codes.max()))
        return codes.astype(narrowest(self.highest))


@dataclass(frozen=True)
class _Extent:
    """Where a spilled part lies in the spill file."""

    begin: int
    rows: int
    dtype: np.dtype[Any]


def encode_table(
    batches: Iterator[pa.RecordBatch],
    schema: pa.Schema,
    *,
    executor: Executor,
    memory_limit: int,
    integer_texts: Sequence[bool],
    progress: Callable[[int], None],
) -> CodedTable:
    """Read all batches once and return the table's codes and marginals.

    Parameters
    ----------
    batches
        Record batches of ``schema``; they are read one ahead of the encoding.
    schema
        One field a column.
    executor
        Where columns are encoded side by side (the kernels release the GIL).
    memory_limit
        Bytes that codes may take in memory; beyond it they go to a temporary file that is mapped.
    integer_texts
        For each column whether its text is an integer too wide for Arrow.
    progress
        Called with the number of rows read so far.
    """
    columns = [_Column(item.type) for item in schema]
    rows = 0
    held = 0
    with contextlib.ExitStack() as stack:
        spill: BinaryIO | None = None
        for batch in stack.enter_context(contextlib.closing(_read_ahead(batches, executor))):
            arrays = [batch.column(i) for i in range(len(columns))]
            encoded = list(executor.map(_Column.add, columns, arrays))
            size = sum(part.nbytes for part in encoded)
            held += size
            # Half the limit, because joining the parts holds one column twice and pairs need room to sort.
            if spill is None and held > memory_limit // 2:
                spill = stack.enter_context(tempfile.TemporaryFile(prefix="colprofile-"))
                for column in columns:
                    column.parts = [_spilled(part, spill) for part in column.parts]
            for column, part in zip(columns, encoded, strict=True):
                column.parts.append(part if spill is None else _spilled(part, spill))
            rows += batch.num_rows
            progress(rows)
        joined: list[CodeArray] = []
        final = stack.enter_context(tempfile.TemporaryFile(prefix="colprofile-")) if spill else None
        for column in columns:
            joined.append(_joined(column, rows, spill, final))
            column.parts = []
        if spill:
            spill.close()
        counted = list(executor.map(_marginal, columns, joined, integer_texts))
        codes = [pair[0] for pair in counted]
        return CodedTable(rows, codes, [pair[1] for pair in counted], stack.pop_all())


def _read_ahead(batches: Iterator[pa.RecordBatch], executor: Executor) -> Generator[pa.RecordBatch, None, None]:
    """Yield the batches, reading the next one while the caller works on this one; closing it closes ``batches``."""
    pending = executor.submit(next, batches, None)
    try:
        while (batch := pending.result()) is not None:
            pending = executor.submit(next, batches, None)
            yield batch
    finally:
        wait([pending])
        if isinstance(batches, Generator):
            batches.close()


def _spilled(part: CodeArray | _Extent, file: BinaryIO) -> _Extent:
    if isinstance(part, _Extent):
        return part
    begin = file.seek(0, os.SEEK_END)
    file.write(part.data)
    return _Extent(begin, part.size, part.dtype)


def _joined(column: _Column, rows: int, spill: BinaryIO | None, final: BinaryIO | None) -> CodeArray:
    """Return all of a column's codes as one array of the narrowest type."""
    dtype = narrowest(column.highest)
    if spill is None or final is None:
        only = column.parts[0] if len(column.parts) == 1 else None
        if isinstance(only, np.ndarray):
            return only
        whole: CodeArray = np.empty(rows, dtype)
        at = 0
        for part in column.parts:
            assert isinstance(part, np.ndarray)
            whole[at : at + part.size] = part
            at += part.size
        return whole
    begin = -(-final.seek(0, os.SEEK_END) // 4096) * 4096
    final.seek(begin)
    for part in column.parts:
        assert isinstance(part, _Extent)
        spill.seek(part.begin)
        raw = np.frombuffer(spill.read(part.rows * part.dtype.itemsize), part.dtype)
        final.write(raw.astype(dtype).data)
    final.flush()
    return np.memmap(final, dtype, "r+", begin, (rows,)) if rows else np.empty(0, dtype)


def _marginal(column: _Column, codes: CodeArray, is_integer_text: bool) -> tuple[CodeArray, Marginal]:
    """Count a column's codes. Labels that never occur keep their code and the count 0."""
    dictionary: Dictionary = column.encoder.dictionary()
    if is_integer_text:
        dictionary = NumberTextDictionary(dictionary)
    counts = np.zeros(dictionary.size + 1, np.int64)
    count_codes(codes, counts)
    return codes, Marginal(int(counts[0]), counts[1:], dictionary)
