"""Pearson's correlation of all numeric pairs at once, over each pair's complete rows, by matrix products."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from colprofile.counting.coded import CodeArray

_BLOCK_BYTES = 1 << 19  # a block's values stay in a core's second-level cache


def pearson_matrix(
    codes: Sequence[CodeArray],
    axes: Sequence[npt.NDArray[np.float64]],
    counts: Sequence[npt.NDArray[np.int64]],
    check: Callable[[], None] = lambda: None,
) -> npt.NDArray[np.float64]:
    """Return r[k, k], NaN where a side is constant over the pair's complete rows.

    With M the mask of present values and X the values centred on their column's mean and scaled by its standard
    deviation (0 where NULL), all that is needed is XᵀX, XᵀM, (X²)ᵀM and MᵀM, summed over blocks of rows.

    Parameters
    ----------
    codes
        k arrays of codes, each [rows]; 0 is NULL.
    axes
        k arrays: the number behind each code from 1; all finite.
    counts
        k arrays: rows of each code from 1.
    check
        Called for every block; it raises to stop.
    """
    k = len(codes)
    lookups = [_standardised(axis, count) for axis, count in zip(axes, counts, strict=True)]
    has_nulls = [i for i in range(k) if int(counts[i].sum()) < codes[i].size]
    products = np.zeros((k, k))
    firsts = np.zeros((k, k))
    squares = np.zeros((k, k))
    present = np.zeros((k, k))
    rows = codes[0].size if k else 0
    block = max(256, _BLOCK_BYTES // (8 * max(1, k)))
    values = np.empty((k, min(block, rows)))
    masks = np.empty((len(has_nulls), min(block, rows)))
    for begin in range(0, rows, block):
        check()
        size = min(block, rows - begin)
        for i in range(k):
            np.take(lookups[i], codes[i][begin : begin + size], out=values[i, :size], mode="clip")
        for place, i in enumerate(has_nulls):
            np.not_equal(codes[i][begin : begin + size], 0, out=masks[place, :size], casting="unsafe")
        x, m = values[:, :size], masks[:, :size]
        products += x @ x.T
        if has_nulls:
            firsts[:, has_nulls] += x @ m.T
            squares[:, has_nulls] += (x * x) @ m.T
            present[np.ix_(has_nulls, has_nulls)] += m @ m.T
    return _correlations(products, firsts, squares, present, has_nulls, counts, rows)


def _standardised(axis: npt.NDArray[np.float64], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return the number behind each code, centred and scaled, with 0 for NULL in front."""
    # The distance from one of the values is exact for values that lie close together; halves cannot overflow.
    distance = axis / 2 - (axis[0] / 2 if axis.size else 0.0)
    small = distance / (np.abs(distance).max(initial=0.0) or 1.0)
    mean = np.average(small, weights=counts)
    deviation = float(np.sqrt(np.average((small - mean) ** 2, weights=counts)))
    return np.concatenate([[0.0], (small - mean) / (deviation or 1.0)])


def _correlations(
    products: npt.NDArray[np.float64],
    firsts: npt.NDArray[np.float64],
    squares: npt.NDArray[np.float64],
    present: npt.NDArray[np.float64],
    has_nulls: list[int],
    counts: Sequence[npt.NDArray[np.int64]],
    rows: int,
) -> npt.NDArray[np.float64]:
    """Put the sums over complete rows together; a partner without NULL leaves a column's own sums as they are."""
    k = products.shape[0]
    whole = [i for i in range(k) if i not in set(has_nulls)]
    filled = np.array([int(count.sum()) for count in counts], np.float64)
    firsts[:, whole] = 0.0  # a centred column adds up to nothing
    squares[:, whole] = np.diag(products)[:, None]
    n = np.minimum(filled[:, None], filled[None, :])
    n[np.ix_(has_nulls, has_nulls)] = present[np.ix_(has_nulls, has_nulls)]
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = products - firsts * firsts.T / n
        variance = squares - firsts**2 / n
        # Below rounding of n squares of size one a variance is that of a constant.
        variance[variance <= 1e-12 * np.maximum(squares, 1e-300)] = np.nan
        r: npt.NDArray[np.float64] = covariance / np.sqrt(variance * variance.T)
    return np.clip(r, -1.0, 1.0)
