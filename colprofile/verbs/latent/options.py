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

    max_classes: int = 10
    restarts: int = 3
    seed: int = 0
    nulls: Literal["ignore", "value"] = "ignore"
    bins: int = 16
    max_values: int = 64
    concentration: float = 0.5
    confidence: float = 0.95
    max_iterations: int = 200
    tolerance: float = 1e-6


DEFAULTS = Options()
