"""Pairs counted by workers: in one pass most are known; what others still need is counted in a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from colprofile.counting.correlation import Axis, cross_of_table, pearson, rank_axis, rank_correlation, sum_of_squares
from colprofile.counting.marginal import Counts
from colprofile.counting.pairs import PairCount, Sums, closed_sums, table_sums
from colprofile.counting.strength import Resolutions, binned_table, counted, strongest
from colprofile.counting.tasks import map_all
from colprofile.measures.chance import expected_bits
from colprofile.measures.cuts import HALVINGS
from colprofile.measures.resolutions import Strength
from colprofile.measures.sums import PairSums
from colprofile.verbs.profile.on_workers.jobs import TABLE_CELLS, Answers, CellSums, Job, Runner, Values
from colprofile.verbs.profile.on_workers.sides import WorkerSide, as_seen, name_of

Levels = tuple[int | None, int | None]


def count_on_workers(runner: Runner, sides: Sequence[WorkerSide]) -> dict[tuple[int, int], PairCount]:
    """Return all pairs of columns, by their numbers, x being the first."""
    numbers = list(combinations(range(len(sides)), 2))
    job = Job()
    pairs = [_pair(sides[x], sides[y], job, runner.rows, len(numbers)) for x, y in numbers]
    answers = runner.run(job, "counting pairs on the workers")
    executor, check = runner.session.executor, runner.session.check
    more = Job()

    def look(pair: _TablePair | _WidePair) -> PairCount | None:
        check()
        return pair.counted(answers)

    found = map_all(executor, look, pairs)
    wide = [pair for pair in pairs if isinstance(pair, _WidePair)]
    for pair in wide:
        check()
        pair.ask(more)
    rest = runner.run(more, "looking closer at pairs on the workers")
    counted_later = iter(map_all(executor, lambda pair: pair.finished(rest), wide))
    whole = [next(counted_later) if each is None else each for each in found]
    return {
        (x, y): each if pair.x.number == x else each.exchanged()
        for (x, y), pair, each in zip(numbers, pairs, whole, strict=True)
    }


def _pair(first: WorkerSide, second: WorkerSide, job: Job, rows: int, tests: int) -> _TablePair | _WidePair:
    x, y = (first, second) if first.column.width >= second.column.width else (second, first)
    kind = _TablePair if x.rows.size * y.rows.size <= TABLE_CELLS else _WidePair
    return kind(x, y, rows, tests, job)


class _TablePair:
    """A pair whose cells come here whole; x is the column with more codes."""

    def __init__(self, x: WorkerSide, y: WorkerSide, rows: int, tests: int, job: Job) -> None:
        self.x, self.y, self._rows, self._tests = x, y, rows, tests
        self._table = job.table(x.own(job), y.own(job))

    def counted(self, answers: Answers) -> PairCount:
        """Return all that is to be known of the pair."""
        x, y = self.x.column, self.y.column
        whole = answers.table(self._table)
        complete = table_sums(counted(whole), self.x.rows.size, self.y.rows.size, _axes(self.x, self.y))
        assert complete.counts is not None
        seen = counted(as_seen(as_seen(whole, self.x).T, self.y).T)
        exact = complete
        if x.is_unique or y.is_unique:
            exact = closed_sums(x, y)
        elif self.x.is_null_a_value or self.y.is_null_a_value:
            exact = table_sums(seen, x.width, y.width)

        def look(resolutions: Resolutions) -> Strength:
            bins = [
                (np.arange(column.width), column.width)
                if level is None or column.coded_cut is None
                else column.coded_cut.bin_of_code(level)
                for column, level in zip((x, y), resolutions.levels, strict=True)
            ]
            return resolutions.of_table(*binned_table(seen, y.width, bins[0], bins[1]))

        strength = strongest(x, y, exact.sums, exact.expected, exact.counts, self._rows, self._tests, look)
        spearman = None
        if x.order is not None and y.order is not None:
            ranks_x, ranks_y = (
                rank_axis(order, n) for order, n in zip((x.order, y.order), complete.counts, strict=True)
            )
            cross = cross_of_table(counted(whole), whole.shape[1], ranks_x, ranks_y)
            squares = map(sum_of_squares, (ranks_x, ranks_y), complete.counts)
            spearman = rank_correlation(cross, *squares)
        return PairCount(exact.sums, exact.expected, strength, complete.pearson, spearman)


@dataclass
class _Asked:
    """The numbers of the answers that a pair waits for."""

    binned: dict[Levels, list[int]] = field(default_factory=dict)
    pearson: int | None = None
    spearman: int | None = None


class _WidePair:
    """A pair with too many cells for one table, or with a unique column: its sums come here, from several workers."""

    def __init__(self, x: WorkerSide, y: WorkerSide, rows: int, tests: int, job: Job) -> None:
        self.x, self.y, self._rows, self._tests = x, y, rows, tests
        self._is_closed = x.column.is_unique or y.column.is_unique
        keeps_null = x.is_null_a_value or y.is_null_a_value
        self._cells = None if self._is_closed else job.cells(x.own(job), y.own(job), keeps_null=keeps_null)
        self._finest = None
        if x.column.cut is not None and y.column.cut is not None:
            self._finest = job.table(x.at(job, 0), y.at(job, 0))
        self._complete_asked = [self._ask_complete(job, *pair) for pair in ((x, y), (y, x))]
        self._asked = _Asked()
        self._first: Answers | None = None

    def _ask_complete(self, job: Job, side: WorkerSide, other: WorkerSide) -> tuple[bool, int] | None:
        """Ask for the rows of each value where the other column has one; None where that is known in another way."""
        is_ranked = self.x.column.order is not None and self.y.column.order is not None
        is_correlated = is_ranked or _axes(self.x, self.y)[0] is not None
        if not (self._is_closed and other.rows[0] and is_correlated):
            return None
        views = side.own(job), other.is_filled(job)
        is_table = views[0].width * views[1].width <= TABLE_CELLS
        return is_table, job.table(*views) if is_table else job.cells(*views)

    def counted(self, answers: Answers) -> None:
        """Keep where to find what is known after the first pass: of all pairs it may be more than memory holds."""
        self._first = answers

    def _sums(self) -> tuple[Sums, tuple[Counts, Counts]]:
        """Return what the first pass has counted, and the rows of both columns' values where neither is NULL."""
        assert self._first is not None
        answers = self._first
        if self._cells is not None:
            found = answers.cells(self._cells)
            return cell_sums(found), found.complete
        complete = []
        for side, asked in zip((self.x, self.y), self._complete_asked, strict=True):
            counts = side.filled
            if asked is not None:
                is_table, number = asked
                counts = answers.table(number)[:, 1].copy() if is_table else answers.cells(number).x.rows
                counts[0] = 0
            complete.append(counts)
        return closed_sums(self.x.column, self.y.column), (complete[0], complete[1])

    def ask(self, job: Job) -> None:
        """Ask for what is missing: tables of bins beside values, and correlations."""
        x, y = self.x, self.y
        exact, complete = self._sums()
        self._strength(exact, lambda resolutions: self._known_strength(resolutions, job))
        x_axis, y_axis = _axes(x, y)
        if x_axis is not None and y_axis is not None:
            self._asked.pearson = job.cross((x.number, "values", x_axis), (y.number, "values", y_axis))
        if x.column.order is not None and y.column.order is not None:
            axes = [
                (side.number, name_of(counts), rank_axis(order, counts))
                for side, order, counts in zip((x, y), (x.column.order, y.column.order), complete, strict=True)
            ]
            self._asked.spearman = job.cross(*axes)

    def _strength(self, exact: Sums, look: Callable[[Resolutions], Strength]) -> Strength:
        x, y = self.x.column, self.y.column
        return strongest(x, y, exact.sums, exact.expected, exact.counts, self._rows, self._tests, look)

    def _known_strength(self, resolutions: Resolutions, job: Job) -> Strength:
        """Return the dependence where both columns are cut, and ask for what it takes where one is."""
        level_x, level_y = resolutions.levels
        if self._finest is not None and (level_x, level_y) == (0, 0):
            assert self._first is not None
            return _of_table(resolutions, self._first.table(self._finest))
        views = self.x.at(job, level_x), self.y.at(job, level_y)
        if views[0].width * views[1].width <= TABLE_CELLS:
            self._asked.binned[resolutions.levels] = [job.table(*views)]
        else:
            first = level_y if level_x is None else level_x
            assert first is not None
            self._asked.binned[resolutions.levels] = [
                job.cells(*(side.at(job, None if known is None else level) for side, known in self._with(resolutions)))
                for level in range(first, HALVINGS)
            ]
        return resolutions.best

    def _with(self, resolutions: Resolutions) -> list[tuple[WorkerSide, int | None]]:
        return list(zip((self.x, self.y), resolutions.levels, strict=True))

    def finished(self, answers: Answers) -> PairCount:
        """Return all that is to be known of the pair, from what it has asked for."""

        def look(resolutions: Resolutions) -> Strength:
            if self._finest is not None and resolutions.levels == (0, 0):
                assert self._first is not None
                return _of_table(resolutions, self._first.table(self._finest))
            numbers = self._asked.binned[resolutions.levels]
            if len(numbers) == 1:
                return _of_table(resolutions, answers.table(numbers[0]))
            found = [answers.cells(number) for number in numbers]
            sides = found[0].x.rows, found[0].y.rows
            own, binned = sides if resolutions.levels[0] is None else sides[::-1]
            return resolutions.of_halvings([each.clogc for each in found], own, binned)

        exact, (x_counts, y_counts) = self._sums()
        strength = self._strength(exact, look)
        x, y = self.x.column, self.y.column
        r = rho = None
        x_axis, y_axis = _axes(self.x, self.y)
        if self._asked.pearson is not None and x_axis is not None and y_axis is not None:
            r = pearson(answers.cross(self._asked.pearson), x_axis, x_counts, y_axis, y_counts)
        if self._asked.spearman is not None and x.order is not None and y.order is not None:
            ranks = rank_axis(x.order, x_counts), rank_axis(y.order, y_counts)
            squares = map(sum_of_squares, ranks, (x_counts, y_counts))
            rho = rank_correlation(answers.cross(self._asked.spearman), *squares)
        return PairCount(exact.sums, exact.expected, strength, r, rho)


