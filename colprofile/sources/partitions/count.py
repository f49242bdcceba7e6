"""What workers do next: count the pairs of columns in chunks of codes, and add up what others have counted.

Everything travels by a key, and with it how many rows it was counted from and the sum of their chunks' digests: so who
gets the sums knows that each row was counted once. Code 0 is NULL.

This module is sent to workers as it stands (see ``shipped``): it imports nothing of this package but its neighbours.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from colprofile.sources.partitions import chunks, pack

TABLES, CELLS, CROSSES, ROWS = range(4)
_ALL = (1 << 64) - 1
_BLOCK = 1 << 16
_DENSE_CELLS = 1 << 20
_CELLS_A_ROW = 4
"""A table with so many cells for each row is filled and looked through faster than the rows are sorted."""


class Tables(NamedTuple):
    """Pairs of views whose tables go to one key: (x, y, width of x, width of y) each."""

    key: int
    pairs: Sequence[tuple[int, int, int, int]]


class Cells(NamedTuple):
    """A pair of views with many cells: those from each of ``starts`` on have a key of their own, the first ``key``.

    A cell is x · width + y. Rows in which either is NULL are left out unless it ``keeps_null``.
    """

    key: int
    x: int
    y: int
    width: int
    starts: Any
    keeps_null: bool


class Crosses(NamedTuple):
    """Σ a·b over the rows, of pairs of ``axes``: a column and a number for each of its codes."""

    key: int
    axes: Sequence[tuple[int, Any]]
    pairs: Sequence[tuple[int, int]]


class Rows(NamedTuple):
    """Equal rows of all columns, in so many ``buckets`` of a key each."""

    key: int
    buckets: int


class Plan(NamedTuple):
    """What to count: views are a column and a code for each of its codes, or None for these themselves."""

    views: Sequence[tuple[int, Any]]
    tables: Sequence[Tables]
    cells: Sequence[Cells]
    crosses: Sequence[Crosses]
    rows: Sequence[Rows]


def counted(batches: Iterator[pa.RecordBatch], *, plan: Any, codes: Any, together: int) -> Iterator[pa.RecordBatch]:
    """Yield what a plan asks for, of the chunks of a partition, ``together`` bytes of codes at a time.

    ``codes`` holds for each chunk, by its digest, the code of each local code of its columns, as ``steps_to_bytes``
    packs them. Other chunks are left out, which shows in the digests.
    """
    views, tables, cells, crosses, rows = plan
    needed = sorted({view[0] for view in views} | {axis[0] for cross in crosses for axis in cross[1]})
    if rows:
        needed = list(range(len(next(iter(codes.values())))))
    for part in _parts(batches, views, codes, needed, together):
        for key, pairs in tables:
            yield part.blob(key, TABLES, [p for pair in pairs for p in _table(part, *pair)])
        for key, x, y, width, starts, keeps_null in cells:
            yield from _cells(part, key, x, y, width, starts, keeps_null)
        for key, axes, pairs in crosses:
            yield part.blob(key, CROSSES, [_crosses(part, axes, pairs).tobytes()])
        for key, buckets in rows:
            yield from _rows(part, key, buckets)


class _Part:
    """The codes of some chunks."""

    def __init__(self, views: Any) -> None:
        self.rows = self.digests = 0
        self.columns: dict[int, Any] = {}
        self._views, self._seen = views, {}  # type: ignore[var-annotated]

    def view(self, number: int) -> Any:
        if number not in self._seen:
            column, lookup = self._views[number]
            codes = self.columns[column]
            self._seen[number] = codes if lookup is None else lookup[codes]
        return self._seen[number]

    def blob(self, key: int, kind: int, parts: Sequence[bytes]) -> pa.RecordBatch:
        header = struct.pack("<BQQ", kind, self.digests, self.rows)
        return pack.blob(key, chunks.joined([header, *parts]))


def _parts(batches: Any, views: Any, codes: Any, needed: Sequence[int], together: int) -> Iterator[_Part]:
    part, held, size = _Part(views), [], 0  # type: ignore[var-annotated]

    def finished() -> _Part:
        part.columns = {column: np.concatenate([each[i] for each in held]) for i, column in enumerate(needed)}
        return part

    for key, data in chunks.blobs_of(batches):
        if key not in codes:
            continue
        rows, packed = chunks.codes_of(data)
        held.append([_recoded(codes[key][column], packed[column]) for column in needed])
        part.rows += rows
        part.digests = part.digests + key & _ALL
        size += sum(column.nbytes for column in held[-1])
        if size >= together:
            yield finished()
            part, held, size = _Part(views), [], 0
    if held or part.rows:
        yield finished()


def _recoded(codes: bytes, packed: bytes) -> Any:
    """Return the codes of a chunk's rows, as narrow as can be, from the code of each local code."""
    of_local = chunks.bytes_to_steps(codes)
    highest = int(of_local.max())
    narrow = next(kind for kind in (np.uint8, np.uint16, np.uint32) if highest <= np.iinfo(kind).max)
    return of_local.astype(narrow)[chunks.bytes_to_numbers(packed)]


