"""Measurements: numbers that measure something. Where such values are equal or different says nothing of the rows.

That every body mass of a table is different makes it no key, and what a mass "determines" is chance.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING

from colprofile.values import Value

if TYPE_CHECKING:
    from colprofile.results.column import ColumnProfile

Exact = int | Fraction
"""A number without rounding; whole ones as int, which Python handles much faster."""

FEW_VALUES = 20
"""A number with at most so many values is a grade, a rate or a code, whatever it looks like."""

ASSIGNED = 10.0
"""Where so many pairs of rows would be equal by chance and none is, the numbers were assigned: e^−10 is 0.00005."""

SPARSE = 0.1
"""Whole numbers that leave more of their range empty than all but this share can be measurements."""

UNEVEN = 0.2
"""Numbers whose quantiles are farther than this from those of even numbers are measurements, if they are sparse."""

_ID_WORDS = frozenset(["id", "ids", "key", "keys", "code", "codes", "uuid", "guid", "pk", "sku", "isbn", "ean", "iban"])
_ID_WORDS |= {"serial", "zip", "zipcode", "postcode", "postal", "fips", "rowid"}
_LAST_ID_WORDS = frozenset(["number", "no", "nr", "num", "ref", "reference", "index", "idx", "hash"])
_JOINED = re.compile(
    r"(account|customer|employee|event|item|object|order|patient|person|product|record|row|session|student|transaction|"
    r"user)(id|key|code|no|nr|number)"
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def is_id_name(name: str) -> bool:
    """Whether a name says that a column identifies something.

    >>> [is_id_name(name) for name in ("order_id", "customerId", "zip", "No.", "number of rooms", "humid", "userid")]
    [True, True, True, True, False, False, True]
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    return bool(words) and (
        not _ID_WORDS.isdisjoint(words) or words[-1] in _LAST_ID_WORDS or _JOINED.fullmatch(words[-1]) is not None
    )


def measurements(columns: Sequence[ColumnProfile]) -> frozenset[str]:
    """Return the names of the columns that are measurements, of all columns of a table."""
    return frozenset(column.name for j, column in enumerate(columns) if is_measurement(column, is_first=j == 0))


def is_measurement(column: ColumnProfile, *, is_first: bool = False) -> bool:
    """Whether a column measures something: a number with more than 20 values that are not assigned.

    - Numbers with a fraction are measurements.
    - Whole numbers are, unless the column is the first of its table or has the name of an identifier, where they are
      sparse (at least nine tenths of their range, in steps of their largest common divisor, are empty) and their
      quantiles are uneven. Numbers that are all different although chance would have made some equal were assigned.
    """
    if column.kind != "numeric" or column.distinct <= FEW_VALUES:
        return False
    known = _known_numbers(column)
    if not known:
        return False
    if any(number.denominator != 1 for number in known):
        return True
    if is_first or is_id_name(column.name) or is_assigned(column):
        return False
    low, high = known[0], known[-1]
    if low == high:
        return False
    if column.distinct * _step(known) >= SPARSE * (high - low):
        return False
    quantiles = [(quantile.probability, _exact(quantile.value)) for quantile in column.quantiles]
    gaps = [abs(Fraction(value - low, high - low) - Fraction(share)) for share, value in quantiles if value is not None]
    return max(gaps, default=0) > UNEVEN


def is_assigned(column: ColumnProfile) -> bool:
    """Whether whole numbers are all different although chance would have made some of them equal.

    n numbers drawn from a range of w have n (n − 1) / (2 w) equal pairs on average, more where they are uneven.
    """
    rows, known = column.counted_rows, _known_numbers(column)
    if column.kind != "numeric" or not known or column.distinct < rows or any(n.denominator != 1 for n in known):
        return False
    steps = Fraction(known[-1] - known[0], _step(known)) + 1
    return steps == rows or rows * (rows - 1) / (2 * steps) >= ASSIGNED


def _step(known: list[Exact]) -> int:
    """Return the largest common divisor of the distances between whole numbers, at least 1."""
    return max(1, math.gcd(*(int(number - known[0]) for number in known)))


def _known_numbers(column: ColumnProfile) -> list[Exact]:
    """Return the column's finite values that its profile names, in ascending order."""
    values = {
        column.minimum,
        column.maximum,
        *(quantile.value for quantile in column.quantiles),
        *(top.value for top in column.top_values),
    }
    return sorted(number for number in map(_exact, values) if number is not None)


def _exact(value: Value) -> Exact | None:
    """Return a value as an exact number; None for what is no finite number. Large decimals are saved as text."""
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return Fraction(value) if math.isfinite(value) else None
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return Fraction(number) if number is not None and number.is_finite() else None
