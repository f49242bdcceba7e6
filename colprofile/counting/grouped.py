"""The grouped kernel for several partners of one column at once.

Where a table is large, the cost of the grouped kernel is fetching y[permutation[i]] from memory. Codes of several
partners packed row by row lie in one cache line, so that one fetch serves them all: within a group the first partner
brings the lines in and the others find them in the first-level cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from colprofile.counting.buffers import CodeArray
from colprofile.counting.correlation import Axis
from colprofile.counting.kernels import (
    CLOGC_TABLE,
    SUMS,
    add_cell,
    clogc_of,
    sort_rows,
    sum_marginals,
    sum_over_y,
)
from colprofile.counting.marginal import Counts

_PACKED_BLOCK = 1 << 15  # rows packed at a time, so that they stay in cache from the first column to the last
_PACKED_MOST = 8  # partners packed together: 16 bytes a row, a quarter of a cache line
_PACKED_BYTES = 100_000_000  # and no more than this for a pack, of which every thread has one
_GROUPS_BLOCK = 1 << 22  # rows a kernel call: Ctrl-C waits for no more


@njit(nogil=True, cache=True)
def add_groups(
    first: Any,
    last: Any,
    offsets: Any,
    permutation: Any,
    packed: Any,
    starts: Any,
    x_axis: Any,
    y_axis: Any,
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
        uint16 or uint32[rows · k]: the codes of the k partners, row by row.
    starts
        int64[k + 1]: where each partner's codes begin in ``y_axis``, ``table`` and ``by_y``.
    x_axis, y_axis
        float64: the place of each code on its standardised axis, for Σ x·y; 0 where there is none.
    table
        uint32[starts[k]]: all zero, and left so.
    by_y
        float64[starts[k], 4]: added to, as ``add_cell`` has it.
    x_counts
        int64[k, distinct_x + 1]: filled for these groups.
    totals
        float64[k, 6]: added to: cells, Σ c·log2 c, what that lost by rounding, Σ c²/n_x, Σ_x max_y c, Σ c·x·y.
    """
    partners = starts.size - 1
    stride = np.uint64(partners)  # unsigned throughout: a signed index may be negative, which costs a test each time
    longest = 0
    for group in range(first, last):
        longest = max(longest, offsets[group + 1] - offsets[group])
    seen = np.empty(longest + 1, np.uint32)
    for group in range(first, last):
        begin, end = offsets[group], offsets[group + 1]
        for partner in range(partners):
            base = np.uint64(starts[partner])
            place = np.uint64(partner)
            used = np.uint64(0)
            for i in range(np.uint64(begin), np.uint64(end)):
                value = packed[np.uint64(permutation[i]) * stride + place]
                slot = base + np.uint64(value)
                count = table[slot]
                # The branch-free way to list each value of the group once.
                seen[used] = value
                used += np.uint64(count == 0)
                table[slot] = count + np.uint32(1)
            total = end - begin - np.int64(table[base])
            table[base] = 0
            if total == 0:
                continue
            group_cells = 0
            group_clogc = 0.0
            group_square = 0.0
            group_best: Any = 0
            group_cross = 0.0
            for i in range(used):
                slot = base + np.uint64(seen[i])
                cell = np.int64(table[slot])
                table[slot] = 0
                if cell == 0:
                    continue
                group_cells += 1
                group_clogc += clogc_of(cell, clogc_table)
                group_square += add_cell(by_y, slot, cell)
                group_best = max(group_best, cell)
                group_cross += np.float64(cell) * y_axis[slot]
            x_counts[partner, group] = total
            totals[partner, 0] += group_cells
            # Kahan's summation: ten million groups must keep 1e-9 bits.
            term = group_clogc - totals[partner, 2]
            bigger = totals[partner, 1] + term
            totals[partner, 2] = (bigger - totals[partner, 1]) - term
            totals[partner, 1] = bigger
            totals[partner, 3] += group_square / total
            totals[partner, 4] += group_best
            totals[partner, 5] += group_cross * x_axis[group]


@njit(nogil=True, cache=True)
def pack_codes(codes: Any, packed: Any, stride: Any) -> None:
    """Write ``codes`` to every ``stride``-th place of ``packed``."""
    place = np.uint64(0)
    for i in range(np.uint64(codes.size)):
        packed[place] = codes[i]
        place += np.uint64(stride)


@njit(nogil=True, cache=True)
def finish_partner(by_y: Any, totals: Any, x_counts: Any, y_counts: Any, clogc_table: Any, sums: Any) -> None:
    """Fill one partner's sums and y_counts (zero on entry) from what add_groups counted."""
    sums[3] = totals[0]
    sums[4] = totals[1]
    sums[7] = totals[3]
    sums[11] = totals[4]
    sum_over_y(by_y, y_counts, sums)
    sum_marginals(x_counts, y_counts, clogc_table, sums)


