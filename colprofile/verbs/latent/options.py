"""The options of latent classes and their defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MOST_CATEGORIES = 254
"""Categories of a column that fit into a byte, in addition to the missing cell and NULL."""

MOST_CLASSES = 64


@dataclass(frozen=True)
class Options:
    """The options of a fit, as the parameters of ``latent_classes``."""

    max_classes: int
    restarts: int
    seed: int
    nulls: Literal["ignore", "value"]
    bins: int
    max_values: int
    concentration: float
    confidence: float
    max_iterations: int
    tolerance: float


DEFAULTS = Options(
    max_classes=10,
    restarts=3,
    seed=0,
    nulls="ignore",
    bins=16,
    max_values=64,
    concentration=0.5,
    confidence=0.95,
    max_iterations=200,
    tolerance=1e-6,
)
