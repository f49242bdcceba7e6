"""The verdict on one column, and the sentences that say why."""

from __future__ import annotations

from dataclasses import replace

from colprofile.results.drift import ColumnDrift, Explanation, Verdict
from colprofile.verbs.drift.compare import Comparison
from colprofile.verbs.drift.expected_changes import explain


def judge(found: Comparison, adjusted: float | None, tolerance: float, significance: float) -> ColumnDrift:
    """Return the column's drift with its verdict.

    ``adjusted`` is the p-value corrected for the number of columns, None where there was nothing to test.
    """
    verdict, reasons, explanation = _verdict(found, adjusted, tolerance, significance)
    if found.stale.type != found.fresh.type:
        reasons.append(f"the type changed from {found.stale.type} to {found.fresh.type}, whose values can be compared")
    return replace(
        found.figures,
        verdict=verdict,
        reasons=tuple(reasons),
        explanation=explanation,
        p_value=found.p_value,
        adjusted_p_value=adjusted,
    )


def _verdict(
    found: Comparison, adjusted: float | None, tolerance: float, significance: float
) -> tuple[Verdict, list[str], Explanation | None]:
    stale, fresh = found.stale, found.fresh
    if (stale.rows == 0) != (fresh.rows == 0):
        return "drifted", [f"the {'stale' if stale.rows == 0 else 'fresh'} side has no rows"], None
    figures = found.figures
    do_values_matter = (figures.kl_divergence or 0.0) > tolerance
    # Even one first NULL breaks code that relies on there being no NULL.
    do_nulls_matter = (figures.null_bits or 0.0) > tolerance or (fresh.nulls > 0 == stale.nulls)
    if not do_values_matter and not do_nulls_matter:
        return "same", [], None
    if adjusted is None or adjusted > significance:
        return "noise", [_noise_sentence(adjusted)], None
    tests = len(found.p_values)
    of_values = [p for name, p in found.p_values.items() if name != "nulls"]
    have_values_drifted = do_values_matter and min(of_values, default=1.0) * tests <= significance
    have_nulls_drifted = do_nulls_matter and found.p_values.get("nulls", 1.0) * tests <= significance
    reasons = []
    if have_nulls_drifted:
        reasons.append(f"NULL went from {_percent(stale.null_share)} to {_percent(fresh.null_share)} of the rows")
    explained = explain(found, tolerance, significance) if have_values_drifted else None
    if explained is not None:
        reasons.append(explained[1])
    elif have_values_drifted:
        reasons += _value_sentences(figures)
    explanation = None if explained is None else explained[0]
    if have_nulls_drifted or (have_values_drifted and explained is None):
        return "drifted", reasons, explanation
    if explained is not None:
        return "explained", reasons, explanation
    return "noise", [_noise_sentence(adjusted)], None


def _noise_sentence(adjusted: float | None) -> str:
    if adjusted is None:
        return "the difference cannot be tested: a side has no rows"
    return f"sampling alone explains such a difference (adjusted p-value {adjusted:.2g})"


def _value_sentences(found: ColumnDrift) -> list[str]:
    sentences = []
    if found.unseen_mass:
        sentences.append(
            f"{_percent(found.unseen_mass)} of the fresh rows hold values that the stale side does not have"
        )
    if found.vanished_mass:
        sentences.append(f"{_percent(found.vanished_mass)} of the stale rows held values that have disappeared")
    if found.kl_divergence is not None and found.noise_floor:
        times = found.kl_divergence / found.noise_floor
        sentences.append(
            f"KL is {found.kl_divergence:.4g} bits"
            + (f", {times:,.3g} times what sampling alone explains" if times >= 1 else "")
        )
    return sentences


def _percent(share: float) -> str:
    """Return a share in per cent; what is not all or nothing is never shown as all or nothing."""
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    if share < 0.0005:
        return "under 0.1 %"
    if share > 0.9995:
        return "over 99.9 %"
    return f"{100 * share:.1f} %"
