"""All pairs of a coded table, exactly, on all cores.

Each pair takes the cheaper of the two kernels. Pairs of the grouped kernel are collected by the column with more
values, whose rows are then sorted once for many partners.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from colprofile.counting.buffers import CodeArray, narrowest
from colprofile.counting.correlation import (
    Axis,
    complete_counts,
    cross_of_rows,
    cross_of_table,
    pearson,
    pearson_of_rows,
    rank_axis,
    rank_correlation,
    sum_of_squares,
)
from colprofile.counting.grouped import PACKED_BYTES, Partner, RowOrder, Workspace
from colprofile.counting.kernels import CLOGC_TABLE, SUMS, count_dense, sum_dense
from colprofile.counting.marginal import Counts
from colprofile.counting.strength import Bins, Cut, Resolutions, Table, binned_table, strongest
from colprofile.counting.tasks import run_all
from colprofile.measures.chance import expected_bits
from colprofile.measures.cuts import FEW_VALUES, FINEST, equal_mass_bins
from colprofile.measures.resolutions import Strength
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
_READ = 1 << 20  # rows whose bins are looked up together
_ORDER_BYTES = 4  # a row of a sorted column takes
_MOST_AT_ONCE = 1 << 10


ReadRows = Callable[[slice], CodeArray]


@dataclass(frozen=True)
class CodedCut:
    """A column's cuts and its rows in them.

    Attributes
    ----------
    cut
        How the other cuts follow from the finest.
    codes
        uint8[rows]: each row's bin of the finest cut, from 1; 0 is NULL. Or the column's own codes, where bins are not
        kept: they are then looked up each time.
    lookup
        int64[size + 1]: the bin of each of the column's codes.
    are_kept
        Whether ``codes`` are bins.
    """

    cut: Cut
    codes: CodeArray
    lookup: Bins
    are_kept: bool = True

    @classmethod
    def of(
        cls, codes: CodeArray, counts: Counts, lookup: Bins, *, has_null_bin: bool = False, are_kept: bool = True
    ) -> CodedCut:
        """Return the cuts of a column from the bin of each code, 0 for NULL unless it ``has_null_bin``, the last."""
        by_bin = np.bincount(lookup, counts).astype(np.int64)[1:]
        cut = Cut.of_counts(by_bin, has_null_bin=has_null_bin)
        return cls(cut, bin_codes(codes, lookup) if are_kept else codes, lookup, are_kept)

    def bin_of_code(self, level: int) -> tuple[Bins, int]:
        """Return the bin of each code in a halving, and how many there are with 0."""
        bins, size = self.cut.level(level)
        return bins[self.lookup], size + 1

    def rows_at(self, level: int) -> tuple[ReadRows, int]:
        """Return what gives the bins of some rows in a halving, and how many there are with 0."""
        bins, size = self.cut.level(level)
        if level == 0 and self.are_kept:
            return self.codes.__getitem__, size + 1
        lookup = (bins if self.are_kept else bins[self.lookup]).astype(np.uint8)
        return lambda rows: lookup[self.codes[rows]], size + 1


@dataclass(frozen=True)
class PairColumn:
    """One column, as pairs are counted from it.

    Attributes
    ----------
    codes
        uint8, uint16 or uint32[rows]; 0 is NULL.
    counts
        int64[size + 1] by code, NULL included.
    coded_cut
        The column cut into bins; None where dependence is taken on the values alone.
    axis
        float64[size + 1]: each code's place on the standardised axis, for Pearson's r; None without an axis.
    correlated
        Codes in which NULL is 0, if it is a value in ``codes``.
    order
        int64[distinct]: the codes of the values that occur, in the values' order, for Spearman's rank correlation; None
        of a column that is not ordered.
    """

    codes: CodeArray
    counts: Counts
    coded_cut: CodedCut | None = None
    axis: Axis | None = None
    correlated: CodeArray | None = None
    order: npt.NDArray[np.int64] | None = None

    @classmethod
    def of_ordered(cls, codes: CodeArray, distinct: int, *, is_ordered: bool) -> PairColumn:
        """Return a column whose codes follow the order of its values, which means something if it ``is_ordered``."""
        counts = np.bincount(codes, minlength=distinct + 1).astype(np.int64)
        if not is_ordered:
            return cls(codes, counts)
        cut = None
        if distinct > FEW_VALUES:
            lookup = np.append(0, equal_mass_bins(np.cumsum(counts[1:]), counts[1:], FINEST) + 1)
            cut = CodedCut.of(codes, counts, lookup)
        return cls(codes, counts, cut, order=np.arange(1, distinct + 1))

    @property
    def width(self) -> int:
        """Codes including 0."""
        return self.counts.size

    @property
    def cut(self) -> Cut | None:
        """How the column is cut."""
        return None if self.coded_cut is None else self.coded_cut.cut

    @property
    def is_unique(self) -> bool:
        """Whether no row is NULL and every value occurs once: its pairs are then known without counting."""
        return bool(self.counts[0] == 0 and self.counts[1:].max(initial=0) == 1)

    @property
    def is_filled(self) -> bool:
        """Whether no row is NULL, nor NULL a value."""
        return bool(self.counts[0] == 0) and self.correlated is None

    @cached_property
    def ranks(self) -> Axis:
        """The place of each code on the axis of ranks over all rows: see ``rank_axis``."""
        assert self.order is not None
        return rank_axis(self.order, self.counts)

    @cached_property
    def rank_square(self) -> float:
        """Σ x² of ``ranks`` over all rows."""
        return sum_of_squares(self.ranks, self.counts)


@dataclass(frozen=True)
class PairCount:
    """A counted pair: exact sums, E[I], the dependence, and the correlations of values and of ranks."""

    sums: PairSums
    expected: float
    strength: Strength
    pearson: float | None = None
    spearman: float | None = None

    def exchanged(self) -> PairCount:
        """Return the same pair with x and y exchanged."""
        value, bins_x, bins_y = self.strength
        return replace(self, sums=exchanged(self.sums), strength=Strength(value, bins_y, bins_x))


def count_pairs(
    columns: Sequence[PairColumn],
    pairs: Sequence[tuple[int, int]],
    *,
    executor: Executor,
    progress: Callable[[int], None],
    tests: int | None = None,
    memory: int | None = None,
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
    tests
        How many pairs the table has: what counts as beyond chance depends on it. By default those given.
    memory
        Bytes that sorted rows and packed codes may take together: where that is little, fewer columns are sorted at
        once. By default as much as is fastest.

    Returns
    -------
    list of PairCount
        In the order of ``pairs``, x being the first index of each.
    """
    counter = _Counter(columns, pairs, len(pairs) if tests is None else tests, memory)
    run_all(executor, counter.tasks(), counter.cancelled, lambda done, total: progress(counter.finished))
    return [result for result in counter.results if result is not None]


