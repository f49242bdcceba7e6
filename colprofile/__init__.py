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

__version__ = "0.2.0"

if TYPE_CHECKING:
    from colprofile.errors import (
        ArgumentError,
        ColprofileError,
        MissingExtra,
        NoRoom,
        ResultError,
        SourceBusy,
        SourceError,
        SourceNotFound,
    )
    from colprofile.results.audit import Audit, Evidence, Finding
    from colprofile.results.column import ColumnProfile
    from colprofile.results.database import (
        DatabaseAudit,
        DatabaseDrift,
        DatabasePlannerReport,
        DatabaseProfile,
        SkippedTable,
        TableAudit,
        TableProfile,
    )
    from colprofile.results.drift import ColumnDrift, Drift
    from colprofile.results.histogram import Histogram
    from colprofile.results.join_bounds import JoinBounds, join_bounds
    from colprofile.results.latent import LatentClasses
    from colprofile.results.pair import Determination, PairProfile
    from colprofile.results.planner import ColumnStatistics, PairStatistics, PlannerReport
    from colprofile.results.profile import Profile
    from colprofile.results.schema import CandidateKey, ForeignKey, Inclusion, Schema
    from colprofile.sources.open import open_source
    from colprofile.sqlfunctions.engine import register_engine
    from colprofile.sqlfunctions.registration import register, unregister
    from colprofile.stopping import stop_on_exit
    from colprofile.verbs.audit.evidence import evidence
    from colprofile.verbs.database.api.audit import audit
    from colprofile.verbs.database.api.drift import drift
    from colprofile.verbs.database.api.planner import planner
    from colprofile.verbs.database.api.profile import profile
    from colprofile.verbs.latent.api import latent_classes
    from colprofile.verbs.latent.assign import assign_classes

# Where each name lives. They are imported when first used, so that `import colprofile` and `--help` stay fast.
_HOMES = {
    "ArgumentError": "colprofile.errors",
    "Audit": "colprofile.results.audit",
    "CandidateKey": "colprofile.results.schema",
    "ColprofileError": "colprofile.errors",
    "ColumnDrift": "colprofile.results.drift",
    "ColumnProfile": "colprofile.results.column",
    "ColumnStatistics": "colprofile.results.planner",
    "DatabaseAudit": "colprofile.results.database",
    "DatabaseDrift": "colprofile.results.database",
    "DatabasePlannerReport": "colprofile.results.database",
    "DatabaseProfile": "colprofile.results.database",
    "Determination": "colprofile.results.pair",
    "Drift": "colprofile.results.drift",
    "Evidence": "colprofile.results.audit",
    "Finding": "colprofile.results.audit",
    "ForeignKey": "colprofile.results.schema",
    "Histogram": "colprofile.results.histogram",
    "Inclusion": "colprofile.results.schema",
    "JoinBounds": "colprofile.results.join_bounds",
    "LatentClasses": "colprofile.results.latent",
    "MissingExtra": "colprofile.errors",
    "NoRoom": "colprofile.errors",
    "PairProfile": "colprofile.results.pair",
    "PairStatistics": "colprofile.results.planner",
    "PlannerReport": "colprofile.results.planner",
    "Profile": "colprofile.results.profile",
    "ResultError": "colprofile.errors",
    "Schema": "colprofile.results.schema",
    "SkippedTable": "colprofile.results.database",
    "SourceBusy": "colprofile.errors",
    "SourceError": "colprofile.errors",
    "SourceNotFound": "colprofile.errors",
    "TableAudit": "colprofile.results.database",
    "TableProfile": "colprofile.results.database",
    "assign_classes": "colprofile.verbs.latent.assign",
    "audit": "colprofile.verbs.database.api.audit",
    "drift": "colprofile.verbs.database.api.drift",
    "evidence": "colprofile.verbs.audit.evidence",
    "join_bounds": "colprofile.results.join_bounds",
    "latent_classes": "colprofile.verbs.latent.api",
    "open_source": "colprofile.sources.open",
    "planner": "colprofile.verbs.database.api.planner",
    "profile": "colprofile.verbs.database.api.profile",
    "register": "colprofile.sqlfunctions.registration",
    "register_engine": "colprofile.sqlfunctions.engine",
    "stop_on_exit": "colprofile.stopping",
    "unregister": "colprofile.sqlfunctions.registration",
}

__all__ = [
    "ArgumentError",
    "Audit",
    "CandidateKey",
    "ColprofileError",
    "ColumnDrift",
    "ColumnProfile",
    "ColumnStatistics",
    "DatabaseAudit",
    "DatabaseDrift",
    "DatabasePlannerReport",
    "DatabaseProfile",
    "Determination",
    "Drift",
    "Evidence",
    "Finding",
    "ForeignKey",
    "Histogram",
    "Inclusion",
    "JoinBounds",
    "LatentClasses",
    "MissingExtra",
    "NoRoom",
    "PairProfile",
    "PairStatistics",
    "PlannerReport",
    "Profile",
    "ResultError",
    "Schema",
    "SkippedTable",
    "SourceBusy",
    "SourceError",
    "SourceNotFound",
    "TableAudit",
    "TableProfile",
    "assign_classes",
    "audit",
    "drift",
    "evidence",
    "join_bounds",
    "latent_classes",
    "open_source",
    "planner",
    "profile",
    "register",
    "register_engine",
    "stop_on_exit",
    "unregister",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__"})
