"""A marginal's histogram: frequent values one by one, the rest in equal-mass bins or md5 buckets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from colprofile.counting.cells import MOST_VALUES, TAIL_CELLS, Counts, Edges, HistogramCells, Shape, Tail
from colprofile.counting.dictionary import Positions
from colprofile.counting.scratch import blocks
from colprofile.measures.cuts import mass_shares

if TYPE_CHECKING:
    from colprofile.counting.marginal import Marginal

_NOWHERE: Positions = np.empty(0, np.int64)


def marginal_cells(marginal: Marginal, like: Shape | None, room: int, is_open: bool) -> HistogramCells:
    """Return a marginal's histogram, on the cells of another one where ``like`` is given.

    Parameters
    ----------
    like
        The other histogram's cells. Where it lists all of its values, new ones are listed too, if ``room`` allows.
    room
        Values that may be listed besides those of ``like``.
    is_open
        Whether rows outside the edges of ``like`` get bins of their own; else the outermost edges move.
    """
    if like is None:
        listed, tail = _own_cells(marginal)
        dictionary, counts = marginal.dictionary, marginal.counts[listed].tolist()
        return HistogramCells(dictionary.values(listed), counts, tail, dictionary.keys(listed))
    known, extra, tail = _cells_like(marginal, like, room, is_open)
    there = np.zeros(known.size, np.int64)
    there[known >= 0] = marginal.counts[known[known >= 0]]
    return HistogramCells(
        [*like.values, *marginal.dictionary.values(extra)],
        [*there.tolist(), *marginal.counts[extra].tolist()],
        tail,
        _keys_like(marginal, like, extra),
    )


def _keys_like(marginal: Marginal, shape: Shape, extra: Positions) -> list[str] | None:
    """Return the keys of the shape's values and of further ones; None where not both have keys."""
    keys = marginal.dictionary.keys(extra)
    return None if shape.keys is None or keys is None else [*shape.keys, *keys]


def _own_cells(marginal: Marginal) -> tuple[Positions, Tail]:
    """Return the positions of the values to list, most frequent first, and the tail of the others.

    All where there are at most 2,048. Else those that hold more than 1/1,024 of the rows and NaN and infinities, and
    the tail cut into 1,024 parts: columns with an axis into bins of equal mass, others by md5.

    Listing no more than those keeps the comparison of two samples fair: among values of about equal frequency, the
    first thousand would be those that happened to be drawn more often.
    """
    if marginal.distinct <= MOST_VALUES:
        return marginal.most_frequent(MOST_VALUES), _no_tail()
    listed = marginal.most_frequent(TAIL_CELLS)
    listed = listed[marginal.counts[listed] * TAIL_CELLS > marginal.filled]
    listed = _with_infinite(marginal, listed)
    return listed, _tail(marginal, listed, None, TAIL_CELLS)


def _cells_like(marginal: Marginal, shape: Shape, room: int, is_open: bool) -> tuple[Positions, Positions, Tail]:
    """Return the positions of the shape's values (−1 for one that does not occur), of further ones, and the tail."""
    dictionary = marginal.dictionary
    is_keyed = shape.keys is not None and dictionary.keys(_NOWHERE) is not None
    known = dictionary.positions_of_keys(shape.keys or ()) if is_keyed else dictionary.positions_of(shape.values)
    found = known[known >= 0]
    is_complete = not len(shape.edges) and not shape.buckets
    rest_count = marginal.distinct - int(np.count_nonzero(marginal.counts[found]))
    if is_complete and rest_count <= room:
        left = [_not_in(positions, found) for positions in marginal.blocks()]
        extra = np.concatenate(left) if left else np.empty(0, np.int64)
        return known, extra[np.argsort(-marginal.counts[extra], kind="stable")], _no_tail()
    if is_complete:
        extra = _not_in(marginal.most_frequent(TAIL_CELLS + found.size), found)
        extra = extra[marginal.counts[extra] * TAIL_CELLS > marginal.filled]
    else:
        extra = np.empty(0, np.int64)
    listed = _with_infinite(marginal, np.concatenate([found, extra]))
    edges = _edges_like(marginal, listed, shape.edges, is_open) if len(shape.edges) else None
    tail = _tail(marginal, listed, edges, shape.buckets or TAIL_CELLS, is_keyed=is_keyed)
    return known, listed[found.size :], tail


def _not_in(positions: Positions, listed: Positions) -> Positions:
    return positions[~np.isin(positions, listed)] if listed.size else positions


