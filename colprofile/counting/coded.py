"""CodedTable: the codes of all columns of a table, from one pass over its batches, in memory or in temporary files."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from colprofile.counting.buffers import CodeArray, CodeBuffer, narrowest
from colprofile.counting.dictionary import Dictionary
from colprofile.counting.encoder import Encoder, encode_packed, encoder_for
from colprofile.counting.kernels import count_codes
from colprofile.counting.marginal import Marginal
from colprofile.counting.scratch import Scratch, ScratchFile, blocks
from colprofile.counting.spooled import SpooledColumn
from colprofile.counting.spooled_values import values_for
from colprofile.counting.tasks import map_all

ROOM_SHARE = 4
"""The values and codes of a table take this part of the memory; the others are for what is made from them."""


@dataclass
class CodedTable:
    """Codes and marginals of a table's columns; close it to remove what is in temporary files.

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
    _files: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __enter__(self) -> CodedTable:
        return self

    def __exit__(self, *exception: object) -> None:
        self.codes.clear()
        self._files.close()


class _Column:
    """One column while its batches come in: its codes so far, or where they are; or its values, if they are many."""

    def __init__(
        self, arrow_type: pa.DataType, expected_rows: int, as_numbers: Callable[[Dictionary], Dictionary] | None
    ) -> None:
        self.encoder: Encoder | None = encoder_for(arrow_type)
        self._is_enum = pa.types.is_dictionary(arrow_type)
        self.values = values_for(arrow_type) if as_numbers is None else None
        self._as_numbers = as_numbers
        self._buffer = CodeBuffer(expected_rows)
        self._extents: list[tuple[int, int, np.dtype[Any]]] = []
        self._spooled: SpooledColumn | None = None

    def add(self, array: pa.Array) -> None:
        """Add a batch: values of the column's type, or a dictionary array of such values."""
        is_packed = pa.types.is_dictionary(array.type) and not self._is_enum
        if self._spooled is not None:
            self._spooled.add(array.dictionary.take(array.indices) if is_packed else array)
        elif self.encoder is not None:
            codes = encode_packed(self.encoder, array) if is_packed else self.encoder.encode(array)
            self._buffer.append(codes, self.encoder.highest)

    @property
    def code_bytes(self) -> int:
        """Bytes of the codes in memory."""
        return self._buffer.nbytes

    @property
    def value_bytes(self) -> int:
        """Bytes of the values in memory."""
        return 0 if self.encoder is None else self.encoder.nbytes

    def spill(self, file: ScratchFile) -> None:
        """Write the codes that are in memory to a file."""
        codes = self._buffer.take()
        if codes.size:
            self._extents.append((file.append(codes), codes.size, codes.dtype))

    def spool(self, file: ScratchFile, scratch: Scratch, room: int) -> None:
        """Write the values to a file from now on; those so far too, whose codes are in ``file``."""
        assert self.encoder is not None and self.values is not None
        spooled = SpooledColumn(self.values, scratch, room)
        dictionary, self.encoder = self.encoder.dictionary(), None
        for begin, size, dtype in self._extents:
            for some in blocks(size):
                at = begin + some.start * dtype.itemsize
                spooled.add_codes(file.numbers(at, some.stop - some.start, dtype), dictionary)
        self._extents.clear()
        self._spooled = spooled

    def finish(
        self, file: ScratchFile | None, scratch: Scratch, check: Callable[[], None]
    ) -> tuple[CodeArray, Marginal]:
        """Return all codes, of the narrowest type, and the marginal."""
        if self._spooled is not None:
            dictionary, codes, counts = self._spooled.encode(check)
            return codes, Marginal(int(counts[0]), counts[1:], dictionary)
        assert self.encoder is not None
        codes = self._buffer.take() if file is None else self._mapped(file, scratch)
        dictionary, self.encoder = self.encoder.dictionary(), None
        if self._as_numbers is not None:
            dictionary = self._as_numbers(dictionary)
        # Labels that never occur keep their code and the count 0.
        counts = np.zeros(dictionary.size + 1, np.int64)
        count_codes(codes, counts)
        return codes, Marginal(int(counts[0]), counts[1:], dictionary)

    def _mapped(self, file: ScratchFile, scratch: Scratch) -> CodeArray:
        assert self.encoder is not None
        dtype = narrowest(self.encoder.highest)
        parts = (
            file.numbers(begin + some.start * stored.itemsize, some.stop - some.start, stored)
            for begin, size, stored in self._extents
            for some in blocks(size)
        )
        return scratch.stored(parts, dtype)


