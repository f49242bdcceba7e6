"""DecimalTextDictionary: decimals of any precision, which arrive as text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import cached_property

import numpy as np

from colprofile.counting.dictionary import Axis, Dictionary, Positions, positions_among
from colprofile.values import Value


class DecimalTextDictionary(Dictionary):
    """Decimals behind a dictionary of their texts; equal numbers must have equal texts.

    >>> from colprofile.counting.dictionary import LabelDictionary
    >>> decimals = DecimalTextDictionary(LabelDictionary(["10.50", "NaN", "-2"]))
    >>> decimals.order.tolist(), decimals.axis.tolist(), decimals.values(np.array([0]))
    ([2, 0, 1], [10.5, nan, -2.0], ['10.50'])
    """

    def __init__(self, inner: Dictionary) -> None:
        self._texts = [str(text) for text in inner.values(np.arange(inner.size))]

    @cached_property
    def _numbers(self) -> list[Decimal]:
        return [Decimal(text) for text in self._texts]

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self._texts)

    @cached_property
    def order(self) -> Positions:
        """Numeric order; NaN last, as databases order it."""
        numbers = self._numbers
        ranked = sorted(range(self.size), key=lambda p: (numbers[p].is_nan(), 0 if numbers[p].is_nan() else numbers[p]))
        return np.array(ranked, np.int64)

    @cached_property
    def axis(self) -> Axis | None:
        """The numbers as float64, infinite where they exceed it."""
        return np.array([float(number) for number in self._numbers], np.float64)

    def convert(self, positions: Positions) -> list[Value]:
        """Return the texts at these positions: no digit is lost."""
        return [self._texts[p] for p in positions]

    def positions_of(self, values: Sequence[Value]) -> Positions:
        """Return where each number is, −1 where it is not; 1, 1.0 and "1.00" are one number."""
        return positions_among(map(_comparable, self._numbers), (_comparable(_decimal(value)) for value in values))


def _comparable(number: Decimal | None) -> Decimal | str | None:
    return "NaN" if number is not None and number.is_nan() else number


def _decimal(value: Value) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
