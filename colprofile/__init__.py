"""Profile database columns with information theory: entropy, KL divergence, mutual information, guaranteed bounds.

>>> import colprofile
>>> import pandas as pd
>>> result = colprofile.profile(pd.DataFrame({"zip": [1, 1, 2, 2], "city": ["a", "a", "b", "b"]}))
>>> result.pair("zip", "city").mutual_information
1.0
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from colprofile.errors import (
        ArgumentError,
        ColprofileError,
        MissingExtra,
        ResultError,
        SourceBusy,
        SourceError,
        SourceNotFound,
    )
    from colprofile.results.drift import ColumnDrift, Drift
    from colprofile.results.histogram import Histogram
    from colprofile.results.planner import ColumnStatistics, PairStatistics, PlannerReport
    from colprofile.results.profile import ColumnProfile, Determination, PairProfile, Profile
    from colprofile.sources.open import open_source
    from colprofile.verbs.drift import drift
    from colprofile.verbs.planner import planner
    from colprofile.verbs.profile import profile

# Where each name lives. They are imported when first used, so that `import colprofile` and `--help` stay fast.
_HOMES = {
    "ArgumentError": "colprofile.errors",
    "ColprofileError": "colprofile.errors",
    "ColumnDrift": "colprofile.results.drift",
    "ColumnProfile": "colprofile.results.profile",
    "ColumnStatistics": "colprofile.results.planner",
    "Determination": "colprofile.results.profile",
    "Drift": "colprofile.results.drift",
    "Histogram": "colprofile.results.histogram",
    "MissingExtra": "colprofile.errors",
    "PairProfile": "colprofile.results.profile",
    "PairStatistics": "colprofile.results.planner",
    "PlannerReport": "colprofile.results.planner",
    "Profile": "colprofile.results.profile",
    "ResultError": "colprofile.errors",
    "SourceBusy": "colprofile.errors",
    "SourceError": "colprofile.errors",
    "SourceNotFound": "colprofile.errors",
    "drift": "colprofile.verbs.drift",
    "open_source": "colprofile.sources.open",
    "planner": "colprofile.verbs.planner",
    "profile": "colprofile.verbs.profile",
}

__all__ = [
    "ArgumentError",
    "ColprofileError",
    "ColumnDrift",
    "ColumnProfile",
    "ColumnStatistics",
    "Determination",
    "Drift",
    "Histogram",
    "MissingExtra",
    "PairProfile",
    "PairStatistics",
    "PlannerReport",
    "Profile",
    "ResultError",
    "SourceBusy",
    "SourceError",
    "SourceNotFound",
    "drift",
    "open_source",
    "planner",
    "profile",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