def _table(part: _Part, x: int, y: int, height: int, width: int) -> list[bytes]:
    first, second, size = part.view(x), part.view(y), height * width
    step = _BLOCK if size <= _BLOCK // 4 else part.rows
    table: Any = np.zeros(size, np.int64)
    for begin in range(0, part.rows, step):
        cell = first[begin : begin + step].astype(np.int64)
        cell *= width
        cell += second[begin : begin + step]
        table += np.bincount(cell, minlength=size)
    cells = np.flatnonzero(table)
    return _packed(cells, table[cells])


def _packed(cells: Any, counts: Any) -> list[bytes]:
    """Return ascending numbers of cells and their counts as bytes."""
    base = int(cells[0]) if cells.size else 0
    gaps = np.diff(cells, prepend=cells[:1])
    return [struct.pack("<Q", base), chunks.numbers_to_bytes(gaps), chunks.numbers_to_bytes(counts)]


def unpacked(parts: Sequence[bytes]) -> tuple[Any, Any]:
    """Return numbers of cells, uint64, and their counts, int64."""
    (base,) = struct.unpack("<Q", parts[0])
    cells = np.cumsum(chunks.bytes_to_numbers(parts[1]), dtype=np.uint64) + np.uint64(base)
    return cells, chunks.bytes_to_numbers(parts[2]).astype(np.int64)


def _cells(part: _Part, key: int, x: int, y: int, width: int, starts: Any, keeps_null: bool) -> Iterator[Any]:
    first, second = part.view(x), part.view(y)
    if not keeps_null:
        there = (first != 0) & (second != 0)
        if not there.all():
            first, second = first[there], second[there]
    cell, counts = _equal_cells(first, second, width)
    ends = np.append(np.searchsorted(cell, starts[1:]), cell.size).tolist()
    begin = 0
    for bucket, end in enumerate(ends):
        meta = struct.pack("<QB", width, keeps_null)
        yield part.blob(key + bucket, CELLS, [meta, *_packed(cell[begin:end], counts[begin:end])])
        begin = end


def _equal_cells(x: Any, y: Any, width: int) -> tuple[Any, Any]:
    """Return the different cells x · width + y, ascending, and how many rows each has."""
    size = (int(x.max()) + 1) * width if x.size else 0
    if size <= _CELLS_A_ROW * x.size:
        cell = x.astype(np.int64)
        cell *= width
        cell += y
        table = np.bincount(cell)
        found = np.flatnonzero(table)
        return found.astype(np.uint64), table[found]
    kind = np.uint32 if size < 1 << 32 else np.uint64
    cell = x.astype(kind)
    cell *= kind(width)
    cell += y.astype(kind, copy=False)
    cell.sort()
    begins = _begins(cell)
    return cell[begins].astype(np.uint64), np.diff(begins, append=cell.size)


