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
import pyarrow as pa

from colprofile.counting.buffers import CodeArray, CodeBuffer, narrowest
from colprofile.counting.dictionary import Dictionary
from colprofile.counting.encoder import Encoder, encoder_for
from colprofile.counting.kernels import count_codes
from colprofile.counting.marginal import Marginal
from colprofile.counting.tasks import map_all


@dataclass
class CodedTable:
    """Codes and marginals of a table's columns; close it to remove what was spilled.

    Attributes
    ----------
    rows
        Rows of the table.
    codes
        One array per column, uint8, uint16 or uint32[rows]: 0 is NULL, position p of the marginal is code p + 1.
    marginals
        One per column.
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
    """One column while its batches come in: its codes so far, or offset, size and type of those spilled."""

    def __init__(self, arrow_type: pa.DataType, expected_rows: int) -> None:
        self.encoder: Encoder = encoder_for(arrow_type)
        self.buffer = CodeBuffer(expected_rows)
        self.extents: list[tuple[int, int, np.dtype[Any]]] = []

    def add(self, array: pa.Array) -> None:
        self.buffer.append(self.encoder.encode(array), self.encoder.highest)

    def spill(self, file: BinaryIO) -> None:
        """Write the codes that are in memory to the end of a file."""
        codes = self.buffer.take()
        begin = file.seek(0, os.SEEK_END)
        file.write(codes.data)
        self.extents.append((begin, codes.size, codes.dtype))


def encode_table(
    batches: Iterator[pa.RecordBatch],
    schema: pa.Schema,
    *,
    executor: Executor,
    memory_limit: int,
    progress: Callable[[int], None],
    number_texts: Sequence[Callable[[Dictionary], Dictionary] | None] | None = None,
    expected_rows: int = 0,
) -> CodedTable:
    """Read all batches once and return the table's codes and marginals.

    Parameters
    ----------
    batches, schema
        Record batches, one field per column; they are read one ahead of the encoding.
    executor
        Encodes columns in parallel (the kernels release the GIL).
    memory_limit
        Bytes that codes may take in memory; beyond it they go to a temporary file that is mapped.
    progress
        Called with the number of rows read so far.
    number_texts
        For each column that arrives as the text of numbers, what makes a dictionary of numbers from that of its texts;
        None for the others, and where there are none.
    expected_rows
        About how many rows will come; 0 where that is not known.
    """
    columns = [_Column(item.type, expected_rows) for item in schema]
    rows = 0
    with contextlib.ExitStack() as stack:
        spill: BinaryIO | None = None
        for batch in stack.enter_context(contextlib.closing(_read_ahead(batches, executor))):
            arrays = [batch.column(i) for i in range(len(columns))]
            map_all(executor, _Column.add, columns, arrays)
            # Half the limit, because pairs need room to sort.
            if spill is None and sum(column.buffer.nbytes for column in columns) > memory_limit // 2:
                spill = stack.enter_context(tempfile.TemporaryFile(prefix="colprofile-"))
            if spill is not None:
                for column in columns:
                    column.spill(spill)
            rows += batch.num_rows
            progress(rows)
        final = stack.enter_context(tempfile.TemporaryFile(prefix="colprofile-")) if spill else None
        joined = [_joined(column, rows, spill, final) for column in columns]
        if spill:
            spill.close()
        marginals = map_all(executor, _marginal, columns, joined, number_texts or [None] * len(columns))
        return CodedTable(rows, joined, marginals, stack.pop_all())


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


def _joined(column: _Column, rows: int, spill: BinaryIO | None, final: BinaryIO | None) -> CodeArray:
    """Return all of a column's codes as one array of the narrowest type."""
    if spill is None or final is None:
        return column.buffer.take()
    dtype = narrowest(column.encoder.highest)
    begin = -(-final.seek(0, os.SEEK_END) // 4096) * 4096
    final.seek(begin)
    for offset, size, stored in column.extents:
        spill.seek(offset)
        raw = np.frombuffer(spill.read(size * stored.itemsize), stored)
        final.write(raw.astype(dtype).data)
    final.flush()
    return np.memmap(final, dtype, "r+", begin, (rows,)) if rows else np.empty(0, dtype)


def _marginal(column: _Column, codes: CodeArray, as_numbers: Callable[[Dictionary], Dictionary] | None) -> Marginal:
    """Count a column's codes. Labels that never occur keep their code and the count 0."""
    dictionary: Dictionary = column.encoder.dictionary()
    if as_numbers is not None:
        dictionary = as_numbers(dictionary)
    counts = np.zeros(dictionary.size + 1, np.int64)
    count_codes(codes, counts)
    return Marginal(int(counts[0]), counts[1:], dictionary)
