"""Rows drawn at random without replacement, from codes in memory or while a source is read, and their joint cells.

Only samples in which every set of rows is equally likely deserve a guarantee. Rows are numbered, the numbers drawn;
a sample by blocks (SQL's ``USING SAMPLE 10%``, ``TABLESAMPLE SYSTEM``) is refused, as rows of a block are alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from colprofile.compiled import compiled
from colprofile.counting.buffers import CodeArray
from colprofile.measures.bounds.distributions import Distribution
from colprofile.measures.bounds.models import JointCells

if TYPE_CHECKING:
    import pyarrow as pa

_DENSE_CELLS = 1 << 18

RowNumbers = npt.NDArray[np.int64]


def draw_rows(rows: int, size: int, seed: int) -> RowNumbers:
    """Return ``size`` different row numbers below ``rows`` in random order: each beginning of it is a sample too.

    >>> sorted(draw_rows(5, 9, seed=1).tolist())
    [0, 1, 2, 3, 4]
    """
    return np.random.default_rng(seed).choice(rows, min(size, rows), replace=False).astype(np.int64)


class RowDraw:
    """Different row numbers in random order, drawn as they are asked for: each beginning of them is a sample.

    Numbers are drawn with replacement and repeats left out, which makes every order of different rows equally likely.
    Meant for small shares of the rows.

    >>> draw = RowDraw(1_000_000, seed=1)
    >>> few = draw.first(10)
    >>> (draw.first(100)[:10] == few).all(), len(set(draw.first(100).tolist()))
    (np.True_, 100)
    """

    def __init__(self, rows: int, seed: int) -> None:
        self.rows = rows
        self._rng = np.random.default_rng(seed)
        self._numbers: RowNumbers = np.empty(0, np.int64)

    def first(self, size: int) -> RowNumbers:
        """Return the first ``size`` row numbers of the draw, all where there are fewer."""
        size = min(size, self.rows)
        while self._numbers.size < size:
            more = self._rng.integers(0, self.rows, size - self._numbers.size)
            both = np.concatenate([self._numbers, more])
            self._numbers = both[np.sort(np.unique(both, return_index=True)[1])]
        return self._numbers[:size]


@dataclass(frozen=True)
class SampledColumn:
    """A column's codes in the sampled rows, as a pair sees them.

    Attributes
    ----------
    codes
        Unsigned[sampled rows] in the order of the draw; 0 is NULL.
    distribution
        Each code's share of the column's rows that are not NULL, over the whole table; 0 for NULL.
    nulls
        NULL rows of the whole table.
    """

    codes: CodeArray
    distribution: Distribution
    nulls: int

    @property
    def width(self) -> int:
        """Codes including 0."""
        return self.distribution.shares.size


def gather(codes: CodeArray, numbers: RowNumbers) -> CodeArray:
    """Return the codes of the given rows, in their order."""
    order = np.argsort(numbers, kind="stable")
    found = np.empty(numbers.size, codes.dtype)
    found[order] = codes[numbers[order]]
    return found


def pair_cells(x: CodeArray, y: CodeArray, width_x: int, width_y: int) -> JointCells:
    """Return the joint cells of two columns' sampled codes, counted separately for each half of the rows.

    Rows in which either is NULL are left out. The halves are those of the draw: the first half of the rows came first.
    """
    half = x.size // 2
    if width_x * width_y <= _DENSE_CELLS:
        found = _dense_cells(x, y, half, width_x, width_y)
    elif width_x >= width_y:
        found = _grouped_cells(x, y, half, width_x, width_y)
    else:
        found = _grouped_cells(y, x, half, width_y, width_x)
        found = (found[1], found[0], *found[2:])
    return JointCells(*found)


@compiled
def _dense_cells(x: Any, y: Any, half: Any, width_x: Any, width_y: Any) -> Any:
    first = np.zeros(width_x * width_y, np.uint32)
    second = np.zeros(width_x * width_y, np.uint32)
    for i in range(half):
        first[np.int64(x[i]) * width_y + np.int64(y[i])] += np.uint32(1)
    for i in range(half, x.size):
        second[np.int64(x[i]) * width_y + np.int64(y[i])] += np.uint32(1)
    used = 0
    for i in range(1, width_x):
        for j in range(1, width_y):
            used += (first[i * width_y + j] + second[i * width_y + j]) > 0
    cells_x = np.empty(used, np.int64)
    cells_y = np.empty(used, np.int64)
    counts = np.empty((2, used))
    at = 0
    for i in range(1, width_x):
        for j in range(1, width_y):
            k = i * width_y + j
            if first[k] + second[k] > 0:
                cells_x[at] = i
                cells_y[at] = j
                counts[0, at] = first[k]
                counts[1, at] = second[k]
                at += 1
    return cells_x, cells_y, counts[0], counts[1]


@compiled
def _grouped_cells(x: Any, y: Any, half: Any, width_x: Any, width_y: Any) -> Any:
    """As _dense_cells, with the rows sorted by x and one small table of y."""
    cursor = np.zeros(width_x + 1, np.int64)
    for i in range(x.size):
        cursor[np.int64(x[i]) + 1] += 1
    for code in range(width_x):
        cursor[code + 1] += cursor[code]
    begin = cursor[:-1].copy()
    order = np.empty(x.size, np.int64)
    for i in range(x.size):
        order[cursor[x[i]]] = i
        cursor[x[i]] += 1
    place = np.full(width_y, -1, np.int64)
    cells_x = np.empty(x.size, np.int64)
    cells_y = np.empty(x.size, np.int64)
    counts = np.zeros((2, x.size))
    used = 0
    for code in range(1, width_x):
        start = used
        for i in range(begin[code], cursor[code]):
            row = order[i]
            value = np.int64(y[row])
            if value == 0:
                continue
            if place[value] < start:
                place[value] = used
                cells_x[used] = code
                cells_y[used] = value
                used += 1
            counts[0 if row < half else 1, place[value]] += 1.0
    return cells_x[:used].copy(), cells_y[:used].copy(), counts[0, :used].copy(), counts[1, :used].copy()


def take_rows(batches: Iterator[pa.RecordBatch], numbers: RowNumbers) -> Iterator[pa.RecordBatch]:
    """Yield of each batch the rows whose numbers were drawn, in the order of the source.

    For sources that cannot sample by themselves: one pass, and only the drawn rows are kept.
    """
    import pyarrow as pa

    ordered = np.sort(numbers)
    begin = 0
    for batch in batches:
        first, last = np.searchsorted(ordered, [begin, begin + batch.num_rows])
        if last > first:
            yield batch.take(pa.array(ordered[first:last] - begin))
        begin += batch.num_rows
