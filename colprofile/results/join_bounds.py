"""join_bounds: what profiles guarantee of the size of a join, without the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colprofile.errors import ArgumentError, shorten
from colprofile.measures.fingerprints import Fingerprint
from colprofile.measures.joins import (
    chain_lower_bound,
    chain_upper_bound,
    fewest_shared,
    join_lower_bound,
    join_upper_bound,
)
from colprofile.results.column import ColumnProfile


@dataclass(frozen=True, slots=True)
class JoinBounds:
    """Guaranteed bounds of a join's rows, and what a planner estimates.

    Attributes
    ----------
    lower, upper
        No fewer and no more rows than these.
    estimate
        Rows by the planners' rule: the product of the tables' rows that are not NULL over the larger number of values,
        for each pair of equal columns.
    """

    lower: int
    upper: int
    estimate: float


def join_bounds(*columns: ColumnProfile, foreign_keys: bool = False) -> JoinBounds:
    """Return how many rows a join has at least and at most, from the profiles of the joined columns alone.

    Parameters
    ----------
    *columns
        The columns that are equal, of exact profiles:

        * two: ``a join b on a.x = b.x``,
        * three, of three tables: ``a join b on a.x = b.x join c on b.x = c.x``,
        * four: ``a join b on a.x = b.x join c on b.y = c.y``; the second and the third are of one table.
    foreign_keys
        Whether the values of one column of each equality are known to be among the other's, as along a foreign key.
        Without that the lower bound is mostly 0: it knows only what whole numbers must share in their range.

    Returns
    -------
    JoinBounds
        Rows. The bounds hold for the equality by which the profiles counted values; NULL equals nothing. A promise of
        ``foreign_keys`` that does not hold voids the lower bound.

    Raises
    ------
    ArgumentError
        Other numbers of columns; a column that is estimated from a sample, or whose fingerprint was not kept; a second
        and a third of four that cannot be of one table.

    Notes
    -----
    ``join_upper_bound``, ``join_lower_bound``, ``chain_upper_bound``, ``chain_lower_bound`` and ``fewest_shared`` of
    ``colprofile.measures``.

    Examples
    --------
    >>> import colprofile, pandas as pd
    >>> customers = colprofile.profile(pd.DataFrame({"name": ["ann", "bob", "cy"]}))
    >>> orders = colprofile.profile(pd.DataFrame({"customer": ["ann", "ann", "cy", "cy", "cy"]}))
    >>> colprofile.join_bounds(orders["customer"], customers["name"])
    JoinBounds(lower=0, upper=5, estimate=5.0)
    >>> colprofile.join_bounds(orders["customer"], customers["name"], foreign_keys=True)
    JoinBounds(lower=5, upper=5, estimate=5.0)
    """
    if len(columns) not in (2, 3, 4):
        raise ArgumentError(f"{len(columns)} columns given: a join of two or three tables has 2, 3 or 4")
    if len(columns) == 4 and columns[1].rows != columns[2].rows:
        raise ArgumentError(
            f"columns {shorten(columns[1].name)!r} of {columns[1].rows:,} rows and {shorten(columns[2].name)!r} of"
            f" {columns[2].rows:,} rows are not of one table: give the second and the third of the table in the middle"
        )
    degrees = [_fingerprint(column) for column in columns]
    outer, inner = (0, -1), (1, len(columns) - 2)  # places of each equality: in the table at an end, in the middle one
    sides = list(zip(outer, inner, strict=True))[: 1 if len(columns) == 2 else 2]
    known = [_shared((columns[i], columns[j]), (degrees[i], degrees[j]), foreign_keys) for i, j in sides]
    least, most = [fewest for fewest, _ in known], [limit for _, limit in known]
    estimate = _estimate(columns[1].rows, [(degrees[i], degrees[j]) for i, j in sides])
    if len(columns) == 2:
        lower = join_lower_bound(degrees[0], degrees[1], shared=least[0])
        return JoinBounds(lower, join_upper_bound(*degrees, most_shared=most[0]), estimate)
    first, last, middle = degrees[0], degrees[-1], (degrees[inner[0]], degrees[inner[1]])
    lower = chain_lower_bound(first, middle, last, rows=columns[1].rows, shared=(least[0], least[1]))
    if len(columns) == 3:
        upper = join_upper_bound(*degrees, most_shared=min(most))
    else:
        upper = chain_upper_bound(first, middle, last, most_shared=(most[0], most[1]))
    return JoinBounds(lower, upper, estimate)


def _fingerprint(column: ColumnProfile) -> Fingerprint:
    """Return how often the column's values occur, NULL left out."""
    name, filled = shorten(column.name), column.rows - column.nulls
    if column.sampled_rows is not None:
        raise ArgumentError(f"column {name!r} is estimated from a sample, which guarantees nothing: profile all rows")
    counts = dict(column.fingerprint)
    if column.nulls and column.counted_rows == column.rows:  # NULL was counted as a value
        counts[column.nulls] -= 1
    found = Fingerprint.from_pairs(counts.items())
    if found.rows != filled:
        raise ArgumentError(
            f"column {name!r} has {filled:,} rows, and a fingerprint of {found.rows:,}: profile it anew"
        )
    return found


def _shared(
    columns: tuple[ColumnProfile, ColumnProfile], degrees: tuple[Fingerprint, Fingerprint], is_foreign_key: bool
) -> tuple[int, int]:
    """Return how many values two columns share at least and at most."""
    distinct = [found.distinct for found in degrees]
    fewest, most = (min(distinct) if is_foreign_key else 0), min(distinct)
    if all(type(end) is int for column in columns for end in (column.minimum, column.maximum)):
        lows, highs = ([int(str(getattr(column, end))) for column in columns] for end in ("minimum", "maximum"))
        most = min(most, max(0, min(highs) - max(lows) + 1))
        fewest = max(fewest, fewest_shared(distinct, lows, highs))
    return fewest, most


def _estimate(rows: int, sides: Sequence[tuple[Fingerprint, Fingerprint]]) -> float:
    """Return Π rows · Π 1/max(distinct), of a middle table of ``rows`` rows and (other column, its own) a side."""
    expected, over = rows, 1
    for other, own in sides:
        expected *= other.rows * own.rows
        over *= max(1, rows) * max(1, other.distinct, own.distinct)
    return expected / over
