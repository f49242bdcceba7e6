"""Bounds: an interval that holds with a stated confidence; and the checks that all bounds share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from colprofile.errors import ArgumentError
from colprofile.measures.checks import FloatArray, satisfies


@dataclass(frozen=True, slots=True)
class Bounds:
    """An interval that holds with a stated confidence, from a sample.

    Attributes
    ----------
    lower, estimate, upper
        Bits (values, for distinct counts). ``upper`` is None where nothing bounds the figure.
    rows, population_rows
        Rows of the sample and of what it was drawn from. Equal where the figure is exact.
    confidence
        Probability that both bounds hold, over the draw of the sample.
    is_trivial
        Whether the interval is no narrower than what is known without a sample.
    rows_needed
        Where it is trivial: a sample size at which the worst-case bounds alone guarantee half of its width; the whole
        population where no sample does. None otherwise.
    """

    lower: float
    estimate: float
    upper: float | None
    rows: int
    population_rows: int
    confidence: float
    is_trivial: bool = False
    rows_needed: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether every row was seen."""
        return self.rows == self.population_rows

    @property
    def width(self) -> float:
        """Upper less lower; infinite without an upper bound."""
        return math.inf if self.upper is None else self.upper - self.lower

    def __str__(self) -> str:
        if self.is_exact:
            return f"{self.estimate:.4f} bits, exact"
        text = (
            f"{self.lower:.4f} to {'∞' if self.upper is None else f'{self.upper:.4f}'} bits"
            f" with {100 * self.confidence:g} % confidence, from {self.rows:,} of {self.population_rows:,} rows"
        )
        if not self.is_trivial:
            return text
        return f"{text}: the sample says nothing; {self.rows_needed or self.population_rows:,} rows would"


def checked(counts: FloatArray, population_rows: int, confidence: float) -> tuple[int, float]:
    """Return (sampled rows, δ)."""
    rows = int(counts.sum())
    if population_rows < rows:
        raise ArgumentError(
            f"population_rows is {population_rows!r}, but the sample has {rows:,} rows: give the whole column's"
        )
    return rows, delta_of(confidence)


def delta_of(confidence: float) -> float:
    """Return 1 − confidence, or raise ArgumentError if that is not a number strictly between 0 and 1."""
    if not satisfies(confidence, lambda number: 0.0 < number < 1.0):
        raise ArgumentError(f"confidence is {confidence!r}: give a number above 0 and below 1, such as 0.95")
    return 1.0 - float(confidence)


def halves(counts: FloatArray, seed: int) -> tuple[FloatArray, FloatArray]:
    """Return a random split of a sample into two halves; each is itself a sample without replacement."""
    whole = counts.astype(np.int64)
    rng = np.random.default_rng(seed)
    first = rng.multivariate_hypergeometric(whole, int(whole.sum()) // 2, method="marginals")
    return first.astype(np.float64), (whole - first).astype(np.float64)