class Partner:
    """What add_groups has counted of one partner: the sums vector, the marginals of the complete rows, and Σ c·x·y."""

    def __init__(self, sums: npt.NDArray[np.float64], x_counts: Counts, y_counts: Counts, cross: float) -> None:
        self.sums = sums
        self.x_counts = x_counts
        self.y_counts = y_counts
        self.cross = cross


class Workspace:
    """Memory of one thread that its tasks use again: touching fresh memory costs more than what is done with it."""

    def __init__(self) -> None:
        self._held: dict[str, npt.NDArray[np.uint8]] = {}

    def take(self, name: str, size: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return an array of any content, which is the caller's until the same name is taken again."""
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
        Where to keep what is large; no other order of the same workspace can be used beside this one.
    """

    def __init__(self, codes: CodeArray, counts: Counts, workspace: Workspace | None = None) -> None:
        self._workspace = workspace or Workspace()
        self.width = counts.size
        self.rows = codes.size
        self.offsets = np.zeros(counts.size + 1, np.int64)
        np.cumsum(counts, out=self.offsets[1:])
        kind = np.uint32 if codes.size < 1 << 32 else np.uint64
        self.permutation = self._workspace.take("permutation", codes.size, kind)
        sort_rows(codes, self.offsets, self.permutation)

    def count(
        self,
        partners: Sequence[tuple[CodeArray, int]],
        x_axis: Axis | None = None,
        y_axes: Sequence[Axis | None] | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> list[Partner]:
        """Count the sorting column, as x, with several others.

        Parameters
        ----------
        partners
            Codes and width (codes including 0) of each.
        x_axis, y_axes
            Standardised axes by code, for Σ c·x·y.
        check
            Called between blocks of groups; it raises to stop.
        """
        places: Sequence[Axis | None] = y_axes or []
        padded = [*places, *[None] * (len(partners) - len(places))]
        # Wide codes apart from narrow ones, which would double in size beside them.
        numbers = sorted(range(len(partners)), key=lambda number: partners[number][0].dtype.itemsize > 2)
        found: dict[int, Partner] = {}
        while numbers:
            is_wide = partners[numbers[0]][0].dtype.itemsize > 2
            room = max(1, _PACKED_BYTES // (max(1, self.rows) * (4 if is_wide else 2)))
            taken = [n for n in numbers if (partners[n][0].dtype.itemsize > 2) == is_wide][: min(room, _PACKED_MOST)]
            numbers = [n for n in numbers if n not in taken]
            counted = self._count_pack([partners[n] for n in taken], x_axis, [padded[n] for n in taken], check)
            found.update(zip(taken, counted, strict=True))
        return [found[number] for number in range(len(partners))]

    def _count_pack(
        self,
        partners: Sequence[tuple[CodeArray, int]],
        x_axis: Axis | None,
        y_axes: Sequence[Axis | None],
        check: Callable[[], None],
    ) -> list[Partner]:
        """Count partners whose codes are packed together."""
        widths = [width for _, width in partners]
        starts = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
        y_axis = np.zeros(int(starts[-1]))
        for number, axis in enumerate(y_axes):
            if axis is not None:
                y_axis[starts[number] : starts[number] + axis.size] = axis
        packed = self._packed([codes for codes, _ in partners])
        table = np.zeros(int(starts[-1]), np.uint32)
        by_y = np.zeros((int(starts[-1]), 4))
        x_counts = np.zeros((len(partners), self.width), np.int64)
        totals = np.zeros((len(partners), 6))
        x_place = np.zeros(self.width) if x_axis is None else x_axis
        first = 1
        while first < self.width:
            check()
            last = int(np.searchsorted(self.offsets, self.offsets[first] + _GROUPS_BLOCK, "right")) - 1
            last = min(max(first + 1, last), self.width)
            add_groups(
                *(first, last, self.offsets, self.permutation, packed, starts, x_place, y_axis),
                *(CLOGC_TABLE, table, by_y, x_counts, totals),
            )
            first = last
        found = []
        for number, width in enumerate(widths):
            sums = np.zeros(SUMS)
            y_counts = np.zeros(width, np.int64)
            own = by_y[starts[number] : starts[number + 1]]
            finish_partner(own, totals[number], x_counts[number], y_counts, CLOGC_TABLE, sums)
            found.append(Partner(sums, x_counts[number], y_counts, float(totals[number, 5])))
        return found

    def _packed(self, columns: Sequence[CodeArray]) -> npt.NDArray[Any]:
        """Return the columns' codes row by row, as uint16 or uint32[rows · k], in a buffer to be reused."""
        is_wide = any(codes.dtype.itemsize > 2 for codes in columns)
        dtype = np.dtype(np.uint32 if is_wide else np.uint16)
        if len(columns) == 1:
            return np.ascontiguousarray(columns[0], dtype)
        flat = self._workspace.take("packed", self.rows * len(columns), dtype)
        for begin in range(0, self.rows, _PACKED_BLOCK):
            end = begin + _PACKED_BLOCK
            for number, codes in enumerate(columns):
                pack_codes(codes[begin:end], flat[begin * len(columns) + number :], len(columns))
        return flat
