"""What a comparison shows first: picked, sorted and put into words, the same for every renderer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from colprofile.report import text
from colprofile.results.drift import VERDICTS, ColumnDrift, Contribution, Drift, Verdict

SMOOTHED = "*"
"""Marks a figure that had to be smoothed."""

MEANINGS = {
    "unseen": "share of the fresh rows whose values the stale side does not have",
    "KL": "bits per fresh row by which the stale histogram is wrong",
    "planner error": "2^KL, how far a planner with the stale histogram underestimates x = …, as a geometric mean",
    "p-value": "that sampling alone shows such a difference",
}
"""What the headings of a table stand for."""

VERDICT_MEANINGS: dict[Verdict, str] = {
    "explained": "real, but expected of such a column",
    "noise": "sampling alone explains it",
    "same": "too little to matter",
}

MARKS = ((SMOOTHED, "smoothed, as a value is new"), ("≥", "at least, as values share bins"), ("≈", "bins differ"))
"""What stands beside a KL, and why."""

LEGEND = (
    f"KL: {MEANINGS['KL']}; " + ", ".join(f"{mark} {meaning}" for mark, meaning in MARKS),
    f"planner error: {MEANINGS['planner error']}",
)


def marks(columns: Sequence[ColumnDrift]) -> list[tuple[str, str]]:
    """Return the marks that the KL of these columns has, each with its meaning."""
    shown = " ".join(map(kl, columns))
    return [found for found in MARKS if found[0] in shown]


def verdict_meanings(columns: Sequence[ColumnDrift]) -> list[tuple[str, str]]:
    """Return the verdicts of these columns that need a word, each with its meaning."""
    return [(v, meaning) for v, meaning in VERDICT_MEANINGS.items() if any(c.verdict == v for c in columns)]


def most_severe_first(drift: Drift) -> list[ColumnDrift]:
    """Return all columns, those first that matter most."""
    return list(drift.having(*VERDICTS))


def amounts(drift: Drift) -> list[tuple[Verdict, int]]:
    """Return how many columns have each verdict that occurs, the most severe first."""
    found = [(verdict, len(drift.having(verdict))) for verdict in VERDICTS]
    return [(verdict, amount) for verdict, amount in found if amount]


def headline(drift: Drift) -> str:
    """Return the result in one line."""
    counted = dict(amounts(drift))
    parts = [f"{text.plural(counted[v], 'column')} {v}" for v in ("broken", "drifted") if v in counted]
    if parts:
        return " and ".join(parts) + f" of {len(drift.columns):,}"
    return f"no drift in {text.plural(len(drift.columns), 'column')}"


def kl(column: ColumnDrift) -> str:
    """Return KL with its marks, a dash where there is none."""
    if column.kl_divergence is None:
        return "–"
    sign = "≈" if column.is_interpolated else "≥" if column.is_lower_bound and column.kl_divergence else ""
    star = SMOOTHED if "kl_divergence" in column.smoothed else ""
    return f"{sign}{text.bits(column.kl_divergence)}{star}"


def planner_error(column: ColumnDrift) -> str:
    """Return 2^KL, a dash where there is none."""
    if column.cardinality_factor is None:
        return "–"
    factor = column.cardinality_factor
    return f"{factor:.2f}×" if factor < 9.995 else text.factor(factor)


def unseen(column: ColumnDrift) -> str:
    """Return the share of fresh rows with values never seen before."""
    return text.or_dash(column.unseen_mass, text.percent)


def nulls(column: ColumnDrift) -> str:
    """Return the share of NULL, before and after where it changed."""
    if column.stale is None or column.fresh is None:
        return "–"
    before, after = text.percent(column.stale.null_share), text.percent(column.fresh.null_share)
    return after if before == after else f"{before} → {after}"


def null_share(column: ColumnDrift) -> float | None:
    """Return the share of NULL to sort by: the fresh one, or the only one; None for a column that was skipped."""
    side = column.fresh or column.stale
    return None if side is None else side.null_share


def p_value(value: float) -> str:
    """Return a p-value.

    >>> p_value(0.0321), p_value(1e-9)
    ('0.032', '<0.001')
    """
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def why(column: ColumnDrift, width: int = 300) -> str:
    """Return the reasons as one text."""
    return text.visible("; ".join(column.reasons), width) if column.reasons else ""


def cell_label(part: Contribution, width: int = 40) -> str:
    """Return what a contribution is of.

    >>> cell_label(Contribution("bin", 1, 2, 0.1, 0.2, 0.5, low=1.0, high=2.5))
    '1 to 2.5'
    >>> cell_label(Contribution("bin", 1, 2, 0.1, 0.2, 0.5, low=3.0))
    'over 3'
    >>> cell_label(Contribution("bin", 1, 2, 0.1, 0.2, 0.5, high=3.0))
    'below 3'
    >>> cell_label(Contribution("value", 1, 2, 0.1, 0.2, 0.5, "a"))
    'a'
    """
    if part.kind == "value":
        return text.data_value(part.value, width)
    if part.kind == "bucket":
        return f"hash bucket {part.bucket}"
    if part.low is None:
        return f"below {text.data_value(part.high, width)}"
    if part.high is None:
        return f"over {text.data_value(part.low, width)}"
    return f"{text.data_value(part.low, width)} to {text.data_value(part.high, width)}"


def share(value: float) -> str:
    """Return a share in per cent, precise enough to see a change in a rare value.

    >>> share(0.1234), share(0.00123), share(0.00001), share(0.0)
    ('12.3 %', '0.12 %', '<0.01 %', '0 %')
    """
    if 0.00005 <= value < 0.01:
        return f"{100 * value:.2f} %"
    return "<0.01 %" if 0 < value < 0.00005 else text.percent(value)


def largest_changes(column: ColumnDrift, most: int = 3) -> str:
    """Return the values or bins that contribute most, with their shares before and after."""
    parts = [
        f"{cell_label(part, 30)}: {share(part.stale_share)} → {share(part.fresh_share)}"
        for part in column.contributions[:most]
    ]
    return ", ".join(parts)


def reasons(column: ColumnDrift) -> dict[str, str]:
    """Return why figures are undefined; a column that only one side has gives no reason of its own."""
    return defaultdict(lambda: "there is nothing to compare", column.undefined)


def types(column: ColumnDrift) -> str:
    """Return the column's type, both where they differ."""
    sides = [text.visible(side.type, 60) for side in (column.stale, column.fresh) if side is not None]
    return " → ".join(dict.fromkeys(sides))


def remarks(column: ColumnDrift) -> list[str]:
    """Return how the figures were made where it was not by comparing value with value."""
    found = []
    if column.is_interpolated:
        found.append("The two sides' bins differ: rows within a bin were split as if nothing had changed inside it.")
    elif column.is_lower_bound:
        found.append("Compared by bins or hash buckets: the divergences are lower bounds.")
    if column.smoothed:
        names = ", ".join(name.replace("_", " ") for name in column.smoothed)
        found.append(f"Smoothed, as one side has no rows in some cell: {names}.")
    return found
