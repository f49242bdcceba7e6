"""The grouped kernel for several partners of one column at once.

Where a table is large, the cost of the grouped kernel is fetching y[permutation[i]] from memory. Codes of several
partners packed row by row lie in one cache line, so that one fetch serves them all: within a group the first partner
brings the lines in and the others find them in the first-level cache.

Where many values occur once, as those of texts do, their rows are not sorted: each is a cell of one row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.compiled import compiled
from colprofile.counting.buffers import CodeArray
from colprofile.counting.correlation import Axis
from colprofile.counting.dependencies.kernels import sort_shared
from colprofile.counting.kernels import (
    BY_VALUE,
    CLOGC_TABLE,
    SUMS,
    add_cell,
    count_group,
    longest_group,
    marginal_sums,
    set_marginals,
    sort_rows,
    sum_group,
    sum_over_y,
)
from colprofile.counting.marginal import Counts
from colprofile.measures.sums import PairSums

_PACKED_BLOCK = 1 << 15  # rows packed at a time, so that they stay in cache from the first column to the last
_PACKED_MOST = 8  # partners packed together: 16 bytes per row, a quarter of a cache line
PACKED_BYTES = 100_000_000
"""Bytes that packed codes take at most; every thread has a pack of its own."""
_MANY_SINGLES = 4  # of so many rows one has a value of its own: then these are counted apart
_GROUPS_BLOCK = 1 << 22  # rows per kernel call: Ctrl-C waits for no more

TOTALS = np.dtype(
    [
        ("cells", np.int64),
        ("clogc", np.float64),
        ("lost", np.float64),
        ("square_over_x", np.float64),
        ("best_y_by_x", np.int64),
        ("cross", np.float64),
    ]
)
"""A partner's sums over the groups so far: ``lost`` is what clogc lost by rounding, ``cross`` is Σ c·x·y."""


@compiled
def add_groups(
    first: Any,
    last: Any,
    offsets: Any,
    permutation: Any,
    packed: Any,
    starts: Any,
    x_axis: Any,
    clogc_table: Any,
    table: Any,
    by_y: Any,
    x_counts: Any,
    totals: Any,
) -> None:
    """Count the partners of x in the groups ``first`` … ``last`` − 1.

    Parameters
    ----------
    offsets, permutation
        The rows sorted by x.
    packed
        uint16 or uint32[rows · k], or uint8 for k = 1: the codes of the k partners, row by row.
    starts
        int64[k + 1]: where each partner's codes begin in ``table`` and ``by_y``.
    x_axis
        float64[distinct_x + 1]: the place of each code on its standardised axis, for Σ c·x·y.
    table
        uint32[starts[k]]: all zero, and left so.
    by_y
        BY_VALUE[starts[k]]: added to.
    x_counts
        int64[k, distinct_x + 1]: filled for these groups; empty where they are known.
    totals
        TOTALS[k]: added to.
    """
    partners = starts.size - 1
    stride = np.uint64(partners)
    seen = np.empty(longest_group(offsets, first, last) + 1, packed.dtype)
    for group in range(first, last):
        begin, end = offsets[group], offsets[group + 1]
        if begin == end:
            continue
        for partner in range(partners):
            base = np.uint64(starts[partner])
            used = count_group(permutation, begin, end, packed[partner:], stride, base, table, seen)
            total = end - begin - np.int64(table[base])
            table[base] = 0
            if total == 0:
                continue
            cells, clogc, square, best, cross = sum_group(table, base, seen, used, by_y, clogc_table)
            if x_counts.size:
                x_counts[partner, group] = total
            sums = totals[partner]
            sums.cells += cells
            # Kahan's summation: ten million groups must keep 1e-9 bits.
            term = clogc - sums.lost
            bigger = sums.clogc + term
            sums.lost = (bigger - sums.clogc) - term
            sums.clogc = bigger
            sums.square_over_x += square / total
            sums.best_y_by_x += best
            sums.cross += cross * x_axis[group]


@compiled
def add_single_rows(x: Any, y: Any, is_single: Any, x_axis: Any, by_y: Any, x_counts: Any, totals: Any) -> None:
    """Add the rows whose x ``is_single`` (bool[distinct_x + 1]) to what ``add_groups`` fills of one partner y."""
    cross = 0.0
    rows = 0
    for i in range(x.size):
        code, value = x[i], y[i]
        if not is_single[code] or value == 0:
            continue
        if x_counts.size:
            x_counts[code] = 1
        rows += 1
        cross += add_cell(by_y, value, 1) * by_y[value].place * x_axis[code]
    totals[0].cells += rows
    totals[0].square_over_x += rows
    totals[0].best_y_by_x += rows
    totals[0].cross += cross