def _axes(x: WorkerSide, y: WorkerSide) -> tuple[Axis | None, Axis | None]:
    """Return the axes of values of both columns, or of neither: codes as workers have them, 0 for NULL."""
    axes = x.column.axis, y.column.axis
    return (None, None) if axes[0] is None or axes[1] is None else axes


def _of_table(resolutions: Resolutions, table: Counts) -> Strength:
    return resolutions.of_table(counted(table), table.shape[1])


def cell_sums(found: CellSums) -> Sums:
    """Return the sums of a pair from those of its cells, and the rows of each value, those without any left out."""
    sides = []
    for side in (found.x, found.y):
        there = side.rows > 0
        sides.append(Values(side.rows[there], side.best[there], side.squares[there]))
    x, y = sides
    sums = PairSums(
        rows=int(x.rows.sum()),
        distinct_x=int(x.rows.size),
        distinct_y=int(y.rows.size),
        cells=found.cells,
        joint_clogc=found.clogc,
        x_clogc=_clogc(x.rows),
        y_clogc=_clogc(y.rows),
        square_over_x=float((x.squares / x.rows).sum()),
        square_over_y=float((y.squares / y.rows).sum()),
        x_square=float((x.rows.astype(np.float64) ** 2).sum()),
        y_square=float((y.rows.astype(np.float64) ** 2).sum()),
        best_y_by_x=int(x.best.sum()),
        best_x_by_y=int(y.best.sum()),
    )
    counts = np.append(0, x.rows), np.append(0, y.rows)
    return Sums(sums, float(expected_bits(*counts, False)), None, counts)


def _clogc(counts: Counts) -> float:
    return float(counts @ np.log2(counts.astype(np.float64)))
