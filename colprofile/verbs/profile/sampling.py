"""Sampling: which figures of a profile may come from a sample of the rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

from colprofile.errors import ArgumentError


@dataclass(frozen=True)
class Sampling:
    """Which figures may come from a sample of the rows. By default none: every row is counted.

    Attributes
    ----------
    precision
        Bits that an interval of mutual information may be wide; None counts all pairs that are shown exactly.
    top_pairs
        How many pairs to show, those of highest dependence.
    min_dependence
        Show pairs with at least this dependence.
    sample_rows
        Look at so many rows only.
    confidence
        Probability that all intervals and decisions of the profile hold.
    seed
        Random seed.

    Raises
    ------
    ArgumentError
        An option is outside what is allowed, or two exclude each other.
    """

    precision: float | None = None
    top_pairs: int | None = None
    min_dependence: float | None = None
    sample_rows: int | None = None
    confidence: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if self.confidence != 0.95:
            from colprofile.measures.bounds.result import delta_of

            delta_of(self.confidence)
        _check_number("precision", self.precision, None, "bits, above 0, such as 0.05")
        _check_number("min_dependence", self.min_dependence, 1.0, "a number above 0 and at most 1")
        _check_whole("top_pairs", self.top_pairs, 1)
        _check_whole("sample_rows", self.sample_rows, 2)
        _check_whole("seed", self.seed, 0)
        selecting = "top_pairs=" if self.top_pairs is not None else "min_dependence="
        options = {
            "precision=": self.precision is not None,
            selecting: self.is_selecting,
            "sample_rows=": self.sample_rows is not None,
        }
        given = [name for name, is_given in options.items() if is_given]
        if len(given) > 1:
            raise ArgumentError(
                f"{given[0]} and {given[1]} exclude each other: precision= narrows all pairs, top_pairs= and "
                "min_dependence= count the strongest exactly, sample_rows= counts nothing exactly"
            )

    @property
    def is_selecting(self) -> bool:
        """Whether some pairs are shown and the others left out."""
        return self.top_pairs is not None or self.min_dependence is not None

    @property
    def is_of_pairs(self) -> bool:
        """Whether pairs may be settled from samples, while columns are counted."""
        return self.is_selecting or self.precision is not None


def _check_number(name: str, given: float | None, most: float | None, allowed: str) -> None:
    if given is None:
        return
    try:
        is_allowed = math.isfinite(given) and given > 0 and (most is None or given <= most)
    except TypeError:
        is_allowed = False
    if not is_allowed:
        raise ArgumentError(f"{name}={given!r} is not allowed: give {allowed}")


def _check_whole(name: str, given: int | None, least: int) -> None:
    if given is None or (isinstance(given, int) and not isinstance(given, bool) and given >= least):
        return
    is_share = name == "sample_rows" and (isinstance(given, str) or (isinstance(given, float) and 0 < given < 1))
    by_blocks = " (a share is drawn by blocks, which voids every guarantee)" if is_share else ""
    raise ArgumentError(f"{name}={given!r} is not allowed: give a whole number of at least {least}{by_blocks}")


EVERY_ROW = Sampling()
"""No figure may come from a sample."""
