"""What matters most in a planner report: picked, sorted and put into words, the same for every renderer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from colprofile.report import text
from colprofile.results.planner import (
    ColumnStatistics,
    GroupStatistics,
    PairStatistics,
    PairVerdict,
    PlannerReport,
    WorstValue,
)

PAIRS = "Pairs that the planner assumes to be independent"
GROUPS = "Groups of columns that depend on each other"

LISTED: tuple[PairVerdict, ...] = ("advised", "covered", "in group", "assumed")
"""Verdicts of the pairs that terminal and Markdown list; the others are counted with their reasons."""

LEFT_OUT: dict[PairVerdict, str] = {
    "over budget": "statistics on them would help less than those advised, and each costs planning time",
    "no help": "no kind of statistics would help enough",
    "hidden": "each pair of values has only a row or two, and the planner estimates at least one",
    "chance": "they share bits by chance alone",
    "not examined": "they share fewer bits than those examined; --examine N looks at more",
    "small": "they share too few bits",
}
"""Why a pair of that verdict is left out."""

MEANINGS = {
    "KL": "mean log2 of true / estimated rows of column = value",
    "q-error": "factor by which the rows of column = value are estimated too low or too high",
    "90 %": "the q-error that 90 % of the rows do not exceed",
    "ranges": "the same as KL for ranges over the saved bins",
    "distinct": "saved / true",
}
"""What the headings of the columns' table stand for."""

COLUMNS_LEGEND = "; ".join(f"{heading}: {meaning}" for heading, meaning in MEANINGS.items() if heading != "90 %")


def headline(report: PlannerReport) -> str:
    """Return in a sentence what the planner gets wrong, and how many statements help."""
    worst, pairs = len(worst_columns(report)), len(listed_pairs(report))
    parts = []
    if worst:
        verb = "has" if worst == 1 else "have"
        parts.append(f"{worst:,} of {text.plural(len(report.columns), 'column')} {verb} wrong estimates")
    if pairs:
        parts.append(f"{text.plural(pairs, 'pair')} of columns {'is' if pairs == 1 else 'are'} assumed independent")
    if report.statements:
        amount = len(report.statements)
        parts.append(f"{text.plural(amount, 'statement')} {'helps' if amount == 1 else 'help'}")
    if not parts:
        return "The statistics are fine: there is nothing to do"
    return f"{'; '.join(parts)}; the worst error is {report.worst_error:.2f} bits, a factor of {factor(report)}"


def factor(report: PlannerReport) -> str:
    """Return the worst error as a factor."""
    return text.power_of_two(report.worst_error).removesuffix("×")


def worst_columns(report: PlannerReport) -> list[ColumnStatistics]:
    """Return the columns whose statistics are not fine, the largest error first."""
    return [column for column in report.columns if column.verdict != "fine"]


def listed_pairs(report: PlannerReport) -> list[PairStatistics]:
    """Return the pairs that are advised, part of a group or covered."""
    return [pair for pair in report.pairs if pair.verdict in LISTED]


def left_out(report: PlannerReport) -> list[tuple[PairVerdict, int, str]]:
    """Return (verdict, number of pairs, reason) of the pairs that are not listed."""
    amounts = Counter(pair.verdict for pair in report.pairs if pair.verdict not in LISTED)
    amounts["small"] += report.pairs_left_out
    return [(verdict, amounts[verdict], reason) for verdict, reason in LEFT_OUT.items() if amounts[verdict]]


def label(names: Sequence[str], width: int = 30) -> str:
    """Return column names as a list, each visible and not too long."""
    return ", ".join(text.visible(name, width) for name in names)


def agreement(report: PlannerReport) -> str | None:
    """Return in a sentence how well prediction and measurement agree; None where nothing was measured."""
    if report.prediction_gap is None:
        return None
    measured = sum(error.measured is not None for error in report.errors)
    return (
        f"{text.plural(measured, 'error')} predicted from counts and catalog, then measured by EXPLAIN: "
        f"they differ by at most {report.prediction_gap:.3f} bits"
    )


def freshness(report: PlannerReport) -> str:
    """Return when the table was last analysed, and what has changed since."""
    analysed = any(column.is_analyzed for column in report.columns)
    if report.last_analyzed:
        when = f"analysed {report.last_analyzed[:16]}"
    else:
        when = "analysed at an unknown time" if analysed else "never analysed"
    if report.modified_rows:
        when += f", {text.plural(report.modified_rows, 'change')} since"
    return when


def sizes(report: PlannerReport) -> str:
    """Return the table's rows, and how many the planner assumes where these differ."""
    rows = text.plural(report.rows, "row")
    if report.rows and abs(report.planner_rows / report.rows - 1) < 0.005:
        return rows
    return f"{rows}, {report.planner_rows:,} for the planner"


def kinds(item: PairStatistics | GroupStatistics) -> str:
    """Return the advised kinds and target, or what covers the predicate already."""
    if isinstance(item, PairStatistics) and item.verdict == "covered":
        return f"covered by {label(item.covered_by)}"
    if isinstance(item, PairStatistics) and item.verdict == "in group":
        return "in the group"
    if isinstance(item, PairStatistics) and item.verdict == "assumed":
        return "none exist"
    target = f", target {item.statistics_target:,}" if item.statistics_target else ""
    return ", ".join(item.kinds) + target


def gain(report: PlannerReport) -> str:
    """Return in a sentence what the advice gained, where EXPLAIN measured it."""
    tried = "tried in a transaction and rolled back"
    if report.gain is None:
        return f"{tried}: nothing was changed"
    now, after = report.gain
    return f"{tried}: the mean error of the advised pairs and groups went from {now:.2f} to {after:.2f} bits"


def estimate(value: WorstValue) -> str:
    """Return in words how far the planner's estimate of a value's rows is off; within 5 % it is shown as right.

    >>> estimate(WorstValue("a", 200, 0.2, 0.05, 4.0, True))
    '200 rows: 5.0 % estimated for 20.0 %, 4.0× too low'
    """
    if max(value.factor, 1 / value.factor) < 1.05:
        off = "right"
    elif value.factor > 1:
        off = f"{text.factor(value.factor)} too low"
    else:
        off = f"{text.factor(1 / value.factor)} too high"
    shares = f"{text.percent(value.estimated_share)} estimated for {text.percent(value.share)}"
    return f"{text.plural(value.rows, 'row')}: {shares}, {off}"


def measured_headings(report: PlannerReport) -> list[tuple[str, str, str]]:
    """Return the headings of a page's table for what EXPLAIN measured: text, kind, term."""
    before = ("EXPLAIN, bits", "number", "measured-error")
    after = ("With the advice", "number", "measured-after")
    return [before] * report.is_explained + [after] * report.is_verified


def measured_errors(report: PlannerReport, item: ColumnStatistics | PairStatistics) -> list[float | None]:
    """Return the errors that EXPLAIN measured, one for each of ``measured_headings``."""
    found = [item.measured] * report.is_explained + [item.measured_after] * report.is_verified
    return [None if measurement is None else measurement.error for measurement in found]


def predicted_errors(pair: PairStatistics) -> tuple[float | None, float | None]:
    """Return the predicted errors of a pair, now and with the advice; None where it was not examined."""
    evidence = pair.evidence
    return (None, None) if evidence is None else (evidence.predicted_error, evidence.predicted_after)