def encode_table(
    batches: Iterator[pa.RecordBatch],
    schema: pa.Schema,
    *,
    executor: Executor,
    memory_limit: int,
    progress: Callable[[int], None],
    number_texts: Sequence[Callable[[Dictionary], Dictionary] | None] | None = None,
    expected_rows: int = 0,
    scratch: Scratch | None = None,
) -> CodedTable:
    """Read all batches once and return the table's codes and marginals.

    Parameters
    ----------
    batches, schema
        Record batches, one field per column; they are read one ahead of the encoding. A column may come as a dictionary
        array of values of its type.
    executor
        Encodes columns in parallel (the kernels release the GIL).
    memory_limit
        Bytes that codes, values, and what is made from them may take in memory. Where a quarter of it is reached, codes
        go to a temporary file that is mapped, and then the values of the columns that take most. They are put in order
        there, so that their codes are ranks.
    progress
        Called with the number of rows read so far, and while files are worked on; it raises to stop.
    number_texts
        For each column that arrives as the text of numbers, what makes a dictionary of numbers from that of its texts;
        None for the others, and where there are none.
    expected_rows
        About how many rows will come; 0 where that is not known.
    scratch
        Temporary files, closed by who gave them; without, the table has its own.
    """
    converters = number_texts or [None] * len(schema)
    columns = [_Column(item.type, expected_rows, other) for item, other in zip(schema, converters, strict=True)]
    rows = 0
    with contextlib.ExitStack() as stack:
        files = scratch or stack.enter_context(Scratch(memory_limit))
        spill: ScratchFile | None = None
        room = memory_limit // ROOM_SHARE
        for batch in stack.enter_context(contextlib.closing(_read_ahead(batches, executor))):
            arrays = [batch.column(i) for i in range(len(columns))]
            map_all(executor, _Column.add, columns, arrays)
            del arrays
            if spill is None and sum(column.code_bytes + column.value_bytes for column in columns) > room:
                spill = files.file()
            if spill is not None:
                for column in columns:
                    column.spill(spill)
                _spool_largest(columns, spill, files, room)
            rows += batch.num_rows
            progress(rows)

        def check() -> None:
            progress(rows)

        if spill is None:
            finished = map_all(executor, lambda column: column.finish(None, files, check), columns)
        else:
            finished = [column.finish(spill, files, check) for column in columns]
            files.discard(spill)
        return CodedTable(rows, [codes for codes, _ in finished], [m for _, m in finished], stack.pop_all())


def _spool_largest(columns: Sequence[_Column], spill: ScratchFile, scratch: Scratch, room: int) -> None:
    """Write the values of the columns that take most to files, until the others leave half of the room."""
    held = sum(column.value_bytes for column in columns)
    if held <= room:
        return
    for column in sorted(columns, key=lambda column: -column.value_bytes):
        if held > room // 2 and column.values is not None:
            held -= column.value_bytes
            column.spool(spill, scratch, room)


def _read_ahead(batches: Iterator[pa.RecordBatch], executor: Executor) -> Generator[pa.RecordBatch, None, None]:
    """Yield the batches, reading the next one while the caller works on this one; closing it closes ``batches``."""

    def read() -> pa.RecordBatch | None:
        return next(batches, None)

    def begun() -> Future[pa.RecordBatch | None]:
        return executor.submit(copy_context().run, read)

    pending = begun()
    try:
        while (batch := pending.result()) is not None:
            pending = begun()
            yield batch
    finally:
        wait([pending])
        if isinstance(batches, Generator):
            batches.close()
