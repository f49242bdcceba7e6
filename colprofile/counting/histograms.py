"""A marginal's histogram: frequent values one by one, the rest in equal-mass bins or md5 buckets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from colprofile.counting.cells import MOST_VALUES, TAIL_CELLS, Counts, Edges, HistogramCells, Shape, Tail
from colprofile.counting.dictionary import Positions
from colprofile.measures.cuts import equal_mass_bins

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
    listed, rest = _split(marginal, listed)
    return listed, _tail(marginal, rest, None, TAIL_CELLS)


def _cells_like(marginal: Marginal, shape: Shape, room: int, is_open: bool) -> tuple[Positions, Positions, Tail]:
    """Return the positions of the shape's values (−1 for one that does not occur), of further ones, and the tail."""
    dictionary = marginal.dictionary
    is_keyed = shape.keys is not None and dictionary.keys(_NOWHERE) is not None
    known = dictionary.positions_of_keys(shape.keys or ()) if is_keyed else dictionary.positions_of(shape.values)
    found = known[known >= 0]
    is_rest = marginal.counts > 0
    is_rest[found] = False
    is_complete = not len(shape.edges) and not shape.buckets
    rest_count = int(np.count_nonzero(is_rest))
    if is_complete and rest_count <= room:
        order = marginal.occurring
        extra = order[is_rest[order]]
        return known, extra[np.argsort(-marginal.counts[extra], kind="stable")], _no_tail()
    if is_complete:
        extra = marginal.most_frequent(TAIL_CELLS + found.size)
        extra = extra[is_rest[extra] & (marginal.counts[extra] * TAIL_CELLS > marginal.filled)]
    else:
        extra = np.empty(0, np.int64)
    listed, rest = _split(marginal, np.concatenate([found, extra]))
    edges = _edges_like(marginal, rest, shape.edges, is_open) if len(shape.edges) else None
    tail = _tail(marginal, rest, edges, shape.buckets or TAIL_CELLS, is_keyed=is_keyed)
    return known, listed[found.size :], tail


def _split(marginal: Marginal, listed: Positions) -> tuple[Positions, Positions]:
    """Return the listed positions, with NaN and infinities added, and the others in the database's order."""
    is_listed = np.zeros(marginal.counts.size, bool)
    is_listed[listed] = True
    axis = marginal.dictionary.axis
    if axis is not None:
        more = np.flatnonzero(~np.isfinite(axis) & (marginal.counts > 0) & ~is_listed)
        listed = np.concatenate([listed, more])
        is_listed[more] = True
        order = marginal.occurring
        return listed, order[~is_listed[order]]
    return listed, np.flatnonzero(~is_listed & (marginal.counts > 0))


def _no_tail() -> Tail:
    none = np.empty(0, np.int64)
    return Tail(np.empty(0), none, none, none, none)


def _tail(marginal: Marginal, rest: Positions, edges: Edges | None, buckets: int, *, is_keyed: bool = True) -> Tail:
    """Return the values at ``rest`` by bins of these edges (equal-mass ones without), or buckets of keys or texts."""
    counts = marginal.counts[rest]
    none = np.empty(0, np.int64)
    axis = marginal.dictionary.axis
    if axis is None:
        from colprofile.counting.md5 import md5_buckets  # compiled code, which a column with an axis does not need

        dictionary = marginal.dictionary
        cells = md5_buckets(*(dictionary.bucket_texts() if is_keyed else dictionary.texts()), buckets)[rest]
        return Tail(np.empty(0), none, none, _sums(cells, counts, buckets), np.bincount(cells, minlength=buckets))
    if not rest.size and edges is None:
        return _no_tail()
    places = axis[rest]
    if edges is None:
        edges = _equal_mass_edges(places, counts)
    bins = edges.size - 1
    cells = np.searchsorted(edges[1:-1], places, side="left")
    return Tail(edges, _sums(cells, counts, bins), np.bincount(cells, minlength=bins), none, none)


def _equal_mass_edges(places: Edges, counts: Counts) -> Edges:
    groups = equal_mass_bins(np.cumsum(counts), counts, TAIL_CELLS)
    last = np.append(np.flatnonzero(np.diff(groups)), places.size - 1)
    edges = np.unique(np.append(places[0], places[last]))
    return edges if edges.size > 1 else np.append(np.nextafter(edges[0], -np.inf), edges)


def _edges_like(marginal: Marginal, rest: Positions, given: Sequence[float], is_open: bool) -> Edges:
    """Return the given edges, moved outwards or with a bin more at each end where values lie outside them."""
    edges = np.array(given, np.float64)
    axis = marginal.dictionary.axis
    if axis is None or not rest.size:
        return edges
    low, high = float(axis[rest[0]]), float(axis[rest[-1]])
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
