"""All pairs of a coded table, exactly, on all cores.

Each pair takes the cheaper of the two kernels. Pairs of the grouped kernel are collected by the column with more
values, whose rows are then sorted once for many partners.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from colprofile.counting.buffers import CodeArray, narrowest
from colprofile.counting.correlation import Axis, cross_of_table, pearson, pearson_of_rows
from colprofile.counting.grouped import Partner, RowOrder, Workspace
from colprofile.counting.kernels import CLOGC_TABLE, SUMS, count_dense, fold_table, sum_dense
from colprofile.counting.marginal import Counts
from colprofile.counting.tasks import run_all
from colprofile.measures.chance import expected_bits
from colprofile.measures.sums import PairSums
from colprofile.measures.tables import exchanged, sums_with_unique

_DENSE_CELLS = 1 << 16  # always dense up to here: 256 kB of uint32 stay in a core's second-level cache
_DENSE_CELLS_MOST = 1 << 22  # dense up to here where there are so many rows that walking the cells does not matter
_ROWS_PER_CELL = 3
_PARTNERS = 16  # most pairs of a grouped task: enough to pay for its sort, few enough to share the cores evenly
_FEW_PARTNERS = 4  # the most where there are too few pairs to keep the cores busy to the end
_GROUPED_TASKS = 8
_DENSE_TASK_ROWS = 1 << 22  # row visits per dense task: a few milliseconds
_ROWS_PER_FOLDED_CELL = 2  # a cell is folded in the time in which two rows are counted
_BLOCK = 1 << 24  # rows per kernel call: Ctrl-C waits for no more than one


_Table = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class PairColumn:
    """One column, as pairs are counted from it.

    Attributes
    ----------
    codes
        uint8, uint16 or uint32[rows]; 0 is NULL.
    counts
        int64[size + 1] by code, NULL included.
    binned
        uint8[rows] of equal-mass bins, 0 is NULL; None where dependence is taken on the values as they are.
    bins
        How many bins.
    axis
        float64[size + 1]: each code's place on the standardised axis, for Pearson's r; None without an axis.
    correlated
        Codes in which NULL is 0, if it is a value in ``codes``.
    lookup
        int64[size + 1]: each code's bin; None without bins, or where a row's bin does not follow from its code.
    """

    codes: CodeArray
    counts: Counts
    binned: CodeArray | None
    bins: int
    axis: Axis | None = None
    correlated: CodeArray | None = None
    lookup: npt.NDArray[np.int64] | None = None

    @property
    def width(self) -> int:
        """Codes including 0."""
        return self.counts.size

    @property
    def is_unique(self) -> bool:
        """Whether no row is NULL and every value occurs once: its pairs are then known without counting."""
        return bool(self.counts[0] == 0 and self.counts[1:].max(initial=0) == 1)


@dataclass(frozen=True)
class PairCount:
    """A counted pair: exact sums, the sums of its bins for dependence (the same without bins), and Pearson's r."""

    sums: PairSums
    expected: float
    binned_sums: PairSums
    binned_expected: float
    pearson: float | None = None


def count_pairs(
    columns: Sequence[PairColumn],
    pairs: Sequence[tuple[int, int]],
    *,
    executor: Executor,
    progress: Callable[[int], None],
) -> list[PairCount]:
    """Count the given pairs of columns.

    Parameters
    ----------
    columns
        All with the same number of rows.
    pairs
        Pairs of indices into ``columns``.
    executor
        Threads to count on; the kernels release the GIL.
    progress
        Called now and then, from the calling thread, with the number of pairs counted so far.

    Returns
    -------
    list of PairCount
        In the order of ``pairs``, x being the first index of each.
    """
    counter = _Counter(columns, pairs)
    run_all(executor, counter.tasks(), counter.cancelled, lambda done, total: progress(counter.finished))
    return [result for result in counter.results if result is not None]