def _with_infinite(marginal: Marginal, listed: Positions) -> Positions:
    """Return the listed positions, with those of NaN and infinities added."""
    axis = marginal.dictionary.axis
    if axis is None:
        return listed
    found = [np.empty(0, np.int64)]
    for some in blocks(axis.size):
        is_more = ~np.isfinite(axis[some])
        if is_more.any():
            more = np.flatnonzero(is_more & (marginal.counts[some] > 0)) + some.start
            found.append(_not_in(more, listed))
    more = np.concatenate(found)
    return np.concatenate([listed, marginal.dictionary.first(more, more.size)])


def _places(marginal: Marginal, listed: Positions) -> Iterator[tuple[Edges, Counts]]:
    """Yield the places on the axis and the rows of the values that are not listed, some at a time, ascending."""
    axis = marginal.dictionary.axis
    assert axis is not None
    for positions in marginal.blocks():
        rest = _not_in(positions, listed)
        if rest.size:
            yield axis[rest], marginal.counts[rest]


def _no_tail() -> Tail:
    none = np.empty(0, np.int64)
    return Tail(np.empty(0), none, none, none, none)


def _tail(marginal: Marginal, listed: Positions, edges: Edges | None, buckets: int, *, is_keyed: bool = True) -> Tail:
    """Return what is not listed by bins of these edges (equal-mass ones without), or by buckets of keys or texts."""
    none = np.empty(0, np.int64)
    if marginal.dictionary.axis is None:
        return Tail(np.empty(0), none, none, *_buckets(marginal, listed, buckets, is_keyed))
    if edges is None:
        edges = _equal_mass_edges(marginal, listed)
        if edges is None:
            return _no_tail()
    bins = edges.size - 1
    rows, values = np.zeros(bins, np.int64), np.zeros(bins, np.int64)
    for places, counts in _places(marginal, listed):
        cells = np.searchsorted(edges[1:-1], places, side="left")
        rows += _sums(cells, counts, bins)
        values += np.bincount(cells, minlength=bins)
    return Tail(edges, rows, values, none, none)


def _buckets(marginal: Marginal, listed: Positions, buckets: int, is_keyed: bool) -> tuple[Counts, Counts]:
    """Return the rows and the values of each bucket, listed values left out."""
    from colprofile.counting.md5 import md5_buckets  # compiled code, which a column with an axis does not need

    rows, values = np.zeros(buckets, np.int64), np.zeros(buckets, np.int64)
    listed = np.sort(listed)
    for some, offsets, data in marginal.dictionary.text_blocks(is_keyed=is_keyed):
        counts = marginal.counts[some].copy()
        counts[listed[np.searchsorted(listed, some.start) : np.searchsorted(listed, some.stop)] - some.start] = 0
        cells = md5_buckets(offsets, data, buckets)
        rows += _sums(cells, counts, buckets)
        values += np.bincount(cells[counts > 0], minlength=buckets)
    return rows, values


def _equal_mass_edges(marginal: Marginal, listed: Positions) -> Edges | None:
    """Return the edges of bins of equal mass of the values that are not listed; None where there are none."""
    total = marginal.filled - int(marginal.counts[listed].sum())
    before, last, first = 0, -1, 0.0
    place = 0.0
    edges: list[Edges] = []
    for places, counts in _places(marginal, listed):
        raw = mass_shares(before + np.cumsum(counts), counts, total, TAIL_CELLS)
        if last < 0:
            first = float(places[0])
        elif raw[0] > last:
            edges.append(np.array([place]))
        edges.append(places[np.flatnonzero(np.diff(raw))])
        before, last, place = before + int(counts.sum()), int(raw[-1]), float(places[-1])
    if last < 0:
        return None
    found = np.unique(np.concatenate([[first], *edges, [place]]))
    return found if found.size > 1 else np.append(np.nextafter(found[0], -np.inf), found)


def _edges_like(marginal: Marginal, listed: Positions, given: Sequence[float], is_open: bool) -> Edges:
    """Return the given edges, moved outwards or with a bin more at each end where values lie outside them."""
    edges = np.array(given, np.float64)
    if marginal.dictionary.axis is None:
        return edges
    ends = [float(end) for places, _ in _places(marginal, listed) for end in (places[0], places[-1])]
    if not ends:
        return edges
    low, high = ends[0], ends[-1]
    if not is_open:
        return np.concatenate([[min(low, edges[0])], edges[1:-1], [max(high, edges[-1])]])
    if high > edges[-1]:
        edges = np.append(edges, high)
    if low < edges[0]:
        # The first bin holds its lower edge too, the bin below it must not.
        edges = np.concatenate([[low], [np.nextafter(edges[0], -np.inf)], edges[1:]])
        if low == edges[1]:
            edges[0] = np.nextafter(low, -np.inf)
    return edges


def _sums(cells: npt.NDArray[Any], counts: Counts, size: int) -> Counts:
    """Return the rows of each cell, added up as whole numbers."""
    return np.rint(np.bincount(cells, counts, size)).astype(np.int64)
