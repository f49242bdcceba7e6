"""The parts of the pairs table that need more than one field: how far one column determines the other, tooltips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from colprofile.report import text
from colprofile.report.cells import bar, cell, small
from colprofile.report.profile import columns as column_parts
from colprofile.results.pair import PairProfile
from colprofile.results.summary import Summary, is_unseen_by_pearson


@dataclass(frozen=True, slots=True)
class Explained:
    """How much of one column the other explains: the share, why there is none, a remark, details for the tooltip."""

    share: float | None
    reason: str
    remark: str = ""
    details: str = ""
    is_exact: bool = False


def explained(pair: PairProfile, summary: Summary) -> Iterator[Explained]:
    """Yield how much of y is explained by x, then how much of x by y."""
    directions = (("x_to_y", pair.x_to_y, (pair.x, pair.y)), ("y_to_x", pair.y_to_x, (pair.y, pair.x)))
    for direction, found, names in directions:
        if found is None:
            yield Explained(None, pair.undefined.get(direction, "not known"))
            continue
        share = found.uncertainty_coefficient
        reason = pair.undefined.get(f"{direction}.uncertainty_coefficient", "the other column is constant")
        verb = "contradicts" if found.violating_rows == 1 else "contradict"
        rows = f"{text.plural(found.violating_rows, 'row')} {verb} it (g3 {text.percent(found.g3)})"
        mu_plus = "undefined" if found.mu_plus is None else text.coefficient(found.mu_plus)
        remark = ""
        is_exact = found.is_exact and summary.is_exact(*names)
        if share is not None and is_exact:
            remark = "no exception in the sample" if pair.is_estimated else without_exception(summary)
        elif share is not None and summary.is_near(*names):
            remark = f"except {text.plural(found.violating_rows, 'row')}"
        yield Explained(share, reason, remark, f"{rows}, μ+ {mu_plus}", is_exact and share is not None)


def figures(pair: PairProfile, summary: Summary, *, has_spearman: bool, has_chance: bool) -> Markup:
    """Return a pair's figures as cells of a table, with the rank correlation and the bits by chance if asked for."""
    why, dependence = pair.undefined.get, pair.dependence
    shared = column_parts.interval(pair)
    kind = "curve" if is_unseen_by_pearson(pair) else ""
    strength = bar(dependence or 0.0)
    note = dependence_note(pair)
    found = [
        cell(dependence, text.coefficient, why("dependence"), "dependence", title=note, below=strength),
        cell(pair.pearson, text.coefficient, why("pearson"), kind),
    ]
    if has_spearman:
        found.append(cell(pair.spearman, text.coefficient, why("spearman")))
    found.append(cell(pair.mutual_information, text.bits, why("mutual_information"), interval=shared))
    if has_chance:
        found.append(cell(pair.expected_mutual_information, text.bits, why("expected_mutual_information")))
    factor = pair.planner_factor
    found.append(cell(factor, text.factor, why("planner_factor"), interval=factor_interval(pair)))
    for side in explained(pair, summary):
        mark = "exact" if side.is_exact else ""
        below = small(side.remark)
        found.append(cell(side.share, text.percent, side.reason, mark, title=side.details, below=below))
    return Markup("").join(found)


def dependence_note(pair: PairProfile) -> str:
    """Return at which resolution the dependence was found, for its tooltip."""
    notes = [f"{side} cut into {bins} bins" for side, bins in (("x", pair.bins_x), ("y", pair.bins_y)) if bins]
    return "; ".join(notes)


def factor_interval(pair: PairProfile) -> str:
    """Return the interval of the planner's factor; empty where the figure is exact."""
    ends = pair.mutual_information_interval if pair.is_estimated else None
    return " to ".join(map(text.power_of_two, ends)) if ends is not None else ""


def without_exception(summary: Summary) -> str:
    """Return what is said of a dependency that no row contradicts."""
    return "exact" if summary.is_certain else "without exception"


def determines(pair: PairProfile, summary: Summary) -> str:
    """Return which column determines the other, exactly or except for a few rows; empty where that is no finding."""
    if pair.is_estimated:
        return ""
    for found in (*summary.exact, *summary.near):
        if {found.source, found.target} != {pair.x, pair.y}:
            continue
        if found.is_one_to_one:
            return f"x ↔ y {without_exception(summary)}"
        arrow = "x → y" if found.source == pair.x else "y → x"
        rows = found.determination.violating_rows
        return f"{arrow} {without_exception(summary)}" if not rows else f"{arrow} except {text.plural(rows, 'row')}"
    return ""