@compiled
def pack_codes(codes: Any, packed: Any, stride: Any) -> None:
    """Write ``codes`` to every ``stride``-th place of ``packed``."""
    place = np.uint64(0)
    for i in range(np.uint64(codes.size)):
        packed[place] = codes[i]
        place += np.uint64(stride)


@dataclass(frozen=True)
class Partner:
    """What was counted of one partner: the sums, the marginals of the complete rows, and Σ c·x·y."""

    sums: PairSums
    x_counts: Counts
    y_counts: Counts
    cross: float


class Workspace:
    """Memory that the tasks of a thread reuse: touching fresh memory costs more than the counting."""

    def __init__(self) -> None:
        self._held: dict[str, npt.NDArray[np.uint8]] = {}

    def take(self, name: str, size: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return an uninitialised array, which the caller may use until the same name is taken again."""
        kind = np.dtype(dtype)
        held = self._held.get(name)
        if held is None or held.size < size * kind.itemsize:
            held = self._held[name] = np.empty(size * kind.itemsize, np.uint8)
        return held[: size * kind.itemsize].view(kind)


class RowOrder:
    """The rows of a table sorted by one column's codes.

    Parameters
    ----------
    codes
        uint8, uint16 or uint32[rows].
    counts
        int64[width]: rows by code, 0 (NULL) included.
    workspace
        Holds the large arrays; only one RowOrder of a workspace can be used at a time.
    """

    def __init__(self, codes: CodeArray, counts: Counts, workspace: Workspace | None = None) -> None:
        self._workspace = workspace or Workspace()
        self.width = counts.size
        self.rows = codes.size
        self._codes, self._counts = codes, counts
        self._is_single = counts == 1
        self._is_single[0] = False
        self._singles = int(np.count_nonzero(self._is_single))
        self.are_apart = self._singles * _MANY_SINGLES >= self.rows
        """Whether rows with a value of their own are not in the permutation."""
        sorted_rows = np.where(self._is_single, 0, counts) if self.are_apart else counts
        self.offsets = np.zeros(counts.size + 1, np.int64)
        np.cumsum(sorted_rows, out=self.offsets[1:])
        kind = np.uint32 if codes.size < 1 << 32 else np.uint64
        self.permutation = self._workspace.take("permutation", int(self.offsets[-1]), kind)
        if self.are_apart:
            sort_shared(codes, 0, np.where(self._is_single, -1, self.offsets[:-1]), self.permutation)
        else:
            sort_rows(codes, self.offsets, self.permutation)

    def count(
        self,
        partners: Sequence[tuple[CodeArray, Counts]],
        x_axis: Axis | None = None,
        y_axes: Sequence[Axis | None] | None = None,
        check: Callable[[], None] = lambda: None,
        packed_bytes: int = PACKED_BYTES,
    ) -> list[Partner]:
        """Count the sorting column, as x, with several others.

        Parameters
        ----------
        partners
            The codes of each, and the rows of the table by code, int64[width].
        x_axis, y_axes
            Standardised axes by code, for Σ c·x·y.
        check
            Called between blocks of groups; it raises to stop.
        packed_bytes
            Memory for the codes of partners that are packed together. A single partner is counted from its own codes.
        """
        places: Sequence[Axis | None] = y_axes or []
        padded = [*places, *[None] * (len(partners) - len(places))]
        # Wide codes are packed separately: narrow ones would double in size with them.
        numbers = sorted(range(len(partners)), key=lambda number: partners[number][0].dtype.itemsize > 2)
        found: dict[int, Partner] = {}
        while numbers:
            is_wide = partners[numbers[0]][0].dtype.itemsize > 2
            room = max(1, packed_bytes // (max(1, self.rows) * (4 if is_wide else 2)))
            taken = [n for n in numbers if (partners[n][0].dtype.itemsize > 2) == is_wide][: min(room, _PACKED_MOST)]
            numbers = [n for n in numbers if n not in taken]
            counted = self._count_pack([partners[n] for n in taken], x_axis, [padded[n] for n in taken], check)
            found.update(zip(taken, counted, strict=True))
        return [found[number] for number in range(len(partners))]

    def _count_pack(
        self,
        partners: Sequence[tuple[CodeArray, Counts]],
        x_axis: Axis | None,
        y_axes: Sequence[Axis | None],
        check: Callable[[], None],
    ) -> list[Partner]:
        """Count partners whose codes are packed together."""
        starts = np.concatenate([[0], np.cumsum([counts.size for _, counts in partners])]).astype(np.int64)
        by_y = np.zeros(int(starts[-1]), BY_VALUE)
        for number, axis in enumerate(y_axes):
            if axis is not None:
                by_y["place"][starts[number] : starts[number] + axis.size] = axis
        packed = self._packed([codes for codes, _ in partners])
        table = np.zeros(int(starts[-1]), np.uint32)
        has_nulls = any(counts[0] for counts in (self._counts, *(counts for _, counts in partners)))
        x_counts = np.zeros((len(partners), self.width if has_nulls else 0), np.int64)
        totals = np.zeros(len(partners), TOTALS)
        x_place = np.zeros(self.width) if x_axis is None else x_axis
        first = 1
        while first < self.width:
            check()
            last = int(np.searchsorted(self.offsets, self.offsets[first] + _GROUPS_BLOCK, "right")) - 1
            last = min(max(first + 1, last), self.width)
            add_groups(
                *(first, last, self.offsets, self.permutation, packed, starts, x_place),
                *(CLOGC_TABLE, table, by_y, x_counts, totals),
            )
            first = last
        found = []
        for number, (codes, counts) in enumerate(partners):
            some, total = by_y[starts[number] : starts[number + 1]], totals[number : number + 1]
            if self.are_apart:
                check()
                if has_nulls or (x_axis is not None and y_axes[number] is not None):
                    add_single_rows(self._codes, codes, self._is_single, x_place, some, x_counts[number], total)
                else:
                    self._add_singles(counts, some, total)
            found.append(self._partner(some, totals[number], x_counts[number]))
        return found

    def _add_singles(self, counts: Counts, by_y: npt.NDArray[np.void], totals: npt.NDArray[np.void]) -> None:
        """Add the rows with an x of their own: of a partner without NULL what is in no group yet."""
        single = counts - by_y["rows"]
        by_y["rows"] = counts
        by_y["square"] += single
        by_y["largest"] = np.maximum(by_y["largest"], single > 0)
        for name in ("cells", "square_over_x", "best_y_by_x"):
            totals[name] += self._singles

    def _partner(self, by_y: npt.NDArray[np.void], totals: np.void, x_counts: Counts) -> Partner:
        """Return a partner from what was added up for it; without ``x_counts`` no row is NULL."""
        sums = np.zeros(1, SUMS)
        sums["cells"] = totals["cells"]
        sums["joint_clogc"] = totals["clogc"]
        sums["square_over_x"] = totals["square_over_x"]
        sums["best_y_by_x"] = totals["best_y_by_x"]
        y_counts = np.zeros(by_y.size, np.int64)
        sum_over_y(by_y, y_counts, sums)
        x_sums = marginal_sums(x_counts, CLOGC_TABLE) if x_counts.size else self._sums
        set_marginals(x_sums, marginal_sums(y_counts, CLOGC_TABLE), sums)
        found = x_counts if x_counts.size else self._counts
        return Partner(PairSums(*sums.item()), found, y_counts, float(totals["cross"]))

    @cached_property
    def _sums(self) -> Any:
        return marginal_sums(self._counts, CLOGC_TABLE)

    def _packed(self, columns: Sequence[CodeArray]) -> npt.NDArray[Any]:
        """Return the columns' codes row by row, as uint16 or uint32[rows · k], in a buffer to be reused.

        The codes of a single column are returned as they are.
        """
        if len(columns) == 1:
            return columns[0]
        is_wide = any(codes.dtype.itemsize > 2 for codes in columns)
        dtype = np.dtype(np.uint32 if is_wide else np.uint16)
        flat = self._workspace.take("packed", self.rows * len(columns), dtype)
        for begin in range(0, self.rows, _PACKED_BLOCK):
            end = begin + _PACKED_BLOCK
            for number, codes in enumerate(columns):
                pack_codes(codes[begin:end], flat[begin * len(columns) + number :], len(columns))
        return flat
