"""Job: what workers are asked to count in one pass over their chunks; Answers: what came of it."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.counting.buffers import CodeArray, narrowest
from colprofile.counting.correlation import Axis
from colprofile.counting.marginal import Counts
from colprofile.sources.partitions import chunks, count
from colprofile.sources.partitions.engine import Blobs
from colprofile.sources.partitions.shipped import shipped
from colprofile.sources.partitions.source import PartitionedSource
from colprofile.stopping import watched
from colprofile.verbs.profile.on_workers.heads import CODES_BYTES, TooManyValues
from colprofile.verbs.profile.session import Session

TABLE_CELLS = 1 << 20
"""Pairs with at most so many cells are counted as tables, which come here whole."""

_TABLES_A_KEY = 64
_BUCKET_CELLS = 1 << 22
"""Workers put about so many cells in order at a time."""

_TOGETHER = 1 << 26
"""Bytes of codes that a worker looks at together: the more, the less it has to send on. It needs about 5 times as many.

Executors in containers have little memory for Python, by default a tenth of their own.
"""

_KEYS_A_PARTITION = 8


@dataclass(frozen=True)
class View:
    """A column's codes as a pair sees them: ``rows`` of each code, int64[width], 0 being NULL."""

    number: int
    rows: Counts

    @property
    def width(self) -> int:
        """How many codes there are."""
        return int(self.rows.size)


