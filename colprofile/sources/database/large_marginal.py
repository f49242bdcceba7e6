"""DatabaseMarginal: the counts of a column with many values, which stay in the database and are asked there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from colprofile.counting.cells import TAIL_CELLS, HistogramCells, Shape, Tail
from colprofile.counting.marginal import Counts, Moments, Span, grain_of
from colprofile.sources.database.column_plans import ColumnPlan
from colprofile.sources.database.engine_sql import HAS_NO_NAN, WITH_MD5, Expression, as_double, as_text, double, md5_hex
from colprofile.sources.database.fetch import arrow_type, dictionary_of, given_back, text_of
from colprofile.sources.database.small_marginal import (
    EqualMassBins,
    Grouped,
    RowsOf,
    equal_mass_group,
    grouped,
    small_marginal,
    summed_by,
)
from colprofile.values import Value

_MICROSECONDS_A_DAY = 86_400_000_000


class DatabaseMarginal:
    """What a column's profile asks of its counts, each answer by one statement.

    ``clause`` is the relation and ``rows`` its rows; ``dialect`` is SQLAlchemy's name of the database.
    """

    def __init__(self, plan: ColumnPlan, clause: sa.FromClause, rows: int, rows_of: RowsOf, dialect: str) -> None:
        self._plan = plan
        self._clause = clause
        self._rows = rows
        self._rows_of = rows_of
        self._dialect = dialect
        values = self._values
        query = sa.select(values.count.label("n"), sa.func.count().label("many")).group_by(values.count)
        found = np.array(sorted((int(n), int(many)) for n, many in rows_of(query)), np.int64).reshape(-1, 2)
        self.fingerprint: tuple[Counts, Counts] = (found[:, 0].copy(), found[:, 1].copy())
        self.distinct = int(self.fingerprint[1].sum())
        self.filled = int(self.fingerprint[0] @ self.fingerprint[1])
        self.nulls = rows - self.filled

    def asked_by(self, rows_of: RowsOf) -> DatabaseMarginal:
        """Return the same counts, asked through another connection."""
        other = copy(self)
        other._rows_of = rows_of
        return other

    @cached_property
    def _values(self) -> Grouped:
        return grouped(self._plan, self._clause)

    def _displayed(self, values: Sequence[Any]) -> list[Value]:
        """Return fetched values, which may repeat, as results hold them."""
        # One NaN is not equal to another one, but it may be the same object.
        same = [math.nan if value != value else value for value in values]
        distinct = list(dict.fromkeys(same))
        texts = dictionary_of(self._plan, distinct).values(np.arange(len(distinct)))
        by_value = dict(zip(distinct, texts, strict=True))
        return [by_value[value] for value in same]

    def _position(self, value: Any) -> float:
        axis = dictionary_of(self._plan, [value]).axis
        return float(axis[0]) if axis is not None else float("nan")

    @property
    def axis_type(self) -> Any:
        """The Arrow type that says how positions on the axis are shown; None shows them as numbers."""
        return None if self._plan.wire == "decimal" or not self._plan.is_ordered else arrow_type(self._plan)

    def extremes(self) -> tuple[Value, Value]:
        """Return the first and last value in the database's order; there must be one."""
        values = self._values
        ends = [
            self._rows_of(sa.select(values.carried.label("k")).order_by(order).limit(1))[0][0]
            for order in (values.order, values.reversed_order)
        ]
        low, high = self._displayed(ends)
        return low, high

    def _running(self, where: Expression | None = None) -> sa.Subquery:
        """Return all or some values in their order: k, c rows, and s rows up to and including it."""
        values = self._values
        running = sa.func.sum(values.count).over(order_by=self._plan.ascending(values.key))
        query = sa.select(values.key.label("k"), values.count.label("c"), running.label("s"))
        return (query if where is None else query.where(where)).subquery("w")

    def quantiles(self, probabilities: npt.NDArray[np.float64]) -> list[Value]:
        """Return for each probability p the smallest value with at least p of the rows at or below it."""
        wanted = np.ceil(np.round(probabilities * self.filled, 9)).clip(1).astype(np.int64).tolist()
        running = self._running()
        ends = [self._plan.smallest(sa.case((running.c.s >= rows, running.c.k))) for rows in wanted]
        inner = sa.select(*(end.label(f"q{i}") for i, end in enumerate(ends))).subquery("q")
        return self._displayed(self._rows_of(sa.select(*(self._plan.carry(column) for column in inner.c)))[0])

    def top(self, limit: int) -> list[tuple[Value, int]]:
        """Return the most frequent values with their rows, ties in the database's order."""
        values = self._values
        found = self._rows_of(values.listed().order_by(values.count.desc(), values.order).limit(limit))
        shown = self._displayed([value for value, _ in found])
        return list(zip(shown, [int(count) for _, count in found], strict=True))

    def _finite(self, key: Expression) -> Expression:
        """Return whether a number is neither NaN nor infinite: only then does it differ from itself by nothing."""
        if self._plan.wire not in ("float", "float32", "decimal") or self._dialect in HAS_NO_NAN:
            return sa.true()
        return key - key == sa.literal_column("0")

    @cached_property
    def _span(self) -> Span | None:
        if not self._plan.is_ordered or not self.distinct:
            return None
        values = self._values
        query = sa.select(
            sa.func.min(values.key).label("low"),
            sa.func.max(values.key).label("high"),
            sa.func.sum(values.count).label("n"),
        ).where(self._finite(values.key))
        inner = query.subquery("f")
        found = self._rows_of(sa.select(self._plan.carry(inner.c.low), self._plan.carry(inner.c.high), inner.c.n))
        low, high, rows = found[0]
        if rows is None:
            return None
        ends = self._position(low), self._position(high)
        return Span(*ends, grain_of(self.axis_type, *ends, self._is_whole), int(rows))

    def _is_whole(self) -> bool:
        values = self._values
        broken = sa.select(sa.func.count()).select_from(values.query).where(self._finite(values.key))
        if self._plan.wire in ("integer", "unsigned"):
            return True
        found = self._rows_of(broken.where(as_double(values.key) != sa.func.round(as_double(values.key))))
        return int(found[0][0]) == 0

    def span(self) -> Span | None:
        """Return where the finite values lie; None without an axis or a finite value."""
        return self._span

    @property
    def has_nan(self) -> bool:
        """Whether NaN is among the values: databases that have it sort it after all others."""
        if not self.distinct or (self._span is not None and self._span.rows == self.filled):
            return False
        last = self._rows_of(sa.select(self._values.carried).order_by(self._values.reversed_order).limit(1))[0][0]
        return bool(np.isnan(self._position(last)))

    def moments(self) -> Moments:
        """Return mean and spread of the finite values; there must be one."""
        span = self._span
        assert span is not None
        values = self._values
        two, low, scale = double(2.0), double(span.low / 2), span.high / 2 - span.low / 2 or 1.0
        half = (as_double(values.key) / two - low) / double(scale)
        is_finite = self._finite(values.key)
        weighted = sa.func.sum(half * as_double(values.count))
        mean = float(self._rows_of(sa.select(weighted).where(is_finite))[0][0]) / span.rows
        distance = half - double(mean)
        square = sa.func.sum(distance * distance * as_double(values.count))
        squares = float(self._rows_of(sa.select(square).where(is_finite))[0][0])
        return Moments(2 * (span.low / 2 + mean * scale), scale, 4 * squares)

    def bars(self, edges: npt.NDArray[np.float64]) -> list[int]:
        """Return the rows between edges on the axis, the first at or below all values; the last bin is closed."""
        values = self._values
        axis = as_double(values.key) if self._plan.is_numeric else values.key
        sums = [sa.func.sum(sa.case((axis < self._edge(edge), values.count), else_=0)) for edge in edges[1:-1].tolist()]
        total = sa.func.sum(values.count)
        query = sa.select(*(e.label(f"b{i}") for i, e in enumerate([*sums, total])))
        below = [int(item or 0) for item in self._rows_of(query.where(self._finite(values.key)))[0]]
        return [after - before for before, after in zip([0, *below], below, strict=False)]

    def _edge(self, position: float) -> Expression:
        """Return a position on the axis as a value to compare with: the first of the type that is not below it."""
        if self._plan.is_numeric:
            return double(position)
        whole = int(np.ceil(position))
        wire = self._plan.wire
        bound: Any
        if wire == "date":
            bound = np.datetime64(-(-whole // _MICROSECONDS_A_DAY), "D").astype(object)
        else:
            moment = np.datetime64(whole, "us").astype(object)
            bound = moment.time() if wire == "time" else given_back(self._plan, moment)
        return self._plan.bound(bound)

    def ranges(self, bins: int) -> list[tuple[Value, Value, int, int]]:
        """Return of each equal-mass bin the first and last value, its rows and its values."""
        found = self._bins_of(self._running(), bins, self.filled)
        lows, highs = (self._displayed([row[i] for row in found]) for i in (0, 1))
        return [(low, high, int(row[2]), int(row[3])) for low, high, row in zip(lows, highs, found, strict=True)]

    def equal_mass_bins(self, bins: int) -> EqualMassBins:
        """Return the equal-mass bins of the values."""
        found = self._bins_of(self._running(), bins, self.filled)
        starts = tuple(given_back(self._plan, row[0]) for row in found[1:])
        return EqualMassBins(starts, np.array([int(row[2]) for row in found], np.int64))

    def _bins_of(self, running: sa.Subquery, bins: int, total: int) -> list[tuple[Any, ...]]:
        """Return (first value, last value, rows, values) of each equal-mass bin of ``_running``, in order."""
        group = equal_mass_group(running.c.s, running.c.c, bins, total)
        groups = sa.select(running.c.k, running.c.c, group.label("g")).subquery("g")
        ends = self._plan.smallest(groups.c.k).label("low"), self._plan.largest(groups.c.k).label("high")
        sizes = sa.func.sum(groups.c.c).label("n"), sa.func.count().label("many")
        inner = sa.select(groups.c.g.label("g"), *ends, *sizes).group_by(groups.c.g).subquery("m")
        carried = self._plan.carry(inner.c.low).label("low"), self._plan.carry(inner.c.high).label("high")
        return self._rows_of(sa.select(*carried, inner.c.n, inner.c.many).order_by(inner.c.g))

    def cells(self, like: Shape | None = None, *, room: int = 0, is_open: bool = False) -> HistogramCells:
        """Return the histogram: listed values and a tail, on the cells of another one where ``like`` is given.

        HistogramCells of another histogram are counted here, from all values and their counts.
        """
        is_hashed = self._plan.wire in ("text", "ranked") and self._dialect in WITH_MD5
        if like is not None or not (self._plan.is_ordered or is_hashed):
            whole = small_marginal(self._plan, self._clause, self._rows, self._rows_of, None)
            assert whole is not None
            return whole[0].cells(like, room=room, is_open=is_open)
        values = self._values
        is_frequent = values.count > self.filled // TAIL_CELLS
        is_listed = is_frequent if not self._plan.is_ordered else sa.or_(is_frequent, ~self._finite(values.key))
        rank = sa.case((is_frequent, 0), else_=1)
        found = self._rows_of(values.keyed().where(is_listed).order_by(rank, values.count.desc(), values.order))
        listed = self._displayed([row[0] for row in found])
        keys = None if self._plan.equality is None else [text_of(row[2]) or "" for row in found]
        tail = self._bins(~is_listed) if self._plan.is_ordered else self._buckets(~is_listed)
        return HistogramCells(listed, [int(row[1]) for row in found], tail, keys)

    def _bins(self, is_rest: Expression) -> Tail:
        counted = sa.select(sa.func.coalesce(sa.func.sum(self._values.count), 0)).where(is_rest)
        total = int(self._rows_of(counted)[0][0])
        if not total:
            return Tail(np.empty(0), *[_NONE] * 4)
        found = self._bins_of(self._running(is_rest), TAIL_CELLS, total)
        last = np.array([self._position(row[1]) for row in found])
        edges = np.unique(np.append(self._position(found[0][0]), last))
        if edges.size == 1:
            edges = np.append(np.nextafter(edges[0], -np.inf), edges)
        cells = np.searchsorted(edges[1:-1], last, side="left")
        return Tail(edges, *_sums_by(cells, found, edges.size - 1), _NONE, _NONE)

    def _buckets(self, is_rest: Expression) -> Tail:
        values = self._values
        # The sixth to eighth hexadecimal digits are the lowest 12 bits of the first eight.
        hashed = values.carried if values.plan.wire == "ranked" else as_text(values.carried)
        hashed = hashed if values.plan.equality is None else values.query.c.i
        digits = sa.func.substr(md5_hex(hashed), 6, 3)
        inner = sa.select(digits.label("d"), values.count.label("c")).where(is_rest).subquery("h")
        found = self._rows_of(sa.select(inner.c.d, sa.func.sum(inner.c.c), sa.func.count()).group_by(inner.c.d))
        cells = np.array([int(row[0], 16) % TAIL_CELLS for row in found], np.int64)
        return Tail(np.empty(0), _NONE, _NONE, *_sums_by(cells, found, TAIL_CELLS))


_NONE: Counts = np.empty(0, np.int64)


def _sums_by(cells: Counts, found: Sequence[tuple[Any, ...]], size: int) -> tuple[Counts, Counts]:
    """Return the rows and the values of each cell, the last two columns of what was fetched."""
    rows, values = (summed_by(cells, np.array([int(row[i]) for row in found], np.int64), size) for i in (-2, -1))
    return rows, values