class _Counter:
    """The work of one call of count_pairs, cut into tasks."""

    def __init__(self, columns: Sequence[PairColumn], pairs: Sequence[tuple[int, int]]) -> None:
        self.columns = columns
        self.pairs = pairs
        self.results: list[PairCount | None] = [None] * len(pairs)
        self.cancelled = threading.Event()
        self.own = threading.local()
        self.finished = 0
        self.rows = columns[0].codes.size if columns else 0
        self.unique = [column.is_unique for column in columns]
        self.dense_limit = max(_DENSE_CELLS, min(self.rows // _ROWS_PER_CELL, _DENSE_CELLS_MOST))

    def tasks(self) -> list[Callable[[], None]]:
        """Return the tasks, the longest first so that the cores end together."""
        grouped: dict[int, list[int]] = {}
        dense: list[int] = []
        for number, (x, y) in enumerate(self.pairs):
            wide, slim = self._by_width(x, y)
            is_closed = self.unique[x] or self.unique[y]
            if is_closed or self.columns[wide].width * self.columns[slim].width <= self.dense_limit:
                dense.append(number)
            else:
                grouped.setdefault(wide, []).append(number)
        tasks: list[Callable[[], None]] = []
        waiting = sum(map(len, grouped.values()))
        most = int(np.clip(-(-waiting // _GROUPED_TASKS), _FEW_PARTNERS, _PARTNERS))
        for wide, numbers in sorted(grouped.items(), key=lambda item: -self.columns[item[0]].width):
            tasks += [
                partial(self._grouped_task, wide, numbers[begin : begin + most])
                for begin in range(0, len(numbers), most)
            ]
        share = int(np.clip(_DENSE_TASK_ROWS // max(1, self.rows), 1, 64))
        tasks += [partial(self._dense_task, dense[begin : begin + share]) for begin in range(0, len(dense), share)]
        return tasks

    def _workspace(self) -> Workspace:
        """Return the workspace of the thread that asks."""
        if not hasattr(self.own, "workspace"):
            self.own.workspace = Workspace()
        workspace: Workspace = self.own.workspace
        return workspace

    def _by_width(self, x: int, y: int) -> tuple[int, int]:
        return (x, y) if self.columns[x].width >= self.columns[y].width else (y, x)

    def _finish(self, number: int, exact: _Sums, binned: _Sums) -> None:
        x, y = self.pairs[number]
        first, second = self.columns[x], self.columns[y]
        r = exact.pearson
        is_elsewhere = self.unique[x] or self.unique[y] or not (first.correlated is second.correlated is None)
        if is_elsewhere and first.axis is not None and second.axis is not None:
            r = pearson_of_rows(_correlated(first), _correlated(second), first.axis, second.axis)
        self.results[number] = PairCount(exact.sums, exact.expected, binned.sums, binned.expected, r)
        self.finished += 1  # shown to people only: a lost update between threads does no harm

    def _check(self) -> None:
        if self.cancelled.is_set():
            raise CancelledError  # another task failed, or the user interrupted

    def _axes(self, x: int, y: int) -> tuple[Axis | None, Axis | None]:
        """Return the axes that a kernel may correlate: none where NULL is a value there."""
        columns = (self.columns[x], self.columns[y])
        if any(column.correlated is not None for column in columns):
            return None, None
        return columns[0].axis, columns[1].axis

    def _dense_task(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self._check()
            x, y = self.pairs[number]
            is_closed = self.unique[x] or self.unique[y]
            exact, binned = (self._closed(x, y), None) if is_closed else self._dense(x, y)
            if binned is None:
                binned = exact if self._is_as_it_is(x, y) else self._binned(x, y)
            self._finish(number, exact, binned)

    def _grouped_task(self, wide: int, numbers: Sequence[int]) -> None:
        """Count pairs of a column that has more values than its partners, and their bins in the same pass."""
        self._check()
        column = self.columns[wide]
        order = RowOrder(column.codes, column.counts, self._workspace())
        slims = [y if x == wide else x for x, y in (self.pairs[number] for number in numbers)]
        partners = [(self.columns[slim].codes, self.columns[slim].width) for slim in slims]
        axes = [self._axes(wide, slim) for slim in slims]
        # A wide column without bins of its own needs its partners' bins grouped too: they come along in the same pass.
        along = [
            slim
            for slim in slims
            if column.binned is None and self.columns[slim].binned is not None and not self._fits_bins(wide, slim)
        ]
        partners += [(_binned_codes(self.columns[slim]), _binned_width(self.columns[slim])) for slim in along]
        x_axis = next((pair[0] for pair in axes if pair[0] is not None), None)
        found = order.count(partners, x_axis, [pair[1] for pair in axes], self._check)
        sums = [
            _of_partner(partner, *pair)
            for partner, pair in zip(found, [*axes, *[(None, None)] * len(along)], strict=True)
        ]
        by_slim = dict(zip(along, sums[len(slims) :], strict=True))
        for number, slim, exact in zip(numbers, slims, sums, strict=False):
            self._check()
            x, y = self.pairs[number]
            is_first = x == wide
            exact = exact if is_first else exact.exchanged()
            if self._is_as_it_is(x, y):
                binned = exact
            elif slim in by_slim:
                binned = by_slim[slim] if is_first else by_slim[slim].exchanged()
            else:
                binned = self._binned(x, y)
            self._finish(number, exact, binned)

    def _is_as_it_is(self, x: int, y: int) -> bool:
        return self.columns[x].binned is None and self.columns[y].binned is None

    def _is_foldable(self, x: int, y: int) -> bool:
        """Whether the pair has bins, which follow from the codes."""
        columns = self.columns[x], self.columns[y]
        return not self._is_as_it_is(x, y) and all(c.binned is None or c.lookup is not None for c in columns)

    def _fits_bins(self, x: int, y: int) -> bool:
        return _binned_width(self.columns[x]) * _binned_width(self.columns[y]) <= self.dense_limit

    def _dense(self, x: int, y: int) -> tuple[_Sums, _Sums | None]:
        """Return the exact sums, and the binned ones where folding the table costs less than counting the rows."""
        wide, slim = self._by_width(x, y)
        first, second = self.columns[wide], self.columns[slim]
        table = dense_table(first.codes, first.width, second.codes, second.width, self._check)
        exact, binned = table_sums(table, first.width, second.width, self._axes(wide, slim)), None
        if self._is_foldable(x, y) and table.size <= self.rows // _ROWS_PER_FOLDED_CELL:
            widths = _binned_width(first), _binned_width(second)
            folded = np.zeros(widths[0] * widths[1], np.uint32)
            fold_table(table, second.width, _bins_of(first), _bins_of(second), widths[1], folded)
            binned = table_sums(folded, *widths)
        return (exact, binned) if wide == x else (exact.exchanged(), binned and binned.exchanged())

    def _closed(self, x: int, y: int) -> _Sums:
        """Return the sums of a pair of which one column is unique: every joint cell holds one row."""
        unique, other = (x, y) if self.unique[x] else (y, x)
        counts = self.columns[other].counts[1:]
        counts = counts[counts > 0]
        rows = int(counts.sum())
        clogc = float((counts * np.log2(counts)).sum())
        square = float((counts.astype(np.float64) ** 2).sum())
        # The expectation is H(other) in exact arithmetic whatever the order of the rows.
        # Of a constant column it is 0, which rounding may leave just below.
        expected = max(0.0, np.log2(rows) - clogc / rows) if rows else 0.0
        result = _Sums(sums_with_unique(rows, counts.size, clogc, square), float(expected))
        return result if unique == x else result.exchanged()

    def _binned(self, x: int, y: int) -> _Sums:
        wide, slim = sorted((x, y), key=lambda number: -_binned_width(self.columns[number]))
        first, second = ((_binned_codes(self.columns[i]), _binned_width(self.columns[i])) for i in (wide, slim))
        if self._fits_bins(x, y):
            result = dense_sums(*first, *second, check=self._check)
        else:
            # Binned columns are narrow, so the wide one is taken as it is.
            order = RowOrder(first[0], self.columns[wide].counts, self._workspace())
            result = _of_partner(order.count([second], check=self._check)[0], None, None)
        return result if wide == x else result.exchanged()


@dataclass(frozen=True)
class _Sums:
    """A pair's sums, the expected mutual information of its marginals, and Pearson's r."""

    sums: PairSums
    expected: float
    pearson: float | None = None

    def exchanged(self) -> _Sums:
        """Return the same pair with x and y exchanged."""
        return replace(self, sums=exchanged(self.sums))


def _of_partner(partner: Partner, x_axis: Axis | None, y_axis: Axis | None) -> _Sums:
    r = None
    if x_axis is not None and y_axis is not None:
        r = pearson(partner.cross, x_axis, partner.x_counts, y_axis, partner.y_counts)
    return _Sums(partner.sums, expected_bits(partner.x_counts, partner.y_counts, False), r)


def _correlated(column: PairColumn) -> CodeArray:
    return column.codes if column.correlated is None else column.correlated


def _binned_codes(column: PairColumn) -> CodeArray:
    return column.codes if column.binned is None else column.binned


def _bins_of(column: PairColumn) -> npt.NDArray[np.int64]:
    """Return the bin of each code; of a column that is taken as it is, the code itself."""
    return np.arange(column.width) if column.lookup is None else column.lookup


def _binned_width(column: PairColumn) -> int:
    return column.width if column.binned is None else column.bins + 1


def dense_sums(
    x: CodeArray,
    width_x: int,
    y: CodeArray,
    width_y: int,
    axes: tuple[Axis | None, Axis | None] = (None, None),
    check: Callable[[], None] = lambda: None,
) -> _Sums:
    """Return the sums of two columns by one table of width_x · width_y cells."""
    return table_sums(dense_table(x, width_x, y, width_y, check), width_x, width_y, axes)


def dense_table(x: CodeArray, width_x: int, y: CodeArray, width_y: int, check: Callable[[], None]) -> _Table:
    """Return the rows in each joint cell of two columns' codes: uint32[width_x · width_y], x-major."""
    table = np.zeros(width_x * width_y, np.uint32)
    for begin in range(0, x.size, _BLOCK):
        check()
        count_dense(x[begin : begin + _BLOCK], y[begin : begin + _BLOCK], width_y, table)
    return table


def table_sums(
    table: _Table, width_x: int, width_y: int, axes: tuple[Axis | None, Axis | None] = (None, None)
) -> _Sums:
    """Return the sums of a counted table."""
    sums = np.zeros(1, SUMS)
    x_counts = np.zeros(width_x, np.int64)
    y_counts = np.zeros(width_y, np.int64)
    sum_dense(table, width_y, x_counts, y_counts, CLOGC_TABLE, sums)
    r = None
    if axes[0] is not None and axes[1] is not None:
        r = pearson(cross_of_table(table, width_y, *axes), axes[0], x_counts, axes[1], y_counts)
    return _Sums(PairSums(*sums.item()), expected_bits(x_counts, y_counts, False), r)


def bin_codes(codes: CodeArray, bin_of_code: npt.NDArray[np.int64]) -> CodeArray:
    """Return each row's bin: ``bin_of_code`` maps each code, 0 (NULL) to 0."""
    lookup = bin_of_code.astype(narrowest(int(bin_of_code.max(initial=0))))
    return lookup[codes]