@dataclass
class Job:
    """What is to be counted; each request returns the number by which ``Answers`` has what came of it."""

    _views: list[tuple[int, CodeArray | None]] = field(default_factory=list)
    _known: dict[Hashable, View] = field(default_factory=dict)
    _tables: list[tuple[View, View]] = field(default_factory=list)
    _cells: list[tuple[View, View, bool]] = field(default_factory=list)
    _axes: list[tuple[int, Axis]] = field(default_factory=list)
    _known_axes: dict[Hashable, int] = field(default_factory=dict)
    _crosses: list[tuple[int, int]] = field(default_factory=list)
    _axes_bytes: int = 0
    finds_equal_rows: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be counted."""
        return not (self._tables or self._cells or self._crosses or self.finds_equal_rows)

    def view(self, column: int, rows: Counts, name: Hashable = None, lookup: npt.NDArray[Any] | None = None) -> View:
        """Return a view of a column's codes, of which there are these ``rows``, or of what they are looked up as.

        ``name`` tells the views of one column apart.
        """
        known = self._known.get((column, name))
        if known is None:
            if lookup is not None:
                lookup = lookup.astype(narrowest(int(lookup.max(initial=0))))
                rows = np.bincount(lookup, rows).astype(np.int64)
            known = self._known[column, name] = View(len(self._views), rows)
            self._views.append((column, lookup))
        return known

    def table(self, x: View, y: View) -> int:
        """Ask for all cells of a pair."""
        self._tables.append((x, y))
        return len(self._tables) - 1

    def cells(self, x: View, y: View, *, keeps_null: bool = False) -> int:
        """Ask for the sums of a pair of many cells; with those of NULL if it ``keeps_null``."""
        self._cells.append((x, y, keeps_null))
        return len(self._cells) - 1

    def cross(self, *axes: tuple[int, Hashable, Axis]) -> int:
        """Ask for Σ a·b over the rows, of two columns' places on axes: column, name of the axis, place of each code.

        Raises
        ------
        TooManyValues
            All axes together take more than CODES_BYTES.
        """
        numbers = []
        for column, name, axis in axes:
            if (column, name) not in self._known_axes:
                self._known_axes[column, name] = len(self._axes)
                self._axes.append((column, axis))
                self._axes_bytes += axis.nbytes
                if self._axes_bytes > CODES_BYTES:
                    raise TooManyValues
            numbers.append(self._known_axes[column, name])
        self._crosses.append((numbers[0], numbers[1]))
        return len(self._crosses) - 1

    def plan(self, rows: int, parts: int, room: int) -> tuple[count.Plan, _Keys]:
        """Return what workers are sent, and by which keys it comes back, for so many rows in so many chunks.

        Raises
        ------
        TooManyValues
            It takes more than ``room`` bytes.
        """
        keys = _Keys()
        tables = []
        for group in _grouped(self._tables):
            pairs = [self._tables[i] for i in group]
            tables.append(count.Tables(keys.take(1), [(x.number, y.number, x.width, y.width) for x, y in pairs]))
            keys.tables += [(tables[-1].key, place) for place in range(len(group))]
        cells = []
        for x, y, keeps_null in self._cells:
            # Workers have put equal cells together before they send them on.
            most = min(rows, parts * x.width * y.width)
            starts = bucket_starts(x.rows, y.rows, -(-most // _BUCKET_CELLS))
            key = keys.take(starts.size)
            cells.append(count.Cells(key, x.number, y.number, y.width, starts, keeps_null))
            keys.cells.append(range(key, key + starts.size))
        crosses = []
        if self._crosses:
            crosses.append(count.Crosses(keys.take(1), self._axes, self._crosses))
            keys.crosses = crosses[0].key
        equal = []
        if self.finds_equal_rows:
            buckets = -(-rows // _BUCKET_CELLS)
            equal.append(count.Rows(keys.take(buckets), buckets))
            keys.rows = range(equal[0].key, equal[0].key + buckets)
        size = self._axes_bytes + sum(lookup.nbytes for _, lookup in self._views if lookup is not None)
        if size > room:
            raise TooManyValues
        return count.Plan(self._views, tables, cells, crosses, equal), keys


@dataclass
class _Keys:
    """By which keys answers come: of each table key and place, of each pair of many cells its buckets."""

    amount: int = 0
    tables: list[tuple[int, int]] = field(default_factory=list)
    cells: list[range] = field(default_factory=list)
    crosses: int = 0
    rows: range = range(0)

    def take(self, amount: int) -> int:
        """Return the first of so many new keys."""
        self.amount += amount
        return self.amount - amount


def _grouped(tables: Sequence[tuple[View, View]]) -> list[range]:
    """Return neighbours that go to one key: so many that they have no more cells than one table may have."""
    groups: list[range] = []
    begin = cells = 0
    for number, (x, y) in enumerate(tables):
        size = x.width * y.width
        if number > begin and (cells + size > TABLE_CELLS or number - begin == _TABLES_A_KEY):
            groups.append(range(begin, number))
            begin, cells = number, 0
        cells += size
    return [*groups, range(begin, len(tables))] if tables else []


def bucket_starts(x: Counts, y: Counts, buckets: int) -> npt.NDArray[np.uint64]:
    """Return where buckets of cells begin that hold about equally many rows, a cell being x · width + y.

    A frequent value of x is in several buckets, each with the cells of other values of y: no bucket has many more rows
    than the others, unless a cell has. There are fewer buckets where several would begin at one cell.

    >>> bucket_starts(np.array([0, 8, 1, 1]), np.array([0, 5, 5]), 4).tolist()
    [0, 4, 5]
    """
    running, shares = np.cumsum(x), np.cumsum(y)
    if not running[-1] or not shares[-1]:
        return np.zeros(1, np.uint64)
    targets = running[-1] * np.arange(1, buckets) / buckets
    value = np.searchsorted(running, targets, side="right")
    within = (targets - (running[value] - x[value])) / x[value]
    other = np.searchsorted(shares, within * shares[-1])
    return np.unique(np.append(0, value * y.size + np.minimum(other, y.size - 1))).astype(np.uint64)


@dataclass(frozen=True)
class Values:
    """The values of one side of a pair's cells: int64 rows and largest cells, float64 Σ c², by code."""

    rows: Counts
    best: Counts
    squares: npt.NDArray[np.float64]

    @classmethod
    def none(cls, width: int) -> Values:
        """Return that of no cells."""
        return cls(np.zeros(width, np.int64), np.zeros(width, np.int64), np.zeros(width))

    def add(self, parts: Sequence[bytes]) -> None:
        """Add the cells of a bucket."""
        codes, rows, best = (chunks.bytes_to_numbers(part).astype(np.int64) for part in parts[:3])
        self.rows[codes] += rows
        self.best[codes] = np.maximum(self.best[codes], best)
        self.squares[codes] += np.frombuffer(parts[3])


@dataclass(frozen=True)
class CellSums:
    """What is known of a pair of many cells.

    Attributes
    ----------
    cells, clogc
        How many cells there are, and Σ c·log2 c.
    x, y
        Both sides of all cells.
    complete
        The rows of both sides' values where neither is NULL.
    """

    cells: int
    clogc: float
    x: Values
    y: Values
    complete: tuple[Counts, Counts]