class _Counter:
    """The work of one call of count_pairs, cut into tasks."""

    def __init__(
        self, columns: Sequence[PairColumn], pairs: Sequence[tuple[int, int]], tests: int, memory: int | None
    ) -> None:
        self.columns = columns
        self.pairs = pairs
        self.tests = tests
        self.results: list[PairCount | None] = [None] * len(pairs)
        self.cancelled = threading.Event()
        self.finished = 0
        self.rows = columns[0].codes.size if columns else 0
        self.unique = [column.is_unique for column in columns]
        order = _ORDER_BYTES * max(1, self.rows)
        at_once = _MOST_AT_ONCE if memory is None else int(np.clip(memory // (2 * order), 1, _MOST_AT_ONCE))
        self.room = threading.BoundedSemaphore(at_once)
        self.workspaces: list[Workspace] = []
        self.packed_bytes = PACKED_BYTES if memory is None else min(PACKED_BYTES, max(0, memory // at_once - order))
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

    @contextlib.contextmanager
    def _workspace(self) -> Iterator[Workspace]:
        """Lend a workspace, of which there are as many as the memory holds."""
        with self.room:
            try:
                workspace = self.workspaces.pop()
            except IndexError:
                workspace = Workspace()
            try:
                yield workspace
            finally:
                self.workspaces.append(workspace)

    def _by_width(self, x: int, y: int) -> tuple[int, int]:
        return (x, y) if self.columns[x].width >= self.columns[y].width else (y, x)

    def _finish(self, number: int, x: int, y: int, exact: Sums, table: Table | None = None) -> None:
        """Keep what was counted of a pair, x being either column, and what follows from its rows or its table."""
        first, second = self.columns[x], self.columns[y]
        r = exact.pearson
        is_elsewhere = self.unique[x] or self.unique[y] or not (first.correlated is second.correlated is None)
        if is_elsewhere and first.axis is not None and second.axis is not None:
            r = pearson_of_rows(_correlated(first), _correlated(second), first.axis, second.axis)
        self._check()
        strength = self._strength(first, second, exact, table)
        self._check()
        rho = self._spearman(first, second, exact, table)
        count = PairCount(exact.sums, exact.expected, strength, r, rho)
        self.results[number] = count if self.pairs[number] == (x, y) else count.exchanged()
        self.finished += 1  # shown to people only: a lost update between threads does no harm

    def _spearman(self, x: PairColumn, y: PairColumn, exact: Sums, table: Table | None) -> float | None:
        """Return Spearman's rank correlation over the complete rows; None of columns that are not ordered."""
        if x.order is None or y.order is None:
            return None
        if x.is_filled and y.is_filled:
            ranks_x, ranks_y, squares = x.ranks, y.ranks, (x.rank_square, y.rank_square)
        else:
            if exact.counts is None or not (x.correlated is y.correlated is None):
                table = None
                counts_x, counts_y = complete_counts(_correlated(x), _correlated(y), x.width, y.width)
            else:
                counts_x, counts_y = exact.counts
            ranks_x, ranks_y = rank_axis(x.order, counts_x), rank_axis(y.order, counts_y)
            squares = sum_of_squares(ranks_x, counts_x), sum_of_squares(ranks_y, counts_y)
        if table is not None:
            cross = cross_of_table(table, y.width, ranks_x, ranks_y)
        else:
            cross = cross_of_rows(_correlated(x), _correlated(y), ranks_x, ranks_y)
        return rank_correlation(cross, *squares)

    def _strength(self, x: PairColumn, y: PairColumn, exact: Sums, table: Table | None) -> Strength:
        """Return the dependence, x being the column with more codes."""

        def look(resolutions: Resolutions) -> Strength:
            self._check()
            return resolutions.of_table(*self._binned(x, y, table, *resolutions.levels))

        return strongest(x, y, exact.sums, exact.expected, exact.counts, self.rows, self.tests, look)

    def _binned(
        self, x: PairColumn, y: PairColumn, table: Table | None, level_x: int | None, level_y: int | None
    ) -> tuple[Table, int]:
        """Return a pair's table at given levels, and its width: folded from ``table`` where that is less work."""
        if table is not None and table.size <= self.rows // _ROWS_PER_FOLDED_CELL:
            return binned_table(table, y.width, _bins_of(x, level_x), _bins_of(y, level_y))
        read_x, height = _rows_at(x, level_x)
        read_y, width = _rows_at(y, level_y)
        folded = np.zeros(height * width, np.uint32)
        for begin in range(0, self.rows, _READ):
            self._check()
            some = slice(begin, begin + _READ)
            count_dense(read_x(some), read_y(some), width, folded)
        return folded, width

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
            x, y = self._by_width(*self.pairs[number])
            if self.unique[x] or self.unique[y]:
                self._finish(number, x, y, closed_sums(self.columns[x], self.columns[y]))
                continue
            first, second = self.columns[x], self.columns[y]
            table = dense_table(first.codes, first.width, second.codes, second.width, self._check)
            self._finish(number, x, y, table_sums(table, first.width, second.width, self._axes(x, y)), table)

    def _grouped_task(self, wide: int, numbers: Sequence[int]) -> None:
        """Count pairs of a column that has more values than its partners, all in one pass."""
        self._check()
        column = self.columns[wide]
        slims = [y if x == wide else x for x, y in (self.pairs[number] for number in numbers)]
        partners = [(self.columns[slim].codes, self.columns[slim].counts) for slim in slims]
        axes = [self._axes(wide, slim) for slim in slims]
        x_axis = next((pair[0] for pair in axes if pair[0] is not None), None)
        with self._workspace() as workspace:
            order = RowOrder(column.codes, column.counts, workspace)
            y_axes = [pair[1] for pair in axes]
            found = order.count(partners, x_axis, y_axes, self._check, self.packed_bytes)
        for number, slim, partner, pair in zip(numbers, slims, found, axes, strict=True):
            self._finish(number, wide, slim, _of_partner(partner, *pair))


@dataclass(frozen=True)
class Sums:
    """A pair's sums, the expected mutual information of its marginals, these, and Pearson's r.

    The marginals ``counts`` of the complete rows are by code; None where no row was counted, as one column is unique.
    """

    sums: PairSums
    expected: float
    pearson: float | None = None
    counts: tuple[Counts, Counts] | None = None

    def exchanged(self) -> Sums:
        """Return the same pair with x and y exchanged."""
        counts = None if self.counts is None else (self.counts[1], self.counts[0])
        return replace(self, sums=exchanged(self.sums), counts=counts)


def closed_sums(x: PairColumn, y: PairColumn) -> Sums:
    """Return the sums of a pair of which one column is unique: every joint cell holds one row."""
    unique, other = (x, y) if x.is_unique else (y, x)
    counts = other.counts[1:]
    counts = counts[counts > 0]
    rows = int(counts.sum())
    clogc = float((counts * np.log2(counts)).sum())
    square = float((counts.astype(np.float64) ** 2).sum())
    # The expectation is H(other) in exact arithmetic whatever the order of the rows.
    # Of a constant column it is 0, which rounding may leave just below.
    expected = max(0.0, np.log2(rows) - clogc / rows) if rows else 0.0
    result = Sums(sums_with_unique(rows, counts.size, clogc, square), float(expected))
    return result if unique is x else result.exchanged()


def _of_partner(partner: Partner, x_axis: Axis | None, y_axis: Axis | None) -> Sums:
    r = None
    if x_axis is not None and y_axis is not None:
        r = pearson(partner.cross, x_axis, partner.x_counts, y_axis, partner.y_counts)
    counts = partner.x_counts, partner.y_counts
    return Sums(partner.sums, expected_bits(*counts, False), r, counts)


def _correlated(column: PairColumn) -> CodeArray:
    return column.codes if column.correlated is None else column.correlated


def _bins_of(column: PairColumn, level: int | None) -> tuple[Bins, int]:
    """Return the bin of each code at a level, and how many there are with 0; the code itself without a level."""
    if level is None or column.coded_cut is None:
        return np.arange(column.width), column.width
    return column.coded_cut.bin_of_code(level)


def _rows_at(column: PairColumn, level: int | None) -> tuple[ReadRows, int]:
    """Return what gives the bins of some rows at a level, and how many there are with 0; codes without a level."""
    if level is None or column.coded_cut is None:
        return column.codes.__getitem__, column.width
    return column.coded_cut.rows_at(level)


def dense_table(x: CodeArray, width_x: int, y: CodeArray, width_y: int, check: Callable[[], None]) -> Table:
    """Return the rows in each joint cell of two columns' codes: uint32[width_x · width_y], x-major."""
    table = np.zeros(width_x * width_y, np.uint32)
    for begin in range(0, x.size, _BLOCK):
        check()
        count_dense(x[begin : begin + _BLOCK], y[begin : begin + _BLOCK], width_y, table)
    return table


def table_sums(table: Table, width_x: int, width_y: int, axes: tuple[Axis | None, Axis | None] = (None, None)) -> Sums:
    """Return the sums of a counted table."""
    sums = np.zeros(1, SUMS)
    x_counts = np.zeros(width_x, np.int64)
    y_counts = np.zeros(width_y, np.int64)
    sum_dense(table, width_y, x_counts, y_counts, CLOGC_TABLE, sums)
    r = None
    if axes[0] is not None and axes[1] is not None:
        r = pearson(cross_of_table(table, width_y, *axes), axes[0], x_counts, axes[1], y_counts)
    return Sums(PairSums(*sums.item()), expected_bits(x_counts, y_counts, False), r, (x_counts, y_counts))


def bin_codes(codes: CodeArray, bin_of_code: npt.NDArray[np.int64]) -> CodeArray:
    """Return each row's bin: ``bin_of_code`` maps each code, 0 (NULL) to 0."""
    lookup = bin_of_code.astype(narrowest(int(bin_of_code.max(initial=0))))
    return lookup[codes]
