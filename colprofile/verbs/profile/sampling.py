"""Sampling: which figures of a profile may come from a sample of the rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from colprofile.errors import ArgumentError
from colprofile.sources.sampled import checked_sample

LARGEST_SEED = 2**63 - 1
"""The largest random seed, of every verb."""


@dataclass(frozen=True)
class Sampling:
    """Which figures may come from a sample of the rows: parameters of ``profile``. By default every row is counted.

    Raises
    ------
    ArgumentError
        An option is outside what is allowed, or two exclude each other.
    """

    precision: float | None = None
    top_pairs: int | None = None
    min_dependence: float | None = None
    sample_rows: int | str | None = None
    confidence: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        for name, is_allowed, wanted in (
            ("precision", lambda bits: 0 < bits < math.inf, "bits, above 0, such as 0.05"),
            ("min_dependence", lambda least: 0 < least <= 1, "a number above 0 and at most 1"),
            ("confidence", lambda probability: 0 < probability < 1, "a number above 0 and below 1, such as 0.95"),
            ("top_pairs", lambda pairs: _is_whole(pairs, 1), "a whole number of at least 1"),
        ):
            _check(name, getattr(self, name), is_allowed, wanted)
        checked_sample(self.sample_rows)
        checked_seed(self.seed)
        asked = ("precision", "top_pairs", "min_dependence", "sample_rows")
        given = [name for name in asked if getattr(self, name) is not None]
        if len(given) > 1 and given != ["top_pairs", "min_dependence"]:
            raise ArgumentError(
                f"{given[0]}= and {given[1]}= exclude each other: precision= narrows all pairs, top_pairs= and "
                "min_dependence= count the strongest exactly, sample_rows= counts nothing exactly"
            )

    @property
    def is_selecting(self) -> bool:
        """Whether some pairs are returned and the others left out."""
        return self.top_pairs is not None or self.min_dependence is not None

    @property
    def is_of_pairs(self) -> bool:
        """Whether pairs may be settled from samples, while columns are counted."""
        return self.is_selecting or self.precision is not None


def checked_seed(seed: int) -> int:
    """Return a random seed; raise ArgumentError where it is none."""
    if not (_is_whole(seed, 0) and seed <= LARGEST_SEED):
        raise ArgumentError(f"seed={seed!r} is not allowed: give a whole number from 0 to {LARGEST_SEED}")
    return seed


def _check(name: str, given: Any, is_allowed: Callable[[Any], bool], wanted: str) -> None:
    """Refuse an option that is given and not allowed."""
    if given is None and name != "confidence":
        return
    try:
        if is_allowed(given):
            return
    except TypeError:
        pass  # of another kind altogether
    raise ArgumentError(f"{name}={given!r} is not allowed: give {wanted}")


def _is_whole(given: Any, least: int) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given >= least


EVERY_ROW = Sampling()
"""No figure may come from a sample."""
