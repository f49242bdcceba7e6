"""Hand-made planner reports, for the tests of what shows one: no server is needed."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from colprofile.results.planner import (
    ColumnStatistics,
    GroupStatistics,
    JointEstimate,
    Measurement,
    PairStatistics,
    PlannerReport,
    Statement,
)
from tests.support.profile_parts import provenance
from tests.support.profiles import HOSTILE_NAMES


def column(name: str, verdict: str, error: float | None) -> ColumnStatistics:
    """A column's statistics; without an error none are known."""
    return ColumnStatistics(
        name=name,
        type="text",
        rows=40_000,
        nulls=0,
        distinct=600,
        is_analyzed=error is not None,
        statistics_target=100,
        saved_values=100,
        saved_bins=100,
        saved_null_share=0.0,
        saved_distinct=600.0,
        correlation=0.1,
        kl_divergence=error,
        q_error=None if error is None else 2.0**error,
        q_error_90=None if error is None else 4.0**error,
        q_error_max=None if error is None else 8.0**error,
        unseen_share=0.25,
        range_divergence=error,
        range_distance=0.5,
        distinct_factor=0.52,
        fresh_error=0.01,
        worst=(),
        verdict=verdict,  # type: ignore[arg-type]
        reason=f"reason of {name}",
    )


def joint(error: float) -> JointEstimate:
    return JointEstimate(600, 500, error, 2.0**error, 600, 60.0, 0.9, 0.1, 0.02)


def pair(x: str, y: str, error: float) -> PairStatistics:
    return PairStatistics(
        x=x,
        y=y,
        rows=40_000,
        mutual_information=error,
        expected_mutual_information=0.01,
        planner_factor=2.0**error,
        visible_bits=error,
        distinct_pairs=600,
        covered_by=(),
        kinds=("ndistinct", "mcv"),
        statistics_target=660,
        bits=error,
        verdict="advised",
        reason="advised",
        evidence=joint(error),
        measured=Measurement(500, error - 0.01, 2.0**error, 3.0**error, error),
        measured_after=Measurement(500, 0.02, 1.1, 1.2, 0.01),
    )


def report(columns: tuple[ColumnStatistics, ...], pairs: tuple[PairStatistics, ...] = ()) -> PlannerReport:
    names = tuple(found.name for found in columns)
    groups = (GroupStatistics(names[:4], 6.05, ("mcv",), 660, "error 6.05 bits, 0.01 with all", joint(6.05)),)
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    statements = (
        Statement(
            "create statistics",
            f"CREATE STATISTICS public.s (ndistinct, mcv) ON {quoted} FROM public.t",
            names,
            6.0,
            "r",
        ),
        Statement("analyze", "ANALYZE public.t", names, 4.0, "stale"),
    )
    return PlannerReport(
        schema="public",
        table="t",
        quoted="public.t",
        kind="table",
        server="PostgreSQL 18.6",
        rows=40_000,
        planner_rows=20_000,
        saved_rows=20_000.0,
        last_analyzed="2026-01-01 10:00:00",
        modified_rows=20_000,
        columns=columns,
        pairs=pairs,
        pairs_left_out=7,
        groups=groups if pairs else (),
        extended=(),
        statements=statements if pairs else (),
        min_bits=0.1,
        skipped=(),
        is_explained=bool(pairs),
        is_verified=bool(pairs),
        provenance=provenance("postgresql://host/db", table="public.t"),
        notes=("a note",),
    )


@cache
def wrong() -> PlannerReport:
    """Wrong estimates of columns and pairs with names that want out of their place."""
    columns = tuple(
        column(name, "stale" if index % 2 else "never analysed", 4.5 if index % 2 else None)
        for index, name in enumerate(HOSTILE_NAMES)
    )
    return report(columns, tuple(pair(x, y, 2.5) for x, y in pairwise(HOSTILE_NAMES)))


@cache
def fine() -> PlannerReport:
    """A report with nothing to do."""
    return report((column("a", "fine", 0.01), column("b", "fine", 0.0)))