def _begins(ordered: Any) -> Any:
    """Return where each different number of an ascending array begins."""
    is_new = np.ones(ordered.size, bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return np.flatnonzero(is_new)


def _crosses(part: _Part, axes: Sequence[tuple[int, Any]], pairs: Sequence[tuple[int, int]]) -> Any:
    found = np.zeros(len(pairs))
    for begin in range(0, part.rows, _BLOCK):
        some = slice(begin, begin + _BLOCK)
        places = [axis[part.columns[column][some]] for column, axis in axes]
        found += [places[i] @ places[j] for i, j in pairs]
    return found


def _mixed(words: Any) -> Any:
    """Return splitmix64 of each number."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _rows(part: _Part, key: int, buckets: int) -> Iterator[Any]:
    """Yield 128 bits of each different row, and how often it occurs."""
    halves = [np.zeros(part.rows, np.uint64) for _ in range(2)]
    for number, codes in part.columns.items():
        size = int(codes.max()) + 1
        for half, hashes in enumerate(halves):
            salt = (2 * number + half + 1) * 0xD1B54A32D192ED03 & _ALL
            hashes += _mixed(np.arange(1, size + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(salt))[
                codes
            ]
    first, second, counts = _equal_rows(halves[0], halves[1], np.ones(part.rows, np.int64))
    limits = [(bucket << 64) // buckets for bucket in range(1, buckets)]
    ends = [*np.searchsorted(first, np.array(limits, np.uint64)).tolist(), first.size]
    begin = 0
    for bucket, end in enumerate(ends):
        some = slice(begin, end)
        parts = [first[some].tobytes(), second[some].tobytes(), chunks.numbers_to_bytes(counts[some])]
        yield part.blob(key + bucket, ROWS, parts)
        begin = end


def _equal_rows(first: Any, second: Any, counts: Any) -> tuple[Any, Any, Any]:
    """Return the different pairs of halves, ascending, and their counts."""
    order = np.argsort(first)
    first, second = first[order], second[order]
    is_same = first[1:] == first[:-1]
    if (is_same & (second[1:] != second[:-1])).any():
        again = np.lexsort([second, first])
        order, first, second = order[again], first[again], second[again]
    is_new = np.append(True, (first[1:] != first[:-1]) | (second[1:] != second[:-1]))[: first.size]
    begins = np.flatnonzero(is_new)
    return first[begins], second[begins], _sums(counts[order], begins)


def _sums(counts: Any, begins: Any) -> Any:
    return np.add.reduceat(counts, begins) if begins.size else counts[:0]


def summed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield for each key of a partition the sum of what was counted."""
    held: dict[int, list[list[bytes]]] = {}
    for key, data in chunks.blobs_of(batches):
        held.setdefault(key, []).append(chunks.split(data))
    for key in sorted(held):
        found = held.pop(key)
        kind, rows, digests = 0, 0, 0
        for parts in found:
            kind, digest, some = struct.unpack("<BQQ", parts.pop(0))
            digests, rows = digests + digest & _ALL, rows + some
        header = struct.pack("<QQ", digests, rows)
        yield pack.blob(key, chunks.joined([header, *(_SUMS[kind](found))]))


def _sum_tables(found: list[list[bytes]]) -> list[bytes]:
    parts: list[bytes] = []
    for begin in range(0, len(found[0]), 3):
        parts += _packed(*_merged([unpacked(each[begin : begin + 3]) for each in found]))
    return parts


def _merged(found: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Return the different cells, ascending, of several such arrays, and the sums of their counts."""
    if len(found) == 1:
        return found[0]
    cells, counts = (np.concatenate([each[i] for each in found]) for i in range(2))
    last = int(cells.max()) if cells.size else 0
    if last < _DENSE_CELLS:
        # Sums below 2^53 are exact in doubles.
        table = np.bincount(cells.astype(np.int64), counts, last + 1)
        there = np.flatnonzero(table)
        return there.astype(np.uint64), table[there].astype(np.int64)
    order = np.argsort(cells, kind="stable")
    cells = cells[order]
    begins = _begins(cells)
    return cells[begins], _sums(counts[order], begins)


def _sum_cells(found: list[list[bytes]]) -> list[bytes]:
    width, keeps_null = struct.unpack("<QB", found[0][0])
    cells, counts = _merged([unpacked(each[1:]) for each in found])
    x, y = cells // np.uint64(width), cells % np.uint64(width)
    totals = np.array([cells.size, float(counts @ np.log2(counts.astype(np.float64))) if counts.size else 0.0])
    parts = [totals.tobytes(), *_side(x, counts), *_other_side(y, counts, width)]
    if keeps_null:
        whole = (x != 0) & (y != 0)
        parts += [*_side(x[whole], counts[whole]), *_other_side(y[whole], counts[whole], width)]
    return parts


def _other_side(values: Any, counts: Any, width: int) -> list[bytes]:
    """Return what ``_side`` does of values below ``width`` in any order."""
    if width > _CELLS_A_ROW * values.size:
        order = np.argsort(values, kind="stable")
        return _side(values[order], counts[order])
    places = values.astype(np.int64)
    best = np.zeros(width, np.int64)
    np.maximum.at(best, places, counts)
    there = np.flatnonzero(best)
    # Sums below 2^53 are exact in doubles.
    rows = np.bincount(places, counts, width)[there].astype(np.int64)
    squares = np.bincount(places, counts.astype(np.float64) ** 2, width)[there]
    return [*(chunks.numbers_to_bytes(each) for each in (there, rows, best[there])), squares.tobytes()]


def _side(ordered: Any, counts: Any) -> list[bytes]:
    """Return the values of one side of cells, ascending, and of each Σ c, Σ c² and max c."""
    begins = _begins(ordered)
    best = np.maximum.reduceat(counts, begins) if begins.size else counts[:0]
    squares = _sums(counts.astype(np.float64) ** 2, begins)
    found = [chunks.numbers_to_bytes(each) for each in (ordered[begins], _sums(counts, begins), best)]
    return [*found, squares.tobytes()]


def _sum_crosses(found: list[list[bytes]]) -> list[bytes]:
    return [np.sum([np.frombuffer(each[0]) for each in found], axis=0).tobytes()]


def _sum_rows(found: list[list[bytes]]) -> list[bytes]:
    halves = [np.concatenate([np.frombuffer(each[i], np.uint64) for each in found]) for i in range(2)]
    counts = np.concatenate([chunks.bytes_to_numbers(each[2]).astype(np.int64) for each in found])
    first, _, amounts = _equal_rows(halves[0], halves[1], counts)
    return [np.array([first.size, int(amounts.sum())], np.int64).tobytes()]


_SUMS = {TABLES: _sum_tables, CELLS: _sum_cells, CROSSES: _sum_crosses, ROWS: _sum_rows}