class Answers:
    """What workers have counted, in a temporary file until it is asked for."""

    def __init__(self, runner: Runner, job: Job, keys: _Keys, blobs: Iterable[tuple[int, bytes]], label: str) -> None:
        self._job, self._keys = job, keys
        self._session = runner.session
        self._file = runner.session.scratch.file()
        self._places: dict[int, tuple[int, int]] = {}
        for key, data in watched(blobs):
            digests, rows = struct.unpack("<QQ", chunks.split(data)[0])
            if (digests, rows) != (runner.digests, runner.rows) or key in self._places:
                raise runner.source.changed()
            self._places[key] = self._file.append(data), len(data)
            self._session.report(label, len(self._places), keys.amount)
        if len(self._places) != keys.amount:
            raise runner.source.changed()

    def _parts(self, key: int) -> list[bytes]:
        return chunks.split(bytes(self._file.read(*self._places[key])))[1:]

    def table(self, number: int) -> Counts:
        """Return the counts of all cells of a pair, int64[width of x, width of y]."""
        key, place = self._keys.tables[number]
        x, y = self._job._tables[number]
        cells, counts = count.unpacked(self._parts(key)[3 * place : 3 * place + 3])
        table = np.zeros(x.width * y.width, np.int64)
        table[cells.astype(np.int64)] = counts
        return table.reshape(x.width, y.width)

    def cells(self, number: int) -> CellSums:
        """Return the sums of a pair of many cells."""
        x, y, keeps_null = self._job._cells[number]
        sides = [Values.none(view.width) for view in (x, y) * (2 if keeps_null else 1)]
        totals = np.zeros(2)
        for key in self._keys.cells[number]:
            self._session.check()
            total, *parts = self._parts(key)
            totals += np.frombuffer(total)
            for place, side in enumerate(sides):
                side.add(parts[4 * place : 4 * place + 4])
        complete = sides[-2].rows, sides[-1].rows
        return CellSums(int(totals[0]), float(totals[1]), sides[0], sides[1], complete)

    def cross(self, number: int) -> float:
        """Return Σ a·b of two axes over the rows."""
        return float(np.frombuffer(self._parts(self._keys.crosses)[0])[number])

    def different_rows(self) -> int:
        """Return how many different rows there are: with a probability below 2^−60 one too few, of 10^10 rows."""
        return sum(int(np.frombuffer(self._parts(key)[0], np.int64)[0]) for key in self._keys.rows)


class Runner:
    """Runs jobs over the kept chunks of a source.

    Parameters
    ----------
    kept
        The chunks.
    amounts
        How many there are of each digest: a job counts exactly these, or it ends with an error.
    codes, code_bytes
        For each digest the code of each local code of its columns, as ``steps_to_bytes`` packs
        them; and what they take together.
    rows
        Of all chunks.
    """

    def __init__(
        self,
        session: Session,
        source: PartitionedSource,
        kept: Blobs,
        amounts: Counter[int],
        codes: Mapping[int, Sequence[bytes]],
        code_bytes: int,
        rows: int,
    ) -> None:
        self.session, self.source, self.rows = session, source, rows
        self.digests = sum(digest * amount for digest, amount in amounts.items()) & ((1 << 64) - 1)
        self._kept, self._codes, self._chunks = kept, codes, amounts.total()
        self._room = CODES_BYTES - code_bytes

    def run(self, job: Job, label: str) -> Answers:
        """Return what workers count.

        Raises
        ------
        SourceError
            They counted other rows than those that were looked at first.
        TooManyValues
            What they would have to be sent is too much.
        """
        if job.is_empty:
            return Answers(self, job, _Keys(), (), label)
        plan, keys = job.plan(self.rows, self._chunks, self._room)
        work = shipped(count.counted, plan=_plain(plan), codes=self._codes, together=_TOGETHER)
        partitions = max(1, -(-keys.amount // _KEYS_A_PARTITION))
        self.session.report(label, 0, keys.amount)
        blobs = self._kept.map(work).by_key(partitions).map(shipped(count.summed))
        return Answers(self, job, keys, blobs.fetched(), label)


def _plain(plan: count.Plan) -> tuple[Any, ...]:
    """Return a plan without classes of this package, which workers lack."""
    return tuple([tuple(item) for item in items] for items in plan)
