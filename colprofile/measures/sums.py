"""PairSums: the few sums of a joint distribution from which every pair measure follows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PairSums:
    """Sums over the complete rows of two columns; c is a joint cell's count, n_x and n_y the marginal counts.

    Kernels and SQL pushdown return exactly these, so that no contingency table leaves the place where it is
    counted. Logarithms are base 2.

    Attributes
    ----------
    rows
        n, rows where neither column is NULL.
    distinct_x, distinct_y, cells
        Values of x and of y, and distinct value pairs, among those rows.
    joint_clogc, x_clogc, y_clogc
        Σ c·log2 c over joint cells, over x's and over y's marginal counts.
    square_over_x, square_over_y
        Σ c²/n_x and Σ c²/n_y, which give pdep(Y|X)·n and pdep(X|Y)·n.
    x_square, y_square
        Σ n_x² and Σ n_y², which give pdep(X)·n² and pdep(Y)·n².
    best_y_by_x, best_x_by_y
        Σ_x max_y c and Σ_y max_x c, the rows that an exact dependency X → Y, or Y → X, would keep.
    """

    rows: int
    distinct_x: int
    distinct_y: int
    cells: int
    joint_clogc: float
    x_clogc: float
    y_clogc: float
    square_over_x: float
    square_over_y: float
    x_square: float
    y_square: float
    best_y_by_x: int
    best_x_by_y: int
