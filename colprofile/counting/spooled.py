"""SpooledColumn: the values of a column with too many different ones for memory, sorted and counted on disk.

1. The values are written to a file in the order of the rows.
2. A sample of them is cut into parts of about equally many values, and each value is written to its part.
3. Each part is encoded alone, as any column is; its values are sorted, and a value's code is its rank.
4. The codes of each row's part are put back into the order of the rows.

What is in memory at a time is one part's different values, or a block of rows. Every file is read from its beginning to
its end, that of the parts once for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from colprofile.counting.buffers import CodeArray, narrowest
from colprofile.counting.dictionary import BLOCK_BYTES, Dictionary, arrow_positions
from colprofile.counting.kernels import count_codes
from colprofile.counting.marginal import Counts
from colprofile.counting.scratch import BLOCK, Scratch, ScratchFile, blocks
from colprofile.counting.spooled_values import DictionaryWriter, Mask, Values

_SAMPLE = 1 << 13
_SAMPLE_BYTES = 1 << 22
_MOST_PARTS = 4096


@dataclass
class _Segment:
    """Some values in a file: where they begin, the bytes they take, and how many they are."""

    begin: int = 0
    size: int = 0
    values: int = 0


@dataclass
class _Block:
    """Some rows: where the values of those that have one are, and the bits of which rows these are; None of all."""

    rows: int
    values: _Segment
    mask: int | None


@dataclass
class _Parts:
    """Values that are shared out to parts.

    ``segments`` are by part, what each block has in it; ``numbers`` has each row's part from 1, 0 for NULL.
    """

    file: ScratchFile
    numbers: ScratchFile
    segments: list[list[_Segment]] = field(default_factory=list)


class SpooledColumn:
    """A column whose values are written to a file as they come, to be encoded when all are there.

    Parameters
    ----------
    values
        How they are written.
    scratch
        Where.
    room
        Bytes of memory that may be taken to encode them.
    """

    def __init__(self, values: Values, scratch: Scratch, room: int) -> None:
        self._values = values
        self._scratch = scratch
        self._room = room
        self._schema = pa.schema([pa.field("v", values.stored)])
        self._file = scratch.file()
        self._blocks: list[_Block] = []
        self._sample = _Sample()
        self._filled = self._bytes = 0

    def add(self, array: pa.Array) -> None:
        """Add rows."""
        for some in blocks(len(array), _length(array.nbytes, len(array))):
            self._add(*self._values.of(array.slice(some.start, some.stop - some.start)))

    def add_codes(self, codes: CodeArray, dictionary: Dictionary) -> None:
        """Add rows that were encoded already, from their codes and the values behind them."""
        size = self._values.size(dictionary)
        for some in blocks(codes.size, _length(size, dictionary.size)):
            part = codes[some]
            mask = None if part.all() else part != 0
            chosen = (part if mask is None else part[mask]).astype(np.int64) - 1
            self._add(self._values.at(dictionary, chosen), mask)

    def _add(self, values: pa.Array, mask: Mask | None) -> None:
        """Add rows from the values of those that have one."""
        rows = len(values) if mask is None else mask.size
        segment = self._write(self._file, values)
        self._blocks.append(_Block(rows, segment, None if mask is None else self._file.append(np.packbits(mask))))
        self._filled += len(values)
        self._bytes += values.nbytes
        self._sample.add(values)

    def _write(self, file: ScratchFile, values: pa.Array) -> _Segment:
        if not len(values):
            return _Segment()
        batch = pa.record_batch([values], schema=self._schema).serialize()
        return _Segment(file.append(batch), batch.size, len(values))

    def _read(self, file: ScratchFile, segment: _Segment) -> pa.Array:
        if not segment.values:
            return pa.nulls(0, self._values.stored)
        raw = memoryview(file.read(segment.begin, segment.size)).toreadonly()
        return pa.ipc.read_record_batch(pa.py_buffer(raw), self._schema).column(0)

    def encode(self, check: Callable[[], None] = lambda: None) -> tuple[Dictionary, CodeArray, Counts]:
        """Return the values in their order, each row's code, and the rows of each code, NULL's 0 included; all mapped.

        ``check`` is called between blocks; it raises to stop.
        """
        wanted = 1 + self._values.cost(self._filled, self._bytes) // max(1, self._room)
        parts = self._shared_out(self._sample.splitters(self._values, min(_MOST_PARTS, wanted)), check)
        self._scratch.discard(self._file)
        writer = self._values.writer(self._scratch)
        counts, codes = self._scratch.file(), self._scratch.file()
        counts.append(np.array([sum(block.rows for block in self._blocks) - self._filled], np.int64))
        size = 0
        for segments in parts.segments:
            size += self._encode_part(parts.file, segments, codes, size, writer, counts, check)
        self._scratch.discard(parts.file)
        rows = self._scratch.stored(self._put_back(parts, codes, check), narrowest(size))
        self._scratch.discard(parts.numbers)
        self._scratch.discard(codes)
        return writer.dictionary(), rows, self._scratch.mapped(counts, np.int64)

    def _shared_out(self, splitters: pa.Array, check: Callable[[], None]) -> _Parts:
        """Write each value to its part, block by block."""
        amount = len(splitters) + 1
        parts = _Parts(self._scratch.file(), self._scratch.file(), [[] for _ in range(amount)])
        for block in self._blocks:
            check()
            values = self._read(self._file, block.values)
            numbers = (self._values.parts(values, splitters) + 1).astype(np.uint16)
            if amount > 1:
                order = np.argsort(numbers, kind="stable")
                values = values.take(arrow_positions(order))
            ends = np.cumsum(np.bincount(numbers, minlength=amount + 1)).tolist()
            for segments, begin, end in zip(parts.segments, ends, ends[1:], strict=False):
                segments.append(self._write(parts.file, values.slice(begin, end - begin)))
            if block.mask is not None:
                of_rows = np.zeros(block.rows, np.uint16)
                of_rows[_mask(self._file, block.mask, block.rows)] = numbers
                numbers = of_rows
            parts.numbers.append(numbers)
        return parts

    def _encode_part(
        self,
        file: ScratchFile,
        segments: list[_Segment],
        codes: ScratchFile,
        base: int,
        writer: DictionaryWriter,
        counts: ScratchFile,
        check: Callable[[], None],
    ) -> int:
        """Encode the values of a part, and write its codes, from ``base`` + 1 on; return how many values are different.

        Codes are written in the order of first appearance, then read again and made ranks.
        """
        encoder = self._values.encoder()
        first = codes.size
        for segment in segments:
            check()
            codes.append(encoder.encode(self._read(file, segment)))
        part = encoder.dictionary()
        del encoder
        order = part.order
        writer.add(part, order)
        rank = np.empty(part.size + 1, np.uint32)
        rank[order + 1] = np.arange(1, part.size + 1, dtype=np.uint32)
        del part, order
        amounts = np.zeros(rank.size, np.int64)
        for some in blocks((codes.size - first) // 4):
            check()
            begin = first + 4 * some.start
            ranks = rank[codes.numbers(begin, some.stop - some.start, np.uint32)]
            count_codes(ranks, amounts)
            codes.replace(begin, ranks + np.uint32(base))
        counts.append(amounts[1:])
        return rank.size - 1

    def _put_back(self, parts: _Parts, codes: ScratchFile, check: Callable[[], None]) -> Iterator[CodeArray]:
        """Yield the codes of each block of rows from those of its parts, which follow each other in a file."""
        sizes = [sum(segment.values for segment in segments) for segments in parts.segments]
        places = (4 * np.cumsum([0, *sizes[:-1]])).tolist()
        begin = 0
        for number, block in enumerate(self._blocks):
            check()
            found = [np.zeros(block.rows - block.values.values, np.uint32)]
            for part, segments in enumerate(parts.segments):
                found.append(codes.numbers(places[part], segments[number].values, np.uint32))
                places[part] += 4 * segments[number].values
            rows = np.empty(block.rows, np.uint32)
            rows[np.argsort(parts.numbers.numbers(begin, block.rows, np.uint16), kind="stable")] = np.concatenate(found)
            begin += 2 * block.rows
            yield rows


class _Sample:
    """Random values of a column, a few thousand, however many come."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)
        self._chosen: list[pa.Array] = []
        self._size = self._bytes = 0
        self._stride = 1

    def add(self, values: pa.Array) -> None:
        """Take one of so many values, and drop every other one where there are twice as many as are of use."""
        amount = -(-len(values) // self._stride)
        if not amount:
            return
        places = self._random.integers(0, len(values), amount)
        self._keep([*self._chosen, values.take(arrow_positions(places))])
        while self._size > 2 * _SAMPLE or (self._bytes > _SAMPLE_BYTES and self._size > 2):
            self._keep([pa.concat_arrays(self._chosen).take(arrow_positions(np.arange(0, self._size, 2)))])
            self._stride *= 2

    def _keep(self, chosen: list[pa.Array]) -> None:
        self._chosen = chosen
        self._size = sum(map(len, chosen))
        self._bytes = sum(array.nbytes for array in chosen)

    def splitters(self, values: Values, parts: int) -> pa.Array:
        """Return what divides all values into about so many parts, ascending."""
        sample = pa.concat_arrays(self._chosen) if self._chosen else pa.nulls(0, values.stored)
        order = values.sort(sample)
        places = order[np.arange(1, parts) * order.size // parts] if order.size else order
        return sample.take(arrow_positions(places))


def _length(size: int, values: int) -> int:
    """Return how many values to work on at a time, where so many take ``size`` bytes."""
    return max(1, min(BLOCK, values * BLOCK_BYTES // max(1, size)))


def _mask(file: ScratchFile, begin: int, rows: int) -> Mask:
    return np.unpackbits(file.numbers(begin, -(-rows // 8), np.uint8), count=rows).astype(bool)
