"""The parts of the pairs table that need more than one field: how far one column determines the other, tooltips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from colprofile.report import text
from colprofile.results.pair import PairProfile
from colprofile.results.summary import Summary


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
        if share is not None and found.is_exact:
            remark = "exact"
        elif share is not None and summary.is_near(*names):
            remark = f"except {text.plural(found.violating_rows, 'row')}"
        yield Explained(share, reason, remark, f"{rows}, μ+ {mu_plus}", found.is_exact and share is not None)


def dependence_note(pair: PairProfile) -> str:
    """Return at which resolution the dependence was found, for its tooltip."""
    notes = [f"{side} cut into {bins} bins" for side, bins in (("x", pair.bins_x), ("y", pair.bins_y)) if bins]
    return "; ".join(notes)


def factor_interval(pair: PairProfile) -> str:
    """Return the interval of the planner's factor; empty where the figure is exact."""
    ends = pair.mutual_information_interval if pair.is_estimated else None
    return " to ".join(map(text.power_of_two, ends)) if ends is not None else ""
