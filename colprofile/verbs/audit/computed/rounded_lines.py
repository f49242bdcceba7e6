"""Rounded numbers: converted units are a·x + b rounded to a few decimals, and SQL must round as the data was."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.sql_types import DIALECTS, DOUBLE_TYPES, INTEGER_TYPES

Floats = npt.NDArray[np.float64]

FEW = 10
"""With fewer different values a rounded line, or a product, may fit by chance."""

_FIRST = 4_096  # values that rule out most lines
_STEPS = 20  # a rounded line must climb at least so many of its rounding steps
_MOST_PLACES = 6
_MOST_POINTS = 20_000  # values from which a line is found; it is checked on all
_MARGIN = 1e-6  # values must be this far from the middle between two, in units of the last decimal


_WHOLE = 2.0**53  # doubles from here on are whole numbers


def has_values(values: Floats, least: int) -> bool:
    """Whether there are at least so many different values.

    >>> has_values(np.array([1.0, 1.0, 2.0]), 2), has_values(np.array([1.0, 1.0]), 2)
    (True, False)
    """
    return np.unique(values[:_FIRST]).size >= least or np.unique(values).size >= least


def decimal_places(values: Floats) -> int | None:
    """Return the decimals that values have at most; None for more than six.

    >>> decimal_places(np.array([1.5, 2.25])), decimal_places(np.array([1 / 3])), decimal_places(np.array([4.0]))
    (2, None, 0)
    """
    small = values[np.abs(values) < _WHOLE]
    for places in range(_MOST_PLACES + 1):
        if (np.rint(small * 10.0**places) / 10.0**places == small).all():
            return places
    return None


def is_rounded(computed: Floats, wanted: Floats, places: int) -> bool:
    """Whether values are what was computed, rounded to so many decimals; in the middle up or down."""
    return bool((np.abs(computed - wanted) * 10.0**places <= 0.5 + _MARGIN).all())


@np.errstate(over="ignore", invalid="ignore")  # what overflows is infinite, and so is no stored value
def rounded_line(given: Floats, wanted: Floats) -> tuple[float, float, int] | None:
    """Return (a, b, decimals) so that every value is a·x + b rounded, a and b with few digits; None if there is none.

    >>> x = np.arange(500.0)
    >>> rounded_line(x, np.round(x * 1.609344, 1))
    (1.609344, 0.0, 1)
    """
    if given.size > _FIRST and not _may_be_line(given, wanted):
        return None
    places = decimal_places(wanted)
    if places is None or not has_values(wanted, FEW) or not has_values(given, FEW):
        return None
    half = (0.5 + _MARGIN) * 10.0**-places
    spread = float(given.max() - given.min())
    if wanted.max() - wanted.min() < 2 * half * _STEPS or not math.isfinite(spread):
        return None
    offset = _offset(given, wanted, half)
    if offset is None:
        return None
    for b in (0.0, *(round(offset, decimals) for decimals in range(_MOST_PLACES + 1)), offset):
        factor = _shortest(*_between(given, wanted - b, half))
        if factor and is_rounded(factor * given + b, wanted, places):
            return factor, b, places
    return None


def _may_be_line(given: Floats, wanted: Floats) -> bool:
    """Whether a few thousand of the values do not rule out a rounded line: a sample has no more decimals than all."""
    few = np.linspace(0, given.size - 1, _FIRST).astype(np.int64)
    x, y = given[few], wanted[few]
    places, spread = decimal_places(y), float(x.max() - x.min())
    if places is None or not math.isfinite(spread):
        return False
    return spread == 0 or _fitted((x - x.mean()) / spread, y, (0.5 + _MARGIN) * 10.0**-places) is not None


def _fitted(x: Floats, wanted: Floats, half: float) -> tuple[float, float] | None:
    """Return slope and height by least squares; None where a value is farther from it than rounding explains."""
    slope, height = (float(value) for value in np.polyfit(x, wanted, 1))
    return None if np.abs(wanted - slope * x - height).max() > 3 * half else (slope, height)


def _offset(given: Floats, wanted: Floats, half: float) -> float | None:
    """Return the offset of the line whose largest error is smallest (minimax); None where that error exceeds ``half``.

    Least squares rules out nearly everything that is not a line; the values farthest from it decide the minimax line.
    """
    middle, spread = float(given.mean()), float(given.max() - given.min())
    x = (given - middle) / spread
    fitted = _fitted(x, wanted, half)
    if fitted is None:
        return None
    from scipy.optimize import linprog  # takes 0.3 s

    slope, height = fitted
    left = wanted - slope * x - height
    far = np.argsort(-np.abs(left))[:_MOST_POINTS]
    ones = np.ones(far.size)
    rows = np.concatenate([np.stack([x[far], ones, -ones], 1), np.stack([-x[far], -ones, -ones], 1)])
    most = np.concatenate([left[far], -left[far]]) / half
    solved = linprog([0, 0, 1], A_ub=rows, b_ub=most, bounds=[(None, None), (None, None), (0, None)])
    if not solved.success or solved.fun > 1 + _MARGIN:
        return None
    slope += half * float(solved.x[0])
    return height + half * float(solved.x[1]) - slope / spread * middle


def _between(given: Floats, wanted: Floats, half: float) -> tuple[float, float]:
    """Return the smallest and largest a for which a·x is within ``half`` of every value."""
    other = given != 0
    if (np.abs(wanted[~other]) > half).any():
        return 1.0, 0.0
    ends = np.sort(np.stack([(wanted[other] - half) / given[other], (wanted[other] + half) / given[other]]), axis=0)
    return float(ends[0].max()), float(ends[1].min())


def _shortest(low: float, high: float) -> float:
    """Return the number with the fewest digits between two others, 0 if there is none.

    >>> _shortest(0.6213, 0.6217), _shortest(2.0, 1.0)
    (0.6215, 0.0)
    """
    if not low <= high:
        return 0.0
    for digits in range(1, 16):
        found = float(f"{(low + high) / 2:.{digits}g}")
        if low <= found <= high:
            return found
    return (low + high) / 2


def rounded_sql(audited: AuditedTable, y: int, sql: str, computed: Floats, wanted: Floats) -> dict[str, str]:
    """Return SQL that rounds an expression of double precision to exactly the stored values; empty where it might not.

    Values must not be near the middle between two, and have so few digits that both dialects compute the same.
    """
    of_type = audited.columns[y].type.lower()
    is_decimal = of_type.startswith(("decimal", "numeric"))
    places = 0 if of_type in INTEGER_TYPES else decimal_places(wanted)
    if is_decimal:
        places = int(of_type.rstrip(")").split(",")[1]) if "," in of_type else None
    if places is None:
        return {}
    scaled = computed * 10.0**places
    is_clear = (np.abs(scaled - np.rint(wanted * 10.0**places)) < 0.5 - _MARGIN).all() and np.abs(scaled).max() < 1e9
    if not is_clear:
        return {}
    if is_decimal:
        return dict.fromkeys(DIALECTS, sql)  # the cast to its type rounds
    if of_type in INTEGER_TYPES:
        return dict.fromkeys(DIALECTS, f"round({sql})")
    if of_type not in DOUBLE_TYPES:
        return {}
    return {
        "duckdb": f"round({sql}, {places})",
        "postgresql": f"cast(round(cast({sql} as numeric), {places}) as double precision)",
    }
