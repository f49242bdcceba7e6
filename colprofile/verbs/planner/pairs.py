"""Pairs: two columns that the planner wrongly assumes to be independent, and what would help."""

from __future__ import annotations

import math
from dataclasses import replace

from colprofile.results.pair import PairProfile
from colprofile.results.planner import PairStatistics, PairVerdict
from colprofile.results.summary import is_beyond_chance
from colprofile.verbs.planner.estimates import (
    GOOD_BITS,
    HELPS_SHARE,
    Case,
    KindChoice,
    TableFacts,
    choose,
    estimate_fresh,
    estimate_now,
    evidence,
)

FAR_BEYOND = 10
"""A list of the most common of so many times more combinations leaves most rows out."""


def visible_bits(pair: PairProfile) -> float:
    """Return the bits of the underestimate that can show: none where a pair of values holds one row.

    The planner estimates at least one row, so it underestimates c rows by at most log2 c bits; their mean over the
    rows is log2 n − H(X,Y).
    """
    if not pair.rows or pair.joint_entropy is None:
        return 0.0
    return max(0.0, min(pair.mutual_information or 0.0, math.log2(pair.rows) - pair.joint_entropy))


def screened(pair: PairProfile, table: TableFacts) -> PairStatistics:
    """Return a pair by its shared bits alone, with the reason where it is not worth a closer look."""
    verdict, reason = set_aside(pair, table.min_bits)
    if any(table.columns[name].is_generated for name in (pair.x, pair.y)):
        verdict, reason = "no help", "extended statistics cannot hold a virtual generated column"
    elif verdict == "not examined" and _is_out_of_reach(pair, table.longest_list):
        verdict, reason = "no help", _too_many(pair.distinct_pairs, table.longest_list)
    covering = tuple(item.name for item in table.covering((pair.x, pair.y)))
    return pair_statistics(pair, verdict, reason, covering)


def set_aside(pair: PairProfile, min_bits: float) -> tuple[PairVerdict, str]:
    """Return why a pair's shared bits are not worth a closer look; "not examined" where they are."""
    bits, chance = pair.mutual_information or 0.0, pair.expected_mutual_information or 0.0
    visible = visible_bits(pair)
    if bits - chance < min_bits:
        reason = f"{bits:.2f} bits are shared, {chance:.2f} of them by chance alone"
        return "chance" if bits >= min_bits else "small", reason
    if not is_beyond_chance(pair):
        return "chance", f"chance alone explains {chance:.2f} of the {bits:.2f} shared bits"
    if visible < min_bits:
        mean_log_rows = math.log2(pair.rows) - (pair.joint_entropy or 0.0)
        return "hidden", (
            f"each pair of values has about {2.0**mean_log_rows:.1f} rows: as the planner estimates at least "
            f"one row, its error is at most {visible:.2f} bits"
        )
    return "not examined", "other pairs share more bits; a larger examine includes this one"


def pair_statistics(
    pair: PairProfile, verdict: PairVerdict, reason: str, covered_by: tuple[str, ...] = ()
) -> PairStatistics:
    """Return a pair by its shared bits alone."""
    bits = pair.mutual_information or 0.0
    return PairStatistics(
        x=pair.x,
        y=pair.y,
        rows=pair.rows,
        mutual_information=bits,
        expected_mutual_information=pair.expected_mutual_information or 0.0,
        planner_factor=2.0**bits,
        visible_bits=visible_bits(pair),
        distinct_pairs=pair.distinct_pairs,
        covered_by=covered_by,
        kinds=(),
        statistics_target=None,
        bits=0.0,
        verdict=verdict,
        reason=reason,
    )


def _is_out_of_reach(pair: PairProfile, longest_list: int) -> bool:
    """Whether neither a list nor functional dependencies can hold a pair, as its sums already show.

    PostgreSQL's degree of a dependency is at most 1 − g3.
    """
    if pair.distinct_pairs <= FAR_BEYOND * longest_list or pair.x_to_y is None or pair.y_to_x is None:
        return False
    return min(pair.x_to_y.g3, pair.y_to_x.g3) > 0.5


def examined(pair: PairStatistics, case: Case) -> PairStatistics:
    """Return a pair with the evidence of its joint values, and whether statistics of both would help."""
    if case.joint.rows == 0:
        return pair
    now = case.errors(estimate_now(case))
    # A fresh ANALYZE alone may already help: these statistics get credit only for the rest.
    left = min(now.absolute, case.errors(estimate_fresh(case)).absolute)
    choice = choose(case)
    gain = left - choice.error
    helps = gain >= max(case.table.min_bits, HELPS_SHARE * left)
    if pair.covered_by and not (helps and now.absolute >= GOOD_BITS):
        reason = f"{', '.join(pair.covered_by)} covers it: {now.absolute:.2f} bits are left"
        return replace(pair, verdict="covered", reason=reason, evidence=evidence(case, None))
    if not helps:
        return replace(pair, verdict="no help", reason=_no_help(case, left, choice), evidence=evidence(case, None))
    return replace(
        pair,
        kinds=choice.kinds,
        statistics_target=choice.target,
        bits=gain,
        verdict="advised",
        reason=_because(case, choice, left),
        evidence=evidence(case, choice.error),
    )


def _no_help(case: Case, now: float, choice: KindChoice) -> str:
    """Return why no statistics of the columns would help."""
    if now < GOOD_BITS:
        return f"with fresh statistics of both columns, the error is only {now:.2f} bits"
    left = f"the best kind of statistics leaves {choice.error:.2f} of {now:.2f} bits"
    if case.joint.combinations > case.table.longest_list:
        return f"{left}: {_too_many(case.joint.combinations, case.table.longest_list)}"
    return left


def _too_many(combinations: int, longest_list: int) -> str:
    many = f"{combinations:,} pairs of values are too many for a list of {longest_list:,}"
    return f"{many}, and neither column determines the other"


def _because(case: Case, choice: KindChoice, now: float) -> str:
    """Return the evidence for the kinds chosen."""
    parts = [f"error {now:.2f} bits, {choice.error:.2f} with the statistics"]
    if "mcv" in choice.kinds:
        parts.append(f"{case.joint.combinations:,} combinations")
    if "dependencies" in choice.kinds:
        given = int(case.degrees[1] > case.degrees[0])
        parts.append(f"{case.names[given]} determines {case.names[1 - given]} in {case.degrees[given]:.1%} of the rows")
    if "ndistinct" in choice.kinds:
        found = evidence(case, None)
        parts.append(f"GROUP BY expected to give {found.estimated_groups:,.0f} rows, not {found.groups:,}")
    return "; ".join(parts)
